"""
What must agree beyond one value: each rule between fields, rows and tables, in one pass over the rows.

Runs after every row was read, so that it can tell which of several places is wrong: a key that one row has
alone is that row's fault, not that of all the others.  What is refused first is held against nothing later,
so the order is that of causes: keys, births, the stay, the category, cards, lines, their sums, tables.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache

from .bed_rules import Beds
from .card_rules import Grace, check_cards, check_personal_id
from .category_rules import (
    check_category,
    check_drugs_only,
    check_no_card,
    check_paid,
    check_retired,
)
from .dossier_facts import Dossier
from .drug_rules import check_drug
from .illness_rules import LineDiagnoses, check_diagnoses, check_hiv, check_tuberculosis
from .line_amounts import Line, check_line, written
from .line_times import check_line_times
from .located_rows import LocatedRow
from .notes import Notes
from .paper_rules import CHECKS as PAPER_CHECKS
from .paper_rules import check_mother
from .rate_rules import Rates
from .registers import NOTHING, Registers
from .registry_rules import RegistryChecks
from .repeat_rules import REPEATED, check_repeats
from .report import Findings, Place
from .required_when import CHECKED_ELSEWHERE, DECIDED, ONLY_EXPECTED, OWN_RULES, Case, Decide, Sheets
from .result_rules import ProgressNotes, Results
from .sent_tables import check_sent
from .service_rules import Services
from .stay_rules import check_births, check_births_ahead, check_check_in, check_person, check_stay
from .tables import Field, Table
from .total_amounts import Sums, check_totals

LINES = ("XML2", "XML3")


def check_across_tables(
    rows: Sequence[LocatedRow],
    sheets: Sheets,
    facility: str,
    latest: str,
    findings: Findings,
    spoilt: Collection[str] = (),
    registers: Registers = NOTHING,
) -> None:
    """Check a whole file whose rows have been read; *facility* is that of the envelope, or empty.

    *latest* is the last minute that may have happened; *spoilt* are the tables that could not be read.
    """
    main = next((located for located in rows if located.sheet.code == "XML1"), None)
    notes = Notes(findings, discharge_day(main))
    whole = lines_are_whole(findings)
    check_keys_agree(rows, "MA_LK", "", "one-key", findings)
    check_keys_agree(rows, "MA_CSKCB", facility, "one-facility", findings)
    check_row_numbers(rows, notes)
    check_births(list(rows), notes)
    check_first_rows(rows, notes)
    if main:
        dossier = Dossier(sheets, main, rows, facility, frozenset(spoilt) - set(sheets), whole)
        check_dossier(dossier, sheets, notes)
        if registers is not NOTHING:
            RegistryChecks(dossier, registers, notes).check()
    else:
        check_conditions(rows, sheets, notes)
    check_births_ahead(list(rows), latest, notes)


def discharge_day(main: LocatedRow | None) -> str:
    """Return the day by which rules are in force, or that of arrival where the other is not known."""
    return (main.row.get("NGAY_RA") or main.row.get("NGAY_VAO"))[:8] if main else ""


def check_first_rows(rows: Sequence[LocatedRow], notes: Notes) -> None:
    """Check what XML1 and check-ins have in common."""
    for located in rows:
        code = located.sheet.code
        if code == "XML0":
            check_check_in(located, notes)
        if code in ("XML0", "XML1"):
            check_retired(located, notes)
            check_personal_id(located, notes)
        if code == "XML0":
            check_cards(located, notes)


def check_dossier(dossier: Dossier, sheets: Sheets, notes: Notes) -> None:
    check_stay(dossier, notes)
    check_no_card(dossier, notes)
    check_conditions(dossier.rows, sheets, notes)
    check_cards(dossier.main, notes)
    check_category(dossier, notes)
    check_person(dossier, notes)
    check_diagnoses(dossier, notes)
    check_mother(dossier, notes)
    services = check_lines(dossier, notes)
    check_other_rows(dossier, services, notes)
    check_sent(dossier, dossier.whole and services.results.wanted, notes)


class LineChecks:
    """The checks of lines (XML2, XML3), which each line passes once."""

    def __init__(self, dossier: Dossier, notes: Notes) -> None:
        self._dossier, self._notes = dossier, notes
        self._rates, self._sums, self._grace = Rates(dossier), Sums(), Grace(dossier)
        self._beds, self._diagnoses = Beds(dossier, notes), LineDiagnoses(dossier, notes)
        self._right: dict[tuple[str, ...] | None, Line] = {}
        self._times: dict[tuple[str, ...] | None, int] = {}
        self.services, self.results = Services(dossier, notes), Results(dossier, notes)

    def add(self, located: LocatedRow, arrival: str, left: str) -> None:
        notes = self._notes
        line = self._judge(located)
        check_line_times(located, arrival, left, notes)
        self._rates.check(line, located, notes)
        self._grace.add(located)
        if line.code == "XML2":
            check_drug(located, self._dossier, notes)
            return
        self.services.add(located)
        self._beds.add(located)
        self._diagnoses.check(located)
        self.results.add_service(located)

    def _judge(self, located: LocatedRow) -> Line:
        """Return the line, or one that is written alike and right: of a long stay most are."""
        key, before = written(located), self._notes.count
        if key in self._times:
            self._times[key] += 1
            return self._right[key]
        line = check_line(located, self._notes)
        if key is None or self._notes.count > before:
            self._sums.add(line)
        else:
            self._right[key], self._times[key] = line, 1
        return line

    def finish(self) -> None:
        dossier, notes = self._dossier, self._notes
        for key, times in self._times.items():
            self._sums.add(self._right[key], times)
        self.services.finish()
        self._grace.finish(notes)
        if dossier.whole:
            self._beds.finish()
            check_totals(dossier, self._sums, notes)
        check_paid(dossier, notes)
        check_drugs_only(dossier, self.services.examined, notes)
        if dossier.form == "05" and self.services.has_treatment:
            notes.add(dossier.main, "form-long-term-service", "MA_LOAI_KCB", expected="08")


def check_lines(dossier: Dossier, notes: Notes) -> LineChecks:
    checks = LineChecks(dossier, notes)
    arrival, left = dossier.arrival, dossier.left
    for located in dossier.rows:
        if located.sheet.code in LINES:
            checks.add(located, arrival, left)
    checks.finish()
    return checks


def check_other_rows(dossier: Dossier, lines: LineChecks, notes: Notes) -> None:
    progress = ProgressNotes(dossier, notes)
    for located in dossier.rows:
        code = located.sheet.code
        if code == "XML4" and dossier.whole:
            lines.results.check(located)
        elif code == "XML5":
            progress.check(located)
        elif code in REPEATED:
            check_repeats(located, dossier, notes)
        if code in ("XML6", "XML15"):
            check_tuberculosis(located, notes)
        if code == "XML6":
            check_hiv(located, dossier, notes)
        if check := PAPER_CHECKS.get(code):
            check(located, dossier, notes)


@cache
def conditional_fields(table: Table) -> tuple[tuple[Field, Decide], ...]:
    return tuple(
        (field, DECIDED[field.when])
        for field in table.fields
        if field.when in DECIDED and (table.code, field.name) not in CHECKED_ELSEWHERE
    )


def check_conditions(rows: Sequence[LocatedRow], sheets: Sheets, notes: Notes) -> None:
    for located in rows:
        row, values = located.row, located.row.values
        for field, decide in conditional_fields(located.table):
            if values.get(field.name) or field.name in row.faulty:
                continue
            if decide(Case(row, field.name, sheets)):
                note_absent(located, field, notes)


def note_absent(located: LocatedRow, field: Field, notes: Notes) -> None:
    expected = field.if_missing == "warn" or field.when in ONLY_EXPECTED
    if field.name not in located.row.values and expected:
        return  # an element that is absent was doubted as such
    rule = OWN_RULES.get((located.sheet.code, field.name))
    if rule:
        notes.add(located, rule, field.name, expected=field.when)
    else:
        located.note(notes.findings, "expected-when" if expected else "required-when", field.name, field.when)


def check_keys_agree(
    rows: Sequence[LocatedRow], name: str, declared: str, rule: str, findings: Findings
) -> None:
    """Refuse the places where a key is not what most say; between equals the envelope and XML1 are right."""
    if name == "MA_LK" and rows and rows[0].sheet.code == "XML0":
        return  # one check-in file may hold several encounters
    keys = [(located.row.get(name), located) for located in rows if located.row.get(name)]
    if not keys:
        return
    main = next((key for key, located in keys if located.sheet.code in ("XML0", "XML1")), "")
    votes = Counter(key for key, _ in keys)
    votes.update([declared] if declared else [])
    most = max(votes.values())
    right = next((key for key in (declared, main) if key and votes[key] == most), votes.most_common(1)[0][0])
    if declared and declared != right:
        findings.add(rule, "GIAMDINHHS.THONGTINDONVI.MACSKCB", Place(0, 0, 0, 1))
    for key, located in keys:
        if key != right:
            located.note(findings, rule, name)
            located.row.faulty.add(name)


def check_row_numbers(rows: Sequence[LocatedRow], notes: Notes) -> None:
    seen: set[tuple[str, str]] = set()
    for located in rows:
        key = (located.sheet.code, located.row.get("STT"))
        if key[1] and key in seen:
            notes.add(located, "row-number-twice", "STT")
        seen.add(key)


def lines_are_whole(findings: Findings) -> bool:
    """Whether no table or row was lost on the way: of a sum with a part missing nothing can be said."""
    return not any(
        finding.refuses and (finding.path.startswith("GIAMDINHHS") or "." not in finding.path)
        for finding in findings.in_order()
    )
