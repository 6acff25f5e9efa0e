"""
The TLS folder that a process reads its own certificate from.

A folder is laid out as Kubernetes mounts a TLS secret: `ca.crt`, `tls.crt`,
`tls.key`, all PEM.  A caller is the SPIFFE id in its certificate's SAN URI,
`spiffe://<trust domain>/facility/01999`; the subject means nothing.  Who answers is the
SAN DNS name `identity.service.<trust domain>`, which services alone are given
(docs/adr/0047).  The folders come from the deployment's own issuer; on one machine, from
`laptop.authority`.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

SPIFFE: Final = "spiffe://"


@dataclass(frozen=True, slots=True)
class Tls:
    ca: bytes
    certificate: bytes
    key: bytes

    def channel_options(self, service: str) -> tuple[tuple[str, str], ...]:
        """Return the options of a channel that speaks to *service* and to nobody else in our trust domain.

        Raises ValueError when our own certificate names no trust domain.
        """
        name = server_name(service, trust_domain_of(self.certificate))
        return (("grpc.ssl_target_name_override", name), ("grpc.default_authority", name))


def server_name(service: str, trust_domain: str) -> str:
    """Return the name by which *service* is known when it answers, wherever it runs.

    gRPC holds a server's certificate to a DNS name, and shows a client none of its URIs.
    """
    return f"{service}.service.{trust_domain}"


def trust_domain_of(certificate: bytes) -> str:
    """Return the trust domain of the SPIFFE id in *certificate* (PEM), or raise ValueError."""
    extensions = x509.load_pem_x509_certificate(certificate).extensions
    for extension in extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            for uri in extension.value.get_values_for_type(x509.UniformResourceIdentifier):
                if uri.startswith(SPIFFE):
                    return uri.removeprefix(SPIFFE).partition("/")[0]
    raise ValueError("the certificate has no SPIFFE id")


class TlsFolder:
    """A folder of `ca.crt`, `tls.crt` and `tls.key` that an issuer may rewrite at any moment.

    One reader has one `TlsFolder`: `changed` compares with what that reader read last.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: _Stamp | None = None

    def read(self) -> Tls:
        """Return the files as they are now.

        Raises ValueError while an issuer is half done, that is when the key is not the certificate's,
        and OSError when a file is missing; what was read before stays good then.
        """
        seen = self._stamp()
        tls = Tls(*((self.path / name).read_bytes() for name in _FILES))
        if not _belong_together(tls):
            raise ValueError(f"the key in {self.path} is not the certificate's")
        self._seen = seen
        return tls

    def changed(self) -> bool:
        """Return whether the files differ from those last read; asks for three file times, no content."""
        try:
            return self._stamp() != self._seen
        except FileNotFoundError:
            return False

    def _stamp(self) -> "_Stamp":
        """Return each file's time, number and size, through the links Kubernetes swaps."""
        stats = [os.stat(self.path / name) for name in _FILES]  # noqa: PTH116 (twice as fast as Path.stat)
        return tuple((stat.st_mtime_ns, stat.st_ino, stat.st_size) for stat in stats)


_FILES = ("ca.crt", "tls.crt", "tls.key")
_Stamp = tuple[tuple[int, int, int], ...]


def _belong_together(tls: Tls) -> bool:
    certificate = x509.load_pem_x509_certificate(tls.certificate)
    key = serialization.load_pem_private_key(tls.key, None)
    return certificate.public_key() == key.public_key()
