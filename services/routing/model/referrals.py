"""
Referrals (chuyển cơ sở khám bệnh, chữa bệnh), and what may become of one.

                                              use
                                            ┌─────┐
    issued ──deliver──▶ delivered ──accept──▶ accepted ──complete──▶ completed
      │                   │ ├──decline──▶ declined
      └─cancel, replace───┴─┴──▶ cancelled          (expire: issued or delivered ──▶ expired)

An accepted referral does not expire: a slip whose last day comes during treatment holds
to the end of the episode (TT 01/2025/TT-BYT).  It is used for one encounter, that of an Annex III
disease for every one that begins while it is valid.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from common.values import end_of

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
    (State.ACCEPTED, "use"): State.ACCEPTED,
    (State.ACCEPTED, "complete"): State.COMPLETED,
}

# How long an accepted referral opens the sender's records to the recipient.  No law gives a number: the
# longest stay of nearly all patients, after which the recipient knows them better than the slip.
READABLE_AFTER_ACCEPTANCE: Final = timedelta(days=90)

# The states in which a slip no longer holds its number.
WITHDRAWN: Final = frozenset({State.DECLINED, State.CANCELLED, State.EXPIRED})


class Step(StrEnum):
    """How the levels of expertise of sender and recipient lie to each other; empty when not known."""

    UNKNOWN = ""
    NEXT = "next"
    SKIPS = "skips"
    SAME = "same"
    DOWN = "down"


class UsedBefore(Exception):
    """A slip that is good for one encounter was used for another."""


class Lapsed(Exception):
    """The last day of a slip is past, and the encounter is a new one."""


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
    *practitioner* is the licence number of who referred; *encounter* the recipient's, for which it was last
    used; *outcome* what became of the patient, sealed.
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
    practitioner: str = ""
    step: Step = Step.UNKNOWN
    encounter: str = ""
    use_time: datetime | None = None
    outcome: bytes | None = None

    @property
    def name(self) -> str:
        return f"{REFERRALS}{self.id}"

    @property
    def is_in_force(self) -> bool:
        return self.state not in WITHDRAWN

    @property
    def read_until(self) -> datetime | None:
        """Until when the recipient may read what the sender made of the person; None: not at all."""
        last_day = end_of(self.valid_until)
        if self.state is State.DELIVERED:
            return last_day
        if self.state is not State.ACCEPTED or self.accept_time is None:
            return None
        accepted = self.accept_time + READABLE_AFTER_ACCEPTANCE
        return max(accepted, last_day) if self.long_term else accepted


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


def use(referral: Referral, encounter: str, now: datetime, today: date) -> Referral:
    """Return *referral*, used for *encounter*; as it is when that is the one it was used for.

    UsedBefore for a second one; Lapsed when a new one begins after the last day, of a slip that was used.
    """
    state = transition(TRANSITIONS, referral.state, "use")
    if referral.encounter == encounter:
        return referral
    if referral.encounter and not referral.long_term:
        raise UsedBefore
    if referral.encounter and is_over(referral, today):
        raise Lapsed
    return replace(referral, state=state, encounter=encounter, use_time=now)


def complete(referral: Referral, outcome: bytes | None, now: datetime) -> Referral:
    state = transition(TRANSITIONS, referral.state, "complete")
    return replace(referral, state=state, outcome=outcome, complete_time=now)


def step_between(sender_level: int, recipient_level: int) -> Step:
    """Return the step between two levels (1 initial, 2 basic, 3 specialised; 0 not known)."""
    if not sender_level or not recipient_level:
        return Step.UNKNOWN
    levels = recipient_level - sender_level
    if levels > 0:
        return Step.NEXT if levels == 1 else Step.SKIPS
    return Step.DOWN if levels else Step.SAME


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
