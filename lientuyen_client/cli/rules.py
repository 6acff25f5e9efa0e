"""
`lientuyen rules`: what a file is held against, rule by rule, with the source of each and since when.

The catalogue travels with the package (`kcb`), as the checks do.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from kcb.rule_catalogue import RULES, Rule
from kcb.vietnamese_text import folded

from .common import AsJson, out, print_json
from .failures import DONE, CommandFailed


class Ring(StrEnum):
    """What it takes to check a rule."""

    FIELD = "field"
    ROW = "row"
    TABLE = "table"
    FILE = "file"
    REGISTRY = "registry"


class Severity(StrEnum):
    REFUSE = "refuse"
    WARN = "warn"


RING_WORDS = {
    "field": "một trường",
    "row": "một dòng",
    "table": "một bảng",
    "file": "cả tệp",
    "registry": "cần sổ gốc, danh mục",
}
SEVERITY_WORDS = {"refuse": "[red]từ chối[/]", "warn": "[yellow]cảnh báo[/]"}

Words = Annotated[
    list[str] | None, typer.Argument(metavar="TỪ", help="Từ cần tìm trong quy tắc; không cần dấu.")
]
OfRing = Annotated[
    Ring | None, typer.Option("--ring", metavar="VÒNG", help="field, row, table, file hoặc registry.")
]
OfTable = Annotated[str, typer.Option("--table", metavar="BẢNG", help="Chỉ quy tắc của bảng này: XML3.")]
OfSeverity = Annotated[
    Severity | None, typer.Option("--severity", metavar="MỨC", help="refuse (từ chối) hoặc warn (cảnh báo).")
]


def rules(
    words: Words = None,
    ring: OfRing = None,
    table: OfTable = "",
    severity: OfSeverity = None,
    as_json: AsJson = False,
) -> None:
    """Liệt kê và tìm các quy tắc kiểm tra hồ sơ: mức, nguồn, thời gian áp dụng.

    Không cần hệ thống nào đang chạy.
    """
    chosen = [
        rule
        for rule in matching(words or [])
        if (ring is None or rule.ring == ring)
        and (severity is None or rule.severity == severity)
        and (not table or table.strip().upper() in rule.tables or "*" in rule.tables)
    ]
    if not chosen:
        raise CommandFailed("Không có quy tắc nào như vậy.", "There is no such rule.", reason="NO_RULE")
    show(chosen, as_json=as_json)
    raise typer.Exit(DONE)


def matching(words: Iterable[str]) -> list[Rule]:
    """Return the rules that hold every word, with or without marks; of an exact name only that one."""
    wanted = [folded(word) for word in words]
    if len(wanted) == 1 and wanted[0] in RULES:
        return [RULES[wanted[0]]]
    return [rule for rule in RULES.values() if all(word in text_of_rule(rule) for word in wanted)]


def text_of_rule(rule: Rule) -> str:
    parts = (rule.name, rule.vi, rule.en, rule.path, rule.source, *rule.formerly, *rule.tables)
    return folded(" ".join(parts))


def show(chosen: list[Rule], *, as_json: bool) -> None:
    if as_json:
        for rule in chosen:
            print_json(rule_object(rule))
    elif len(chosen) == 1:
        print_rule(chosen[0])
    else:
        out.print(rule_table(chosen))
        out.print(f"{len(chosen)} quy tắc")


def rule_object(rule: Rule) -> dict[str, object]:
    return {
        "rule": rule.name,
        "ring": rule.ring,
        "severity": rule.severity,
        "sure": rule.sure,
        "tables": list(rule.tables),
        "path": rule.path,
        "message_vi": rule.vi,
        "message_en": rule.en,
        "source": rule.source,
        "valid_from": day(rule.valid_from) if rule.dated else "",
        "valid_to": day(rule.valid_to) if rule.dated else "",
        "after": sorted(rule.after),
        "formerly": list(rule.formerly),
        "note": rule.note,
    }


def day(value: str) -> str:
    """Return a day of the catalogue as 2026-07-01; empty for before all days and after them."""
    return f"{value[:4]}-{value[4:6]}-{value[6:]}" if value and not value.startswith("9999") else ""


def days_of(rule: Rule) -> str:
    first, last = day(rule.valid_from), day(rule.valid_to)
    return " ".join(part for part in (first and f"từ {first}", last and f"đến {last}") if part)


def rule_table(chosen: list[Rule]) -> Table:
    table = Table(box=None, padding=(0, 1))
    for title in ("quy tắc", "mức", "vòng", "nội dung", "áp dụng"):
        table.add_column(title, overflow="fold")
    for rule in chosen:
        table.add_row(rule.name, SEVERITY_WORDS[rule.severity], rule.ring, escape(rule.vi), days_of(rule))
    return table


def print_rule(rule: Rule) -> None:
    out.print(f"[bold]{rule.name}[/]  {SEVERITY_WORDS[rule.severity]}")
    rows = (
        ("nội dung", rule.vi),
        ("tiếng Anh", rule.en),
        ("vị trí", rule.path),
        ("bảng", ", ".join(rule.tables)),
        ("vòng", f"{rule.ring} ({RING_WORDS[rule.ring]})"),
        ("nguồn", f"{rule.source} ({rule.sure})"),
        ("áp dụng", days_of(rule)),
        ("sau", ", ".join(sorted(rule.after))),
        ("tên cũ", ", ".join(rule.formerly)),
    )
    for name, value in rows:
        if value:
            out.print(f"  {name:<10} {escape(value)}")
