"""The rate limits of the look-ups, over the wire.  The clock is the test's; nothing here waits for time."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from grpc import StatusCode

from chassis import call_context
from chassis.call_context import Caller
from chassis.db import Database
from chassis.errors import rich_status
from chassis.rate_limiter import RateLimiter
from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import person_service_pb2 as pb
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date
from services.identity.lookup.batched_lookup import BatchedLookup, Lookups
from services.identity.lookup.model import LookupKey
from services.identity.matching import matcher
from services.identity.matching.matcher import Matcher
from services.identity.policies.read_decisions import Decisions
from tests.contract.identity_env import HOSPITAL, OTHER, TREATMENT, Identity, access, person_row, stream
from tests.harness import Refusal, World, eventually, refused

KNOWN, UNKNOWN = "001485000016", "001485999999"
NOBODY = "persons/7b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d13"
EMERGENCY = access(basis="EMERGENCY", reason="bất tỉnh, không có người nhà")
LIMIT = (StatusCode.RESOURCE_EXHAUSTED, "ERROR_REASON_LOOKUP_LIMIT_REACHED")


class Clock:
    """Stands still until told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Gate:
    """Holds every look-up that has its turn until opened, and keeps whose they were, in that order."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.opened = asyncio.Event()


class HeldLookup:
    """One kind of look-up, behind a gate."""

    def __init__(self, gate: Gate, lookup: BatchedLookup[Any]) -> None:
        self.gate, self.lookup = gate, lookup

    async def find(self, key: LookupKey, access: AccessContext, acting_for: Caller | None = None) -> Any:
        self.gate.order.append(str(call_context.caller()))
        await self.gate.opened.wait()
        return await self.lookup.find(key, access, acting_for)


class HeldLookups(Lookups):
    """Both kinds, behind a gate."""

    def __init__(self, gate: Gate, db: Database, decisions: Decisions) -> None:
        super().__init__(db, decisions)
        self.persons, self.insured = HeldLookup(gate, self.persons), HeldLookup(gate, self.insured)


@pytest.fixture
def gate() -> Gate:
    return Gate()


async def started(
    world: World,
    new_rate_limiter: Callable[..., RateLimiter] = RateLimiter,
    *,
    gate: Gate | None = None,
    new_matcher: Callable[..., Matcher] = Matcher,
    **overrides: Any,
) -> Identity:
    """Start the service with these settings and parts, its look-ups behind *gate*; it knows one person."""
    given = {"lookups_per_second": 1, "lookups_burst": 10, "misses_per_minute": 60, "misses_burst": 3}
    wiring = {
        "new_rate_limiter": new_rate_limiter,
        "new_lookups": partial(HeldLookups, gate) if gate else Lookups,
        "new_matcher": new_matcher,
    }
    identity = await Identity(world).start(wiring=wiring, **{**given, **overrides})
    await identity.import_persons(person_row())
    return identity


def find(
    identity: Identity, number: str = KNOWN, caller: str = HOSPITAL, access: Any = TREATMENT
) -> Awaitable[Any]:
    return identity.persons(caller).FindPerson(pb.FindPersonRequest(personal_id=number, access=access))


def get(identity: Identity, name: str = NOBODY, caller: str = HOSPITAL) -> Awaitable[Any]:
    return identity.persons(caller).GetPerson(pb.GetPersonRequest(name=name, access=TREATMENT))


def question(number: str = KNOWN, caller: str = HOSPITAL) -> eligibility.CheckEligibilityRequest:
    facility = f"facilities/{caller.partition('/')[2]}"
    return eligibility.CheckEligibilityRequest(personal_id=number, facility=facility, access=TREATMENT)


def check(identity: Identity, number: str = KNOWN, caller: str = HOSPITAL) -> Awaitable[Any]:
    return identity.eligibility(caller).CheckEligibility(question(number, caller))


def told(refusal: Refusal) -> tuple[object, str]:
    return refusal.code, refusal.reason


async def test_a_caller_over_its_limit_is_refused_and_another_is_served(world: World, clock: Clock):
    identity = await started(world, partial(RateLimiter, clock=clock))
    for _ in range(5):
        await find(identity)
        await check(identity)

    found, checked = await refused(find(identity)), await refused(check(identity))

    assert (told(found), told(checked)) == (LIMIT, LIMIT)
    assert found.metadata == {"retry_after_seconds": "1"}
    assert found.message_vi == "Tra cứu quá nhiều, vui lòng thử lại sau 1 giây."
    assert (await find(identity, caller=OTHER)).person.full_name == "Trần Văn Thử"
    assert (await check(identity, caller=OTHER)).eligibility.result_code


async def test_the_limit_gives_again_as_the_clock_moves(world: World, clock: Clock):
    identity = await started(world, partial(RateLimiter, clock=clock))
    for _ in range(10):
        await find(identity)
    assert told(await refused(find(identity))) == LIMIT

    clock.now += 2
    served = [(await find(identity)).person.name for _ in range(2)]

    assert len(served) == 2
    assert told(await refused(find(identity))) == LIMIT
    clock.now += 3600
    assert [bool((await find(identity)).person.name) for _ in range(10)] == [True] * 10
    assert told(await refused(find(identity))) == LIMIT


async def test_a_refusal_says_when_to_come_back_as_grpc_does(world: World, clock: Clock):
    identity = await started(
        world, partial(RateLimiter, clock=clock), lookups_per_second=0.1, lookups_burst=1
    )
    await find(identity)

    with pytest.raises(grpc.aio.AioRpcError) as error:
        await find(identity)

    status, retry = rich_status(error.value), RetryInfo()
    assert status is not None
    assert any(detail.Unpack(retry) for detail in status.details if detail.Is(RetryInfo.DESCRIPTOR))
    assert retry.retry_delay.seconds == 10


async def test_misses_run_out_long_before_hits(world: World, clock: Clock):
    identity = await started(world, partial(RateLimiter, clock=clock), lookups_burst=100)
    for _ in range(20):
        await find(identity)
    misses = [(await refused(find(identity, UNKNOWN))).code, (await refused(find(identity, UNKNOWN))).code]
    misses.append((await check(identity, UNKNOWN)).eligibility.result_code)

    over = [told(await refused(find(identity))), told(await refused(check(identity, UNKNOWN)))]
    clock.now += 1

    assert misses == [StatusCode.NOT_FOUND, StatusCode.NOT_FOUND, "050"]
    assert over == [LIMIT, LIMIT]
    assert (await find(identity, caller=OTHER)).person.name
    assert (await find(identity)).person.name


async def test_what_is_no_guess_is_no_miss(world: World, clock: Clock):
    identity = await started(world, partial(RateLimiter, clock=clock), misses_burst=1, lookups_burst=100)
    card = {"facility": "facilities/01999", "access": TREATMENT}
    wrong = eligibility.CheckEligibilityRequest(card_number="DN9010000000001", **card)
    for _ in range(3):
        assert (await identity.eligibility().CheckEligibility(wrong)).eligibility.result_code == "053"
        # Known, and without a card.
        assert (await check(identity)).eligibility.result_code == "050"

    assert (await find(identity)).person.name


async def test_the_exchange_s_own_services_are_never_refused_for_misses(world: World, clock: Clock):
    identity = await started(world, partial(RateLimiter, clock=clock), lookups_burst=100)

    codes = [(await refused(find(identity, UNKNOWN, caller="service/records"))).code for _ in range(10)]

    assert codes == [StatusCode.NOT_FOUND] * 10
    assert (await find(identity, caller="service/records")).person.name


async def test_an_entry_asked_for_by_its_name_is_a_look_up_and_a_miss_too(world: World, clock: Clock):
    identity = await started(world, partial(RateLimiter, clock=clock), lookups_burst=5)
    name = (await find(identity)).person.name
    for _ in range(4):
        assert (await get(identity, name)).person.name == name
    over = told(await refused(get(identity, name)))
    missed = [(await refused(get(identity, caller=OTHER))).code for _ in range(3)]

    assert over == LIMIT
    assert missed == [StatusCode.NOT_FOUND] * 3
    assert told(await refused(get(identity, name, caller=OTHER))) == LIMIT
    # Of records' misses, none refuses.
    assert [(await refused(get(identity, caller="service/records"))).code for _ in range(5)] == [
        StatusCode.NOT_FOUND
    ] * 5


async def test_an_emergency_is_never_refused_because_somebody_guesses(world: World, clock: Clock, gate: Gate):
    identity = await started(
        world, partial(RateLimiter, clock=clock), gate=gate, lookups_burst=43, calls_each=192
    )
    guesses = [asyncio.create_task(refused(find(identity, UNKNOWN))) for _ in range(40)]
    await eventually(lambda: len(gate.order) == 40)
    gate.opened.set()
    assert {one.code for one in await asyncio.gather(*guesses)} == {StatusCode.NOT_FOUND}

    ordinary = await refused(find(identity))
    found = await find(identity, access=EMERGENCY)
    checking = question()
    checking.access.CopyFrom(EMERGENCY)
    checked = await identity.eligibility().CheckEligibility(checking)
    asked = pb.Demographics(full_name="Trần Văn Thử", birth_date=Date(year=1985, month=3, day=9))
    matched = await identity.persons().MatchPersons(
        pb.MatchPersonsRequest(demographics=asked, access=EMERGENCY)
    )
    over = await refused(find(identity, access=EMERGENCY))

    # However many guesses were under way, no more is owed than the three of one burst, and one more to come.
    assert (told(ordinary), ordinary.metadata) == (LIMIT, {"retry_after_seconds": "4"})
    assert found.person.full_name == "Trần Văn Thử"
    assert checked.eligibility.person == found.person.name
    assert len(matched.candidates) == 1
    # The look-ups themselves are still limited.
    assert (told(over), over.metadata) == (LIMIT, {"retry_after_seconds": "1"})
    clock.now += 4
    assert (await find(identity)).person.name


async def collected(answers: Any) -> list[Any]:
    return [answer async for answer in answers]


async def test_each_question_of_a_stream_counts_and_its_refusal_is_an_answer(
    world: World, clock: Clock, gate: Gate
):
    identity = await started(world, partial(RateLimiter, clock=clock), gate=gate, lookups_burst=100)
    asked = stream(
        *(
            eligibility.CheckEligibilitiesRequest(tag=str(tag), question=question(number))
            for tag, number in enumerate([KNOWN, UNKNOWN, UNKNOWN, UNKNOWN])
        )
    )
    # All four are admitted before the first of them is known to be a failure.
    answering = asyncio.ensure_future(collected(identity.eligibility().CheckEligibilities(asked)))
    await eventually(lambda: len(gate.order) == 4)
    gate.opened.set()
    answers = await answering
    late = stream(eligibility.CheckEligibilitiesRequest(tag="late", question=question(KNOWN)))
    [refusal] = [one async for one in identity.eligibility().CheckEligibilities(late)]

    assert [one.eligibility.result_code for one in answers] == ["050"] * 4
    assert (refusal.tag, refusal.fault.reason) == ("late", "ERROR_REASON_LOOKUP_LIMIT_REACHED")


async def test_a_caller_that_comes_back_under_a_full_table_has_no_new_account(world: World, clock: Clock):
    identity = await started(world, partial(RateLimiter, clock=clock, max_callers=1), lookups_burst=2)
    third = "facility/01929"
    for caller in (HOSPITAL, OTHER):
        await find(identity, caller=caller)

    # One account is kept, and in use: the two others share one.
    await find(identity, caller=third)
    shared = await refused(find(identity, caller=OTHER))
    again = await find(identity)
    own = await refused(find(identity))
    clock.now += 3600

    assert (told(shared), told(own)) == (LIMIT, LIMIT)
    assert again.person.name
    assert (await find(identity, caller=third)).person.name


async def test_a_flood_of_refusals_leaves_one_row_and_not_one_each(world: World, clock: Clock):
    flooded = asyncio.Event()

    class LateReporter(RateLimiter):
        async def report(self) -> None:
            await flooded.wait()
            await super().report()

    quick = partial(LateReporter, clock=clock, report_interval_s=0.01)
    identity = await started(world, quick, lookups_burst=1)
    await find(identity)
    for _ in range(25):
        assert told(await refused(find(identity))) == LIMIT
    flooded.set()
    refusals = "SELECT caller, method, reason, subject FROM audit WHERE NOT allowed"
    rows = await eventually(lambda: identity.rows(refusals))

    assert [tuple(row) for row in rows] == [
        (HOSPITAL, "lientuyen.identity.v1.PersonService/FindPerson", "25 look-ups refused (lookups)", "")
    ]


@pytest.mark.parametrize("method", ["FindPerson", "GetPerson"])
async def test_a_flood_of_one_hospital_does_not_starve_another(world: World, gate: Gate, method: str):
    """There is one place, and it is held until all wait; then the order in which they have it tells."""
    settings = {"lookups_burst": 1000, "lookups_per_second": 1000, "misses_burst": 100, "calls_each": 192}
    limiters: list[RateLimiter] = []

    def new_rate_limiter(*args: Any, **more: Any) -> RateLimiter:
        limiters.append(RateLimiter(*args, **more))
        return limiters[-1]

    identity = await started(world, new_rate_limiter, gate=gate, lookups_at_once=1, **settings)
    one = find if method == "FindPerson" else lambda identity: refused(get(identity))
    others = [OTHER, "facility/01929"]

    flood = [asyncio.ensure_future(one(identity)) for _ in range(30)]
    await eventually(lambda: limiters[0].waiting == 29)
    between = [asyncio.ensure_future(find(identity, caller=caller)) for caller in others]
    await eventually(lambda: limiters[0].waiting == 31)
    gate.opened.set()
    await asyncio.gather(*flood, *between)

    # One of the flood held the place, one waited before the others came: then it is their turn.
    assert gate.order[:2] == [HOSPITAL] * 2
    assert sorted(gate.order[2:4]) == sorted(others)
    assert gate.order[4:] == [HOSPITAL] * 28


def match(identity: Identity, name: str, born: Date | None = None, caller: str = HOSPITAL) -> Awaitable[Any]:
    asked = pb.Demographics(full_name=name, birth_date=born or Date(year=1985))
    return identity.persons(caller).MatchPersons(pb.MatchPersonsRequest(demographics=asked, access=TREATMENT))


async def test_a_list_of_people_to_choose_from_uses_up_misses(world: World, clock: Clock):
    identity = await started(world, partial(RateLimiter, clock=clock))
    namesakes = [
        person_row(
            personal_id=f"00148500{at:04}",
            social_insurance_number=f"00000001{at:02}",
            old_id="",
            full_name="Nguyễn Văn Mẫu",
            birth_date=Date(year=1985, month=1 + at, day=1),
        )
        for at in range(8)
    ]
    await identity.import_persons(*namesakes)

    for _ in range(3):
        found = await match(identity, "Nguyễn Văn Mẫu")
        assert len(found.candidates) == 8

    assert told(await refused(match(identity, "Nguyễn Văn Mẫu"))) == LIMIT


async def test_one_likely_person_is_a_hit(world: World, clock: Clock):
    identity = await started(world, partial(RateLimiter, clock=clock))

    for _ in range(5):
        assert len((await match(identity, "Trần Văn Thử", Date(year=1985, month=3, day=9))).candidates) == 1


async def test_comparing_names_leaves_connections_to_the_others(world: World):
    running = {"now": 0, "most": 0}

    async def counted(*given: Any, **more: Any) -> Any:
        running["now"] += 1
        running["most"] = max(running["most"], running["now"])
        try:
            return await matcher.find_candidates(*given, **more)
        finally:
            running["now"] -= 1

    counting = partial(Matcher, find=counted)
    identity = await started(world, new_matcher=counting, lookups_burst=1000, misses_burst=1000)

    await asyncio.gather(*(match(identity, "Trần Văn Thử") for _ in range(40)))

    assert 1 <= running["most"] <= matcher.MAX_CONCURRENCY * 3 // 4
