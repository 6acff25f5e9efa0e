"""What every command shares: who calls, what is printed, and how it ends."""

import asyncio
import json
import os
import sys
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kcb.xml_parser import MAX_FILE_BYTES

from ..clock import iso_date
from .failures import CommandFailed, Failure, failure_object, failure_of, text_of

# A file or a pipe has no width; a trace needs some.
PIPE_WIDTH = 140

out = Console(highlight=False, width=None if sys.stdout and sys.stdout.isatty() else PIPE_WIDTH)
err = Console(stderr=True, highlight=False)

KINDS_OF_CALLERS = ("facility", "pharmacy", "authority", "operator", "service")


def caller(text: str) -> str:
    """Return `facility/01999` of ` Facility/01999 `; CommandFailed when it names no kind of caller."""
    kind, slash, code = text.strip().partition("/")
    kind = kind.strip().lower()
    if kind not in KINDS_OF_CALLERS or not slash or not code.replace("-", "").replace("_", "").isalnum():
        raise CommandFailed(
            "--as cần dạng facility/01999, pharmacy/NT00001 hoặc authority/vneid.",
            "--as is written facility/01999, pharmacy/NT00001 or authority/vneid.",
            reason="CALLER_FORM",
            field="--as",
        )
    return f"{kind}/{code.upper() if kind in ('facility', 'pharmacy') else code}"


As = Annotated[
    str,
    typer.Option(
        "--as",
        envvar="LIENTUYEN_AS",
        parser=caller,
        metavar="LOẠI/MÃ",
        help="Bên gọi: facility/01999, pharmacy/NT00001, authority/vneid.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Mỗi dòng một đối tượng JSON, cho máy đọc; cả khi lỗi.")]
Practitioner = Annotated[str, typer.Option(help="Người hỏi: số giấy phép hành nghề (GPHN).")]
Home = Annotated[Path | None, typer.Option(help="Thư mục trạng thái; mặc định là LIENTUYEN_HOME.")]


def run(work: Coroutine[Any, Any, int]) -> NoReturn:
    """Do *work* and exit with what it returns; what it raises is shown by `main`."""
    raise typer.Exit(asyncio.run(work))


def show_failure(error: BaseException, *, as_json: bool) -> int:
    """Print what *error* is, and return the exit code."""
    failure = failure_of(error)
    if os.environ.get("LIENTUYEN_DEBUG"):
        err.print_exception()
    if as_json:
        print_json(failure_object(failure))
    else:
        print_failure(failure)
    return failure.exit_code


def print_failure(failure: Failure) -> None:
    """Print a failure for people, on the error output."""
    code = " ".join(part for part in (failure.code, failure.reason, failure.trace_id) if part)
    err.print(f"[red]✗[/] {escape(failure.message_vi)}  [dim]{escape(code)}[/]", soft_wrap=True)
    if failure.violations:
        faults = ((fault.path, fault.rule, fault.message_vi or fault.message) for fault in failure.violations)
        err.print(fault_table(faults))


def show_file_failure(path: Path, error: BaseException, *, as_json: bool) -> int:
    """Print what became of one file of several, and return the exit code."""
    failure = failure_of(error)
    if as_json:
        print_json({"file": text_of(path), "accepted": False, **failure_object(failure)})
    else:
        out.print(f"[red]✗ không nhận[/]  {printable(path)}", soft_wrap=True)
        print_failure(failure)
    return failure.exit_code


def fault_table(faults: Iterable[tuple[str, str, str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("vị trí", "quy tắc", "nội dung"):
        table.add_column(title, overflow="fold")
    for path, rule, sentence in faults:
        table.add_row(f"[bold]{escape(path)}[/]", rule, escape(sentence))
    return table


def print_json(value: object) -> None:
    """Print *value* as one line, in UTF-8 whatever the terminal has."""
    print_line(json.dumps(value, ensure_ascii=False).encode("utf8", "replace"))


def print_line(line: bytes) -> None:
    """Print a line of UTF-8 as it is."""
    if sys.stdout is None:
        raise OSError(9, "closed", "stdout")
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:  # a stand-in that takes text alone
        sys.stdout.write(f"{line.decode()}\n")
        return
    sys.stdout.flush()
    buffer.write(line + b"\n")
    buffer.flush()


def printable(path: Path) -> str:
    """Return a path for people: no markup, no byte that is no text."""
    return escape(text_of(path))


def read_file(path: Path) -> bytes:
    """Return a file's bytes, of one that is too large only so many that it is seen to be.

    OSError when there is none or it cannot be read.
    """
    check_regular(path)
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


def check_regular(path: Path) -> None:
    """Refuse what is neither file nor folder: a pipe would be waited for without end."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise CommandFailed(
            f"Không phải tệp thường: {text_of(path)}.",
            f"Not a regular file: {text_of(path)}.",
            reason="FILE_UNREADABLE",
            field=text_of(path),
        )


def message_object(message: Message) -> Any:
    """Return *message* as JSON values with the contract's names; a `Date` is `2085-03-12`."""
    return with_iso_dates(MessageToDict(message, preserving_proto_field_name=True))


DATE_PARTS = {"year", "month", "day"}


def with_iso_dates(value: Any) -> Any:
    """Return *value* with every `{"year": …, "month": …, "day": …}` written as ISO 8601 has it."""
    if isinstance(value, dict):
        if value and value.keys() <= DATE_PARTS:
            return iso_date(**value)
        return {name: with_iso_dates(part) for name, part in value.items()}
    return [with_iso_dates(part) for part in value] if isinstance(value, list) else value
