"""A hospital cannot give itself the patient's leave unseen (ADR 0048)."""

from typing import Any

import pytest

from lientuyen.chassis.v1.audit_service_pb2 import Access, ListAccessesRequest
from lientuyen.chassis.v1.audit_service_pb2_grpc import AuditServiceStub
from lientuyen.identity.v1 import consent_pb2 as pb
from lientuyen.identity.v1 import consent_service_pb2 as service
from lientuyen.identity.v1.emergency_access_pb2 import EmergencyAccess
from lientuyen.identity.v1.person_service_pb2 import MergePersonsRequest
from tests.contract.identity_env import HOSPITAL, OURS, Identity, access, key
from tests.harness import World

VNEID, OPERATOR, REVIEWER = "authority/vneid", "operator/an", "authority/byt"
HIV = [pb.DATA_CLASS_CARE, pb.DATA_CLASS_HIV]
PHARMACY = "pharmacy/NT00001"
CONFIRMED = pb.ConsentProof(kind=pb.ConsentProof.KIND_VNEID, reference="VNeID 7")
SIGNED = pb.ConsentProof(kind=pb.ConsentProof.KIND_SIGNED_DOCUMENT, reference="tờ 7", sha256=bytes(range(32)))


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


async def waiting(identity: Identity, caller: str = REVIEWER, **more: Any) -> list[EmergencyAccess]:
    """Return what waits for a review."""
    request = service.ListEmergencyAccessesRequest(
        access=access("OPERATIONS", "LEGAL_DUTY"), state=EmergencyAccess.STATE_OPEN, **more
    )
    return list((await identity.consents(caller).ListEmergencyAccesses(request)).emergency_accesses)


async def review(identity: Identity, found: EmergencyAccess, *, justified: bool) -> None:
    request = service.ReviewEmergencyAccessRequest(
        request_id=key(), name=found.name, justified=justified, note="đã xem văn bản gốc"
    )
    await identity.consents(REVIEWER).ReviewEmergencyAccess(request)


async def log_of(identity: Identity, person: str) -> list[Access]:
    """Return what the person reads of who looked, newest first."""
    request = ListAccessesRequest(subject=person)
    return list((await identity.stub(AuditServiceStub, VNEID).ListAccesses(request)).accesses)


@pytest.mark.parametrize(("caller", "proof"), [(HOSPITAL, {}), (HOSPITAL, {"proof": SIGNED}), (PHARMACY, {})])
async def test_a_consent_to_restricted_data_that_its_reader_recorded_is_reviewed_when_it_is_used(
    identity: Identity, caller: str, proof: dict[str, Any]
):
    person = await identity.person()
    consent = await identity.consent(person.name, caller, data_classes=HIV, **proof)
    code = caller.partition("/")[2]

    decision = await identity.decide(person.name, code, data_classes=HIV)
    again = await identity.decide(person.name, code, data_classes=HIV)
    looks = await identity.audit(person.name)
    [found] = await waiting(identity)

    assert (decision.allowed, decision.flagged, decision.consent) == (True, True, consent.name)
    assert (found.name, found.consent, found.person) == (
        decision.emergency_access,
        consent.name,
        person.name,
    )
    assert (again.emergency_access, found.use_count) == (found.name, 2)
    assert found.facility == f"{OURS}facilities/{code}"
    assert looks[-1] == ("service/records", "ConsentService/Authorize", True, True)


async def test_what_the_person_confirmed_in_vneid_is_not_reviewed(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name, data_classes=HIV)
    confirmed = await identity.consent(
        person.name, VNEID, facility="facilities/01999", data_classes=HIV, proof=CONFIRMED
    )

    decision = await identity.decide(person.name, data_classes=HIV)

    assert (decision.allowed, decision.flagged, decision.consent) == (True, False, confirmed.name)
    assert await waiting(identity) == []


async def test_what_somebody_else_recorded_is_not_reviewed(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name, OPERATOR, facility="facilities/01999", data_classes=HIV)

    decision = await identity.decide(person.name, data_classes=HIV)

    assert (decision.allowed, decision.flagged, await waiting(identity)) == (True, False, [])


async def test_a_consent_that_a_review_upholds_is_reviewed_no_more(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name, data_classes=HIV)
    await identity.decide(person.name, data_classes=HIV)
    [found] = await waiting(identity)

    await review(identity, found, justified=True)
    decision = await identity.decide(person.name, data_classes=HIV)

    assert (decision.allowed, decision.flagged, await waiting(identity)) == (True, False, [])


async def test_a_consent_that_a_review_does_not_uphold_counts_no_more_and_the_person_reads_why(
    identity: Identity,
):
    person = await identity.person()
    await identity.consent(person.name, data_classes=HIV)
    await identity.decide(person.name, data_classes=HIV)
    [found] = await waiting(identity)

    await review(identity, found, justified=False)
    rows = [
        row for row in await log_of(identity, person.name) if row.method.endswith("ReviewEmergencyAccess")
    ]
    decision = await identity.decide(person.name, data_classes=HIV)

    assert (decision.allowed, decision.reason) == (False, pb.Decision.REASON_NO_CONSENT)
    assert [row for row in rows if "Hậu kiểm không công nhận" in row.reason]


async def test_the_facility_sees_that_its_use_is_reviewed(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name, data_classes=HIV)
    await identity.decide(person.name, data_classes=HIV)

    request = service.ListEmergencyAccessesRequest(access=access(), facility="facilities/01999")
    [own] = (await identity.consents(HOSPITAL).ListEmergencyAccesses(request)).emergency_accesses

    assert own.consent


async def test_a_consent_of_a_merged_entry_is_reviewed_under_its_own_name(identity: Identity):
    winner = await identity.person()
    loser = await identity.person(
        personal_id="001485000029", old_id="012345679", social_insurance_number="0000000002"
    )
    consent = await identity.consent(loser.name, data_classes=HIV)
    await merge(identity, loser.name, winner.name)

    decision = await identity.decide(winner.name, data_classes=HIV)
    [found] = await waiting(identity)
    await review(identity, found, justified=True)

    assert (decision.flagged, found.consent) == (True, consent.name)
    assert not (await identity.decide(winner.name, data_classes=HIV)).flagged


async def merge(identity: Identity, loser: str, winner: str) -> None:
    request = MergePersonsRequest(request_id=key(), loser=loser, winner=winner, reason="một người")
    await identity.persons(OPERATOR).MergePersons(request)


async def test_ordinary_care_opens_without_review_under_the_same_consent(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name, data_classes=HIV)

    decision = await identity.decide(person.name)

    assert (decision.allowed, decision.flagged, await waiting(identity)) == (True, False, [])


async def test_the_person_reads_that_the_facility_itself_recorded_a_consent(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name)
    [recorded] = [one for one in await log_of(identity, person.name) if "CreateConsent" in one.method]

    assert (recorded.caller, recorded.flagged) == (HOSPITAL, True)
    assert "do chính cơ sở ghi nhận" in recorded.reason


@pytest.mark.parametrize("caller", [VNEID, OPERATOR])
async def test_a_consent_that_another_recorded_is_not_flagged(identity: Identity, caller: str):
    person = await identity.person()
    await identity.consent(person.name, caller, facility="facilities/01999")
    [recorded] = [one for one in await log_of(identity, person.name) if "CreateConsent" in one.method]

    assert (recorded.caller, recorded.flagged, recorded.reason) == (caller, False, "")
