"""Whom a stack was seeded with, in short: numbers to look up, and what to try next."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..demo.sandbox import answers

NEXT = (
    'lientuyen lookup --name "Nguyen Van A" --birth 1985',
    "lientuyen inbox --as facility/79999",
    "docs/howto/sandbox.md",
)


def sandbox_screen() -> RenderableType:
    table = Table(box=None, pad_edge=False, show_header=False)
    for answer in answers():
        if answer.briefly:
            table.add_row(f"lientuyen lookup {answer.number}", answer.result_code, answer.briefly)
    title = Text.assemble(("Seeded with invented people", "bold"), " (người hư cấu):")
    return Group(title, table, *(Text(line) for line in NEXT))
