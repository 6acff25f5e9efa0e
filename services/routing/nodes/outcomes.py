"""
What became of messages between nodes: told by the node of the recipient until it is confirmed.

Here is what both ends do with it: list what has ended and was not confirmed, and settle a message of ours by
what its node says.  Settling twice is settling once.
"""

from datetime import datetime
from uuid import UUID

from chassis.db import Database, Transaction
from chassis.db_clock import db_now
from chassis.logs import log
from chassis.messaging_spans import trace_message
from common.names import id_of, last_part
from common.values import timestamp_from_pb
from lientuyen.routing.v1 import node_link_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Notice

from ..convert.messages import FOREIGN
from ..model.messages import DeadReason, Kind, State
from ..model.messages import stop as stop_message
from ..model.receipts import Kind as ReceiptKind
from ..service.mailbox_writer import MailboxWriter
from ..service.notifier import Notifier
from ..service.receipts import list_node_receipts
from ..service.referrals import deliver_referral
from ..store.messages import get_message, lock_message, update_messages
from . import store
from .convert import DEAD_REASONS_FROM_PB, outcome_to_pb, state_from_pb
from .directory import NodeDirectory
from .model import settle


class Outcomes:
    def __init__(
        self, db: Database, writer: MailboxWriter, notifier: Notifier, directory: NodeDirectory
    ) -> None:
        self._db = db
        self._writer = writer
        self._notifier = notifier
        self._directory = directory
        self._here = directory.here

    async def list_untold(self, node: str, limit: int) -> list[pb.RelayOutcome]:
        """Return what became of messages that came from *node*, which has not confirmed to know."""
        async with self._db.connection() as tx:
            ended = await store.list_ended(tx, node, limit)
            return [
                outcome_to_pb(message, await list_node_receipts(tx, message.id, self._here))
                for message in ended
            ]

    async def confirmed(self, node: str, message_id: UUID) -> None:
        """Note that *node* knows; what is dead is its sender's there, and, once all know, not kept here."""
        async with self._db.transaction() as tx:
            if not await store.confirm(tx, message_id, node):
                return
            row = await lock_message(tx, message_id)
            if row is None or await store.is_untold(tx, message_id):
                return
            if row[0].state is State.DEAD:
                await update_messages(tx, [stop_message(*row)])

    async def take_in(self, node: str, outcome: pb.RelayOutcome) -> None:
        """Settle our message by what *node*, which we handed it to, says of it."""
        message_id = id_of(outcome.message)
        async with self._db.transaction() as tx:
            known = await get_message(tx, message_id)
            if known is None or not self._directory.was_home(known.recipient, node):
                log.warning("a node told of what was never for it", node=node)
                return
            sender = await self.settle(
                tx,
                message_id,
                state_from_pb(outcome),
                DEAD_REASONS_FROM_PB.get(outcome.dead_reason),
                outcome.dead_note,
                timestamp_from_pb(outcome.time),
            )
            for receipt in outcome.receipts if sender else ():
                of = last_part(receipt.node)
                if of and of != self._here:
                    kind = FOREIGN if receipt.foreign else last_part(receipt.receipt.name)
                    proof = receipt.foreign or receipt.receipt.SerializeToString()
                    await store.put_receipt(tx, message_id, of, kind, proof)
        if sender:
            self._notifier.publish(sender)

    async def settle(
        self,
        tx: Transaction,
        message_id: UUID,
        state: State,
        reason: DeadReason | None = None,
        note: str = "",
        time: datetime | None = None,
    ) -> str:
        """Let a message of ours end as its node says; return its sender, empty when it had ended already."""
        row = await lock_message(tx, message_id)
        message = settle(row[0], state, time or await db_now(tx), reason, note) if row else None
        if row is None or message is None:
            return ""
        await update_messages(tx, [message])
        if state is State.ACKNOWLEDGED:
            trace_message("acknowledge", message)
            await self._writer.issue_receipt(tx, message, ReceiptKind.ACKNOWLEDGEMENT)
            if message.kind is Kind.REFERRAL:
                await deliver_referral(tx, message, row[1])
        elif state is State.DEAD:
            event = Notice.EVENT_MESSAGE_DEAD
            await self._writer.write_notice(tx, message.sender, event, message.name, row[1])
        return message.sender
