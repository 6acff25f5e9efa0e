"""
Record requests (yêu cầu cung cấp hồ sơ): one facility asks another, which answers or declines.

    requested ──fulfil──▶ fulfilled        requested ──decline──▶ declined
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from .messages import Message
from .state_machine import moved

RECORD_REQUESTS: Final = "//routing.lientuyen/recordRequests/"


class State(StrEnum):
    """Where a record request is in its life."""

    REQUESTED = "requested"
    FULFILLED = "fulfilled"
    DECLINED = "declined"


MOVES: Final = {
    (State.REQUESTED, "fulfil"): State.FULFILLED,
    (State.REQUESTED, "decline"): State.DECLINED,
}


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """A record request.  *access* is the ground that the requester stated, serialised."""

    id: UUID
    person: str
    requester: str
    holder: str
    scope: str
    access: bytes
    state: State
    create_time: datetime
    message_id: UUID | None = None
    note: str = ""
    finish_time: datetime | None = None

    @property
    def name(self) -> str:
        """The full resource name."""
        return f"{RECORD_REQUESTS}{self.id}"


def answers(message: Message, asked: RecordRequest) -> bool:
    """Tell whether *message* went from the holder to the requester."""
    return (message.sender, message.recipient) == (asked.holder, asked.requester)


def fulfil(asked: RecordRequest, message_id: UUID, now: datetime) -> RecordRequest:
    """Return *asked*, answered by a message."""
    state = moved(MOVES, asked.state, "fulfil")
    return replace(asked, state=state, message_id=message_id, finish_time=now)


def decline(asked: RecordRequest, note: str, now: datetime) -> RecordRequest:
    """Return *asked*, declined for the reason *note*."""
    return replace(asked, state=moved(MOVES, asked.state, "decline"), note=note, finish_time=now)
