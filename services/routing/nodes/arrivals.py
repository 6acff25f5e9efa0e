"""
Taking in a message of another node: whose it is, is it proven, is it known; then into the mailbox, once.

What another node says of a sender counts for nothing: the receipt of the sender's own node does, whatever way
the message came.
"""

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from chassis.messaging_spans import trace_message
from chassis.piece_encryption import PIECE_BYTES, encrypt_piece
from chassis.signing import Unverified
from chassis.trust_domains import TrustDomain
from common.names import id_of, last_part
from common.values import timestamp_from_pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import node_link_service_pb2 as pb
from lientuyen.routing.v1 import receipt_pb2

from ..convert.messages import node_name, receipt_to_pb
from ..model.messages import SYSTEM_SENDER, Message, State
from ..model.receipts import Algorithm
from ..model.receipts import Kind as ReceiptKind
from ..peers.facility_directory import FacilityDirectory
from ..service.mailbox_writer import MailboxWriter
from ..service.notifier import Notifier
from ..store import message_bodies
from ..store.messages import lock_message, next_sequence, update_messages
from ..store.receipts import get_receipt
from . import store
from .convert import message_from_header
from .directory import NodeDirectory
from .enclosures import Enclosures
from .model import Arrival, come_again, stream_of
from .persons import Persons

# Who signs receipts.
SIGNER: Final = "service/routing"

ALGORITHMS: Final = {
    receipt_pb2.Receipt.Algorithm.Value(f"ALGORITHM_{algorithm.name}"): algorithm.value
    for algorithm in Algorithm
}

Body = AsyncIterator[bytes]


