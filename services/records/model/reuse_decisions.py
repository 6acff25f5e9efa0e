"""What doctors did with reusable results, and what that adds up to in a month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from uuid import UUID


class Kind(IntEnum):
    """As `ReuseDecision.Kind` of the contract."""

    USED = 1
    REPEATED = 2


class RepeatReason(IntEnum):
    """Why a test was ordered again (lý do chỉ định lại); as `ReuseDecision.RepeatReason` of the contract."""

    UNSPECIFIED = 0
    CLINICAL_CHANGE = 1
    TOO_OLD = 2
    POOR_QUALITY = 3
    IDENTITY_IN_DOUBT = 4
    LABORATORY_LEVEL = 5
    OTHER = 6


@dataclass(frozen=True, slots=True)
class ReuseDecision:
    """One decision; *reusable* as the rule had it then, the *price* in whole đồng, None for none known."""

    facility: str
    day: date
    dossier: UUID
    service_code: str
    kind: Kind
    repeat_reason: RepeatReason
    repeat_text: str
    source_facility: str
    reusable: bool
    price: int | None
    decide_time: datetime

    @property
    def month(self) -> date:
        return self.day.replace(day=1)

    @property
    def avoids_repeat(self) -> bool:
        return self.kind is Kind.USED and self.reusable


@dataclass(frozen=True, slots=True)
class ReuseReport:
    """The decisions of a facility (bare code) in the month that begins on *month*; *saved* in whole đồng."""

    month: date
    facility: str
    avoided_repeats: int
    saved: int
    unpriced: int
    repeats: Mapping[RepeatReason, int]
