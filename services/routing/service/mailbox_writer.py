"""Putting a message into a mailbox, inside a transaction: its body encrypted, its receipt signed."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from chassis import clock, spans
from chassis.db import Transaction
from chassis.encryption import Encryptor
from chassis.piece_encryption import PIECE_BYTES, encrypt_piece, encrypt_pieces
from common.names import id_of
from lientuyen.routing.v1.message_pb2 import Notice

from ..convert.messages import notice_body
from ..model.messages import SYSTEM_SENDER, Kind, Message, withdraw
from ..model.receipts import Kind as ReceiptKind
from ..model.receipts import Receipt
from ..store import message_bodies, receipts
from ..store.far_receipts import node_of_arrival
from ..store.messages import insert_message, lock_undelivered, update_messages
from .mailbox_quotas import MailboxQuotas
from .receipt_signing import ReceiptSigner

NOTICE_MEDIA_TYPE = "application/x-protobuf; message=lientuyen.routing.v1.Notice"


class MailboxWriter:
    def __init__(self, encryptor: Encryptor, signer: ReceiptSigner, quotas: MailboxQuotas) -> None:
        self._encryptor = encryptor
        self._signer = signer
        self._quotas = quotas

    async def write(self, tx: Transaction, message: Message, body: bytes | None) -> tuple[Message, Receipt]:
        """Put *message* into its mailbox with *body*; None when its pieces are stored already.

        Returns the message and the receipt of its acceptance, both as they are committed.
        ResourceExhausted(QUOTA_USED_UP) when too much waits already.
        """
        # A body of one piece rests in the message's row and travels with the delivery; a longer one rests
        # and travels in pieces, so that neither side holds it whole.
        short_body: bytes | None = None
        if body is not None and len(body) <= PIECE_BYTES:
            short_body = encrypt_piece(self._encryptor, message.id, 0, body)
        elif body is not None:
            await self._write_pieces(tx, message.id, body)
        async with self._quotas.room_for(tx, message):
            message = await insert_message(tx, message, short_body)
        return message, await self.issue_receipt(tx, message, ReceiptKind.ACCEPTANCE)

    async def _write_pieces(self, tx: Transaction, message_id: UUID, body: bytes) -> None:
        for ordinal, ciphertext in encrypt_pieces(self._encryptor, message_id, body):
            await message_bodies.insert_piece(tx, message_id, ordinal, ciphertext)

    async def issue_receipt(self, tx: Transaction, message: Message, kind: ReceiptKind) -> Receipt:
        receipt = self._signer.sign(message, kind)
        await receipts.insert_receipt(tx, receipt)
        return receipt

    async def issue_deliveries(self, tx: Transaction, leased: Iterable[Message]) -> None:
        """Attest that *leased* were handed out, each for the first time (chuyển giao)."""
        signed = [self._signer.sign(message, ReceiptKind.DELIVERY) for message in leased]
        await receipts.insert_receipts(tx, signed)

    async def write_notice(
        self, tx: Transaction, recipient: str, event: Notice.Event, subject: str, now: datetime
    ) -> Message | None:
        """Tell *recipient* of *event*, which happened to *subject*; `SYSTEM_SENDER` is told nothing."""
        if recipient == SYSTEM_SENDER:
            return None
        # Of a message that came from another node its sender is told there, by that node (docs/adr/0087).
        if event == Notice.EVENT_MESSAGE_DEAD and await node_of_arrival(tx, id_of(subject)):
            return None
        body = notice_body(event, subject, now)
        notice = new_message(SYSTEM_SENDER, recipient, Kind.NOTICE, NOTICE_MEDIA_TYPE, body, about=subject)
        notice, _ = await self.write(tx, notice, body)
        return notice


async def withdraw_message(tx: Transaction, message_id: UUID) -> bool:
    """Take a message back that its recipient has not got, and tell if so; one that is on its way goes on."""
    row = await lock_undelivered(tx, message_id)
    if row is not None:
        await update_messages(tx, [withdraw(*row)])
    return row is not None


def new_message(
    sender: str,
    recipient: str,
    kind: Kind,
    media_type: str,
    body: bytes,
    *,
    message_id: UUID | None = None,
    about: str = "",
    person: str = "",
) -> Message:
    now = clock.now()
    return Message(
        id=message_id or uuid4(),
        sender=sender,
        recipient=recipient,
        kind=kind,
        media_type=media_type,
        size=len(body),
        sha256=hashlib.sha256(body).digest(),
        accept_time=now,
        enqueue_time=now,
        about=about,
        person=person,
        traceparent=spans.traceparent(),
    )
