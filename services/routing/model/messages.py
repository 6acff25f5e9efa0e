"""
Messages between facilities (thông điệp), and what may become of one.

    accepted ──lease──▶ leased ──acknowledge──▶ acknowledged
       ▲  ▲               │ │
       │  └─expire_lease──┘ └──reject──▶ dead ──stop──▶ stopped
       └──────────────replay─────────────┘
    accepted ──abandon (30 days uncollected)──▶ dead;  leased ──exhaust (attempts)──▶ dead
    leased ──extend_lease──▶ leased;  accepted, dead ──withdraw──▶ stopped

Every change is a function from one frozen `Message` to the next.  Who may ask
for it is not decided here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from .state_machine import InvalidTransition, transition

MESSAGES: Final = "//routing.lientuyen/messages/"

# Who sends notices: the Health Data Coordination System itself.
SYSTEM_SENDER: Final = "//routing.lientuyen/exchange"

MAX_BODY_BYTES: Final = 64 * 1024 * 1024

# NHS MESH's terms, which its users know: the sender hears after 5 days that nobody collected
# a message, and on the 30th it is abandoned.
NOTICE_AFTER: Final = timedelta(days=5)
ABANDON_AFTER: Final = timedelta(days=30)

DEFAULT_MAX_OUTSTANDING: Final = 16
DEFAULT_LEASE: Final = timedelta(seconds=60)

# However often a lease is extended: a receiver that hangs holds its sender's messages no longer.
MAX_HELD: Final = timedelta(hours=12)


class State(StrEnum):
    ACCEPTED = "accepted"
    LEASED = "leased"
    ACKNOWLEDGED = "acknowledged"
    DEAD = "dead"
    STOPPED = "stopped"


class Kind(StrEnum):
    DOCUMENT = "document"
    RESULT = "result"
    REFERRAL = "referral"
    RECORD_REQUEST = "record_request"
    RECORD_RESPONSE = "record_response"
    NOTICE = "notice"
    CONSULTATION = "consultation"


class DeadReason(StrEnum):
    REJECTED = "rejected"
    ATTEMPTS_SPENT = "attempts_spent"
    UNCOLLECTED = "uncollected"


TRANSITIONS: Final = {
    (State.ACCEPTED, "lease"): State.LEASED,
    (State.ACCEPTED, "abandon"): State.DEAD,
    (State.ACCEPTED, "withdraw"): State.STOPPED,
    (State.DEAD, "withdraw"): State.STOPPED,
    (State.LEASED, "extend_lease"): State.LEASED,
    (State.LEASED, "acknowledge"): State.ACKNOWLEDGED,
    (State.LEASED, "reject"): State.DEAD,
    (State.LEASED, "expire_lease"): State.ACCEPTED,
    (State.LEASED, "exhaust"): State.DEAD,
    (State.DEAD, "replay"): State.ACCEPTED,
    (State.DEAD, "stop"): State.STOPPED,
}


class StaleLease(InvalidTransition):
    """The token is not the one that holds the message (fencing)."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds a message, until when: *stream* is the receiver's call, *token* this one delivery.

    *begin_time* is that of the delivery; None when the release before gave it out.
    """

    token: UUID
    stream: UUID
    expire_time: datetime
    begin_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message without its body.

    *sequence* is its position in the mailbox.  *attempts* counts the leases since
    it last entered the mailbox, which was at *enqueue_time*.  *sha256* and
    *size* are of the body.  *dead_note* is the recipient's words.
    """

    id: UUID
    sender: str
    recipient: str
    kind: Kind
    media_type: str
    size: int
    sha256: bytes
    accept_time: datetime
    enqueue_time: datetime
    sequence: int = 0
    about: str = ""
    person: str = ""
    correlation: str = ""
    traceparent: str = ""
    state: State = State.ACCEPTED
    attempts: int = 0
    dead_reason: DeadReason | None = None
    dead_note: str = ""
    lease: Lease | None = None
    lease_time: datetime | None = None
    acknowledge_time: datetime | None = None
    dead_time: datetime | None = None
    replay_time: datetime | None = None
    stop_time: datetime | None = None
    restore_time: datetime | None = None
    notice_time: datetime | None = None

    @property
    def name(self) -> str:
        return f"{MESSAGES}{self.id}"

    @property
    def stream(self) -> UUID | None:
        return self.lease.stream if self.lease is not None else None


def lease(message: Message, held: Lease, now: datetime) -> Message:
    return replace(
        message,
        state=transition(TRANSITIONS, message.state, "lease"),
        lease=held,
        attempts=message.attempts + 1,
        lease_time=message.lease_time or now,
    )


