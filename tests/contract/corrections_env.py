"""What the tests of corrected slips share: records issues and books from a slip; what the mailboxes hold."""

from typing import Any
from uuid import uuid4

from lientuyen.routing.v1 import appointment_service_pb2 as appointments_pb
from lientuyen.routing.v1 import referral_service_pb2 as pb
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.date_pb2 import Date

from .routing_env import ACCESS, DISTRICT, PERSON, PROVINCE, Routing

RECORDS, SENDER, OLD, NEW = "service/records", "facility/01999", "facility/79999", "facility/79024"
SLIP_NAME = "//records.lientuyen/slips/0d6d2f5e-53d5-5c93-9f0d-51a1f2f2a001"
OTHER_SLIP = "//records.lientuyen/slips/0d6d2f5e-53d5-5c93-9f0d-51a1f2f2a002"


def referral_of(**fields: Any) -> Referral:
    values = {
        "person": PERSON,
        "sender": DISTRICT,
        "recipient": PROVINCE,
        "slip_number": "TEST-0012/2026",
        "source_slip": SLIP_NAME,
        **fields,
    }
    return Referral(**values)


async def issue(routing: Routing, slip: bytes = b"<slip/>", caller: str = RECORDS, **fields: Any) -> Referral:
    request = pb.CreateReferralRequest(
        request_id=str(uuid4()), referral=referral_of(**fields), slip=slip, slip_media_type="application/xml"
    )
    return (await routing.referrals(caller).CreateReferral(request)).referral


async def get(routing: Routing, referral: Referral) -> Referral:
    request = pb.GetReferralRequest(name=referral.name, access=ACCESS)
    return (await routing.referrals().GetReferral(request)).referral


async def accept(routing: Routing, referral: Referral) -> None:
    async with routing.receiving(OLD) as inbox:
        await routing.acknowledge(await inbox.next())
    request = pb.AcceptReferralRequest(request_id=str(uuid4()), name=referral.name)
    await routing.referrals(OLD).AcceptReferral(request)


async def mail(routing: Routing, caller: str, count: int) -> list[tuple[Any, str]]:
    """Return what came for *caller*: of each message its kind, or a notice's event, and what it is about."""
    async with routing.receiving(caller) as inbox:
        messages = await inbox.take(count)
        assert await inbox.nothing(0.3)
    return [
        (
            Notice.Event.Name(Notice.FromString(delivery.body).event)
            if delivery.message.kind == Message.KIND_NOTICE
            else Message.Kind.Name(delivery.message.kind),
            delivery.message.about,
        )
        for delivery in messages
    ]


async def book(routing: Routing, caller: str = RECORDS, **fields: Any) -> Appointment:
    values = {
        "person": PERSON,
        "facility": DISTRICT,
        "day": Date(year=2026, month=12, day=1),
        "slip_number": "HK-1",
        "source_slip": SLIP_NAME,
        **fields,
    }
    request = appointments_pb.CreateAppointmentRequest(
        request_id=str(uuid4()), appointment=Appointment(**values)
    )
    return (await routing.appointments(caller).CreateAppointment(request)).appointment
