"""
One gRPC server: mutual TLS, the interceptor, health, drain.  `run()` is a process of it.

Nothing is served without a client certificate of our authority.  The files of
the TLS folder are looked at before every handshake, so certificates and the
authority rotate without a restart; connections end after half an hour, so that
old certificates leave and load spreads over new replicas.
"""

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeVar

import grpc
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from lientuyen.chassis.v1 import audit_service_pb2_grpc, outbox_service_pb2_grpc, outcome_service_pb2_grpc
from transparency.tree_heads import ACCESS_LOG, origin_of

from . import audit, audit_partitions, idempotency, loop_delay, outbox_sweep, purging, telemetry
from .access import CHASSIS_RULES, Rule
from .access_log_tree import AccessLogTree
from .audit_service import AuditService
from .background import BackgroundTasks, Run
from .certificate_watch import CertificateWatch
from .connections import handshake_began
from .db import Database
from .encryption import Encryptor
from .errors import ServiceError
from .federation import FederationPort
from .fitness import Fitness, Unfit, check_files
from .head_submission import submitting
from .health import Health
from .idempotency import Idempotency
from .interceptor import MAX_REQUEST_BYTES, ServerInterceptor
from .logs import log, lost_lines
from .malloc import return_freed_memory
from .outbox_service import OutboxService
from .outcome_service import OutcomeService
from .pagination import Paginator
from .peers import Peer
from .session_check import UnsuitableDatabase
from .settings import ServiceSettings, load, refuse
from .signing import SigningFolder
from .store_reserve import StoreReserve
from .tls import TlsFolder
from .turns import Turns

MINUTE_MS: Final = 60_000

# Bytes of one message that gRPC reads.  It refuses what is larger by itself, before a call begins, with
# RESOURCE_EXHAUSTED and no reason; and ends a whole stream for it.  So that this is rare, it is far
# above what a service takes (docs/adr/0039).
TRANSPORT_BYTES: Final = 64 * 1024 * 1024

OPTIONS: Final = (
    # A second server on the same port must fail, not silently take half of the calls.
    ("grpc.so_reuseport", 0),
    # What a caller may send ahead of us on one call.  Left alone gRPC lets it grow with what a fast line has
    # under way, to megabytes, also for calls that wait for their turn: uploads of a gigabyte were in memory
    # whole (docs/adr/0052).  A mebibyte fills a line of 160 Mbit/s over 50 ms.
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", 1_048_576),
    # Hospitals sit behind NAT and keep a mailbox stream open: clients may ping an idle connection
    # every 10 s.  Half of that, for a line delays one ping and not the next, and three too soon are
    # "too many pings", which ends the connection.
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    # Notice a hospital whose line went dead within about 80 s.  (grpc.keepalive_timeout_ms, of which
    # one reads, is overruled by this.)
    ("grpc.keepalive_time_ms", MINUTE_MS),
    ("grpc.http2.ping_timeout_ms", 20_000),
    # New handshakes see new certificates, new replicas get load.  Calls under way have five
    # minutes more; an endless stream is ended then and its client comes back.
    ("grpc.max_connection_age_ms", 30 * MINUTE_MS),
    ("grpc.max_connection_age_grace_ms", 5 * MINUTE_MS),
)

# Seconds for calls under way after SIGTERM: the default deadline of a call and some more,
# and less than the 30 s after which Kubernetes kills.
DRAIN_S: Final = 15.0

# The part of that time after which calls are ended by us, with a reason.
DRAIN_NOTICE: Final = 0.9

# Seconds that watchers of our health have to hear NOT_SERVING before their streams end.
HEALTH_NOTICE_S: Final = 0.05

# Objects made, and not freed again, before the youngest of them are looked through for cycles; then
# how many of these looks before one at the older ones.  A call leaves five objects in a cycle of
# grpc's own: Python's 700 costs it some per cent more, and with 50,000 nobody was answered for 70 ms
# while what ten thousand calls had left was freed.
GC_THRESHOLDS: Final = (5_000, 10, 10)

# Seconds that a thread at work keeps the interpreter from the event loop, each of the many times that a call
# gives it up: with Python's 5 ms a small call beside a long check took twice as long (docs/adr/0052).
SWITCH_INTERVAL_S: Final = 0.0005

# sysexits.h: it cannot run now; whoever supervises it should try again.
EX_TEMPFAIL: Final = 75

S = TypeVar("S", bound=ServiceSettings)


