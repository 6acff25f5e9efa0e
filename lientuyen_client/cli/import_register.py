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
from ..csv_files import CsvLines
from ..import_stream import send_batches
from ..register_files import ColumnMapping, RowFault, batches, fingerprint
from .common import As, AsJson, check_regular, err, out, print_json, printable, run
from .failures import DONE, REFUSED, text_of

File = Annotated[
    Path,
    typer.Argument(metavar="TỆP", help="CSV (UTF-8, UTF-16 hoặc bảng mã Việt Nam); dòng đầu ghi tên cột."),
]
Afresh = Annotated[bool, typer.Option("--afresh", help="Nạp lại, kể cả những gì đã nạp từ chính tệp này.")]
REFUSAL_COLUMNS = ("row", "field", "rule", "message_vi")


def persons(
    file: File, caller: As = "authority/bhxh", afresh: Afresh = False, as_json: AsJson = False
) -> None:
    """Nạp sổ người.  Nếu bị ngắt, chạy lại: nạp tiếp từ chỗ đã dừng."""
    run(import_file("persons", file, caller, afresh=afresh, as_json=as_json))


def coverages(
    file: File, caller: As = "authority/bhxh", afresh: Afresh = False, as_json: AsJson = False
) -> None:
    """Nạp thẻ BHYT; chủ thẻ phải có trước.  Nếu bị ngắt, chạy lại."""
    run(import_file("coverages", file, caller, afresh=afresh, as_json=as_json))


def import_method(client: Client, register: str) -> Any:
    return client.persons.ImportPersons if register == "persons" else client.eligibility.ImportCoverages


async def import_file(register: str, path: Path, caller: str, *, afresh: bool, as_json: bool) -> int:
    """Bring *path* in and return the exit code; UnreadableCsv says in which line it cannot be read."""
    check_regular(path)
    salt = f"{fingerprint(path)} {uuid4() if afresh else ''}"
    row_faults: dict[int, RowFault] = {}
    stored = refused = warned = 0
    with path.open("rb") as file:
        lines = CsvLines(file)
        mapping = ColumnMapping.of(register, lines)
        async with connect(caller) as client:
            with (
                faults_file(refusals_path(path), row_faults) as write_refusals,
                faults_file(warnings_path(path), {}) as write_warnings,
                progress_bar(path, silent=as_json) as show,
            ):
                requests = batches(mapping, lines, salt, row_faults)
                async for progress in send_batches(import_method(client, register), requests):
                    stored += progress.rows_stored
                    refused += progress.rows_refused
                    warned += progress.rows_warned
                    write_refusals(progress.refusals)
                    write_warnings(progress.warnings)
                    show(file.tell(), stored + refused, refused)
    show_result(path, stored, refused, warned, as_json=as_json)
    return REFUSED if refused else DONE


def refusals_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}.refused.csv")


def warnings_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}.warned.csv")


@contextmanager
def faults_file(target: Path, row_faults: dict[int, RowFault]) -> Iterator[Any]:
    """Lend what writes faults of rows into *target*; an empty list is taken away in the end.

    A line that is no row is told in our own words: the service saw an empty row.
    """
    count = 0
    with target.open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(REFUSAL_COLUMNS)

        def write(faults: Any) -> None:
            nonlocal count
            count += len(faults)
            for fault in faults:
                if fault.row not in row_faults:
                    writer.writerow((fault.row, fault.field, fault.rule, fault.message_vi))
            for row in sorted({fault.row for fault in faults} & row_faults.keys()):
                own = row_faults.pop(row)
                writer.writerow((row, f"line {own.line}", own.rule, own.message_vi))
            file.flush()

        try:
            yield write
        finally:
            if not count:
                target.unlink(missing_ok=True)


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
    refusals = text_of(refusals_path(path)) if refused else ""
    warnings = text_of(warnings_path(path)) if warned else ""
    if as_json:
        result = {"file": text_of(path), "stored": stored, "refused": refused, "refusals": refusals}
        print_json({**result, "warned": warned, "warnings": warnings})
        return
    out.print(
        f"[green]✓ đã nạp {stored:,} dòng[/]"
        + (f", [red]{refused:,} bị từ chối[/]: {printable(refusals_path(path))}" if refused else "")
        + (f", [yellow]{warned:,} có cảnh báo[/]: {printable(warnings_path(path))}" if warned else "")
    )
