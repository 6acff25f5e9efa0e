"""Record requests, as requester and holders see them."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from common.values import date_from_pb, date_to_pb, timestamp_to_pb
from lientuyen.routing.v1 import record_request_pb2 as pb
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.held_records import HeldEncounter
from ..model.messages import MESSAGES
from ..model.record_requests import Holder, RecordRequest, State

# The filter of a list: unspecified is the empty word, all.
STATES_FROM_PB = {pb.RecordRequest.State.Value(f"STATE_{state.name}"): state.value for state in State}


def record_request_from_pb(
    record_request: pb.RecordRequest, access: AccessContext, *, request_id: UUID, now: datetime
) -> RecordRequest:
    """Return the request that is asked for, of nobody yet."""
    return RecordRequest(
        id=request_id,
        person=record_request.person,
        requester=record_request.requester,
        scope=record_request.scope,
        access=access.SerializeToString(deterministic=True),
        state=State.REQUESTED,
        create_time=now,
        since=_day(record_request, "records_since"),
        until=_day(record_request, "records_until"),
    )


def named_holders(record_request: pb.RecordRequest) -> list[str]:
    """Return who is to be asked, each once, in the order of their naming."""
    names = [record_request.holder, *(holder.facility for holder in record_request.holders)]
    return [name for name in dict.fromkeys(names) if name]


def record_request_to_pb(request: RecordRequest, holders: Iterable[Holder] | None = None) -> pb.RecordRequest:
    """Return *request* as its requester sees it; with *holders*, as they do, who see nobody else."""
    seen = request.holders if holders is None else tuple(holders)
    only = seen[0] if len(seen) == 1 else None
    answered = only.answers[-1:] if only else ()
    return pb.RecordRequest(
        name=request.name,
        person=request.person,
        requester=request.requester,
        holder=only.facility if only else "",
        scope=request.scope,
        state=f"STATE_{request.state.name}",
        message=f"{MESSAGES}{answered[0]}" if answered and not request.is_open else "",
        note=request.note or (only.note if only else ""),
        create_time=timestamp_to_pb(request.create_time),
        finish_time=timestamp_to_pb(request.finish_time),
        access=AccessContext.FromString(request.access),
        holders=map(_holder_to_pb, seen),
        records_since=date_to_pb(request.since),
        records_until=date_to_pb(request.until),
        deadline=timestamp_to_pb(request.deadline),
    )


def held_encounter_to_pb(held: HeldEncounter) -> pb.HeldEncounter:
    return pb.HeldEncounter(
        dossier=held.dossier,
        facility=held.facility,
        form_of_care=held.form_of_care,
        arrive_time=timestamp_to_pb(held.arrive_time),
        discharge_time=timestamp_to_pb(held.discharge_time),
        result_count=held.result_count,
    )


def _holder_to_pb(holder: Holder) -> pb.RecordRequest.Holder:
    return pb.RecordRequest.Holder(
        facility=holder.facility,
        state=f"STATE_{holder.state.name}",
        messages=[f"{MESSAGES}{answer}" for answer in holder.answers],
        note=holder.note,
        answer_time=timestamp_to_pb(holder.answer_time),
    )


def _day(record_request: pb.RecordRequest, field: str) -> date | None:
    return date_from_pb(getattr(record_request, field)) if record_request.HasField(field) else None