class Server:
    """The server of one service.  Serves health, outcomes, dead events and the access log by itself."""

    def __init__(
        self,
        settings: ServiceSettings,
        *,
        service: str,
        db: Database,
        encryptor: Encryptor,
        rules: Mapping[str, Rule],
        unimplemented: Mapping[str, str],
        max_request: int = MAX_REQUEST_BYTES,
        folder: Path | None = None,
    ) -> None:
        """*folder* is the service's own, with its migrations; None where it has none."""
        self.service = service
        self.db = db
        self.turns = Turns(settings.calls_at_once, settings.calls_each, ping=db.ping)
        self._settings = settings
        self._interceptor = ServerInterceptor(
            settings.trust_domain,
            {**rules, **CHASSIS_RULES},
            unimplemented,
            self.record_refusal,
            max_request,
            self.turns,
        )
        options = (*OPTIONS, ("grpc.max_receive_message_length", max(TRANSPORT_BYTES, max_request)))
        self._grpc = grpc.aio.server(interceptors=[self._interceptor], options=options)
        self._services: list[str] = []
        self._health_server = grpc.aio.server(options=OPTIONS)
        self.certificates = CertificateWatch(*chain.from_iterable(settings.certificates().values()))
        self._fitness = Fitness(db, encryptor, folder)
        self._background = BackgroundTasks(
            self.certificates.run,
            self._fitness.run,
            StoreReserve(db, settings.reserve_mib).run,
            partial(audit_partitions.keep_partitions, db),
            partial(idempotency.sweep, db),
            partial(purging.keep_purging, db, *outbox_sweep.PURGES),
            loop_delay.measure_delay,
            self.turns.keep_reporting,
        )
        self.access_log = AccessLogTree(
            db,
            partial(SigningFolder.of, getattr(settings, "signing_dir", None), settings.tls_dir),
            origin_of(settings.trust_domain, service, ACCESS_LOG),
        )
        self._background.add(self.access_log.run)
        self._health = Health(db, self._obstacles, lambda: db.gate.is_open)
        self._background.add(self._health.run)
        self._ports: list[FederationPort] = []
        self._closing: list[Callable[[], Awaitable[None]]] = [db.close]
        self._stopped = False
        if settings.routing_address and service != "routing":
            routing = Peer("routing", settings.routing_address, TlsFolder(settings.tls_dir))
            self.access_log.submit = submitting(routing)
            self.closing(routing.close)
        paginator = Paginator(encryptor)
        self.add(
            audit_service_pb2_grpc.add_AuditServiceServicer_to_server, AuditService(service, db, paginator)
        )
        self.add(outcome_service_pb2_grpc.add_OutcomeServiceServicer_to_server, OutcomeService(db, encryptor))
        self.add(
            outbox_service_pb2_grpc.add_OutboxServiceServicer_to_server,
            OutboxService(db, Idempotency(db, encryptor), paginator, service),
        )

    def add(self, add_to_server: Callable[[Any, Any], None], servicer: object) -> None:
        """Serve *servicer*, by the generated function that adds it."""
        add_to_server(servicer, self)

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        """Take the handlers of a service: generated code calls this, as it would of gRPC's own server."""
        self._services += [handler.service_name() for handler in handlers]
        self._grpc.add_generic_rpc_handlers(handlers)

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Take nothing: generated code says here again what it has said to the other method."""

    def background(self, run: Run) -> None:
        """Run *run* while the server runs: supervised, counted, part of health (`background`)."""
        self._background.add(run)

    def federate(self, port: FederationPort) -> None:
        """Listen on *port*, too, for other nodes: it starts and stops with us."""
        self._ports.append(port)

    def closing(self, close: Callable[[], Awaitable[None]]) -> None:
        self._closing.append(close)

    async def start(self) -> int:
        """Listen, and return the port.  The health is true from the first answer on.

        Raises `Unfit` when the database, the keys or the address are not for us.
        """
        await self._fitness.check()
        services = list(self._services)
        self.turns.watch()
        self.db.gate.watch()
        self.access_log.watch()
        self.add(health_pb2_grpc.add_HealthServicer_to_server, self._health.servicer)
        if self._settings.reflection:
            reflecting = reflection.aio.ReflectionServicer([*services, reflection.SERVICE_NAME])
            self.add(reflection_pb2_grpc.add_ServerReflectionServicer_to_server, reflecting)
        credentials = server_credentials(TlsFolder(self._settings.tls_dir))
        with _listening("listen"):
            port = self._grpc.add_secure_port(self._settings.listen, credentials)
        await self._health.start(services)
        await self._grpc.start()
        for second in self._ports:
            with _listening("federation_address"):
                await second.start()
        if self._settings.health_listen:
            await self._serve_health()
        self._background.start()
        return port

    async def _serve_health(self) -> None:
        health_pb2_grpc.add_HealthServicer_to_server(self._health.servicer, self._health_server)
        with _listening("health_listen"):
            self._health_server.add_insecure_port(self._settings.health_listen)
        await self._health_server.start()

    async def stop(self, grace: float = 5) -> None:
        """Say NOT_SERVING, refuse new calls, give those under way *grace* seconds, then close.

        Endless streams end at once, and shortly before the end of the grace all others, with
        Unavailable(DRAINING).  Stopping twice is once.
        """
        if self._stopped:
            return
        self._stopped = self._interceptor.is_draining = True
        await self._health.stop()
        await asyncio.sleep(HEALTH_NOTICE_S)
        self._interceptor.end_endless_calls()
        ending = asyncio.get_running_loop().call_later(grace * DRAIN_NOTICE, self._interceptor.end_calls)
        await asyncio.gather(self._grpc.stop(grace), *(port.stop(grace) for port in self._ports))
        ending.cancel()
        await self._health_server.stop(None)
        await self._background.stop()
        for close in reversed(self._closing):
            await close()

    async def serve(self) -> None:
        """Start, say so on stdout, and drain at SIGTERM or SIGINT."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        self.db.figures.report()
        telemetry.gauge("lientuyen.log.lost", lambda: [(lost_lines(), {})], description="Lines not written.")
        port = await self.start()
        host = self._settings.listen.rpartition(":")[0]
        # What was made while starting stays: never look through it again for garbage (5 % of a call).
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        with suppress(OSError, ValueError):  # nobody listens: the health says it too
            print(f"{self.service} ready on {host}:{port}", flush=True)  # noqa: T201
        await stopping.wait()
        log.info("draining")
        await self.stop(DRAIN_S)

    def _obstacles(self) -> list[str]:
        """Return why this replica should get no calls, beside a database that does not answer."""
        failing, ended = self._background.failing(), self.certificates.ended()
        return [
            *([f"background tasks fail: {', '.join(failing)}"] if failing else []),
            *([f"certificates have ended: {', '.join(ended)}"] if ended else []),
            *self._fitness.faults(),
        ]

    async def record_refusal(self, refusal: ServiceError, request: object) -> None:
        """Write the row of a refusal that a handler or a rule gave, in a transaction of its own."""
        await audit.record_refusal(self.db, refusal, getattr(request, "access", None))


