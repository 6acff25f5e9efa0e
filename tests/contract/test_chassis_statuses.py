"""Every status that a service sends says why, in two languages, and in which trace to look."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import grpc
import pytest
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo, LocalizedMessage, RequestInfo
from grpc import StatusCode
from sqlalchemy import text

from chassis import errors
from chassis.errors import ServiceError, rich_status
from chassis.interceptor import MAX_REQUEST_BYTES
from chassis.server import TRANSPORT_BYTES
from chassis.sql import sql
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.audit_service_pb2 import ListAccessesRequest as Request
from lientuyen.type.v1.reason import Reason
from lientuyen_client.errors import from_rpc
from tests.contract.chassis_echo import BAD, GOOD, SERVICE, Echo, Stub
from tests.harness import Running, World, refused

GONE = Reason("ERROR_REASON_GONE", "echo.lientuyen", "{name} is gone.", "{name} không còn.")
LARGE = Request(subject=GOOD.subject, page_token="x" * MAX_REQUEST_BYTES)

ROWS = sql(text("SELECT count(*) FROM audit"))

Call = Callable[[Stub], Any]


async def status_of(call: Any) -> grpc.aio.AioRpcError:
    """Await *call*, or read its stream, and return what it was refused with."""
    try:
        if isinstance(call, Awaitable):
            await call
        else:
            async for _ in call:
                pass
    except grpc.aio.AioRpcError as error:
        return error
    raise AssertionError("the call was answered, not refused")


def detail(error: grpc.aio.AioRpcError, message: Message) -> Any:
    """Fill *message* with the detail of its type; fail when the status has none."""
    status = rich_status(error)
    assert status is not None, error
    [packed] = [packed for packed in status.details if packed.Is(message.DESCRIPTOR)]
    packed.Unpack(message)
    return message


def assert_told(error: grpc.aio.AioRpcError, code: StatusCode, reason: Reason) -> None:
    info = detail(error, ErrorInfo())
    assert (error.code(), info.reason, info.domain) == (code, reason.name, reason.domain)
    assert error.details()
    assert detail(error, LocalizedMessage()).message
    assert len(bytes.fromhex(detail(error, RequestInfo()).request_id)) == 16


def unknown(path: str) -> Call:
    return lambda stub: stub.channel.unary_unary(path)(b"")


@pytest.mark.parametrize(
    ("call", "code", "reason"),
    [
        pytest.param(
            unknown(f"/{SERVICE}/Nothing"), StatusCode.UNIMPLEMENTED, reasons.METHOD_UNKNOWN, id="method"
        ),
        pytest.param(
            unknown("/lientuyen.echo.v9.Echo/Say"),
            StatusCode.UNIMPLEMENTED,
            reasons.METHOD_UNKNOWN,
            id="service",
        ),
        pytest.param(
            lambda stub: stub.Unbuilt(GOOD), StatusCode.UNIMPLEMENTED, reasons.METHOD_UNBUILT, id="unbuilt"
        ),
        pytest.param(
            lambda stub: stub.Forgotten(GOOD),
            StatusCode.PERMISSION_DENIED,
            reasons.METHOD_DENIED,
            id="denied",
        ),
        pytest.param(
            lambda stub: stub.Say(BAD), StatusCode.INVALID_ARGUMENT, reasons.FIELDS_INVALID, id="fields"
        ),
        pytest.param(
            lambda stub: stub.bytes(b"\xff"),
            StatusCode.INVALID_ARGUMENT,
            reasons.FIELDS_INVALID,
            id="no message",
        ),
        pytest.param(
            lambda stub: stub.Say(LARGE),
            StatusCode.RESOURCE_EXHAUSTED,
            reasons.REQUEST_TOO_LARGE,
            id="large",
        ),
        pytest.param(
            lambda stub: stub.Join(iter([GOOD, LARGE])),
            StatusCode.RESOURCE_EXHAUSTED,
            reasons.REQUEST_TOO_LARGE,
            id="large in a stream",
        ),
        pytest.param(
            lambda stub: stub.Say(GOOD, timeout=0.09),
            StatusCode.DEADLINE_EXCEEDED,
            reasons.DEADLINE_SPENT,
            id="no time",
        ),
    ],
)
async def test_what_the_server_refuses_says_why(stub: Stub, call: Call, code: StatusCode, reason: Reason):
    await stub.Say(GOOD)  # the connection is there

    assert_told(await status_of(call(stub)), code, reason)


async def test_a_stranger_is_told_why(world: World, running: Running):
    error = await status_of(Stub(world.channel(running, "king/1")).Say(GOOD))

    assert_told(error, StatusCode.UNAUTHENTICATED, reasons.CALLER_UNKNOWN)


@pytest.mark.parametrize("kind", list(errors.ERRORS_BY_CODE.values()), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("method", ["Say", "Split"])
async def test_what_a_handler_refuses_says_why(stub: Stub, echo: Echo, kind: type[ServiceError], method: str):
    async def refuse() -> str:
        raise kind(GONE, name="things/7")

    echo.say = refuse

    assert_told(await status_of(getattr(stub, method)(GOOD)), kind.code, GONE)


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        (ValueError("x"), StatusCode.INTERNAL, reasons.INTERNAL),
        (asyncpg.DiskFullError("x"), StatusCode.UNAVAILABLE, reasons.STORE_UNWRITABLE),
    ],
)
async def test_what_went_wrong_says_so(
    stub: Stub, echo: Echo, fault: Exception, code: StatusCode, reason: Reason
):
    async def fail() -> str:
        raise fault

    echo.say = fail

    assert_told(await status_of(stub.Say(GOOD)), code, reason)


async def test_a_spent_deadline_and_a_server_that_stops_say_so(stub: Stub, echo: Echo, running: Running):
    begun = asyncio.Event()

    async def sleep() -> str:
        begun.set()
        await asyncio.Event().wait()
        return "late"

    echo.say = sleep
    late = await status_of(stub.Quick(GOOD))
    begun.clear()
    under_way = asyncio.ensure_future(status_of(stub.Say(GOOD, timeout=300)))
    await begun.wait()
    await running.server.stop(grace=1)

    assert_told(late, StatusCode.DEADLINE_EXCEEDED, reasons.DEADLINE_SPENT)
    assert_told(await under_way, StatusCode.UNAVAILABLE, reasons.DRAINING)


async def test_who_makes_up_methods_fills_neither_the_spans_nor_the_access_log(stub: Stub, running: Running):
    for number in range(3):
        await refused(stub.channel.unary_unary(f"/{SERVICE}/Nguyen{number}")(b""))

    async with running.db.connection() as tx:
        assert await tx.fetchval(ROWS) == 0


async def test_beyond_the_transports_limit_grpc_itself_refuses(stub: Stub):
    """With the code of ours and the sizes in its message; without a reason, for no call begins."""
    error = await status_of(stub.bytes(bytes(TRANSPORT_BYTES + 1)))

    assert error.code() is StatusCode.RESOURCE_EXHAUSTED
    assert str(TRANSPORT_BYTES) in (error.details() or "")


async def test_a_client_has_the_trace_in_its_error(stub: Stub):
    error = await status_of(stub.Say(BAD))

    assert from_rpc(error).trace_id == detail(error, RequestInfo()).request_id
