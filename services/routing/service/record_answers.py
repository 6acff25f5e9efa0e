"""What holders send for a record request: messages of the kind RECORD_RESPONSE whose `about` names it."""

from chassis.db import Database, Transaction
from chassis.errors import FailedPrecondition, PermissionDenied
from common.names import id_of
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.mailbox_service_pb2 import MessageHeader
from lientuyen.routing.v1.message_pb2 import Message as MessagePb

from ..model import record_requests as model
from ..model.messages import Message
from ..model.record_requests import MAX_ANSWERS, RECORD_REQUESTS, Holder, RecordRequest
from ..store import record_requests as store
from .errors import invalid_transition_as
from .record_request_grounds import RecordRequestGrounds


class RecordAnswers:
    def __init__(self, db: Database, grounds: RecordRequestGrounds) -> None:
        self._db = db
        self._grounds = grounds

    async def admit(self, header: MessageHeader) -> None:
        """Refuse what answers a record request that is not open to its sender, or whose ground is gone."""
        if not _is_answer(header):
            return
        async with self._db.connection() as tx:
            request = await store.get_record_request(tx, id_of(header.about))
        request, holder = _parties(request, header.about, header.sender, header.recipient)
        _require_open(request, holder)
        await self._grounds.require(request)

    async def record(self, tx: Transaction, message: Message) -> None:
        """Note *message*, as it is taken, with the request that it answers; refuse it as `admit` does."""
        if not (model.is_about_request(message)):
            return
        row = await store.lock_record_request(tx, id_of(message.about))
        request, holder = _parties(row[0] if row else None, message.about, message.sender, message.recipient)
        _require_open(request, holder)
        await store.update_record_request(tx, model.answer(request, holder, message.id))


def _is_answer(header: MessageHeader) -> bool:
    return header.kind == MessagePb.KIND_RECORD_RESPONSE and header.about.startswith(RECORD_REQUESTS)


def _parties(
    request: RecordRequest | None, name: str, sender: str, recipient: str
) -> tuple[RecordRequest, Holder]:
    """Return the request and the holder that sends; a refusal does not tell whether there is one."""
    holder = request.holder(sender) if request else None
    if request is None or holder is None or recipient != request.requester:
        raise PermissionDenied(reasons.RECORD_REQUEST_DENIED, name=name)
    return request, holder


def _require_open(request: RecordRequest, holder: Holder) -> None:
    with invalid_transition_as(reasons.RECORD_REQUEST_STATE, request.name):
        model.answer(request, holder, request.id)
    if len(holder.answers) >= MAX_ANSWERS:
        raise FailedPrecondition(reasons.TOO_MANY_ANSWERS, name=request.name, limit=str(MAX_ANSWERS))
