"""Record requests: answered at once with what the exchange holds, and by each holder through its mailbox."""

from collections.abc import Sequence
from datetime import datetime

from chassis import call_context
from chassis.db import Database, Transaction
from chassis.errors import InvalidArgument, PermissionDenied, Unavailable
from chassis.idempotency import Idempotency, answered_first, idempotent
from chassis.pagination import Paginator
from common.names import id_of
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import record_request_pb2
from lientuyen.routing.v1 import record_request_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Notice
from lientuyen.routing.v1.record_request_service_pb2_grpc import RecordRequestServiceServicer

from ..convert.record_requests import STATES_FROM_PB, held_encounter_to_pb, record_request_to_pb
from ..model import record_requests as model
from ..model.held_records import NOTHING_HELD, HeldByRecords
from ..model.record_requests import CLOSED, Holder, HolderState, RecordRequest
from ..peers.held_records import HeldRecords
from ..store import record_requests as store
from ..store.messages import get_message
from .access_log import log_access, log_accesses
from .authorization import require_party
from .errors import invalid_transition_as
from .mailbox_writer import MailboxWriter
from .notifier import Notifier
from .record_request_creation import RecordRequestCreation
from .record_request_endings import RecordRequestEndings
from .record_request_grounds import RecordRequestGrounds


def _notify_requester(
    service: "RecordRequestService",
    _: object,
    response: pb.FulfilRecordRequestResponse | pb.DeclineRecordRequestResponse,
) -> None:
    service._notifier.publish(response.record_request.requester)


def _notify_holders(
    service: "RecordRequestService", _: object, response: pb.CancelRecordRequestResponse
) -> None:
    service._notifier.publish(*(holder.facility for holder in response.record_request.holders))


