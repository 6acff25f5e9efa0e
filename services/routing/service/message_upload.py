"""
SendMessage: taking a message in, a header and then a body of up to 64 MiB in chunks.

A short body waits in memory; a longer one goes to the store piece by piece
while it comes, so that an upload costs 256 KiB of memory and no open
transaction, however slow the line.  Of an upload that is refused or breaks off nothing stays.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from chassis import call_context, clock, spans
from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.errors import DeadlineExceeded, InvalidArgument, ServiceError, Unavailable
from chassis.idempotency import Idempotency
from chassis.piece_encryption import PIECE_BYTES, encrypt_piece
from common.names import id_of
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb

from ..convert.messages import KINDS_FROM_PB, message_to_pb, receipt_to_pb
from ..model.messages import MAX_BODY_BYTES, Message
from ..peers.facility_directory import FacilityDirectory
from ..store import message_bodies
from .mailbox_quotas import MailboxQuotas
from .mailbox_writer import MailboxWriter
from .record_answers import RecordAnswers

# After a refusal so much more is read: a client that is still sending when its call ends
# (grpc.aio's, for one) reports that, and not the reason it was refused for.
MAX_DRAIN_BYTES: Final = MAX_BODY_BYTES
DRAIN_TIMEOUT_S: Final = 10.0

# After these the message may be there all the same: the answer to its commit was lost.
UNCERTAIN: Final = (Unavailable, DeadlineExceeded)

Requests = AsyncIterator[pb.SendMessageRequest]


@dataclass(frozen=True, slots=True)
class UploadedBody:
    """A body that came in whole: *short_body* is None when it is stored in pieces."""

    size: int
    sha256: bytes
    short_body: bytes | None


class MessageUpload:
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        encryptor: Encryptor,
        writer: MailboxWriter,
        facilities: FacilityDirectory,
        quotas: MailboxQuotas,
        answers: RecordAnswers,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._encryptor = encryptor
        self._writer = writer
        self._facilities = facilities
        self._quotas = quotas
        self._answers = answers
        self._deleting: set[asyncio.Task[None]] = set()

    async def send(self, requests: Requests) -> pb.SendMessageResponse:
        try:
            return await self._send(requests)
        except ServiceError:
            await _drain(requests)
            raise

    async def _send(self, requests: Requests) -> pb.SendMessageResponse:
        first = await anext(requests, None)
        if first is None or not first.HasField("header"):
            raise InvalidArgument(reasons.UPLOAD_MALFORMED)
        header = first.header
        call_context.require_facility("header.sender", header.sender)
        if finished := await self._idempotency.find_finished(first.request_id):
            return finished.answer(pb.SendMessageResponse, _fingerprint(header, await _sha256(requests)))
        await self._facilities.require_recipient(header.recipient)
        await self._answers.admit(header)
        message_id = uuid4()
        try:
            body = await self._read_body(message_id, header, requests)
        except BaseException:
            self._discard(message_id)
            raise
        try:
            response = await self._take(first.request_id, header, message_id, body)
        except ServiceError as error:
            if not isinstance(error, UNCERTAIN):
                self._discard(message_id)
            raise
        if body.short_body is None and id_of(response.message.name) != message_id:
            self._discard(message_id)  # the upload was a repetition
        return response

    async def _take(
        self, request_id: str, header: pb.MessageHeader, message_id: UUID, body: UploadedBody
    ) -> pb.SendMessageResponse:
        fingerprint = _fingerprint(header, body.sha256)

        async def write(tx: Transaction) -> pb.SendMessageResponse:
            message = _message_from_header(message_id, header, body)
            await self._answers.record(tx, message)
            message, receipt = await self._writer.write(tx, message, body.short_body)
            return pb.SendMessageResponse(message=message_to_pb(message), receipt=receipt_to_pb(receipt))

        return await self._idempotency.run_once_for(request_id, fingerprint, pb.SendMessageResponse, write)

    def _discard(self, message_id: UUID) -> None:
        """Delete the pieces of a message that there will never be.

        Nobody waits for it, least of all a call that was cancelled; what fails or is not begun because of a
        crash is done later (`expiry_and_retention`).
        """
        deleting = asyncio.create_task(self._delete_pieces(message_id))
        self._deleting.add(deleting)
        deleting.add_done_callback(self._deleting.discard)

    async def _read_body(
        self, message_id: UUID, header: pb.MessageHeader, requests: Requests
    ) -> UploadedBody:
        buffer, digest, size, ordinal = bytearray(), hashlib.sha256(), 0, 0
        async for chunk in _chunks(requests):
            size += len(chunk)
            digest.update(chunk)
            buffer += chunk
            if len(buffer) > PIECE_BYTES and not ordinal:
                await self._quotas.require_any_room(self._db, header.sender, header.recipient, size)
            while len(buffer) > PIECE_BYTES:
                await self._store_piece(message_id, ordinal, bytes(buffer[:PIECE_BYTES]))
                del buffer[:PIECE_BYTES]
                ordinal += 1
        if ordinal:
            await self._store_piece(message_id, ordinal, bytes(buffer))
        return UploadedBody(size, digest.digest(), None if ordinal else bytes(buffer))

    async def _store_piece(self, message_id: UUID, ordinal: int, piece: bytes) -> None:
        ciphertext = encrypt_piece(self._encryptor, message_id, ordinal, piece)
        async with self._db.transaction() as tx:
            await message_bodies.insert_piece(tx, message_id, ordinal, ciphertext)

    async def _delete_pieces(self, message_id: UUID) -> None:
        with suppress(ServiceError):
            async with self._db.transaction() as tx:
                await message_bodies.delete_pieces(tx, [message_id])


async def _chunks(requests: Requests) -> AsyncIterator[bytes]:
    """Yield what comes after the header: a body that is there, and not too large."""
    size = 0
    async for request in requests:
        if request.HasField("header"):
            raise InvalidArgument(reasons.UPLOAD_MALFORMED)
        size += len(request.chunk)
        if size > MAX_BODY_BYTES:
            raise InvalidArgument(reasons.BODY_TOO_LARGE, limit_bytes=str(MAX_BODY_BYTES))
        yield request.chunk
    if not size:
        raise InvalidArgument(reasons.BODY_EMPTY)


async def _sha256(requests: Requests) -> bytes:
    """Return the digest of a body that was sent before; nothing of it is kept."""
    digest = hashlib.sha256()
    async for chunk in _chunks(requests):
        digest.update(chunk)
    return digest.digest()


def _fingerprint(header: pb.MessageHeader, sha256: bytes) -> bytes:
    """Return what tells an upload from any other; its body must be the one that the header tells of."""
    if header.sha256 and header.sha256 != sha256:
        raise InvalidArgument(reasons.BODY_ALTERED)
    return header.SerializeToString(deterministic=True) + sha256


def _message_from_header(message_id: UUID, header: pb.MessageHeader, body: UploadedBody) -> Message:
    now = clock.now()
    return Message(
        id=message_id,
        sender=header.sender,
        recipient=header.recipient,
        kind=KINDS_FROM_PB[header.kind],
        media_type=header.media_type,
        size=body.size,
        sha256=body.sha256,
        accept_time=now,
        enqueue_time=now,
        about=header.about,
        person=header.person,
        correlation=header.correlation,
        traceparent=spans.traceparent(),
    )


async def _drain(requests: Requests) -> None:
    remaining = MAX_DRAIN_BYTES
    with suppress(TimeoutError, ServiceError):
        async with asyncio.timeout(DRAIN_TIMEOUT_S):
            async for request in requests:
                remaining -= len(request.chunk)
                if remaining < 0:
                    return
