"""A peer that was stopped answers again: what waits for it is delivered then, not at the end of its delay."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator

import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub
from sqlalchemy import text

from chassis import outbox
from chassis.db import Database
from chassis.outbox import Event, RetryPolicy
from chassis.peers import Peer
from chassis.sql import sql
from tests.contract.outbox_relay import column, is_all, relaying, send
from tests.contract.test_chassis_server import process_of
from tests.harness import World, eventually

# Longer than any test lasts: what is delivered was made due by something else.
LONG = RetryPolicy(first_delay=3600, longest_delay=3600)

SET_SILENT = sql(text("UPDATE outbox SET last_error = :silence"), about="outbox")

# Seconds an event is held: a handler has half, which is what a stopped peer takes of it.
LEASE_S = 4.0


@pytest.fixture
async def process(world: World) -> AsyncIterator[asyncio.subprocess.Process]:
    """A service that is a process of its own."""
    url = await asyncio.to_thread(world.databases.bare)
    process = await process_of(world, ECHO_DATABASE_URL=url)
    yield process
    process.kill()
    await process.communicate()


async def address_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    ready = re.fullmatch(rb"echo ready on (127\.0\.0\.1:\d+)\n", await process.stdout.readline())
    assert ready is not None
    return ready[1].decode()


async def test_what_waits_for_a_stopped_peer_is_delivered_when_it_answers_again(
    world: World, db: Database, process: asyncio.subprocess.Process, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outbox, "MEASURE_INTERVAL_S", 0.5)
    peer = Peer("echo", await address_of(process), world.pki.folder("service/records"))
    world.ending(peer.close)
    check = HealthStub(peer.channel).Check

    async def deliver(event: Event) -> None:
        await peer.ask(check, HealthCheckRequest())

    os.kill(process.pid, signal.SIGSTOP)
    await send(db, b"1", b"2", key="01999")
    await send(db, *(b"alone" for _ in range(8)))
    async with relaying(db, lease=LEASE_S, retry_policy=LONG, told=deliver):
        await eventually(lambda: has_tried_each_key(db))
        os.kill(process.pid, signal.SIGCONT)
        await eventually(lambda: is_all(db, "done"))


async def has_tried_each_key(db: Database) -> bool:
    """Tell whether all have failed but the second of a key, which has not been tried."""
    errors = await column(db, "last_error")
    return errors.count("Unavailable ERROR_REASON_PEER_UNAVAILABLE echo") == 9 and errors[1] == ""


async def test_what_somebody_holds_is_made_due_by_nobody(db: Database, monkeypatch: pytest.MonkeyPatch):
    """Its relay works on it: another that took it too would do everything twice."""
    monkeypatch.setattr(outbox, "MEASURE_INTERVAL_S", 0.05)
    silence, begun, release = f"{outbox.SILENCE}echo", asyncio.Event(), asyncio.Event()
    deliveries: list[bytes] = []

    async def deliver(event: Event) -> None:
        deliveries.append(event.payload)
        if event.payload == b"held":
            begun.set()
            await release.wait()

    await send(db, b"held", b"quick")
    await set_silent(db, silence)
    async with relaying(db, 2, lease=60, retry_policy=LONG, told=deliver):
        await begun.wait()
        await eventually(lambda: b"quick" in deliveries)
        await asyncio.sleep(0.3)
        release.set()
        await eventually(lambda: is_all(db, "done"))

    assert sorted(deliveries) == [b"held", b"quick"]


async def set_silent(db: Database, silence: str) -> None:
    async with db.transaction() as tx:
        await tx.execute(SET_SILENT, silence=silence)


def test_an_event_may_be_tried_any_number_of_times():
    policy = RetryPolicy()

    assert 0 < policy.delay(1_000_000) <= policy.longest_delay * 1.2
