"""
The id is looked up before the request is judged: every write of the contract, accepted, and sent again
four weeks later to a replica whose peers are all down.
"""

import asyncio
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

from grpc import StatusCode

from chassis import clock
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.chassis.v1 import outbox_service_pb2
from lientuyen.chassis.v1.outbox_service_pb2_grpc import OutboxServiceStub
from lientuyen.identity.v1 import consent_service_pb2, person_service_pb2
from lientuyen.identity.v1 import practitioner_service_pb2 as practitioners
from lientuyen.pharmacy.v1 import dispensing_service_pb2, drug_service_pb2, prescription_service_pb2
from lientuyen.pharmacy.v1.drug_pb2 import Drug
from lientuyen.pharmacy.v1.drug_service_pb2_grpc import DrugServiceStub
from lientuyen.records.v1 import dossier_service_pb2
from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceStub
from lientuyen.routing.v1 import appointment_service_pb2 as appointments
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1 import record_request_service_pb2 as record_requests
from lientuyen.routing.v1 import referral_service_pb2 as referrals
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.record_request_pb2 import RecordRequest
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.date_pb2 import Date
from tests.contract import pharmacy_env, routing_env
from tests.contract.identity_env import Identity, access, coverage_row, key, only, stream
from tests.contract.pharmacy_env import Pharmacy, claim, dispense, give, paper
from tests.contract.recorded_writes import RecordedWrites, repeated, writes_of
from tests.contract.records_env import Records, submission
from tests.contract.routing_env import DISTRICT, PROVINCE, Routing, upload
from tests.harness import Running, ServiceUnderTest, World, refused
from tests.samples import files
from tests.samples.signing import NOW, authority, facility, signed

# Less than the thirty days for which an answer is kept.
WEEKS = timedelta(days=28)
OPERATOR, RECIPIENT = "operator/an", "facility/79999"
INVALID = StatusCode.INVALID_ARGUMENT


class RecordedIdentity(RecordedWrites, Identity):
    """Identity, every write of which is kept."""


class RecordedRecords(RecordedWrites, Records):
    """Records, every write of which is kept."""


class RecordedRouting(RecordedWrites, Routing):
    """Routing, every write of which is kept."""


class RecordedPharmacy(RecordedWrites, Pharmacy):
    """Pharmacy, every write of which is kept."""


async def without_peers(service: ServiceUnderTest) -> Running:
    """Start another replica of *service*, which reaches nobody."""
    peers = ("identity_address", "records_address", "routing_address", "pharmacy_address")
    settings = service.running.settings.model_copy(update={name: service.world.nowhere() for name in peers})
    build = import_module(f"services.{service.service}.app").build
    return await service.world.serve(settings, build)


async def hold_to_first_answers(service: RecordedWrites) -> None:
    """Send all that was written again, four weeks later, to a replica without peers."""
    await service.running.server.stop(grace=0.5)
    with clock.fixed(clock.now() + WEEKS):
        lonely = await without_peers(service)
        for write in service.writes:
            assert await repeated(service.world, lonely, write) == write.responses, write.method


def made_by(service: RecordedWrites) -> set[str]:
    return {write.method for write in service.writes}


async def test_every_write_of_identity_has_its_first_answer_for_weeks(world: World):
    identity = await RecordedIdentity(world).start()
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

    assert made_by(identity) == writes_of("identity")
    await hold_to_first_answers(identity)


async def test_every_write_of_records_has_its_first_answer_for_weeks(world: World):
    records = await RecordedRecords(world).start()
    await records.submit(files.DOSSIER)
    await records.check_in(files.CHECK_IN)
    of_many = dossier_service_pb2.SubmitDossiersRequest(request_id=key(), content=files.DOSSIER)
    assert [
        answer.HasField("accepted") async for answer in records.dossiers().SubmitDossiers(stream(of_many))
    ]

    assert made_by(records) == writes_of("records")
    await hold_to_first_answers(records)


async def test_every_write_of_pharmacy_has_its_first_answer_for_weeks(world: World):
    pharmacy = await RecordedPharmacy(world).start()
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

    assert made_by(pharmacy) == writes_of("pharmacy")
    await hold_to_first_answers(pharmacy)


