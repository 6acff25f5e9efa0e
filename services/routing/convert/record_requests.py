"""Record requests."""

from datetime import datetime
from uuid import UUID

from common.names import short_name
from common.values import timestamp_to_pb
from lientuyen.routing.v1 import record_request_pb2 as pb
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.messages import MESSAGES
from ..model.record_requests import RecordRequest, State

STATES = {
    State.REQUESTED: pb.RecordRequest.STATE_REQUESTED,
    State.FULFILLED: pb.RecordRequest.STATE_FULFILLED,
    State.DECLINED: pb.RecordRequest.STATE_DECLINED,
}


def record_request_from_pb(
    request: pb.RecordRequest, access: AccessContext, *, request_id: UUID, now: datetime
) -> RecordRequest:
    """Return a new record request; what the server sets is not read from *request*."""
    return RecordRequest(
        id=request_id,
        person=request.person,
        requester=request.requester,
        holder=request.holder,
        scope=request.scope,
        access=access.SerializeToString(deterministic=True),
        state=State.REQUESTED,
        create_time=now,
    )


def record_request_to_pb(request: RecordRequest) -> pb.RecordRequest:
    """Return *request* as its parties see it."""
    return pb.RecordRequest(
        name=short_name(request.name),
        person=request.person,
        requester=request.requester,
        holder=request.holder,
        scope=request.scope,
        state=STATES[request.state],
        message=f"{MESSAGES}{request.message_id}" if request.message_id else "",
        note=request.note,
        create_time=timestamp_to_pb(request.create_time),
        finish_time=timestamp_to_pb(request.finish_time),
        access=AccessContext.FromString(request.access),
    )
