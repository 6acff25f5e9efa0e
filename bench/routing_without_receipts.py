"""
`python -m bench.routing_without_receipts`: routing as it is, but that it signs and keeps no receipts.

A queue of others signs nothing, so this is what may be compared with one.  There is no such switch in the
service: what is left out here is replaced in this process, from outside.
"""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Transaction
from chassis.server import run
from services.routing.app import build
from services.routing.model.messages import Message
from services.routing.model.receipts import Algorithm, Kind, Receipt
from services.routing.service.receipt_signing import ReceiptSigner
from services.routing.settings import Settings
from services.routing.store import receipts

# What of the store writes receipts down.
WRITING = [name for name in ("insert_receipt", "insert_receipts") if hasattr(receipts, name)]


def sign_nothing(_: ReceiptSigner, message: Message, kind: Kind) -> Receipt:
    """Return an empty receipt."""
    return _empty(message.id, kind)


async def keep_nothing(tx: Transaction, receipt: object) -> None:
    """Write nothing down."""


async def get_nothing(tx: Transaction, message_ids: Sequence[UUID]) -> dict[UUID, Receipt]:
    """Return empty receipts of acceptance."""
    return {message_id: _empty(message_id, Kind.ACCEPTANCE) for message_id in message_ids}


def _empty(message_id: UUID, kind: Kind) -> Receipt:
    return Receipt(message_id, kind, b"", b"", b"", Algorithm.ED25519)


if __name__ == "__main__":
    ReceiptSigner.sign = sign_nothing  # type: ignore[assignment,method-assign]
    receipts.get_acceptances = get_nothing
    for name in WRITING:
        setattr(receipts, name, keep_nothing)
    run(build, Settings)
