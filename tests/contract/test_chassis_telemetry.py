"""What the runtime tells of calls: who asked, with which id, why it was refused; and what they waited for."""

import asyncio
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from grpc import StatusCode
from opentelemetry.trace import StatusCode as SpanStatus

from chassis.errors import FailedPrecondition, ResourceExhausted, Unavailable
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest
from lientuyen.chassis.v1.outcome_service_pb2_grpc import OutcomeServiceStub
from tests.contract.chassis_echo import BAD, GOOD, SERVICE, Echo, Stub
from tests.harness import Running, World, eventually, refused
from tests.metrics import Observed, attributes

LogLines = Callable[[str], list[dict[str, object]]]
REFUSALS = "lientuyen.rpc.server.refusals"


async def test_a_span_says_who_called_with_which_request_id(
    world: World, running: Running, observed: Observed
):
    request_id = str(uuid4())
    outcomes = OutcomeServiceStub(world.channel(running, "pharmacy/NT00001"))

    await outcomes.GetOutcome(GetOutcomeRequest(request_id=request_id.upper()))

    (span,) = await eventually(lambda: observed.spans("/GetOutcome"))
    assert attributes(span)["enduser.id"] == "pharmacy/NT00001"
    assert attributes(span)["lientuyen.request_id"] == request_id


async def test_a_request_id_that_is_none_goes_nowhere(world: World, running: Running, observed: Observed):
    outcomes = OutcomeServiceStub(world.channel(running))

    await refused(outcomes.GetOutcome(GetOutcomeRequest(request_id="Nguyễn Văn A 012385000016")))

    (span,) = await eventually(lambda: observed.spans("/GetOutcome"))
    assert "lientuyen.request_id" not in attributes(span)
    assert "Nguyễn" not in span.to_json()


async def test_a_refusal_is_told_in_span_figure_and_log(stub: Stub, observed: Observed, log_lines: LogLines):
    refusal = await refused(stub.Say(BAD))

    (span,) = await eventually(lambda: observed.spans("/Say"))
    (line,) = log_lines("request refused")
    assert span.context is not None
    assert span.status.status_code is SpanStatus.UNSET
    assert attributes(span)["lientuyen.error.reason"] == refusal.reason == reasons.FIELDS_INVALID.name
    assert {key: line[key] for key in ("level", "caller", "method", "code", "reason", "trace_id")} == {
        "level": "info",
        "caller": "facility/01999",
        "method": f"{SERVICE}/Say",
        "code": "INVALID_ARGUMENT",
        "reason": refusal.reason,
        "trace_id": f"{span.context.trace_id:032x}",
    }
    (point,) = observed.points(REFUSALS)
    assert point.value == 1
    assert point.attributes == {
        "rpc.method": f"{SERVICE}/Say",
        "rpc.response.status_code": "INVALID_ARGUMENT",
        "lientuyen.error.reason": refusal.reason,
    }


async def test_a_caller_that_no_certificate_names_is_a_refusal_too(
    world: World, running: Running, observed: Observed
):
    await refused(Stub(world.channel(running, "king/1")).Say(GOOD))

    (span,) = await eventually(lambda: observed.spans("/Say"))
    assert attributes(span)["lientuyen.error.reason"] == reasons.CALLER_UNKNOWN.name
    assert "enduser.id" not in attributes(span)
    (point,) = observed.points(REFUSALS)
    assert point.attributes["lientuyen.error.reason"] == reasons.CALLER_UNKNOWN.name


async def test_what_is_our_own_fault_is_a_warning_and_a_bug_has_its_reason(
    stub: Stub, echo: Echo, observed: Observed, log_lines: LogLines
):
    async def raise_unavailable() -> str:
        raise Unavailable(reasons.STORE_UNAVAILABLE)

    async def raise_bug() -> str:
        raise KeyError("Nguyễn")

    for echo.say in (raise_unavailable, raise_bug):
        await refused(stub.Say(GOOD))

    lines = log_lines("request refused")
    assert [(line["level"], line["reason"]) for line in lines] == [
        ("warning", reasons.STORE_UNAVAILABLE.name),
        ("warning", reasons.INTERNAL.name),
    ]
    spans = await eventually(lambda: len(observed.spans("/Say")) == 2 and observed.spans("/Say"))
    assert [attributes(span)["error.type"] for span in spans] == ["UNAVAILABLE", "INTERNAL"]


async def test_a_caller_over_its_rate_is_counted_each_time_and_logged_by_its_limiter_only(
    stub: Stub, echo: Echo, observed: Observed, log_lines: LogLines
):
    async def refuse() -> str:
        raise ResourceExhausted(reasons.METHOD_DENIED, retry_after_seconds="1")

    echo.say = refuse
    for _ in range(3):
        await refused(stub.Say(GOOD))

    (point,) = observed.points(REFUSALS)
    assert point.value == 3
    assert log_lines("request refused") == []


