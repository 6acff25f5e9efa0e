"""The card and the slip that a patient brought, asked of the real identity and the real routing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis import clock
from chassis.peers import BREAKER_FAILURES
from lientuyen.identity.v1.person_pb2 import SEX_FEMALE
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.routing.v1 import appointment_service_pb2 as appointments
from lientuyen.routing.v1 import referral_service_pb2 as referrals
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.date_pb2 import Date
from tests.harness import World
from tests.samples.files import File, sample

from .identity_env import Identity, coverage_row
from .records_env import CARD, NUMBER, Records
from .routing_env import DISTRICT, PROVINCE, Routing

RULES = (
    "card-known",
    "card-in-force",
    "card-not-checked",
    "referral-slip-expired",
    "referral-slip-used",
    "appointment-slip-used",
    "brought-slip-known",
    "brought-slip-ended",
    "brought-slip-not-checked",
)
# The sample's visit was on Friday the 20th.
NOW = datetime(2026, 11, 27, 5, tzinfo=UTC)
CAME = datetime(2026, 11, 20, 1, tzinfo=UTC)


class Exchange:
    """Records between the real identity and the real routing; the person of the sample is registered."""

    def __init__(self, world: World) -> None:
        self.identity, self.routing, self.records = Identity(world), Routing(world), Records(world)
        self.person = ""

    async def start(self) -> "Exchange":
        await self.identity.start()
        person = await self.identity.person(
            personal_id=NUMBER,
            old_id="",
            social_insurance_number="0000000000",
            full_name="Trần Thị Mẫu",
            birth_date=Date(year=1985, month=3, day=12),
            sex=SEX_FEMALE,
        )
        self.person = person.name
        there = self.identity.running.address
        await self.routing.start(identity_address=there)
        await self.records.start(identity_address=there, routing_address=self.routing.running.address)
        return self

    async def card(self, **changes: Any) -> None:
        row = coverage_row(**{"personal_id": NUMBER, "card_number": CARD, **changes})
        progress = await self.identity.import_coverages(row)
        assert not progress.refusals

    async def doubts(self, file: File) -> list[tuple[str, str]]:
        return doubts(await self.records.submit(file.bytes()))

    async def referral(self, number: str = "CT-1", signed: datetime = CAME) -> str:
        """Let the province refer the person to the district, and return the referral's name."""
        referral = Referral(
            person=self.person,
            sender=PROVINCE,
            recipient=DISTRICT,
            slip_number=number,
            diagnosis={"system": "ICD-10", "code": "I21.9"},
        )
        referral.issue_time.FromDatetime(signed)
        request = referrals.CreateReferralRequest(
            request_id=str(uuid4()), referral=referral, slip=b"<slip/>", slip_media_type="text/xml"
        )
        return (await self.routing.referrals("facility/79999").CreateReferral(request)).referral.name

    async def appointment(self) -> str:
        """Book the person for the 20th, and return the appointment's name."""
        appointment = Appointment(
            person=self.person,
            facility=DISTRICT,
            day=Date(year=2026, month=11, day=20),
            slip_number="HK-1",
        )
        request = appointments.CreateAppointmentRequest(request_id=str(uuid4()), appointment=appointment)
        return (await self.routing.appointments().CreateAppointment(request)).appointment.name

    async def use(self, name: str) -> None:
        request = appointments.UseAppointmentRequest(request_id=str(uuid4()), name=name)
        await self.routing.appointments().UseAppointment(request)


def doubts(reply: pb.SubmitDossierResponse) -> list[tuple[str, str]]:
    return [(each.rule, each.path) for each in reply.warnings if each.rule in RULES]


def brought(category: str, number: str) -> File:
    """Return the sample's visit of somebody who came with a slip: for transfer 1.3, re-examination 1.5."""
    file = sample().everywhere("MA_LK", f"SLIP-{uuid4().hex[:8]}").everywhere("MA_DOITUONG_KCB", category)
    file.set("XML1", 1, "GIAY_CHUYEN_TUYEN", number)
    file.everywhere("MA_DKBD", "79999")
    return file.set("XML1", 1, "MA_NOI_DI", "79999" if category == "1.3" else "")


@pytest.fixture
async def exchange(world: World) -> Exchange:
    return await Exchange(world).start()


async def test_a_card_in_force_on_the_day_is_not_doubted(exchange: Exchange):
    await exchange.card()

    assert await exchange.doubts(sample()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_to": Date(year=2026, month=11, day=19)},
        {"valid_from": Date(year=2026, month=11, day=21)},
        {"standing": "120"},
    ],
    ids=["ended the day before", "begins the day after", "stopped"],
)
async def test_a_card_that_was_not_in_force_is_doubted(exchange: Exchange, changes: dict[str, Any]):
    await exchange.card(**changes)

    assert await exchange.doubts(sample()) == [("card-in-force", "XML1.MA_THE_BHYT")]


async def test_the_first_and_the_last_day_of_a_card_count(exchange: Exchange):
    day = Date(year=2026, month=11, day=20)
    await exchange.card(valid_from=day, valid_to=day)

    assert await exchange.doubts(sample()) == []


