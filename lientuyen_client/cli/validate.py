"""
`lientuyen validate`: is this file good, and if not, where and why?

The rules travel with the package and run in a process of their own on this
machine: no stack is needed, and nothing of the patient leaves it.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track

from .common import MISUSE, REFUSED, AsJson, err, fault_table, out

# One process takes many files; this many at a time shows progress.
BATCH = 50


def validate(
    files: Annotated[list[Path], typer.Argument(help="Dossiers (XML1…XML15) or check-ins (XML0).")],
    as_json: AsJson = False,
) -> None:
    """Check files of QĐ 3176/QĐ-BYT: every fault with its table, row and field."""
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        err.print(f"[red]không tìm thấy:[/] {', '.join(missing)}")
        raise typer.Exit(MISUSE)
    batches = [files[start : start + BATCH] for start in range(0, len(files), BATCH)]
    shown: Iterable[list[Path]] = track(batches, "kiểm tra", console=err) if len(batches) > 1 else batches
    refused = 0
    for batch in shown:
        for verdict in check(batch):
            refused += not verdict["accepted"]
            show(verdict, as_json=as_json)
    raise typer.Exit(REFUSED if refused else 0)


def check(files: list[Path]) -> Iterable[dict[str, Any]]:
    """Yield the verdict on each of *files*, in order."""
    command = [sys.executable, "-m", "services.records", "validate", *map(str, files)]
    outcome = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if outcome.returncode not in (0, 1):
        raise typer.Exit(outcome.returncode)
    for line in outcome.stdout.splitlines():
        yield json.loads(line)


def show(verdict: dict[str, Any], *, as_json: bool) -> None:
    """Print one verdict."""
    if as_json:
        sys.stdout.write(json.dumps(verdict, ensure_ascii=False) + "\n")
        return
    faults = [one for one in verdict["findings"] if one["severity"] == "refuse"]
    warnings = len(verdict["findings"]) - len(faults)
    mark = "[green]✓ hợp lệ[/]" if verdict["accepted"] else f"[red]✗ {len(faults)} lỗi[/]"
    out.print(f"{mark}  {verdict['file']}" + (f"  [yellow]{warnings} cảnh báo[/]" if warnings else ""))
    if verdict["findings"]:
        out.print(fault_table((one["path"], mark_of(one), one["message_vi"]) for one in verdict["findings"]))


def mark_of(finding: dict[str, Any]) -> str:
    colour = "red" if finding["severity"] == "refuse" else "yellow"
    return f"[{colour}]{finding['rule']}[/]"
