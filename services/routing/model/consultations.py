"""
Consultations from afar (hội chẩn từ xa): one facility asks another for a signed opinion.

    asked ──take──▶ taken ──answer──▶ answered
      │               │
      ├───decline─────┼──▶ declined
      ├───withdraw────┼──▶ withdrawn
      └───expire──────┴──▶ expired
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from .state_machine import InvalidTransition, transition

CONSULTATIONS: Final = "//routing.lientuyen/consultations/"

# How long ahead an answer may be asked for, and how long when nobody says.
SHORTEST_TERM: Final = timedelta(minutes=10)
LONGEST_TERM: Final = timedelta(days=30)
DEFAULT_TERM: Final = timedelta(days=3)


class State(StrEnum):
    ASKED = "asked"
    TAKEN = "taken"
    ANSWERED = "answered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


TRANSITIONS: Final = {
    (State.ASKED, "take"): State.TAKEN,
    (State.ASKED, "decline"): State.DECLINED,
    (State.ASKED, "withdraw"): State.WITHDRAWN,
    (State.ASKED, "expire"): State.EXPIRED,
    (State.TAKEN, "answer"): State.ANSWERED,
    (State.TAKEN, "decline"): State.DECLINED,
    (State.TAKEN, "withdraw"): State.WITHDRAWN,
    (State.TAKEN, "expire"): State.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Opinion:
    """The signature of an opinion: *body* is what was signed, *certificate* is DER.

    *signer* is the full name of the practitioner for whom the certificate is registered.
    """

    body: bytes
    signature: bytes
    certificate: bytes
    signer: str


@dataclass(frozen=True, slots=True)
class Consultation:
    """A consultation.  *practitioner* who asks and *taker* who took it are licence numbers."""

    id: UUID
    person: str
    requester: str
    consultant: str
    practitioner: str
    speciality: str
    urgent: bool
    answer_by_time: datetime
    message_id: UUID
    state: State
    create_time: datetime
    taker: str = ""
    take_time: datetime | None = None
    answer_time: datetime | None = None
    decline_time: datetime | None = None
    withdraw_time: datetime | None = None
    expire_time: datetime | None = None
    note: str = ""
    opinion: Opinion | None = None
    opinion_message_id: UUID | None = None

    @property
    def name(self) -> str:
        return f"{CONSULTATIONS}{self.id}"


def is_term_allowed(answer_by: datetime, now: datetime) -> bool:
    return SHORTEST_TERM <= answer_by - now <= LONGEST_TERM


def take(consultation: Consultation, taker: str, now: datetime) -> Consultation:
    state = _in_time(consultation, "take", now)
    return replace(consultation, state=state, taker=taker, take_time=now)


def answer(consultation: Consultation, opinion: Opinion, message_id: UUID, now: datetime) -> Consultation:
    """Return *consultation*, answered by *opinion*, whose document goes with the message *message_id*."""
    state = _in_time(consultation, "answer", now)
    return replace(consultation, state=state, opinion=opinion, opinion_message_id=message_id, answer_time=now)


def decline(consultation: Consultation, note: str, now: datetime) -> Consultation:
    state = transition(TRANSITIONS, consultation.state, "decline")
    return replace(consultation, state=state, note=note, decline_time=now)


def withdraw(consultation: Consultation, note: str, now: datetime) -> Consultation:
    state = transition(TRANSITIONS, consultation.state, "withdraw")
    return replace(consultation, state=state, note=note, withdraw_time=now)


def expire(consultation: Consultation, now: datetime) -> Consultation:
    """Return *consultation*, which nobody answered in time; InvalidTransition before its time."""
    state = transition(TRANSITIONS, consultation.state, "expire")
    if now <= consultation.answer_by_time:
        raise InvalidTransition(consultation.state, "expire")
    return replace(consultation, state=state, expire_time=now)


def _in_time(consultation: Consultation, action: str, now: datetime) -> State:
    """Return the state after *action*; InvalidTransition as for one that expired, after its time."""
    state = transition(TRANSITIONS, consultation.state, action)
    if now > consultation.answer_by_time:
        raise InvalidTransition(State.EXPIRED, action)
    return state
