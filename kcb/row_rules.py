"""
The checks of one row by itself: what is always required, and each value against its field.
"""

from collections.abc import Callable
from functools import cache

from .field_formats import broken_rules, quick_test
from .report import Findings, Place, Row
from .tables import Field, Table

FieldTests = tuple[tuple[Field, str, bool, Callable[[str], bool]], ...]


@cache
def field_tests(table: Table) -> FieldTests:
    return tuple((field, field.name, field.required == "always", quick_test(field)) for field in table.fields)


def check_row(table: Table, tests: FieldTests, row: Row, index: int, findings: Findings) -> None:
    get = row.values.get
    for field, name, always, right in tests:
        value = get(name)
        if value:
            if not right(value):
                note_faults(table, row, index, field, value, findings)
        elif always and value is not None:
            note_empty(table, row, index, field, findings)


def note_empty(table: Table, row: Row, index: int, field: Field, findings: Findings) -> None:
    if field.name in row.faulty:
        return
    row.faulty.add(field.name)
    place = Place(1, index, row.number, field.number)
    findings.add("required", f"{table.row_path(row.number)}.{field.name}", place)


def count_of(rule: str, value: str) -> str:
    """Return what can be told of a wrong value without telling it: its length, its decimals, its codes."""
    if rule in ("max-length", "length-doubt", "date-format"):
        return str(len(value))
    if rule in ("decimals", "decimals-doubt"):
        return str(len(value.partition(".")[2]))
    if rule in ("icd-main-one", "icd-secondary-12"):
        return str(sum(bool(code.strip()) for code in value.split(";")))
    return ""


def note_faults(table: Table, row: Row, index: int, field: Field, value: str, findings: Findings) -> None:
    if field.name in row.faulty:
        return
    path, place = f"{table.row_path(row.number)}.{field.name}", Place(1, index, row.number, field.number)
    for rule, detail in broken_rules(field, value):
        findings.add(rule, path, place, detail, found=count_of(rule, value))
    if findings.refused(path):
        row.faulty.add(field.name)
