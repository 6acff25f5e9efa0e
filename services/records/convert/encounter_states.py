"""How far the papers of encounters are, as messages."""

from datetime import datetime

from common.names import facility_name
from common.values import timestamp_to_pb
from lientuyen.records.v1 import encounter_status_pb2 as pb

from ..model.encounter_deadlines import Deadline
from ..model.encounter_status import State, Status
from .findings import fault_to_pb
from .names import dossier_name

STATES = {
    State.CHECKED_IN: pb.EncounterStatus.STATE_CHECKED_IN,
    State.ACCEPTED: pb.EncounterStatus.STATE_ACCEPTED,
    State.CORRECTED: pb.EncounterStatus.STATE_CORRECTED,
    State.REFUSED: pb.EncounterStatus.STATE_REFUSED,
    State.WITHDRAWN: pb.EncounterStatus.STATE_WITHDRAWN,
}
STATES_FROM_PB = {message: state for state, message in STATES.items()}


def status_to_pb(status: Status, at: datetime) -> pb.EncounterStatus:
    facts = status.facts
    sent, refusal, check_in = facts.sent, facts.refusal, facts.check_in
    return pb.EncounterStatus(
        facility=facility_name(facts.tracked.facility),
        link_key=facts.tracked.link_key,
        state=STATES[facts.state],
        missing=[pb.EncounterStatus.Missing.Name(each) for each in status.missing],
        due_time=timestamp_to_pb(status.due_time),
        late=status.is_late(at),
        deadlines=[_deadline_to_pb(each, at) for each in status.deadlines],
        dossier=dossier_name(sent.id if sent else None),
        version=sent.version if sent else 0,
        warning_count=sent.warning_count if sent else 0,
        refuse_reason=refusal.reason if refusal else "",
        refusals=[fault_to_pb(each, refuses=True) for each in refusal.findings] if refusal else [],
        refusal_count=refusal.count if refusal else 0,
        arrival_time=timestamp_to_pb(facts.arrival_time),
        discharge_time=timestamp_to_pb(facts.discharge_time),
        check_in_time=timestamp_to_pb(check_in.receive_time if check_in else None),
        receive_time=timestamp_to_pb(sent.receive_time if sent else None),
        refuse_time=timestamp_to_pb(refusal.time if refusal else None),
    )


def _deadline_to_pb(deadline: Deadline, at: datetime) -> pb.Deadline:
    return pb.Deadline(
        kind=pb.Deadline.Kind.Name(deadline.duty),
        due_time=timestamp_to_pb(deadline.due),
        done_time=timestamp_to_pb(deadline.done),
        late=deadline.is_late(at),
        presumed=deadline.presumed,
    )
