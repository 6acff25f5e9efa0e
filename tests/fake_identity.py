"""
Identity in memory, for the tests of the services that ask it: persons, merges, consents, facilities.

    identity = FakeIdentity()
    person = identity.add_person("001485000016")
    identity.add_consent(person, data_classes=[DataClass.DATA_CLASS_CARE, DataClass.DATA_CLASS_HIV])
    records = await world.start("records", identity_address=await identity.serve(world))

Nobody is known and nothing allowed until a test says so.  Persons are told by their full names, facilities
by their codes.  `tests/contract/test_identity_promises.py` holds this and the service to the same promises.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from cryptography.x509 import load_der_x509_certificate
from google.protobuf.message import Message

from chassis import clock
from chassis.errors import FailedPrecondition, NotFound, ResourceExhausted, Unavailable
from common.names import IDENTITY, PERSONS, facility_name, last_part
from common.values import date_to_pb
from kcb.signing_certificates import fingerprint
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import consent_service_pb2 as consents_pb
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import facility_service_pb2 as facilities_pb
from lientuyen.identity.v1 import person_service_pb2 as persons_pb
from lientuyen.identity.v1 import signing_certificate_service_pb2 as certificates_pb
from lientuyen.identity.v1.consent_pb2 import DataClass, Decision
from lientuyen.identity.v1.consent_service_pb2_grpc import (
    ConsentServiceServicer,
    add_ConsentServiceServicer_to_server,
)
from lientuyen.identity.v1.eligibility_service_pb2_grpc import add_EligibilityServiceServicer_to_server
from lientuyen.identity.v1.facility_pb2 import Facility, LaboratoryRecognition
from lientuyen.identity.v1.facility_service_pb2_grpc import (
    FacilityServiceServicer,
    add_FacilityServiceServicer_to_server,
)
from lientuyen.identity.v1.person_pb2 import Identifier, Person, Sex
from lientuyen.identity.v1.person_service_pb2_grpc import (
    PersonServiceServicer,
    add_PersonServiceServicer_to_server,
)
from lientuyen.identity.v1.signing_certificate_pb2 import SigningCertificate
from lientuyen.identity.v1.signing_certificate_service_pb2_grpc import (
    SigningCertificateServiceServicer,
    add_SigningCertificateServiceServicer_to_server,
)
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date
from services.identity.matching.convert import description_from_pb
from services.identity.matching.model.stated_person import Comparison, compare_stated
from services.identity.matching.model.weights import Description
from services.identity.service.stated_person import agreements_to_pb
from tests.fake_cards import FakeCards
from tests.fake_consents import FakeConsent, by_consent, by_each_consent
from tests.harness import World

CARE = DataClass.DATA_CLASS_CARE
HOSPITAL, PHARMACY = "facility", "pharmacy"

# Kinds of numbers, by their length.
KINDS = {12: Identifier.KIND_PERSONAL_ID, 15: Identifier.KIND_CARD_NUMBER}

# Somebody of whom nothing but a number is known.
NOBODY = Description()

# Legal basis and purpose → to whom they are open, and as what.  A consent, an emergency's reason and
# the ownership of a record are asked for apart.
Basis, Purpose, Reason = AccessContext.LegalBasis, AccessContext.Purpose, Decision.Reason
CARE_GIVERS = (HOSPITAL, PHARMACY)
RULES: dict[tuple[int, int], tuple[tuple[str, ...], Decision.Reason]] = {
    (Basis.LEGAL_BASIS_EMERGENCY, Purpose.PURPOSE_TREATMENT): ((HOSPITAL,), Reason.REASON_EMERGENCY),
    (Basis.LEGAL_BASIS_LEGAL_DUTY, Purpose.PURPOSE_PUBLIC_HEALTH): (
        ("authority/byt",),
        Reason.REASON_LEGAL_DUTY,
    ),
    (Basis.LEGAL_BASIS_LEGAL_DUTY, Purpose.PURPOSE_PAYMENT): (("authority/bhxh",), Reason.REASON_LEGAL_DUTY),
    (Basis.LEGAL_BASIS_DATA_SUBJECT, Purpose.PURPOSE_PATIENT_REQUEST): (
        ("authority/vneid",),
        Reason.REASON_DATA_SUBJECT,
    ),
    **{
        (Basis.LEGAL_BASIS_CONSENT, purpose): (CARE_GIVERS, Reason.REASON_CONSENT_IN_FORCE)
        for purpose in Purpose.values()
        if purpose not in (Purpose.PURPOSE_UNSPECIFIED, Purpose.PURPOSE_OPERATIONS)
    },
    **{
        (Basis.LEGAL_BASIS_OWN_RECORD, purpose): (CARE_GIVERS, Reason.REASON_OWN_RECORD)
        for purpose in (Purpose.PURPOSE_TREATMENT, Purpose.PURPOSE_PAYMENT, Purpose.PURPOSE_PATIENT_REQUEST)
    },
}


class FakeIdentity(
    FakeCards,
    PersonServiceServicer,
    ConsentServiceServicer,
    FacilityServiceServicer,
    SigningCertificateServiceServicer,
):
    """What other services ask of identity, and what a test makes of it.

    `requests` keeps what was asked, in order.  `decided_on`, when it is not None, is the names that its
    decisions tell: one whose person was parted meanwhile, or none, as an identity older than merging.
    `is_older` makes it decide on all or none, as the last release does that does not know `each_class`.
    `is_directory_silent` makes it tell of no facility, `is_silent` decide on nobody.
    `max_failures`, when it is not None, is how many failures a facility has before it is refused.
    """

    def __init__(self) -> None:
        self.requests: list[Message] = []
        self.decided_on: Sequence[str] | None = None
        self.is_older = False
        self.is_directory_silent = False
        self.is_silent = False
        self.max_failures: int | None = None
        self._failures = Counter[str]()
        self._described: dict[str, Description] = {}
        self._numbers: dict[str, str] = {}
        self._entries: dict[str, list[str]] = {}
        self._facilities: dict[str, str] = {}
        self._expertise: dict[str, int] = {}
        self._states: dict[str, Facility.State] = {}
        self.laboratories: dict[str, list[LaboratoryRecognition]] = {}
        self._consents: list[FakeConsent] = []
        self._certificates: list[SigningCertificate] = []
        self.unsigned_until: dict[str, Date] = {}

    async def serve(self, world: World) -> str:
        """Serve it as `service/identity` and return its address."""
        return await world.fake(
            "identity",
            (add_PersonServiceServicer_to_server, self),
            (add_ConsentServiceServicer_to_server, self),
            (add_EligibilityServiceServicer_to_server, self),
            (add_FacilityServiceServicer_to_server, self),
            (add_SigningCertificateServiceServicer_to_server, self),
        )

    def add_person(self, *numbers: str, name: str = "", described: Description = NOBODY) -> str:
        """Know a person, by any of *numbers* (personal ID, card …); return their full name."""
        name = name or f"{PERSONS}{uuid4()}"
        self._described[name] = described
        self._entries[name] = [name]
        self._numbers |= dict.fromkeys(numbers, name)
        return name

    def merge(self, name: str, into: str) -> None:
        """Merge the entry *name* into another."""
        entries = self._entries[into] + self._entries[name]
        self._entries |= dict.fromkeys(entries, entries)

    def unmerge(self, name: str) -> None:
        """Part the entry *name* from the one that it was merged into."""
        others = [other for other in self._entries[name] if other != name]
        self._entries |= dict.fromkeys(others, others)
        self._entries[name] = [name]

    def add_facility(
        self,
        code: str,
        kind: str = HOSPITAL,
        *,
        state: Facility.State = Facility.STATE_ACTIVE,
        level: int = 3,
        expertise: int = 0,
    ) -> None:
        """Know a facility; *kind* is `facility` or `pharmacy`, *level* its laboratories', 0 for none.

        *expertise* is its own level (cấp chuyên môn kỹ thuật), 0 when the directory does not tell.
        """
        self._facilities[code] = kind
        self._expertise[code] = expertise
        self._states[code] = state
        self.laboratories[code] = [quality_level(level)] if level else []

    def add_certificate(self, code: str, der: bytes, **more: Any) -> SigningCertificate:
        """Register a certificate of the facility *code*; *more* are other fields of the entry."""
        name = f"{facility_name(code)}/signingCertificates/{fingerprint(der)}"
        serial = f"{load_der_x509_certificate(der).serial_number:x}"
        entry = SigningCertificate(name=name, der=der, serial_number=serial, **more)
        self._certificates = [*(each for each in self._certificates if each.name != name), entry]
        return entry

    def add_consent(
        self,
        person: str,
        facility: str = "",
        *,
        data_classes: Iterable[int] = (CARE,),
        purpose: int = Purpose.PURPOSE_TREATMENT,
    ) -> None:
        """Record a consent; it names the facility's code, or none for every facility."""
        name = f"{person}/consents/{uuid4()}"
        self._consents.append(FakeConsent(name, person, facility, purpose, frozenset(data_classes)))

    def withdraw_consents(self, person: str) -> None:
        """Withdraw every consent of the entry *person*."""
        self._consents = [consent for consent in self._consents if consent.person != person]

    def asked(self, request_class: type[Message]) -> list[Any]:
        """Return the requests of one class, in order."""
        return [request for request in self.requests if isinstance(request, request_class)]

    def cards_of(self, person: str) -> list[str]:
        entries = self._entries.get(full_name(person), ())
        return [number for number, holder in self._numbers.items() if len(number) == 15 and holder in entries]

    async def GetPerson(
        self, request: persons_pb.GetPersonRequest, context: object
    ) -> persons_pb.GetPersonResponse:
        self.requests.append(request)
        name = full_name(request.name)
        if name not in self._entries:
            raise NotFound(reasons.PERSON_NOT_FOUND, name=request.name)
        described, entries = self._described[name], self._entries[name]
        holders = entries if entries[0] == name else [name]
        person = Person(
            name=name,
            state=Person.STATE_ACTIVE if entries[0] == name else Person.STATE_MERGED,
            full_name=described.full_name,
            birth_date=date_to_pb(described.birth),
            sex=Sex.Name(described.sex),
            identifiers=[
                Identifier(kind=KINDS[len(number)], value=number, state=Identifier.STATE_CURRENT)
                for number, holder in self._numbers.items()
                if holder in holders
            ],
        )
        return persons_pb.GetPersonResponse(person=person)

    async def FindPerson(
        self, request: persons_pb.FindPersonRequest, context: object
    ) -> persons_pb.FindPersonResponse:
        self.requests.append(request)
        if self.max_failures is not None and self._failures[request.facility] >= self.max_failures:
            raise ResourceExhausted(reasons.LOOKUP_LIMIT_REACHED, retry_after_seconds="60")
        entry = self._numbers.get(getattr(request, request.WhichOneof("identifier") or "personal_id"))
        if entry is None:
            self._failures[request.facility] += 1
            raise NotFound(reasons.PERSON_NOT_FOUND)
        compared = self._compared(entry, request.stated)
        if compared.is_another_person:
            self._failures[request.facility] += 1
            raise FailedPrecondition(reasons.PERSON_DIFFERS)
        return persons_pb.FindPersonResponse(
            person=Person(name=self._entries[entry][0], state=Person.STATE_ACTIVE),
            identifier_state=Identifier.STATE_CURRENT,
            entry=entry,
            agreements=agreements_to_pb([compared]),
        )

    def _compared(self, entry: str, stated: persons_pb.Demographics) -> Comparison:
        """Compare what is stated with the entry that has the number and with the one that stands for it."""
        description = description_from_pb(stated)
        records = [self._described[name] for name in (self._entries[entry][0], entry)]
        compared = [compare_stated("stated", description, record) for record in records]
        return min(compared, key=lambda each: len(each.warnings))

    async def ResolvePerson(
        self, request: persons_pb.ResolvePersonRequest, context: object
    ) -> persons_pb.ResolvePersonResponse:
        self.requests.append(request)
        entries = self._entries.get(full_name(request.name))
        if entries is None:
            raise NotFound(reasons.PERSON_NOT_FOUND, name=request.name)
        return persons_pb.ResolvePersonResponse(persons=entries)

    async def GetFacility(
        self, request: facilities_pb.GetFacilityRequest, context: object
    ) -> facilities_pb.GetFacilityResponse:
        self.requests.append(request)
        if self.is_directory_silent:
            raise Unavailable(chassis_reasons.PEER_UNAVAILABLE, peer="directory")
        code = last_part(request.name)
        if code not in self._facilities:
            raise NotFound(reasons.FACILITY_NOT_FOUND, name=request.name)
        kind = Facility.KIND_PHARMACY if self._facilities[code] == PHARMACY else Facility.KIND_HOSPITAL
        unsigned_until = self.unsigned_until.get(code)
        facility = Facility(
            name=facility_name(code), kind=kind, state=self._states[code], unsigned_until=unsigned_until
        )
        facility.level = Facility.Level.Name(self._expertise[code])
        facility.laboratory_recognitions.extend(self.laboratories[code])
        return facilities_pb.GetFacilityResponse(facility=facility)

    async def ListSigningCertificates(
        self, request: certificates_pb.ListSigningCertificatesRequest, context: object
    ) -> certificates_pb.ListSigningCertificatesResponse:
        self.requests.append(request)
        facility = last_part(request.parent)
        matching = [
            each
            for each in self._certificates
            if facility in ("-", each.name.split("/")[-3])
            and request.sha256 in ("", last_part(each.name))
            and request.serial_number in ("", each.serial_number)
        ]
        return certificates_pb.ListSigningCertificatesResponse(signing_certificates=matching)

    async def Authorize(
        self, request: consents_pb.AuthorizeRequest, context: object
    ) -> consents_pb.AuthorizeResponse:
        self.requests.append(request)
        if self.is_silent:
            raise Unavailable(chassis_reasons.PEER_UNAVAILABLE, peer="identity")
        if self.is_older:
            request.ClearField("each_class")
        decision = self._decide(request)
        decision.allowed = decision.reason <= Reason.REASON_OWN_RECORD
        decision.message_vi = Reason.Name(decision.reason)
        if decision.allowed:
            decision.expire_time.FromDatetime(clock.now() + timedelta(minutes=5))
        entries = self._entries.get(full_name(request.person), ())
        decision.persons.extend(entries if self.decided_on is None else self.decided_on)
        return consents_pb.AuthorizeResponse(decision=decision)

    def _decide(self, request: consents_pb.AuthorizeRequest) -> Decision:
        """Return the decision: its reason, and what it rests on or who stood in the way."""
        access, classes = request.access, frozenset(request.data_classes) - {0} or frozenset({CARE})
        code = last_part(request.facility)
        if not code and request.requester.partition("/")[0] in CARE_GIVERS:
            code = last_part(request.requester)
        requester = self._facilities.get(code, "") if code else request.requester
        if full_name(request.person) not in self._entries or not requester:
            return Decision(reason=Reason.REASON_UNKNOWN)
        requesters, reason = RULES.get((access.legal_basis, access.purpose), ((), Reason.REASON_NO_RULE))
        if requester not in requesters:
            return Decision(reason=Reason.REASON_NO_RULE)
        if reason == Reason.REASON_EMERGENCY and not access.reason.strip():
            return Decision(reason=Reason.REASON_REASON_MISSING)
        if reason == Reason.REASON_OWN_RECORD and not request.own_record:
            return Decision(reason=Reason.REASON_NOT_OWN_RECORD)
        consents = self._consents_of(full_name(request.person), code, access.purpose)
        named = frozenset[int]().union(*(consent.data_classes for consent in consents))
        if reason == Reason.REASON_CONSENT_IN_FORCE and request.each_class:
            return by_each_consent(classes | {CARE}, consents, named)
        if reason == Reason.REASON_CONSENT_IN_FORCE:
            return by_consent(classes, consents, named)
        restricted = sorted(classes - named - {CARE})
        withheld = restricted if reason in (Reason.REASON_EMERGENCY, Reason.REASON_LEGAL_DUTY) else []
        if withheld and not request.each_class:
            return Decision(reason=Reason.REASON_RESTRICTED_CLASS, withheld_classes=withheld)
        decision = Decision(reason=reason, withheld_classes=withheld)
        if reason == Reason.REASON_EMERGENCY:
            decision.flagged = True
            decision.emergency_access = f"{IDENTITY}emergencyAccesses/{uuid4()}"
        return decision

    def _consents_of(self, person: str, facility: str, purpose: int) -> list[FakeConsent]:
        """Return the consents of every entry of *person* that bear on a read."""
        return [
            consent
            for consent in self._consents
            if consent.person in self._entries[person]
            and consent.purpose == purpose
            and consent.facility in ("", facility)
        ]


def quality_level(level: int) -> LaboratoryRecognition:
    """Return a level of quality of all laboratories of a facility, for all days of the tests."""
    scheme = LaboratoryRecognition.SCHEME_QUALITY_LEVEL
    return LaboratoryRecognition(scheme=scheme, level=level, valid_from={"year": 2020, "month": 1, "day": 1})


def full_name(name: str) -> str:
    """Return the name as every other service writes it."""
    return name if name.startswith("//") else f"{IDENTITY}{name}"
