"""Slips between two versions of a dossier, and answers of routing that are no fault of the slip."""

import asyncio

import asyncpg
import pytest

from chassis.errors import Conflict, PermissionDenied
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from tests.harness import World, eventually

from .records_env import PERSON_NAME
from .slips_env import OTHER_NAME, OTHER_NUMBER, Exchange, Moody, SlipState, dossier

BUSY = Conflict(chassis_reasons.WRITE_CONFLICT)
DENIED = PermissionDenied(chassis_reasons.METHOD_DENIED, method="ReferralService/CreateReferral")
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@pytest.fixture
async def exchange(world: World) -> Exchange:
    return await Exchange(world).start()


@pytest.fixture
async def moody(world: World) -> Moody:
    return await Moody(world).start()


async def is_waiting(moody: Moody, count: int = 1) -> bool:
    """Tell whether *count* sessions wait for another's lock."""
    return (await moody.records.rows(WAITING))[0][0] >= count


async def is_issued(moody: Moody) -> bool:
    return bool(await moody.records.rows("SELECT FROM slips WHERE table_code = 'XML13' AND state = 'issued'"))


async def test_a_slip_that_is_issued_while_the_next_version_comes_is_issued_in_both(moody: Moody):
    moody.referrals.made["SLOW"] = BUSY
    first = (await moody.records.submit(dossier(number="SLOW").bytes())).dossier.name
    await eventually(lambda: moody.referrals.attempts["SLOW"] > 0)
    changed = dossier(number="SLOW").set("XML4", 1, "GIA_TRI", "6.1").bytes()
    connection = await asyncpg.connect(moody.records.running.settings.database_url)
    async with connection.transaction():
        # Holds the next version back where it knows of the slip, and before it is there.
        await connection.execute("SELECT FROM dossiers FOR UPDATE")
        submission = asyncio.create_task(moody.records.submit(changed))
        await eventually(lambda: is_waiting(moody))
        moody.referrals.made.clear()
        await eventually(lambda: moody.referrals.requests)

        async def is_settling() -> bool:
            return await is_waiting(moody, 2) or await is_issued(moody)

        await eventually(is_settling)
    await connection.close()
    second = (await submission).dossier.name

    assert (await moody.records.settled_of(first)).state == SlipState.STATE_ISSUED
    assert (await moody.records.settled_of(second)).state == SlipState.STATE_ISSUED


async def test_a_denial_is_no_fault_of_the_slip_and_an_operator_may_replay_it(moody: Moody):
    moody.referrals.asked["DENIED"] = moody.referrals.made["DENIED"] = DENIED
    reply = await moody.records.submit(dossier(number="DENIED").bytes())
    letter = await moody.records.settled_of(reply.dossier.name)

    assert "slip-not-checked" in [each.rule for each in reply.warnings]
    assert (letter.state, letter.finding.rule) == (SlipState.STATE_NOT_SENT, "slip-undelivered")

    async def is_dead() -> bool:
        return (await moody.records.events())["slip.referral", "dead"] == 1

    await eventually(is_dead)
    await eventually(lambda: moody.records.mailbox.notices)


async def test_a_referral_whose_name_came_short_has_a_full_one(moody: Moody):
    """The fake answers as a routing of before names came full."""
    letter = await moody.records.settled(dossier())

    assert letter.resource.startswith("//routing.lientuyen/referrals/")


async def test_a_slip_of_somebody_whose_entries_were_merged_stays_what_it_became(exchange: Exchange):
    old = await exchange.records.settled(dossier())
    exchange.records.identity.merge(PERSON_NAME, into=OTHER_NAME)
    under_other = dossier().set("XML1", 1, "SO_CCCD", OTHER_NUMBER)
    new = await exchange.records.settled(under_other)
    again = await exchange.records.settled(dossier().set("XML4", 1, "GIA_TRI", "6.1"))

    assert (new.state, new.resource) == (SlipState.STATE_UNCHANGED, old.resource)
    assert (again.state, again.resource) == (SlipState.STATE_UNCHANGED, old.resource)
    assert len(await exchange.routing.rows("SELECT FROM referrals")) == 1
