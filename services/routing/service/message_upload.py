"""
Taking a message in: a header, then a body of up to 64 MiB in chunks.

A short body waits in memory; a longer one goes to the store piece by piece
while it comes, so that an upload costs 256 KiB of memory and no open
transaction, however slow the line.  Pieces of an upload that broke off are
swept away.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID, uuid4

from chassis import call_context, telemetry
from chassis.db import Database, Transaction
from chassis.errors import InvalidArgument, ServiceError
from chassis.idempotency import Idempotency
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb

from ..convert.messages import KINDS_FROM_PB, message_to_pb, receipt_to_pb
from ..model.messages import MAX_BODY, PIECE
from ..peers.facility_directory import Identity
from ..store import message_bodies
from ..store.messages import Draft
from .authorization import require_recipient
from .mailbox_writer import Post

# After a refusal so much more is read, in bytes and seconds: a client that is still sending
# when its call ends (grpc.aio's, for one) reports that, and not the reason it was refused for.
READ_OUT_BYTES: Final = MAX_BODY
READ_OUT_SECONDS: Final = 10.0

Requests = AsyncIterator[pb.SendMessageRequest]


@dataclass(frozen=True, slots=True)
class Body:
    """A body that came in whole: *short* is None when it is in *pieces*."""

    size: int
    sha256: bytes
    short: bytes | None


class Sending:
    """SendMessage."""

    def __init__(self, db: Database, idempotency: Idempotency, post: Post, identity: Identity) -> None:
        self._db = db
        self._idempotency = idempotency
        self._post = post
        self._identity = identity

    async def send(self, requests: Requests) -> pb.SendMessageResponse:
        """Take one message; answer when it is durable."""
        try:
            return await self._sent(requests)
        except ServiceError:
            await _read_out(requests)
            raise

    async def _sent(self, requests: Requests) -> pb.SendMessageResponse:
        first = await anext(requests, None)
        if first is None or not first.HasField("header"):
            raise InvalidArgument(reasons.UPLOAD_MALFORMED)
        header = first.header
        call_context.require_facility("header.sender", header.sender)
        await require_recipient(self._identity, header.recipient)
        message_id = uuid4()
        body = await self._received(message_id, requests)
        if header.sha256 and header.sha256 != body.sha256:
            raise InvalidArgument(reasons.BODY_ALTERED)
        fingerprint = header.SerializeToString(deterministic=True) + body.sha256
        keep = partial(self._keep, message_id, header, body)
        answer = await self._idempotency.run_once_for(
            first.request_id, fingerprint, pb.SendMessageResponse, keep
        )
        if body.short is None and answer.message.name != f"messages/{message_id}":
            await self._forget(message_id)
        return answer

    async def _received(self, message_id: UUID, requests: Requests) -> Body:
        """Read the chunks to the end."""
        buffer, digest, size, ordinal = bytearray(), hashlib.sha256(), 0, 0
        async for request in requests:
            if request.HasField("header"):
                raise InvalidArgument(reasons.UPLOAD_MALFORMED)
            size += len(request.chunk)
            if size > MAX_BODY:
                raise InvalidArgument(reasons.BODY_TOO_LARGE, limit_bytes=str(MAX_BODY))
            digest.update(request.chunk)
            buffer += request.chunk
            while len(buffer) > PIECE:
                await self._store(message_id, ordinal, bytes(buffer[:PIECE]))
                del buffer[:PIECE]
                ordinal += 1
        if not size:
            raise InvalidArgument(reasons.BODY_EMPTY)
        if ordinal:
            await self._store(message_id, ordinal, bytes(buffer))
        return Body(size, digest.digest(), None if ordinal else bytes(buffer))

    async def _store(self, message_id: UUID, ordinal: int, piece: bytes) -> None:
        sealed = self._post.sealed(message_id, ordinal, piece)
        async with self._db.transaction() as tx:
            await message_bodies.put_piece(tx, message_id, ordinal, sealed)

    async def _forget(self, message_id: UUID) -> None:
        """Drop the pieces of an upload that was a repetition."""
        async with self._db.transaction() as tx:
            await message_bodies.drop_pieces(tx, [message_id])

    async def _keep(
        self, message_id: UUID, header: pb.MessageHeader, body: Body, tx: Transaction
    ) -> pb.SendMessageResponse:
        draft = Draft(
            id=message_id,
            sender=header.sender,
            recipient=header.recipient,
            kind=KINDS_FROM_PB[header.kind],
            media_type=header.media_type,
            size=body.size,
            sha256=body.sha256,
            about=header.about,
            person=header.person,
            correlation=header.correlation,
            traceparent=telemetry.traceparent(),
            body=None,
        )
        message, receipt = await self._post.put(tx, draft, body.short)
        return pb.SendMessageResponse(message=message_to_pb(message), receipt=receipt_to_pb(receipt))


async def _read_out(requests: Requests) -> None:
    """Read what is left of an upload that is refused, and throw it away."""
    left = READ_OUT_BYTES
    with suppress(TimeoutError, ServiceError):
        async with asyncio.timeout(READ_OUT_SECONDS):
            async for request in requests:
                left -= len(request.chunk)
                if left < 0:
                    return
