"""What the entries of one person share while they are merged: consents, emergencies, cards."""

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import consent_pb2, eligibility_service_pb2, person_pb2
from lientuyen.identity.v1 import consent_service_pb2 as pb
from lientuyen.identity.v1 import error_reasons as reasons
from tests.world import World, refused

from .identity_town import HOSPITAL, OURS, TREATMENT, Town, access, coverage_row, key, town_of
from .test_identity_merges import merge, two, unmerge

Reason = consent_pb2.Decision.Reason


@pytest.fixture
async def town(world: World) -> Town:
    return await town_of(world)


async def listed(town: Town, person: str) -> list[str]:
    request = pb.ListConsentsRequest(parent=person, access=access(), page_size=1)
    found = []
    while True:
        answer = await town.consents().ListConsents(request)
        found += [one.name for one in answer.consents]
        request.page_token = answer.next_page_token
        if not request.page_token:
            return found


async def test_a_consent_of_either_entry_counts_for_both_until_they_are_parted(town: Town):
    winner, loser = await two(town)
    given = await town.consent(loser.name)
    before = await town.decide(winner.name)

    made = (await merge(town, loser.name, winner.name)).merge
    merged = [await town.decide(name) for name in (winner.name, loser.name)]
    await unmerge(town, made.name)
    after = [await town.decide(name) for name in (winner.name, loser.name)]

    assert before.reason == Reason.REASON_NO_CONSENT
    assert [(one.allowed, one.consent) for one in merged] == [(True, given.name)] * 2
    assert [one.allowed for one in after] == [False, True]


async def test_a_decision_tells_every_name_of_the_person_whatever_it_is(town: Town):
    winner, loser = await two(town)
    made = (await merge(town, loser.name, winner.name)).merge

    denied = await town.decide(loser.name)
    await town.consent(winner.name)
    allowed = await town.decide(winner.name)
    await unmerge(town, made.name)
    parted = await town.decide(loser.name)
    nobody = await town.decide("persons/00000000-0000-0000-0000-000000000007")

    both = [OURS + winner.name, OURS + loser.name]
    assert (denied.allowed, list(denied.persons)) == (False, both)
    assert (allowed.allowed, list(allowed.persons)) == (True, both)
    assert list(parted.persons) == [OURS + loser.name]
    assert list(nobody.persons) == []


async def test_consents_are_listed_and_withdrawn_by_any_name_and_stay_with_their_entry(town: Town):
    winner, loser = await two(town)
    first = await town.consent(loser.name)
    made = (await merge(town, loser.name, winner.name)).merge
    second, third = await town.consent(winner.name), await town.consent(loser.name)

    assert await listed(town, winner.name) == await listed(town, loser.name)
    assert await listed(town, winner.name) == [third.name, second.name, first.name]
    by_root = f"{winner.name}/consents/{first.name.rpartition('/')[2]}"
    request = pb.WithdrawConsentRequest(request_id=key(), name=by_root, reason="")
    assert (await town.consents().WithdrawConsent(request)).consent.name == first.name

    await unmerge(town, made.name)
    foreign = f"{winner.name}/consents/{third.name.rpartition('/')[2]}"
    gone = await refused(
        town.consents().WithdrawConsent(pb.WithdrawConsentRequest(request_id=key(), name=foreign))
    )

    assert await listed(town, winner.name) == [second.name]
    assert await listed(town, loser.name) == [third.name, first.name]
    assert (gone.code, gone.reason) == (StatusCode.NOT_FOUND, reasons.CONSENT_NOT_FOUND.name)


async def test_an_emergency_goes_on_over_a_merge_and_is_listed_by_any_name(town: Town):
    winner, loser = await two(town)
    urgent = access("TREATMENT", "EMERGENCY", "hôn mê")
    first = await town.decide(loser.name, access=urgent)
    made = (await merge(town, loser.name, winner.name)).merge

    again = await town.decide(winner.name, access=urgent)

    async def found(person: person_pb2.Person) -> list[tuple[str, int]]:
        request = pb.ListEmergencyAccessesRequest(
            person=person.name, access=access("OPERATIONS", "LEGAL_DUTY")
        )
        answer = await town.consents("authority/byt").ListEmergencyAccesses(request)
        return [(one.name, one.use_count) for one in answer.emergency_accesses]

    assert again.emergency_access == first.emergency_access
    assert await decided(town, loser.name) == await decided(town, winner.name) == 1
    assert await found(winner) == await found(loser) == [(first.emergency_access, 2)]
    await unmerge(town, made.name)
    assert (await found(winner), await found(loser)) == ([], [(first.emergency_access, 2)])


async def decided(town: Town, person: str) -> int:
    """How many decisions the log of one entry tells of."""
    return sum(method == "ConsentService/Authorize" for _, method, _, _ in await town.audit(OURS + person))


async def test_a_card_of_the_loser_covers_the_person_by_either_name(town: Town):
    winner, loser = await two(town)
    await town.import_coverages(coverage_row(personal_id="001485000024"))
    made = (await merge(town, loser.name, winner.name)).merge

    async def covered(person: str) -> tuple[str, bool]:
        request = eligibility_service_pb2.CheckEligibilityRequest(
            person=person, facility="facilities/01999", access=TREATMENT
        )
        answer = (await town.eligibility(HOSPITAL).CheckEligibility(request)).eligibility
        return answer.person, answer.result_code == "000"

    assert await covered(winner.name) == await covered(loser.name) == (winner.name, True)
    await unmerge(town, made.name)
    assert await covered(winner.name) == (winner.name, False)
    assert await covered(loser.name) == (loser.name, True)


async def test_nobody_is_their_own_guardian_under_another_name(town: Town):
    winner, loser = await two(town)
    await merge(town, loser.name, winner.name)
    guardian = consent_pb2.Guardian(person=loser.name, relation=consent_pb2.Guardian.RELATION_REPRESENTATIVE)

    refusal = await refused(town.consent(winner.name, guardian=guardian))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.CONSENT_INVALID.name)
    assert [one.field for one in refusal.violations] == ["consent.guardian.person"]


async def test_a_list_of_consents_is_logged_under_the_name_that_was_asked_for(town: Town):
    winner, loser = await two(town)
    await merge(town, loser.name, winner.name)

    await town.consents().ListConsents(pb.ListConsentsRequest(parent=loser.name, access=access()))

    assert (HOSPITAL, "ConsentService/ListConsents", True, False) in await town.audit(OURS + loser.name)
    assert (HOSPITAL, "ConsentService/ListConsents", True, False) not in await town.audit(OURS + winner.name)
