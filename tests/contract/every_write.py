"""Every write of the contract, made once and accepted, one story a service."""

from uuid import uuid4

from cryptography.hazmat.primitives.serialization import Encoding

from lientuyen.chassis.v1 import outbox_service_pb2
from lientuyen.chassis.v1.outbox_service_pb2_grpc import OutboxServiceStub
from lientuyen.identity.v1 import consent_service_pb2, person_service_pb2
from lientuyen.identity.v1 import node_service_pb2 as nodes_pb
from lientuyen.identity.v1 import practitioner_service_pb2 as practitioners
from lientuyen.identity.v1 import signing_certificate_service_pb2 as certificates_pb
from lientuyen.identity.v1.node_pb2 import Node
from lientuyen.identity.v1.node_service_pb2_grpc import NodeServiceStub
from lientuyen.identity.v1.signing_certificate_service_pb2_grpc import SigningCertificateServiceStub
from lientuyen.pharmacy.v1 import dispensing_service_pb2, drug_service_pb2, prescription_service_pb2
from lientuyen.pharmacy.v1.drug_pb2 import Drug
from lientuyen.pharmacy.v1.drug_service_pb2_grpc import DrugServiceStub
from lientuyen.records.v1 import (
    dossier_service_pb2,
    health_book_service_pb2,
    health_check_service_pb2,
    immunization_service_pb2,
    reuse_service_pb2,
)
from lientuyen.records.v1.immunization_pb2 import Immunization
from lientuyen.records.v1.reuse_pb2 import ReuseDecision
from lientuyen.routing.v1 import appointment_service_pb2 as appointments
from lientuyen.routing.v1 import consultation_service_pb2 as consultations
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1 import record_request_service_pb2 as record_requests
from lientuyen.routing.v1 import referral_service_pb2 as referrals
from lientuyen.routing.v1 import transparency_service_pb2 as transparency
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.routing.v1.consultation_pb2 import Consultation
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.record_request_pb2 import RecordRequest
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.date_pb2 import Date
from lientuyen_client.opinion_signatures import sign_opinion
from tests.contract import pharmacy_env, records_env, routing_env
from tests.contract.identity_env import Identity, access, coverage_row, key, only, stream
from tests.contract.pharmacy_env import Pharmacy, claim, dispense, give, paper
from tests.contract.recorded_calls import RecordedCalls
from tests.contract.records_env import CARE, PERSON_NAME, Records
from tests.contract.routing_env import DISTRICT, PROVINCE, Routing, head_of_identity
from tests.harness import eventually
from tests.samples import files
from tests.samples.health_checks import adult_modules, form
from tests.samples.signing import public

OPERATOR, RECIPIENT = "operator/an", "facility/79999"


class RecordedIdentity(RecordedCalls, Identity):
    """Identity, every call of which is kept."""


class RecordedRecords(RecordedCalls, Records):
    """Records, every call of which is kept."""


class RecordedRouting(RecordedCalls, Routing):
    """Routing, every call of which is kept."""


class RecordedPharmacy(RecordedCalls, Pharmacy):
    """Pharmacy, every call of which is kept."""


async def write_identity(identity: Identity) -> None:
    """Make every write of identity."""
    person = await identity.person()
    other = await identity.person(
        personal_id="001485000024", old_id="", social_insurance_number="", full_name="Lê Thị Khác"
    )
    await identity.import_coverages(coverage_row())
    licence = practitioners.PractitionerRow(
        licence_number="000001/HNO-GPHN",
        full_name="Trần Thị Mẫu",
        valid_from=Date(year=2025, month=1, day=1),
        facility_code="01999",
    )
    enlist = practitioners.ImportPractitionersRequest(request_id=key(), first_row=1, rows=[licence])
    await only(identity.practitioners("authority/byt").ImportPractitioners(stream(enlist)))
    certificates = identity.stub(SigningCertificateServiceStub, OPERATOR)
    signer = certificates_pb.RegisterSigningCertificateRequest(
        request_id=key(), parent="facilities/01999", der=public(kind="ecdsa").der
    )
    name = (await certificates.RegisterSigningCertificate(signer)).signing_certificate.name
    await certificates.RevokeSigningCertificate(
        certificates_pb.RevokeSigningCertificateRequest(request_id=key(), name=name)
    )
    await write_directory(identity)
    await identity.persons().RegisterPerson(
        person_service_pb2.RegisterPersonRequest(
            request_id=key(),
            facility="facilities/01999",
            kind=person_service_pb2.RegisterPersonRequest.KIND_UNKNOWN,
            access=access(basis="EMERGENCY", reason="tai nạn"),
        )
    )
    consent = await identity.consent(person.name)
    withdrawal = consent_service_pb2.WithdrawConsentRequest(request_id=key(), name=consent.name)
    await identity.consents().WithdrawConsent(withdrawal)
    decision = await identity.decide(person.name, access=access(basis="EMERGENCY", reason="ngừng tim"))
    review = consent_service_pb2.ReviewEmergencyAccessRequest(
        request_id=key(), name=decision.emergency_access, justified=True, note="đúng quy trình"
    )
    await identity.consents(OPERATOR).ReviewEmergencyAccess(review)
    merging = person_service_pb2.MergePersonsRequest(
        request_id=key(), loser=other.name, winner=person.name, reason="cùng một người"
    )
    merge = (await identity.persons(OPERATOR).MergePersons(merging)).merge
    unmerging = person_service_pb2.UnmergePersonsRequest(
        request_id=key(), name=merge.name, reason="nhầm người"
    )
    await identity.persons(OPERATOR).UnmergePersons(unmerging)


