"""Record requests: asked through the holder's mailbox, answered by a message or declined."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from chassis import call_context, clock
from chassis.db import Database, Transaction
from chassis.errors import InvalidArgument, PermissionDenied
from chassis.idempotency import Idempotency
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import record_request_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Notice
from lientuyen.routing.v1.record_request_service_pb2_grpc import RecordRequestServiceServicer

from ..convert.common import id_of, short
from ..convert.record_requests import request_from_pb, request_to_pb
from ..model import record_requests as model
from ..model.messages import Kind
from ..model.record_requests import RecordRequest
from ..peers.facility_directory import Identity
from ..store import record_requests as store
from ..store.messages import get_message
from .authorization import log_access, moving, require_party, require_recipient
from .mailbox_writer import Post, drafted
from .notifier import Wakeups

MEDIA_TYPE: Final = "application/x-protobuf; message=lientuyen.routing.v1.RecordRequest"


class RecordRequestService(RecordRequestServiceServicer):
    """Lets a facility ask another for a person's records."""

    def __init__(
        self, db: Database, idempotency: Idempotency, post: Post, wakeups: Wakeups, identity: Identity
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._post = post
        self._wakeups = wakeups
        self._identity = identity

    async def RequestRecords(
        self, request: pb.RequestRecordsRequest, context: object
    ) -> pb.RequestRecordsResponse:
        given = request.record_request
        call_context.require_facility("record_request.requester", given.requester)
        if given.requester == given.holder:
            raise InvalidArgument(reasons.REQUEST_TO_SELF)
        await require_recipient(self._identity, given.holder)
        answer = await self._idempotency.run_once(
            request, pb.RequestRecordsResponse, lambda tx: self._ask(tx, request)
        )
        self._wakeups.announce(given.holder)
        return answer

    async def _ask(self, tx: Transaction, request: pb.RequestRecordsRequest) -> pb.RequestRecordsResponse:
        asked = request_from_pb(request.record_request, request.access, request_id=uuid4(), now=clock.now())
        asked = replace(asked, create_time=await store.insert_request(tx, asked))
        answer = request_to_pb(asked)
        body = answer.SerializeToString(deterministic=True)
        draft = drafted(
            asked.requester,
            asked.holder,
            Kind.RECORD_REQUEST,
            MEDIA_TYPE,
            body,
            about=asked.name,
            person=asked.person,
        )
        await self._post.put(tx, draft, body)
        await log_access(tx, asked.person, request.access)
        return pb.RequestRecordsResponse(record_request=answer)

    async def FulfilRecordRequest(
        self, request: pb.FulfilRecordRequestRequest, context: object
    ) -> pb.FulfilRecordRequestResponse:
        answer = await self._idempotency.run_once(
            request, pb.FulfilRecordRequestResponse, lambda tx: self._fulfil(tx, request)
        )
        self._wakeups.announce(answer.record_request.requester)
        return answer

    async def _fulfil(
        self, tx: Transaction, request: pb.FulfilRecordRequestRequest
    ) -> pb.FulfilRecordRequestResponse:
        asked, now = await _locked_by_holder(tx, request.name)
        message = await get_message(tx, id_of(request.message))
        if message is None or not model.answers(message, asked):
            raise InvalidArgument(reasons.ANSWER_FOREIGN, message=short(request.message))
        with moving(reasons.RECORD_REQUEST_STATE, request.name):
            asked = model.fulfil(asked, message.id, now)
        await self._finished(tx, asked, Notice.EVENT_RECORDS_SENT, now)
        return pb.FulfilRecordRequestResponse(record_request=request_to_pb(asked))

    async def DeclineRecordRequest(
        self, request: pb.DeclineRecordRequestRequest, context: object
    ) -> pb.DeclineRecordRequestResponse:
        answer = await self._idempotency.run_once(
            request, pb.DeclineRecordRequestResponse, lambda tx: self._decline(tx, request)
        )
        self._wakeups.announce(answer.record_request.requester)
        return answer

    async def _decline(
        self, tx: Transaction, request: pb.DeclineRecordRequestRequest
    ) -> pb.DeclineRecordRequestResponse:
        asked, now = await _locked_by_holder(tx, request.name)
        with moving(reasons.RECORD_REQUEST_STATE, request.name):
            asked = model.decline(asked, request.reason, now)
        await self._finished(tx, asked, Notice.EVENT_RECORDS_DECLINED, now)
        return pb.DeclineRecordRequestResponse(record_request=request_to_pb(asked))

    async def _finished(
        self, tx: Transaction, asked: RecordRequest, event: Notice.Event, now: datetime
    ) -> None:
        await store.save_request(tx, asked)
        await log_access(tx, asked.person, None)
        await self._post.notify(tx, asked.requester, event, asked.name, now)

    async def GetRecordRequest(
        self, request: pb.GetRecordRequestRequest, context: object
    ) -> pb.GetRecordRequestResponse:
        async with self._db.transaction() as tx:
            asked = await store.get_request(tx, id_of(request.name))
            if asked is None:
                raise PermissionDenied(reasons.RECORD_REQUEST_DENIED, name=short(request.name))
            parties = (asked.requester, asked.holder)
            require_party(reasons.RECORD_REQUEST_DENIED, request.name, asked.person, *parties)
            await log_access(tx, asked.person, request.access)
        return pb.GetRecordRequestResponse(record_request=request_to_pb(asked))


async def _locked_by_holder(tx: Transaction, name: str) -> tuple[RecordRequest, datetime]:
    """Return the record request, locked, and the time; refuse all but its holder."""
    found = await store.lock_request(tx, id_of(name))
    if found is None:
        raise PermissionDenied(reasons.RECORD_REQUEST_DENIED, name=short(name))
    require_party(reasons.RECORD_REQUEST_DENIED, name, found[0].person, found[0].holder)
    return found
