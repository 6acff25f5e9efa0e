"""
What each care category (`MA_DOITUONG_KCB`) pays, from `codes.json`: shares in percent, with their days.

Source: QĐ 3276/QĐ-BYT, Annex 1, with the article of each row; NĐ 188/2025/NĐ-CP Art. 19 for what begins
on 2026-07-01.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from .tables import HERE

# The codes count for data since this day (QĐ 3276).
SINCE: Final = date(2025, 7, 1)

# `MA_LOAI_KCB`.  How 04, 06 and 10 to 16 count is told nowhere (rules of 2026-11): they are in neither.
INPATIENT: Final = frozenset({"03", "09"})
OUTPATIENT: Final = frozenset({"01", "02", "05", "07", "08"})


@dataclass(frozen=True, slots=True)
class Share:
    """A share in percent: of the benefit (scope and rate of the card), or *of_costs* in scope."""

    percent: int
    of_costs: bool
    form: str
    valid_from: date
    valid_to: date

    def counts(self, day: date, care_form: str) -> bool:
        forms = {"inpatient": INPATIENT, "outpatient": OUTPATIENT}.get(self.form)
        return self.valid_from <= day <= self.valid_to and (forms is None or care_form in forms)


@cache
def shares() -> Mapping[str, tuple[Share, ...]]:
    raw = json.loads((HERE / "codes.json").read_text(encoding="utf8"))["lists"]["MA_DOITUONG_KCB"]["pays"]
    return {code: tuple(map(_share, rows)) for code, rows in raw.items() if code != "note"}


def _share(raw: Mapping[str, Any]) -> Share:
    first = date.fromisoformat(raw["from"]) if "from" in raw else SINCE
    last = date.fromisoformat(raw["to"]) if "to" in raw else date.max
    return Share(raw["share"], raw["of"] == "costs", raw.get("form", ""), first, last)


def share_of(category: str, day: date, care_form: str) -> Share | None:
    """Return the share on *day*; None when the category has none of its own, or none is told for the form."""
    return next((share for share in shares().get(category, ()) if share.counts(day, care_form)), None)
