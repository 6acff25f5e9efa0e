"""Record requests."""

from datetime import datetime
from uuid import UUID

from common.values import timestamp_to_pb
from lientuyen.routing.v1 import record_request_pb2 as pb
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.messages import MESSAGES
from ..model.record_requests import RecordRequest, State


def record_request_from_pb(
    record_request: pb.RecordRequest, access: AccessContext, *, request_id: UUID, now: datetime
) -> RecordRequest:
    return RecordRequest(
        id=request_id,
        person=record_request.person,
        requester=record_request.requester,
        holder=record_request.holder,
        scope=record_request.scope,
        access=access.SerializeToString(deterministic=True),
        state=State.REQUESTED,
        create_time=now,
    )


def record_request_to_pb(record_request: RecordRequest) -> pb.RecordRequest:
    return pb.RecordRequest(
        name=record_request.name,
        person=record_request.person,
        requester=record_request.requester,
        holder=record_request.holder,
        scope=record_request.scope,
        state=f"STATE_{record_request.state.name}",
        message=f"{MESSAGES}{record_request.message_id}" if record_request.message_id else "",
        note=record_request.note,
        create_time=timestamp_to_pb(record_request.create_time),
        finish_time=timestamp_to_pb(record_request.finish_time),
        access=AccessContext.FromString(record_request.access),
    )
