"""A referral as another node tells of it, as a row of ours."""

from datetime import datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.errors import InvalidArgument
from common.names import id_of
from common.values import date_from_pb, timestamp_from_pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import referral_pb2 as pb

from ..convert.referrals import STATES_FROM_PB, diagnosis_from_pb
from ..model.messages import Message
from ..model.referrals import Referral, State, Step

TIMES = (
    "deliver_time",
    "accept_time",
    "decline_time",
    "complete_time",
    "cancel_time",
    "expire_time",
    "use_time",
)

STEPS_FROM_PB = {pb.Referral.Step.Value(f"STEP_{step.name}"): step for step in Step if step}


def referral_from_enclosure(enclosed: pb.Referral, message: Message, outcome: bytes | None) -> Referral:
    """Return *enclosed*, of the person of *message*, which brought its slip or tells of it.

    *outcome* is what became of the patient, sealed.

    InvalidArgument(UPLOAD_MALFORMED) for what cannot be one.
    """
    valid_until = date_from_pb(enclosed.valid_until)
    if valid_until is None or enclosed.state not in STATES_FROM_PB:
        raise InvalidArgument(reasons.UPLOAD_MALFORMED)
    times: dict[str, Any] = {name: _time(enclosed, name) for name in TIMES}
    return Referral(
        id=id_of(enclosed.name),
        person=message.person,
        sender=enclosed.sender,
        recipient=enclosed.recipient,
        slip_number=enclosed.slip_number,
        reason_code=enclosed.reason_code,
        diagnosis=diagnosis_from_pb(enclosed.diagnosis),
        issue_time=timestamp_from_pb(enclosed.issue_time),
        source_dossier=enclosed.source_dossier,
        long_term=enclosed.long_term,
        valid_until=valid_until,
        slip_sha256=message.sha256,
        message_id=message.id,
        state=State(STATES_FROM_PB[enclosed.state]),
        create_time=timestamp_from_pb(enclosed.create_time),
        note=enclosed.note,
        source_slip=enclosed.source_slip,
        replaces=id_of(enclosed.replaces) if enclosed.replaces else None,
        replaced_by=id_of(enclosed.replaced_by) if enclosed.replaced_by else None,
        practitioner=enclosed.practitioner,
        step=STEPS_FROM_PB.get(enclosed.step, Step.UNKNOWN),
        encounter=enclosed.encounter,
        outcome=outcome,
        **times,
    )


def _time(enclosed: pb.Referral, name: str) -> datetime | None:
    value: Timestamp = getattr(enclosed, name)
    return timestamp_from_pb(value) if enclosed.HasField(name) else None
