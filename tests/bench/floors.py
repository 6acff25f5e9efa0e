"""The floors: what the same client gets from the same machine with nothing of ours in between."""

from google.protobuf.wrappers_pb2 import StringValue

from .calling import TIMEOUT, Caller
from .loads import bench, need
from .site import FLOORS, Site

ROWS = 20_000
BODY = "x" * 200
WORD = "a word of sixty-four letters, as long as a short answer of ours ."
ANYBODY = "facility/01999"

SELECT = "SELECT body FROM rows WHERE id = $1"
INSERT = "INSERT INTO kept (body) VALUES ($1)"


async def tables(site: Site) -> None:
    """Make the floors' database and its two tables."""
    async with site.connection("postgres") as admin:
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", FLOORS):
            await admin.execute(f'CREATE DATABASE "{FLOORS}"')
    async with site.connection(FLOORS) as connection:
        await connection.execute("DROP TABLE IF EXISTS rows, kept")
        await connection.execute("CREATE TABLE rows (id integer PRIMARY KEY, body text NOT NULL)")
        await connection.execute(
            "CREATE TABLE kept (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL)"
        )
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
    method = caller.wires.kept(
        place,
        lambda: caller.wires.channel(place, identity).unary_unary(
            "/bench.Echo/Echo",
            request_serializer=StringValue.SerializeToString,
            response_deserializer=StringValue.FromString,
        ),
    )
    reply = await method(StringValue(value=WORD), timeout=TIMEOUT)
    need(reply.value == WORD, "an echo must give back what it got")


@bench(is_floor=True, needs=[tables])
async def select(caller: Caller) -> None:
    """Floor: asyncpg, one prepared SELECT by key of 20,000 rows, a connection a caller."""
    connection = await caller.floor_database()
    body = await connection.fetchval(SELECT, caller.random.randrange(ROWS), timeout=TIMEOUT)
    need(body == BODY, "the row must be there")


@bench(is_floor=True, needs=[tables])
async def insert(caller: Caller) -> None:
    """Floor: asyncpg, one durable INSERT of a 200-byte row, a commit each, a connection a caller."""
    connection = await caller.floor_database()
    done = await connection.execute(INSERT, BODY, timeout=TIMEOUT)
    need(done == "INSERT 0 1", "one row must be written")
