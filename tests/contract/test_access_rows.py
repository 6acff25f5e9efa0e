"""Who read or decided about a person is in the access log: every method is called, and looked for there."""

import pytest

from lientuyen.chassis.v1 import audit_service_pb2, outcome_service_pb2
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.audit_service_pb2_grpc import AuditServiceStub
from lientuyen.chassis.v1.outcome_service_pb2_grpc import OutcomeServiceStub
from lientuyen.identity.v1.consent_service_pb2 import ReviewEmergencyAccessRequest
from services.unimplemented import UNIMPLEMENTED
from tests.contract.every_read import READS
from tests.contract.every_row import NO_ROW, OPERATORS_ONLY
from tests.contract.every_write import STORIES
from tests.contract.identity_env import Identity, access, key
from tests.contract.recorded_calls import RecordedCalls
from tests.contract.routing_env import DISTRICT, PERSON, Routing
from tests.contract.test_wrong_kinds import answered
from tests.harness import World, refused
from tests.shape.contract import methods

OPERATOR = "operator/an"


async def methods_with_rows(service: RecordedCalls) -> set[str]:
    return {row[0] for row in await service.rows("SELECT DISTINCT method FROM audit WHERE allowed")}


@pytest.mark.parametrize("story", STORIES)
async def test_every_method_leaves_a_row_or_says_why_not(world: World, story: str):
    recorded, write_all = STORIES[story]
    service = await recorded(world).start()
    await write_all(service)
    reads = list(READS[story](service))
    for read in reads:
        await answered(service, read.caller, read.method, read.request)

    called = {call.method for call in service.calls} | {read.method for read in reads}
    logged = await methods_with_rows(service)
    silent = {method for method in called - logged if method not in NO_ROW}
    needless = {method for method in called & logged if method in NO_ROW}
    assert (silent, needless) == (set(), set())


def test_the_table_names_methods_of_the_contract_only():
    everything = {method.full for method in methods() if method.full not in UNIMPLEMENTED}

    assert set(NO_ROW) | OPERATORS_ONLY <= everything
    assert not set(NO_ROW) & OPERATORS_ONLY


async def test_who_reviewed_an_emergency_is_in_the_persons_log(world: World):
    identity = await Identity(world).start()
    person = await identity.person()
    decision = await identity.decide(person.name, access=access(basis="EMERGENCY", reason="ngừng tim"))
    review = ReviewEmergencyAccessRequest(
        request_id=key(), name=decision.emergency_access, justified=True, note="đúng quy trình"
    )
    await identity.consents("authority/byt").ReviewEmergencyAccess(review)

    log = await identity.audit(person.name)
    assert log[-1] == ("authority/byt", "ConsentService/ReviewEmergencyAccess", True, False)


async def test_an_operator_reads_who_asked_for_the_outcomes_of_a_facilitys_writes(world: World):
    routing = await Routing(world).start()
    asked = outcome_service_pb2.GetOutcomeRequest(request_id=key(), caller="facility/01999")
    await routing.stub(OutcomeServiceStub, OPERATOR).GetOutcome(asked)
    listing = audit_service_pb2.ListAccessesRequest(facility="facilities/01999")

    accesses = (await routing.stub(AuditServiceStub, OPERATOR).ListAccesses(listing)).accesses
    refusal = await refused(routing.stub(AuditServiceStub, "authority/vneid").ListAccesses(listing))

    assert [(one.caller, one.method.rpartition("/")[2], one.subject) for one in accesses] == [
        (OPERATOR, "GetOutcome", DISTRICT)
    ]
    assert refusal.reason == reasons.FACILITY_MISMATCH.name


@pytest.mark.parametrize("asked", [{}, {"subject": PERSON, "facility": DISTRICT}], ids=["neither", "both"])
async def test_the_log_of_a_person_or_of_a_facility_is_asked_for(world: World, asked: dict[str, str]):
    routing = await Routing(world).start()
    request = audit_service_pb2.ListAccessesRequest(**asked)

    refusal = await refused(routing.stub(AuditServiceStub, OPERATOR).ListAccesses(request))

    assert [violation.rule for violation in refusal.violations] == ["access.subject"]
