"""The pool and its transactions, against a real PostgreSQL."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    MetaData,
    Table,
    Text,
    any_,
    bindparam,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.dialects.postgresql import UUID as Uuid

from chassis import call_context
from chassis.db import Database
from chassis.db_errors import was_overtaken
from chassis.errors import Conflict, Unavailable
from chassis.sql import sql
from tests.databases import Databases
from tests.harness import PATIENCE

METADATA = MetaData()
things = Table(
    "things",
    METADATA,
    Column("id", Uuid(as_uuid=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("facts", JSONB),
    Column("time", DateTime(timezone=True)),
)

MAKE = sql(
    text(
        "CREATE TABLE things (id uuid PRIMARY KEY, name text NOT NULL, count int NOT NULL,"
        " facts jsonb, time timestamptz)"
    )
)
ADD = sql(insert(things))
GET = sql(select(things).where(things.c.id == bindparam("id")))
GET_ALL = sql(
    select(things.c.name)
    .where(things.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(things.c.name)
)
COUNT = sql(text("SELECT count(*) FROM things"))
BUMP = sql(update(things).where(things.c.id == bindparam("of")).values(count=things.c.count + 1))
DROP = sql(delete(things).where(things.c.count > bindparam("above")))
LOCK = sql(select(things.c.count).where(things.c.id == bindparam("id")).with_for_update())
PID = sql(text("SELECT pg_backend_pid()"))
SLEEP = sql(text("SELECT pg_sleep(:seconds)"))

# A caller of the exchange, for what depends on its deadline.
CALLER = call_context.Caller("facility", "01999")


@pytest.fixture
async def db(databases: Databases) -> AsyncIterator[Database]:
    database = await Database.open(databases.empty(), max_size=3)
    async with database.transaction() as tx:
        await tx.execute(MAKE)
    yield database
    await database.close()


def thing(name: str = "a", **other: object) -> dict[str, object]:
    return {"id": uuid4(), "name": name, "count": 0, "facts": None, "time": None, **other}


async def added(db: Database, *given: dict[str, object]) -> list[UUID]:
    async with db.transaction() as tx:
        await tx.executemany(ADD, given)
    return [UUID(str(one["id"])) for one in given]


async def test_values_come_back_as_they_went_in(db: Database):
    facts = {"groups": ["O", "A"], "tên": "máu", "n": None, "deep": {"x": 1.5}}
    one = thing(facts=facts, time=datetime(2026, 11, 1, 7, 30, tzinfo=UTC))

    await added(db, one)

    async with db.connection() as tx:
        row = await tx.fetchrow(GET, id=one["id"])
    assert row is not None
    assert dict(row) == one


async def test_copy_takes_the_same_values(db: Database):
    rows = [(uuid4(), f"n{i}", i, {"i": i}, None) for i in range(500)]

    async with db.transaction() as tx:
        copied = await tx.copy(things, ["id", "name", "count", "facts", "time"], rows)
        row = await tx.fetchrow(GET, id=rows[7][0])

    assert copied == 500
    assert row is not None
    assert row["facts"] == {"i": 7}


async def test_a_list_is_one_parameter(db: Database):
    ids = await added(db, thing("b"), thing("a"), thing("c"))

    async with db.connection() as tx:
        rows = await tx.fetch(GET_ALL, ids=ids[:2])

    assert [row["name"] for row in rows] == ["a", "b"]


async def test_execute_counts_rows(db: Database):
    await added(db, thing(count=1), thing(count=5), thing(count=6))

    async with db.transaction() as tx:
        assert await tx.execute(DROP, above=4) == 2
        assert await tx.execute(DROP, above=4) == 0
        assert await tx.fetchval(COUNT) == 1


async def test_an_exception_rolls_everything_back(db: Database):
    async def work() -> None:
        async with db.transaction() as tx:
            await tx.execute(ADD, **thing())
            raise KeyError("a bug")

    with pytest.raises(KeyError):
        await work()
    async with db.connection() as tx:
        assert await tx.fetchval(COUNT) == 0


async def write_in_snapshot(db: Database) -> None:
    async with db.snapshot() as tx:
        await tx.execute(ADD, **thing())


async def copy_in_snapshot(db: Database) -> None:
    async with db.snapshot() as tx:
        await tx.copy(things, ["id"], [])


@pytest.mark.parametrize("write", [write_in_snapshot, copy_in_snapshot])
async def test_a_snapshot_refuses_to_write(db: Database, write: Callable[[Database], Awaitable[None]]):
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await write(db)


async def test_a_transaction_is_over_after_its_block(db: Database):
    async with db.transaction() as tx:
        pass

    with pytest.raises(RuntimeError, match="after the end"):
        await tx.fetchval(COUNT)


async def test_a_repeatable_read_sees_one_snapshot(db: Database):
    async with db.snapshot() as tx:
        before = await tx.fetchval(COUNT)
        await added(db, thing())
        assert await tx.fetchval(COUNT) == before


async def test_a_constraint_reaches_the_service_as_the_driver_says_it(db: Database):
    one = thing()
    await added(db, one)

    with pytest.raises(asyncpg.UniqueViolationError):
        await added(db, one)


async def test_a_transaction_that_was_overtaken_is_a_conflict(db: Database):
    (one,) = await added(db, thing())

    async def work() -> None:
        async with db.transaction() as tx:
            await tx.execute(sql(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")))
            await tx.fetchval(COUNT)
            async with db.transaction() as other:
                await other.execute(BUMP, of=one)
            await tx.execute(BUMP, of=one)

    with pytest.raises(Conflict) as refused:
        await work()
    assert was_overtaken(refused.value)
    assert refused.value.reason.name.endswith("WRITE_CONFLICT")


async def test_a_deadlock_is_a_conflict_for_one_and_nothing_for_the_other(db: Database):
    one, two = await added(db, thing(), thing())

    both_locked = asyncio.Barrier(2)

    async def cross(first: UUID, second: UUID) -> None:
        async with db.transaction() as tx:
            await tx.execute(BUMP, of=first)
            await both_locked.wait()
            await tx.execute(BUMP, of=second)

    ends = await asyncio.gather(cross(one, two), cross(two, one), return_exceptions=True)

    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "NoneType"]


async def test_a_spent_pool_is_unavailable_by_the_deadline_of_the_call(db: Database):
    async with db.transaction(), db.transaction(), db.transaction(), asyncio.timeout(20):
        with (
            call_context.calling(call_context.Call("S/M", "p.S/M", CALLER, time.monotonic() + 0.1)),
            pytest.raises(Unavailable) as refused,
        ):
            async with db.transaction():
                pass

    assert refused.value.reason.name.endswith("STORE_UNAVAILABLE")


async def test_a_database_that_is_gone_is_unavailable(databases: Databases):
    url = databases.empty()
    db = await Database.open(url)
    databases.cluster.drop(url.rpartition("/")[2])

    with pytest.raises(Unavailable):
        async with db.transaction() as tx:
            await tx.fetchval(COUNT)
    with pytest.raises(Unavailable):
        await db.ping()
    await db.close()


async def test_a_server_that_is_not_there_is_unavailable(db: Database):
    with pytest.raises(Unavailable):
        await Database.open("postgresql://nobody:x@127.0.0.1:1/none")


async def test_a_connection_that_broke_is_replaced(db: Database):
    with pytest.raises(Unavailable):
        async with db.transaction() as tx:
            await tx.execute(sql(text("SELECT pg_terminate_backend(pg_backend_pid())")))

    async with db.transaction() as tx:
        assert await tx.fetchval(COUNT) == 0


async def test_a_cancelled_call_gives_its_connection_and_its_locks_back(
    db: Database, caplog: pytest.LogCaptureFixture
):
    (one,) = await added(db, thing())

    async def slow() -> None:
        async with db.transaction() as tx:
            await tx.fetchval(LOCK, id=one)
            await tx.execute(SLEEP, seconds=600)

    tasks = [asyncio.create_task(slow()) for _ in range(3)]
    await asyncio.sleep(0.2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    async with asyncio.timeout(PATIENCE), db.transaction() as tx:
        assert await tx.fetchval(LOCK, id=one) == 0
    assert not caplog.records


@pytest.mark.parametrize("writes", [True, False])
async def test_a_call_out_of_time_does_not_wait_for_a_server_that_is_frozen(db: Database, writes: bool):
    pids = []

    async def ask_it_frozen() -> None:
        async with asyncio.timeout(None) as limit, db.transaction() if writes else db.connection() as tx:
            pids.append(await tx.fetchval(PID))
            os.kill(pids[0], signal.SIGSTOP)
            limit.reschedule(asyncio.get_running_loop().time() + 0.5)
            await tx.fetchval(COUNT)

    try:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(TimeoutError):
                await ask_it_frozen()
            async with db.transaction() as tx:
                assert await tx.fetchval(PID) not in pids
    finally:
        os.kill(pids[0], signal.SIGCONT)


async def test_calls_cancelled_anywhere_leave_a_sound_pool(db: Database):
    (one,) = await added(db, thing())

    async def bump() -> None:
        async with db.transaction() as tx:
            await tx.execute(BUMP, of=one)

    for round_ in range(60):
        task = asyncio.create_task(bump())
        await asyncio.sleep(0.00005 * round_)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async with db.transaction() as a, db.transaction() as b, db.transaction() as c:
        assert await a.fetchval(COUNT) == await b.fetchval(COUNT) == await c.fetchval(COUNT) == 1
    async with db.connection() as tx:
        assert (
            await tx.fetchval(sql(text("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'")))
            == 0
        )


async def test_a_session_is_set_up_once_and_safely(db: Database):
    settings = {}
    async with db.connection() as tx:
        for name in (
            "timezone",
            "statement_timeout",
            "idle_in_transaction_session_timeout",
            "application_name",
        ):
            settings[name] = await tx.fetchval(sql(text("SELECT current_setting(:name)")), name=name)

    assert settings == {
        "timezone": "UTC",
        "statement_timeout": "28s",
        "idle_in_transaction_session_timeout": "30s",
        "application_name": "lientuyen",
    }


async def test_statements_are_prepared_once(db: Database):
    async with db.transaction() as tx:
        for _ in range(3):
            await tx.fetchval(COUNT)
        prepared = await tx.fetchval(
            sql(text("SELECT count(*) FROM pg_prepared_statements WHERE statement = :text")), text=COUNT.text
        )

    assert prepared == 1


async def test_a_listener_hears_and_comes_back_after_its_connection_broke(db: Database):
    heard: asyncio.Queue[str] = asyncio.Queue()
    task = asyncio.create_task(db.listen("outbox", heard.put_nowait))
    notify = sql(text("SELECT pg_notify('outbox', :said)"))

    async with asyncio.timeout(PATIENCE):
        assert await heard.get() == ""
        async with db.transaction() as tx:
            await tx.fetchval(notify, said="one")
        assert await heard.get() == "one"
        async with db.transaction() as tx:
            await tx.fetch(
                sql(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"))
            )
        assert await heard.get() == ""
        async with db.transaction() as tx:
            await tx.fetchval(notify, said="two")
        assert await heard.get() == "two"

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_driver_that_lost_its_place_is_an_unavailable_store_and_its_connection_is_closed(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    async def lost(*_: object) -> None:
        raise asyncpg.InternalClientError("cannot switch to state 15; another operation is in progress")

    backends = []

    async def ask() -> None:
        async with db.transaction() as tx:
            backends.append(tx._connection._con)
            monkeypatch.setattr(asyncpg.Connection, "fetchval", lost)
            await tx.fetchval(sql(text("SELECT 1")))

    with pytest.raises(Unavailable) as refused:
        await ask()

    assert refused.value.reason.name.endswith("STORE_UNAVAILABLE")
    assert [backend.is_closed() for backend in backends] == [True]
