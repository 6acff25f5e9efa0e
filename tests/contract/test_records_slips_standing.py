"""What stands at routing, told by the slip: after a lost answer, a refused correction, an end by hand."""

from typing import Any
from uuid import uuid4

import pytest

from chassis.errors import Conflict, InvalidArgument, PermissionDenied, Violation
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.chassis.v1.outbox_service_pb2 import ListDeadEventsRequest, ReplayEventRequest
from lientuyen.chassis.v1.outbox_service_pb2_grpc import OutboxServiceStub
from lientuyen.records.v1.dossier_pb2 import DossierSlip
from lientuyen.routing.v1.appointment_service_pb2 import CancelAppointmentRequest
from lientuyen.routing.v1.message_pb2 import Notice
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.routing.v1.referral_service_pb2 import (
    CancelReferralRequest,
    CancelReferralResponse,
    DeclineReferralRequest,
)
from tests.harness import World, eventually
from tests.samples.files import File

from .slips_env import Exchange, Moody, MoodyReferrals, SlipState, dossier, slip, without

DENIED = PermissionDenied(chassis_reasons.METHOD_DENIED, method="ReferralService/CreateReferral")
BUSY = Conflict(chassis_reasons.WRITE_CONFLICT)
NOT_SENT, SENT = Notice.EVENT_SLIP_NOT_SENT, Notice.EVENT_SLIP_SENT


@pytest.fixture
async def exchange(world: World) -> Exchange:
    return await Exchange(world).start()


@pytest.fixture
async def moody(world: World) -> Moody:
    return await Moody(world).start()


def changed(file: File, value: str = "6.1") -> File:
    """Return another version of a dossier, whose slips are the same."""
    return file.set("XML4", 1, "GIA_TRI", value)


async def lose_answer(exchange: Exchange) -> DossierSlip:
    """Return a transfer slip that routing has; records is as when it ended before routing's answer came."""
    records = exchange.records
    letter = await records.settled(dossier())

    async def is_quiet() -> bool:
        return (await records.events()).keys() == {("slip.referral", "done"), ("slip.appointment", "done")}

    await eventually(is_quiet)
    await records.rows(
        "UPDATE outbox SET state = 'waiting', finish_time = NULL, next_time = now() + interval '1 hour'"
    )
    await records.rows("UPDATE slips SET state = 'pending', resource = ''")
    return letter


async def submit_and_wake(exchange: Exchange, file: File) -> DossierSlip:
    """Submit the next version, let the retries fall due, and return what the transfer slip has become."""
    reply = await exchange.records.submit(file.bytes())
    await exchange.records.rows("UPDATE outbox SET next_time = now() WHERE state = 'waiting'")
    return await exchange.records.settled_of(reply.dossier.name)


async def state_of(exchange: Exchange, letter: DossierSlip) -> Any:
    return (await exchange.referral(letter.resource)).state


async def test_a_slip_that_is_left_out_after_a_lost_answer_is_cancelled_where_it_stands(exchange: Exchange):
    sent = await lose_answer(exchange)
    gone = await submit_and_wake(exchange, without(dossier(), "XML13", "XML14"))

    assert (gone.state, gone.resource) == (SlipState.STATE_CANCELLED, sent.resource)
    assert await state_of(exchange, sent) == Referral.STATE_CANCELLED

    async def cancelled() -> bool:
        appointments = await exchange.routing.rows("SELECT state FROM appointments")
        return [row["state"] for row in appointments] == ["cancelled"]

    await eventually(cancelled)


async def test_a_referral_that_names_no_slip_is_cancelled_by_its_own_name(exchange: Exchange):
    sent = await exchange.records.settled(dossier())
    await exchange.routing.rows("UPDATE referrals SET source_slip = ''")
    gone = await exchange.records.settled(without(dossier(), "XML13"))

    assert (gone.state, gone.resource) == (SlipState.STATE_CANCELLED, sent.resource)
    assert await state_of(exchange, sent) == Referral.STATE_CANCELLED


async def test_a_refused_correction_after_a_lost_answer_names_what_stands(exchange: Exchange):
    sent = await lose_answer(exchange)
    refused = await submit_and_wake(exchange, dossier(to="00000"))

    assert (refused.state, refused.finding.rule) == (SlipState.STATE_NOT_SENT, "slip-recipient-unknown")
    assert refused.resource == sent.resource
    assert await state_of(exchange, sent) == Referral.STATE_ISSUED


async def test_a_slip_that_routing_was_never_asked_about_is_cancelled_too_when_it_is_left_out(
    exchange: Exchange,
):
    sent = await lose_answer(exchange)
    await submit_and_wake(exchange, dossier(to=""))
    gone = await exchange.records.settled(without(dossier(), "XML13"))

    assert (gone.state, gone.resource) == (SlipState.STATE_CANCELLED, sent.resource)
    assert await state_of(exchange, sent) == Referral.STATE_CANCELLED


async def test_a_refused_slip_does_not_name_what_was_cancelled_before(exchange: Exchange):
    await exchange.records.settled(dossier())
    await exchange.records.settled(without(dossier(), "XML13"))

    refused = await exchange.records.settled(dossier(to="00000"))

    assert (refused.state, refused.resource) == (SlipState.STATE_NOT_SENT, "")