class Arrivals:
    def __init__(
        self,
        db: Database,
        encryptor: Encryptor,
        writer: MailboxWriter,
        notifier: Notifier,
        facilities: FacilityDirectory,
        directory: NodeDirectory,
        persons: Persons,
        enclosures: Enclosures,
    ) -> None:
        self._db = db
        self._encryptor = encryptor
        self._writer = writer
        self._notifier = notifier
        self._facilities = facilities
        self._directory = directory
        self._persons = persons
        self._enclosures = enclosures

    async def take(self, node: str, header: pb.RelayHeader, body: Body) -> receipt_pb2.NodeReceipt:
        """Take the message that *node* brings; return our receipt of its acceptance.

        One that is known is answered as before.  Raises InvalidArgument, NotFound, PermissionDenied and
        FailedPrecondition for what can never be taken, and any other `ServiceError` for what cannot be now.
        """
        receipt = await self._find_known(node, header)
        if receipt is None:
            await self._require_deliverable(header)
            self._require_proven(header)
            is_wanted = await self._wants_body(id_of(header.message))
            short_body = await self._read_body(header, body, is_wanted=is_wanted)
            person = await self._persons.find(header.person) if header.HasField("person") else ""
            receipt = await self._write(node, header, person, short_body, is_wanted=is_wanted)
            self._notifier.publish(header.recipient)
        return receipt_pb2.NodeReceipt(node=node_name(self._directory.here), receipt=receipt)

    async def _find_known(self, node: str, header: pb.RelayHeader) -> receipt_pb2.Receipt | None:
        """Return what was answered to *node* when it brought this before."""
        message_id, time = id_of(header.message), timestamp_from_pb(header.enqueue_time)
        async with self._db.connection() as tx:
            arrivals = await store.list_arrivals(tx, message_id)
            if not any(each.node == node and each.enqueue_time >= time for each in arrivals):
                return None
            return await _acceptance(tx, message_id)

    async def _require_deliverable(self, header: pb.RelayHeader) -> None:
        elsewhere = self._directory.elsewhere(header.recipient)
        if elsewhere:  # whoever brings it will know soon, too
            raise Unavailable(reasons.FACILITY_ELSEWHERE, facility=header.recipient, node=elsewhere)
        await self._facilities.require_recipient(header.recipient)

    def _require_proven(self, header: pb.RelayHeader) -> None:
        """Refuse what its origin did not sign, and an origin that is, and was, no home of the sender."""
        origin = last_part(header.origin)
        domain = self._directory.domain_of(origin)
        is_home = header.sender == SYSTEM_SENDER or self._directory.was_home(header.sender, origin)
        if domain is None or not is_home or not _proves(header, domain):
            raise PermissionDenied(reasons.ORIGIN_UNPROVEN, message=header.message, node=origin)

    async def _wants_body(self, message_id: UUID) -> bool:
        """Whether there is no body of that message here: there is no message, or it was removed."""
        async with self._db.connection() as tx:
            _, is_removed = await message_bodies.get_short_body(tx, message_id)
        return is_removed

    async def _read_body(self, header: pb.RelayHeader, body: Body, *, is_wanted: bool) -> bytes | None:
        """Return a short body; None when it is stored, in pieces, or not wanted: it is here."""
        message_id, is_long = id_of(header.message), header.size_bytes > PIECE_BYTES and is_wanted
        if is_long:
            async with self._db.transaction() as tx:  # of an attempt that broke off
                await message_bodies.delete_pieces(tx, [message_id])
        digest, buffer, ordinal = hashlib.sha256(), bytearray(), 0
        async for chunk in body:
            digest.update(chunk)
            buffer += chunk if is_wanted else b""
            while is_long and len(buffer) >= PIECE_BYTES:
                await self._store_piece(message_id, ordinal, bytes(buffer[:PIECE_BYTES]))
                del buffer[:PIECE_BYTES]
                ordinal += 1
        if digest.digest() != header.sha256:
            raise InvalidArgument(reasons.BODY_ALTERED)
        if is_long and buffer:
            await self._store_piece(message_id, ordinal, bytes(buffer))
        return None if is_long or not is_wanted else bytes(buffer)

    async def _store_piece(self, message_id: UUID, ordinal: int, piece: bytes) -> None:
        sealed = encrypt_piece(self._encryptor, message_id, ordinal, piece)
        async with self._db.transaction() as tx:
            await message_bodies.insert_piece(tx, message_id, ordinal, sealed)

    async def _write(
        self, node: str, header: pb.RelayHeader, person: str, short_body: bytes | None, *, is_wanted: bool
    ) -> receipt_pb2.Receipt:
        message = message_from_header(header, person)
        async with self._db.transaction() as tx:
            row = await lock_message(tx, message.id)
            if row is None:
                message, _ = await self._writer.write(tx, message, short_body)
            else:
                message = await self._meet(tx, row, message, node)
                if is_wanted:
                    await self._put_body(tx, message.id, short_body)
            await self._note(tx, node, header, message)
            receipt = await _acceptance(tx, message.id)
        assert receipt is not None
        trace_message("arrive", message)
        return receipt

    async def _note(self, tx: Transaction, node: str, header: pb.RelayHeader, message: Message) -> None:
        """Write down where *message* came from, who it is about, its origin's receipt, and its referral."""
        origin, time = last_part(header.origin), timestamp_from_pb(header.enqueue_time)
        is_ours = origin == self._directory.here
        sealed = self._persons.seal(message.id, header.person) if header.HasField("person") else None
        arrival = Arrival(message.id, node, "" if is_ours else origin, time, sealed)
        await store.put_arrival(tx, arrival, ended=message.state in ENDED)
        if not is_ours:
            proof = header.receipt.receipt.SerializeToString()
            await store.put_receipt(tx, message.id, origin, ReceiptKind.ACCEPTANCE, proof)
        await self._enclosures.take_in(tx, message, header.enclosure, origin)

    async def _meet(
        self,
        tx: Transaction,
        row: tuple[Message, datetime],
        message: Message,
        node: str,
    ) -> Message:
        """Return a message that we know as it stands now: replayed, come home, or brought twice.

        It comes home when we had handed it to *node*, and then keeps its place; a replay goes to the end of
        its line.  What came by two ways is there once, and both are told what became of it.
        """
        known, now = row
        if (known.sender, known.recipient, known.sha256) != (
            message.sender,
            message.recipient,
            message.sha256,
        ):
            raise PermissionDenied(reasons.ORIGIN_UNPROVEN, message=message.name, node=node)
        brought = await store.list_arrivals(tx, message.id)
        is_home = known.stream == stream_of(node)
        is_replay = known.state in (State.DEAD, State.STOPPED) and all(
            each.enqueue_time < message.enqueue_time for each in brought
        )
        if not is_home and not is_replay:
            return known
        again = come_again(known, known.sequence if is_home else await next_sequence(tx), now)
        await update_messages(tx, [again])
        return again

    async def _put_body(self, tx: Transaction, message_id: UUID, short_body: bytes | None) -> None:
        """Put the body of a message back that had been removed; None when its pieces are stored already."""
        sealed = None if short_body is None else encrypt_piece(self._encryptor, message_id, 0, short_body)
        await store.set_body(tx, message_id, sealed)


ENDED: Final = frozenset({State.ACKNOWLEDGED, State.DEAD, State.STOPPED})

# What can never be taken, whenever it comes again.
FINAL: Final = (InvalidArgument, NotFound, PermissionDenied, FailedPrecondition)


async def _acceptance(tx: Transaction, message_id: UUID) -> receipt_pb2.Receipt | None:
    receipt = await get_receipt(tx, message_id, ReceiptKind.ACCEPTANCE)
    return receipt_to_pb(receipt) if receipt is not None else None


def _proves(header: pb.RelayHeader, domain: TrustDomain) -> bool:
    """Tell whether the receipt of *header* says that its message was accepted at the sender's own node."""
    receipt = header.receipt.receipt
    body = receipt_pb2.ReceiptBody()
    try:
        body.ParseFromString(receipt.body)
        domain.verify_signed_by(
            SIGNER,
            receipt.body,
            receipt.signature,
            receipt.certificate,
            ALGORITHMS.get(receipt.algorithm, ""),
            timestamp_from_pb(body.accept_time),
        )
    except (Unverified, ValueError):
        return False
    said = (body.message, body.sender, body.recipient, body.sha256, body.size_bytes)
    is_acceptance = body.kind == receipt_pb2.ReceiptBody.KIND_ACCEPTANCE
    return is_acceptance and said == (
        header.message,
        header.sender,
        header.recipient,
        header.sha256,
        header.size_bytes,
    )
