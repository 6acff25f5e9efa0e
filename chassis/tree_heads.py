"""
Heads of logs, signed by the service whose log it is; and whether one that somebody brings is.

What is signed, and why, is in `transparency/tree_heads.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography import x509

from lientuyen.type.v1.tree_head_pb2 import TreeHead as TreeHeadMessage
from transparency.tree_heads import TreeHead, signed_leaf

from .signing import ECDSA, ED25519, KeyPair, Unverified, identity_of, key_id_of, verify
from .tls import SPIFFE

ALGORITHMS: Final = {
    TreeHeadMessage.ALGORITHM_ECDSA_P256_SHA256: ECDSA,
    TreeHeadMessage.ALGORITHM_ED25519: ED25519,
}
ALGORITHMS_TO_PB: Final = {name: number for number, name in ALGORITHMS.items()}


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head and what was signed: *body* is exactly what *signature* covers; *certificate* is DER."""

    head: TreeHead
    body: bytes
    signature: bytes
    certificate: bytes
    algorithm: str

    @property
    def leaf(self) -> bytes:
        """The hash of the leaf that it is in another log."""
        return signed_leaf(self.body, self.signature, self.certificate)


def sign_head(pair: KeyPair, origin: str, size: int, root: bytes, time: datetime) -> SignedHead:
    head = TreeHead(origin, size, root, time, pair.key_id, sha256(pair.certificate).digest())
    body = head.to_bytes()
    return SignedHead(head, body, pair.sign(body), pair.certificate, pair.algorithm)


def verify_head(signed: SignedHead, authority: bytes) -> None:
    """Raise `Unverified` unless the service that the log is of signed it, as *authority* (PEM) certifies."""
    head = signed.head
    verify(signed.body, signed.signature, signed.certificate, signed.algorithm, authority, head.time)
    if identity_of(signed.certificate) != f"{SPIFFE}{head.trust_domain}/service/{head.service}":
        raise Unverified("the certificate is not that of the service whose log it is")
    certificate = x509.load_der_x509_certificate(signed.certificate)
    names = (key_id_of(certificate.public_key()), sha256(signed.certificate).digest())
    if names != (head.key_id, head.certificate):
        raise Unverified("the key is not the one that the head names")


def head_to_pb(signed: SignedHead) -> TreeHeadMessage:
    return TreeHeadMessage(
        body=signed.body,
        signature=signed.signature,
        certificate=signed.certificate,
        algorithm=ALGORITHMS_TO_PB[signed.algorithm],
    )


def head_from_pb(head: TreeHeadMessage) -> SignedHead:
    """Return the head; ValueError when its body is none, or how it is signed is not known."""
    if head.algorithm not in ALGORITHMS:
        raise ValueError("an unknown algorithm")
    return SignedHead(
        TreeHead.from_bytes(head.body),
        head.body,
        head.signature,
        head.certificate,
        ALGORITHMS[head.algorithm],
    )
