"""What the entries of one person share while they are merged: consents, emergencies, cards."""

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import consent_pb2, eligibility_service_pb2, person_pb2
from lientuyen.identity.v1 import consent_service_pb2 as pb
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.type.v1.date_pb2 import Date
from tests.harness import World, refused

from .identity_env import HOSPITAL, TREATMENT, Identity, access, coverage_row, key
from .test_identity_merges import merge, two, unmerge

Reason = consent_pb2.Decision.Reason


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


async def listed(identity: Identity, person: str) -> list[str]:
    request = pb.ListConsentsRequest(parent=person, access=access(), page_size=1)
    found = []
    while True:
        answer = await identity.consents().ListConsents(request)
        found += [one.name for one in answer.consents]
        request.page_token = answer.next_page_token
        if not request.page_token:
            return found


async def test_a_consent_of_either_entry_counts_for_both_until_they_are_parted(identity: Identity):
    winner, loser = await two(identity)
    given = await identity.consent(loser.name)
    before = await identity.decide(winner.name)

    made = (await merge(identity, loser.name, winner.name)).merge
    merged = [await identity.decide(name) for name in (winner.name, loser.name)]
    await unmerge(identity, made.name)
    after = [await identity.decide(name) for name in (winner.name, loser.name)]

    assert before.reason == Reason.REASON_NO_CONSENT
    assert [(one.allowed, one.consent) for one in merged] == [(True, given.name)] * 2
    assert [one.allowed for one in after] == [False, True]


async def test_a_decision_tells_every_name_of_the_person_whatever_it_is(identity: Identity):
    winner, loser = await two(identity)
    made = (await merge(identity, loser.name, winner.name)).merge

    denied = await identity.decide(loser.name)
    await identity.consent(winner.name)
    allowed = await identity.decide(winner.name)
    await unmerge(identity, made.name)
    parted = await identity.decide(loser.name)
    nobody = await identity.decide("persons/00000000-0000-0000-0000-000000000007")

    both = [winner.name, loser.name]
    assert (denied.allowed, list(denied.persons)) == (False, both)
    assert (allowed.allowed, list(allowed.persons)) == (True, both)
    assert list(parted.persons) == [loser.name]
    assert list(nobody.persons) == []


async def test_consents_are_listed_and_withdrawn_by_any_name_and_stay_with_their_entry(identity: Identity):
    winner, loser = await two(identity)
    first = await identity.consent(loser.name)
    made = (await merge(identity, loser.name, winner.name)).merge
    second, third = await identity.consent(winner.name), await identity.consent(loser.name)

    assert await listed(identity, winner.name) == await listed(identity, loser.name)
    assert await listed(identity, winner.name) == [third.name, second.name, first.name]
    by_root = f"{winner.name}/consents/{first.name.rpartition('/')[2]}"
    request = pb.WithdrawConsentRequest(request_id=key(), name=by_root, reason="")
    assert (await identity.consents().WithdrawConsent(request)).consent.name == first.name

    await unmerge(identity, made.name)
    foreign = f"{winner.name}/consents/{third.name.rpartition('/')[2]}"
    gone = await refused(
        identity.consents().WithdrawConsent(pb.WithdrawConsentRequest(request_id=key(), name=foreign))
    )

    assert await listed(identity, winner.name) == [second.name]
    assert await listed(identity, loser.name) == [third.name, first.name]
    assert (gone.code, gone.reason) == (StatusCode.NOT_FOUND, reasons.CONSENT_NOT_FOUND.name)


async def test_an_emergency_goes_on_over_a_merge_and_is_listed_by_any_name(identity: Identity):
    winner, loser = await two(identity)
    urgent = access("TREATMENT", "EMERGENCY", "hôn mê")
    first = await identity.decide(loser.name, access=urgent)
    made = (await merge(identity, loser.name, winner.name)).merge

    again = await identity.decide(winner.name, access=urgent)

    async def found(person: person_pb2.Person) -> list[tuple[str, int]]:
        request = pb.ListEmergencyAccessesRequest(
            person=person.name, access=access("OPERATIONS", "LEGAL_DUTY")
        )
        answer = await identity.consents("authority/byt").ListEmergencyAccesses(request)
        return [(one.name, one.use_count) for one in answer.emergency_accesses]

    assert again.emergency_access == first.emergency_access
    assert await decided(identity, loser.name) == await decided(identity, winner.name) == 1
    assert await found(winner) == await found(loser) == [(first.emergency_access, 2)]
    await unmerge(identity, made.name)
    assert (await found(winner), await found(loser)) == ([], [(first.emergency_access, 2)])


async def decided(identity: Identity, person: str) -> int:
    """How many decisions the log of one entry tells of."""
    return sum(method == "ConsentService/Authorize" for _, method, _, _ in await identity.audit(person))


async def test_a_card_of_the_loser_covers_the_person_by_either_name(identity: Identity):
    winner, loser = await two(identity)
    last = Date(year=2099, month=12, day=31)
    await identity.import_coverages(coverage_row(personal_id="001485000024", valid_to=last))
    made = (await merge(identity, loser.name, winner.name)).merge

    async def covered(person: str) -> tuple[str, bool]:
        request = eligibility_service_pb2.CheckEligibilityRequest(
            person=person, facility="facilities/01999", access=TREATMENT
        )
        answer = (await identity.eligibility(HOSPITAL).CheckEligibility(request)).eligibility
        return answer.person, answer.result_code == "000"

    assert await covered(winner.name) == await covered(loser.name) == (winner.name, True)
    await unmerge(identity, made.name)
    assert await covered(winner.name) == (winner.name, False)
    assert await covered(loser.name) == (loser.name, True)


async def test_nobody_is_their_own_guardian_under_another_name(identity: Identity):
    winner, loser = await two(identity)
    await merge(identity, loser.name, winner.name)
    guardian = consent_pb2.Guardian(person=loser.name, relation=consent_pb2.Guardian.RELATION_REPRESENTATIVE)

    refusal = await refused(identity.consent(winner.name, guardian=guardian))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.CONSENT_INVALID.name)
    assert [one.field for one in refusal.violations] == ["consent.guardian.person"]


async def test_a_list_of_consents_is_logged_under_the_name_that_was_asked_for(identity: Identity):
    winner, loser = await two(identity)
    await merge(identity, loser.name, winner.name)

    await identity.consents().ListConsents(pb.ListConsentsRequest(parent=loser.name, access=access()))

    assert (HOSPITAL, "ConsentService/ListConsents", True, False) in await identity.audit(loser.name)
    assert (HOSPITAL, "ConsentService/ListConsents", True, False) not in await identity.audit(winner.name)
