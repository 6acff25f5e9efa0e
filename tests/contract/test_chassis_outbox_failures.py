"""The outbox on a real PostgreSQL when things fail: dead letters, retries, cancellation, retention."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import asyncpg
from sqlalchemy import text

from chassis import call_context, clock, outbox_sql
from chassis.errors import NotFound, Unavailable
from chassis.outbox import RETRY_POLICY, Event, Relay
from chassis.outbox_sweep import sweep
from chassis.sql import sql
from lientuyen.chassis.v1 import error_reasons as reasons
from tests.contract.outbox_relay import (
    NOTHING_THERE,
    SOON,
    Receiver,
    column,
    has_states,
    is_all,
    relaying,
    send,
    states,
)
from tests.harness import eventually


async def test_a_hopeless_event_dies_at_once_and_the_next_of_its_key_goes_on(db):
    receiver = Receiver(NotFound(NOTHING_THERE, name="Nguyễn Văn A"))
    await send(db, b"hopeless", b"next", key="k")

    async with relaying(db, told=receiver):
        await eventually(lambda: bool(receiver.taken))
        await eventually(lambda: has_states(db, "dead", "done"))

    assert receiver.payloads == [b"next"]
    assert await column(db, "last_error") == ["NotFound ERROR_REASON_NOTHING_THERE", ""]


async def test_a_failure_is_tried_again_and_leaves_only_its_kind(db):
    receiver = Receiver(ValueError("Nguyễn Văn A, 001485000016"), RuntimeError("again"))
    await send(db, b"x")

    async with relaying(db, told=receiver):
        await eventually(lambda: bool(receiver.taken))
        await eventually(lambda: is_all(db, "done"))

    assert receiver.taken[0].attempts == 3
    assert receiver.taken[0].last_error == "RuntimeError"


async def test_an_event_is_given_up_after_its_last_attempt(db):
    receiver = Receiver(*(ValueError() for _ in range(9)))
    await send(db, b"x")

    async with relaying(db, retry_policy=replace(SOON, max_attempts=3), told=receiver):
        await eventually(lambda: is_all(db, "dead"))

    assert len(receiver.failures) == 6


async def test_a_peer_that_is_down_is_waited_for_beyond_any_number_of_attempts():
    event = Event(uuid4(), "told", "", b"", 99, clock.now(), age=timedelta(hours=23))
    down = Unavailable(reasons.PEER_UNAVAILABLE, peer="routing")

    assert not RETRY_POLICY.is_spent(event, down)
    assert RETRY_POLICY.is_spent(replace(event, age=timedelta(hours=25)), down)
    assert RETRY_POLICY.is_spent(event, ValueError())


async def test_a_stopped_event_is_never_delivered(db):
    receiver = Receiver()
    stopped, _ = await send(db, b"stopped", b"sent")
    async with db.transaction() as tx:
        assert await tx.fetchrow(outbox_sql.STOP, id=stopped)

    async with relaying(db, told=receiver):
        await eventually(lambda: has_states(db, "stopped", "done"))

    assert receiver.payloads == [b"sent"]


async def test_a_topic_that_nobody_handles_waits_for_who_does(db):
    receiver = Receiver()
    await send(db, b"for a newer replica", topic="unheard")
    async with relaying(db, told=receiver):
        await asyncio.sleep(0.2)
        assert await states(db) == ["waiting"]

    async with relaying(db, unheard=receiver):
        await eventually(lambda: is_all(db, "done"))


async def test_a_cancelled_relay_lets_its_handlers_finish(db):
    entered, receiver = asyncio.Event(), Receiver()

    async def told(event: Event) -> None:
        entered.set()
        await asyncio.sleep(0.2)
        await receiver(event)

    await send(db, b"x")
    async with relaying(db, told=told):
        await entered.wait()

    assert (receiver.payloads, await states(db)) == ([b"x"], ["done"])


async def test_a_cancelled_relay_hands_back_at_once_what_does_not_finish(db):
    entered, receiver = asyncio.Event(), Receiver()

    async def told(event: Event) -> None:
        entered.set()
        await asyncio.sleep(60)

    await send(db, b"x")
    async with relaying(db, drain=0.05, told=told):
        await entered.wait()
    assert (await states(db), await column(db, "attempts")) == (["waiting"], [0])

    async with relaying(db, told=receiver):
        await eventually(
            lambda: bool(receiver.taken),
        )
        await eventually(lambda: is_all(db, "done"))


async def test_a_handler_that_hangs_is_given_up_before_its_lease_ends(db):
    calls: list[int] = []

    async def told(event: Event) -> None:
        calls.append(event.attempts)
        if len(calls) == 1:
            await asyncio.sleep(60)

    await send(db, b"x")
    task = asyncio.create_task(Relay(db, {"told": told}, lease=0.4, poll=0.05, retry_policy=SOON).run())
    await eventually(lambda: is_all(db, "done"))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert calls == [1, 2]


async def test_a_handler_acts_as_the_service_and_has_a_deadline(db):
    seen: list[call_context.Call] = []

    async def told(event: Event) -> None:
        seen.append(call_context.current())

    await send(db, b"x")
    task = asyncio.create_task(
        Relay(db, {"told": told}, service="records", poll=0.05, retry_policy=SOON).run()
    )
    await eventually(lambda: is_all(db, "done"))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    [acting] = seen
    assert (str(acting.caller), acting.method) == ("service/records", "outbox/told")
    assert acting.deadline is not None
    assert acting.deadline - time.monotonic() <= 30


async def test_a_relay_outlives_its_connections(db, url):
    receiver = Receiver()
    async with relaying(db, told=receiver):
        await send(db, b"before")
        await eventually(lambda: bool(receiver.taken))
        connection = await asyncpg.connect(url)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await connection.execute(
            "INSERT INTO outbox (id, topic, key, payload, traceparent)"
            " VALUES (gen_random_uuid(), 'told', '', 'after', '')"
        )
        await connection.close()
        await eventually(lambda: b"after" in receiver.payloads)


async def test_what_was_kept_long_enough_is_swept(db):
    await send(db, b"done", b"dead", b"waiting", b"young")
    async with db.transaction() as tx:
        for number, state, days in ((1, "done", 8), (2, "dead", 61), (3, "waiting", 400), (4, "done", 6)):
            finished = "NULL" if state == "waiting" else f"now() - interval '{days} days'"
            await tx.execute(
                sql(
                    text(
                        f"UPDATE outbox SET state = '{state}', finish_time = {finished} WHERE seq = {number}"
                    )
                )
            )

    assert await sweep(db) == 2
    assert await column(db, "payload") == [b"waiting", b"young"]


async def test_claiming_uses_the_indexes_of_what_waits(db):
    async with db.transaction() as tx:
        await tx.execute(
            sql(
                text(
                    "INSERT INTO outbox (id, topic, key, payload, traceparent, state, finish_time)"
                    " SELECT gen_random_uuid(), 'told', 'k' || n % 100, '', '', 'done', now()"
                    " FROM generate_series(1, 20000) AS n"
                )
            )
        )
        await tx.execute(sql(text("ANALYZE outbox")))
    await send(db, b"x", key="k1")

    claim = outbox_sql.CLAIM
    connection = await asyncpg.connect(db._url)
    plan = await connection.fetch(
        f"EXPLAIN {claim.text}", *claim.arguments({"lease": timedelta(1), "topics": ["told"], "limit": 5})
    )
    await connection.close()

    lines = "\n".join(row[0] for row in plan)
    assert "outbox_due" in lines
    assert "Seq Scan on outbox" not in lines
