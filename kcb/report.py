"""
What is said of a file: findings in the order of the file, one for one fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from .rule_catalogue import RULES, Rule
from .xml_signature import Signature, SignatureFault

# A hopeless file could yield a finding for each of its values; nobody reads more than this
# many refusals, nor more than this many doubts.
MAX_FINDINGS = 2000


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or doubt: the rule and the exact path, as `XML3[2].NGAY_YL`.

    *expected* is what the rule wants here, in names of fields and constants, and *found* how the value
    stands to it: a count, a length, a difference.  Neither holds a value of the file; both may be empty.
    """

    rule: str
    refuses: bool
    path: str
    vi: str
    en: str
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file, to order findings by: part (0 head, 1 tables, 2 tail), table, row and field."""

    part: int
    table: int = 0
    row: int = 0
    field: int = 0


@dataclass(slots=True)
class Findings:
    """Collects findings; a path that is refused once is neither refused nor doubted again,
    and doubted once for each rule.

    Refusals and doubts are counted apart, so that no number of doubts hides a refusal.
    """

    rules: ClassVar[Mapping[str, Rule]] = RULES

    _refusals: dict[str, tuple[Place, Finding]] = field(default_factory=dict)
    _doubts: dict[tuple[str, str], tuple[Place, Finding]] = field(default_factory=dict)

    def add(
        self,
        rule: str,
        path: str,
        place: Place,
        detail: object = "",
        *,
        expected: str = "",
        found: str = "",
        doubt: bool = False,
    ) -> None:
        """Add a finding; *doubt*: what the rule wants is missed by so little that it refuses nothing."""
        known = self.rules[rule]
        refuses = known.refuses and not doubt
        noted = self._refusals if refuses else self._doubts
        if path in self._refusals or len(noted) >= MAX_FINDINGS:
            return
        vi, en = known.vi.replace("{detail}", str(detail)), known.en.replace("{detail}", str(detail))
        entry = (place, Finding(rule, refuses, path, vi, en, expected or str(detail), found))
        if refuses:
            self._refusals[path] = entry
        else:
            self._doubts.setdefault((path, rule), entry)

    @property
    def full(self) -> bool:
        return len(self._refusals) >= MAX_FINDINGS

    def refused(self, path: str) -> bool:
        return path in self._refusals

    def in_order(self) -> tuple[Finding, ...]:
        doubts = [entry for entry in self._doubts.values() if entry[1].path not in self._refusals]
        entries = sorted([*self._refusals.values(), *doubts], key=lambda entry: entry[0])
        return tuple(finding for _, finding in entries)


@dataclass(slots=True)
class Row:
    """One row of a table: its values by field name, stripped; fields that are absent are not in it."""

    number: int
    values: Mapping[str, str]
    faulty: set[str] = field(default_factory=set)

    def get(self, name: str) -> str:
        return "" if name in self.faulty else self.values.get(name, "")


@dataclass(slots=True)
class Sheet:
    """One table as it came: its code, its place in the file (from 0), its rows.

    *xml* is that of a table of one row; a slip is sent on as it was written, and *signatures* are those
    in it.
    """

    code: str
    index: int
    rows: list[Row]
    xml: bytes
    older: bool = False
    signatures: tuple[Signature | SignatureFault, ...] = ()


@dataclass(slots=True)
class Report:
    """What a file is and what is wrong with it.  *kind* is `dossier`, `check-in` or empty."""

    kind: str
    facility: str
    sheets: Mapping[str, Sheet]
    findings: tuple[Finding, ...]
    signed: bool = False

    @property
    def accepted(self) -> bool:
        return not any(finding.refuses for finding in self.findings)

    @property
    def refusals(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.refuses)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.refuses)

    def first_row(self, code: str) -> Row | None:
        sheet = self.sheets.get(code)
        return sheet.rows[0] if sheet and sheet.rows else None

    def rows(self, code: str) -> list[Row]:
        sheet = self.sheets.get(code)
        return sheet.rows if sheet else []
