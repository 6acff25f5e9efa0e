"""`lientuyen import persons FILE.csv`, `lientuyen import coverages FILE.csv`: bring a register in."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ..client import Client, connect
from ..import_stream import send_batches
from ..register_files import ColumnMapping, UnknownColumns, batches, csv_lines, fingerprint
from .common import MISUSE, REFUSED, AsJson, err, out, print_json, run

app = typer.Typer(help="Nạp sổ gốc từ tệp CSV (một dòng một bản ghi).", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="CSV in UTF-8; the first line names the fields.")]
Register = Annotated[str, typer.Option("--as", envvar="LIENTUYEN_AS", help="Who brings it: authority/bhxh.")]
Afresh = Annotated[
    bool, typer.Option("--afresh", help="Import it again, even what was imported from the same file before.")
]
REFUSAL_COLUMNS = ("row", "field", "rule", "message_vi")


@app.command()
def persons(
    file: File, caller: Register = "authority/bhxh", afresh: Afresh = False, as_json: AsJson = False
) -> None:
    """Import persons.  Run it again after a break: it goes on where it was."""
    run(import_file("persons", file, caller, afresh=afresh, as_json=as_json), as_json=as_json)


@app.command()
def coverages(
    file: File, caller: Register = "authority/bhxh", afresh: Afresh = False, as_json: AsJson = False
) -> None:
    """Import insurance cards; their owners must be there.  Run it again after a break."""
    run(import_file("coverages", file, caller, afresh=afresh, as_json=as_json), as_json=as_json)


def import_method(client: Client, register: str) -> Any:
    return client.persons.ImportPersons if register == "persons" else client.eligibility.ImportCoverages


async def import_file(register: str, path: Path, caller: str, *, afresh: bool, as_json: bool) -> int:
    salt = f"{fingerprint(path)} {uuid4() if afresh else ''}"
    stored = refused = warned = 0
    with path.open("rb") as file, progress_bar(path, silent=as_json) as show_progress:
        lines = csv_lines(file)
        try:
            mapping = ColumnMapping.of(register, next(lines, []))
            with faults_file(refusals_path(path)) as write_refusals, faults_file(warnings_path(path)) as warn:
                async with connect(caller) as client:
                    requests = batches(mapping, lines, salt)
                    async for progress in send_batches(import_method(client, register), requests):
                        stored += progress.rows_stored
                        refused += progress.rows_refused
                        warned += progress.rows_warned
                        write_refusals(progress.refusals)
                        warn(progress.warnings)
                        show_progress(file.tell(), stored + refused, refused)
        except UnknownColumns as error:
            err.print(f"[red]Dòng đầu phải ghi tên trường; không có trường: {', '.join(error.unknown)}[/]")
            err.print(f"Các trường: {', '.join(error.known)}")
            return MISUSE
        except UnicodeDecodeError:
            err.print("[red]Tệp không phải UTF-8.[/]")
            return MISUSE
    show_result(path, stored, refused, warned, as_json=as_json)
    return REFUSED if refused else 0


def refusals_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}.refused.csv")


def warnings_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}.warned.csv")


@contextmanager
def faults_file(target: Path) -> Iterator[Any]:
    """Lend what writes faults of rows into *target*; an empty list is taken away in the end."""
    count = 0
    with target.open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(REFUSAL_COLUMNS)

        def write(faults: Any) -> None:
            nonlocal count
            count += len(faults)
            writer.writerows((fault.row, fault.field, fault.rule, fault.message_vi) for fault in faults)
            file.flush()

        yield write
    if not count:
        target.unlink()


@contextmanager
def progress_bar(path: Path, *, silent: bool) -> Iterator[Any]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn(
            "{task.fields[rows]:,} dòng  {task.fields[rate]:,.0f} dòng/s  {task.fields[refused]:,} bị từ chối"
        ),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, disable=silent) as progress:
        task = progress.add_task("nạp", total=path.stat().st_size, rows=0, rate=0.0, refused=0)

        def show(read: int, rows: int, refused: int) -> None:
            elapsed = progress.tasks[0].elapsed or 1.0
            progress.update(task, completed=read, rows=rows, rate=rows / elapsed, refused=refused)

        yield show


def show_result(path: Path, stored: int, refused: int, warned: int, *, as_json: bool) -> None:
    refusals = str(refusals_path(path)) if refused else ""
    warnings = str(warnings_path(path)) if warned else ""
    if as_json:
        result = {"file": str(path), "stored": stored, "refused": refused, "refusals": refusals}
        print_json({**result, "warned": warned, "warnings": warnings})
        return
    out.print(
        f"[green]✓ đã nạp {stored:,} dòng[/]"
        + (f", [red]{refused:,} bị từ chối[/]: {refusals}" if refused else "")
        + (f", [yellow]{warned:,} có cảnh báo[/]: {warnings}" if warned else "")
    )