async def write_directory(identity: Identity) -> None:
    """Make every write about nodes."""
    nodes = identity.stub(NodeServiceStub, OPERATOR)
    authority = identity.world.pki.ca.certificate.public_bytes(Encoding.DER)
    north = Node(
        name="//identity.lientuyen/nodes/north",
        display_name="Bắc",
        kind=Node.KIND_LIENTUYEN,
        trust_domain="lientuyen.test",
        ca_certificates=[authority],
    )
    await nodes.RegisterNode(nodes_pb.RegisterNodeRequest(request_id=key(), node=north))
    await nodes.UpdateNode(nodes_pb.UpdateNodeRequest(request_id=key(), node=north))
    moving = nodes_pb.MoveFacilityRequest(request_id=key(), facility="facilities/01999", node="nodes/north")
    moved = (await nodes.MoveFacility(moving)).facility_node
    await nodes.AcceptFacilityNodes(
        nodes_pb.AcceptFacilityNodesRequest(request_id=key(), facility_nodes=[moved])
    )


async def write_records(records: Records) -> None:
    """Make every write of records."""
    sent = (await records.submit(files.DOSSIER)).dossier
    await records.check_in(files.CHECK_IN)
    another = files.sample().everywhere("MA_LK", "MANY-1").bytes()
    of_many = dossier_service_pb2.SubmitDossiersRequest(request_id=key(), content=another)
    assert [
        answer.HasField("accepted") async for answer in records.dossiers().SubmitDossiers(stream(of_many))
    ]
    listing = health_book_service_pb2.ListResultsRequest(person=PERSON_NAME, access=CARE)
    decision = reuse_service_pb2.RecordReuseDecisionRequest(
        request_id=key(),
        person=PERSON_NAME,
        result=(await records.books().ListResults(listing)).results[0].name,
        kind=ReuseDecision.KIND_REPEATED,
        repeat_reason=ReuseDecision.REPEAT_REASON_CLINICAL_CHANGE,
        access=CARE,
    )
    await records.reuse().RecordReuseDecision(decision)
    reading = dossier_service_pb2.GetDossierRequest(name=sent.name, access=CARE)
    etag = (await records.dossiers().GetDossier(reading)).dossier.etag
    await records.dossiers().WithdrawDossier(
        dossier_service_pb2.WithdrawDossierRequest(
            request_id=key(), name=sent.name, etag=etag, reason="gửi nhầm"
        )
    )
    await records.submit_check(adult_modules().bytes())
    check = health_check_service_pb2.SubmitHealthChecksRequest(request_id=key(), content=form(2).bytes())
    assert [
        answer.HasField("accepted")
        async for answer in records.health_checks().SubmitHealthChecks(stream(check))
    ]
    dose = Immunization(
        person=records_env.PERSON_NAME,
        facility="facilities/01999",
        vaccine={"system": "SDK", "code": "893310000126"},
        dose_number=1,
    )
    dose.immunize_time.GetCurrentTime()
    await records.immunizations().RecordImmunization(
        immunization_service_pb2.RecordImmunizationRequest(request_id=key(), immunization=dose)
    )