async def test_an_unchanged_slip_whose_referral_was_declined_says_so_and_a_changed_one_is_sent(
    exchange: Exchange,
):
    sent = await exchange.records.settled(dossier())
    await exchange.mail("79999", 1)
    decline = DeclineReferralRequest(request_id=str(uuid4()), name=sent.resource, reason="no bed")
    await exchange.routing.referrals("facility/79999").DeclineReferral(decline)

    reply = await exchange.records.submit(changed(dossier()).bytes())
    again = await exchange.records.settled(changed(dossier(), "6.2"))
    renumbered = await exchange.records.settled(dossier(number="TEST-2"))

    assert "slip-ended" in [warning.rule for warning in reply.warnings]
    for letter in (slip(reply.dossier), again):
        assert (letter.state, letter.resource) == (SlipState.STATE_UNCHANGED, sent.resource)
        assert letter.finding.rule == "slip-ended"
        assert sent.resource.rpartition("/")[2] in letter.finding.message_vi
    assert renumbered.state == SlipState.STATE_ISSUED
    assert not renumbered.HasField("finding")


async def test_an_unchanged_slip_whose_appointment_was_cancelled_by_hand_says_so(exchange: Exchange):
    booked = await exchange.records.settled(dossier(), "XML14")
    cancel = CancelAppointmentRequest(request_id=str(uuid4()), name=booked.resource)
    await exchange.routing.appointments("facility/01999").CancelAppointment(cancel)

    again = await exchange.records.settled(changed(dossier()), "XML14")

    assert (again.state, again.resource) == (SlipState.STATE_UNCHANGED, booked.resource)
    assert again.finding.rule == "slip-ended"


async def test_an_unchanged_slip_that_is_in_force_says_nothing(exchange: Exchange):
    await exchange.records.settled(dossier())
    reply = await exchange.records.submit(changed(dossier()).bytes())

    assert [letter.HasField("finding") for letter in reply.dossier.slips] == [False, False]


async def replay(moody: Moody) -> None:
    """Replay the one event that is dead, as an operator."""
    operator = moody.records.stub(OutboxServiceStub, "operator/an")

    async def dead() -> Any:
        return list((await operator.ListDeadEvents(ListDeadEventsRequest())).events)

    (event,) = await eventually(dead)
    await operator.ReplayEvent(ReplayEventRequest(request_id=str(uuid4()), name=event.name))


async def test_a_slip_that_is_given_up_twice_and_sent_at_last_is_told_each_time(moody: Moody):
    moody.referrals.asked["HARD"] = moody.referrals.made["HARD"] = DENIED
    name = (await moody.records.submit(dossier(number="HARD").bytes())).dossier.name

    def events() -> list[Notice.Event]:
        assert {notice.subject for notice in moody.records.mailbox.notices} <= {name}
        return [notice.event for notice in moody.records.mailbox.notices]

    await eventually(lambda: events() == [NOT_SENT])
    await replay(moody)
    await eventually(lambda: events() == [NOT_SENT, NOT_SENT])
    moody.referrals.made.clear()
    await replay(moody)
    await eventually(lambda: events() == [NOT_SENT, NOT_SENT, SENT])

    letter = await moody.records.settled_of(name)
    assert (letter.state, letter.HasField("finding")) == (SlipState.STATE_ISSUED, False)


class OlderReferrals(MoodyReferrals):
    """A routing that knows no `source_slip` of a cancellation: it wants a name."""

    def __init__(self) -> None:
        super().__init__()
        self.cancelled: list[str] = []
        self.refusals = 0

    async def CancelReferral(self, request: CancelReferralRequest, context: Any) -> CancelReferralResponse:
        if not request.name:
            self.refusals += 1
            fault = Violation("name", "string.pattern", "", "")
            raise InvalidArgument(chassis_reasons.FIELDS_INVALID, violations=[fault])
        self.cancelled.append(request.name)
        return CancelReferralResponse()


async def test_of_an_older_routing_a_slip_is_cancelled_by_name(world: World):
    moody = Moody(world, OlderReferrals())
    await moody.start()
    sent = await moody.records.settled(dossier())
    gone = await moody.records.settled(without(dossier(), "XML13"))

    assert (gone.state, gone.resource) == (SlipState.STATE_CANCELLED, sent.resource)
    assert moody.referrals.cancelled == [sent.resource]


async def test_of_an_older_routing_a_slip_without_a_name_is_cancelled_when_the_new_one_is_there(
    world: World,
):
    moody = Moody(world, OlderReferrals())
    await moody.start()
    moody.referrals.made["SLOW"] = BUSY
    await moody.records.submit(dossier(number="SLOW").bytes())
    await eventually(lambda: moody.referrals.attempts["SLOW"] > 0)
    name = (await moody.records.submit(without(dossier(), "XML13").bytes())).dossier.name

    await eventually(lambda: moody.referrals.refusals > 1)

    assert slip(await moody.records.get_dossier(name)).state == SlipState.STATE_PENDING
