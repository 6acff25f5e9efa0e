"""
Referrals between nodes: each has a row at both, and what one says of it goes with its slip and its notices.

The recipient's node decides what becomes of a referral: its word stands at the sender's.  The word of the
sender, a cancellation, stands at the recipient's while nobody has accepted there; else the sender is told
that it comes too late, and that what it cancelled lives.  One slip has one referral in force at each node:
a row that would be the second stays as it is, or out, and its sender is told.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from google.protobuf.message import DecodeError

from chassis.db import Transaction
from chassis.errors import InvalidArgument
from common.names import id_of
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import referral_pb2
from lientuyen.routing.v1.message_pb2 import Notice

from ..model.messages import Kind, Message
from ..model.referrals import REFERRALS, Referral, State, replace_by
from ..service.mailbox_writer import MailboxWriter, withdraw_message
from ..service.referral_outcomes import ReferralOutcomes
from ..store.referrals import (
    get_referral,
    get_referral_by_slip,
    insert_referral,
    lock_referral,
    lock_referral_of_source,
    update_referral,
)
from .directory import NodeDirectory
from .referral_copies import referral_from_enclosure

# While the sender's word counts.
OPEN: Final = frozenset({State.ISSUED, State.DELIVERED})


class Enclosures:
    def __init__(self, writer: MailboxWriter, directory: NodeDirectory, outcomes: ReferralOutcomes) -> None:
        self._writer = writer
        self._directory = directory
        self._outcomes = outcomes

    async def enclosure_of(self, tx: Transaction, message: Message) -> bytes:
        """Return the referral that *message* brings or tells of, without its person; empty for none."""
        if not message.about.startswith(REFERRALS):
            return b""
        referral = await get_referral(tx, id_of(message.about))
        if referral is None:
            return b""
        enclosed = self._outcomes.to_pb(replace(referral, person=""))
        return bytes(enclosed.SerializeToString(deterministic=True))

    async def take_in(self, tx: Transaction, message: Message, enclosure: bytes, origin: str) -> None:
        """Take in the referral that came with *message*, already in its mailbox, from the node *origin*."""
        if not enclosure or not message.about.startswith(REFERRALS):
            return
        enclosed = _read(enclosure)
        row = await lock_referral(tx, id_of(message.about))
        if message.kind is Kind.REFERRAL:
            if row is None and (enclosed.sender, enclosed.recipient) == (message.sender, message.recipient):
                await self._insert(tx, self._read_copy(enclosed, message), message.enqueue_time)
        elif row is not None and self._may_tell(row[0], message, origin):
            await self._follow(tx, row[0], self._read_copy(enclosed, message), message)

    def _read_copy(self, enclosed: referral_pb2.Referral, message: Message) -> Referral:
        sealed = None
        if enclosed.HasField("outcome"):
            sealed = self._outcomes.seal_outcome(id_of(enclosed.name), enclosed.outcome)
        return referral_from_enclosure(enclosed, message, sealed)

    async def _insert(self, tx: Transaction, referral: Referral, now: datetime) -> None:
        """Insert *referral*, whose slip came; it ends an older one of the slip that nobody has accepted."""
        rival = await _rival_of(tx, referral)
        if rival is not None and rival.state in OPEN:
            await update_referral(tx, replace_by(rival, referral.id, now))
            await withdraw_message(tx, rival.message_id)
        elif rival is not None:
            await self._refuse_change(tx, rival, now)
            return
        await insert_referral(tx, referral)

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
            if await _rival_of(tx, followed) is None:
                await update_referral(tx, followed)
        elif ours.state in OPEN:
            await update_referral(tx, followed)
            await withdraw_message(tx, ours.message_id)
        elif theirs.state is State.CANCELLED and ours.state is not State.CANCELLED:
            await self._refuse_change(tx, ours, notice.enqueue_time)

    async def _refuse_change(self, tx: Transaction, referral: Referral, now: datetime) -> None:
        event = Notice.EVENT_REFERRAL_CHANGE_REFUSED
        await self._writer.write_notice(tx, referral.sender, event, referral.name, now)


async def _rival_of(tx: Transaction, referral: Referral) -> Referral | None:
    """Return another referral in force that carries the slip of *referral*, which is in force; or None."""
    if not referral.is_in_force:
        return None
    row = await lock_referral_of_source(tx, referral.sender, referral.source_slip)
    others = [row[0]] if row is not None else []
    if referral.slip_number:
        holder = await get_referral_by_slip(tx, referral.sender, referral.slip_number)
        others += [holder] if holder is not None else []
    return next((other for other in others if other.id != referral.id), None)


def _read(enclosure: bytes) -> referral_pb2.Referral:
    try:
        return referral_pb2.Referral.FromString(enclosure)
    except DecodeError as error:
        raise InvalidArgument(reasons.UPLOAD_MALFORMED) from error
