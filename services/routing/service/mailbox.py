"""The mailbox: sending, receiving, acknowledging, and what becomes of what cannot be delivered."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis import call_context, clock
from chassis.byte_budget import ByteBudget
from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.errors import FailedPrecondition
from chassis.idempotency import Idempotency, idempotent
from chassis.messaging_spans import trace_message
from chassis.pagination import NEWEST, Paginator, from_micros
from chassis.piece_encryption import PIECE_BYTES, decrypt_piece
from common.names import id_of
from common.values import timestamp_to_pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceServicer
from lientuyen.routing.v1.message_pb2 import Notice

from ..convert.messages import STATES_FROM_PB, mailbox_to_pb, message_to_pb, receipt_to_pb
from ..model import messages as model
from ..model.messages import Kind, Message
from ..model.receipts import Kind as ReceiptKind
from ..store import mailboxes, message_bodies
from ..store import messages as store
from ..store.far_receipts import node_of_arrival
from .access_log import log_accesses
from .authorization import require_message
from .dead_letters import DeadLetters
from .delivery_clearance import DeliveryClearance
from .errors import invalid_transition_as
from .mailbox_figures import record_attempts
from .mailbox_writer import MailboxWriter
from .message_delivery import MessageDelivery, lease_period
from .message_upload import MessageUpload, Requests
from .notifier import Notifier
from .referrals import deliver_referral

# Bytes of our memory that one download takes for as long as it is read: a piece, sealed and open; and all of
# them, 128 at once.
DOWNLOAD_BYTES: Final = 2 * PIECE_BYTES
MAX_DOWNLOAD_BYTES: Final = 64 * 1024 * 1024


class MailboxService(MailboxServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        encryptor: Encryptor,
        writer: MailboxWriter,
        notifier: Notifier,
        upload: MessageUpload,
        delivery: MessageDelivery,
        clearance: DeliveryClearance,
        elsewhere: Callable[[str], str],
    ) -> None:
        """*elsewhere* returns the node that a facility lives on, empty for this one."""
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._encryptor = encryptor
        self._writer = writer
        self._notifier = notifier
        self._upload = upload
        self._delivery = delivery
        self._dead_letters = DeadLetters(paginator)
        self._clearance = clearance
        self._elsewhere = elsewhere
        self._downloads = ByteBudget(MAX_DOWNLOAD_BYTES, max_waiting=MAX_DOWNLOAD_BYTES)

    async def SendMessage(self, request_iterator: Requests, context: object) -> pb.SendMessageResponse:
        response = await self._upload.send(request_iterator)
        self._notifier.publish(response.message.recipient)
        return response

    async def ReceiveMessages(
        self, request: pb.ReceiveMessagesRequest, context: object
    ) -> AsyncIterator[pb.ReceiveMessagesResponse]:
        call_context.require_facility("recipient", request.recipient)
        if node := self._elsewhere(request.recipient):
            raise FailedPrecondition(reasons.FACILITY_ELSEWHERE, facility=request.recipient, node=node)
        async for response in self._delivery.receive(request):
            yield response

    @idempotent(
        pb.AcknowledgeMessageResponse,
        after=lambda self, _, response: self._notifier.publish_capacity(response.message.recipient),
    )
    async def AcknowledgeMessage(
        self, request: pb.AcknowledgeMessageRequest, tx: Transaction
    ) -> pb.AcknowledgeMessageResponse:
        message, now = await _lock(tx, request.name, recipient=True)
        with invalid_transition_as(reasons.MESSAGE_STATE, request.name):
            message = model.acknowledge(message, UUID(request.lease_token), now)
        await store.update_messages(tx, [message])
        trace_message("acknowledge", message)
        record_attempts(message)
        receipt = await self._writer.issue_receipt(tx, message, ReceiptKind.ACKNOWLEDGEMENT)
        if message.kind is Kind.REFERRAL:
            await deliver_referral(tx, message, now)
        return pb.AcknowledgeMessageResponse(message=message_to_pb(message), receipt=receipt_to_pb(receipt))

    @idempotent(pb.ExtendLeaseResponse)
    async def ExtendLease(self, request: pb.ExtendLeaseRequest, tx: Transaction) -> pb.ExtendLeaseResponse:
        message, now = await _lock(tx, request.name, recipient=True)
        behind = await store.lock_behind(tx, message)
        with invalid_transition_as(reasons.MESSAGE_STATE, request.name):
            held = model.extend_lease(message, UUID(request.lease_token), behind, now + lease_period(request))
        await store.update_messages(tx, held)
        assert held[0].lease is not None
        return pb.ExtendLeaseResponse(
            message=message_to_pb(held[0]), lease_expire_time=timestamp_to_pb(held[0].lease.expire_time)
        )

    @idempotent(
        pb.RejectMessageResponse,
        after=lambda self, _, response: self._notifier.publish(
            response.message.recipient, response.message.sender
        ),
    )
    async def RejectMessage(
        self, request: pb.RejectMessageRequest, tx: Transaction
    ) -> pb.RejectMessageResponse:
        message, now = await _lock(tx, request.name, recipient=True)
        with invalid_transition_as(reasons.MESSAGE_STATE, request.name):
            message = model.reject(message, UUID(request.lease_token), request.reason, now)
        await store.update_messages(tx, [message])
        trace_message("reject", message)
        record_attempts(message)
        await self._writer.write_notice(tx, message.sender, Notice.EVENT_MESSAGE_DEAD, message.name, now)
        return pb.RejectMessageResponse(message=message_to_pb(message))

    async def GetMessage(self, request: pb.GetMessageRequest, context: object) -> pb.GetMessageResponse:
        async with self._db.transaction() as tx:
            message = await store.get_message(tx, id_of(request.name))
            message = require_message(message, request.name, sender=True, recipient=True)
            await log_accesses(tx, [message.person])
        return pb.GetMessageResponse(message=message_to_pb(message))

    async def ListMessages(self, request: pb.ListMessagesRequest, context: object) -> pb.ListMessagesResponse:
        field = request.WhichOneof("party") or "sender"
        party: str = getattr(request, field)
        call_context.require_facility(field, party)
        page, state = self._paginator.open(request), STATES_FROM_PB.get(request.state, "")
        async with self._db.transaction() as tx:
            rows = await store.list_messages(tx, field, party, state, page.before, page.limit)
            rows, token = page.close(rows, key=lambda row: (row.accept_time, row.id))
            await log_accesses(tx, (row.person for row in rows))
        return pb.ListMessagesResponse(messages=map(message_to_pb, rows), next_page_token=token)

    async def DownloadMessage(
        self, request: pb.DownloadMessageRequest, context: object
    ) -> AsyncIterator[pb.DownloadMessageResponse]:
        async with self._db.transaction() as tx:
            message = await store.get_message(tx, id_of(request.name))
            message = require_message(message, request.name, sender=True, recipient=True)
            ciphertext, removed = await message_bodies.get_short_body(tx, message.id)
            if removed:
                raise FailedPrecondition(reasons.BODY_REMOVED, name=request.name)
            await log_accesses(tx, [message.person])
            trace_message("download", message)
        if call_context.caller().facility == message.recipient:
            await self._clearance.require(message)
        ordinal = 0
        async with self._downloads.hold(call_context.caller(), DOWNLOAD_BYTES):
            ciphertext = ciphertext or await self._get_piece(message.id, ordinal)
            while ciphertext is not None:
                chunk = decrypt_piece(self._encryptor, message.id, ordinal, ciphertext)
                yield pb.DownloadMessageResponse(chunk=chunk)
                ordinal += 1
                ciphertext = await self._get_piece(message.id, ordinal)

    async def _get_piece(self, message_id: UUID, ordinal: int) -> bytes | None:
        async with self._db.connection() as tx:
            return await message_bodies.get_piece(tx, message_id, ordinal)

    async def ListDeadLetters(
        self, request: pb.ListDeadLettersRequest, context: object
    ) -> pb.ListDeadLettersResponse:
        async with self._db.transaction() as tx:
            rows, token = await self._dead_letters.show(tx, request)
        return pb.ListDeadLettersResponse(messages=map(message_to_pb, rows), next_page_token=token)

    @idempotent(
        pb.ReplayMessageResponse,
        after=lambda self, _, response: self._notifier.publish(response.message.recipient),
    )
    async def ReplayMessage(
        self, request: pb.ReplayMessageRequest, tx: Transaction
    ) -> pb.ReplayMessageResponse:
        message, now = await _lock(tx, request.name, sender=True)
        await _require_own(tx, message)
        with invalid_transition_as(reasons.MESSAGE_STATE, request.name):
            message = model.replay(message, await store.next_sequence(tx), now)
        await store.update_messages(tx, [message])
        await log_accesses(tx, [message.person])
        return pb.ReplayMessageResponse(message=message_to_pb(message))

    @idempotent(pb.StopMessageResponse)
    async def StopMessage(self, request: pb.StopMessageRequest, tx: Transaction) -> pb.StopMessageResponse:
        message, now = await _lock(tx, request.name, sender=True)
        await _require_own(tx, message)
        with invalid_transition_as(reasons.MESSAGE_STATE, request.name):
            message = model.stop(message, now)
        await store.update_messages(tx, [message])
        await log_accesses(tx, [message.person])
        return pb.StopMessageResponse(message=message_to_pb(message))

    @idempotent(
        pb.ReplayDeadLettersResponse,
        after=lambda self, _, response: self._notifier.publish(
            *{message.recipient for message in response.messages}
        ),
    )
    async def ReplayDeadLetters(
        self, request: pb.ReplayDeadLettersRequest, tx: Transaction
    ) -> pb.ReplayDeadLettersResponse:
        replayed, token = await self._dead_letters.replay(tx, request)
        return pb.ReplayDeadLettersResponse(messages=map(message_to_pb, replayed), next_page_token=token)

    @idempotent(pb.StopDeadLettersResponse)
    async def StopDeadLetters(
        self, request: pb.StopDeadLettersRequest, tx: Transaction
    ) -> pb.StopDeadLettersResponse:
        stopped, token = await self._dead_letters.stop(tx, request)
        return pb.StopDeadLettersResponse(messages=map(message_to_pb, stopped), next_page_token=token)

    async def ListMailboxes(
        self, request: pb.ListMailboxesRequest, context: object
    ) -> pb.ListMailboxesResponse:
        page = self._paginator.open(request)
        time, recipient = page.position or (0, "")
        async with self._db.connection() as tx:
            rows = await mailboxes.list_mailboxes(tx, from_micros(time), str(recipient), page.limit)
        rows, token = page.close(rows, key=lambda row: (row.oldest_time or NEWEST.time, row.recipient))
        return pb.ListMailboxesResponse(mailboxes=map(mailbox_to_pb, rows), next_page_token=token)

    @idempotent(
        pb.SendNoticeResponse, after=lambda self, request, _: self._notifier.publish(request.recipient)
    )
    async def SendNotice(self, request: pb.SendNoticeRequest, tx: Transaction) -> pb.SendNoticeResponse:
        notice = await self._writer.write_notice(
            tx, request.recipient, request.event, request.subject, clock.now()
        )
        return pb.SendNoticeResponse(message=notice.name if notice else "")


async def _lock(
    tx: Transaction, name: str, *, sender: bool = False, recipient: bool = False
) -> tuple[Message, datetime]:
    row = await store.lock_message(tx, id_of(name))
    message = require_message(row[0] if row else None, name, sender=sender, recipient=recipient)
    assert row is not None
    return message, row[1]


async def _require_own(tx: Transaction, message: Message) -> None:
    """Refuse what came from another node: its dead letter is there, with its sender."""
    if node := await node_of_arrival(tx, message.id):
        raise FailedPrecondition(reasons.MESSAGE_OF_ANOTHER_NODE, name=message.name, node=node)
