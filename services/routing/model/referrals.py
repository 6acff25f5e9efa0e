"""
Referrals (chuyển cơ sở khám bệnh, chữa bệnh), and what may become of one.

    issued ──deliver──▶ delivered ──accept──▶ accepted ──complete──▶ completed
      │                   │ ├──decline──▶ declined
      └─cancel, replace───┴─┴──▶ cancelled          (expire: issued or delivered ──▶ expired)

An accepted referral does not expire: a slip whose last day comes during treatment holds
to the end of the episode (TT 01/2025/TT-BYT).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from .state_machine import InvalidTransition, transition

REFERRALS: Final = "//routing.lientuyen/referrals/"


class State(StrEnum):
    ISSUED = "issued"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


TRANSITIONS: Final = {
    (State.ISSUED, "deliver"): State.DELIVERED,
    (State.ISSUED, "cancel"): State.CANCELLED,
    (State.ISSUED, "replace"): State.CANCELLED,
    (State.ISSUED, "expire"): State.EXPIRED,
    (State.DELIVERED, "accept"): State.ACCEPTED,
    (State.DELIVERED, "decline"): State.DECLINED,
    (State.DELIVERED, "cancel"): State.CANCELLED,
    (State.DELIVERED, "replace"): State.CANCELLED,
    (State.DELIVERED, "expire"): State.EXPIRED,
    (State.ACCEPTED, "complete"): State.COMPLETED,
}

# The states in which a slip no longer holds its number.
WITHDRAWN: Final = frozenset({State.DECLINED, State.CANCELLED, State.EXPIRED})


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A code of a code system, ICD-10 as a rule.  Health data: never in a log, span or error."""

    system: str = ""
    code: str = ""
    display: str = ""


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral.  *valid_until* is inclusive; *slip_sha256* is of the slip, 32 bytes.

    *source_slip* is the full name of the slip of a dossier that it was made from; may be empty.
    """

    id: UUID
    person: str
    sender: str
    recipient: str
    slip_number: str
    reason_code: str
    diagnosis: Diagnosis
    issue_time: datetime
    source_dossier: str
    long_term: bool
    valid_until: date
    slip_sha256: bytes
    message_id: UUID
    state: State
    create_time: datetime
    deliver_time: datetime | None = None
    accept_time: datetime | None = None
    decline_time: datetime | None = None
    complete_time: datetime | None = None
    cancel_time: datetime | None = None
    expire_time: datetime | None = None
    note: str = ""
    source_slip: str = ""
    replaces: UUID | None = None
    replaced_by: UUID | None = None

    @property
    def name(self) -> str:
        return f"{REFERRALS}{self.id}"

    @property
    def is_in_force(self) -> bool:
        return self.state not in WITHDRAWN


def deliver(referral: Referral, now: datetime) -> Referral:
    return replace(referral, state=transition(TRANSITIONS, referral.state, "deliver"), deliver_time=now)


def accept(referral: Referral, now: datetime, today: date) -> Referral:
    """Return *referral*, taken on by its recipient; InvalidTransition after its last day."""
    state = transition(TRANSITIONS, referral.state, "accept")
    if is_over(referral, today):
        raise InvalidTransition(State.EXPIRED, "accept")
    return replace(referral, state=state, accept_time=now)


def decline(referral: Referral, note: str, now: datetime) -> Referral:
    return replace(
        referral, state=transition(TRANSITIONS, referral.state, "decline"), decline_time=now, note=note
    )


def complete(referral: Referral, now: datetime) -> Referral:
    return replace(referral, state=transition(TRANSITIONS, referral.state, "complete"), complete_time=now)


def cancel(referral: Referral, note: str, now: datetime) -> Referral:
    return replace(
        referral, state=transition(TRANSITIONS, referral.state, "cancel"), cancel_time=now, note=note
    )


def replace_by(referral: Referral, successor: UUID, now: datetime) -> Referral:
    """Return *referral*, whose place *successor* takes: cancelled, unless it was accepted already."""
    state = transition(TRANSITIONS, referral.state, "replace")
    return replace(referral, state=state, cancel_time=now, replaced_by=successor)


def same_slip(referral: Referral, other: Referral, persons: Collection[str]) -> bool:
    """Tell whether both carry one slip: recipient, document and person are the same, and the encounter.

    *persons* are the names that the person of *other* may have had.
    """
    same = (referral.recipient, referral.slip_sha256) == (other.recipient, other.slip_sha256)
    same_source = referral.source_slip in ("", other.source_slip) or not other.source_slip
    return same and referral.person in persons and same_source


def expire(referral: Referral, now: datetime) -> Referral:
    return replace(referral, state=transition(TRANSITIONS, referral.state, "expire"), expire_time=now)


def is_over(referral: Referral, today: date) -> bool:
    return today > referral.valid_until
