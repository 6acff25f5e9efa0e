"""
Which methods leave a row in the access log: all that are not here, whenever they show or change what is known
of a person.  Those that are here say why they leave none.
"""

REGISTER = "a register of millions from its own authority: who brought it stands beside every entry"
DIRECTORY = "tells of facilities, licences, places and drugs: of no patient"
DRAFT = "judges what the caller wrote itself, shows nothing of anybody and keeps nothing"
SENDER = "the sender's own; whoever gets it leaves a row when it is handed out"
RECIPIENT = "what it was about left its row when it was handed out to the same recipient"
ISSUER = "the issuer's own paper, of which nobody has seen anything yet"
HOLDER = "its claim left the row: the same pharmacy, the same prescription, minutes before"

HASHES = "hashes alone, from which nobody learns of anybody"

NO_ROW = {
    "lientuyen.chassis.v1.AuditService/ListAccessLogHeads": HASHES,
    "lientuyen.chassis.v1.AuditService/DownloadAccessLogHashes": HASHES,
    "lientuyen.routing.v1.TransparencyService/GetTreeHead": HASHES,
    "lientuyen.routing.v1.TransparencyService/ListTreeHeads": HASHES,
    "lientuyen.routing.v1.TransparencyService/GetInclusionProof": HASHES,
    "lientuyen.routing.v1.TransparencyService/GetConsistencyProof": HASHES,
    "lientuyen.routing.v1.TransparencyService/ListSigningKeys": HASHES,
    "lientuyen.routing.v1.TransparencyService/SubmitTreeHead": HASHES,
    "lientuyen.routing.v1.TransparencyService/ListWitnessedHeads": HASHES,
    "lientuyen.identity.v1.PersonService/ImportPersons": REGISTER,
    "lientuyen.identity.v1.EligibilityService/ImportCoverages": REGISTER,
    "lientuyen.identity.v1.FacilityService/GetFacility": DIRECTORY,
    "lientuyen.identity.v1.FacilityService/ListFacilities": DIRECTORY,
    "lientuyen.identity.v1.FacilityService/ImportFacilities": DIRECTORY,
    "lientuyen.identity.v1.SigningCertificateService/GetSigningCertificate": DIRECTORY,
    "lientuyen.identity.v1.SigningCertificateService/ListSigningCertificates": DIRECTORY,
    "lientuyen.identity.v1.NodeService/GetNode": DIRECTORY,
    "lientuyen.identity.v1.NodeService/ListNodes": DIRECTORY,
    "lientuyen.identity.v1.NodeService/ListFacilityNodes": DIRECTORY,
    "lientuyen.identity.v1.NodeService/AcceptFacilityNodes": DIRECTORY,
    "lientuyen.routing.v1.NodeLinkService/GetDirectory": DIRECTORY,
    "lientuyen.routing.v1.NodeStatusService/ListNodeLinks": DIRECTORY,
    "lientuyen.routing.v1.NodeLinkService/Relay": SENDER,
    "lientuyen.identity.v1.PlaceService/ListProvinces": DIRECTORY,
    "lientuyen.identity.v1.PlaceService/ResolvePlace": DIRECTORY,
    "lientuyen.identity.v1.PractitionerService/CheckLicence": DIRECTORY,
    "lientuyen.identity.v1.PractitionerService/GetPractitioner": DIRECTORY,
    "lientuyen.identity.v1.PractitionerService/ListPractitioners": DIRECTORY,
    "lientuyen.identity.v1.PractitionerService/ImportPractitioners": DIRECTORY,
    "lientuyen.pharmacy.v1.DrugService/GetDrug": DIRECTORY,
    "lientuyen.pharmacy.v1.DrugService/SearchDrugs": DIRECTORY,
    "lientuyen.pharmacy.v1.DrugService/ImportDrugs": DIRECTORY,
    "lientuyen.records.v1.DossierService/ValidateDossier": DRAFT,
    "lientuyen.records.v1.ReuseService/ListReuseReports": "counts by facility and month: of no patient",
    "lientuyen.routing.v1.ReferralService/ValidateReferral": DRAFT,
    "lientuyen.routing.v1.AppointmentService/ValidateAppointment": DRAFT,
    "lientuyen.routing.v1.MailboxService/SendMessage": SENDER,
    "lientuyen.routing.v1.ReferralService/CreateReferral": f"{SENDER}; one that it replaces has its row",
    "lientuyen.routing.v1.AppointmentService/CreateAppointment": f"{ISSUER}; what it replaces has its row",
    "lientuyen.routing.v1.MailboxService/AcknowledgeMessage": RECIPIENT,
    "lientuyen.routing.v1.MailboxService/ExtendLease": RECIPIENT,
    "lientuyen.routing.v1.MailboxService/RejectMessage": RECIPIENT,
    "lientuyen.routing.v1.MailboxService/ListMailboxes": "counts by mailbox: of no patient",
    "lientuyen.routing.v1.MailboxService/SendNotice": "a notice of the exchange, which names no person",
    "lientuyen.pharmacy.v1.PrescriptionService/IssuePrescription": ISSUER,
    "lientuyen.pharmacy.v1.DispensingService/Dispense": HOLDER,
    "lientuyen.pharmacy.v1.DispensingService/ReleaseClaim": HOLDER,
}

# Those that leave one only for an operator: anybody else hears of their own writes; our services have a row
# of what they ask next, and VNeID asks for the person.
OPERATORS_ONLY = {
    "lientuyen.chassis.v1.OutcomeService/GetOutcome",
    "lientuyen.chassis.v1.AuditService/ListAccesses",
    "lientuyen.identity.v1.PersonService/ResolvePerson",
}