def acknowledge(message: Message, token: UUID, now: datetime) -> Message:
    """Return *message*, taken by its recipient.

    A lease whose time is over still counts while nobody took the message back:
    it was done once, and would only be done again.  StaleLease for another token.
    """
    _check_token(message, token, "acknowledge")
    state = transition(TRANSITIONS, message.state, "acknowledge")
    return replace(message, state=state, lease=None, acknowledge_time=now)


def extend_lease(message: Message, token: UUID, behind: Iterable[Message], until: datetime) -> list[Message]:
    """Return *message* and those *behind* it in the same hands, held until *until*; no lease is shortened.

    A lease whose time is over still counts, as for `acknowledge`.  StaleLease for another token.
    """
    _check_token(message, token, "extend_lease")
    return [_held_until(held, until) for held in (message, *behind)]


def _held_until(message: Message, until: datetime) -> Message:
    held = message.lease
    assert held is not None
    last = until if held.begin_time is None else min(until, held.begin_time + MAX_HELD)
    state = transition(TRANSITIONS, message.state, "extend_lease")
    return replace(message, state=state, lease=replace(held, expire_time=max(held.expire_time, last)))


def reject(message: Message, token: UUID, note: str, now: datetime) -> Message:
    """Return *message*, dead because its recipient refused it.  StaleLease for another token."""
    _check_token(message, token, "reject")
    return _dead(message, "reject", DeadReason.REJECTED, note, now)


def expire_lease(message: Message, *, counted: bool, max_attempts: int, now: datetime) -> Message:
    """Return *message*, whose lease ran out: back in the mailbox, or dead when its attempts are exhausted.

    Not *counted* is a message that waited behind another in the same hands: it
    was not the one that failed, so the attempt is given back.
    """
    if not counted:
        state = transition(TRANSITIONS, message.state, "expire_lease")
        return replace(message, state=state, lease=None, attempts=max(0, message.attempts - 1))
    if message.attempts >= max_attempts:
        return _dead(message, "exhaust", DeadReason.ATTEMPTS_SPENT, "", now)
    return replace(message, state=transition(TRANSITIONS, message.state, "expire_lease"), lease=None)


def abandon(message: Message, now: datetime) -> Message:
    return _dead(message, "abandon", DeadReason.UNCOLLECTED, "", now)


def replay(message: Message, sequence: int, now: datetime) -> Message:
    """Return *message* in the mailbox again, at the end of its line (*sequence*), as if new."""
    return replace(
        message,
        state=transition(TRANSITIONS, message.state, "replay"),
        sequence=sequence,
        attempts=0,
        enqueue_time=now,
        dead_reason=None,
        dead_note="",
        replay_time=now,
        notice_time=None,
    )


def stop(message: Message, now: datetime) -> Message:
    return replace(message, state=transition(TRANSITIONS, message.state, "stop"), stop_time=now)


def withdraw(message: Message, now: datetime) -> Message:
    """Return *message*, which its recipient shall not get any more: what it carries was taken back.

    A dead one neither: replayed, it would bring what no longer holds.
    """
    return replace(message, state=transition(TRANSITIONS, message.state, "withdraw"), stop_time=now)


def expired_leases(leased: Iterable[Message], now: datetime) -> list[tuple[Message, bool]]:
    """Return which messages go back, of all that are leased in one mailbox, each with whether it counts.

    The order of a sender's messages is kept: when the lease on one runs out,
    those of the same sender that wait behind it in the same hands go back with
    it, and their tokens die.  Only the first of them counts an attempt.
    """
    groups: dict[tuple[str, UUID | None], list[tuple[Message, bool]]] = {}
    for message in sorted(leased, key=lambda message: message.sequence):
        group = groups.setdefault((message.sender, message.stream), [])
        if group or (message.lease is not None and message.lease.expire_time <= now):
            group.append((message, not group))
    return [expired for group in groups.values() for expired in group]


def _check_token(message: Message, token: UUID, action: str) -> None:
    if message.state is State.LEASED and message.lease is not None and message.lease.token == token:
        return
    if message.state in (State.LEASED, State.ACCEPTED):
        raise StaleLease(message.state, action)
    raise InvalidTransition(message.state, action)


def _dead(message: Message, action: str, reason: DeadReason, note: str, now: datetime) -> Message:
    return replace(
        message,
        state=transition(TRANSITIONS, message.state, action),
        lease=None,
        dead_reason=reason,
        dead_note=note,
        dead_time=now,
    )
