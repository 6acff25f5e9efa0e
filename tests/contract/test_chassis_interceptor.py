"""What every call passes: who may, what is said of errors, how long it may take.  Over a real channel."""

import asyncio
import time
from contextlib import AsyncExitStack

import asyncpg
import grpc
import pytest
from grpc import StatusCode
from sqlalchemy import text

from chassis import call_context
from chassis.deadline import remaining
from chassis.errors import NotFound, PermissionDenied
from chassis.sql import sql
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.audit_service_pb2 import ListAccessesRequest as Request
from lientuyen.chassis.v1.audit_service_pb2 import ListAccessesResponse as Response
from lientuyen.chassis.v1.audit_service_pb2_grpc import (
    AuditServiceServicer,
    AuditServiceStub,
    add_AuditServiceServicer_to_server,
)
from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest, GetOutcomeResponse
from lientuyen.chassis.v1.outcome_service_pb2_grpc import OutcomeServiceStub
from lientuyen.type.v1.reason import Reason
from tests.contract.chassis_echo import BAD, GOOD, SECRET, SERVICE, SUBJECT, Echo, Stub
from tests.harness import Running, World, refused


async def test_a_call_knows_its_caller_method_and_deadline_and_answers(stub: Stub, echo: Echo):
    reply = await stub.Say(GOOD, timeout=5)

    (now,) = echo.seen
    assert reply == Response(next_page_token="said")
    assert (now.method, now.full_method) == ("EchoService/Say", f"{SERVICE}/Say")
    assert str(now.caller) == "facility/01999"
    assert 4.5 < now.deadline - time.monotonic() < 5


async def test_all_four_kinds_of_methods_pass_the_interceptor(stub: Stub, echo: Echo):
    split = [reply.next_page_token async for reply in stub.Split(GOOD)]
    joined = await stub.Join(iter([GOOD, GOOD]))
    chat = [reply.next_page_token async for reply in stub.Chat(iter([GOOD, GOOD]))]

    assert (split, joined.next_page_token, chat) == (["said"] * 3, "5", ["", ""])
    assert {one.caller.id for one in echo.seen if isinstance(one, call_context.Call)} == {"01999"}


# Who may


async def test_without_a_certificate_there_is_no_connection(world: World, running: Running):
    tls = world.pki.folder("facility/01999").read()
    async with grpc.aio.secure_channel(running.address, grpc.ssl_channel_credentials(tls.ca)) as channel:
        refusal = await refused(Stub(channel).Say(GOOD, timeout=2))

    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, "")


@pytest.mark.parametrize(
    ("identity", "domain"), [("facility/01999", "elsewhere.test"), ("king/1", "lientuyen.test")]
)
async def test_a_certificate_that_names_nobody_here_is_refused(
    world: World, running: Running, echo: Echo, identity: str, domain: str
):
    stranger = Stub(world.channel(running, identity, domain))

    refusal = await refused(stranger.Say(GOOD))

    assert (refusal.code, refusal.reason) == (StatusCode.UNAUTHENTICATED, reasons.CALLER_UNKNOWN.name)
    assert echo.seen == []


@pytest.mark.parametrize("identity", ["pharmacy/NT00001", "service/records", "operator/an"])
async def test_a_caller_that_no_rule_names_is_denied_before_its_request_is_read(
    world: World, running: Running, echo: Echo, identity: str
):
    other = Stub(world.channel(running, identity))

    refusal = await refused(other.Say(BAD))

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, reasons.METHOD_DENIED.name)
    assert refusal.metadata == {"method": "EchoService/Say"}
    assert refusal.violations == []
    assert echo.seen == []


async def test_a_method_without_a_rule_is_denied_to_everybody(stub: Stub, echo: Echo):
    refusal = await refused(stub.Forgotten(GOOD))

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, reasons.METHOD_DENIED.name)
    assert echo.seen == []


AUDIT = sql(text("SELECT caller, method, subject, allowed FROM audit ORDER BY access_time"))


async def test_a_refusal_leaves_a_row_and_does_not_tell_the_caller_whose_data_it_was(
    stub: Stub, echo: Echo, running: Running
):
    async def refuse() -> str:
        raise PermissionDenied(reasons.METHOD_DENIED, method="x", subject=SUBJECT)

    echo.say = refuse
    refusal = await refused(stub.Say(GOOD))
    await refused(stub.Forgotten(GOOD))

    async with running.db.connection() as tx:
        rows = [tuple(row) for row in await tx.fetch(AUDIT)]
    assert rows == [
        ("facility/01999", f"{SERVICE}/Say", SUBJECT, False),
        ("facility/01999", f"{SERVICE}/Forgotten", "", False),
    ]
    assert (refusal.code, refusal.metadata) == (StatusCode.PERMISSION_DENIED, {"method": "x"})


