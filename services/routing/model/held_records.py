"""What records holds of a person, as far as the requester may see it, and whom it knows to have seen them."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HeldEncounter:
    """One encounter that records holds; its names are full resource names."""

    dossier: str
    facility: str
    form_of_care: str
    arrive_time: datetime
    discharge_time: datetime | None
    result_count: int


@dataclass(frozen=True, slots=True)
class HeldByRecords:
    """What records holds, the latest first.  *facilities* are who has seen the person, by full name."""

    encounters: list[HeldEncounter] = field(default_factory=list)
    is_cut: bool = False
    facilities: list[str] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)


NOTHING_HELD = HeldByRecords()
