"""
Referrals between nodes: each has a row at both, and what one says of it goes with its slip and its notices.

The recipient's node decides what becomes of a referral: its word stands at the sender's.  The word of the
sender, a cancellation, stands at the recipient's while nobody has accepted there; else the sender is told
that it comes too late, and that what it cancelled lives.
"""

from dataclasses import replace
from typing import Final

from google.protobuf.message import DecodeError

from chassis.db import Transaction
from chassis.errors import InvalidArgument
from common.names import id_of
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import referral_pb2
from lientuyen.routing.v1.message_pb2 import Notice

from ..convert.referrals import referral_to_pb
from ..model.messages import Kind, Message
from ..model.referrals import REFERRALS, Referral, State
from ..service.mailbox_writer import MailboxWriter, withdraw_message
from ..store.referrals import get_referral, insert_referral, lock_referral, update_referral
from .directory import NodeDirectory
from .referral_copies import referral_from_enclosure

# While the sender's word counts.
OPEN: Final = frozenset({State.ISSUED, State.DELIVERED})


async def enclosure_of(tx: Transaction, message: Message) -> bytes:
    """Return the referral that *message* brings or tells of, without its person; empty for none."""
    if not message.about.startswith(REFERRALS):
        return b""
    referral = await get_referral(tx, id_of(message.about))
    if referral is None:
        return b""
    enclosed = referral_to_pb(replace(referral, person=""))
    return bytes(enclosed.SerializeToString(deterministic=True))


class Enclosures:
    def __init__(self, writer: MailboxWriter, directory: NodeDirectory) -> None:
        self._writer = writer
        self._directory = directory

    async def take_in(self, tx: Transaction, message: Message, enclosure: bytes, origin: str) -> None:
        """Take in the referral that came with *message*, already in its mailbox, from the node *origin*."""
        if not enclosure or not message.about.startswith(REFERRALS):
            return
        enclosed = _read(enclosure)
        row = await lock_referral(tx, id_of(message.about))
        if message.kind is Kind.REFERRAL:
            if row is None and (enclosed.sender, enclosed.recipient) == (message.sender, message.recipient):
                await insert_referral(tx, referral_from_enclosure(enclosed, message))
        elif row is not None and self._may_tell(row[0], message, origin):
            await self._follow(tx, row[0], referral_from_enclosure(enclosed, message), message)

    def _may_tell(self, ours: Referral, notice: Message, origin: str) -> bool:
        """Whether *origin* is the node of the party that the recipient of *notice* is told about."""
        other = ours.recipient if notice.recipient == ours.sender else ours.sender
        return self._directory.was_home(other, origin)

    async def _follow(self, tx: Transaction, ours: Referral, theirs: Referral, notice: Message) -> None:
        """Let our row follow what the node of the other party says."""
        followed = replace(
            theirs,
            person=ours.person,
            slip_sha256=ours.slip_sha256,
            message_id=ours.message_id,
            id=ours.id,
        )
        if notice.recipient == ours.sender:  # the recipient's node speaks
            await update_referral(tx, followed)
        elif ours.state in OPEN:
            await update_referral(tx, followed)
            await withdraw_message(tx, ours.message_id)
        elif theirs.state is State.CANCELLED and ours.state is not State.CANCELLED:
            event = Notice.EVENT_REFERRAL_CHANGE_REFUSED
            await self._writer.write_notice(tx, ours.sender, event, ours.name, notice.enqueue_time)


def _read(enclosure: bytes) -> referral_pb2.Referral:
    try:
        return referral_pb2.Referral.FromString(enclosure)
    except DecodeError as error:
        raise InvalidArgument(reasons.UPLOAD_MALFORMED) from error
