"""
For how long a result may stand in for a test: the table `reuse_periods.json`, read once.

By Luật 51/2024/QH15 Art. 3.4 insured facilities use each other's results from 2027-01-01; the circular
with the periods is not issued, so each row says where it comes from and how sure that is.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any


class Certainty(Enum):
    """How sure a row is: of a circular in force, of a draft, or chosen by this exchange."""

    LAW = "law"
    DRAFT = "draft"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class ReusePeriod:
    """One row: *services* are beginnings of codes, *indicators* whole codes, none of these for all.

    It counts from sampling or performing.  *only_positive* results are reused, where that is told;
    *laboratory* says that the quality of the laboratory counts, of which imaging has no levels.
    """

    name: str
    services: tuple[str, ...]
    indicators: tuple[str, ...]
    hours: int
    only_positive: bool
    laboratory: bool
    valid_from: date
    valid_to: date | None
    source: str
    certainty: Certainty

    @property
    def length(self) -> timedelta | None:
        """How old a result may be; None when it is never reused."""
        return timedelta(hours=self.hours) if self.hours else None

    def is_in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def closeness(self, service_code: str, indicator_code: str) -> tuple[bool, int] | None:
        """Return how closely the row fits a result, the greatest wins; None when it does not."""
        if self.indicators and indicator_code not in self.indicators:
            return None
        lengths = [len(beginning) for beginning in self.services if service_code.startswith(beginning)]
        return (bool(self.indicators), max(lengths)) if lengths else None


def period_for(
    service_code: str, indicator_code: str, day: date, periods: Sequence[ReusePeriod] = ()
) -> ReusePeriod:
    """Return the row that counts on *day*, of *periods* or of the table; the table has one for everything."""
    fitting = [
        (closeness, period)
        for period in periods or all_periods()
        if period.is_in_force(day)
        and (closeness := period.closeness(service_code, indicator_code)) is not None
    ]
    return max(fitting, key=lambda pair: pair[0])[1]


@cache
def all_periods() -> tuple[ReusePeriod, ...]:
    table = json.loads(Path(__file__).with_name("reuse_periods.json").read_text(encoding="utf-8"))
    return tuple(map(_period, table["periods"]))


def _period(row: dict[str, Any]) -> ReusePeriod:
    fields = {name: value for name, value in row.items() if name != "condition"}
    for name in ("services", "indicators"):
        fields[name] = tuple(row[name])
    for name in ("valid_from", "valid_to"):
        fields[name] = date.fromisoformat(row[name]) if row[name] else None
    fields["only_positive"] = row["condition"] == "positive"
    fields["certainty"] = Certainty(row["certainty"])
    return ReusePeriod(**fields)
