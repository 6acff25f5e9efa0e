"""The mailbox: sending, receiving, acknowledging, and what becomes of what cannot be delivered."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from chassis import call_context
from chassis.db import Database, Transaction
from chassis.errors import FailedPrecondition
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator, from_micros, to_micros
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceServicer
from lientuyen.routing.v1.message_pb2 import Notice

from ..convert.common import id_of, short
from ..convert.messages import STATES_FROM_PB, message_to_pb, receipt_to_pb
from ..model import messages as model
from ..model.messages import Kind, Message
from ..model.receipts import Kind as ReceiptKind
from ..store import message_bodies
from ..store import messages as store
from .authorization import log_access, log_accesses, moving, require_message
from .mailbox_writer import Post
from .message_delivery import Receiving
from .message_upload import Requests, Sending
from .notifier import Wakeups
from .referrals import slip_acknowledged

# A first page begins after everything.
END: Final = (datetime(9000, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


class MailboxService(MailboxServiceServicer):
    """Carries messages between facilities."""

    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        post: Post,
        wakeups: Wakeups,
        sending: Sending,
        receiving: Receiving,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._post = post
        self._wakeups = wakeups
        self._sending = sending
        self._receiving = receiving

    async def SendMessage(self, request_iterator: Requests, context: object) -> pb.SendMessageResponse:
        answer = await self._sending.send(request_iterator)
        self._wakeups.announce(answer.message.recipient)
        return answer

    async def ReceiveMessages(
        self, request: pb.ReceiveMessagesRequest, context: object
    ) -> AsyncIterator[pb.ReceiveMessagesResponse]:
        call_context.require_facility("recipient", request.recipient)
        async for response in self._receiving.receive(request):
            yield response

    async def AcknowledgeMessage(
        self, request: pb.AcknowledgeMessageRequest, context: object
    ) -> pb.AcknowledgeMessageResponse:
        answer = await self._idempotency.run_once(
            request, pb.AcknowledgeMessageResponse, lambda tx: self._acknowledge(tx, request)
        )
        self._wakeups.freed(answer.message.recipient)
        return answer

    async def _acknowledge(
        self, tx: Transaction, request: pb.AcknowledgeMessageRequest
    ) -> pb.AcknowledgeMessageResponse:
        message, now = await self._locked(tx, request.name, sender=False, recipient=True)
        with moving(reasons.MESSAGE_STATE, request.name):
            message = model.acknowledge(message, UUID(request.lease_token), now)
        await store.save_messages(tx, [message])
        receipt = await self._post.receipt(tx, message, ReceiptKind.ACKNOWLEDGEMENT)
        if message.kind is Kind.REFERRAL:
            await slip_acknowledged(tx, message, now)
        return pb.AcknowledgeMessageResponse(message=message_to_pb(message), receipt=receipt_to_pb(receipt))

    async def RejectMessage(
        self, request: pb.RejectMessageRequest, context: object
    ) -> pb.RejectMessageResponse:
        answer = await self._idempotency.run_once(
            request, pb.RejectMessageResponse, lambda tx: self._reject(tx, request)
        )
        self._wakeups.announce(answer.message.recipient, answer.message.sender)
        return answer

    async def _reject(self, tx: Transaction, request: pb.RejectMessageRequest) -> pb.RejectMessageResponse:
        message, now = await self._locked(tx, request.name, sender=False, recipient=True)
        with moving(reasons.MESSAGE_STATE, request.name):
            message = model.reject(message, UUID(request.lease_token), request.reason, now)
        await store.save_messages(tx, [message])
        await self._post.notify(tx, message.sender, Notice.EVENT_MESSAGE_DEAD, message.name, now)
        return pb.RejectMessageResponse(message=message_to_pb(message))

    async def GetMessage(self, request: pb.GetMessageRequest, context: object) -> pb.GetMessageResponse:
        async with self._db.transaction() as tx:
            found = await store.get_message(tx, id_of(request.name))
            message = require_message(found, request.name, sender=True, recipient=True)
            await log_accesses(tx, [message])
        return pb.GetMessageResponse(message=message_to_pb(message))

    async def ListMessages(self, request: pb.ListMessagesRequest, context: object) -> pb.ListMessagesResponse:
        field = request.WhichOneof("party") or "sender"
        party: str = getattr(request, field)
        call_context.require_facility(field, party)
        size, before = self._paginator.size(request.page_size), self._before(request)
        listed = store.list_sent if field == "sender" else store.list_received
        async with self._db.transaction() as tx:
            found = await listed(tx, party, STATES_FROM_PB.get(request.state, ""), before, size + 1)
            page, token = self._paginator.cut(found, size, _by(lambda one: one.accept_time), request)
            await log_accesses(tx, page)
        return pb.ListMessagesResponse(messages=[message_to_pb(one) for one in page], next_page_token=token)

    async def DownloadMessage(
        self, request: pb.DownloadMessageRequest, context: object
    ) -> AsyncIterator[pb.DownloadMessageResponse]:
        async with self._db.transaction() as tx:
            found = await store.get_message(tx, id_of(request.name))
            message = require_message(found, request.name, sender=True, recipient=True)
            sealed, removed = await message_bodies.short_body(tx, message.id)
            if removed:
                raise FailedPrecondition(reasons.BODY_REMOVED, name=short(request.name))
            if message.person:
                await log_access(tx, message.person, None)
        ordinal = 0
        sealed = sealed or await self._piece(message.id, ordinal)
        while sealed is not None:
            yield pb.DownloadMessageResponse(chunk=self._post.opened(message.id, ordinal, sealed))
            ordinal += 1
            sealed = await self._piece(message.id, ordinal)

    async def _piece(self, message_id: UUID, ordinal: int) -> bytes | None:
        async with self._db.connection() as tx:
            return await message_bodies.get_piece(tx, message_id, ordinal)

    async def ListDeadLetters(
        self, request: pb.ListDeadLettersRequest, context: object
    ) -> pb.ListDeadLettersResponse:
        field = request.WhichOneof("party") or "sender"
        call_context.require_facility(field, getattr(request, field))
        size, before = self._paginator.size(request.page_size), self._before(request)
        async with self._db.transaction() as tx:
            found = await store.list_dead(tx, request.sender, request.recipient, before, size + 1)
            page, token = self._paginator.cut(
                found, size, _by(lambda one: one.dead_time or one.accept_time), request
            )
            await log_accesses(tx, page)
        return pb.ListDeadLettersResponse(
            messages=[message_to_pb(one) for one in page], next_page_token=token
        )

    async def ReplayMessage(
        self, request: pb.ReplayMessageRequest, context: object
    ) -> pb.ReplayMessageResponse:
        answer = await self._idempotency.run_once(
            request, pb.ReplayMessageResponse, lambda tx: self._replay(tx, request)
        )
        self._wakeups.announce(answer.message.recipient)
        return answer

    async def _replay(self, tx: Transaction, request: pb.ReplayMessageRequest) -> pb.ReplayMessageResponse:
        message, now = await self._locked(tx, request.name, sender=True, recipient=False)
        with moving(reasons.MESSAGE_STATE, request.name):
            message = model.replay(message, await store.next_sequence(tx), now)
        await store.save_messages(tx, [message])
        return pb.ReplayMessageResponse(message=message_to_pb(message))

    async def StopMessage(self, request: pb.StopMessageRequest, context: object) -> pb.StopMessageResponse:
        return await self._idempotency.run_once(
            request, pb.StopMessageResponse, lambda tx: self._stop(tx, request)
        )

    async def _stop(self, tx: Transaction, request: pb.StopMessageRequest) -> pb.StopMessageResponse:
        message, now = await self._locked(tx, request.name, sender=True, recipient=False)
        with moving(reasons.MESSAGE_STATE, request.name):
            message = model.stop(message, now)
        await store.save_messages(tx, [message])
        return pb.StopMessageResponse(message=message_to_pb(message))

    async def _locked(
        self, tx: Transaction, name: str, *, sender: bool, recipient: bool
    ) -> tuple[Message, datetime]:
        """Return the message, locked, and the time; refuse who is not the party asked for."""
        found = await store.lock_message(tx, id_of(name))
        message = require_message(found[0] if found else None, name, sender=sender, recipient=recipient)
        assert found is not None
        return message, found[1]

    def _before(self, request: pb.ListMessagesRequest | pb.ListDeadLettersRequest) -> tuple[datetime, UUID]:
        position = self._paginator.position(request.page_token, request)
        return (from_micros(position[0]), UUID(str(position[1]))) if position else END


def _by(time_of: Callable[[Message], datetime]) -> Callable[[Message], list[str | int]]:
    """Return the position of a message in a list that *time_of* orders."""
    return lambda message: [to_micros(time_of(message)), str(message.id)]
