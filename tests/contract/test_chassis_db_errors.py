"""What a caller is told when PostgreSQL is full, stopping, or was migrated meanwhile."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import uuid4

import asyncpg
import pytest
from grpc import StatusCode
from sqlalchemy import text

from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.errors import Conflict, DeadlineExceeded, InvalidArgument, ServiceError, Unavailable
from chassis.idempotency import Idempotency
from chassis.sql import Sql, sql
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.outbox_service_pb2 import StopEventRequest, StopEventResponse
from tests.contract.chassis_echo import GOOD, Echo, Stub
from tests.databases import Databases
from tests.harness import Running, refused

# A migration makes a column wider: the type of a result changes under whoever has prepared its reading.
MAKE = "CREATE TABLE stays (id int PRIMARY KEY, number varchar(10) NOT NULL)"
WIDEN = "ALTER TABLE stays ALTER COLUMN number TYPE text, ALTER COLUMN id TYPE bigint"
READ = sql(text("SELECT id, number FROM stays ORDER BY id"))
ADD = sql(
    text("INSERT INTO stays SELECT id, 'x' FROM unnest(CAST(:ids AS int[])) AS id RETURNING id, number")
)

Work = Callable[[Database], Awaitable[int]]


def raises(sqlstate: str) -> str:
    """Return a statement that PostgreSQL refuses with *sqlstate*."""
    return f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}', MESSAGE = 'as if'; END $$"


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("53100", Unavailable),  # disk_full
        ("53200", Unavailable),  # out_of_memory
        ("53300", Unavailable),  # too_many_connections
        ("53400", Unavailable),  # configuration_limit_exceeded
        ("58000", Unavailable),  # system_error
        ("58030", Unavailable),  # io_error
        ("58P01", Unavailable),  # undefined_file
        ("57P01", Unavailable),  # admin_shutdown
        ("57P03", Unavailable),  # cannot_connect_now
        ("57P04", Unavailable),  # database_dropped
        ("57P05", Unavailable),  # idle_session_timeout
        ("25006", Unavailable),  # read_only_sql_transaction: what providers do to a disk that fills
        ("25P03", Unavailable),  # idle_in_transaction_session_timeout
        ("28P01", Unavailable),  # invalid_password
        ("08006", Unavailable),  # connection_failure
        ("57014", DeadlineExceeded),  # query_canceled
        ("40001", Conflict),  # serialization_failure
        ("40P01", Conflict),  # deadlock_detected
        ("40003", Conflict),  # statement_completion_unknown
        ("22021", InvalidArgument),  # character_not_in_repertoire
    ],
)
async def test_what_is_wrong_with_the_store_is_told_by_what_the_caller_can_do(
    db: Database, sqlstate: str, kind: type[ServiceError]
):
    with pytest.raises(kind):
        async with db.transaction() as tx:
            await tx.execute(sql(text(raises(sqlstate)), operation="DO"))


@pytest.mark.parametrize("sqlstate", ["23505", "42P01", "42501", "54001", "XX000", "XX001", "55P03"])
async def test_what_a_service_catches_or_nobody_meant_stays_as_the_driver_says_it(
    db: Database, sqlstate: str
):
    with pytest.raises(asyncpg.PostgresError) as refused_with:
        async with db.transaction() as tx:
            await tx.execute(sql(text(raises(sqlstate)), operation="DO"))

    assert refused_with.value.sqlstate == sqlstate


async def test_a_full_disk_is_no_bug_to_the_caller(stub: Stub, echo: Echo, running: Running):
    async def write() -> str:
        async with running.db.transaction() as tx:
            await tx.execute(sql(text(raises("53100")), operation="DO"))
        return "written"

    echo.say = write
    refusal = await refused(stub.Say(GOOD))

    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, reasons.STORE_UNWRITABLE.name)


async def read_alone(db: Database) -> int:
    async with db.connection() as tx:
        return len(await tx.fetch(READ))


async def read_in_transaction(db: Database) -> int:
    async with db.transaction() as tx:
        return len(await tx.fetch(READ))


async def read_in_snapshot(db: Database) -> int:
    async with db.snapshot() as tx:
        await tx.fetchval(sql(text("SELECT 1")))
        return len(await tx.fetch(READ))


async def prepare(running: Running, statement: Sql, **params: object) -> None:
    """Run *statement* on each connection of the pool, which keeps it prepared."""
    async with AsyncExitStack() as stack:
        for _ in range(running.settings.pool_size):
            tx = await stack.enter_async_context(running.db.transaction())
            await tx.fetch(statement, **params)


async def migrate(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


@pytest.mark.parametrize("work", [read_alone, read_in_transaction, read_in_snapshot])
async def test_a_read_that_was_prepared_before_a_migration_is_run_again(
    stub: Stub, echo: Echo, running: Running, work: Work
):
    url = running.settings.database_url
    await migrate(url, MAKE)
    counts = []

    async def say() -> str:
        counts.append(await work(running.db))
        return "read"

    echo.say = say
    await prepare(running, READ)
    await migrate(url, WIDEN)

    assert (await stub.Say(GOOD)).next_page_token == "read"
    assert counts == [0]


async def test_a_write_that_was_prepared_before_a_migration_is_done_once(
    stub: Stub, echo: Echo, running: Running
):
    url = running.settings.database_url
    await migrate(url, MAKE)
    idempotency = Idempotency(running.db, Encryptor(running.settings.keys_dir))

    async def add(tx: Transaction) -> StopEventResponse:
        await tx.fetch(ADD, ids=[1])
        return StopEventResponse()

    async def say() -> str:
        await idempotency.run_once(request, StopEventResponse, add)
        return "written"

    echo.say = say
    request = StopEventRequest(request_id=str(uuid4()))
    await prepare(running, ADD, ids=[])
    await migrate(url, WIDEN)
    await stub.Say(GOOD)

    assert await read_alone(running.db) == 1


async def test_a_stream_that_cannot_be_run_again_is_one_to_ask_for_again(
    stub: Stub, echo: Echo, running: Running
):
    url = running.settings.database_url
    await migrate(url, MAKE)
    await prepare(running, READ)
    await migrate(url, WIDEN)

    async def say() -> str:
        return str(await read_in_transaction(running.db))

    echo.say = say
    refusal = await refused(stub.Split(GOOD))

    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, reasons.STORE_UNAVAILABLE.name)
    assert [reply.next_page_token async for reply in stub.Split(GOOD)] == ["0"] * 3


async def test_a_database_that_wants_another_password_is_unavailable(databases: Databases):
    url = databases.empty()
    user, _, rest = url.partition("@")

    with pytest.raises(Unavailable):
        await Database.open(f"{user}x@{rest}")
    with pytest.raises(Unavailable):
        await Database.open(f"{url}_none")