class RecordRequestService(RecordRequestServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        writer: MailboxWriter,
        notifier: Notifier,
        grounds: RecordRequestGrounds,
        endings: RecordRequestEndings,
        held_records: HeldRecords,
        creation: RecordRequestCreation,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._writer = writer
        self._notifier = notifier
        self._grounds = grounds
        self._endings = endings
        self._held_records = held_records
        self._creation = creation

    @answered_first(pb.RequestRecordsResponse)
    async def RequestRecords(
        self, request: pb.RequestRecordsRequest, context: object
    ) -> pb.RequestRecordsResponse:
        call_context.require_facility("record_request.requester", request.record_request.requester)
        response = await self._creation.create(request)
        self._notifier.publish(*(holder.facility for holder in response.record_request.holders))
        return response

    @answered_first(pb.FulfilRecordRequestResponse)
    async def FulfilRecordRequest(
        self, request: pb.FulfilRecordRequestRequest, context: object
    ) -> pb.FulfilRecordRequestResponse:
        async with self._db.connection() as tx:
            record_request, _ = _of_holder(
                await store.get_record_request(tx, id_of(request.name)), request.name
            )
        if record_request.is_open:
            await self._grounds.require(record_request)

        async def fulfil(tx: Transaction) -> pb.FulfilRecordRequestResponse:
            return await self._fulfil(tx, request)

        response = await self._idempotency.run_once(request, pb.FulfilRecordRequestResponse, fulfil)
        self._notifier.publish(response.record_request.requester)
        return response

    async def _fulfil(
        self, tx: Transaction, request: pb.FulfilRecordRequestRequest
    ) -> pb.FulfilRecordRequestResponse:
        record_request, holder, now = await _lock_for_holder(tx, request.name)
        message = await get_message(tx, id_of(request.message))
        if message is None or not model.answers(message, record_request, holder):
            raise InvalidArgument(reasons.ANSWER_FOREIGN, message=request.message)
        with invalid_transition_as(reasons.RECORD_REQUEST_STATE, request.name):
            record_request = model.fulfil(record_request, holder, message.id, now)
        await self._answered(tx, record_request, Notice.EVENT_RECORDS_SENT, now)
        return pb.FulfilRecordRequestResponse(record_request=_as_seen(record_request))

    @idempotent(pb.DeclineRecordRequestResponse, after=_notify_requester)
    async def DeclineRecordRequest(
        self, request: pb.DeclineRecordRequestRequest, tx: Transaction
    ) -> pb.DeclineRecordRequestResponse:
        record_request, holder, now = await _lock_for_holder(tx, request.name)
        with invalid_transition_as(reasons.RECORD_REQUEST_STATE, request.name):
            record_request = model.decline(record_request, holder, request.reason, now)
        await self._answered(tx, record_request, Notice.EVENT_RECORDS_DECLINED, now)
        return pb.DeclineRecordRequestResponse(record_request=_as_seen(record_request))

    async def _answered(
        self, tx: Transaction, record_request: RecordRequest, event: Notice.Event, now: datetime
    ) -> None:
        """Keep what a holder answered and tell the requester; and that it was the last of several."""
        await store.update_record_request(tx, record_request)
        await log_access(tx, record_request.person, None)
        events = [event]
        if not record_request.is_open and len(record_request.holders) > 1:
            events.append(Notice.EVENT_RECORD_REQUEST_ENDED)
        for each in events:
            await self._writer.write_notice(tx, record_request.requester, each, record_request.name, now)

    @idempotent(pb.CancelRecordRequestResponse, after=_notify_holders)
    async def CancelRecordRequest(
        self, request: pb.CancelRecordRequestRequest, tx: Transaction
    ) -> pb.CancelRecordRequestResponse:
        row = await store.lock_record_request(tx, id_of(request.name))
        if row is None:
            raise PermissionDenied(reasons.RECORD_REQUEST_DENIED, name=request.name)
        record_request, now = row
        require_party(
            reasons.RECORD_REQUEST_DENIED, request.name, record_request.person, record_request.requester
        )
        with invalid_transition_as(reasons.RECORD_REQUEST_STATE, request.name):
            record_request, _ = await self._endings.cancel(tx, record_request, request.reason, now)
        await log_access(tx, record_request.person, None)
        return pb.CancelRecordRequestResponse(record_request=record_request_to_pb(record_request))

    async def GetRecordRequest(
        self, request: pb.GetRecordRequestRequest, context: object
    ) -> pb.GetRecordRequestResponse:
        async with self._db.transaction() as tx:
            record_request = await store.get_record_request(tx, id_of(request.name))
            if record_request is None:
                raise PermissionDenied(reasons.RECORD_REQUEST_DENIED, name=request.name)
            parties = (record_request.requester, *_asked(record_request))
            require_party(reasons.RECORD_REQUEST_DENIED, request.name, record_request.person, *parties)
            await log_access(tx, record_request.person, request.access)
        held = NOTHING_HELD
        if call_context.caller().facility == record_request.requester:
            record_request, held = await self._held(record_request)
        return pb.GetRecordRequestResponse(
            record_request=_as_seen(record_request),
            held_encounters=map(held_encounter_to_pb, held.encounters),
            older_encounters=held.is_cut,
            unreachable=held.unreachable,
        )

    async def _held(self, record_request: RecordRequest) -> tuple[RecordRequest, HeldByRecords]:
        """Return what records holds that the requester may see now; stop a request whose ground is gone."""
        if record_request.state in CLOSED:
            return record_request, NOTHING_HELD
        try:
            decision = await self._grounds.decide(record_request)
        except Unavailable:
            return record_request, HeldByRecords(unreachable=["identity"])
        if decision.allowed:
            return record_request, await self._held_records.list_for(record_request, decision)
        if record_request.is_open:
            record_request = await self._grounds.stop(record_request.id) or record_request
        return record_request, NOTHING_HELD

    async def ListRecordRequests(
        self, request: pb.ListRecordRequestsRequest, context: object
    ) -> pb.ListRecordRequestsResponse:
        side = request.WhichOneof("party") or "requester"
        party: str = getattr(request, side)
        call_context.require_facility(side, party)
        page, state = self._paginator.open(request), STATES_FROM_PB.get(request.state, "")
        async with self._db.transaction() as tx:
            rows = await store.list_record_requests(tx, side, party, state, page.before, page.limit)
            rows, token = page.close(rows, key=lambda row: (row.create_time, row.id))
            await log_accesses(tx, (row.person for row in rows), request.access)
        return pb.ListRecordRequestsResponse(
            record_requests=[_of_side(row, side, party) for row in rows], next_page_token=token
        )


def _of_side(request: RecordRequest, side: str, party: str) -> record_request_pb2.RecordRequest:
    return (
        record_request_to_pb(request)
        if side == "requester"
        else record_request_to_pb(request, _only(request, party))
    )


def _as_seen(request: RecordRequest) -> record_request_pb2.RecordRequest:
    """Return *request* as the caller sees it: a holder sees itself only."""
    facility = call_context.caller().facility
    if facility is None or facility == request.requester:
        return record_request_to_pb(request)
    return record_request_to_pb(request, _only(request, facility))


def _only(request: RecordRequest, facility: str) -> Sequence[Holder]:
    return [holder for holder in request.holders if holder.facility == facility]


def _asked(request: RecordRequest) -> list[str]:
    """Return who knows of the request: those that could be asked."""
    return [holder.facility for holder in request.holders if holder.state is not HolderState.UNREACHABLE]


def _of_holder(request: RecordRequest | None, name: str) -> tuple[RecordRequest, Holder]:
    """Return the request and the calling holder; a refusal does not tell whether there is one."""
    if request is None:
        raise PermissionDenied(reasons.RECORD_REQUEST_DENIED, name=name)
    require_party(reasons.RECORD_REQUEST_DENIED, name, request.person, *_asked(request))
    holder = request.holder(call_context.caller().facility or "")
    assert holder is not None
    return request, holder


async def _lock_for_holder(tx: Transaction, name: str) -> tuple[RecordRequest, Holder, datetime]:
    row = await store.lock_record_request(tx, id_of(name))
    request, holder = _of_holder(row[0] if row else None, name)
    assert row is not None
    return request, holder, row[1]