async def write_pharmacy(pharmacy: Pharmacy) -> None:
    """Make every write of pharmacy."""
    merged = pharmacy.identity.add_person()
    pharmacy.identity.merge(merged, into=pharmacy_env.PERSON)
    prescriptions, counter = pharmacy.prescriptions(), pharmacy.dispensings()
    old = await pharmacy.issued(paper(person=merged))
    new = await prescriptions.ReplacePrescription(
        prescription_service_pb2.ReplacePrescriptionRequest(
            request_id=key(), name=old.name, prescription=paper(), reason="Sai liều"
        )
    )
    held = await counter.ClaimPrescription(claim(new.prescription))
    sale = await counter.Dispense(dispense(new.prescription, held.claim.token, give(1, 20)))
    await counter.ReverseDispensing(
        dispensing_service_pb2.ReverseDispensingRequest(
            request_id=key(), name=sale.dispensing.name, reason="Trả lại"
        )
    )
    held = await counter.ClaimPrescription(claim(new.prescription))
    await counter.ReleaseClaim(
        dispensing_service_pb2.ReleaseClaimRequest(
            request_id=key(), prescription=new.prescription.name, claim_token=held.claim.token
        )
    )
    await prescriptions.CancelPrescription(
        prescription_service_pb2.CancelPrescriptionRequest(
            request_id=key(), name=(await pharmacy.issued()).name, reason="Nhập nhầm"
        )
    )
    drug = Drug(registration_number="VD-12345-26", inn="Paracetamol", strength="500 mg")
    catalogue = drug_service_pb2.ImportDrugsRequest(request_id=key(), drugs=[drug])
    await pharmacy.stub(DrugServiceStub, OPERATOR).ImportDrugs(stream(catalogue))


async def write_mail(routing: Routing) -> None:
    """Make every write of mailboxes and of dead events."""
    for reject in (False, True):
        sent = await routing.send(b"x" * 300_000, person=routing_env.PERSON)
        async with routing.receiving(RECIPIENT) as inbox:
            delivery = await inbox.next()
            await routing.mailbox(RECIPIENT).ExtendLease(
                mailbox.ExtendLeaseRequest(
                    request_id=key(), name=delivery.message.name, lease_token=delivery.lease_token
                )
            )
            await (routing.reject(delivery) if reject else routing.acknowledge(delivery))
    of_dead = {"name": sent.message.name}
    await routing.mailbox().ReplayMessage(mailbox.ReplayMessageRequest(request_id=key(), **of_dead))
    async with routing.receiving(RECIPIENT) as inbox:
        await routing.reject(await inbox.next())
    of_sender = {"sender": DISTRICT}
    await routing.mailbox().ReplayDeadLetters(mailbox.ReplayDeadLettersRequest(request_id=key(), **of_sender))
    async with routing.receiving(RECIPIENT) as inbox:
        await routing.reject(await inbox.next())
    await routing.mailbox().StopMessage(mailbox.StopMessageRequest(request_id=key(), **of_dead))
    for stop in (True, False):
        await routing.send(person=routing_env.PERSON)
        async with routing.receiving(RECIPIENT) as inbox:
            await routing.reject(await inbox.next())
        if stop:
            request = mailbox.StopDeadLettersRequest(request_id=key(), **of_sender)
            await routing.mailbox().StopDeadLetters(request)
    await routing.mailbox("service/records").SendNotice(
        mailbox.SendNoticeRequest(
            request_id=key(),
            recipient=DISTRICT,
            event=Notice.EVENT_SLIP_NOT_SENT,
            subject=f"//records.lientuyen/dossiers/{uuid4()}",
        )
    )
    await routing.transparency("service/identity").SubmitTreeHead(
        transparency.SubmitTreeHeadRequest(request_id=key(), tree_head=head_of_identity(routing.world))
    )
    dead = [uuid4(), uuid4()]
    await routing.rows(
        "INSERT INTO outbox (id, topic, key, payload, traceparent, state, finish_time)"
        " SELECT unnest($1::uuid[]), 'nobody', '', '', '', 'dead', now()",
        dead,
    )
    events = routing.stub(OutboxServiceStub, OPERATOR)
    replay, stop = ({"request_id": key(), "name": f"//routing.lientuyen/events/{event}"} for event in dead)
    await events.ReplayEvent(outbox_service_pb2.ReplayEventRequest(**replay))
    await events.StopEvent(outbox_service_pb2.StopEventRequest(**stop))
    await eventually(lambda: routing.rows("SELECT WHERE NOT EXISTS (SELECT FROM log_queue)"))


