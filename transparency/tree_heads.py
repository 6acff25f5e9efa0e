"""
Tree heads: what is signed about a tree.

The signed text is a C2SP checkpoint (https://c2sp.org/tlog-checkpoint): the name of the log, its size, its
root in base64, and three lines of ours.

    lientuyen.test/routing/receipts
    100000
    qZ0bTgHUbU2GJbdCpw3E1TqBl9dKbFQlZBqVqJUVVnE=
    time 2026-11-27T03:00:00.000000Z
    key 9f2c…
    certificate 77d0…

The key is the SHA-256 of the signer's public key, as DER (SubjectPublicKeyInfo), in hexadecimal digits; the
certificate that of the certificate in DER, so that the signature covers what a certificate's own does not.
"""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from .merkle import leaf_hash

# Domain, service, log: as `lientuyen.test/routing/receipts`.
RECEIPTS: Final = "receipts"
ACCESS_LOG: Final = "access-log"

_TIME: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
_HEAD: Final = re.compile(
    rb"(?P<origin>[a-z0-9._-]{1,255}/[a-z]{1,63}/[a-z-]{1,63})\n"
    rb"(?P<size>0|[1-9][0-9]{0,18})\n"
    rb"(?P<root>[A-Za-z0-9+/]{43}=)\n"
    rb"time (?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)\n"
    rb"key (?P<key>[0-9a-f]{64})\n"
    rb"certificate (?P<certificate>[0-9a-f]{64})\n"
)


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The state of a log at a time: *root* is over *size* leaves; *key_id*, *certificate* say who signs."""

    origin: str
    size: int
    root: bytes
    time: datetime
    key_id: bytes
    certificate: bytes

    @property
    def trust_domain(self) -> str:
        return self.origin.partition("/")[0]

    @property
    def service(self) -> str:
        return self.origin.split("/")[1]

    def to_bytes(self) -> bytes:
        lines = (
            self.origin,
            str(self.size),
            b64encode(self.root).decode(),
            f"time {self.time.astimezone(UTC).strftime(_TIME)}",
            f"key {self.key_id.hex()}",
            f"certificate {self.certificate.hex()}",
        )
        return "".join(f"{line}\n" for line in lines).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> "TreeHead":
        """Return the head that *body* says; ValueError when it is no head, written exactly so."""
        match = _HEAD.fullmatch(body)
        if match is None:
            raise ValueError("no tree head")
        head = cls(
            origin=match["origin"].decode(),
            size=int(match["size"]),
            root=b64decode(match["root"], validate=True),
            time=datetime.strptime(match["time"].decode(), _TIME).replace(tzinfo=UTC),
            key_id=bytes.fromhex(match["key"].decode()),
            certificate=bytes.fromhex(match["certificate"].decode()),
        )
        if head.to_bytes() != body:
            raise ValueError("no tree head")
        return head


def origin_of(trust_domain: str, service: str, log: str) -> str:
    return f"{trust_domain}/{service}/{log}"


def signed_leaf(body: bytes, signature: bytes, certificate: bytes) -> bytes:
    """Return the leaf of something signed, a receipt or another log's head: the hash covers all its bytes."""
    return leaf_hash(framed(body, signature, certificate))


def framed(*parts: bytes) -> bytes:
    """Return *parts* one after the other, each behind its length in four bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
