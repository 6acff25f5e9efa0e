"""
Every rule there is, by its name: what it wants, of what, since when, how sure it is, whether it refuses.

The rules are the data of `rule_catalogue.json`, first those of files, tables and single fields, then those
between fields, tables and registers.  A rule's `ring` says what it takes to check it: one `field`, one `row`,
one `table`, the whole `file`, or a `registry` (a list, a register, another dossier), without which it is
silent.

`{detail}` is filled from the catalogue (a limit, a list's name) or is a resource name, never from the file:
no sentence can hold a patient's data.  Names are part of the contract: clients act on them, so a name is
never given another meaning; `formerly` are the names under which the same fault was told before.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

RINGS: Final = ("field", "row", "table", "file", "registry")
SEVERITIES: Final = ("refuse", "warn")

# How sure a rule is: read in a decision · two independent secondary sources · one · plain logic of the tables
# · general knowledge.
SURENESS: Final = ("A", "S2", "S", "L", "GK")

# Before every day and after every day, as the tables write days.
FIRST_DAY, LAST_DAY = "", "99999999"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    *refuses*: a file that breaks it is not accepted.  *valid_from* and *valid_to* are days, yyyyMMdd, both
    included, of the discharge (NGAY_RA), of a check-in the arrival.  *after*: the rule is silent where one
    of these spoke of the same row, or of XML1; at XML1, where one spoke anywhere.
    """

    name: str
    ring: str
    refuses: bool
    sure: str
    tables: tuple[str, ...]
    path: str
    vi: str
    en: str
    source: str
    valid_from: str = FIRST_DAY
    valid_to: str = LAST_DAY
    after: frozenset[str] = frozenset()
    formerly: tuple[str, ...] = ()
    note: str = ""

    @property
    def severity(self) -> str:
        return "refuse" if self.refuses else "warn"

    @property
    def dated(self) -> bool:
        return self.valid_from != FIRST_DAY or self.valid_to != LAST_DAY

    def in_force(self, day: str) -> bool:
        """Whether the rule counts on *day*, yyyyMMdd; on a day that nobody knows only what always counts."""
        return not self.dated or (bool(day) and self.valid_from <= day <= self.valid_to)


def _rule(raw: Mapping[str, Any]) -> Rule:
    return Rule(
        name=raw["id"],
        ring=raw["ring"],
        refuses=raw["severity"] == "refuse",
        sure=raw["sure"],
        tables=tuple(raw["tables"]),
        path=raw["path"],
        vi=raw["vi"],
        en=raw["en"],
        source=raw["source"],
        valid_from=raw.get("valid_from", FIRST_DAY).replace("-", ""),
        valid_to=raw.get("valid_to", LAST_DAY).replace("-", ""),
        after=frozenset(raw.get("after", ())),
        formerly=tuple(raw.get("formerly", ())),
        note=raw.get("note", ""),
    )


def load_rules() -> Mapping[str, Rule]:
    entries = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf8"))
    return MappingProxyType({raw["id"]: _rule(raw) for raw in entries})


RULES: Final = load_rules()
