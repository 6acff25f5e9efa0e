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
from .state_machine import transition

RECORD_REQUESTS: Final = "//routing.lientuyen/recordRequests/"


class State(StrEnum):
    REQUESTED = "requested"
    FULFILLED = "fulfilled"
    DECLINED = "declined"


TRANSITIONS: Final = {
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
        return f"{RECORD_REQUESTS}{self.id}"


def answers(message: Message, request: RecordRequest) -> bool:
    return (message.sender, message.recipient) == (request.holder, request.requester)


def fulfil(request: RecordRequest, message_id: UUID, now: datetime) -> RecordRequest:
    state = transition(TRANSITIONS, request.state, "fulfil")
    return replace(request, state=state, message_id=message_id, finish_time=now)


def decline(request: RecordRequest, note: str, now: datetime) -> RecordRequest:
    return replace(
        request, state=transition(TRANSITIONS, request.state, "decline"), note=note, finish_time=now
    )
