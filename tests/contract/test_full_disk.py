"""A database whose disk is full: writes are refused, reads go on and are logged, nothing is lost."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import pytest
from grpc import StatusCode
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chassis import store_reserve
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.routing.v1.receipt_service_pb2 import GetReceiptRequest
from tests.databases import Databases, Templates
from tests.harness import Pki, Refusal, World, eventually, refused

from .full_disks import SmallDisk, small_disk
from .routing_env import PERSON, Routing

UNWRITABLE = (StatusCode.UNAVAILABLE, reasons.STORE_UNWRITABLE.name)
RESERVE_MIB = 32
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING

FULL = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file'; END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again soon."""
    monkeypatch.setattr(store_reserve, "RETRY_INTERVAL_S", 0.5)
    monkeypatch.setattr(store_reserve, "LOOK_INTERVAL_S", 0.5)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path) as made:
        yield made


@pytest.fixture
async def routing(
    disk: SmallDisk, pki: Pki, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Routing]:
    """Routing on that disk, with its reserve."""
    world = World(Databases(Templates(disk.cluster)), pki, tmp_path_factory.mktemp("world"))
    routing = await Routing(world).start(reserve_mib=RESERVE_MIB)
    await eventually(lambda: reserved(routing))
    yield routing
    await world.close()


async def reserved(routing: Routing) -> bool:
    (row,) = await routing.rows("SELECT pg_relation_size(to_regclass('store_reserve')) >> 20 AS mib")
    return row["mib"] == RESERVE_MIB


async def health(routing: Routing, service: str) -> Any:
    stub = health_pb2_grpc.HealthStub(routing.world.channel(routing.running))
    return (await stub.Check(health_pb2.HealthCheckRequest(service=service))).status


async def takes_writes(routing: Routing) -> bool:
    return await health(routing, "writes") == SERVING


async def takes_no_writes(routing: Routing) -> bool:
    return await health(routing, "writes") == NOT_SERVING


async def send_until_refused(routing: Routing, sent: dict[str, bytes]) -> Refusal:
    """Send until the disk has no room; note the name of each message that was taken, and its body."""
    while True:
        body = uuid4().bytes * 500
        try:
            answer = await routing.send(body, person=PERSON)
        except grpc.aio.AioRpcError as error:
            return await refused(raising(error))
        sent[answer.message.name] = body


async def raising(error: grpc.aio.AioRpcError) -> None:
    raise error


async def is_taken(routing: Routing, body: bytes, request_id: str) -> bool:
    """Send *body*; whether it was taken."""
    try:
        await routing.send(body, request_id=request_id)
    except grpc.aio.AioRpcError:
        return False
    return True


async def reads(routing: Routing, name: str) -> int:
    """Look at the message *name* as its sender, and return how many rows the access log then has of it."""
    await routing.get(name)
    return len(await routing.audit(PERSON))


async def test_a_full_disk_stops_writes_and_no_reads_and_nothing_is_lost(disk: SmallDisk, routing: Routing):
    await disk.warm()
    sent: dict[str, bytes] = {}
    first = await routing.send(b"before", person=PERSON, request_id=(request_id := str(uuid4())))

    disk.fill()
    refusal = await send_until_refused(routing, sent)

    assert (refusal.code, refusal.reason, refusal.metadata) == (*UNWRITABLE, {"cause": "disk_full"})
    await eventually(lambda: takes_no_writes(routing))
    assert await health(routing, "") == SERVING
    assert [await reads(routing, first.message.name) for _ in range(50)] == list(range(1, 51))
    assert await routing.send(b"before", person=PERSON, request_id=request_id) == first
    await routing.receipts().GetReceipt(GetReceiptRequest(name=f"{first.message.name}/receipts/acceptance"))
    assert (await refused(routing.send())).reason == UNWRITABLE[1]

    disk.free()
    last = str(uuid4())
    await eventually(lambda: is_taken(routing, b"at last", last))
    await eventually(lambda: takes_writes(routing))
    async with routing.receiving(outstanding=len(sent) + 2) as inbox:
        received = {one.message.name: one.body for one in await inbox.take(len(sent) + 2)}

    assert received.items() >= sent.items()
    assert list(received.values())[-1] == b"at last"
    assert "PANIC" not in disk.log()


async def test_postgresql_that_stops_for_want_of_wal_recovers_by_itself_and_reads_go_on(
    disk: SmallDisk, routing: Routing
):
    sent = [(await routing.send(b"before", person=PERSON)).message.name for _ in range(5)]
    disk.fill()

    await disk.exhaust_wal()
    await eventually(lambda: "PANIC" in disk.log() and "redo done" in disk.log())

    await eventually(lambda: reads_again(routing, sent[0]))
    await eventually(lambda: takes_no_writes(routing))
    disk.free()
    await eventually(lambda: is_taken(routing, b"at last", last))
    async with routing.receiving(outstanding=9) as inbox:
        received = [one.message.name for one in await inbox.take(6)]
    assert received[:5] == sent


last = str(uuid4())


async def reads_again(routing: Routing, name: str) -> bool:
    try:
        return bool(await reads(routing, name))
    except (grpc.aio.AioRpcError, asyncpg.PostgresError, OSError):
        return False
