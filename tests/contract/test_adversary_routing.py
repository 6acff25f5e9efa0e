"""What a hospital may try against the mailboxes, referrals and slips of others."""

from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.routing.v1 import appointment_service_pb2 as appointments
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1 import receipt_service_pb2 as receipts
from lientuyen.routing.v1 import record_request_service_pb2 as record_requests
from lientuyen.routing.v1 import referral_service_pb2 as referrals
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.routing.v1.record_request_pb2 import RecordRequest
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date
from tests.harness import Refusal, World, refused

from .routing_env import ACCESS, CHO_RAY, CONSENTED, DISTRICT, PERSON, PROVINCE, Routing, upload

STRANGER = "facility/79024"


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


def key() -> str:
    return str(uuid4())


async def referred(routing: Routing, who: str = "facility/01999", **more: Any) -> Referral:
    given = {"person": PERSON, "sender": DISTRICT, "recipient": PROVINCE, "slip_number": "1", **more}
    request = referrals.CreateReferralRequest(
        request_id=key(), referral=Referral(**given), slip=b"<x/>", slip_media_type="application/xml"
    )
    return (await routing.referrals(who).CreateReferral(request)).referral


async def asked(routing: Routing, who: str = "facility/01999", **more: Any) -> RecordRequest:
    given = {"person": PERSON, "requester": DISTRICT, "holder": PROVINCE, **more}
    request = record_requests.RequestRecordsRequest(
        request_id=key(), record_request=RecordRequest(**given), access=CONSENTED
    )
    return (await routing.record_requests(who).RequestRecords(request)).record_request


async def booked(routing: Routing, who: str = "facility/01999", **more: Any) -> Appointment:
    given = {
        "person": PERSON,
        "facility": DISTRICT,
        "day": Date(year=2026, month=12, day=1),
        "slip_number": "1",
        **more,
    }
    request = appointments.CreateAppointmentRequest(request_id=key(), appointment=Appointment(**given))
    return (await routing.appointments(who).CreateAppointment(request)).appointment


def told(refusal: Refusal, name: str) -> tuple[object, ...]:
    """Return all that a caller hears, the name that it gave itself left out."""
    id_ = name.rpartition("/")[2]
    said = {field: value.replace(id_, "…") for field, value in refusal.metadata.items()}
    return refusal.code, refusal.reason, said, refusal.message.replace(id_, "…")


def tries(routing: Routing, names: dict[str, str]) -> list[tuple[str, Any]]:
    """Return every call by which a stranger could touch what *names* name, with the name."""
    mail, refer = routing.mailbox(STRANGER), routing.referrals(STRANGER)
    book, ask = routing.appointments(STRANGER), routing.record_requests(STRANGER)
    message, referral = names["message"], names["referral"]
    token = key()
    calls = {
        "message": [
            mail.GetMessage(pb.GetMessageRequest(name=message)),
            mail.DownloadMessage(pb.DownloadMessageRequest(name=message)),
            mail.AcknowledgeMessage(
                pb.AcknowledgeMessageRequest(request_id=key(), name=message, lease_token=token)
            ),
            mail.RejectMessage(
                pb.RejectMessageRequest(request_id=key(), name=message, lease_token=token, reason="x")
            ),
            mail.ReplayMessage(pb.ReplayMessageRequest(request_id=key(), name=message)),
            mail.StopMessage(pb.StopMessageRequest(request_id=key(), name=message)),
            routing.receipts(STRANGER).GetReceipt(
                receipts.GetReceiptRequest(name=f"{message}/receipts/acceptance")
            ),
        ],
        "referral": [
            refer.GetReferral(referrals.GetReferralRequest(name=referral, access=ACCESS)),
            refer.AcceptReferral(referrals.AcceptReferralRequest(request_id=key(), name=referral)),
            refer.CompleteReferral(referrals.CompleteReferralRequest(request_id=key(), name=referral)),
            refer.DeclineReferral(
                referrals.DeclineReferralRequest(request_id=key(), name=referral, reason="x")
            ),
            refer.CancelReferral(
                referrals.CancelReferralRequest(request_id=key(), name=referral, reason="x")
            ),
        ],
        "appointment": [
            book.GetAppointment(appointments.GetAppointmentRequest(name=names["appointment"], access=ACCESS)),
            book.UseAppointment(
                appointments.UseAppointmentRequest(request_id=key(), name=names["appointment"])
            ),
            book.CancelAppointment(
                appointments.CancelAppointmentRequest(request_id=key(), name=names["appointment"])
            ),
        ],
        "request": [
            ask.GetRecordRequest(
                record_requests.GetRecordRequestRequest(name=names["request"], access=ACCESS)
            ),
            ask.DeclineRecordRequest(
                record_requests.DeclineRecordRequestRequest(
                    request_id=key(), name=names["request"], reason="x"
                )
            ),
            ask.FulfilRecordRequest(
                record_requests.FulfilRecordRequestRequest(
                    request_id=key(), name=names["request"], message=f"//routing.lientuyen/messages/{key()}"
                )
            ),
        ],
    }
    return [(names[kind], call) for kind, of_kind in calls.items() for call in of_kind]


