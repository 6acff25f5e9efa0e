"""
The harness: services on free ports, in this process, over mutual TLS, each on a database of its own.

    class Identity(ServiceUnderTest):
        service = "identity"

    async def test_a_person_is_found_by_number(world):
        identity = await Identity(world).start()
        persons = identity.stub(PersonServiceStub, "facility/01999")
        ...
        refusal = await refused(persons.GetPerson(...))
        assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, reasons.PERSON_NOT_FOUND.name)
        await eventually(lambda: identity.rows("SELECT FROM audit"))

A service's database is migrated once a session, cloned for every start, and dropped
after the test, so tests share nothing.  A peer is a `fake`: a servicer of a few lines, served as
`service/<name>`, held to the rules of the contract; identity's is `tests.fake_identity`.
The services, as their contract tests use them, are in `tests/contract/*_env.py`.
"""

import asyncio
import inspect
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, TypeVar, cast, overload

import asyncpg
import grpc
from cryptography import x509
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, LocalizedMessage

from chassis import encryption
from chassis.access import ANYONE, Rule, allow
from chassis.db import Database
from chassis.errors import PermissionDenied, Violation, rich_status
from chassis.interceptor import ServerInterceptor
from chassis.server import Server, server_credentials
from chassis.settings import ServiceSettings
from chassis.tls import TlsFolder
from laptop.authority import TRUST_DOMAIN, Authority, issue, make_ca
from tests.databases import Databases

AddToServer = Callable[[Any, Any], None]
T = TypeVar("T")

# Seconds for what another task or process does: a machine ten times slower than ours keeps them, and
# they are less than the limit of a test.
PATIENCE = 60.0
POLL_INTERVAL = 0.02


