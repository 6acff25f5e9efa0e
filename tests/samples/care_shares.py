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

from kcb.dossier_facts import INPATIENT, OUTPATIENT
from kcb.tables import HERE

# The codes count for data since this day (QĐ 3276).
SINCE: Final = date(2025, 7, 1)


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
