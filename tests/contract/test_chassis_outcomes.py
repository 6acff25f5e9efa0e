"""What became of a write: an operator asks for any caller's, is written down, and is not told the answer."""

from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest, GetOutcomeResponse
from lientuyen.chassis.v1.outcome_service_pb2_grpc import OutcomeServiceStub
from tests.contract.routing_env import Routing, upload
from tests.harness import World, refused

WRITER, OPERATOR = "facility/01999", "operator/an"


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


async def written(routing: Routing) -> str:
    """Let the writer send a message; return the request_id."""
    messages = list(upload(b"x"))
    await routing.mailbox(WRITER).SendMessage(iter(messages))
    return messages[0].request_id


async def outcome(routing: Routing, asking: str, request_id: str, **request: Any) -> GetOutcomeResponse:
    outcomes = routing.stub(OutcomeServiceStub, asking)
    return await outcomes.GetOutcome(GetOutcomeRequest(request_id=request_id, **request))


async def log_of(routing: Routing) -> list[tuple[object, ...]]:
    """Return who asked for outcomes, of whom, why, and whether it was allowed."""
    columns = "caller, subject, reason, allowed"
    rows = await routing.rows(
        f"SELECT {columns} FROM audit WHERE method LIKE '%GetOutcome' ORDER BY access_time"
    )
    return [tuple(row) for row in rows]


async def test_an_operator_learns_what_became_of_a_callers_write_and_not_what_it_was_told(routing: Routing):
    request_id = await written(routing)

    own = await outcome(routing, WRITER, request_id)
    operators = await outcome(routing, OPERATOR, request_id, caller=WRITER)

    assert (operators.state, operators.method) == (
        GetOutcomeResponse.STATE_DONE,
        "lientuyen.routing.v1.MailboxService/SendMessage",
    )
    assert operators.finish_time == own.finish_time
    assert (bool(own.response), operators.response) == (True, b"")
    assert await log_of(routing) == [
        (OPERATOR, "//identity.lientuyen/facilities/01999", f"request_id {request_id}", True)
    ]


async def test_an_id_of_nobody_is_unknown_to_an_operator_too(routing: Routing):
    request_id = await written(routing)

    others = await outcome(routing, OPERATOR, request_id, caller="service/records")
    operators_own = await outcome(routing, OPERATOR, request_id)

    unknown = GetOutcomeResponse(state=GetOutcomeResponse.STATE_UNKNOWN)
    assert (others, operators_own) == (unknown, unknown)
    assert await log_of(routing) == [(OPERATOR, "service/records", f"request_id {request_id}", True)]


@pytest.mark.parametrize("asking", ["facility/79999", "service/records", "authority/vneid"])
async def test_nobody_else_names_a_caller(routing: Routing, asking: str):
    request_id = await written(routing)

    refusal = await refused(outcome(routing, asking, request_id, caller=WRITER))

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, reasons.FACILITY_MISMATCH.name)
    assert [(row[0], row[3]) for row in await log_of(routing)] == [(asking, False)]


async def test_a_caller_may_name_itself(routing: Routing):
    request_id = await written(routing)

    own = await outcome(routing, WRITER, request_id, caller=WRITER)

    assert own.response
    assert await log_of(routing) == []


@pytest.mark.parametrize("caller", ["01999", "facilities/01999", "Nguyễn Văn A", "facility/", "king/1"])
async def test_a_caller_is_named_as_certificates_do(routing: Routing, caller: str):
    refusal = await refused(outcome(routing, OPERATOR, str(uuid4()), caller=caller))

    assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, ["caller"])
