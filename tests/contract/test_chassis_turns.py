"""Everybody gets a turn, whoever floods.  Over a real channel; a gate, and no clock, tells who comes next."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

import pytest
from google.rpc.error_details_pb2 import RetryInfo
from grpc import StatusCode
from grpc.aio import AioRpcError
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from chassis import call_context
from chassis.call_context import Caller
from chassis.errors import rich_status
from chassis.peers import Peer
from chassis.turns import MAX_OPEN, MAX_STREAMS_EACH
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.audit_service_pb2_grpc import AuditServiceStub
from tests.contract.chassis_echo import GOOD, Echo, Stub, serve_echo
from tests.contract.stopped_peer import StoppedPeer
from tests.harness import Refusal, Running, World, eventually, refused

FLOOD, OTHERS = "facility/01999", ["facility/01929", "facility/79999"]
LIMIT = (StatusCode.RESOURCE_EXHAUSTED, reasons.TOO_MANY_CALLS.name)


class Gate(Echo):
    """Holds every call that has its turn until opened, and keeps whose they were, in that order."""

    def __init__(self) -> None:
        super().__init__(say=self.hold)
        self.order: list[str] = []
        self.opened = asyncio.Event()

    async def hold(self) -> str:
        self.order.append(str(call_context.caller()))
        await self.opened.wait()
        return "said"


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def running(world: World, gate: Gate) -> AsyncIterator[Running]:
    """A server with one turn."""
    yield await serve_echo(world, gate, calls_at_once="1")
    gate.opened.set()


def stub(world: World, running: Running, caller: str = FLOOD) -> Stub:
    return Stub(world.channel(running, caller))


async def test_a_flood_of_one_caller_does_not_starve_another(world: World, gate: Gate, running: Running):
    flooding, turns = stub(world, running), running.server.turns
    flood = [asyncio.ensure_future(flooding.Say(GOOD, timeout=60)) for _ in range(200)]
    await eventually(lambda: turns.waiting == 199)
    others = [asyncio.ensure_future(stub(world, running, other).Say(GOOD, timeout=60)) for other in OTHERS]
    await eventually(lambda: turns.calls.keys_waiting == 3)
    gate.opened.set()
    await asyncio.gather(*flood, *others)

    # One of the flood had the turn, one waited before the others came: then they are next.
    assert gate.order[:2] == [FLOOD] * 2
    assert sorted(gate.order[2:4]) == sorted(OTHERS)
    assert gate.order[4:] == [FLOOD] * 198


async def test_a_flood_is_bounded_and_what_is_beyond_is_told_when_to_come_back(
    world: World, gate: Gate, running: Running
):
    """Half of what is free is one caller's: the rest is for whoever comes."""
    flooding, beyond = stub(world, running), 10
    flood = [
        asyncio.ensure_future(_answer(flooding.Say(GOOD, timeout=120))) for _ in range(MAX_OPEN // 2 + beyond)
    ]
    await eventually(lambda: sum(call.done() for call in flood) == beyond)
    other = asyncio.ensure_future(stub(world, running, OTHERS[0]).Say(GOOD, timeout=60))
    await eventually(lambda: running.server.turns.calls.keys_waiting == 2)
    gate.opened.set()
    await other
    answers = await asyncio.gather(*flood)

    refusals = [answer for answer in answers if answer is not None]
    assert len(refusals) == beyond
    assert {(refusal.code, refusal.reason) for refusal in refusals} == {LIMIT}
    assert refusals[0].metadata == {"limit": "waiting", "retry_after_seconds": "1"}


async def test_who_waits_for_a_stopped_peer_keeps_nobody_from_a_turn(world: World, gate: Gate):
    """Its calls are answered when the peer's time is over; those who need no peer come in between."""
    stopped = StoppedPeer()
    await stopped.start()
    world.ending(stopped.close)
    peer = Peer("identity", stopped.address, world.pki.folder("service/echo"))
    world.ending(peer.close)
    ask = Stub(peer.channel).Say

    async def say() -> str:
        if call_context.caller().id == FLOOD.partition("/")[2]:
            await peer.ask(ask, GOOD)
        return "said"

    running = await serve_echo(world, Echo(say=say), calls_at_once="1")
    turns, flooding = running.server.turns, stub(world, running)
    flood = [asyncio.ensure_future(_answer(flooding.Say(GOOD, timeout=30))) for _ in range(40)]
    await eventually(lambda: turns.open[Caller("facility", "01999")] == 40 and not turns.waiting)

    answered = [await stub(world, running, other).Say(GOOD, timeout=60) for other in OTHERS]

    assert [answer.next_page_token for answer in answered] == ["said"] * len(OTHERS)
    assert not any(call.done() for call in flood)
    for call in flood:
        call.cancel()
    await eventually(lambda: not turns.open)


async def test_who_is_denied_waits_for_a_turn_and_health_and_operators_do_not(
    world: World, gate: Gate, running: Running
):
    """A refusal writes a row, and a flood of refusals must not take the store from others."""
    held = asyncio.ensure_future(stub(world, running).Say(GOOD, timeout=60))
    await eventually(lambda: gate.order)
    denied = asyncio.ensure_future(refused(stub(world, running, "pharmacy/NT00001").Say(GOOD, timeout=60)))
    await eventually(lambda: running.server.turns.waiting)

    health = await HealthStub(world.channel(running, OTHERS[0])).Check(HealthCheckRequest())
    listed = await AuditServiceStub(world.channel(running, "operator/an")).ListAccesses(GOOD)
    is_waiting = not denied.done()
    gate.opened.set()

    assert health.status == HealthCheckResponse.SERVING
    assert not listed.accesses
    assert is_waiting
    assert (await denied).code is StatusCode.PERMISSION_DENIED
    await held


async def test_whose_turn_does_not_come_in_time_is_told_when_to_come_back(
    world: World, gate: Gate, running: Running
):
    held = asyncio.ensure_future(stub(world, running).Say(GOOD, timeout=60))
    await eventually(lambda: gate.order)

    with pytest.raises(AioRpcError) as error:
        await stub(world, running, OTHERS[0]).Say(GOOD, timeout=4)

    refusal, retry = await refused(_raised(error.value)), RetryInfo()
    status = rich_status(error.value)
    assert (refusal.code, refusal.reason) == LIMIT
    assert refusal.metadata == {"limit": "time", "retry_after_seconds": "1"}
    assert refusal.message_vi.startswith("Cơ sở đang gửi quá nhiều yêu cầu cùng lúc")
    assert status is not None
    assert any(detail.Unpack(retry) for detail in status.details if detail.Is(RetryInfo.DESCRIPTOR))
    gate.opened.set()
    await held


async def test_who_goes_while_waiting_gives_up_the_turn(world: World, gate: Gate, running: Running):
    held = asyncio.ensure_future(stub(world, running).Say(GOOD, timeout=60))
    await eventually(lambda: gate.order)
    gone = [asyncio.ensure_future(stub(world, running, OTHERS[0]).Say(GOOD, timeout=60)) for _ in range(3)]
    await eventually(lambda: running.server.turns.waiting == 3)
    for call in gone:
        call.cancel()
    await eventually(lambda: running.server.turns.waiting == 0)
    gate.opened.set()
    await held

    assert await stub(world, running, OTHERS[1]).Say(GOOD, timeout=60)
    assert await stub(world, running).Say(GOOD, timeout=60)


async def test_streams_take_no_turn_and_one_caller_has_so_many(world: World, gate: Gate, running: Running):
    held = asyncio.ensure_future(stub(world, running).Say(GOOD, timeout=60))
    await eventually(lambda: gate.order)
    flooding = stub(world, running)
    streams = [flooding.Endless(GOOD) for _ in range(MAX_STREAMS_EACH)]
    first = [(await stream.read()).next_page_token for stream in streams]

    over = await refused(flooding.Endless(GOOD).read())
    other = await stub(world, running, OTHERS[0]).Endless(GOOD).read()
    streams.pop().cancel()

    assert first == ["first"] * MAX_STREAMS_EACH
    assert (over.code, over.reason, over.metadata["limit"]) == (*LIMIT, "streams")
    assert other.next_page_token == "first"

    async def opened() -> bool:
        try:
            return bool(await flooding.Endless(GOOD).read())
        except AioRpcError:
            return False

    assert await eventually(opened)
    gate.opened.set()
    await held


async def _answer(call: Awaitable[object]) -> Refusal | None:
    """Return what *call* was refused with; None when it was answered."""
    try:
        await call
    except AioRpcError as error:
        return await refused(_raised(error))
    return None


async def _raised(error: Exception) -> None:
    raise error
