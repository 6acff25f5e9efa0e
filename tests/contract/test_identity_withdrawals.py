"""What a consent rests on, what ends it, and what is no consent at all: over the wire, at two replicas."""

import asyncio

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import consent_pb2 as pb
from lientuyen.identity.v1 import consent_service_pb2 as service
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.identity_town import (
    HOSPITAL,
    OTHER,
    Town,
    access,
    coverage_row,
    key,
    town_of,
)
from tests.world import Running, World, refused

VNEID = "authority/vneid"
CHILD = Date(year=2018, month=5, day=1)


@pytest.fixture
async def town(world: World) -> Town:
    return await town_of(world)


async def replica_of(town: Town) -> Town:
    """The town as a second replica of the service sees it: the same database, another server."""
    url = town.running.settings.database_url
    second: Running = await town.world.start("identity", database_url=url)
    return Town(town.world, second)


async def withdraw(town: Town, consent: pb.Consent, who: str = HOSPITAL) -> None:
    request = service.WithdrawConsentRequest(request_id=key(), name=consent.name)
    await town.consents(who).WithdrawConsent(request)


async def test_a_withdrawal_holds_at_the_next_call_at_every_replica(town: Town):
    other = await replica_of(town)
    person = await town.person()
    for replica, at in ((town, other), (other, town)):
        consent = await replica.consent(person.name)
        assert [(await one.decide(person.name)).allowed for one in (town, other)] == [True, True]

        await withdraw(at, consent)

        assert [(await one.decide(person.name)).allowed for one in (town, other)] == [False, False]


async def test_a_withdrawal_ends_nothing_but_its_own_consent(town: Town):
    person = await town.person()
    mine, theirs = await town.consent(person.name), await town.consent(person.name, who=OTHER)
    everybody = await town.consent(person.name, who=VNEID, facility="")

    await withdraw(town, mine)
    still = (await town.decide(person.name)).consent
    await withdraw(town, everybody, who=VNEID)
    gone = (await town.decide(person.name)).reason
    kept = (await town.decide(person.name, "79999")).consent

    assert (still, gone, kept) == (everybody.name, pb.Decision.REASON_NO_CONSENT, theirs.name)


async def test_decisions_under_way_while_it_is_withdrawn_never_follow_it(town: Town):
    person = await town.person()
    consent = await town.consent(person.name)

    async def reading() -> list[bool]:
        return [(await town.decide(person.name)).allowed for _ in range(10)]

    *read, _ = await asyncio.gather(reading(), reading(), reading(), withdraw(town, consent))
    after = await reading()

    assert all(one == sorted(one, reverse=True) for one in read)
    assert not any(after)


async def test_the_initial_facility_of_a_card_reads_nothing_without_a_consent(town: Town):
    person = await town.person()
    await town.import_coverages(coverage_row(initial_facility_code="01999"))

    asked = [
        await town.decide(person.name, access=access(purpose, basis))
        for purpose, basis in (("TREATMENT", "CONSENT"), ("PAYMENT", "CONSENT"), ("TREATMENT", "OWN_RECORD"))
    ]

    assert [one.allowed for one in asked] == [False, False, False]


async def agreed_by(town: Town, person: str, guardian: str, **more: object) -> pb.Consent:
    named = pb.Guardian(person=guardian, relation=pb.Guardian.RELATION_PARENT)
    return await town.consent(person, guardian=named, **more)


async def test_a_guardian_is_a_known_adult_and_somebody_else(town: Town):
    child = await town.person(birth_date=CHILD)
    mother = await town.person(personal_id="001485000024", old_id="", social_insurance_number="0000000002")
    brother = await town.person(
        personal_id="001485000032", old_id="", social_insurance_number="0000000003", birth_date=CHILD
    )

    alone = await refused(agreed_by(town, child.name, mother.name))
    themself = await refused(agreed_by(town, child.name, child.name, child_agreed=True))
    a_child = await refused(agreed_by(town, child.name, brother.name, child_agreed=True))
    nobody = await refused(agreed_by(town, child.name, f"persons/{key()}", child_agreed=True))
    kept = await agreed_by(town, child.name, mother.name, child_agreed=True)

    def rules(refusal: object) -> list[str]:
        return sorted(one.rule for one in refusal.violations)

    assert [rules(one) for one in (alone, themself, a_child, nobody)] == [
        ["child_agreed"],
        ["guardian.child", "guardian.self"],
        ["guardian.child"],
        ["guardian.unknown"],
    ]
    assert kept.guardian.person == mother.name
    assert (await town.decide(child.name)).consent == kept.name


async def test_a_signed_document_is_proved_by_its_hash(town: Town):
    person = await town.person()
    kind = pb.ConsentProof.KIND_SIGNED_DOCUMENT
    bare = pb.ConsentProof(kind=kind, reference="văn bản 12/2026")
    hashed = pb.ConsentProof(kind=kind, reference="văn bản 12/2026", sha256=bytes(32))

    refusal = await refused(town.consent(person.name, proof=bare))
    kept = await town.consent(person.name, proof=hashed)

    assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, ["consent.proof.sha256"])
    assert kept.proof == hashed
