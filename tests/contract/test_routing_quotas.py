"""What may wait in mailboxes: refused exactly at its limit, however many send at once, with nothing left."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import pytest
from alembic import command
from grpc import StatusCode
from sqlalchemy import Connection

from chassis import migrate
from chassis.migrate import run_in_new_loop
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.record_request_pb2 import RecordRequest
from lientuyen.routing.v1.record_request_service_pb2 import RequestRecordsRequest
from services.routing.app import quotas_of
from services.routing.model.messages import SYSTEM_SENDER
from services.routing.settings import Settings
from services.routing.store.mailbox_shares import lock_shares
from tests.harness import Databases, Refusal, World, eventually, refused
from tests.metrics import Observed

from .routing_env import CHO_RAY, CONSENTED, DISTRICT, PERSON, PROVINCE, Routing, upload

MIB = 1024 * 1024
USED_UP = (StatusCode.RESOURCE_EXHAUSTED, reasons.QUOTA_USED_UP.name)

# What the table must say, by what is there.
RECOUNTED = """
    SELECT recipient, sender, count(*) AS messages, sum(size)::bigint AS bytes FROM messages
    WHERE state IN ('accepted', 'leased', 'dead') AND sender <> '//routing.lientuyen/exchange'
    GROUP BY recipient, sender ORDER BY recipient, sender
"""
COUNTED = """
    SELECT recipient, sender, messages, bytes FROM mailbox_shares WHERE messages <> 0 OR bytes <> 0
    ORDER BY recipient, sender
