"""Every read of the contract that is not endless, of what the stories of `every_write` wrote."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

from google.protobuf.message import Message

from lientuyen.chassis.v1 import audit_service_pb2, outbox_service_pb2, outcome_service_pb2
from lientuyen.identity.v1 import (
    consent_service_pb2,
    eligibility_service_pb2,
    facility_service_pb2,
    node_service_pb2,
    person_service_pb2,
    place_service_pb2,
    practitioner_service_pb2,
)
from lientuyen.identity.v1 import signing_certificate_service_pb2 as certificates
from lientuyen.pharmacy.v1 import dispensing_service_pb2, drug_service_pb2, prescription_service_pb2
from lientuyen.records.v1 import (
    dossier_service_pb2,
    encounter_service_pb2,
    health_book_service_pb2,
    held_record_service_pb2,
    immunization_service_pb2,
    reuse_service_pb2,
)
from lientuyen.routing.v1 import (
    appointment_service_pb2,
    consultation_service_pb2,
    mailbox_service_pb2,
    node_status_service_pb2,
    receipt_service_pb2,
    record_request_service_pb2,
    referral_service_pb2,
)
from lientuyen.routing.v1 import transparency_service_pb2 as log
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.date_pb2 import Date
from tests.contract import pharmacy_env, records_env, routing_env
from tests.contract.identity_env import TREATMENT, access
from tests.contract.recorded_calls import PATHS, RecordedCalls
from tests.samples import files
from transparency.tree_heads import signed_leaf

HOSPITAL, SHOP, OPERATOR = "facility/01999", "pharmacy/NT00001", "operator/an"
RECORDS, ROUTING = "service/records", "service/routing"
FACILITY = "facilities/01999"
DISTRICT = {"sender": routing_env.DISTRICT}


class Read(NamedTuple):
    """One question, and who asks it."""

    caller: str
    request: Message

    @property
    def method(self) -> str:
        return PATHS[self.request.DESCRIPTOR.full_name]


def written(service: RecordedCalls, method: str, field: str) -> Any:
    """Return *field* of the last answer to *method* of the story."""
    responses = [call.responses[-1] for call in service.calls if call.method.endswith(f"/{method}")]
    return getattr(responses[-1], field)


def reads_of_identity(service: RecordedCalls) -> Iterator[Read]:
    person = written(service, "FindPerson", "person").name
    question = eligibility_service_pb2.CheckEligibilityRequest(
        person=person, facility=FACILITY, access=access("PAYMENT")
    )
    described = person_service_pb2.Demographics(
        full_name="Trần Thị Mẫu", birth_date=Date(year=1985, month=3, day=12)
    )
    yield Read(HOSPITAL, person_service_pb2.GetPersonRequest(name=person, access=TREATMENT))
    yield Read(HOSPITAL, person_service_pb2.MatchPersonsRequest(demographics=described, access=TREATMENT))
    yield Read(OPERATOR, person_service_pb2.ListMergesRequest(parent=person, access=access("OPERATIONS")))
    yield Read(OPERATOR, person_service_pb2.ResolvePersonRequest(name=person))
    yield Read(HOSPITAL, question)
    yield Read(HOSPITAL, eligibility_service_pb2.CheckEligibilitiesRequest(tag="1", question=question))
    yield Read(HOSPITAL, facility_service_pb2.GetFacilityRequest(name=FACILITY))
    yield Read(HOSPITAL, facility_service_pb2.ListFacilitiesRequest())
    signer = written(service, "RegisterSigningCertificate", "signing_certificate").name
    yield Read(HOSPITAL, certificates.GetSigningCertificateRequest(name=signer))
    yield Read(HOSPITAL, certificates.ListSigningCertificatesRequest(parent=FACILITY))
    yield Read(HOSPITAL, node_service_pb2.GetNodeRequest(name="nodes/north"))
    yield Read(HOSPITAL, node_service_pb2.ListNodesRequest())
    yield Read(OPERATOR, node_service_pb2.ListFacilityNodesRequest())
    licence = {"licence_number": "000001/HNO-GPHN"}
    yield Read(HOSPITAL, practitioner_service_pb2.GetPractitionerRequest(**licence))
    yield Read(HOSPITAL, practitioner_service_pb2.CheckLicenceRequest(**licence, facility=FACILITY))
    yield Read(HOSPITAL, practitioner_service_pb2.ListPractitionersRequest(facility=FACILITY))
    yield Read(HOSPITAL, place_service_pb2.ListProvincesRequest())
    yield Read(HOSPITAL, place_service_pb2.ResolvePlaceRequest(province_code="01"))
    yield Read(HOSPITAL, consent_service_pb2.ListConsentsRequest(parent=person, access=TREATMENT))
    yield Read(
        HOSPITAL,
        consent_service_pb2.ListEmergencyAccessesRequest(facility=FACILITY, access=TREATMENT),
    )


def reads_of_records(service: Any) -> Iterator[Read]:
    service.identity.add_consent(records_env.PERSON_NAME)
    dossier = written(service, "SubmitDossier", "dossier").name
    person = {"person": records_env.PERSON_NAME, "access": records_env.CARE}
    named = {"name": dossier, "access": records_env.CARE}
    yield Read(HOSPITAL, dossier_service_pb2.ValidateDossierRequest(content=files.DOSSIER))
    yield Read(HOSPITAL, dossier_service_pb2.GetDossierRequest(**named))
    yield Read(HOSPITAL, dossier_service_pb2.GetOriginalRequest(**named))
    yield Read(HOSPITAL, dossier_service_pb2.ListDossiersRequest(facility=FACILITY, access=records_env.CARE))
    yield Read(
        HOSPITAL, encounter_service_pb2.ListEncountersRequest(facility=FACILITY, access=records_env.CARE)
    )
    yield Read(HOSPITAL, health_book_service_pb2.GetHealthBookRequest(**person))
    yield Read(HOSPITAL, health_book_service_pb2.ListResultsRequest(**person))
    yield Read(HOSPITAL, health_book_service_pb2.GetPatientSummaryRequest(**person))
    order = health_book_service_pb2.OrderedTest(service_code="23.0075.1494")
    yield Read(HOSPITAL, health_book_service_pb2.FindReusableResultsRequest(**person, orders=[order]))
    yield Read(HOSPITAL, immunization_service_pb2.ListImmunizationsRequest(**person))
    yield Read(HOSPITAL, reuse_service_pb2.ListReuseReportsRequest(facility=FACILITY))
    yield Read(ROUTING, held_record_service_pb2.ListHeldRecordsRequest(**person, reader=FACILITY))


def reads_of_pharmacy(service: RecordedCalls) -> Iterator[Read]:
    grounds = {"access": pharmacy_env.TREATMENT}
    name = written(service, "IssuePrescription", "prescription").name
    yield Read(HOSPITAL, prescription_service_pb2.GetPrescriptionRequest(name=name, **grounds))
    yield Read(
        HOSPITAL,
        prescription_service_pb2.ListPrescriptionsRequest(
            person=pharmacy_env.PERSON, facility=routing_env.DISTRICT, **grounds
        ),
    )
    sold = written(service, "ReplacePrescription", "prescription").name
    yield Read(SHOP, dispensing_service_pb2.ListDispensingsRequest(prescription=sold, **grounds))
    yield Read(SHOP, drug_service_pb2.GetDrugRequest(name="drugs/vd-12345-26"))
    yield Read(SHOP, drug_service_pb2.SearchDrugsRequest(query="Paracetamol"))


def reads_of_mail(service: RecordedCalls) -> Iterator[Read]:
    message = written(service, "SendMessage", "message").name
    yield Read(HOSPITAL, mailbox_service_pb2.GetMessageRequest(name=message))
    yield Read(HOSPITAL, mailbox_service_pb2.ListMessagesRequest(**DISTRICT))
    yield Read(HOSPITAL, mailbox_service_pb2.DownloadMessageRequest(name=message))
    yield Read(HOSPITAL, mailbox_service_pb2.ListDeadLettersRequest(**DISTRICT))
    yield Read(OPERATOR, mailbox_service_pb2.ListMailboxesRequest())
    yield Read(HOSPITAL, receipt_service_pb2.GetReceiptRequest(name=f"{message}/receipts/acceptance"))
    yield from reads_of_log(service)
    yield Read(HOSPITAL, receipt_service_pb2.GetReceiptChainRequest(name=message))
    yield Read(OPERATOR, node_status_service_pb2.ListNodeLinksRequest())
    yield Read(OPERATOR, outbox_service_pb2.ListDeadEventsRequest())
    asked = {"request_id": str(uuid4())}
    yield Read(HOSPITAL, outcome_service_pb2.GetOutcomeRequest(**asked))
    yield Read(OPERATOR, outcome_service_pb2.GetOutcomeRequest(**asked, caller=HOSPITAL))
    yield Read(OPERATOR, audit_service_pb2.ListAccessesRequest(subject=routing_env.PERSON))


def reads_of_log(service: RecordedCalls) -> Iterator[Read]:
    receipt = next(
        call.responses[-1] for call in service.calls if call.method.endswith("/SendMessage")
    ).receipt
    leaf = signed_leaf(receipt.body, receipt.signature, receipt.certificate)
    origin = "lientuyen.test/identity/access-log"
    yield Read(HOSPITAL, log.GetTreeHeadRequest())
    yield Read(HOSPITAL, log.ListTreeHeadsRequest())
    yield Read(HOSPITAL, log.GetInclusionProofRequest(leaf_hash=leaf, tree_size=3))
    yield Read(HOSPITAL, log.GetConsistencyProofRequest(first_size=1, second_size=1))
    yield Read(HOSPITAL, log.ListSigningKeysRequest())
    yield Read(HOSPITAL, log.ListWitnessedHeadsRequest(origin=origin))
    yield Read(OPERATOR, audit_service_pb2.ListAccessLogHeadsRequest(month="2026-11"))
    yield Read(OPERATOR, audit_service_pb2.DownloadAccessLogHashesRequest(second_size=1))


def reads_of_slips(service: RecordedCalls) -> Iterator[Read]:
    referral = written(service, "AcceptReferral", "referral").name
    appointment = written(service, "UseAppointment", "appointment").name
    request = written(service, "FulfilRecordRequest", "record_request").name
    grounds = {"access": routing_env.ACCESS}
    slip = Referral(
        person=routing_env.PERSON,
        sender=routing_env.DISTRICT,
        recipient=routing_env.PROVINCE,
        slip_number="9",
        diagnosis={"system": "ICD-10", "code": "I21.9"},
    )
    booking = Appointment(
        person=routing_env.PERSON,
        facility=routing_env.DISTRICT,
        day=Date(year=2026, month=12, day=1),
        slip_number="9",
    )
    yield Read(HOSPITAL, referral_service_pb2.ValidateReferralRequest(referral=slip))
    yield Read(HOSPITAL, referral_service_pb2.GetReferralRequest(name=referral, **grounds))
    yield Read(HOSPITAL, referral_service_pb2.ListReferralsRequest(person=routing_env.PERSON, **grounds))
    yield Read(HOSPITAL, appointment_service_pb2.ValidateAppointmentRequest(appointment=booking))
    yield Read(HOSPITAL, appointment_service_pb2.GetAppointmentRequest(name=appointment, **grounds))
    yield Read(
        HOSPITAL, appointment_service_pb2.ListAppointmentsRequest(person=routing_env.PERSON, **grounds)
    )
    yield Read(HOSPITAL, record_request_service_pb2.GetRecordRequestRequest(name=request, **grounds))
    of_ours = {"requester": routing_env.DISTRICT, **grounds}
    yield Read(HOSPITAL, record_request_service_pb2.ListRecordRequestsRequest(**of_ours))
    yield from reads_of_consultations(service)


def reads_of_consultations(service: RecordedCalls) -> Iterator[Read]:
    consultation = written(service, "AnswerConsultation", "consultation").name
    grounds = {"access": routing_env.ACCESS}
    yield Read(HOSPITAL, consultation_service_pb2.GetConsultationRequest(name=consultation, **grounds))
    yield Read(
        HOSPITAL, consultation_service_pb2.ListConsultationsRequest(person=routing_env.PERSON, **grounds)
    )


READS = {
    "identity": reads_of_identity,
    "records": reads_of_records,
    "pharmacy": reads_of_pharmacy,
    "mail": reads_of_mail,
    "slips": reads_of_slips,
}

# What the stories themselves ask, and what ends only with its caller.
ASKED_ELSEWHERE = {
    "lientuyen.identity.v1.PersonService/FindPerson",
    "lientuyen.identity.v1.ConsentService/Authorize",
    "lientuyen.routing.v1.MailboxService/ReceiveMessages",
    "lientuyen.routing.v1.NodeLinkService/GetDirectory",
}
