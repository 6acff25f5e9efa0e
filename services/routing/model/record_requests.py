"""
Record requests (yêu cầu cung cấp hồ sơ): one facility asks others, each of which answers or declines.

The request, by what became of everybody who was asked:

    requested ──everybody answered──▶ fulfilled | declined
    requested ──deadline──▶ partial | expired
    requested ──cancel──▶ cancelled
    requested, fulfilled, partial ──stop (the ground is gone)──▶ stopped

One holder:  asked ──answer──▶ asked;  asked ──fulfil | decline | expire | cancel | stop──▶ its end;
             unreachable, which was never asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from .messages import Kind, Message
from .state_machine import transition

RECORD_REQUESTS: Final = "//routing.lientuyen/recordRequests/"

DEFAULT_ANSWER_WITHIN: Final = timedelta(days=3)

# Facilities that one request asks, and messages that one of them answers it with.
MAX_HOLDERS: Final = 50
MAX_ANSWERS: Final = 100


class State(StrEnum):
    REQUESTED = "requested"
    FULFILLED = "fulfilled"
    DECLINED = "declined"
    PARTIAL = "partial"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


class HolderState(StrEnum):
    ASKED = "asked"
    FULFILLED = "fulfilled"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


HOLDER_TRANSITIONS: Final = {
    (HolderState.ASKED, "answer"): HolderState.ASKED,
    (HolderState.ASKED, "fulfil"): HolderState.FULFILLED,
    (HolderState.ASKED, "decline"): HolderState.DECLINED,
    (HolderState.ASKED, "expire"): HolderState.EXPIRED,
    (HolderState.ASKED, "cancel"): HolderState.CANCELLED,
    (HolderState.ASKED, "stop"): HolderState.STOPPED,
}

TRANSITIONS: Final = {
    (State.REQUESTED, "cancel"): State.CANCELLED,
    (State.REQUESTED, "stop"): State.STOPPED,
    (State.FULFILLED, "stop"): State.STOPPED,
    (State.PARTIAL, "stop"): State.STOPPED,
}

# In these nothing of the request is told or delivered any more.
CLOSED: Final = frozenset({State.CANCELLED, State.STOPPED})


@dataclass(frozen=True, slots=True)
class Holder:
    """A facility that was asked, by the message *ask*; *answers* are the messages that it sent."""

    facility: str
    state: HolderState = HolderState.ASKED
    ask: UUID | None = None
    answers: tuple[UUID, ...] = ()
    note: str = ""
    answer_time: datetime | None = None

    @property
    def sent_records(self) -> bool:
        return self.state is HolderState.FULFILLED or bool(self.answers)


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """A record request.  *access* is the ground that the requester stated, serialised."""

    id: UUID
    person: str
    requester: str
    scope: str
    access: bytes
    state: State
    create_time: datetime
    deadline: datetime | None = None
    since: date | None = None
    until: date | None = None
    holders: tuple[Holder, ...] = ()
    note: str = ""
    finish_time: datetime | None = None

    @property
    def name(self) -> str:
        return f"{RECORD_REQUESTS}{self.id}"

    @property
    def is_open(self) -> bool:
        return self.state is State.REQUESTED

    def holder(self, facility: str) -> Holder | None:
        return next((holder for holder in self.holders if holder.facility == facility), None)

    @property
    def messages(self) -> tuple[UUID, ...]:
        """The messages that went out for it, to holders and back."""
        asks = (holder.ask for holder in self.holders if holder.ask is not None)
        return (*asks, *(answer for holder in self.holders for answer in holder.answers))


def is_about_request(message: Message) -> bool:
    """Tell whether *message* asks for records or answers, so that it goes out only on a ground that holds."""
    kinds = (Kind.RECORD_REQUEST, Kind.RECORD_RESPONSE)
    return message.kind in kinds and message.about.startswith(RECORD_REQUESTS)


def answers(message: Message, request: RecordRequest, holder: Holder) -> bool:
    return (message.sender, message.recipient) == (holder.facility, request.requester)


def ask(request: RecordRequest, holders: Iterable[Holder], now: datetime) -> RecordRequest:
    """Return *request*, which is new, with whoever is asked; it is at its end when that is nobody."""
    return _settled(replace(request, holders=tuple(holders)), now)


def answer(request: RecordRequest, holder: Holder, message_id: UUID) -> RecordRequest:
    """Return *request* with one more message of *holder*, which may send others."""
    state = transition(HOLDER_TRANSITIONS, holder.state, "answer")
    return _with(request, replace(holder, state=state, answers=_added(holder.answers, message_id)))


def fulfil(request: RecordRequest, holder: Holder, message_id: UUID, now: datetime) -> RecordRequest:
    """Return *request*, of which *holder* has sent all that it sends, *message_id* being part of it."""
    state = transition(HOLDER_TRANSITIONS, holder.state, "fulfil")
    added = _added(holder.answers, message_id)
    return _settled(_with(request, replace(holder, state=state, answers=added, answer_time=now)), now)


def decline(request: RecordRequest, holder: Holder, note: str, now: datetime) -> RecordRequest:
    state = transition(HOLDER_TRANSITIONS, holder.state, "decline")
    return _settled(_with(request, replace(holder, state=state, note=note, answer_time=now)), now)


def expire(request: RecordRequest, now: datetime) -> RecordRequest:
    """Return *request* at its deadline: partial if somebody sent records, else expired."""
    return _settled(_all_asked(request, "expire"), now)


def cancel(request: RecordRequest, note: str, now: datetime) -> RecordRequest:
    return _ended(request, "cancel", now, note)


def stop(request: RecordRequest, now: datetime) -> RecordRequest:
    """Return *request*, whose ground is gone: nothing more is told or delivered for it."""
    return _ended(request, "stop", now, request.note)


def outcome(holders: Iterable[Holder]) -> State:
    """Return how a request ends of which nobody is asked any more."""
    holders = tuple(holders)
    states = {holder.state for holder in holders}
    if states <= {HolderState.FULFILLED, HolderState.DECLINED}:
        return State.DECLINED if states == {HolderState.DECLINED} else State.FULFILLED
    return State.PARTIAL if any(holder.sent_records for holder in holders) else State.EXPIRED


def _settled(request: RecordRequest, now: datetime) -> RecordRequest:
    if any(holder.state is HolderState.ASKED for holder in request.holders):
        return request
    return replace(request, state=outcome(request.holders), finish_time=now)


def _ended(request: RecordRequest, action: str, now: datetime, note: str) -> RecordRequest:
    state = transition(TRANSITIONS, request.state, action)
    return replace(_all_asked(request, action), state=state, note=note, finish_time=now)


def _all_asked(request: RecordRequest, action: str) -> RecordRequest:
    """Return *request* with *action* done to every holder that has not answered to the end."""
    holders = (
        replace(holder, state=transition(HOLDER_TRANSITIONS, holder.state, action))
        if holder.state is HolderState.ASKED
        else holder
        for holder in request.holders
    )
    return replace(request, holders=tuple(holders))


def _with(request: RecordRequest, changed: Holder) -> RecordRequest:
    holders = (changed if holder.facility == changed.facility else holder for holder in request.holders)
    return replace(request, holders=tuple(holders))


def _added(answered: tuple[UUID, ...], message_id: UUID) -> tuple[UUID, ...]:
    return answered if message_id in answered else (*answered, message_id)
