"""What was kept long enough goes, in small transactions, by the database's clock, and is counted."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from chassis import clock, outbox_sweep, purging
from chassis.db import Database
from chassis.purging import keep_purging, purge
from chassis.sql import sql
from services.pharmacy.store.claims import PURGE
from tests.contract.outbox_relay import send
from tests.contract.pharmacy_env import Pharmacy, claim
from tests.harness import World, eventually
from tests.metrics import Observed

# A claim of each prescription that ended so long ago.
CLAIMS = """
    INSERT INTO claims (prescription_id, pharmacy, digest, claim_time, expire_time, end_time, outcome)
    SELECT id, 'NT00001', '', now() - $1::interval, now() - $1::interval, now(), 'released' FROM prescriptions
"""
DONE = sql(text("UPDATE outbox SET state = 'done', finish_time = now() - interval '8 days'"))


@pytest.fixture
async def pharmacy(world: World) -> Pharmacy:
    return await Pharmacy(world).start()


def removed(observed: Observed) -> dict[str, int]:
    """Return how many rows were counted, by table."""
    points = observed.points("lientuyen.retention.removed")
    return {point.attributes["table"]: point.value for point in points}


async def test_claims_go_ninety_days_after_they_could_be_used(pharmacy: Pharmacy, observed: Observed):
    prescription = await pharmacy.issued()
    await pharmacy.dispensings().ClaimPrescription(claim(prescription))
    for days in (91, 89):
        await pharmacy.rows(CLAIMS, timedelta(days=days))

    assert await purge(pharmacy.running.db, PURGE) == 1

    ended = await pharmacy.rows("SELECT end_time IS NULL FROM claims ORDER BY 1")
    assert [row[0] for row in ended] == [False, True]
    assert removed(observed) == {"claims": 1}


async def test_a_replica_that_is_ahead_purges_nothing(pharmacy: Pharmacy):
    await pharmacy.issued()
    await pharmacy.rows(CLAIMS, timedelta(days=60))

    with clock.fixed(clock.now() + timedelta(days=40)):
        assert await purge(pharmacy.running.db, PURGE) == 0


async def test_what_is_due_goes_in_batches(
    pharmacy: Pharmacy, observed: Observed, monkeypatch: pytest.MonkeyPatch
):
    await pharmacy.issued()
    for _ in range(7):
        await pharmacy.rows(CLAIMS, timedelta(days=91))
    db, transactions = pharmacy.running.db, []
    real = db.transaction
    monkeypatch.setattr(db, "transaction", lambda: transactions.append(real()) or transactions[-1])

    assert await purge(db, PURGE, batch_rows=3) == 7

    assert len(transactions) == 3
    assert removed(observed) == {"claims": 7}


async def test_a_database_that_is_away_is_asked_again(
    pharmacy: Pharmacy, world: World, monkeypatch: pytest.MonkeyPatch
):
    await pharmacy.issued()
    await pharmacy.rows(CLAIMS, timedelta(days=91))
    monkeypatch.setattr(purging, "INTERVAL_S", 0.01)
    db = pharmacy.running.db
    async with world.databases.closed(db.namespace):
        task = asyncio.create_task(keep_purging(db, PURGE))
        await asyncio.sleep(0.2)

    async def is_empty() -> bool:
        return await pharmacy.rows("SELECT 1 FROM claims") == []

    await eventually(lambda: task.done() or is_empty())
    assert not task.done()
    task.cancel()


async def test_a_server_purges_what_its_service_gives_it(pharmacy: Pharmacy):
    tasks = [task.name for task in pharmacy.running.server._background._supervised]

    assert tasks.count("purging.keep_purging") == 2


async def test_events_that_were_delivered_are_counted_too(db: Database, observed: Observed):
    await send(db, b"done")
    async with db.transaction() as tx:
        await tx.execute(DONE)

    assert await outbox_sweep.sweep(db) == 1
    assert removed(observed) == {"outbox": 1}
