"""
Receipts (biên nhận): what one attests, and of what it consists.

A receipt verifies without asking us: see the words on `Receipt` in the contract, and `chassis/signing.py`,
which signs them.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from transparency.tree_heads import signed_leaf


class Kind(StrEnum):
    """What a receipt attests; also the last part of its name."""

    ACCEPTANCE = "acceptance"
    DELIVERY = "delivery"
    ACKNOWLEDGEMENT = "acknowledgement"


class Algorithm(StrEnum):
    ECDSA_P256_SHA256 = "ecdsa_p256_sha256"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signed receipt of one message: *body* is exactly what *signature* covers; *certificate* is DER."""

    message_id: UUID
    kind: Kind
    body: bytes
    signature: bytes
    certificate: bytes
    algorithm: Algorithm

    @property
    def leaf(self) -> bytes:
        """The hash of its leaf in the log."""
        return signed_leaf(self.body, self.signature, self.certificate)
