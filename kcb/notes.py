"""
Saying what a rule found: on the dossier's day, and one finding for one cause.

A rule that is not in force on the day says nothing.  One that follows another (`after` in the catalogue)
says nothing where that one spoke of the same row or of XML1; at XML1, where it spoke anywhere.
"""

from collections import defaultdict
from typing import Final

from .located_rows import LocatedRow
from .report import Findings, Place
from .rule_catalogue import RULES, Rule

# The rules that silence others: only these are remembered.
SILENCING: Final = frozenset(name for rule in RULES.values() for name in rule.after)

MAIN: Final = "XML1"


class Notes:
    """Takes what the rules find in one file; *day* is that of the discharge, yyyyMMdd, or empty.

    *count* is how often something was said of a row.
    """

    def __init__(self, findings: Findings, day: str) -> None:
        self.findings, self.day, self.count = findings, day, 0
        self._of_row: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        self._anywhere: set[str] = set()

    def add(
        self,
        located: LocatedRow,
        rule: str,
        name: str,
        *,
        expected: str = "",
        found: str = "",
        doubt: bool = False,
    ) -> bool:
        """Say that *rule* is broken at the field *name* of a row; return whether that was said."""
        code, known = located.sheet.code, RULES[rule]
        day = located.row.get("NGAY_VAO")[:8] if code == "XML0" else self.day
        if not known.in_force(day) or self._silenced(known, code, located.row.number):
            return False
        self._remember(rule, code, located.row.number)
        self.count += 1
        self.findings.add(
            rule, located.path(name), located.place(name), expected=expected, found=found, doubt=doubt
        )
        return True

    def add_refusal(
        self, located: LocatedRow, rule: str, name: str, *, expected: str = "", found: str = ""
    ) -> bool:
        """Say it, and hold the value against nothing else: it is no operand of later rules."""
        noted = self.add(located, rule, name, expected=expected, found=found)
        if noted:
            located.row.faulty.add(name)
        return noted

    def add_table(self, rule: str, code: str, index: int, *, expected: str = "") -> None:
        """Say that *rule* is broken by a table that is missing or too many."""
        known = RULES[rule]
        if known.in_force(self.day) and not self._silenced(known, code, 0):
            self._remember(rule, code, 0)
            self.findings.add(rule, code, Place(1, index), expected=expected)

    def spoke(self, rule: str) -> bool:
        """Whether *rule*, which silences others, spoke anywhere."""
        return rule in self._anywhere

    def _remember(self, rule: str, code: str, number: int) -> None:
        if rule in SILENCING:
            self._anywhere.add(rule)
            self._of_row[code, number].add(rule)

    def _silenced(self, rule: Rule, code: str, number: int) -> bool:
        if not rule.after:
            return False
        if code == MAIN:
            return not rule.after.isdisjoint(self._anywhere)
        spoken = self._of_row.get((code, number), set()) | self._of_row.get((MAIN, 1), set())
        return not rule.after.isdisjoint(spoken)
