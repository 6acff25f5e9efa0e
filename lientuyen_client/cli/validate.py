"""
`lientuyen validate`: is this file good, and if not, where and why?

The rules travel with the package and run in a process of their own on this
machine: no stack is needed, and nothing of the patient leaves it.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import track

from .common import BUG, MISUSE, REFUSED, AsJson, err, fault_table, out

# One process takes many files: as many as a command line holds, whatever their names.
BATCH = 400

# From this many files on, progress is shown.
MANY = 50


def validate(
    files: Annotated[list[Path], typer.Argument(help="Dossiers (XML1…XML15) or check-ins (XML0).")],
    as_json: AsJson = False,
) -> None:
    """Check files of QĐ 3176/QĐ-BYT: every fault with its table, row and field.

    A file that cannot be read is told on the error output; the others are checked all the same.
    """
    if sys.stdout is None:
        raise typer.Exit(MISUSE)
    worst = 0
    verdicts: Iterable[bytes | int] = check_all(files)
    if len(files) > MANY:
        verdicts = track(verdicts, "kiểm tra", total=len(files), console=err)
    for verdict in verdicts:
        worst = max(worst, verdict if isinstance(verdict, int) else show(verdict, as_json=as_json))
    raise typer.Exit(worst)


def check_all(files: list[Path]) -> Iterator[bytes | int]:
    """Yield the verdict on each of *files* as a line of JSON, or the exit code of one without a verdict."""
    there = [path for path in files if path.is_file()]
    for path in files:
        if not path.is_file():
            err.print(f"[red]không tìm thấy:[/] {shown(path)}")
            yield MISUSE
    for start in range(0, len(there), BATCH):
        yield from check(there[start : start + BATCH])


def check(files: list[Path]) -> Iterator[bytes | int]:
    """Yield the verdicts on *files*, in order, as they come, and the exit code if there are fewer."""
    command = [sys.executable, "-m", "services.records", "validate", *map(str, files)]
    count = 0
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            count += 1
            yield line
    if count < len(files):
        yield MISUSE if process.returncode == MISUSE else BUG


def shown(path: object) -> str:
    """Return a path for people: no markup, no byte that is no text."""
    return escape(str(path).encode("utf8", "replace").decode())


def show(line: bytes, *, as_json: bool) -> int:
    """Print one verdict; return the exit code that it means."""
    verdict = json.loads(line)
    code = 0 if verdict["accepted"] else REFUSED
    if as_json:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        return code
    faults = [one for one in verdict["findings"] if one["severity"] == "refuse"]
    warnings = len(verdict["findings"]) - len(faults)
    mark = "[green]✓ hợp lệ[/]" if verdict["accepted"] else f"[red]✗ {len(faults)} lỗi[/]"
    out.print(f"{mark}  {shown(verdict['file'])}" + (f"  [yellow]{warnings} cảnh báo[/]" if warnings else ""))
    if verdict["findings"]:
        out.print(fault_table((one["path"], mark_of(one), one["message_vi"]) for one in verdict["findings"]))
    return code


def mark_of(finding: dict[str, Any]) -> str:
    colour = "red" if finding["severity"] == "refuse" else "yellow"
    return f"[{colour}]{finding['rule']}[/]"
