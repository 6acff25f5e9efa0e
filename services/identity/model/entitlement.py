"""
What the insurance gives, as data: every row with the days on which it holds.

A dossier is judged by the rules of its own day.  What is not known here is None
or absent, and the decision says so; nothing is guessed.

Sources: Luật BHYT as amended by Luật 51/2024/QH15 Art. 22; NĐ 188/2025/NĐ-CP;
TT 01/2025/TT-BYT; QĐ 3276/QĐ-BYT of 2025-10-17 (the categories);
CV 38/BYT-BH of 2026-01-06 on NQ 261/2025/QH15 (the raised groups).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

from .facilities import Level

# Luật 51/2024/QH15: the rights by level of care begin.
START: Final = date(2025, 1, 1)
# The day before outpatient care above the referral rules is paid in part.
NOT_YET: Final = date(2026, 6, 30)
PART: Final = NOT_YET + timedelta(days=1)

# Days that the fund pays on when a card lapses during treatment (NĐ 188/2025/NĐ-CP Art. 50.4).
GRACE: Final = timedelta(days=15)

# `MA_LOAI_KCB` of those who stay: inpatient, day patient, at a commune station, under 4 hours.
INPATIENT_FORMS: Final = frozenset({"03", "04", "06", "09"})

# Under this age a child without a card gets a temporary one (TE1).
CHILD_YEARS: Final = 6


class Arrival(IntEnum):
    """How the person came; as `Eligibility.Arrival` of the contract."""

    UNSPECIFIED = 0
    INITIAL = 1
    REFERRED = 2
    EMERGENCY = 3
    ENTITLED = 4
    SELF = 5
    DRUGS_ONLY = 6
    UNINSURED = 7


@dataclass(frozen=True, slots=True)
class Category:
    """A row of `MA_DOITUONG_KCB`: the percent of the benefit, out of and in the ward; None is not known."""

    code: str
    arrival: Arrival
    outpatient: int | None
    inpatient: int | None
    source: str
    levels: frozenset[Level] = frozenset()
    valid_from: date = START
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        """Whether this row is the rule on *day*."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


LAW: Final = "Luật 51/2024/QH15 Điều 22"
LIST: Final = "QĐ 3276/QĐ-BYT"
INITIAL, BASIC, SPECIALISED = (frozenset({one}) for one in (Level.INITIAL, Level.BASIC, Level.SPECIALISED))

CATEGORIES: Final = (
    Category("1.1", Arrival.INITIAL, 100, 100, LIST),
    Category("1.2", Arrival.ENTITLED, 100, 100, LIST, INITIAL),
    Category("1.3", Arrival.REFERRED, 100, 100, LAW),
    Category("1.4", Arrival.ENTITLED, 100, 100, LAW),
    Category("1.5", Arrival.REFERRED, 100, 100, LAW),
    Category("1.6", Arrival.ENTITLED, 100, 100, LAW),
    Category("1.7", Arrival.ENTITLED, 100, 100, LAW),
    Category("1.11", Arrival.ENTITLED, 100, 100, LAW, INITIAL),
    Category("1.12", Arrival.ENTITLED, 100, None, LAW, BASIC),
    Category("1.13", Arrival.SELF, 0, None, LIST, BASIC, valid_to=NOT_YET),
    Category("1.13", Arrival.SELF, 50, None, LIST, BASIC, valid_from=PART),
    Category("1.14", Arrival.SELF, 0, None, LIST, BASIC, valid_to=NOT_YET),
    Category("1.14", Arrival.SELF, 50, None, LIST, BASIC, valid_from=PART),
    Category("1.15", Arrival.ENTITLED, None, 100, LAW, BASIC),
    Category("1.16", Arrival.ENTITLED, 100, 100, LAW, BASIC),
    Category("1.17", Arrival.ENTITLED, 100, 100, LAW, SPECIALISED),
    Category("1.18", Arrival.SELF, 0, None, LIST, SPECIALISED, valid_to=NOT_YET),
    Category("1.18", Arrival.SELF, 50, None, LIST, SPECIALISED, valid_from=PART),
    Category("2", Arrival.EMERGENCY, 100, 100, LAW),
    Category("3.1", Arrival.SELF, 0, 40, LIST, SPECIALISED),
    Category("3.2", Arrival.SELF, None, 100, LIST, SPECIALISED),
    Category("3.3", Arrival.SELF, 100, 100, LIST, SPECIALISED),
    Category("3.6", Arrival.SELF, None, 100, LIST, SPECIALISED),
    Category("7", Arrival.DRUGS_ONLY, None, None, LIST),
    Category("7.2", Arrival.DRUGS_ONLY, None, None, LIST),
    Category("7.3", Arrival.DRUGS_ONLY, None, None, LIST),
    Category("7.4", Arrival.DRUGS_ONLY, None, None, LIST),
    Category("8", Arrival.UNINSURED, None, None, LIST),
    Category("9", Arrival.UNINSURED, 0, 0, LIST),
    Category("10", Arrival.DRUGS_ONLY, None, None, LIST),
)


def category(code: str, day: date) -> Category | None:
    """Return the rule of a care category on *day*; None when none is known for it."""
    return next((one for one in CATEGORIES if one.code == code and one.holds(day)), None)


def percent(rule: Category, inpatient: bool | None) -> int | None:
    """Return the percent of the benefit under *rule*; None when it is not known.

    *inpatient* None is "not settled yet": then a rule answers when it has one
    percent only, or the same for both.
    """
    if inpatient is not None:
        return rule.inpatient if inpatient else rule.outpatient
    known = {one for one in (rule.outpatient, rule.inpatient) if one is not None}
    return known.pop() if len(known) == 1 else None


# The rate of each benefit level, in percent (QĐ 1351/QĐ-BHXH, third character of the card).
RATES: Final = {1: 100, 2: 100, 3: 95, 4: 80, 5: 100}

# Best first: 5 pays beyond the scope, 1 knows no ceilings.
RANK: Final = {5: 5, 1: 4, 2: 3, 3: 2, 4: 1, 0: 0}


@dataclass(frozen=True, slots=True)
class Raise:
    """A group whose cards count as a better level than printed, from a day on."""

    group: str
    level: int
    valid_from: date
    source: str


RAISES: Final = (
    Raise("CN", 2, date(2026, 1, 1), "NQ 261/2025/QH15; CV 38/BYT-BH"),
    Raise("LH", 2, date(2026, 1, 1), "NQ 261/2025/QH15; CV 38/BYT-BH"),
)


def raised(group: str, level: int, day: date) -> Raise | None:
    """Return the rule that betters *level* for *group* on *day*, or None."""
    for rule in RAISES:
        if rule.group == group and rule.valid_from <= day and RANK[rule.level] > RANK[level]:
            return rule
    return None
