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
from services.routing.service.mailbox_writer import MailboxWriter
from services.routing.settings import Settings
from services.routing.store import receipts


async def issue_nothing(_: MailboxWriter, tx: Transaction, message: Message, kind: Kind) -> Receipt:
    """Return an empty receipt, which is neither signed nor written."""
    return _empty(message.id, kind)


async def get_nothing(tx: Transaction, message_ids: Sequence[UUID]) -> dict[UUID, Receipt]:
    """Return the empty receipts of acceptance."""
    return {message_id: _empty(message_id, Kind.ACCEPTANCE) for message_id in message_ids}


def _empty(message_id: UUID, kind: Kind) -> Receipt:
    return Receipt(message_id, kind, b"", b"", b"", Algorithm.ED25519)


if __name__ == "__main__":
    MailboxWriter.issue_receipt = issue_nothing  # type: ignore[method-assign, assignment]
    receipts.get_acceptances = get_nothing
    run(build, Settings)
