"""Who may call what.  That a facility is the one it declares is checked by each method."""

from collections.abc import Mapping

from chassis.access import Rule, allow

CARE_GIVERS = ("facility", "pharmacy")
SERVICES = ("service/records", "service/routing", "service/pharmacy")

# An import is as long as its register: millions of rows.  It ends when the client is done
# or the server stops, and goes on with the first batch that was not answered.
ENDLESS = None

RULES: Mapping[str, Rule] = {
    # Routing tells another node of whom a message is, by what is known of them, and finds whom one tells of.
    "PersonService/GetPerson": allow(
        "facility", "service/records", "service/routing", "authority/vneid", "operator"
    ),
    "PersonService/FindPerson": allow(
        "facility", "service/records", "service/routing", "authority/vneid", "authority/bhxh"
    ),
    "PersonService/MatchPersons": allow("facility", "operator"),
    "PersonService/RegisterPerson": allow("facility"),
    "PersonService/MergePersons": allow("operator"),
    "PersonService/UnmergePersons": allow("operator"),
    "PersonService/ListMerges": allow("operator"),
    "PersonService/ResolvePerson": allow(*SERVICES, "authority/vneid", "operator"),
    "PersonService/ImportPersons": allow(
        "authority/bhxh", "authority/vneid", "authority/byt", "operator", deadline=ENDLESS
    ),
    "EligibilityService/CheckEligibility": allow("facility", "service/records", "authority/bhxh"),
    "EligibilityService/CheckEligibilities": allow(
        "facility", "service/records", "authority/bhxh", deadline=ENDLESS
    ),
    "EligibilityService/ImportCoverages": allow("authority/bhxh", "operator", deadline=ENDLESS),
    "FacilityService/GetFacility": allow(*CARE_GIVERS, *SERVICES, "authority", "operator"),
    "FacilityService/ListFacilities": allow(*CARE_GIVERS, *SERVICES, "authority", "operator"),
    "FacilityService/ImportFacilities": allow("authority/byt", "operator", deadline=ENDLESS),
    "NodeService/RegisterNode": allow("operator"),
    "NodeService/UpdateNode": allow("operator"),
    "NodeService/GetNode": allow(*CARE_GIVERS, *SERVICES, "authority", "operator"),
    "NodeService/ListNodes": allow(*CARE_GIVERS, *SERVICES, "authority", "operator"),
    "NodeService/MoveFacility": allow("operator"),
    "NodeService/ListFacilityNodes": allow("service/routing", "operator"),
    # Routing alone speaks to other nodes, and brings what they signed; so may an operator, from a file.
    "NodeService/AcceptFacilityNodes": allow("service/routing", "operator"),
    # Who keeps the directory, so that a connection in a facility's name is not enough to sign in it.
    "SigningCertificateService/RegisterSigningCertificate": allow("authority/byt", "operator"),
    "SigningCertificateService/GetSigningCertificate": allow(
        *CARE_GIVERS, *SERVICES, "authority", "operator"
    ),
    "SigningCertificateService/ListSigningCertificates": allow(
        *CARE_GIVERS, *SERVICES, "authority", "operator"
    ),
    "SigningCertificateService/RevokeSigningCertificate": allow(*CARE_GIVERS, "authority/byt", "operator"),
    "PractitionerService/GetPractitioner": allow(*CARE_GIVERS, *SERVICES, "authority", "operator"),
    "PractitionerService/CheckLicence": allow(*CARE_GIVERS, *SERVICES, "authority", "operator"),
    "PractitionerService/ListPractitioners": allow(*CARE_GIVERS, *SERVICES, "authority", "operator"),
    "PractitionerService/ImportPractitioners": allow("authority/byt", "operator", deadline=ENDLESS),
    "PlaceService/ListProvinces": allow(*CARE_GIVERS, *SERVICES, "authority", "operator"),
    "PlaceService/ResolvePlace": allow(*CARE_GIVERS, *SERVICES, "authority", "operator"),
    "ConsentService/CreateConsent": allow(*CARE_GIVERS, "authority/vneid", "operator"),
    "ConsentService/WithdrawConsent": allow(*CARE_GIVERS, "authority/vneid", "operator"),
    "ConsentService/ListConsents": allow(*CARE_GIVERS, "authority/vneid", "operator"),
    "ConsentService/Authorize": allow(*SERVICES),
    "ConsentService/ListEmergencyAccesses": allow("facility", "authority/byt", "operator"),
    "ConsentService/ReviewEmergencyAccess": allow("authority/byt", "operator"),
}