async def test_a_call_whose_trace_is_not_kept_says_who_and_why_when_it_fails(
    stub: Stub, echo: Echo, observed: Observed, monkeypatch: pytest.MonkeyPatch
):
    async def fail() -> str:
        raise Unavailable(reasons.STORE_UNAVAILABLE)

    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    observed.start("test")
    echo.say = fail
    await refused(stub.Say(GOOD))

    (span,) = await eventually(lambda: observed.spans("/Say"))
    assert attributes(span)["lientuyen.kept_for"] == "error"
    assert attributes(span)["enduser.id"] == "facility/01999"
    assert attributes(span)["lientuyen.error.reason"] == reasons.STORE_UNAVAILABLE.name


async def test_an_endless_call_that_a_stopping_server_ends_is_no_error(
    stub: Stub, running: Running, observed: Observed
):
    stream = aiter(stub.Endless(GOOD))
    await anext(stream)
    await running.server.stop(grace=0.5)

    refusal = await refused(stream)

    (span,) = await eventually(lambda: observed.spans("/Endless"))
    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, reasons.DRAINING.name)
    assert span.status.status_code is SpanStatus.UNSET
    assert observed.points(REFUSALS) == []


async def test_an_endless_call_that_is_refused_for_a_reason_is_a_refusal(
    world: World, running: Running, observed: Observed
):
    refusal = await refused(Stub(world.channel(running, "operator/an")).Endless(GOOD))

    (point,) = observed.points(REFUSALS)
    assert refusal.code is StatusCode.PERMISSION_DENIED
    assert point.attributes["lientuyen.error.reason"] == reasons.METHOD_DENIED.name


async def test_statements_and_connections_are_measured_by_the_conventions(
    stub: Stub, running: Running, observed: Observed
):
    running.db.figures.report()
    await refused(stub.Forgotten(GOOD))  # leaves a row in the access log

    pool = {"db.client.connection.pool.name": running.db.namespace}
    statements = {
        point.attributes["db.query.summary"]: point
        for point in observed.points("db.client.operation.duration")
    }
    assert dict(statements["INSERT audit"].attributes) == {
        "db.system.name": "postgresql",
        "db.namespace": running.db.namespace,
        "db.operation.name": "INSERT",
        "db.query.summary": "INSERT audit",
    }
    states = {
        point.attributes["db.client.connection.state"]
        for point in observed.points("db.client.connection.count")
    }
    assert states == {"used", "idle"}
    (most,) = observed.points("db.client.connection.max")
    assert (dict(most.attributes), most.value) == (pool, running.settings.pool_size)
    (pending,) = observed.points("db.client.connection.pending_requests")
    assert dict(pending.attributes) == pool
    (waits,) = observed.points("db.client.connection.wait_time")
    assert dict(waits.attributes) == pool
    assert waits.count >= 1


async def test_a_wait_in_vain_for_a_connection_is_pending_and_then_a_timeout(
    running: Running, observed: Observed, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chassis.db.ACQUIRE_TIMEOUT_S", 0.5)
    running.db.figures.report()

    def pending() -> int:
        return sum(point.value for point in observed.points("db.client.connection.pending_requests"))

    async def take_one() -> None:
        async with running.db.connection():
            await asyncio.Event().wait()

    holding = [asyncio.create_task(take_one()) for _ in range(running.settings.pool_size)]
    await asyncio.sleep(0)
    waiting = asyncio.create_task(running.db.ping())
    await eventually(pending)
    with pytest.raises(Unavailable):
        await waiting

    (point,) = observed.points("db.client.connection.timeouts")
    for task in holding:
        task.cancel()
    assert point.value >= 1  # the server's own look at its health may wait too
    await eventually(lambda: pending() == 0)


async def test_a_loop_that_is_held_up_shows(running: Running, observed: Observed):
    def longest() -> float:
        return max((point.max for point in observed.points("lientuyen.eventloop.delay")), default=0.0)

    await eventually(lambda: longest() > 0)
    block_s(0.5)

    # It looks five times a second, so that of half a second it meets three tenths.
    await eventually(lambda: longest() > 0.25)


def block_s(seconds: float) -> None:
    """Hold up the loop, as a long computation does."""
    time.sleep(seconds)


async def test_a_refusal_in_the_middle_of_a_call_carries_the_reason_of_the_handler(
    stub: Stub, echo: Echo, observed: Observed
):
    async def refuse() -> str:
        raise FailedPrecondition(reasons.WRITE_CONFLICT)

    echo.say = refuse
    await refused(stub.Split(GOOD))

    (span,) = await eventually(lambda: observed.spans("/Split"))
    assert attributes(span)["lientuyen.error.reason"] == reasons.WRITE_CONFLICT.name
