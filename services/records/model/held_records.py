"""What is held of one encounter, as far as somebody is told who asks for a person's records."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """*facility* is its bare code; *result_count* of how many results of tests and studies is told there."""

    dossier: UUID
    facility: str
    form_of_care: str
    arrival_time: datetime
    discharge_time: datetime | None
    result_count: int
