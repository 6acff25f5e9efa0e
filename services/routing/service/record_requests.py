"""Record requests: asked through the holder's mailbox, answered by a message or declined."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from chassis import call_context, clock
from chassis.db import Database, Transaction
from chassis.errors import InvalidArgument, PermissionDenied
from chassis.idempotency import Idempotency, answered_first, idempotent
from common.names import id_of
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import record_request_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Notice
from lientuyen.routing.v1.record_request_service_pb2_grpc import RecordRequestServiceServicer

from ..convert.record_requests import record_request_from_pb, record_request_to_pb
from ..model import record_requests as model
from ..model.messages import Kind
from ..model.record_requests import RecordRequest
from ..peers.facility_directory import FacilityDirectory
from ..store import record_requests as store
from ..store.messages import get_message
from .access_log import log_access
from .authorization import require_party
from .errors import invalid_transition_as
from .mailbox_writer import MailboxWriter, new_message
from .notifier import Notifier

MEDIA_TYPE: Final = "application/x-protobuf; message=lientuyen.routing.v1.RecordRequest"


def _notify_requester(
    service: "RecordRequestService",
    _: object,
    response: pb.FulfilRecordRequestResponse | pb.DeclineRecordRequestResponse,
) -> None:
    service._notifier.publish(response.record_request.requester)


class RecordRequestService(RecordRequestServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        writer: MailboxWriter,
        notifier: Notifier,
        facilities: FacilityDirectory,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._writer = writer
        self._notifier = notifier
        self._facilities = facilities

    @answered_first(pb.RequestRecordsResponse)
    async def RequestRecords(
        self, request: pb.RequestRecordsRequest, context: object
    ) -> pb.RequestRecordsResponse:
        requester, holder = request.record_request.requester, request.record_request.holder
        call_context.require_facility("record_request.requester", requester)
        if requester == holder:
            raise InvalidArgument(reasons.REQUEST_TO_SELF)
        await self._facilities.require_recipient(holder)

        async def create(tx: Transaction) -> pb.RequestRecordsResponse:
            record_request = record_request_from_pb(
                request.record_request, request.access, request_id=uuid4(), now=clock.now()
            )
            create_time = await store.insert_record_request(tx, record_request)
            record_request_pb = record_request_to_pb(replace(record_request, create_time=create_time))
            body = record_request_pb.SerializeToString(deterministic=True)
            message = new_message(
                requester,
                holder,
                Kind.RECORD_REQUEST,
                MEDIA_TYPE,
                body,
                about=record_request.name,
                person=record_request.person,
            )
            await self._writer.write(tx, message, body)
            await log_access(tx, record_request.person, request.access)
            return pb.RequestRecordsResponse(record_request=record_request_pb)

        response = await self._idempotency.run_once(request, pb.RequestRecordsResponse, create)
        self._notifier.publish(holder)
        return response

    @idempotent(pb.FulfilRecordRequestResponse, after=_notify_requester)
    async def FulfilRecordRequest(
        self, request: pb.FulfilRecordRequestRequest, tx: Transaction
    ) -> pb.FulfilRecordRequestResponse:
        record_request, now = await _lock_for_holder(tx, request.name)
        message = await get_message(tx, id_of(request.message))
        if message is None or not model.answers(message, record_request):
            raise InvalidArgument(reasons.ANSWER_FOREIGN, message=request.message)
        with invalid_transition_as(reasons.RECORD_REQUEST_STATE, request.name):
            record_request = model.fulfil(record_request, message.id, now)
        await self._finish(tx, record_request, Notice.EVENT_RECORDS_SENT, now)
        return pb.FulfilRecordRequestResponse(record_request=record_request_to_pb(record_request))

    @idempotent(pb.DeclineRecordRequestResponse, after=_notify_requester)
    async def DeclineRecordRequest(
        self, request: pb.DeclineRecordRequestRequest, tx: Transaction
    ) -> pb.DeclineRecordRequestResponse:
        record_request, now = await _lock_for_holder(tx, request.name)
        with invalid_transition_as(reasons.RECORD_REQUEST_STATE, request.name):
            record_request = model.decline(record_request, request.reason, now)
        await self._finish(tx, record_request, Notice.EVENT_RECORDS_DECLINED, now)
        return pb.DeclineRecordRequestResponse(record_request=record_request_to_pb(record_request))

    async def _finish(
        self, tx: Transaction, record_request: RecordRequest, event: Notice.Event, now: datetime
    ) -> None:
        await store.update_record_request(tx, record_request)
        await log_access(tx, record_request.person, None)
        await self._writer.write_notice(tx, record_request.requester, event, record_request.name, now)

    async def GetRecordRequest(
        self, request: pb.GetRecordRequestRequest, context: object
    ) -> pb.GetRecordRequestResponse:
        async with self._db.transaction() as tx:
            record_request = await store.get_record_request(tx, id_of(request.name))
            if record_request is None:
                raise PermissionDenied(reasons.RECORD_REQUEST_DENIED, name=request.name)
            parties = (record_request.requester, record_request.holder)
            require_party(reasons.RECORD_REQUEST_DENIED, request.name, record_request.person, *parties)
            await log_access(tx, record_request.person, request.access)
        return pb.GetRecordRequestResponse(record_request=record_request_to_pb(record_request))


async def _lock_for_holder(tx: Transaction, name: str) -> tuple[RecordRequest, datetime]:
    row = await store.lock_record_request(tx, id_of(name))
    if row is None:
        raise PermissionDenied(reasons.RECORD_REQUEST_DENIED, name=name)
    require_party(reasons.RECORD_REQUEST_DENIED, name, row[0].person, row[0].holder)
    return row
