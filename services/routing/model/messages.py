"""
Messages between facilities (thông điệp), and what may become of one.

    accepted ──lease──▶ leased ──acknowledge──▶ acknowledged
       ▲  ▲               │ │
       │  └─────lapse─────┘ └──reject──▶ dead ──stop──▶ stopped
       └──────────────replay─────────────┘
    accepted ──give up (30 days uncollected)──▶ dead;  leased ──spend (attempts)──▶ dead

Every change is a function from one frozen `Message` to the next.  Who may ask
for it is not decided here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from .state_machine import IllegalMove, moved

MESSAGES: Final = "//routing.lientuyen/messages/"

# The sender of a notice: the exchange itself.
EXCHANGE: Final = "//routing.lientuyen/exchange"

MAX_BODY: Final = 64 * 1024 * 1024

# A body up to this many bytes rests in the message's row and travels with the delivery.
# Longer ones rest and travel in pieces of this size, so that neither side holds one whole.
PIECE: Final = 256 * 1024

# NHS MESH's terms, which its users know: the sender hears after 5 days that nobody collected
# a message, and on the 30th it is given up.
NOTICE_AFTER: Final = timedelta(days=5)
UNCOLLECTED_AFTER: Final = timedelta(days=30)

DEFAULT_OUTSTANDING: Final = 16
DEFAULT_LEASE: Final = timedelta(seconds=60)


class State(StrEnum):
    """Where a message is in its life."""

    ACCEPTED = "accepted"
    LEASED = "leased"
    ACKNOWLEDGED = "acknowledged"
    DEAD = "dead"
    STOPPED = "stopped"


class Kind(StrEnum):
    """What a message is."""

    DOCUMENT = "document"
    RESULT = "result"
    REFERRAL = "referral"
    RECORD_REQUEST = "record_request"
    RECORD_RESPONSE = "record_response"
    NOTICE = "notice"


class DeadReason(StrEnum):
    """Why a message is dead."""

    REJECTED = "rejected"
    ATTEMPTS_SPENT = "attempts_spent"
    UNCOLLECTED = "uncollected"


MOVES: Final = {
    (State.ACCEPTED, "lease"): State.LEASED,
    (State.ACCEPTED, "give up"): State.DEAD,
    (State.LEASED, "acknowledge"): State.ACKNOWLEDGED,
    (State.LEASED, "reject"): State.DEAD,
    (State.LEASED, "lapse"): State.ACCEPTED,
    (State.LEASED, "spend"): State.DEAD,
    (State.DEAD, "replay"): State.ACCEPTED,
    (State.DEAD, "stop"): State.STOPPED,
}


class StaleLease(IllegalMove):
    """The token is not the one that holds the message (fencing)."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds a message, until when: *stream* is the receiver's call, *token* this one delivery."""

    token: UUID
    stream: UUID
    expire_time: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A message without its body.

    *sequence* is its place in the mailbox.  *attempts* counts the leases since
    it last entered the mailbox, which was at *enqueue_time*.  *sha256* and
    *size* are of the body.  *dead_note* is the recipient's words.
    """

    id: UUID
    sequence: int
    sender: str
    recipient: str
    kind: Kind
    media_type: str
    size: int
    sha256: bytes
    about: str
    person: str
    correlation: str
    traceparent: str
    state: State
    accept_time: datetime
    enqueue_time: datetime
    attempts: int = 0
    dead_reason: DeadReason | None = None
    dead_note: str = ""
    lease: Lease | None = None
    lease_time: datetime | None = None
    acknowledge_time: datetime | None = None
    dead_time: datetime | None = None
    replay_time: datetime | None = None
    stop_time: datetime | None = None
    notice_time: datetime | None = None

    @property
    def name(self) -> str:
        """The full resource name."""
        return f"{MESSAGES}{self.id}"


def lease(message: Message, given: Lease, now: datetime) -> Message:
    """Return *message* in a receiver's hands."""
    return replace(
        message,
        state=moved(MOVES, message.state, "lease"),
        lease=given,
        attempts=message.attempts + 1,
        lease_time=message.lease_time or now,
    )


def acknowledge(message: Message, token: UUID, now: datetime) -> Message:
    """Return *message*, taken by its recipient.

    A lease whose time is over still counts while nobody took the message back:
    it was done once, and would only be done again.  StaleLease for another token.
    """
    _fence(message, token, "acknowledge")
    return replace(
        message, state=moved(MOVES, message.state, "acknowledge"), lease=None, acknowledge_time=now
    )


def reject(message: Message, token: UUID, note: str, now: datetime) -> Message:
    """Return *message*, dead because its recipient refused it.  StaleLease for another token."""
    _fence(message, token, "reject")
    return _dead(message, "reject", DeadReason.REJECTED, note, now)


def lapse(message: Message, *, counted: bool, max_attempts: int, now: datetime) -> Message:
    """Return *message*, whose lease ran out: back in the mailbox, or dead when its attempts are spent.

    Not *counted* is a message that waited behind another in the same hands: it
    was not the one that failed, so the attempt is given back.
    """
    if not counted:
        state = moved(MOVES, message.state, "lapse")
        return replace(message, state=state, lease=None, attempts=max(0, message.attempts - 1))
    if message.attempts >= max_attempts:
        return _dead(message, "spend", DeadReason.ATTEMPTS_SPENT, "", now)
    return replace(message, state=moved(MOVES, message.state, "lapse"), lease=None)


def give_up(message: Message, now: datetime) -> Message:
    """Return *message*, dead because nobody collected it for `UNCOLLECTED_AFTER`."""
    return _dead(message, "give up", DeadReason.UNCOLLECTED, "", now)


def replay(message: Message, sequence: int, now: datetime) -> Message:
    """Return *message* in the mailbox again, at the end of its line (*sequence*), as if new."""
    return replace(
        message,
        state=moved(MOVES, message.state, "replay"),
        sequence=sequence,
        attempts=0,
        enqueue_time=now,
        dead_reason=None,
        dead_note="",
        replay_time=now,
        notice_time=None,
    )


def stop(message: Message, now: datetime) -> Message:
    """Return *message*, given up for good."""
    return replace(message, state=moved(MOVES, message.state, "stop"), stop_time=now)


def lapsed(held: list[Message], now: datetime) -> list[tuple[Message, bool]]:
    """Return which of *held* go back, of all that are leased in one mailbox, each with whether it counts.

    The order of a sender's messages is kept: when the lease on one runs out,
    those of the same sender that wait behind it in the same hands go back with
    it, and their tokens die.  Only the first of them counts an attempt.
    """
    groups: dict[tuple[str, UUID], list[Message]] = {}
    for message in sorted(held, key=lambda one: one.sequence):
        if message.lease is not None:
            groups.setdefault((message.sender, message.lease.stream), []).append(message)
    going: list[tuple[Message, bool]] = []
    for group in groups.values():
        over = [bool(one.lease and one.lease.expire_time <= now) for one in group]
        if any(over):
            first = over.index(True)
            going += [(one, place == 0) for place, one in enumerate(group[first:])]
    return going


def _fence(message: Message, token: UUID, action: str) -> None:
    if message.state is State.LEASED and message.lease is not None and message.lease.token == token:
        return
    if message.state in (State.LEASED, State.ACCEPTED):
        raise StaleLease(message.state, action)
    raise IllegalMove(message.state, action)


def _dead(message: Message, action: str, reason: DeadReason, note: str, now: datetime) -> Message:
    return replace(
        message,
        state=moved(MOVES, message.state, action),
        lease=None,
        dead_reason=reason,
        dead_note=note,
        dead_time=now,
    )
