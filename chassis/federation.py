"""
The port for other nodes of the exchange: mutual TLS between trust domains (docs/adr/0086).

Its pool of authorities is those of the nodes that are known now, looked at before every handshake.  Whoever
calls is the routing service of one of them, by a certificate of that node's own authorities; nobody of our
own trust domain is anybody here, and nobody of another on the service's own port.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import grpc

from .access import Rule
from .call_context import Caller
from .connections import handshake_began
from .interceptor import RecordRefusal, ServerInterceptor
from .logs import log
from .rpc_handlers import Context
from .tls import TlsFolder
from .trust_domains import TrustDomain, find_caller

# Who speaks for a node.
SPEAKER: Final = "service/routing"

# The caller's certificate, PEM, as grpc gives it.
CERTIFICATE: Final = "x509_pem_cert"

# The trust domains of the nodes that are known now, by the name of the node.
Domains = Callable[[], Mapping[str, TrustDomain]]


class FederationPort:
    """A listener beside a service's own; the server of the service starts and stops it."""

    def __init__(
        self,
        listen: str,
        tls: TlsFolder,
        domains: Domains,
        rules: Mapping[str, Rule],
        record_refusal: RecordRefusal,
        options: tuple[tuple[str, Any], ...],
    ) -> None:
        self._listen = listen
        self._domains = domains
        self._interceptor = ServerInterceptor("", rules, {}, record_refusal, name_caller=self._caller)
        self._grpc = grpc.aio.server(interceptors=[self._interceptor], options=options)
        self._credentials = _credentials(tls, domains)
        self.port = 0

    def add(self, add_to_server: Callable[[Any, Any], None], servicer: object) -> None:
        add_to_server(servicer, self._grpc)

    async def start(self) -> None:
        self.port = self._grpc.add_secure_port(self._listen, self._credentials)
        await self._grpc.start()

    async def stop(self, grace: float) -> None:
        self._interceptor.is_draining = True
        self._interceptor.end_endless_calls()
        await self._grpc.stop(grace)

    def _caller(self, context: Context) -> Caller | None:
        certificates = list(context.auth_context().get(CERTIFICATE, ()))
        domains = self._domains()
        names = {domain: node for node, domain in domains.items()}
        found = find_caller(certificates[0], domains.values()) if len(certificates) == 1 else None
        if found is None or found[1] != SPEAKER:
            return None
        return Caller("node", names[found[0]])


def _credentials(tls: TlsFolder, domains: Domains) -> grpc.ServerCredentials:
    seen: list[bytes] = [b""]

    def configuration() -> grpc.ServerCertificateConfiguration:
        own, roots = tls.read(), _roots(domains)
        seen[0] = roots
        return grpc.ssl_server_certificate_configuration([(own.key, own.certificate)], roots or own.ca)

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        """Return what to use from now on, or None for what was used before.  gRPC asks at each handshake."""
        handshake_began()
        if not tls.changed() and _roots(domains) == seen[0]:
            return None
        try:
            return configuration()
        except (OSError, ValueError) as error:
            log.error("the TLS folder cannot be read; the old certificate stays", exc_info=error)
            return None

    return grpc.dynamic_ssl_server_credentials(
        configuration(),
        fetch,  # type: ignore[arg-type]  # the stubs do not know that None means "no change"
        require_client_authentication=True,
    )


def _roots(domains: Domains) -> bytes:
    return b"".join(domain.pem for domain in domains().values())
