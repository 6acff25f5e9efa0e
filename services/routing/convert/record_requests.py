"""Record requests."""

from datetime import datetime
from uuid import UUID

from lientuyen.routing.v1 import record_request_pb2 as pb
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.messages import MESSAGES
from ..model.record_requests import RecordRequest, State
from .common import short, time_to_pb

STATES = {
    State.REQUESTED: pb.RecordRequest.STATE_REQUESTED,
    State.FULFILLED: pb.RecordRequest.STATE_FULFILLED,
    State.DECLINED: pb.RecordRequest.STATE_DECLINED,
}


def request_from_pb(
    given: pb.RecordRequest, access: AccessContext, *, request_id: UUID, now: datetime
) -> RecordRequest:
    """Return a new record request; what the server sets is not read from *given*."""
    return RecordRequest(
        id=request_id,
        person=given.person,
        requester=given.requester,
        holder=given.holder,
        scope=given.scope,
        access=access.SerializeToString(deterministic=True),
        state=State.REQUESTED,
        create_time=now,
    )


def request_to_pb(asked: RecordRequest) -> pb.RecordRequest:
    """Return *asked* as its parties see it."""
    return pb.RecordRequest(
        name=short(asked.name),
        person=asked.person,
        requester=asked.requester,
        holder=asked.holder,
        scope=asked.scope,
        state=STATES[asked.state],
        message=f"{MESSAGES}{asked.message_id}" if asked.message_id else "",
        note=asked.note,
        create_time=time_to_pb(asked.create_time),
        finish_time=time_to_pb(asked.finish_time),
        access=AccessContext.FromString(asked.access),
    )