class Pki:
    """One authority, and a TLS folder for whoever is asked for."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.ca: Authority = make_ca(folder / "ca")

    def folder(self, identity: str, trust_domain: str = TRUST_DOMAIN) -> TlsFolder:
        """Return the TLS folder of *identity*, as `facility/01999`; issued when first asked for."""
        path = self.path / trust_domain / identity
        if not (path / "tls.crt").exists():
            issue(self.ca, path, identity, trust_domain=trust_domain)
        return TlsFolder(path)


def spiffe_id(certificate: bytes) -> str | None:
    """Return the one SPIFFE id of a PEM certificate; None unless it has exactly one URI, as SPIFFE wants."""
    extensions = x509.load_pem_x509_certificate(certificate).extensions
    names = [one.value for one in extensions if isinstance(one.value, x509.SubjectAlternativeName)]
    uris = [uri for name in names for uri in name.get_values_for_type(x509.UniformResourceIdentifier)]
    return uris[0] if len(uris) == 1 and uris[0].startswith("spiffe://") else None


@dataclass(frozen=True, slots=True)
class Running:
    """A service that runs: where, with which settings, on which database."""

    address: str
    settings: ServiceSettings
    db: Database
    server: Server


@dataclass(slots=True)
class World:
    """What one test builds.  All of it ends with the test."""

    databases: Databases
    pki: Pki
    folder: Path
    _ending: list[Callable[[], Awaitable[object]]] = field(default_factory=list)

    async def start(
        self, service: str, *, wiring: Mapping[str, object] | None = None, **settings: Any
    ) -> Running:
        """Start *service* (`identity`) on a fresh database; *settings* override those of the harness.

        A peer is given by its address: `records = await world.start("records", identity_address=fake)`.
        *wiring* are arguments of the service's own `build`: `{"new_rate_limiter": …}`.
        """
        build = import_module(f"services.{service}.app").build
        return await self.serve(await self.settings(service, **settings), partial(build, **(wiring or {})))

    async def settings(self, service: str, **overrides: Any) -> ServiceSettings:
        """Return the settings that `start` would use, with a database made for them unless one is given."""
        kind = cast(type[ServiceSettings], import_module(f"services.{service}.settings").Settings)
        if "database_url" not in overrides:
            overrides["database_url"] = await asyncio.to_thread(self.databases.clone, service)
        return kind(**{**self.common(f"service/{service}"), **overrides})

    def common(self, identity: str) -> dict[str, Any]:
        """Return the settings that any server of the harness has."""
        return {
            "listen": "127.0.0.1:0",
            "reserve_mib": 0,
            "tls_dir": self.pki.folder(identity).path,
            "keys_dir": self.keys(),
            "reflection": True,
            "pool_size": 5,
        }

    def keys(self) -> Path:
        """Return the folder of the sealing keys."""
        path = self.folder / "keys"
        if not path.exists():
            path.mkdir()
            encryption.make_key(path)
        return path

    async def serve(
        self, settings: ServiceSettings, build: Callable[[ServiceSettings], Awaitable[Server]]
    ) -> Running:
        """Start the server that *build* makes of *settings*."""
        server = await build(settings)
        port = await server.start()
        self._ending.append(lambda: server.stop(grace=0.5))
        return Running(f"127.0.0.1:{port}", settings, server.db, server)

    def channel(
        self, target: Running | str, identity: str = "facility/01999", trust_domain: str = TRUST_DOMAIN
    ) -> grpc.aio.Channel:
        """Return a channel to *target*, as the holder of *identity*'s certificate."""
        tls = self.pki.folder(identity, trust_domain).read()
        credentials = grpc.ssl_channel_credentials(tls.ca, tls.key, tls.certificate)
        address = target if isinstance(target, str) else target.address
        # Channels of one process share connections by default; a test that speaks as two must not.
        options = (("grpc.use_local_subchannel_pool", 1),)
        channel = grpc.aio.secure_channel(address, credentials, options=options)
        self._ending.append(channel.close)
        return channel

    async def fake(self, service: str, *servicers: tuple[AddToServer, object]) -> str:
        """Serve stand-ins for *service* and return their address.

        `await world.fake("identity", (add_ConsentServiceServicer_to_server, FakeConsent()))`.  A fake may
        raise the errors of `chassis.errors`; a request that breaks the contract's rules is refused.
        """
        interceptor = ServerInterceptor(TRUST_DOMAIN, _AnyMethod(), {}, _no_row)
        server = grpc.aio.server(interceptors=[interceptor], options=(("grpc.so_reuseport", 0),))
        for add_to_server, servicer in servicers:
            add_to_server(servicer, server)
        credentials = server_credentials(self.pki.folder(f"service/{service}"))
        port = server.add_secure_port("127.0.0.1:0", credentials)
        await server.start()
        self._ending.append(lambda: server.stop(None))
        return f"127.0.0.1:{port}"

    def nowhere(self) -> str:
        """Return an address where nobody listens: a peer that is down."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return f"127.0.0.1:{probe.getsockname()[1]}"

    def ending(self, end: Callable[[], Awaitable[object]]) -> None:
        self._ending.append(end)

    async def close(self) -> None:
        """End everything, last begun first."""
        for end in reversed(self._ending):
            await end()


class _AnyMethod(Mapping[str, Rule]):
    """The rules of a fake: anybody of the trust domain may call anything."""

    _RULE = allow(ANYONE)

    def __getitem__(self, method: str) -> Rule:
        return self._RULE

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


async def _no_row(refusal: PermissionDenied, request: object) -> None:
    """Leave no row: a fake has no access log."""


class ServiceUnderTest:
    """A service that runs, and stubs for whoever calls it.

    A subclass names its *service* and adds what its tests build; one with peers starts their fakes in
    `start` and passes their addresses on: `await super().start(identity_address=address, **settings)`.
    """

    service: ClassVar[str]

    def __init__(self, world: World) -> None:
        self.world = world
        self._running: Running | None = None
        self._channels: dict[tuple[str, str], grpc.aio.Channel] = {}

    async def start(self, **settings: Any) -> Self:
        """Start the service on a fresh database, as `World.start` does."""
        self._running = await self.world.start(self.service, **settings)
        return self

    @property
    def running(self) -> Running:
        """The service; it was started."""
        assert self._running is not None, f"{self.service} was not started"
        return self._running

    def stub(self, stub_class: Callable[[grpc.aio.Channel], T], caller: str = "facility/01999") -> T:
        """Return a stub of *stub_class* for the service, as the holder of *caller*'s certificate."""
        address = self.running.address
        channel = self._channels.get((address, caller))
        if channel is None:
            channel = self._channels[address, caller] = self.world.channel(address, caller)
        return stub_class(channel)

    async def rows(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """Run *statement* on the service's own database and return its rows: to look, or to let time pass."""
        connection = await asyncpg.connect(self.running.settings.database_url)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    async def audit(self, subject: str) -> list[tuple[str, str, bool, bool]]:
        """Return the accesses to *subject*, oldest first: caller, method's own name, allowed, flagged."""
        rows = await self.rows(
            "SELECT caller, method, allowed, flagged FROM audit WHERE subject = $1 ORDER BY access_time",
            subject,
        )
        return [(row[0], row[1].rpartition(".")[2], row[2], row[3]) for row in rows]


@overload
async def eventually(condition: Callable[[], Awaitable[T]], within: float = ...) -> T: ...
@overload
async def eventually(condition: Callable[[], T], within: float = ...) -> T: ...
async def eventually(condition: Callable[[], Any], within: float = PATIENCE) -> Any:
    """Return the first true answer of *condition*; fail when there is none *within* seconds.

    For what is true at last.  That something stays so cannot be told by waiting.
    """
    deadline = asyncio.get_running_loop().time() + within
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        late = asyncio.get_running_loop().time() > deadline
        assert not late, f"not within {within:.0f} s; the last answer was {answer!r}"
        await asyncio.sleep(POLL_INTERVAL)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a refused caller was told.  *reason* is the name of the enum value in the contract."""

    code: grpc.StatusCode
    reason: str
    metadata: Mapping[str, str]
    violations: Sequence[Violation]
    message: str
    message_vi: str
    domain: str

    @property
    def fields(self) -> list[str]:
        """The paths of the fields at fault."""
        return [violation.field for violation in self.violations]


class _Iterable(Protocol):
    def __aiter__(self) -> AsyncIterator[object]: ...


async def refused(call: Awaitable[object] | _Iterable) -> Refusal:
    """Await *call* (or read its stream) and return what was said to it; fail if it was answered."""
    try:
        if hasattr(call, "__aiter__"):
            async for _ in cast(_Iterable, call):
                pass
        else:
            await call
    except grpc.aio.AioRpcError as error:
        return _refusal(error)
    raise AssertionError("the call was answered, not refused")


def _refusal(error: grpc.aio.AioRpcError) -> Refusal:
    """Read a rich status as a client does.  A status without one has no reason."""
    info, local, bad = ErrorInfo(), LocalizedMessage(), BadRequest()
    status = rich_status(error)
    for detail in status.details if status is not None else ():
        for wanted in (info, local, bad):
            if detail.Is(wanted.DESCRIPTOR):
                detail.Unpack(wanted)
    violations = [
        Violation(one.field, one.reason, one.description, one.localized_message.message)
        for one in bad.field_violations
    ]
    message = error.details() or ""
    return Refusal(
        error.code(), info.reason, dict(info.metadata), violations, message, local.message, info.domain
    )
