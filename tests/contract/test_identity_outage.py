"""The insurance portal goes and comes back: nobody is left unanswered, unflagged or forgotten."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from chassis import clock
from lientuyen.identity.v1 import coverage_pb2 as pb
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.portal_env import (
    CARD,
    NUMBER,
    PORTAL_CARD,
    IdentityWithPortal,
    known_card,
    many_people,
    verdict,
)
from tests.fake_portal import FakePortal
from tests.harness import PATIENCE, World, eventually

# Silences in a row that open the breaker.
FAILURES = 3


@pytest.fixture
async def portal() -> AsyncIterator[FakePortal]:
    running = await FakePortal().start()
    yield running
    await running.stop()


@pytest.fixture
async def identity(world: World, portal: FakePortal) -> IdentityWithPortal:
    identity = await IdentityWithPortal(world).start(portal_url=portal.url, portal_failures=FAILURES)
    await identity.person()
    return identity


async def test_the_breaker_opens_leaves_the_portal_alone_and_closes(world: World, portal: FakePortal):
    identity = await IdentityWithPortal(world).start(
        portal_url=portal.url, portal_failures=FAILURES, portal_recovery_seconds=2.0
    )
    await identity.person()
    await identity.put_verifications_off()
    await identity.check()
    portal.mode = "500"

    reasons = [(await identity.check()).stale_reason for _ in range(8)]

    assert reasons[:3] == ["UPSTREAM_DOWN"] * 3
    assert "BREAKER_OPEN" in reasons
    assert (await identity.check()).stale
    portal.mode = "well"

    async def confirmed() -> bool:
        return not (await identity.check()).stale

    await eventually(confirmed)


async def test_whoever_was_told_unconfirmed_is_asked_about_when_the_portal_is_back(
    identity: IdentityWithPortal, portal: FakePortal
):
    await identity.import_coverages(known_card())
    await portal.stop()
    assert verdict(await identity.check())[2:] == (True, "UPSTREAM_DOWN")
    assert [reason for reason, _ in await identity.verifications()] == ["UPSTREAM_DOWN"]

    await portal.start()
    await eventually(lambda: nobody_waits(identity))

    assert len(portal.questions) == 1
    counting = await identity.rows("SELECT card_number FROM coverages WHERE unlisted_time IS NULL")
    assert [row["card_number"] for row in counting] == [PORTAL_CARD]


async def nobody_waits(identity: IdentityWithPortal) -> bool:
    return await identity.verifications() == []


async def test_two_replicas_do_not_ask_twice_about_one_person(world: World, portal: FakePortal):
    identity = await IdentityWithPortal(world).start(portal_url=portal.url, portal_failures=FAILURES)
    people = many_people(20)
    await identity.import_persons(*people)
    await portal.stop()
    for one in people:
        assert (await identity.check(personal_id=one.personal_id)).stale
    await identity.replica(portal_url=portal.url, portal_failures=FAILURES)
    portal.delay = 0.05

    await portal.start()
    await eventually(lambda: nobody_waits(identity))

    assert sorted(question["maThe"] for question in portal.questions) == sorted(
        one.personal_id for one in people
    )


async def test_a_killed_portal_leaves_no_question_unanswered(world: World):
    async with process() as (running, port):
        identity = await IdentityWithPortal(world).start(
            portal_url=f"http://127.0.0.1:{port}", portal_failures=FAILURES
        )
        await identity.person()
        await identity.import_coverages(known_card())
        answers: list[pb.Eligibility] = []
        ending = asyncio.Event()

        async def ask() -> None:
            while not ending.is_set():
                answers.append(await identity.check())

        callers = [asyncio.create_task(ask()) for _ in range(8)]
        await eventually(lambda: len(answers) > 20)
        running.kill()
        await running.wait()
        before = len(answers)
        await eventually(lambda: len(answers) > before + 60)
        late = answers[before + 8 :]  # without those that the portal had answered before it died
        assert {answer.stale for answer in late} == {True}
        assert {answer.covered for answer in answers} == {True}
        async with process(port):
            since = len(answers)
            await eventually(lambda: any(not answer.stale for answer in answers[since:]))
            ending.set()
            await asyncio.gather(*callers)


@asynccontextmanager
async def process(port: int = 0) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """The fake portal as a process of its own."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fake_portal", "--port", str(port)), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert running.stdout is not None
        async with asyncio.timeout(PATIENCE):
            said = (await running.stdout.readline()).decode()
        yield running, int(said.rpartition(":")[2])
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def test_days_before_a_look_up_are_judged_by_what_was_known_then(
    identity: IdentityWithPortal, portal: FakePortal
):
    """A card of three years that the portal names no more: old dossiers, the day itself, and the next."""
    days = [Date(year=2025, month=6, day=1), Date(year=2026, month=11, day=20)]
    days += [Date(year=2026, month=11, day=day) for day in (21, 22)]
    first = Date(year=2024, month=1, day=1)
    await identity.import_coverages(known_card(valid_from=first, valid_to=Date(year=2026, month=12, day=31)))
    portal.people[NUMBER] = {"gtTheTu": "20/11/2026", "gtTheDen": "31/12/2026"}

    async def cards(identity: IdentityWithPortal) -> list[tuple[bool, str]]:
        answers = [await identity.check(day=day) for day in days]
        return [(one.covered, one.card_number) for one in answers]

    # 23:30 of the 20th in UTC is the 21st in Viet Nam.
    with clock.fixed(datetime(2026, 11, 20, 23, 30, tzinfo=UTC)):
        told = await cards(identity)
    asked = len(portal.questions)
    await portal.stop()
    remembered = await cards(identity)
    # Another replica has only the database.
    read = await cards(await identity.replica(portal_url=portal.url))

    assert told[0] == (True, CARD)
    assert [one for _, one in told[2:]] == [PORTAL_CARD] * 2
    assert all(covered for covered, _ in told)
    assert (remembered, read, asked) == (told, told, 4)
