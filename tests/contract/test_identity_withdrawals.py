"""What a consent rests on, what ends it, and what is no consent at all: over the wire, at two replicas."""

import asyncio

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import consent_pb2 as pb
from lientuyen.identity.v1 import consent_service_pb2 as service
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.identity_env import (
    HOSPITAL,
    OTHER,
    Identity,
    access,
    coverage_row,
    key,
)
from tests.harness import World, refused

VNEID = "authority/vneid"
CHILD = Date(year=2018, month=5, day=1)


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


async def withdraw(identity: Identity, consent: pb.Consent, caller: str = HOSPITAL) -> None:
    request = service.WithdrawConsentRequest(request_id=key(), name=consent.name)
    await identity.consents(caller).WithdrawConsent(request)


async def test_a_withdrawal_holds_at_the_next_call_at_every_replica(identity: Identity):
    other = await identity.replica()
    person = await identity.person()
    for replica, at in ((identity, other), (other, identity)):
        consent = await replica.consent(person.name)
        assert [(await one.decide(person.name)).allowed for one in (identity, other)] == [True, True]

        await withdraw(at, consent)

        assert [(await one.decide(person.name)).allowed for one in (identity, other)] == [False, False]


async def test_a_withdrawal_ends_nothing_but_its_own_consent(identity: Identity):
    person = await identity.person()
    mine, theirs = await identity.consent(person.name), await identity.consent(person.name, caller=OTHER)
    everybody = await identity.consent(person.name, caller=VNEID, facility="")

    await withdraw(identity, mine)
    still = (await identity.decide(person.name)).consent
    await withdraw(identity, everybody, caller=VNEID)
    gone = (await identity.decide(person.name)).reason
    kept = (await identity.decide(person.name, "79999")).consent

    assert (still, gone, kept) == (everybody.name, pb.Decision.REASON_NO_CONSENT, theirs.name)


async def test_decisions_under_way_while_it_is_withdrawn_never_follow_it(identity: Identity):
    person = await identity.person()
    consent = await identity.consent(person.name)

    async def reading() -> list[bool]:
        return [(await identity.decide(person.name)).allowed for _ in range(10)]

    *read, _ = await asyncio.gather(reading(), reading(), reading(), withdraw(identity, consent))
    after = await reading()

    assert all(one == sorted(one, reverse=True) for one in read)
    assert not any(after)


async def test_the_initial_facility_of_a_card_reads_nothing_without_a_consent(identity: Identity):
    person = await identity.person()
    await identity.import_coverages(coverage_row(initial_facility_code="01999"))

    asked = [
        await identity.decide(person.name, access=access(purpose, basis))
        for purpose, basis in (("TREATMENT", "CONSENT"), ("PAYMENT", "CONSENT"), ("TREATMENT", "OWN_RECORD"))
    ]

    assert [one.allowed for one in asked] == [False, False, False]


async def agreed_by(identity: Identity, person: str, guardian: str, **more: object) -> pb.Consent:
    named = pb.Guardian(person=guardian, relation=pb.Guardian.RELATION_PARENT)
    return await identity.consent(person, guardian=named, **more)


async def test_a_guardian_is_a_known_adult_and_somebody_else(identity: Identity):
    child = await identity.person(birth_date=CHILD)
    mother = await identity.person(
        personal_id="001485000024", old_id="", social_insurance_number="0000000002"
    )
    brother = await identity.person(
        personal_id="001485000032", old_id="", social_insurance_number="0000000003", birth_date=CHILD
    )

    alone = await refused(agreed_by(identity, child.name, mother.name))
    themself = await refused(agreed_by(identity, child.name, child.name, child_agreed=True))
    a_child = await refused(agreed_by(identity, child.name, brother.name, child_agreed=True))
    nobody = await refused(agreed_by(identity, child.name, f"persons/{key()}", child_agreed=True))
    kept = await agreed_by(identity, child.name, mother.name, child_agreed=True)

    def rules(refusal: object) -> list[str]:
        return sorted(one.rule for one in refusal.violations)

    assert [rules(one) for one in (alone, themself, a_child, nobody)] == [
        ["child_agreed"],
        ["guardian.child", "guardian.self"],
        ["guardian.child"],
        ["guardian.unknown"],
    ]
    assert kept.guardian.person == mother.name
    assert (await identity.decide(child.name)).consent == kept.name


async def test_a_signed_document_is_proved_by_its_hash(identity: Identity):
    person = await identity.person()
    kind = pb.ConsentProof.KIND_SIGNED_DOCUMENT
    bare = pb.ConsentProof(kind=kind, reference="văn bản 12/2026")
    hashed = pb.ConsentProof(kind=kind, reference="văn bản 12/2026", sha256=bytes(32))

    refusal = await refused(identity.consent(person.name, proof=bare))
    kept = await identity.consent(person.name, proof=hashed)

    assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, ["consent.proof.sha256"])
    assert kept.proof == hashed
