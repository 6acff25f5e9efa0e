"""
A channel to a peer over mutual TLS that outlives its certificates.

Stubs are made on it once.  When the files in its folder change, calls that begin
take a connection with the new ones, and those under way end on the old.  Files
that cannot be read, or that an issuer has half written, change nothing yet.
"""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import grpc

from .logs import log
from .tls import TlsFolder

# How often the files are looked at, in seconds.
CERTIFICATE_POLL_INTERVAL_S = 1.0

# How long a call may still take on an old connection, in seconds.
OLD_CONNECTION_GRACE_S = 3600.0

OPTIONS = (
    # Every replica behind the peer's name is used, not the first one found.
    ("grpc.service_config", '{"loadBalancingConfig": [{"round_robin": {}}]}'),
    # Else a new channel would go on using the old one's connections, made with the old certificates.
    ("grpc.use_local_subchannel_pool", 1),
    # A peer that comes back is found within seconds, not after gRPC's default of up to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # A peer whose machine went dead without a word is given up within half a minute while a call waits
    # for it, not after the quarter of an hour for which TCP sends again.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.http2.ping_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
)


class RenewingChannel(grpc.aio.Channel):
    """The channel to *service* at *address* with the certificates in *tls*.  Connects at the first call.

    Whoever answers there without a certificate of *service* is not spoken to.
    """

    def __init__(
        self,
        service: str,
        address: str,
        tls: TlsFolder,
        poll_interval_s: float = CERTIFICATE_POLL_INTERVAL_S,
    ) -> None:
        self._service = service
        self._address = address
        self._tls = tls
        self._poll_interval_s = poll_interval_s
        self._channel: grpc.aio.Channel | None = None
        self._look_at = 0.0
        self._closing: set[asyncio.Task[None]] = set()

    def current(self) -> grpc.aio.Channel:
        """Return the connection that a call which begins now must take.

        Raises OSError or ValueError when there is none yet and the certificates cannot be read.
        """
        now = time.monotonic()
        if self._channel is None:
            self._channel, self._look_at = self._connect(), now + self._poll_interval_s
        elif now >= self._look_at:
            self._look_at = now + self._poll_interval_s
            if self._tls.changed():
                self._renew(self._channel)
        return self._channel

    def _connect(self) -> grpc.aio.Channel:
        tls = self._tls.read()
        credentials = grpc.ssl_channel_credentials(tls.ca, tls.key, tls.certificate)
        options = (*OPTIONS, *tls.channel_options(self._service))
        return grpc.aio.secure_channel(self._address, credentials, options=options)

    def _renew(self, old: grpc.aio.Channel) -> None:
        try:
            self._channel = self._connect()
        except (OSError, ValueError) as error:
            log.warning("the new certificates cannot be used yet", exc_info=error)
            return
        log.info("a channel took new certificates", at=self._address)
        task = asyncio.get_running_loop().create_task(old.close(OLD_CONNECTION_GRACE_S))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    # What a stub asks of a channel: methods, each of which finds its connection when it is called.

    def unary_unary(self, method: str, *codecs: Any, **more: Any) -> Any:
        return _Method(self, "unary_unary", method, codecs, more)

    def unary_stream(self, method: str, *codecs: Any, **more: Any) -> Any:
        return _Method(self, "unary_stream", method, codecs, more)

    def stream_unary(self, method: str, *codecs: Any, **more: Any) -> Any:
        return _Method(self, "stream_unary", method, codecs, more)

    def stream_stream(self, method: str, *codecs: Any, **more: Any) -> Any:
        return _Method(self, "stream_stream", method, codecs, more)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        return self.current().get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        await self.current().wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        await self.current().channel_ready()

    async def close(self, grace: float | None = None) -> None:
        """Close every connection; calls under way have *grace* seconds."""
        for task in tuple(self._closing):
            task.cancel()
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close(grace)
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


class _Method:
    """One method of a stub; the connection it was last called on is kept until there is another."""

    def __init__(
        self, owner: RenewingChannel, kind: str, path: str, codecs: tuple[Any, ...], more: dict[str, Any]
    ) -> None:
        self.path = path
        self._owner = owner
        self._make: Callable[[grpc.aio.Channel], Callable[..., Any]] = lambda channel: getattr(channel, kind)(
            path, *codecs, **more
        )
        self._channel: grpc.aio.Channel | None = None
        self._call: Callable[..., Any] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        channel = self._owner.current()
        if channel is not self._channel or self._call is None:
            self._channel, self._call = channel, self._make(channel)
        return self._call(*args, **kwargs)
