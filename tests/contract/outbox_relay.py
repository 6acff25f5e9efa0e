"""For the tests of the outbox: a receiver that can fail, relays that run, and what became of the events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.db import Database
from chassis.outbox import DRAIN_S, LEASE_S, Event, Handler, Relay, RetryPolicy, publish
from chassis.sql import sql
from lientuyen.type.v1.reason import Reason

NOTHING_THERE = Reason("ERROR_REASON_NOTHING_THERE", "test", "Nothing named {name}.", "Không có {name}.")


class Receiver:
    """Takes events, and fails as often as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.taken: list[Event] = []
        self.failures = list(failures)

    async def __call__(self, event: Event) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(event)

    @property
    def payloads(self) -> list[bytes]:
        return [event.payload for event in self.taken]


# Retries in milliseconds.
SOON = RetryPolicy(first_delay=0.01, longest_delay=0.05)


@asynccontextmanager
async def relaying(
    db: Database,
    count: int = 1,
    *,
    drain: float = DRAIN_S,
    lease: float = LEASE_S,
    retry_policy: RetryPolicy = SOON,
    **handlers: Handler,
) -> AsyncIterator[None]:
    """Run *count* relays over the handlers, by topic."""
    how: dict[str, Any] = {"poll": 0.05, "drain": drain, "lease": lease, "retry_policy": retry_policy}
    relays = [Relay(db, handlers, **how) for _ in range(count)]
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def send(db: Database, *payloads: bytes, key: str = "", topic: str = "told") -> list[UUID]:
    """Publish, in one transaction."""
    async with db.transaction() as tx:
        return [await publish(tx, topic, payload, key=key) for payload in payloads]


async def states(db: Database) -> list[str]:
    """The states of all events, in order."""
    async with db.connection() as tx:
        return [row[0] for row in await tx.fetch(sql(text("SELECT state FROM outbox ORDER BY seq")))]


async def column(db: Database, name: str) -> list[object]:
    """One column of all events, in order."""
    async with db.connection() as tx:
        return [row[0] for row in await tx.fetch(sql(text(f"SELECT {name} FROM outbox ORDER BY seq")))]


async def is_all(db: Database, state: str) -> bool:
    return set(await states(db)) == {state}


async def has_states(db: Database, *expected: str) -> bool:
    return await states(db) == list(expected)
