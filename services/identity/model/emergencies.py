"""Reads to be reviewed (hậu kiểm): by an emergency (truy cập khẩn cấp), or by a facility's own word."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from uuid import UUID


class ReviewState(IntEnum):
    """Where the review is; as `EmergencyAccess.State` of the contract."""

    OPEN = 1
    JUSTIFIED = 2
    UNJUSTIFIED = 3


@dataclass(frozen=True, slots=True)
class EmergencyAccess:
    """One emergency of one practitioner with one person; *use_count* decisions rest on it.

    Or all reads of restricted data that rest on one *consent*, which the facility recorded itself.
    """

    id: UUID
    state: ReviewState
    person_id: UUID
    facility: str
    practitioner: str
    purpose: int
    reason: str
    caller: str
    access_time: datetime
    expire_time: datetime
    use_count: int
    trace_id: str
    reviewer: str = ""
    review_time: datetime | None = None
    review_note: str = ""
    version: int = 1
    consent: UUID | None = None