def server_credentials(folder: TlsFolder) -> grpc.ServerCredentials:
    """Return credentials that require a client certificate and follow the files in *folder*."""

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        """Return what to use from now on, or None for what was used before.  gRPC asks at each handshake."""
        handshake_began()
        if not folder.changed():
            return None
        try:
            return _configuration(folder)
        except (OSError, ValueError) as error:
            log.error("the TLS folder cannot be read; the old certificate stays", exc_info=error)
            return None

    return grpc.dynamic_ssl_server_credentials(
        _configuration(folder),
        fetch,  # type: ignore[arg-type]  # the stubs do not know that None means "no change"
        require_client_authentication=True,
    )


@contextmanager
def _listening(field: str) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise Unfit(field, "nobody can listen there: it is in use, or no address of this machine") from error


def _configuration(folder: TlsFolder) -> grpc.ServerCertificateConfiguration:
    tls = folder.read()
    return grpc.ssl_server_certificate_configuration([(tls.key, tls.certificate)], tls.ca)


def run(build: Callable[[S], Awaitable[Server]], settings: type[S]) -> None:
    """Run one service as this process: settings from the environment, uvloop, until SIGTERM.

    Exits with 78 when the settings are wrong or name what cannot serve us (a database, keys, certificates,
    an address), with 75 when the database does not answer at the start.
    """
    loaded = load(settings)
    return_freed_memory()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    name = str(settings.model_config.get("env_prefix", "")).rstrip("_").lower()
    telemetry.setup(name)

    async def main() -> None:
        check_files(loaded)
        server = await build(loaded)
        await server.serve()

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(main())
    except UnsuitableDatabase as error:
        refuse([(f"{name}_database_url".upper(), str(error))])
    except Unfit as error:
        refuse([(f"{name}_{error.field}".upper(), error.fault)])
    except ServiceError as error:
        log.error("cannot start", reason=error.reason.name)
        raise SystemExit(EX_TEMPFAIL) from None
    finally:
        telemetry.shutdown()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop where there is one (15 % more calls a core), or None for the standard loop."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