async def test_a_card_that_the_person_has_not_is_doubted(exchange: Exchange):
    without = await exchange.doubts(sample())
    await exchange.card(card_number="DN4010000000001")

    assert without == [("card-known", "XML1.MA_THE_BHYT")]
    assert await exchange.doubts(sample().everywhere("MA_LK", "B")) == [("card-known", "XML1.MA_THE_BHYT")]


async def referral_in_force(exchange: Exchange) -> None:
    await exchange.referral()


async def no_referral(exchange: Exchange) -> None:
    await exchange.referral("CT-2")


async def old_referral(exchange: Exchange) -> None:
    """The tenth working day after that Thursday was the 19th."""
    await exchange.referral(signed=datetime(2026, 11, 5, 1, tzinfo=UTC))


async def last_day_of_a_referral(exchange: Exchange) -> None:
    await exchange.referral(signed=datetime(2026, 11, 6, 1, tzinfo=UTC))


async def cancelled_referral(exchange: Exchange) -> None:
    name = await exchange.referral()
    request = referrals.CancelReferralRequest(request_id=str(uuid4()), name=name, reason="nhầm")
    await exchange.routing.referrals("facility/79999").CancelReferral(request)


@pytest.mark.parametrize(
    ("issue", "rules"),
    [
        (referral_in_force, []),
        (last_day_of_a_referral, []),
        (no_referral, ["brought-slip-known"]),
        (old_referral, ["referral-slip-expired"]),
        (cancelled_referral, ["brought-slip-ended"]),
    ],
)
async def test_a_transfer_slip_is_known_and_in_force(
    exchange: Exchange, issue: Callable[[Exchange], Awaitable[None]], rules: list[str]
):
    await exchange.card()
    with clock.fixed(NOW):
        await issue(exchange)

        said = await exchange.doubts(brought("1.3", "CT-1"))

    assert said == [(rule, "XML1.GIAY_CHUYEN_TUYEN") for rule in rules]


async def test_a_slip_of_re_examination_that_was_used_before_is_doubted(exchange: Exchange):
    await exchange.card()
    with clock.fixed(NOW):
        name = await exchange.appointment()
        booked = await exchange.doubts(brought("1.5", "HK-1"))
        await exchange.use(name)
        # By the database's own clock it was used today; on that day it is this visit that uses it.
        used = f"UPDATE appointments SET use_time = '{CAME.isoformat()}'"
        await exchange.routing.rows(used)
        that_day = await exchange.doubts(brought("1.5", "HK-1"))
        await exchange.routing.rows(used.replace(CAME.isoformat(), (CAME - timedelta(days=3)).isoformat()))

        before = await exchange.doubts(brought("1.5", "HK-1"))

    assert (booked, that_day) == ([], [])
    assert before == [("appointment-slip-used", "XML1.GIAY_CHUYEN_TUYEN")]


async def test_while_routing_is_down_the_dossier_is_kept_and_says_so(world: World):
    records = await Records(world).start(routing_address=world.nowhere())

    reply = await records.submit(brought("1.3", "CT-1").bytes())

    assert doubts(reply) == [("brought-slip-not-checked", "XML1.GIAY_CHUYEN_TUYEN")]
    assert reply.dossier.warnings == reply.warnings


async def test_while_identity_is_silent_about_cards_the_dossier_is_kept_and_says_so(world: World):
    records = await Records(world).start()
    records.identity.are_cards_unconfirmed = True
    known = await records.submit(sample().bytes())
    another = sample().everywhere("MA_LK", "B").everywhere("MA_THE_BHYT", "DN4010000000009")

    reply = await records.submit(another.bytes())

    # What the source knew last is enough not to doubt, and not enough to doubt.
    assert doubts(known) == []
    assert doubts(reply) == [("card-not-checked", "XML1.MA_THE_BHYT")]


async def test_an_identity_without_cards_is_told_as_not_checked(world: World):
    records = Records(world)

    async def refuse(request: Any, context: Any) -> None:
        raise ValueError("a bug of identity")

    records.identity.CheckEligibility = refuse  # type: ignore[method-assign, assignment]
    await records.start()

    assert doubts(await records.submit(sample().bytes())) == [("card-not-checked", "XML1.MA_THE_BHYT")]


async def test_a_register_that_hangs_holds_up_no_dossier(world: World):
    """Many that ask in vain about cards at one time do not make identity a peer that is left alone."""
    records, hanging = Records(world), asyncio.Event()

    async def hang(request: Any, context: Any) -> None:
        await hanging.wait()

    records.identity.CheckEligibility = hang  # type: ignore[method-assign, assignment]
    await records.start()

    replies = await asyncio.gather(
        *(records.submit(sample().everywhere("MA_LK", f"K-{n}").bytes()) for n in range(2 * BREAKER_FAILURES))
    )
    replies.append(await records.submit(sample().everywhere("MA_LK", "AFTER").bytes()))

    assert {tuple(doubts(reply)) for reply in replies} == {(("card-not-checked", "XML1.MA_THE_BHYT"),)}