"""


async def open_quotas(world: World, **settings: Any) -> Routing:
    """Start routing with these quotas and the usual ones; nothing is reserved."""
    return await Routing(world).start(**{"reserved_messages": 0, "reserved_mib": 0, **settings})


async def count(routing: Routing, table: str) -> int:
    return int((await routing.rows(f"SELECT count(*) FROM {table}"))[0][0])


async def no_pieces(routing: Routing) -> bool:
    return not await count(routing, "pieces")


def said(refusal: Refusal) -> tuple[str, str, str]:
    return refusal.metadata["quota"], refusal.metadata["used"], refusal.metadata["limit"]


async def test_a_sender_fills_its_share_and_is_told_which_quota_how_much_and_when_to_come_again(world: World):
    routing = await open_quotas(world, share_messages=3)
    for _ in range(3):
        await routing.send()

    refusal = await refused(routing.send())

    assert (refusal.code, refusal.reason) == USED_UP
    assert refusal.metadata == {
        "quota": "share_messages",
        "used": "3",
        "limit": "3",
        "sender": DISTRICT,
        "recipient": PROVINCE,
        "retry_after_seconds": "300",
    }
    assert "3 of 3" in refusal.message
    assert "3/3" in refusal.message_vi
    await routing.send(recipient=CHO_RAY)
    await routing.send(caller="facility/79024")


async def test_of_a_refused_message_nothing_is_kept_and_its_retry_goes_through_once_there_is_room(
    world: World,
):
    routing = await open_quotas(world, share_messages=1)
    await routing.send()
    request_id = str(uuid4())

    await refused(routing.send(request_id=request_id))

    tables = ("messages", "receipts", "replies")
    assert [await count(routing, table) for table in tables] == [1, 1, 1]
    async with routing.receiving() as inbox:
        await routing.acknowledge(await inbox.next())
    sent = await routing.send(request_id=request_id)
    assert sent == await routing.send(request_id=request_id)


@pytest.mark.parametrize("quota", ["share", "sender", "recipient"])
async def test_bytes_are_counted_as_they_were_sent(world: World, quota: str):
    routing = await open_quotas(world, **{f"{quota}_mib": 1})
    await routing.send(bytes(MIB - 10))

    refusal = await refused(routing.send(bytes(11)))

    assert said(refusal) == (f"{quota}_bytes", str(MIB - 10), str(MIB))
    await routing.send(bytes(10))


async def test_a_sender_has_one_quota_over_all_mailboxes(world: World):
    routing = await open_quotas(world, sender_messages=2)
    await routing.send()
    await routing.send(recipient=CHO_RAY)

    assert said(await refused(routing.send())) == ("sender_messages", "2", "2")
    await routing.send(caller="facility/79024")


async def test_a_sender_with_little_waiting_gets_into_a_mailbox_that_others_have_filled(world: World):
    routing = await open_quotas(world, recipient_messages=2, reserved_messages=1, reserved_mib=1)
    for _ in range(2):
        await routing.send()

    assert said(await refused(routing.send())) == ("recipient_messages", "2", "2")
    await routing.send(caller="facility/79024")
    assert said(await refused(routing.send(caller="facility/79024"))) == ("recipient_messages", "3", "2")


async def test_a_dead_message_counts_until_its_sender_stops_it(world: World):
    routing = await open_quotas(world, share_messages=1)
    sent = await routing.send()
    async with routing.receiving() as inbox:
        await routing.reject(await inbox.next())

    assert said(await refused(routing.send())) == ("share_messages", "1", "1")
    await routing.mailbox().StopMessage(
        pb.StopMessageRequest(request_id=str(uuid4()), name=sent.message.name)
    )
    await routing.send()


async def test_what_the_system_sends_is_counted_for_nobody_and_always_fits(world: World):
    routing = await open_quotas(world, share_messages=1, recipient_messages=1)
    await routing.send()
    await routing.send(caller="facility/79999", recipient=DISTRICT)

    async with routing.receiving() as inbox:
        await routing.reject(await inbox.next())
    async with routing.receiving("facility/01999") as inbox:
        document, notice = await inbox.take(2)

    assert document.message.kind == Message.KIND_DOCUMENT
    assert Notice.FromString(notice.body).event == Notice.EVENT_MESSAGE_DEAD


async def test_whatever_puts_a_message_into_a_mailbox_is_held_to_the_quotas(world: World):
    routing = await open_quotas(world, share_messages=1)
    await routing.send()
    request = RequestRecordsRequest(
        request_id=str(uuid4()),
        record_request=RecordRequest(person=PERSON, requester=DISTRICT, holder=PROVINCE, scope="all"),
        access=CONSENTED,
    )

    refusal = await refused(routing.record_requests().RequestRecords(request))

    assert (refusal.code, refusal.reason) == USED_UP
    assert await count(routing, "record_requests") == 0


async def test_a_long_upload_is_refused_before_it_is_stored_and_one_that_breaks_off_leaves_nothing(
    world: World,
):
    routing = await open_quotas(world, share_messages=1)
    await routing.send()

    refusal = await refused(routing.send(bytes(8 * MIB)))

    assert said(refusal) == ("share_messages", "1", "1")
    assert await count(routing, "pieces") == 0


async def test_a_long_upload_that_is_refused_at_its_end_or_breaks_off_leaves_no_piece(world: World):
    routing = await open_quotas(world, share_mib=1)
    refusal = await refused(routing.send(bytes(3 * MIB), piece=300 * 1024))
    assert said(refusal) == ("share_bytes", "0", str(MIB))
    await eventually(lambda: no_pieces(routing))

    call = routing.mailbox().SendMessage()
    for part in list(upload(bytes(MIB - 1), piece=300 * 1024))[:-1]:
        await call.write(part)
    await eventually(lambda: count(routing, "pieces"))
    call.cancel()

    await eventually(lambda: no_pieces(routing))


async def flood(routing: Routing, senders: int, each: int) -> list[str]:
    """Let many send into one mailbox at once; return what became of each, `taken` or the status."""

    async def send(sender: str) -> str:
        try:
            await routing.send(caller=f"facility/{sender}")
        except grpc.aio.AioRpcError as error:
            return error.code().name
        return "taken"

    codes = [f"{11000 + number}" for number in range(senders)]
    for code in codes:
        routing.identity.add_facility(code)
    answers = await asyncio.gather(*(send(code) for code in codes for _ in range(each)))
    assert set(answers) <= {"taken", "RESOURCE_EXHAUSTED"}
    return answers


async def test_many_senders_at_once_fill_a_mailbox_to_its_last_message_and_not_beyond(world: World):
    routing = await open_quotas(world, recipient_messages=40, share_messages=7, pool_size=16)

    answers = await flood(routing, senders=12, each=8)

    assert answers.count("taken") == 40
    assert await count(routing, "messages") == 40
    shares = await routing.rows("SELECT messages FROM mailbox_shares")
    assert sum(row["messages"] for row in shares) == 40
    assert max(row["messages"] for row in shares) <= 7


async def test_where_senders_did_not_wait_for_one_another_the_last_message_is_still_the_last(world: World):
    """With room for twice the sessions of PostgreSQL, 300 here, the lock is shared; near the end not."""
    routing = await open_quotas(world, recipient_messages=1000, pool_size=16)
    await routing.rows(f"INSERT INTO mailbox_shares VALUES ('{PROVINCE}', 'others', 350, 0)")
    assert (await flood(routing, senders=10, each=10)).count("taken") == 100

    await routing.rows("UPDATE mailbox_shares SET messages = 860 WHERE sender = 'others'")
    answers = await flood(routing, senders=10, each=10)

    assert answers.count("taken") == 40
    assert await count(routing, "messages") == 140


async def test_a_send_far_from_the_limit_waits_for_no_other_send_into_the_mailbox(world: World):
    routing = await open_quotas(world)
    await routing.send()
    async with routing.running.db.transaction() as tx:
        assert isinstance(routing.running.settings, Settings)
        quotas = quotas_of(routing.running.settings)
        locked = await lock_shares(tx, CHO_RAY, PROVINCE, quotas)
        assert (locked.sender_is_far, locked.recipient_is_far) == (True, True)
        await routing.send()  # while the other's transaction is open


async def test_the_database_counts_whatever_becomes_of_a_message_and_whoever_writes(world: World):
    routing = await open_quotas(world)
    for size in (10, 20, 30, 40, 50):
        await routing.send(bytes(size))
    async with routing.receiving(outstanding=3) as inbox:
        first, second, third = await inbox.take(3)
        await routing.acknowledge(first)
        await routing.reject(second)
    name = pb.ReplayMessageRequest(request_id=str(uuid4()), name=second.message.name)
    await routing.mailbox().ReplayMessage(name)

    assert await routing.rows(COUNTED) == await routing.rows(RECOUNTED)
    await routing.rows("DELETE FROM messages WHERE size = 40")
    await routing.rows(
        "UPDATE messages SET state = 'stopped', lease_token = NULL, lease_stream = NULL,"
        " lease_expire_time = NULL WHERE state = 'dead' OR size = 50"
    )
    assert await routing.rows(COUNTED) == await routing.rows(RECOUNTED) != []
    assert third.message.size_bytes == 30


async def test_what_waits_and_what_was_refused_is_told_to_who_runs_it(
    world: World, observed: Observed, log_lines: Any
):
    routing = await open_quotas(world, share_messages=2, sweep_seconds=0.2)
    for _ in range(2):
        await routing.send(bytes(100))
    await refused(routing.send())
    # Of the codes of places of care some have letters; a pharmacy's have another form.
    for code in ("01A2B", "NT00001"):
        await routing.rows(
            "INSERT INTO mailbox_shares VALUES ($1, $2, 1, 7)",
            f"//identity.lientuyen/facilities/{code}",
            CHO_RAY,
        )

    (line,) = await eventually(lambda: log_lines("a mailbox quota is used up"))

    assert (line["quota"], line["sender"], line["recipient"]) == ("share_messages", DISTRICT, PROVINCE)
    assert line["refused"] == 1
    counts = {"care_facility": 3, "other": 1}
    await eventually(lambda: values(observed, "lientuyen.mailbox.waiting.messages") == counts)
    assert values(observed, "lientuyen.mailbox.waiting.bytes") == {"care_facility": 207, "other": 7}
    assert values(observed, "lientuyen.quota.fullest")["share"] == 1.0
    assert values(observed, "lientuyen.quota.refusals") == {"share_messages": 1}


def values(observed: Observed, metric: str) -> dict[str, Any]:
    """Return the value of each point by its one attribute."""
    return {next(iter(point.attributes.values())): point.value for point in observed.points(metric)}


def test_what_waits_already_is_counted_by_the_migration(databases: Databases):
    url = databases.empty()
    bring_to(url, "0005_pre_archives")
    for number, (state, sender) in enumerate(
        [("accepted", DISTRICT), ("dead", DISTRICT), ("acknowledged", DISTRICT), ("accepted", SYSTEM_SENDER)]
    ):
        run_in_new_loop(execute(url, WAITING.format(number=number, state=state, sender=sender)))

    bring_to(url, "0006_pre_mailbox_shares")

    rows = run_in_new_loop(execute(url, "SELECT * FROM mailbox_shares"))
    assert [tuple(row) for row in rows] == [(PROVINCE, DISTRICT, 2, 14)]


WAITING = f"""
    INSERT INTO messages (id, sequence, sender, recipient, kind, media_type, size, sha256, about, person,
        correlation, traceparent, state, accept_time, enqueue_time, attempts, dead_note)
    VALUES (gen_random_uuid(), {{number}}, '{{sender}}', '{PROVINCE}', 'document', '', 7, '', '', '', '', '',
        '{{state}}', now(), now(), 0, '')
"""


async def execute(url: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


def bring_to(url: str, revision: str) -> None:
    def upgrade(connection: Connection) -> None:
        config = migrate._config("services.routing")
        migrate._prepare(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    migrate._connected(url, upgrade)
