"""A database that takes no writes (53100, 25006): refused at once, reads logged, and it comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import pytest
from grpc import StatusCode
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chassis import store_reserve
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.audit_service_pb2 import ListAccessesRequest
from lientuyen.chassis.v1.audit_service_pb2_grpc import AuditServiceStub
from tests.harness import Refusal, World, eventually, refused

from .routing_env import PERSON, Routing

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING

# The disk is full for whatever needs room but the access log, which has some left.
REFUSE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file'; END $$
"""
FULL = "CREATE TRIGGER full_disk BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse()"

# And there is no room for the reserve either.
NO_RESERVE = """
    CREATE FUNCTION refuse_table() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file'; END $$
"""
FULL_FOR_TABLES = """
    CREATE EVENT TRIGGER no_table ON ddl_command_end WHEN TAG IN ('CREATE TABLE AS')
    EXECUTE FUNCTION refuse_table()
"""


RESERVE = "SELECT FROM pg_class WHERE relname = 'store_reserve'"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_reserve, "RETRY_INTERVAL_S", 0.3)
    monkeypatch.setattr(store_reserve, "LOOK_INTERVAL_S", 0.3)


@pytest.fixture
async def routing(world: World) -> Routing:
    routing = await Routing(world).start(reserve_mib=1)
    await eventually(lambda: routing.rows(RESERVE))
    return routing


async def run(routing: Routing, *statements: str) -> None:
    for statement in statements:
        await routing.rows(statement)


@asynccontextmanager
async def full_disk(routing: Routing) -> AsyncIterator[None]:
    """Let the disk be full inside the block."""
    await run(routing, REFUSE, FULL, NO_RESERVE, FULL_FOR_TABLES)
    yield
    await run(routing, "DROP EVENT TRIGGER no_table", "DROP TRIGGER full_disk ON messages")


async def health(routing: Routing, service: str) -> Any:
    stub = health_pb2_grpc.HealthStub(routing.world.channel(routing.running))
    return (await stub.Check(health_pb2.HealthCheckRequest(service=service))).status


async def writes_are(routing: Routing, status: Any) -> bool:
    return bool(await health(routing, "writes") == status)


async def is_taken(routing: Routing, request_id: str) -> bool:
    try:
        await routing.send(b"at last", request_id=request_id)
    except grpc.aio.AioRpcError:
        return False
    return True


def said(refusal: Refusal) -> tuple[StatusCode, str, str]:
    return refusal.code, refusal.reason, refusal.metadata["cause"]


async def test_writes_are_refused_with_a_reason_reads_go_on_and_writes_come_back_by_themselves(
    routing: Routing,
):
    request_id = str(uuid4())
    sent = await routing.send(person=PERSON, request_id=request_id)

    async with full_disk(routing):
        refusal = await refused(routing.send())
        assert said(refusal) == (StatusCode.UNAVAILABLE, reasons.STORE_UNWRITABLE.name, "disk_full")
        await eventually(lambda: writes_are(routing, NOT_SERVING))
        assert await health(routing, "") == await health(routing, "liveness") == SERVING
        await routing.get(sent.message.name)
        assert await routing.audit(PERSON) == [("facility/01999", "MailboxService/GetMessage", True, False)]
        again = await routing.send(person=PERSON, request_id=request_id)
        assert again == sent

    request_id = str(uuid4())
    await eventually(lambda: is_taken(routing, request_id))
    await eventually(lambda: writes_are(routing, SERVING))
    assert len(await routing.rows("SELECT FROM messages")) == 2


async def test_what_cannot_be_written_does_not_reach_the_database(routing: Routing):
    async with full_disk(routing):
        await refused(routing.send())
        await eventually(lambda: writes_are(routing, NOT_SERVING))
        await run(routing, "DROP TRIGGER full_disk ON messages")

        refusal = await refused(routing.send())  # it would be taken now, if it were tried

        assert refusal.reason == reasons.STORE_UNWRITABLE.name
        await run(routing, FULL)


async def test_a_replica_that_does_not_write_learns_it_from_the_one_that_does(routing: Routing, world: World):
    other = Routing(world)
    await other.start(reserve_mib=1, database_url=routing.running.settings.database_url)
    await asyncio.sleep(1)  # it has seen the reserve; if not, it finds the disk full by itself

    async with full_disk(routing):
        await refused(routing.send())
        await eventually(lambda: writes_are(other, NOT_SERVING))
        assert await health(other, "") == SERVING

    await eventually(lambda: writes_are(other, SERVING))
    await eventually(lambda: writes_are(routing, SERVING))


async def test_the_access_log_can_be_read_while_the_disk_is_full(routing: Routing):
    await routing.get((await routing.send(person=PERSON)).message.name)

    async with full_disk(routing):
        await refused(routing.send())
        request = ListAccessesRequest(subject=PERSON)
        answer = await routing.stub(AuditServiceStub, "authority/vneid").ListAccesses(request)
        assert len(answer.accesses) == 1


async def test_a_read_whose_row_finds_no_room_is_refused(routing: Routing):
    sent = await routing.send(person=PERSON)

    async with full_disk(routing):
        await run(routing, FULL.replace("messages", "audit"))
        refusal = await refused(routing.get(sent.message.name))
        assert said(refusal) == (StatusCode.UNAVAILABLE, reasons.STORE_UNWRITABLE.name, "disk_full")
        await run(routing, "DROP TRIGGER full_disk ON audit")
        await routing.get(sent.message.name)


async def set_read_only(routing: Routing, value: str) -> None:
    url = routing.running.settings.database_url
    name = url.rpartition("/")[2]
    admin = await asyncpg.connect(url.removesuffix(name) + "postgres")
    try:
        await admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}')
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    finally:
        await admin.close()


async def reason_of_refusal(routing: Routing) -> str:
    try:
        await routing.send()
    except grpc.aio.AioRpcError as error:
        return (await refused(raising(error))).reason
    return ""


async def raising(error: grpc.aio.AioRpcError) -> None:
    raise error


async def test_a_database_that_was_made_read_only_is_told_and_comes_back(routing: Routing):
    sent = await routing.send()
    await set_read_only(routing, "on")

    async def is_refused_for_it() -> bool:
        return await reason_of_refusal(routing) == reasons.STORE_UNWRITABLE.name

    await eventually(is_refused_for_it)
    await eventually(lambda: writes_are(routing, NOT_SERVING))
    assert (await refused(routing.send())).metadata == {"cause": "read_only"}
    assert (await routing.get(sent.message.name)).name == sent.message.name

    await set_read_only(routing, "off")
    request_id = str(uuid4())
    await eventually(lambda: is_taken(routing, request_id))
    await eventually(lambda: writes_are(routing, SERVING))


async def test_many_at_once_hear_the_same_and_none_is_half_done(routing: Routing):
    async with full_disk(routing):
        refusals = await asyncio.gather(*(refused(routing.send()) for _ in range(30)))
        assert {refusal.reason for refusal in refusals} == {reasons.STORE_UNWRITABLE.name}
        for table in ("messages", "replies", "receipts", "mailbox_shares"):
            assert not await routing.rows(f"SELECT FROM {table}")