async def test_a_stranger_hears_the_same_of_what_is_there_and_of_what_is_not(routing: Routing):
    there = {
        "message": (await routing.send(person=PERSON)).message.name,
        "referral": (await referred(routing)).name,
        "appointment": (await booked(routing)).name,
        "request": (await asked(routing)).name,
    }
    nowhere = {kind: f"{name.rpartition('/')[0]}/{key()}" for kind, name in there.items()}

    heard = [
        [told(await refused(call), name) for name, call in tries(routing, names)]
        for names in (there, nowhere)
    ]

    assert heard[0] == heard[1]
    assert {one[0] for one in heard[0]} == {StatusCode.PERMISSION_DENIED}
    assert PERSON not in str(heard)


async def test_nothing_is_written_in_the_name_of_another_facility(routing: Routing):
    forged = [
        routing.mailbox(STRANGER).SendMessage(upload(b"x", sender=DISTRICT)),
        referred(routing, STRANGER),
        asked(routing, STRANGER),
        booked(routing, STRANGER),
        routing.mailbox(STRANGER).ListMessages(pb.ListMessagesRequest(sender=DISTRICT)),
        routing.mailbox(STRANGER).ListDeadLetters(pb.ListDeadLettersRequest(recipient=DISTRICT)),
        routing.mailbox(STRANGER).ReceiveMessages(pb.ReceiveMessagesRequest(recipient=DISTRICT)),
    ]
    for call in forged:
        assert (await refused(call)).reason == chassis_reasons.FACILITY_MISMATCH.name
    denied = await routing.rows("SELECT 1 FROM audit WHERE NOT allowed AND caller = 'facility/79024'")
    assert len(denied) == len(forged)


@pytest.mark.parametrize(
    "sender", [f"{DISTRICT} ", DISTRICT.upper(), "01999", "/facilities/01999", f"{DISTRICT}\n", ""]
)
async def test_a_sender_is_written_as_a_name_only(routing: Routing, sender: str):
    refusal = await refused(routing.mailbox().SendMessage(upload(b"x", sender=sender)))

    assert (refusal.code, refusal.reason) == (
        StatusCode.INVALID_ARGUMENT,
        chassis_reasons.FIELDS_INVALID.name,
    )


async def test_only_records_acts_for_a_facility_and_it_has_no_mailbox(routing: Routing):
    made = await referred(routing, "service/records")
    for who in ("service/pharmacy", "service/identity"):
        assert (await refused(referred(routing, who))).reason == chassis_reasons.METHOD_DENIED.name
    for who in ("service/records", "operator/an", "authority/vneid"):
        refusal = await refused(routing.mailbox(who).SendMessage(upload(b"x")))
        assert refusal.reason == chassis_reasons.METHOD_DENIED.name

    assert made.sender == DISTRICT


