"""Referrals, and their diagnosis."""

from datetime import date, datetime
from uuid import UUID

from common.values import coding_to_pb, date_to_pb, timestamp_from_pb, timestamp_to_pb
from lientuyen.routing.v1 import referral_pb2 as pb
from lientuyen.type.v1.coding_pb2 import Coding

from ..model.messages import MESSAGES
from ..model.referrals import REFERRALS, Diagnosis, Referral, State, Step

# The filter of a list: unspecified is the empty word, all.
STATES_FROM_PB = {pb.Referral.State.Value(f"STATE_{state.name}"): state.value for state in State}


def referral_name(referral_id: UUID | None) -> str:
    return f"{REFERRALS}{referral_id}" if referral_id else ""


def issue_time_from_pb(referral: pb.Referral, now: datetime) -> datetime:
    return timestamp_from_pb(referral.issue_time) if referral.HasField("issue_time") else now


def diagnosis_to_pb(diagnosis: Diagnosis) -> Coding | None:
    """Return the message for a diagnosis; None, which leaves a field absent, without a code."""
    if not diagnosis.code:
        return None
    return coding_to_pb(diagnosis.system, diagnosis.code, diagnosis.display)


def diagnosis_from_pb(coding: Coding) -> Diagnosis:
    return Diagnosis(coding.system, coding.code, coding.display)


def referral_from_pb(
    referral: pb.Referral,
    slip_sha256: bytes,
    *,
    referral_id: UUID,
    message_id: UUID,
    issue_time: datetime,
    valid_until: date,
    step: Step,
    now: datetime,
) -> Referral:
    return Referral(
        id=referral_id,
        person=referral.person,
        sender=referral.sender,
        recipient=referral.recipient,
        slip_number=referral.slip_number,
        reason_code=referral.reason_code,
        diagnosis=diagnosis_from_pb(referral.diagnosis),
        issue_time=issue_time,
        source_dossier=referral.source_dossier,
        long_term=referral.long_term,
        valid_until=valid_until,
        slip_sha256=slip_sha256,
        message_id=message_id,
        state=State.ISSUED,
        create_time=now,
        source_slip=referral.source_slip,
        practitioner=referral.practitioner,
        step=step,
    )


def referral_to_pb(referral: Referral, outcome: pb.ReferralOutcome | None = None) -> pb.Referral:
    """Return the message for a referral; *outcome* is what it holds sealed."""
    return pb.Referral(
        name=referral.name,
        person=referral.person,
        sender=referral.sender,
        recipient=referral.recipient,
        slip_number=referral.slip_number,
        reason_code=referral.reason_code,
        diagnosis=diagnosis_to_pb(referral.diagnosis),
        issue_time=timestamp_to_pb(referral.issue_time),
        source_dossier=referral.source_dossier,
        long_term=referral.long_term,
        valid_until=date_to_pb(referral.valid_until),
        state=f"STATE_{referral.state.name}",
        message=f"{MESSAGES}{referral.message_id}",
        create_time=timestamp_to_pb(referral.create_time),
        deliver_time=timestamp_to_pb(referral.deliver_time),
        accept_time=timestamp_to_pb(referral.accept_time),
        decline_time=timestamp_to_pb(referral.decline_time),
        complete_time=timestamp_to_pb(referral.complete_time),
        cancel_time=timestamp_to_pb(referral.cancel_time),
        expire_time=timestamp_to_pb(referral.expire_time),
        note=referral.note,
        source_slip=referral.source_slip,
        replaces=referral_name(referral.replaces),
        replaced_by=referral_name(referral.replaced_by),
        practitioner=referral.practitioner,
        step=f"STEP_{referral.step.name}" if referral.step else None,
        read_until_time=timestamp_to_pb(referral.read_until),
        encounter=referral.encounter,
        use_time=timestamp_to_pb(referral.use_time),
        outcome=outcome,
    )
