"""What every command shares: who calls, what is printed, and how it ends."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from .. import errors
from ..running_stack import NoStack

# A file or a pipe has no width; a trace needs some.
PIPE_WIDTH = 140

out = Console(highlight=False, width=None if sys.stdout and sys.stdout.isatty() else PIPE_WIDTH)
err = Console(stderr=True, highlight=False)

# Exit codes; `cli/__init__.py` says what each means.
REFUSED, MISUSE, NOBODY, DENIED, BUG = 1, 2, 3, 4, 70

As = Annotated[
    str,
    typer.Option(
        "--as", envvar="LIENTUYEN_AS", help="Who calls: facility/01999, pharmacy/NT00001, authority/vneid."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for machines.")]
Practitioner = Annotated[str, typer.Option(help="Who asks there: the practising licence (số GPHN).")]


def run(work: Coroutine[Any, Any, int], *, as_json: bool = False) -> NoReturn:
    try:
        code = asyncio.run(work)
    except NoStack as error:
        err.print(f"[red]{error}[/]")
        code = NOBODY
    except errors.ServiceError as error:
        show_error(error, as_json=as_json)
        code = exit_code(error)
    except FileNotFoundError as error:
        err.print(f"[red]not found:[/] {error.filename}")
        code = MISUSE
    raise typer.Exit(code)


def exit_code(error: errors.ServiceError) -> int:
    if isinstance(error, errors.Unavailable | errors.DeadlineExceeded):
        return NOBODY
    if isinstance(error, errors.PermissionDenied | errors.Unauthenticated):
        return DENIED
    return BUG if isinstance(error, errors.Internal) else REFUSED


def show_error(error: errors.ServiceError, *, as_json: bool = False) -> None:
    if as_json:
        print_json(error_object(error))
        return
    err.print(f"[red]✗[/] {error.message_vi}  [dim]{error.code.name} {error.reason}[/]")
    if error.violations:
        err.print(fault_table((fault.path, fault.rule, fault.message_vi) for fault in error.violations))


def error_object(error: errors.ServiceError) -> dict[str, Any]:
    return {
        "error": error.code.name,
        "reason": error.reason,
        "message": error.message,
        "message_vi": error.message_vi,
        "metadata": error.metadata,
        "violations": [
            {"path": fault.path, "rule": fault.rule, "message_vi": fault.message_vi}
            for fault in error.violations
        ],
    }


def fault_table(faults: Any) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("vị trí", "quy tắc", "nội dung"):
        table.add_column(title, overflow="fold")
    for path, rule, sentence in faults:
        table.add_row(f"[bold]{path}[/]", rule, sentence)
    return table


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
