"""`lientuyen import persons FILE.csv`, `lientuyen import coverages FILE.csv`: bring a register in."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ..exchange import Exchange, connect
from ..registers import Plan, UnknownColumns, batches, fingerprint, opened, sending
from .common import MISUSE, REFUSED, AsJson, err, out, print_json, run

app = typer.Typer(help="Nạp sổ gốc từ tệp CSV (một dòng một bản ghi).", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="CSV in UTF-8; the first line names the fields.")]
Register = Annotated[str, typer.Option("--as", envvar="LIENTUYEN_AS", help="Who brings it: authority/bhxh.")]
Afresh = Annotated[
    bool, typer.Option("--afresh", help="Import it again, even what was imported from the same file before.")
]
COLUMNS = ("row", "field", "rule", "message_vi")


@app.command()
def persons(
    file: File, caller: Register = "authority/bhxh", afresh: Afresh = False, as_json: AsJson = False
) -> None:
    """Import persons.  Run it again after a break: it goes on where it was."""
    run(bring("persons", file, caller, afresh=afresh, as_json=as_json), as_json=as_json)


@app.command()
def coverages(
    file: File, caller: Register = "authority/bhxh", afresh: Afresh = False, as_json: AsJson = False
) -> None:
    """Import insurance cards; their owners must be there.  Run it again after a break."""
    run(bring("coverages", file, caller, afresh=afresh, as_json=as_json), as_json=as_json)


def method_of(exchange: Exchange, kind: str) -> Any:
    """Return the method that imports this *kind*."""
    return exchange.persons.ImportPersons if kind == "persons" else exchange.eligibility.ImportCoverages


async def bring(kind: str, path: Path, caller: str, *, afresh: bool, as_json: bool) -> int:
    """Send the file; return the exit code: 1 when rows were refused."""
    salt = f"{fingerprint(path)} {uuid4() if afresh else ''}"
    stored = refused = 0
    with path.open("rb") as file, progress_of(path, silent=as_json) as progressed:
        lines = opened(file)
        try:
            plan = Plan.of(kind, next(lines, []))
            with refusals_of(path) as refuse:
                async with connect(caller) as exchange:
                    requests = batches(plan, lines, salt)
                    async for told in sending(method_of(exchange, kind), requests):
                        stored, refused = stored + told.rows_stored, refused + told.rows_refused
                        refuse(told.refusals)
                        progressed(file.tell(), stored + refused, refused)
        except UnknownColumns as error:
            err.print(f"[red]Dòng đầu phải ghi tên trường; không có trường: {', '.join(error.unknown)}[/]")
            err.print(f"Các trường: {', '.join(error.known)}")
            return MISUSE
        except UnicodeDecodeError:
            err.print("[red]Tệp không phải UTF-8.[/]")
            return MISUSE
    tell(path, stored, refused, as_json=as_json)
    return REFUSED if refused else 0


def refusal_list(path: Path) -> Path:
    """Return where the refusals of *path* are written: `FILE.refused.csv`."""
    return path.with_name(f"{path.stem}.refused.csv")


@contextmanager
def refusals_of(path: Path) -> Iterator[Any]:
    """Lend what writes refusals beside *path*; an empty list is taken away in the end."""
    listed, many = refusal_list(path), 0
    with listed.open("w", encoding="utf8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(COLUMNS)

        def refuse(refusals: Any) -> None:
            nonlocal many
            many += len(refusals)
            lines.writerows((one.row, one.field, one.rule, one.message_vi) for one in refusals)
            file.flush()

        yield refuse
    if not many:
        listed.unlink()


@contextmanager
def progress_of(path: Path, *, silent: bool) -> Iterator[Any]:
    """Lend what shows how far the file is read, how many rows a second, and how many were refused."""
    shown = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn(
            "{task.fields[rows]:,} dòng  {task.fields[rate]:,.0f} dòng/s  {task.fields[refused]:,} bị từ chối"
        ),
        TimeElapsedColumn(),
    )
    with Progress(*shown, console=err, disable=silent) as progress:
        task = progress.add_task("nạp", total=path.stat().st_size, rows=0, rate=0.0, refused=0)

        def progressed(read: int, rows: int, refused: int) -> None:
            elapsed = progress.tasks[0].elapsed or 1.0
            progress.update(task, completed=read, rows=rows, rate=rows / elapsed, refused=refused)

        yield progressed


def tell(path: Path, stored: int, refused: int, *, as_json: bool) -> None:
    """Print what became of the file."""
    listed = str(refusal_list(path)) if refused else ""
    if as_json:
        print_json({"file": str(path), "stored": stored, "refused": refused, "refusals": listed})
        return
    out.print(
        f"[green]✓ đã nạp {stored:,} dòng[/]"
        + (f", [red]{refused:,} bị từ chối[/]: {listed}" if refused else "")
    )