async def test_a_refusal_stands_when_the_access_log_cannot_be_written(
    stub: Stub, running: Running, capfd: pytest.CaptureFixture[str]
):
    await running.db.close()

    refusal = await refused(stub.Forgotten(GOOD))

    assert refusal.code is StatusCode.PERMISSION_DENIED
    assert "a refusal left no row in the access log" in capfd.readouterr().err


async def test_a_refusal_is_told_in_time_when_the_access_log_is_slow(stub: Stub, running: Running):
    await stub.Say(GOOD)  # the connection is there
    async with AsyncExitStack() as held:
        for _ in range(running.settings.pool_size):
            await held.enter_async_context(running.db.transaction())

        refusal = await refused(stub.Forgotten(GOOD, timeout=0.5))

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, reasons.METHOD_DENIED.name)


async def test_outcomes_are_for_every_caller_and_the_access_log_is_not(world: World, running: Running):
    channel = world.channel(running, "pharmacy/NT00001")
    unknown = GetOutcomeRequest(request_id="7b1d7c1e-8f0e-4a68-9d4c-3f1fba4a7c11")

    outcome = await OutcomeServiceStub(channel).GetOutcome(unknown)
    refusal = await refused(AuditServiceStub(channel).ListAccesses(GOOD))
    listed = await AuditServiceStub(world.channel(running, "authority/vneid")).ListAccesses(GOOD)

    assert outcome.state == GetOutcomeResponse.STATE_UNKNOWN
    assert refusal.code is StatusCode.PERMISSION_DENIED
    assert listed == Response()


# What is said of errors


async def test_every_fault_of_a_request_is_named_at_once_with_its_path_in_two_languages(stub: Stub):
    refusal = await refused(stub.Say(BAD))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.FIELDS_INVALID.name)
    assert (refusal.domain, refusal.metadata) == ("chassis.lientuyen", {"count": "3"})
    assert {(one.field, one.rule) for one in refusal.violations} == {
        ("subject", "string.pattern"),
        ("page_size", "int32.gte"),
        ("page_token", "string.max_len"),
    }
    assert {one.vi for one in refusal.violations} == {
        "Cần persons/UUID, hoặc để trống.",
        "Phải từ 0 trở lên.",
        "Không được dài quá 1024 ký tự.",
    }
    assert refusal.message_vi == "Yêu cầu có 3 trường không hợp lệ."


async def test_each_message_of_a_stream_is_held_to_the_rules(stub: Stub, echo: Echo):
    joined = await refused(stub.Join(iter([GOOD, BAD])))
    chat = await refused(stub.Chat(iter([GOOD, BAD])))

    assert [one.reason for one in (joined, chat)] == [reasons.FIELDS_INVALID.name] * 2
    assert sorted(joined.fields) == sorted(chat.fields) == ["page_size", "page_token", "subject"]


async def test_bytes_that_are_no_message_are_the_callers_fault(stub: Stub):
    refusal = await refused(stub.bytes(b"\xff\xff\xff"))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.FIELDS_INVALID.name)
    assert [one.rule for one in refusal.violations] == ["wire"]


async def test_an_error_of_a_handler_arrives_as_it_was_raised_unary_and_streamed(stub: Stub, echo: Echo):
    gone = Reason("ERROR_REASON_GONE", "echo.lientuyen", "{name} is gone.", "{name} không còn.")

    async def raise_gone() -> str:
        raise NotFound(gone, name="things/7")

    echo.say = raise_gone
    for refusal in (await refused(stub.Say(GOOD)), await refused(stub.Split(GOOD))):
        assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, gone.name)
        assert (refusal.message, refusal.message_vi) == ("things/7 is gone.", "things/7 không còn.")


