"""
What each option of our servers and channels does: gRPC takes a misspelt one without a word.

The options are those of the code, alone or in pairs, on bare servers and channels; their times go a
thousand times as fast.  That a second server on a port fails, that new certificates are taken, and
that a client may ping, is tested where servers, peers and keepalive are.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc._cython import cygrpc

from chassis import renewing_channel, server
from lientuyen_client import client
from tests.contract.raw_http2 import GOAWAY, Listener, connected, listening
from tests.harness import eventually

Options = Iterable[tuple[str, Any]]
Channel = grpc.aio.Channel
Call = asyncio.Future[list[bytes]]
ROOT = Path(__file__).parents[2]

CHANNELS = [
    pytest.param(renewing_channel.OPTIONS, id="between services"),
    pytest.param(client.OPTIONS, id="of clients"),
]


def some(options: Options, *names: str) -> list[tuple[str, Any]]:
    """Return those *options*, all of which must be there, with times a thousand times as short."""
    values = dict(options)
    return [(name, values[name] // 1000 if name.endswith("_ms") else values[name]) for name in names]


@asynccontextmanager
async def serving(options: Options = (), **methods: Any) -> AsyncIterator[str]:
    """Serve *methods*, each a stream of bytes for one request, and lend the address."""
    bare = grpc.aio.server(options=tuple(options))
    handlers = {name: grpc.unary_stream_rpc_method_handler(method) for name, method in methods.items()}
    bare.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bare", handlers),))
    port = bare.add_insecure_port("127.0.0.1:0")
    await bare.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await bare.stop(None)


async def hang(request: bytes, context: object) -> AsyncIterator[bytes]:
    yield b"begun"
    await asyncio.Event().wait()


async def answers(channel: Channel, method: str, path: str = "bare") -> list[bytes]:
    return [answer async for answer in channel.unary_stream(f"/{path}/{method}")(b"", wait_for_ready=True)]


@asynccontextmanager
async def hanging(options: Options, **behaviour: bool) -> AsyncIterator[tuple[Listener, Call]]:
    """Call a listener that answers no call, on a channel with *options*."""
    async with (
        listening(**behaviour) as listener,
        grpc.aio.insecure_channel(listener.address, options=list(options)) as channel,
    ):
        call = asyncio.ensure_future(answers(channel, "Hang"))
        yield listener, call
        call.cancel()


def test_every_option_in_the_code_is_one_that_grpc_knows():
    core = Path(cygrpc.__file__).read_bytes()
    sources = [
        path
        for folder in ("chassis", "common", "laptop", "lientuyen_client", "services")
        for path in (ROOT / folder).rglob("*.py")
    ]
    names = {name for path in sources for name in re.findall(r'\(\s*"(grpc\.[\w.]+)",', path.read_text())}

    assert {name for name, _ in (*server.OPTIONS, *renewing_channel.OPTIONS, *client.OPTIONS)} <= names
    assert [name for name in sorted(names) if name.encode() not in core] == []


async def test_a_server_ends_the_connection_of_a_client_that_went_dead():
    names = ("grpc.keepalive_time_ms", "grpc.http2.ping_timeout_ms", "grpc.keepalive_permit_without_calls")
    options = some(server.OPTIONS, *names)
    async with serving(options) as address, connected(address) as received:
        frames = [frame async for frame in received]

    assert b"max_age" not in b"".join(frame.payload for frame in frames)


async def test_a_connection_has_an_age_and_its_calls_some_time_more():
    options = some(server.OPTIONS, "grpc.max_connection_age_ms", "grpc.max_connection_age_grace_ms")
    async with serving(options, Hang=hang) as address:
        async with connected(address) as received:
            frames = [frame async for frame in received]
        async with grpc.aio.insecure_channel(address) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as ended:
                await answers(channel, "Hang")

    assert [b"max_age" in frame.payload for frame in frames if frame.kind == GOAWAY][:1] == [True]
    assert ended.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("options", CHANNELS)
async def test_a_channel_pings_for_as_long_as_a_call_is_silent(options: Options):
    names = ("grpc.keepalive_time_ms", "grpc.http2.max_pings_without_data")
    async with hanging(some(options, *names)) as (listener, call):
        await eventually(lambda: listener.pings >= 10)
        assert not call.done()


@pytest.mark.parametrize("options", CHANNELS)
async def test_a_channel_gives_up_a_peer_that_does_not_answer_pings(options: Options):
    names = ("grpc.keepalive_time_ms", "grpc.http2.ping_timeout_ms")
    async with hanging(some(options, *names), answers_pings=False) as (_, call):
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await call

    assert ended.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("options", CHANNELS)
async def test_a_channel_looks_often_for_a_peer_that_is_gone(options: Options):
    """Nine times in 40 s, of which gRPC's own delays take two minutes."""
    names = ("grpc.initial_reconnect_backoff_ms", "grpc.max_reconnect_backoff_ms")
    delays = [(name, dict(options)[name]) for name in names]
    async with hanging(delays, hangs_up=True) as (listener, _):
        await eventually(lambda: listener.connections >= 9, within=40)


@pytest.mark.parametrize("options", CHANNELS)
async def test_a_channel_uses_every_replica(options: Options):
    seen = set()

    async def first(request: bytes, context: object) -> AsyncIterator[bytes]:
        yield b"first"

    async def second(request: bytes, context: object) -> AsyncIterator[bytes]:
        yield b"second"

    async with serving(Say=first) as one, serving(Say=second) as two:
        target, config = f"ipv4:{one},{two}", some(options, "grpc.service_config")
        async with grpc.aio.insecure_channel(target, options=config) as channel:

            async def both_answered() -> bool:
                seen.update(await answers(channel, "Say"))
                return len(seen) == 2

            await eventually(both_answered)


async def test_a_channel_between_services_has_connections_of_its_own():
    options = some(renewing_channel.OPTIONS, "grpc.use_local_subchannel_pool")
    async with listening() as listener:
        channels = [grpc.aio.insecure_channel(listener.address, options=options) for _ in range(2)]
        for channel in channels:
            channel.get_state(try_to_connect=True)
        await eventually(lambda: listener.connections == 2)
        for channel in channels:
            await channel.close()


async def test_a_client_takes_large_answers_and_long_statuses():
    async def large(request: bytes, context: Any) -> AsyncIterator[bytes]:
        yield bytes(60 * 1024 * 1024)
        await context.abort(grpc.StatusCode.NOT_FOUND, "", (("details-bin", bytes(40 * 1024)),))

    options = some(client.OPTIONS, "grpc.max_receive_message_length", "grpc.max_metadata_size")
    async with (
        serving(Large=large) as address,
        grpc.aio.insecure_channel(address, options=options) as channel,
    ):
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await answers(channel, "Large")

    assert ended.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_stream_that_nobody_began_is_asked_for_again():
    calls: list[bytes] = []

    async def receive(request: bytes, context: Any) -> AsyncIterator[bytes]:
        calls.append(request)
        if len(calls) < 3:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "")
        yield b"at last"

    mailbox = "lientuyen.routing.v1.MailboxService"
    bare = grpc.aio.server()
    handler = grpc.unary_stream_rpc_method_handler(receive)
    bare.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(mailbox, {"ReceiveMessages": handler}),)
    )
    port = bare.add_insecure_port("127.0.0.1:0")
    await bare.start()
    options = some(client.OPTIONS, "grpc.service_config")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        assert await answers(channel, "ReceiveMessages", mailbox) == [b"at last"]
    await bare.stop(None)
