"""Referrals."""

import hashlib
from datetime import UTC, date, datetime
from uuid import UUID

from lientuyen.routing.v1 import referral_pb2 as pb

from ..model.messages import MESSAGES
from ..model.referrals import Referral, State
from .common import date_to_pb, diagnosis_from_pb, diagnosis_to_pb, short, time_to_pb

STATES = {
    State.ISSUED: pb.Referral.STATE_ISSUED,
    State.DELIVERED: pb.Referral.STATE_DELIVERED,
    State.ACCEPTED: pb.Referral.STATE_ACCEPTED,
    State.DECLINED: pb.Referral.STATE_DECLINED,
    State.COMPLETED: pb.Referral.STATE_COMPLETED,
    State.CANCELLED: pb.Referral.STATE_CANCELLED,
    State.EXPIRED: pb.Referral.STATE_EXPIRED,
}
STATES_FROM_PB = {value: state.value for state, value in STATES.items()}


def issue_time(given: pb.Referral, now: datetime) -> datetime:
    """Return when the slip was signed; *now* when nobody says."""
    return given.issue_time.ToDatetime(tzinfo=UTC) if given.HasField("issue_time") else now


def referral_from_pb(
    given: pb.Referral,
    slip: bytes,
    *,
    referral_id: UUID,
    message_id: UUID,
    issued: datetime,
    valid_until: date,
    now: datetime,
) -> Referral:
    """Return a new referral; what the server sets is not read from *given*."""
    return Referral(
        id=referral_id,
        person=given.person,
        sender=given.sender,
        recipient=given.recipient,
        slip_number=given.slip_number,
        reason_code=given.reason_code,
        diagnosis=diagnosis_from_pb(given.diagnosis),
        issue_time=issued,
        source_dossier=given.source_dossier,
        long_term=given.long_term,
        valid_until=valid_until,
        slip_sha256=hashlib.sha256(slip).digest(),
        message_id=message_id,
        state=State.ISSUED,
        create_time=now,
    )


def referral_to_pb(referral: Referral) -> pb.Referral:
    """Return *referral* as its parties see it."""
    return pb.Referral(
        name=short(referral.name),
        person=referral.person,
        sender=referral.sender,
        recipient=referral.recipient,
        slip_number=referral.slip_number,
        reason_code=referral.reason_code,
        diagnosis=diagnosis_to_pb(referral.diagnosis),
        issue_time=time_to_pb(referral.issue_time),
        source_dossier=referral.source_dossier,
        long_term=referral.long_term,
        valid_until=date_to_pb(referral.valid_until),
        state=STATES[referral.state],
        message=f"{MESSAGES}{referral.message_id}",
        create_time=time_to_pb(referral.create_time),
        deliver_time=time_to_pb(referral.deliver_time),
        accept_time=time_to_pb(referral.accept_time),
        decline_time=time_to_pb(referral.decline_time),
        complete_time=time_to_pb(referral.complete_time),
        cancel_time=time_to_pb(referral.cancel_time),
        expire_time=time_to_pb(referral.expire_time),
        note=referral.note,
    )
