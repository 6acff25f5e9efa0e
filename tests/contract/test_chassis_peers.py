"""Calling a peer: over mutual TLS, against a small real server of its own."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from chassis import spans, telemetry
from chassis.call_context import Call, Caller, calling
from chassis.deadline import REPLY_MARGIN
from chassis.errors import DETAILS_KEY, DeadlineExceeded, NotFound, Unavailable, to_status
from chassis.peers import BREAKER_FAILURES, Peer
from chassis.tls import TlsFolder
from laptop import authority
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.type.v1.reason import Reason
from tests.harness import spiffe_id

NOT_HERE = Reason(
    "ERROR_REASON_PERSON_NOT_FOUND", "identity.lientuyen", "No person is {name}.", "Không có {name}."
)
GATEWAY_DOWN = Reason("ERROR_REASON_GATEWAY_DOWN", "identity.lientuyen", "The gateway is down.", "Cổng lỗi.")

Answer = Callable[[StringValue, "grpc.aio.ServicerContext[StringValue, StringValue]"], Awaitable[StringValue]]


@dataclass
class Served:
    """A server that answers as `answer` does, and what it saw of each call."""

    address: str = ""
    answer: Answer | None = None
    left: list[float] = field(default_factory=list)
    metadata: list[dict[str, str | bytes]] = field(default_factory=list)
    certificates: list[bytes] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def calls(self) -> int:
        return len(self.left)

    async def echo(self, request: StringValue, context) -> StringValue:  # type: ignore[no-untyped-def]
        self.left.append(context.time_remaining())
        self.metadata.append(dict(context.invocation_metadata()))
        self.certificates.append(context.auth_context()["x509_pem_cert"][0])
        self.asked.set()
        return await self.answer(request, context) if self.answer else request

    async def split(self, request: StringValue, context) -> AsyncIterator[StringValue]:  # type: ignore[no-untyped-def]
        await self.echo(request, context)
        for letter in request.value:
            yield StringValue(value=letter)


@dataclass
class Stub:
    """What the generated stubs do with a channel."""

    channel: grpc.aio.Channel

    def __post_init__(self) -> None:
        codecs = {
            "request_serializer": StringValue.SerializeToString,
            "response_deserializer": StringValue.FromString,
        }
        self.Echo = self.channel.unary_unary("/test.v1.EchoService/Echo", **codecs)
        self.Split = self.channel.unary_stream("/test.v1.EchoService/Split", **codecs)


async def refuse(context, error) -> StringValue:  # type: ignore[no-untyped-def]
    details = ((DETAILS_KEY, to_status(error).SerializeToString()),)
    await context.abort(error.code, str(error), details)
    raise AssertionError


@pytest.fixture
def ca(tmp_path: Path) -> authority.Authority:
    return authority.make_ca(tmp_path / "ca")


@pytest.fixture
async def served(tmp_path: Path, ca: authority.Authority) -> AsyncIterator[Served]:
    authority.issue(ca, tmp_path / "server", "service/identity")
    tls = TlsFolder(tmp_path / "server").read()
    seen = Served()
    codecs = {
        "request_deserializer": StringValue.FromString,
        "response_serializer": StringValue.SerializeToString,
    }
    methods = {
        "Echo": grpc.unary_unary_rpc_method_handler(seen.echo, **codecs),
        "Split": grpc.unary_stream_rpc_method_handler(seen.split, **codecs),
    }
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.v1.EchoService", methods),))
    credentials = grpc.ssl_server_credentials([(tls.key, tls.certificate)], tls.ca, require_client_auth=True)
    seen.address = f"127.0.0.1:{server.add_secure_port('127.0.0.1:0', credentials)}"
    await server.start()
    yield seen
    await server.stop(None)


@pytest.fixture
async def peer(served: Served, ca: authority.Authority, tmp_path: Path) -> AsyncIterator[Peer]:
    authority.issue(ca, tmp_path / "client", "service/records")
    made = Peer(
        "identity",
        served.address,
        TlsFolder(tmp_path / "client"),
        recovery_s=0.3,
        certificate_poll_s=0,
    )
    yield made
    await made.close()


@pytest.fixture
def stub(peer: Peer) -> Stub:
    return Stub(peer.channel)


def hello() -> StringValue:
    return StringValue(value="xin chào")


def until(seconds: float) -> Call:
    """A call of ours that has so many seconds left."""
    caller = Caller("facility", "01999")
    return Call("EchoService/Ask", "test.v1.EchoService/Ask", caller, time.monotonic() + seconds)


async def test_an_answer_comes_back(peer: Peer, stub: Stub, served: Served) -> None:
    assert await peer.ask(stub.Echo, hello()) == hello()
    assert b"BEGIN CERTIFICATE" in served.certificates[0]
    assert spiffe_id(served.certificates[0]) == "spiffe://lientuyen.test/service/records"


async def test_a_refusal_comes_back_as_its_type_with_the_peers_reason(
    peer: Peer, stub: Stub, served: Served
) -> None:
    served.answer = lambda _, context: refuse(context, NotFound(NOT_HERE, name="persons/1"))
    with pytest.raises(NotFound) as caught:
        await peer.ask(stub.Echo, hello())
    reason = caught.value.reason
    assert (reason.name, reason.domain) == (NOT_HERE.name, "identity.lientuyen")
    assert (caught.value.metadata, str(caught.value)) == ({"name": "persons/1"}, "No person is persons/1.")
    assert caught.value.message_vi == "Không có persons/1."
    assert served.calls == 1


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED])
async def test_a_peer_that_did_not_begin_is_asked_again_and_then_answers(
    peer: Peer, stub: Stub, served: Served, code: grpc.StatusCode
) -> None:
    async def third_time_lucky(request: StringValue, context) -> StringValue:  # type: ignore[no-untyped-def]
        return request if served.calls == 3 else await context.abort(code, "")

    served.answer = third_time_lucky
    assert await peer.ask(stub.Echo, hello()) == hello()
    assert served.calls == 3


async def test_three_attempts_are_all(peer: Peer, stub: Stub, served: Served) -> None:
    served.answer = lambda _, context: context.abort(grpc.StatusCode.UNAVAILABLE, "")
    with pytest.raises(Unavailable) as caught:
        await peer.ask(stub.Echo, hello())
    assert (caught.value.reason, caught.value.metadata) == (reasons.PEER_UNAVAILABLE, {"peer": "identity"})
    assert served.calls == 3


@pytest.mark.parametrize(
    "code", [grpc.StatusCode.ABORTED, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INTERNAL]
)
async def test_nothing_else_is_tried_again_and_a_status_without_a_reason_is_left_as_it_is(
    peer: Peer, stub: Stub, served: Served, code: grpc.StatusCode
) -> None:
    served.answer = lambda _, context: context.abort(code, "details")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await peer.ask(stub.Echo, hello())
    assert (caught.value.code(), served.calls) == (code, 1)


async def test_what_a_peer_itself_finds_unavailable_keeps_its_reason(
    peer: Peer, stub: Stub, served: Served
) -> None:
    served.answer = lambda _, context: refuse(context, Unavailable(GATEWAY_DOWN))
    with pytest.raises(Unavailable) as caught:
        await peer.ask(stub.Echo, hello())
    assert caught.value.reason.name == GATEWAY_DOWN.name


async def test_the_peer_has_less_time_than_we_have(peer: Peer, stub: Stub, served: Served) -> None:
    with calling(until(0.8)):
        await peer.ask(stub.Echo, hello())
    assert 0.3 < served.left[0] <= 0.8 - REPLY_MARGIN
    await peer.ask(stub.Echo, hello())
    assert 9 < served.left[1] <= 10.2  # gRPC rounds what it sends upwards


async def test_a_peer_that_is_too_slow_is_named_before_our_own_time_is_over(
    peer: Peer, stub: Stub, served: Served
) -> None:
    served.answer = lambda request, _: asyncio.sleep(60, request)
    with calling(until(0.3)), pytest.raises(Unavailable) as caught:
        await peer.ask(stub.Echo, hello())
    assert caught.value.metadata == {"peer": "identity"}


async def test_with_no_time_left_nobody_is_asked(peer: Peer, stub: Stub, served: Served) -> None:
    with calling(until(0.01)), pytest.raises(DeadlineExceeded):
        await peer.ask(stub.Echo, hello())
    assert served.calls == 0


async def test_retries_stop_at_the_deadline(peer: Peer, stub: Stub, served: Served) -> None:
    served.answer = lambda _, context: context.abort(grpc.StatusCode.UNAVAILABLE, "")
    with calling(until(0.06)), pytest.raises(Unavailable):
        await peer.ask(stub.Echo, hello())
    assert served.calls == 1


async def test_a_silent_peer_is_left_alone_and_then_tried_by_one_call(
    peer: Peer, stub: Stub, served: Served
) -> None:
    served.answer = lambda _, context: context.abort(grpc.StatusCode.UNAVAILABLE, "")
    for _ in range(BREAKER_FAILURES):
        with pytest.raises(Unavailable):
            await peer.ask(stub.Echo, hello())
    asked = served.calls

    with pytest.raises(Unavailable) as caught:
        await peer.ask(stub.Echo, hello())
    assert caught.value.reason == reasons.PEER_UNAVAILABLE
    assert served.calls == asked

    await asyncio.sleep(0.35)
    served.answer = lambda request, _: asyncio.sleep(0.1, request)
    answers = await asyncio.gather(*(peer.ask(stub.Echo, hello()) for _ in range(4)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [StringValue] + 3 * [Unavailable]
    assert await peer.ask(stub.Echo, hello()) == hello()


async def test_refusals_are_answers_and_keep_the_peer_in_use(peer: Peer, stub: Stub, served: Served) -> None:
    served.answer = lambda _, context: refuse(context, NotFound(NOT_HERE, name="persons/1"))
    for _ in range(BREAKER_FAILURES + 1):
        with pytest.raises(NotFound):
            await peer.ask(stub.Echo, hello())
    assert served.calls == BREAKER_FAILURES + 1


async def test_a_peer_is_not_blamed_when_it_was_given_no_time(peer: Peer, stub: Stub, served: Served) -> None:
    await peer.ask(stub.Echo, hello())
    served.answer = lambda request, _: asyncio.sleep(0.2, request)
    for _ in range(BREAKER_FAILURES):
        with calling(until(0.06)), pytest.raises(Unavailable):
            await peer.ask(stub.Echo, hello())
    assert await peer.ask(stub.Echo, hello()) == hello()


async def test_a_peer_this_deployment_does_not_have_is_unavailable(tmp_path: Path) -> None:
    absent = Peer("pharmacy", "", TlsFolder(tmp_path))
    with pytest.raises(Unavailable) as caught:
        await absent.ask(Stub(absent.channel).Echo, hello())
    assert caught.value.metadata == {"peer": "pharmacy"}


async def test_new_certificates_are_taken_while_a_call_ends_on_the_old(
    peer: Peer,
    stub: Stub,
    served: Served,
    ca: authority.Authority,
    tmp_path: Path,
) -> None:
    served.answer = lambda request, _: asyncio.sleep(0.3, request)
    slow = asyncio.create_task(peer.ask(stub.Echo, hello()))
    await asyncio.wait_for(served.asked.wait(), 5)

    authority.issue(ca, tmp_path / "client", "service/routing")
    served.answer = None
    await peer.ask(stub.Echo, hello())

    assert await slow == hello()
    assert [spiffe_id(certificate) for certificate in served.certificates] == [
        "spiffe://lientuyen.test/service/records",
        "spiffe://lientuyen.test/service/routing",
    ]


async def test_a_half_written_certificate_changes_nothing(
    peer: Peer,
    stub: Stub,
    served: Served,
    ca: authority.Authority,
    tmp_path: Path,
) -> None:
    await peer.ask(stub.Echo, hello())
    authority.issue(ca, tmp_path / "other", "service/routing")
    (tmp_path / "client/tls.key").write_bytes((tmp_path / "other/tls.key").read_bytes())
    assert await peer.ask(stub.Echo, hello()) == hello()


async def test_a_stream_of_answers(peer: Peer, stub: Stub) -> None:
    letters = [letter.value async for letter in peer.stream(stub.Split, StringValue(value="abc"))]
    assert letters == ["a", "b", "c"]


async def test_a_refused_stream_raises_the_type(peer: Peer, stub: Stub, served: Served) -> None:
    served.answer = lambda _, context: refuse(context, NotFound(NOT_HERE, name="persons/1"))
    with pytest.raises(NotFound):
        async for _ in peer.stream(stub.Split, hello()):
            pass


async def test_the_trace_goes_on_at_the_peer(
    peer: Peer, stub: Stub, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_on")
    exporter = InMemorySpanExporter()
    telemetry.setup("records", exporter=exporter)
    try:
        with spans.server_span("test.v1.AskService/Ask", ()):
            await peer.ask(stub.Echo, hello())
    finally:
        telemetry.shutdown()
    call, ours = exporter.get_finished_spans()
    assert (call.name, call.kind) == ("test.v1.EchoService/Echo", SpanKind.CLIENT)
    assert call.context
    assert ours.context
    assert call.parent
    assert call.parent.span_id == ours.context.span_id
    sent = f"00-{ours.context.trace_id:032x}-{call.context.span_id:016x}-"
    assert str(served.metadata[0]["traceparent"]).startswith(sent)
    assert dict(call.attributes or {}) == {
        "rpc.system.name": "grpc",
        "rpc.method": "test.v1.EchoService/Echo",
        "server.address": "127.0.0.1",
        "server.port": int(served.address.rpartition(":")[2]),
        "rpc.response.status_code": "OK",
    }


async def test_a_peer_may_be_dropped_without_being_closed(
    served: Served, ca: authority.Authority, tmp_path: Path
) -> None:
    authority.issue(ca, tmp_path / "client", "service/records")
    dropped = Peer("identity", served.address, TlsFolder(tmp_path / "client"))
    await dropped.ask(Stub(dropped.channel).Echo, hello())
    del dropped
    gc.collect()
    await asyncio.sleep(0)
