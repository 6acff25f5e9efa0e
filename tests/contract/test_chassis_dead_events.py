"""The operator's door to the dead events of a service: listing, replaying, stopping."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from grpc import StatusCode
from sqlalchemy import text

from chassis import clock, spans
from chassis.errors import NotFound, Unavailable
from chassis.outbox import MAX_PEER_OUTAGE, RETRY_POLICY, Event
from chassis.sql import sql
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1 import outbox_service_pb2 as pb
from lientuyen.chassis.v1.outbox_service_pb2_grpc import OutboxServiceStub
from tests.contract.outbox_relay import NOTHING_THERE, Receiver, is_all, relaying, send, states
from tests.harness import Running, World, eventually, refused

OPERATOR = "operator/an"
SECRET = b"Nguyen Van A 001885000016"


@pytest.fixture
def operator(world: World, running: Running) -> Any:
    return OutboxServiceStub(world.channel(running, OPERATOR))


async def dead(running: Running, *payloads: bytes, key: str = "") -> list[UUID]:
    """Publish events that are given up, and return their ids in order."""
    receiver = Receiver(*(NotFound(NOTHING_THERE, name="x") for _ in payloads))
    with spans.server_span("lientuyen.test.v1.EchoService/Say", ()):
        ids = await send(running.db, *payloads, key=key)
    async with relaying(running.db, told=receiver):
        await eventually(lambda: is_all(running.db, "dead"))
    return ids


def name_of(event: UUID, service: str = "echo") -> str:
    return f"//{service}.lientuyen/events/{event}"


NOBODY = UUID("c5e91e84-8076-49a6-95b8-e6ff6c2f0049")


def replay(event: UUID | str, request_id: str | None = None) -> pb.ReplayEventRequest:
    name = event if isinstance(event, str) else name_of(event)
    return pb.ReplayEventRequest(request_id=request_id or str(uuid4()), name=name)


def stop(event: UUID) -> pb.StopEventRequest:
    return pb.StopEventRequest(request_id=str(uuid4()), name=name_of(event))


async def audited(running: Running) -> list[tuple[str, str, str]]:
    rows = sql(text("SELECT caller, method, subject FROM audit ORDER BY access_time"))
    async with running.db.connection() as tx:
        return [(row[0], row[1].rpartition("/")[2], row[2]) for row in await tx.fetch(rows)]


async def test_the_dead_are_listed_with_what_an_operator_must_know_and_without_their_content(
    running: Running, operator: Any
):
    [event_id] = await dead(running, SECRET, key="dossiers/1/XML13")

    reply = await operator.ListDeadEvents(pb.ListDeadEventsRequest())

    [event] = reply.events
    assert (event.name, event.state) == (name_of(event_id), pb.Event.STATE_DEAD)
    assert (event.topic, event.key, event.attempts) == ("told", "dossiers/1/XML13", 1)
    assert event.last_error == "NotFound ERROR_REASON_NOTHING_THERE"
    assert event.create_time.seconds <= event.finish_time.seconds
    assert len(bytes.fromhex(event.trace_id)) == 16
    assert SECRET not in reply.SerializeToString()
    assert await audited(running) == [(OPERATOR, "ListDeadEvents", "//echo.lientuyen/events/-")]


async def test_they_come_in_pages_the_last_given_up_first(running: Running, operator: Any):
    for payload in (b"1", b"2", b"3"):
        await dead(running, payload)

    first = await operator.ListDeadEvents(pb.ListDeadEventsRequest(page_size=2))
    more = pb.ListDeadEventsRequest(page_size=2, page_token=first.next_page_token)
    second = await operator.ListDeadEvents(more)

    times = [event.finish_time.ToNanoseconds() for event in (*first.events, *second.events)]
    assert (len(first.events), len(second.events), second.next_page_token) == (2, 1, "")
    assert times == sorted(times, reverse=True)


async def test_a_replayed_event_is_delivered_once_and_a_repeated_request_does_nothing_more(
    running: Running, operator: Any
):
    [event_id] = await dead(running, b"x")
    request, receiver = replay(event_id), Receiver()

    replies = [await operator.ReplayEvent(request) for _ in range(2)]
    async with relaying(running.db, told=receiver):
        await eventually(lambda: is_all(running.db, "done"))

    assert [reply.event.state for reply in replies] == [pb.Event.STATE_WAITING] * 2
    assert (receiver.payloads, receiver.taken[0].attempts) == ([b"x"], 1)
    assert await audited(running) == [(OPERATOR, "ReplayEvent", name_of(event_id))]


async def test_a_dead_event_and_one_that_waits_can_be_stopped(running: Running, operator: Any):
    [dead_id] = await dead(running, b"dead")
    [waiting_id] = await send(running.db, b"waits")

    replies = [await operator.StopEvent(stop(event)) for event in (dead_id, waiting_id)]

    assert [reply.event.state for reply in replies] == [pb.Event.STATE_STOPPED] * 2
    assert await states(running.db) == ["stopped", "stopped"]
    assert [row[1:] for row in await audited(running)] == [
        ("StopEvent", name_of(dead_id)),
        ("StopEvent", name_of(waiting_id)),
    ]


async def test_what_is_done_is_neither_replayed_nor_stopped(running: Running, operator: Any):
    [event_id] = await send(running.db, b"x")
    async with relaying(running.db, told=Receiver()):
        await eventually(lambda: is_all(running.db, "done"))

    for call in (operator.ReplayEvent(replay(event_id)), operator.StopEvent(stop(event_id))):
        refusal = await refused(call)
        assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.EVENT_STATE.name)
        assert refusal.metadata == {"name": name_of(event_id), "state": "done"}


@pytest.mark.parametrize("name", [f"events/{NOBODY}", name_of(NOBODY)])
async def test_an_event_that_is_not_there_is_not_found(operator: Any, name: str):
    refusal = await refused(operator.ReplayEvent(replay(name)))

    assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, reasons.EVENT_NOT_FOUND.name)


async def test_an_event_of_another_service_is_not_taken_for_ones_own(running: Running, operator: Any):
    [event_id] = await dead(running, b"x")

    refusal = await refused(operator.ReplayEvent(replay(name_of(event_id, "routing"))))

    assert refusal.reason == reasons.EVENT_NOT_FOUND.name
    assert await states(running.db) == ["dead"]
    assert (await operator.ReplayEvent(replay(f"events/{event_id}"))).event.name == name_of(event_id)


@pytest.mark.parametrize(
    "caller", ["facility/01999", "service/records", "authority/vneid", "pharmacy/NT00001"]
)
async def test_the_door_is_for_operators(world: World, running: Running, caller: str):
    stub = OutboxServiceStub(world.channel(running, caller))

    for call in (
        stub.ListDeadEvents(pb.ListDeadEventsRequest()),
        stub.ReplayEvent(replay(uuid4())),
        stub.StopEvent(stop(uuid4())),
    ):
        assert (await refused(call)).code is StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("service", ["identity", "records", "routing", "pharmacy"])
async def test_every_service_has_the_door(world: World, service: str):
    settings = {f"{peer}_address": world.nowhere() for peer in ("identity", "routing", "pharmacy")}
    started = await world.start(service, **settings)
    stub = OutboxServiceStub(world.channel(started, OPERATOR))

    assert await stub.ListDeadEvents(pb.ListDeadEventsRequest()) == pb.ListDeadEventsResponse()
    refusal = await refused(stub.StopEvent(stop(uuid4())))
    assert refusal.code is StatusCode.NOT_FOUND


def test_a_replayed_event_has_its_attempts_though_its_first_day_is_long_over():
    down = Unavailable(reasons.PEER_UNAVAILABLE, peer="routing")

    def is_spent(attempts: int) -> bool:
        event = Event(uuid4(), "told", "", b"", attempts, clock.now(), age=9 * MAX_PEER_OUTAGE)
        return RETRY_POLICY.is_spent(event, down)

    assert [is_spent(attempts) for attempts in (1, 11, 12)] == [False, False, True]
