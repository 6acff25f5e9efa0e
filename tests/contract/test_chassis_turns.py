"""Everybody gets a turn, whoever floods.  Over a real channel; a gate, and no clock, tells who comes next."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from google.rpc.error_details_pb2 import RetryInfo
from grpc import StatusCode
from grpc.aio import AioRpcError
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from chassis import call_context
from chassis.errors import rich_status
from chassis.turns import MAX_STREAMS_EACH
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.audit_service_pb2_grpc import AuditServiceStub
from tests.contract.chassis_echo import GOOD, Echo, Stub, serve_echo
from tests.harness import Running, World, eventually, refused

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
    flooding, waiting = stub(world, running), running.server.turns.calls
    flood = [asyncio.ensure_future(flooding.Say(GOOD, timeout=60)) for _ in range(200)]
    await eventually(lambda: waiting.waiting == 199)
    others = [asyncio.ensure_future(stub(world, running, other).Say(GOOD, timeout=60)) for other in OTHERS]
    await eventually(lambda: waiting.keys_waiting == 3)
    gate.opened.set()
    await asyncio.gather(*flood, *others)

    # One of the flood had the turn, one waited before the others came: then they are next.
    assert gate.order[:2] == [FLOOD] * 2
    assert sorted(gate.order[2:4]) == sorted(OTHERS)
    assert gate.order[4:] == [FLOOD] * 198


async def test_who_is_denied_waits_for_a_turn_and_health_and_operators_do_not(
    world: World, gate: Gate, running: Running
):
    """A refusal writes a row, and a flood of refusals must not take the store from others."""
    held = asyncio.ensure_future(stub(world, running).Say(GOOD, timeout=60))
    await eventually(lambda: gate.order)
    denied = asyncio.ensure_future(refused(stub(world, running, "pharmacy/NT00001").Say(GOOD, timeout=60)))
    await eventually(lambda: running.server.turns.calls.waiting)

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
    await eventually(lambda: running.server.turns.calls.waiting == 3)
    for call in gone:
        call.cancel()
    await eventually(lambda: running.server.turns.calls.waiting == 0)
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


async def _raised(error: Exception) -> None:
    raise error
