"""Putting a message into a mailbox, inside a transaction: its body sealed, its receipt signed."""

import hashlib
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from chassis import telemetry
from chassis.db import Transaction
from chassis.encryption import Encryptor
from lientuyen.routing.v1.message_pb2 import Notice

from ..convert.messages import notice_body
from ..model.messages import EXCHANGE, PIECE, Kind, Message
from ..model.receipts import Kind as ReceiptKind
from ..model.receipts import Receipt
from ..store import message_bodies, receipts
from ..store.messages import Draft, insert_message
from .receipt_signing import Signer

NOTICE_MEDIA_TYPE = "application/x-protobuf; message=lientuyen.routing.v1.Notice"


class Post:
    """Puts messages into mailboxes and opens their bodies."""

    def __init__(self, encryptor: Encryptor, signer: Signer) -> None:
        self._encryptor = encryptor
        self._signer = signer

    async def put(self, tx: Transaction, draft: Draft, body: bytes | None) -> tuple[Message, Receipt]:
        """Put *draft* into its mailbox with *body*; None when its pieces are kept already.

        Returns the message and the receipt of its acceptance, both as they are committed.
        """
        if body is not None and len(body) <= PIECE:
            draft = replace(draft, body=self.sealed(draft.id, 0, body))
        elif body is not None:
            for ordinal, start in enumerate(range(0, len(body), PIECE)):
                sealed = self.sealed(draft.id, ordinal, body[start : start + PIECE])
                await message_bodies.put_piece(tx, draft.id, ordinal, sealed)
        message = await insert_message(tx, draft)
        return message, await self.receipt(tx, message, ReceiptKind.ACCEPTANCE)

    async def receipt(self, tx: Transaction, message: Message, kind: ReceiptKind) -> Receipt:
        """Sign and keep a receipt of *message*."""
        receipt = self._signer.receipt(message, kind)
        await receipts.put_receipt(tx, receipt)
        return receipt

    async def notify(
        self, tx: Transaction, recipient: str, event: Notice.Event, subject: str, now: datetime
    ) -> None:
        """Tell *recipient* of *event*, which happened to *subject*; the exchange itself is told nothing."""
        if recipient == EXCHANGE:
            return
        body = notice_body(event, subject, now)
        draft = drafted(EXCHANGE, recipient, Kind.NOTICE, NOTICE_MEDIA_TYPE, body, about=subject)
        await self.put(tx, draft, body)

    def sealed(self, message_id: UUID, ordinal: int, piece: bytes) -> bytes:
        """Return a piece of a body, sealed for its place."""
        return self._encryptor.encrypt(piece, associated_data=_place(message_id, ordinal))

    def opened(self, message_id: UUID, ordinal: int, sealed: bytes) -> bytes:
        """Return a piece of a body; DecryptionError when it was altered or moved."""
        return self._encryptor.decrypt(sealed, associated_data=_place(message_id, ordinal))


def drafted(
    sender: str,
    recipient: str,
    kind: Kind,
    media_type: str,
    body: bytes,
    *,
    message_id: UUID | None = None,
    about: str = "",
    person: str = "",
) -> Draft:
    """Return a draft for a *body* that is at hand; its trace is the current one."""
    return Draft(
        id=message_id or uuid4(),
        sender=sender,
        recipient=recipient,
        kind=kind,
        media_type=media_type,
        size=len(body),
        sha256=hashlib.sha256(body).digest(),
        about=about,
        person=person,
        correlation="",
        traceparent=telemetry.traceparent(),
        body=None,
    )


def _place(message_id: UUID, ordinal: int) -> bytes:
    return message_id.bytes + ordinal.to_bytes(4)