async def write_slips(routing: Routing) -> None:
    """Make every write of referrals, appointments, record requests and consultations."""
    sender, recipient = routing.referrals(), routing.referrals(RECIPIENT)
    issued = [await refer(routing, number) for number in ("1", "2", "3")]
    async with routing.receiving(RECIPIENT) as inbox:
        for delivery in await inbox.take(3):
            await routing.acknowledge(delivery)
    accepted, declined, cancelled = ({"request_id": key(), "name": name} for name in issued)
    await recipient.AcceptReferral(referrals.AcceptReferralRequest(**accepted))
    accepted["request_id"] = key()
    await recipient.UseReferral(referrals.UseReferralRequest(**accepted, encounter="MALK-1"))
    accepted["request_id"] = key()
    outcome = {"treatment_result": "2", "discharge_type": "1", "summary": "đỡ, hẹn khám lại"}
    await recipient.CompleteReferral(
        referrals.CompleteReferralRequest(
            **accepted, outcome=outcome, report=b"<giay_ra_vien/>", report_media_type="application/xml"
        )
    )
    await recipient.DeclineReferral(referrals.DeclineReferralRequest(**declined, reason="hết giường"))
    await sender.CancelReferral(referrals.CancelReferralRequest(**cancelled, reason="nhầm"))
    used, unused = [await book(routing, number) for number in ("1", "2")]
    booking = routing.appointments()
    await booking.UseAppointment(appointments.UseAppointmentRequest(request_id=key(), name=used))
    await booking.CancelAppointment(appointments.CancelAppointmentRequest(request_id=key(), name=unused))
    records = await routing.send(
        caller=RECIPIENT, sender=PROVINCE, recipient=DISTRICT, kind=Message.KIND_RECORD_RESPONSE
    )
    answered, refused_one = [await request_records(routing) for _ in range(2)]
    holder = routing.record_requests(RECIPIENT)
    await holder.FulfilRecordRequest(
        record_requests.FulfilRecordRequestRequest(
            request_id=key(), name=answered, message=records.message.name
        )
    )
    await holder.DeclineRecordRequest(
        record_requests.DeclineRecordRequestRequest(request_id=key(), name=refused_one, reason="không có")
    )
    await routing.record_requests().CancelRecordRequest(
        record_requests.CancelRecordRequestRequest(request_id=key(), name=await request_records(routing))
    )
    await write_consultations(routing)


async def write_consultations(routing: Routing) -> None:
    """Make every write of consultations."""
    answered, declined, withdrawn = [await consult(routing) for _ in range(3)]
    consultant = routing.consultations(RECIPIENT)
    await consultant.TakeConsultation(
        consultations.TakeConsultationRequest(request_id=key(), name=answered, practitioner="000456/HCM-GPHN")
    )
    doctor, opinion = public(kind="ecdsa"), b"opinion"
    routing.identity.add_certificate(
        "79999", doctor.der, practitioner=f"//identity.lientuyen/practitioners/{key()}"
    )
    signature = sign_opinion(answered, opinion, "text/plain", doctor.key, doctor.certificate)
    await consultant.AnswerConsultation(
        consultations.AnswerConsultationRequest(
            request_id=key(),
            name=answered,
            opinion=opinion,
            opinion_media_type="text/plain",
            signature=signature,
        )
    )
    of_declined = {"request_id": key(), "name": declined, "reason": "không có chuyên khoa"}
    await consultant.DeclineConsultation(consultations.DeclineConsultationRequest(**of_declined))
    of_withdrawn = {"request_id": key(), "name": withdrawn, "reason": "đã chuyển"}
    await routing.consultations().WithdrawConsultation(
        consultations.WithdrawConsultationRequest(**of_withdrawn)
    )


async def consult(routing: Routing) -> str:
    consultation = Consultation(
        person=routing_env.PERSON, requester=DISTRICT, consultant=PROVINCE, practitioner="000123/HNO-GPHN"
    )
    request = consultations.RequestConsultationRequest(
        request_id=key(),
        consultation=consultation,
        question=b"%PDF-1.7",
        question_media_type="application/pdf",
        access=routing_env.ACCESS,
    )
    return (await routing.consultations().RequestConsultation(request)).consultation.name


async def refer(routing: Routing, slip_number: str) -> str:
    referral = Referral(
        person=routing_env.PERSON,
        sender=DISTRICT,
        recipient=PROVINCE,
        slip_number=slip_number,
        diagnosis={"system": "ICD-10", "code": "I21.9"},
    )
    request = referrals.CreateReferralRequest(
        request_id=key(), referral=referral, slip=b"<slip/>", slip_media_type="application/xml"
    )
    return (await routing.referrals().CreateReferral(request)).referral.name


async def book(routing: Routing, slip_number: str) -> str:
    appointment = Appointment(
        person=routing_env.PERSON,
        facility=DISTRICT,
        day=Date(year=2026, month=12, day=1),
        slip_number=slip_number,
    )
    request = appointments.CreateAppointmentRequest(request_id=key(), appointment=appointment)
    return (await routing.appointments().CreateAppointment(request)).appointment.name


async def request_records(routing: Routing) -> str:
    request = RecordRequest(person=routing_env.PERSON, requester=DISTRICT, holder=PROVINCE, scope="CT")
    asking = record_requests.RequestRecordsRequest(
        request_id=key(), record_request=request, access=routing_env.CONSENTED
    )
    return (await routing.record_requests().RequestRecords(asking)).record_request.name


STORIES = {
    "identity": (RecordedIdentity, write_identity),
    "records": (RecordedRecords, write_records),
    "pharmacy": (RecordedPharmacy, write_pharmacy),
    "mail": (RecordedRouting, write_mail),
    "slips": (RecordedRouting, write_slips),
}
