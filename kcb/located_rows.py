"""
Rows with their table and their place in the file, so that a rule can say where something is wrong.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .report import Findings, Place, Row, Sheet
from .tables import Table, older_tables, tables


class LocatedRow(NamedTuple):
    table: Table
    sheet: Sheet
    row: Row

    def path(self, name: str) -> str:
        return f"{self.table.row_path(self.row.number)}.{name}"

    def place(self, name: str) -> Place:
        number = next((field.number for field in self.table.fields if field.name == name), 0)
        return Place(1, self.sheet.index, self.row.number, number)

    def note(self, findings: Findings, rule: str, name: str, detail: object = "") -> None:
        findings.add(rule, self.path(name), self.place(name), detail)


def every_row(sheets: Mapping[str, Sheet]) -> Iterator[LocatedRow]:
    for code, sheet in sheets.items():
        table = older_tables()[code] if sheet.older else tables()[code]
        for row in sheet.rows:
            yield LocatedRow(table, sheet, row)
