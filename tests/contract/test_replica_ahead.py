"""
A replica whose clock is 40 days ahead ends nothing that lives: the database says what time it is.

The clock of the whole process is put ahead while something is swept, retried or claimed; that of
PostgreSQL stays.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from chassis import clock, idempotency
from chassis.db import Database
from chassis.errors import Unavailable
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.pharmacy.v1 import error_reasons as pharmacy_reasons
from lientuyen.routing.v1.referral_pb2 import Referral
from tests.contract.identity_env import Identity
from tests.contract.outbox_relay import Receiver, relaying, send, states
from tests.contract.pharmacy_env import Pharmacy, claim, dispense, give
from tests.contract.routing_env import Routing
from tests.contract.test_identity_consents import EMERGENCY
from tests.contract.test_routing_referrals import MOVES, created, delivered, seen
from tests.harness import World, eventually, refused


@contextmanager
def forty_days_ahead() -> Iterator[None]:
    with clock.fixed(clock.now() + timedelta(days=40)):
        yield


async def test_no_request_id_is_forgotten(world: World):
    pharmacy = await Pharmacy(world).start()
    await pharmacy.issued()

    with forty_days_ahead():
        swept = await idempotency.sweep_batch(pharmacy.running.db)

    assert swept == 0
    assert len(await pharmacy.rows("SELECT 1 FROM replies")) == 1


async def test_no_live_referral_expires_and_it_can_still_be_taken_on(world: World):
    routing = await Routing(world).start(sweep_seconds=0.05)
    referral = await delivered(routing)

    with forty_days_ahead():
        await past_a_round(routing)
        state = (await seen(routing, referral)).state
        taken = await MOVES["accept"](routing, referral)

    assert state == Referral.STATE_DELIVERED
    assert taken.referral.state == Referral.STATE_ACCEPTED


async def past_a_round(routing: Routing) -> None:
    """Wait for a round that began now: it ends a referral whose last day is past in the database."""
    overdue = await created(routing, slip_number="TEST-OVERDUE")
    await routing.rows(
        "UPDATE referrals SET valid_until = current_date - 3 WHERE slip_number = $1", overdue.slip_number
    )

    async def is_expired() -> bool:
        return (await seen(routing, overdue)).state == Referral.STATE_EXPIRED

    await eventually(is_expired)


async def test_no_event_is_given_up_before_its_day_is_over(world: World):
    db = await Database.open(await asyncio.to_thread(world.databases.bare))
    world.ending(db.close)
    outages = [Unavailable(chassis_reasons.PEER_UNAVAILABLE, peer="routing") for _ in range(14)]
    receiver = Receiver(*outages)
    await send(db, b"a slip")

    with forty_days_ahead():
        async with relaying(db, told=receiver):
            await eventually(lambda: not receiver.failures or receiver.taken)
            await eventually(lambda: _ended(db))

    assert await states(db) == ["done"]
    assert receiver.payloads == [b"a slip"]


async def _ended(db: Database) -> bool:
    return "waiting" not in await states(db)


async def test_no_claim_is_taken_from_its_holder(world: World):
    pharmacy = await Pharmacy(world).start()
    prescription = await pharmacy.issued()
    held = await pharmacy.dispensings().ClaimPrescription(claim(prescription))

    with forty_days_ahead():
        refusal = await refused(
            pharmacy.dispensings("pharmacy/NT00002").ClaimPrescription(claim(prescription))
        )
        answer = await pharmacy.dispensings().Dispense(dispense(prescription, held.claim.token, give(1, 1)))

    assert refusal.reason == pharmacy_reasons.CLAIMED_BY_ANOTHER.name
    assert answer.dispensing.lines[0].quantity.thousandths == 1000


@pytest.mark.parametrize("days", [40, -40])
async def test_an_emergency_access_lasts_as_long_as_everywhere(world: World, days: int):
    identity = await Identity(world).start()
    person = await identity.person()
    first = await identity.decide(person.name, access=EMERGENCY)

    with clock.fixed(clock.now() + timedelta(days=days)):
        again = await identity.decide(person.name, access=EMERGENCY)

    assert again.emergency_access == first.emergency_access
    assert again.expire_time == first.expire_time
