"""The floors: what the same client gets from the same machine with nothing of ours in between."""

import uuid

from google.protobuf.wrappers_pb2 import StringValue

from .calling import TIMEOUT_S, Caller
from .loads import bench, need
from .site import FLOORS, Site

ROWS = 20_000

# Rows of one COPY, as many as a batch of an import has, and what is in one: like a person, about
# 200 bytes.
COPY_ROWS = 5_000
COPY_NUMBERS = tuple(range(8))
COPY_TEXTS = ("NGUYỄN THỊ A",) * 8

BODY = "x" * 200
WORD = "a word of sixty-four letters, as long as a short answer of ours ."
ANYBODY = "facility/01999"

SELECT = "SELECT body FROM rows WHERE id = $1"
COPIED = "copied"
INSERT = "INSERT INTO kept (body) VALUES ($1)"


async def tables(site: Site) -> None:
    """Make the floors' database and its two tables."""
    async with site.connection("postgres") as admin:
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", FLOORS):
            await admin.execute(f'CREATE DATABASE "{FLOORS}"')
    columns = ", ".join(
        [*(f"n{place} smallint" for place in range(8)), *(f"t{place} text" for place in range(8))]
    )
    async with site.connection(FLOORS) as connection:
        await connection.execute("DROP TABLE IF EXISTS rows, kept, copied")
        await connection.execute("CREATE TABLE rows (id integer PRIMARY KEY, body text NOT NULL)")
        await connection.execute(
            "CREATE TABLE kept (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL)"
        )
        await connection.execute(f"CREATE TABLE copied (id uuid, {columns})")
        await connection.copy_records_to_table("rows", records=((number, BODY) for number in range(ROWS)))
        await connection.execute("VACUUM ANALYZE rows")


@bench(is_floor=True)
async def echo(caller: Caller) -> None:
    """Floor: bare grpc.aio echo of 64 bytes, uvloop, one server process, no TLS."""
    await _echo(caller, "echo", "")


@bench(is_floor=True)
async def echo_tls(caller: Caller) -> None:
    """Floor: the same echo under mutual TLS."""
    await _echo(caller, "echo_tls", ANYBODY)


async def _echo(caller: Caller, place: str, identity: str) -> None:
    method = caller.wires.make_once(
        place,
        lambda: caller.wires.channel(place, identity).unary_unary(
            "/bench.Echo/Echo",
            request_serializer=StringValue.SerializeToString,
            response_deserializer=StringValue.FromString,
        ),
    )
    reply = await method(StringValue(value=WORD), timeout=TIMEOUT_S)
    need(reply.value == WORD, "an echo must give back what it got")


@bench(is_floor=True, rate=100)
async def echo_100(caller: Caller) -> None:
    """Floor: the echo under mutual TLS, at 100 a second; timed from when it was due."""
    await _echo(caller, "echo_tls", ANYBODY)


@bench(is_floor=True, rate=250)
async def echo_250(caller: Caller) -> None:
    """Floor: the echo under mutual TLS, at the nation's peak of look-ups; timed from when it was due."""
    await _echo(caller, "echo_tls", ANYBODY)


@bench(is_floor=True, rate=1000)
async def echo_paced(caller: Caller) -> None:
    """Floor: the echo under mutual TLS; timed from when it was due."""
    await _echo(caller, "echo_tls", ANYBODY)


@bench(is_floor=True, needs=[tables])
async def select(caller: Caller) -> None:
    """Floor: asyncpg, one prepared SELECT by key of 20,000 rows, a connection a caller."""
    connection = await caller.floor_database()
    body = await connection.fetchval(SELECT, caller.random.randrange(ROWS), timeout=TIMEOUT_S)
    need(body == BODY, "the row must be there")


@bench(is_floor=True, needs=[tables])
async def insert(caller: Caller) -> None:
    """Floor: asyncpg, one durable INSERT of a 200-byte row, a commit each, a connection a caller."""
    connection = await caller.floor_database()
    done = await connection.execute(INSERT, BODY, timeout=TIMEOUT_S)
    need(done == "INSERT 0 1", "one row must be written")


async def emptied(site: Site) -> None:
    """Empty the table that COPY fills."""
    async with site.connection(FLOORS) as connection:
        await connection.execute("TRUNCATE copied")


@bench(is_floor=True, needs=[tables], settle=emptied, callers=2, rows=COPY_ROWS)
async def copy(caller: Caller) -> None:
    """Floor: asyncpg, COPY of 5,000 rows of 17 columns into a table without an index, durable."""
    connection = await caller.floor_database()
    rows = ((uuid.uuid4(), *COPY_NUMBERS, *COPY_TEXTS) for _ in range(COPY_ROWS))
    done = await connection.copy_records_to_table(COPIED, records=rows, timeout=TIMEOUT_S)
    need(done == f"COPY {COPY_ROWS}", "every row must be written")