@pytest.mark.parametrize("method", ["Say", "Split"])
async def test_a_bug_tells_nothing_to_the_caller_and_nothing_of_a_patient_to_the_log(
    stub: Stub, echo: Echo, capfd: pytest.CaptureFixture[str], method: str
):
    async def fail() -> str:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(f"no such row: {SECRET}") from error

    echo.say = fail
    refusal = await refused(getattr(stub, method)(GOOD))

    out, err = capfd.readouterr()
    assert (refusal.code, refusal.reason) == (StatusCode.INTERNAL, reasons.INTERNAL.name)
    assert refusal.message == "internal error"
    assert len(refusal.metadata["trace_id"]) == 32
    assert refusal.metadata["trace_id"] in err
    assert "ValueError" in err
    assert "test_chassis_interceptor.py" in err
    for part in (*SECRET.split(), "no such row"):
        assert part not in out + err + str(refusal)


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        (asyncpg.SerializationError("x"), StatusCode.ABORTED, reasons.WRITE_CONFLICT),
        (asyncpg.DeadlockDetectedError("x"), StatusCode.ABORTED, reasons.WRITE_CONFLICT),
        (asyncpg.ConnectionDoesNotExistError("x"), StatusCode.UNAVAILABLE, reasons.STORE_UNAVAILABLE),
        (asyncpg.InterfaceError("connection is closed"), StatusCode.UNAVAILABLE, reasons.STORE_UNAVAILABLE),
        (asyncpg.UniqueViolationError(SECRET), StatusCode.INTERNAL, reasons.INTERNAL),
        (FileNotFoundError(SECRET), StatusCode.INTERNAL, reasons.INTERNAL),
        (TimeoutError(SECRET), StatusCode.INTERNAL, reasons.INTERNAL),
    ],
)
async def test_a_fault_of_the_database_is_told_by_what_the_caller_can_do(
    stub: Stub, echo: Echo, fault: Exception, code: StatusCode, reason: Reason
):
    async def fail() -> str:
        raise fault

    echo.say = fail
    refusal = await refused(stub.Say(GOOD))

    assert (refusal.code, refusal.reason) == (code, reason.name)
    assert "Planted" not in str(refusal)


async def test_what_is_not_built_says_so_after_admission(world: World, running: Running, stub: Stub):
    pharmacy = Stub(world.channel(running, "pharmacy/NT00001"))

    admitted, denied = await refused(stub.Unbuilt(GOOD)), await refused(pharmacy.Unbuilt(GOOD))

    assert (admitted.code, admitted.reason) == (StatusCode.UNIMPLEMENTED, reasons.METHOD_UNBUILT.name)
    assert denied.code is StatusCode.PERMISSION_DENIED


# Deadlines


async def test_a_call_without_a_deadline_gets_the_rules(stub: Stub, echo: Echo):
    left: list[float | None] = []

    async def sleep() -> str:
        left.append(remaining())
        await asyncio.sleep(60)
        return "late"

    echo.say = sleep
    refusal = await refused(stub.Quick(GOOD))

    assert (refusal.code, refusal.reason) == (StatusCode.DEADLINE_EXCEEDED, reasons.DEADLINE_SPENT.name)
    assert left[0] is not None
    assert 0 < left[0] <= 0.28


@pytest.mark.parametrize("method", ["Say", "Split"])
async def test_a_spent_deadline_is_told_by_us_before_the_client_gives_up(stub: Stub, echo: Echo, method: str):
    async def sleep() -> str:
        await asyncio.sleep(5)
        return "late"

    echo.say = sleep
    refusal = await refused(getattr(stub, method)(GOOD, timeout=0.5))

    assert (refusal.code, refusal.reason) == (StatusCode.DEADLINE_EXCEEDED, reasons.DEADLINE_SPENT.name)


async def test_with_too_little_time_left_the_work_is_not_begun(stub: Stub, echo: Echo):
    await stub.Say(GOOD)  # the connection is there
    echo.seen.clear()

    refusal = await refused(stub.Say(GOOD, timeout=0.09))

    assert (refusal.code, refusal.reason) == (StatusCode.DEADLINE_EXCEEDED, reasons.DEADLINE_SPENT.name)
    assert echo.seen == []


async def test_a_client_that_goes_away_ends_the_work(stub: Stub, echo: Echo):
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wait() -> str:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return "late"

    echo.say = wait
    going = stub.Say(GOOD)
    await begun.wait()
    going.cancel()

    # Sooner than the call's own deadline would end it.
    async with asyncio.timeout(5):
        await ended.wait()


async def test_a_fake_is_held_to_the_contract_and_may_raise_typed_errors(world: World):
    class FakeAudit(AuditServiceServicer):
        async def ListAccesses(self, request: Request, context: object) -> Response:
            raise NotFound(reasons.METHOD_UNBUILT, method=str(call_context.caller()))

    address = await world.fake("identity", (add_AuditServiceServicer_to_server, FakeAudit()))
    stub = AuditServiceStub(world.channel(address, "service/records"))

    bad, good = await refused(stub.ListAccesses(BAD)), await refused(stub.ListAccesses(GOOD))

    assert bad.code is StatusCode.INVALID_ARGUMENT
    assert (good.code, good.metadata) == (StatusCode.NOT_FOUND, {"method": "service/records"})
