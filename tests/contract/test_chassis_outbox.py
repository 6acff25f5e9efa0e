"""The outbox on a real PostgreSQL: delivered once in effect, in order, whatever dies."""

import asyncio
import random
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import suppress
from uuid import uuid4

from chassis.errors import Unavailable
from chassis.outbox import Event, Relay, publish
from lientuyen.chassis.v1 import error_reasons as reasons
from tests.contract.outbox_relay import (
    Receiver,
    column,
    is_all,
    relaying,
    send,
    states,
)
from tests.harness import eventually


async def test_an_event_is_delivered_as_it_was_published(db):
    receiver = Receiver()
    [event_id] = await send(db, b"\x00payload", key="k")

    async with relaying(db, told=receiver):
        await eventually(lambda: bool(receiver.taken))
        await eventually(lambda: is_all(db, "done"))

    [event] = receiver.taken
    assert (event.id, event.topic, event.key, event.payload, event.attempts) == (
        event_id,
        "told",
        "k",
        b"\x00payload",
        1,
    )


async def test_what_is_rolled_back_was_never_published(db):
    with suppress(ZeroDivisionError):
        async with db.transaction() as tx:
            await publish(tx, "told", b"no")
            raise ZeroDivisionError

    assert await states(db) == []


async def test_publishing_an_event_id_again_changes_nothing(db):
    event_id = uuid4()
    for payload in (b"first", b"second"):
        async with db.transaction() as tx:
            assert await publish(tx, "told", payload, event_id=event_id) == event_id

    assert await column(db, "payload") == [b"first"]


async def test_a_relay_is_woken_and_does_not_wait_for_its_next_look(db):
    receiver = Receiver()
    task = asyncio.create_task(Relay(db, {"told": receiver}, poll=60).run())
    await asyncio.sleep(0.3)  # it has looked, and listens

    await send(db, b"now")
    await eventually(lambda: bool(receiver.taken))

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert receiver.payloads == [b"now"]


async def test_two_relays_racing_deliver_each_event_once(db):
    receiver = Receiver()
    for _ in range(20):
        await send(db, *(str(number).encode() for number in range(10)))

    async with relaying(db, 3, told=receiver):
        await eventually(lambda: is_all(db, "done"))

    assert Counter(event.id for event in receiver.taken).most_common(1)[0][1] == 1
    assert len(receiver.taken) == 200


async def test_the_events_of_a_key_keep_their_order_though_some_fail(db):
    taken: dict[str, list[bytes]] = defaultdict(list)
    chance = random.Random(7)

    async def told(event: Event) -> None:
        await asyncio.sleep(chance.random() / 100)
        if chance.random() < 0.2:
            raise Unavailable(reasons.PEER_UNAVAILABLE, peer="records")
        taken[event.key].append(event.payload)

    for number in range(12):
        for key in ("facilities/01999", "facilities/79999", "facilities/01929"):
            await send(db, bytes([number]), key=key)

    async with relaying(db, 2, told=told):
        await eventually(lambda: is_all(db, "done"))

    assert taken == {key: [bytes([number]) for number in range(12)] for key in taken}
    assert len(taken) == 3


CRASHING = """
import asyncio, sys
from chassis.db import Database
from chassis.outbox import Relay

async def told(event):
    print("held", flush=True)
    await asyncio.sleep(60)

async def main():
    db = await Database.open(sys.argv[1])
    await Relay(db, {"told": told}, lease=2.0).run()

asyncio.run(main())
"""


async def test_what_a_killed_relay_held_comes_back_with_its_lease(db, url):
    receiver = Receiver()
    await send(db, b"held", b"behind it", key="k")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CRASHING, url, stdout=subprocess.PIPE, env={"PYTHONPATH": ".:gen"}
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    process.kill()
    await process.wait()

    async with relaying(db, told=receiver):
        await eventually(lambda: is_all(db, "done"))

    assert [(event.payload, event.attempts) for event in receiver.taken] == [(b"held", 2), (b"behind it", 1)]