async def test_every_write_of_mail_and_of_events_has_its_first_answer_for_weeks(world: World):
    routing = await RecordedRouting(world).start()
    for reject in (False, True):
        sent = await routing.send(b"x" * 300_000)
        async with routing.receiving(RECIPIENT) as inbox:
            delivery = await inbox.next()
            await (routing.reject(delivery) if reject else routing.acknowledge(delivery))
    of_dead = {"name": sent.message.name}
    await routing.mailbox().ReplayMessage(mailbox.ReplayMessageRequest(request_id=key(), **of_dead))
    async with routing.receiving(RECIPIENT) as inbox:
        await routing.reject(await inbox.next())
    await routing.mailbox().StopMessage(mailbox.StopMessageRequest(request_id=key(), **of_dead))
    await routing.mailbox("service/records").SendNotice(
        mailbox.SendNoticeRequest(
            request_id=key(),
            recipient=DISTRICT,
            event=Notice.EVENT_SLIP_NOT_SENT,
            subject=f"//records.lientuyen/dossiers/{uuid4()}",
        )
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

    mail = {full for full in writes_of("routing") if "MailboxService" in full}
    assert made_by(routing) == mail | writes_of("chassis")
    await hold_to_first_answers(routing)


async def test_every_write_of_slips_and_requests_has_its_first_answer_for_weeks(world: World):
    routing = await RecordedRouting(world).start()
    sender, recipient = routing.referrals(), routing.referrals(RECIPIENT)
    issued = [await refer(routing, number) for number in ("1", "2", "3")]
    async with routing.receiving(RECIPIENT) as inbox:
        for delivery in await inbox.take(3):
            await routing.acknowledge(delivery)
    accepted, declined, cancelled = ({"request_id": key(), "name": name} for name in issued)
    await recipient.AcceptReferral(referrals.AcceptReferralRequest(**accepted))
    accepted["request_id"] = key()
    await recipient.CompleteReferral(referrals.CompleteReferralRequest(**accepted))
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

    slips = {full for full in writes_of("routing") if "MailboxService" not in full}
    assert {full for full in made_by(routing) if "MailboxService" not in full} == slips
    await hold_to_first_answers(routing)


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
        request_id=key(), record_request=request, access=routing_env.ACCESS
    )
    return (await routing.record_requests().RequestRecords(asking)).record_request.name


async def test_a_signed_dossier_is_answered_again_after_its_certificate_has_ended(world: World):
    ca = authority()
    path = world.folder / "signing-ca.crt"
    path.write_bytes(ca.pem)
    records = await Records(world).start(signing_ca=path)
    request = submission(signed(files.DOSSIER, facility(ca, "01999", days=365)))
    with clock.fixed(NOW):
        accepted = await records.dossiers().SubmitDossier(request)
    with clock.fixed(NOW + timedelta(days=366)):
        again = await records.dossiers().SubmitDossier(request)
        anew = await refused(records.submit(request.content))

    assert again == accepted
    assert (anew.reason, anew.metadata["cause"]) == ("ERROR_REASON_SIGNATURE_INVALID", "certificate-time")


async def test_an_id_that_came_with_another_dossier_is_refused_before_identity_is_asked(world: World):
    records = await Records(world).start()
    request = submission(files.DOSSIER)
    await records.dossiers().SubmitDossier(request)
    lonely = DossierServiceStub(world.channel(await without_peers(records)))
    request.replaces_version = 7

    reused = await refused(lonely.SubmitDossier(request))
    unheard = await refused(lonely.SubmitDossier(submission(files.DOSSIER)))

    assert (reused.code, reused.reason) == (INVALID, chassis_reasons.REQUEST_ID_REUSED.name)
    assert unheard.code is StatusCode.UNAVAILABLE


async def test_an_upload_sent_again_keeps_nothing_and_another_body_under_its_id_is_refused(world: World):
    routing = await Routing(world).start()
    body, request_id = b"x" * 700_000, key()
    sent = await routing.mailbox().SendMessage(upload(body, request_id=request_id))
    pieces = await routing.rows("SELECT count(*) FROM pieces")
    lonely = MailboxServiceStub(world.channel(await without_peers(routing)))

    again = await lonely.SendMessage(upload(body, request_id=request_id))
    longer = await refused(lonely.SendMessage(upload(body + b"x", request_id=request_id)))
    other = await refused(
        lonely.SendMessage(upload(body, request_id=request_id, recipient=routing_env.CHO_RAY))
    )
    broken = upload(body, request_id=request_id, sha256=b"x" * 32)
    altered = await refused(lonely.SendMessage(broken))
    empty = await refused(lonely.SendMessage(upload(b"", request_id=request_id)))

    assert again == sent
    assert {longer.reason, other.reason} == {chassis_reasons.REQUEST_ID_REUSED.name}
    assert (altered.reason, empty.reason) == (reasons.BODY_ALTERED.name, reasons.BODY_EMPTY.name)
    assert await routing.rows("SELECT count(*) FROM pieces") == pieces


async def test_an_id_of_another_caller_answers_nobody_else(world: World):
    routing = await Routing(world).start()
    request_id = key()
    await routing.mailbox().SendMessage(upload(b"<x/>", request_id=request_id))
    lonely = await without_peers(routing)

    theirs = MailboxServiceStub(world.channel(lonely, RECIPIENT))
    forged = await refused(theirs.SendMessage(upload(b"<x/>", request_id=request_id)))
    own = await refused(theirs.SendMessage(upload(b"<x/>", request_id=request_id, sender=PROVINCE)))

    assert forged.reason == chassis_reasons.FACILITY_MISMATCH.name
    assert own.code is StatusCode.UNAVAILABLE


async def test_fifty_equal_dossiers_at_once_have_one_effect_and_one_answer(world: World):
    records = await Records(world).start()
    request = submission(files.DOSSIER)

    answers = await asyncio.gather(*(records.dossiers().SubmitDossier(request) for _ in range(50)))

    assert [answer for answer in answers if answer != answers[0]] == []
    assert (await records.counts())["dossiers"] == 1
