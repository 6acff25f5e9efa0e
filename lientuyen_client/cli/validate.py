"""
`lientuyen validate`: is this file good, and if not, where and why?

The rules travel with the package (`kcb`) and run on this machine: no stack is needed,
and nothing of the patient leaves it.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import track

from kcb.report import Finding, Report
from kcb.validate import validate as validate_content
from kcb.xml_parser import MAX_FILE_BYTES

from .common import BUG, MISUSE, REFUSED, AsJson, err, fault_table, out

# From this many files on, progress is shown.
MIN_FILES_FOR_PROGRESS = 50


def validate(
    files: Annotated[list[Path], typer.Argument(help="Dossiers (XML1…XML15) or check-ins (XML0).")],
    as_json: AsJson = False,
) -> None:
    """Check files of QĐ 3176/QĐ-BYT: every fault with its table, row and field.

    A file that cannot be read is told on the error output; the others are checked all the same.
    """
    if sys.stdout is None:
        raise typer.Exit(MISUSE)
    paths: Iterable[Path] = files
    if len(files) > MIN_FILES_FOR_PROGRESS:
        paths = track(files, "kiểm tra", console=err)
    raise typer.Exit(max(check_file(path, as_json=as_json) for path in paths))


def check_file(path: Path, *, as_json: bool, validate: Callable[[bytes], Report] = validate_content) -> int:
    if not path.is_file():
        err.print(f"[red]không tìm thấy:[/] {printable(path)}")
        return MISUSE
    try:
        content = read(path)
    except OSError as error:
        err.print(f"{printable(path)}: {error.strerror}", soft_wrap=True)
        return MISUSE
    try:
        report = validate(content)
    except Exception as error:  # a fault of the checks, not of the file
        err.print(f"{printable(path)}: {type(error).__name__}", soft_wrap=True)
        return BUG
    if as_json:
        print_report_json(path, report)
    else:
        print_report(path, report)
    return 0 if report.accepted else REFUSED


def read(path: Path) -> bytes:
    """Return a file's bytes, of one that is too large only so many that it is seen to be."""
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


def text_of(path: Path) -> str:
    """Return a path as text; bytes of its name that are no UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf8", "replace")


def printable(path: Path) -> str:
    """Return a path for people: no markup, no byte that is no text."""
    return escape(text_of(path))


def print_report_json(path: Path, report: Report) -> None:
    """Print a report as one line, in UTF-8 whatever the terminal has."""
    line = {
        "file": text_of(path),
        "accepted": report.accepted,
        "findings": [finding_to_json(finding) for finding in report.findings],
    }
    sys.stdout.buffer.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()


def finding_to_json(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "severity": "refuse" if finding.refuses else "warn",
        "path": finding.path,
        "message_vi": finding.vi,
        "message_en": finding.en,
    }


def print_report(path: Path, report: Report) -> None:
    mark = "[green]✓ hợp lệ[/]" if report.accepted else f"[red]✗ {len(report.refusals)} lỗi[/]"
    warnings = f"  [yellow]{len(report.warnings)} cảnh báo[/]" if report.warnings else ""
    out.print(f"{mark}  {printable(path)}{warnings}")
    if report.findings:
        out.print(fault_table((finding.path, rule_of(finding), finding.vi) for finding in report.findings))


def rule_of(finding: Finding) -> str:
    colour = "red" if finding.refuses else "yellow"
    return f"[{colour}]{finding.rule}[/]"