async def test_a_page_token_of_one_hospital_opens_no_row_of_another(routing: Routing):
    for number in range(2):
        await referred(routing, slip_number=f"{number}")
    request = referrals.ListReferralsRequest(person=PERSON, page_size=1, access=ACCESS)
    token = (await routing.referrals().ListReferrals(request)).next_page_token
    assert token
    request.page_token = token

    assert list((await routing.referrals(STRANGER).ListReferrals(request)).referrals) == []
    request.facility = CHO_RAY
    forged = await refused(routing.referrals(STRANGER).ListReferrals(request))
    assert forged.reason == chassis_reasons.PAGE_TOKEN_INVALID.name


async def test_an_operator_who_looks_at_messages_about_a_person_is_in_the_persons_log(routing: Routing):
    name = (await routing.send(person=PERSON)).message.name
    mail = routing.mailbox("operator/an")

    await mail.GetMessage(pb.GetMessageRequest(name=name))
    await mail.ListMessages(pb.ListMessagesRequest(sender=DISTRICT))
    await routing.receipts("operator/an").GetReceipt(
        receipts.GetReceiptRequest(name=f"{name}/receipts/acceptance")
    )

    rows = await routing.rows(
        "SELECT method FROM audit WHERE subject = $1 AND caller = 'operator/an'", PERSON
    )
    assert sorted(row["method"].rpartition("/")[2] for row in rows) == [
        "GetMessage",
        "GetReceipt",
        "ListMessages",
    ]


async def test_vneid_reads_slips_for_the_person_and_on_no_other_ground(routing: Routing):
    made = await referred(routing)
    stub = routing.referrals("authority/vneid")

    refusals = [
        await refused(stub.GetReferral(referrals.GetReferralRequest(name=made.name, access=ACCESS))),
        await refused(stub.ListReferrals(referrals.ListReferralsRequest(person=PERSON, access=ACCESS))),
    ]

    assert {one.reason for one in refusals} == {chassis_reasons.GROUND_DENIED.name}


async def test_an_emergency_without_a_reason_asks_for_no_records(routing: Routing):
    lie = AccessContext(
        practitioner="x", purpose="PURPOSE_TREATMENT", legal_basis="LEGAL_BASIS_EMERGENCY", reason=" "
    )
    request = record_requests.RequestRecordsRequest(
        request_id=key(),
        record_request=RecordRequest(person=PERSON, requester=DISTRICT, holder=PROVINCE),
        access=lie,
    )

    refusal = await refused(routing.record_requests().RequestRecords(request))

    assert refusal.reason == chassis_reasons.GROUND_DENIED.name
    assert await routing.rows("SELECT 1 FROM record_requests") == []


async def test_a_body_moved_to_another_message_does_not_open(routing: Routing):
    one = (await routing.send(b"<one/>")).message.name.rpartition("/")[2]
    other = (await routing.send(b"<other/>")).message.name.rpartition("/")[2]
    await routing.rows(
        "UPDATE messages SET body = (SELECT body FROM messages WHERE id = $1) WHERE id = $2", one, other
    )

    refusal = await refused(
        routing.mailbox().DownloadMessage(pb.DownloadMessageRequest(name=f"messages/{other}"))
    )

    assert (refusal.code, refusal.reason) == (StatusCode.INTERNAL, chassis_reasons.INTERNAL.name)
    assert "one" not in refusal.message


async def test_a_request_id_of_one_method_is_refused_by_another(routing: Routing):
    made = await booked(routing)
    request_id = key()
    stub = routing.appointments()
    await stub.UseAppointment(appointments.UseAppointmentRequest(request_id=request_id, name=made.name))

    refusal = await refused(
        stub.CancelAppointment(appointments.CancelAppointmentRequest(request_id=request_id, name=made.name))
    )

    assert refusal.reason == chassis_reasons.REQUEST_ID_REUSED.name
    assert reasons.APPOINTMENT_STATE.name != refusal.reason
