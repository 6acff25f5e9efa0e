"""`lientuyen trace`: one trace, drawn."""

import time
from pathlib import Path
from typing import Annotated, Final

import typer

from ..running_stack import NoStack, default_home, read_stack
from ..trace_tree import Span, build_tree, draw, read_spans, services
from .common import AsJson, Home, out, print_json
from .failures import REFUSED, CommandFailed

# Services send their spans every 5 s.
WAIT_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.5


def trace(
    trace_id: Annotated[
        str, typer.Argument(metavar="MÃ VẾT", help="Mã vết, hoặc các chữ số đầu; mặc định là vết mới nhất.")
    ] = "",
    home: Home = None,
    databases: Annotated[bool, typer.Option(help="Hiện cả các lệnh cơ sở dữ liệu.")] = True,
    as_json: AsJson = False,
) -> None:
    """Vẽ một vết: dịch vụ, thời gian, lệnh cơ sở dữ liệu. Vết của lệnh vừa chạy: đợi vài giây."""
    spans = wait_for_spans(home or default_home(), trace_id)
    if not spans:
        raise CommandFailed(
            "Không có vết nào: không có mã này, hoặc chưa hệ thống nào ghi vết ở đây.",
            "No spans: no such trace, or no stack has kept any here.",
            reason="NO_SPANS",
            exit_code=REFUSED,
        )
    if as_json:
        for span in sorted(spans, key=lambda span: span.start_ns):
            print_json(span_object(span))
        return
    out.print(f"trace [bold]{spans[0].trace_id}[/]  {len(spans)} spans, {', '.join(services(spans))}")
    out.print(draw(build_tree(spans), databases=databases))


def wait_for_spans(home: Path, trace_id: str) -> list[Span]:
    """Return the spans of the trace; while a stack runs, wait up to WAIT_SECONDS for its first ones."""
    deadline = time.monotonic() + (WAIT_SECONDS if stack_runs(home) else 0)
    while not (spans := read_spans(home, trace_id)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return spans


def stack_runs(home: Path) -> bool:
    try:
        read_stack(home)
    except NoStack:
        return False
    return True


def span_object(span: Span) -> dict[str, object]:
    return {
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_id": span.parent_id,
        "service": span.service,
        "name": span.name,
        "summary": span.summary,
        "milliseconds": round(span.milliseconds, 3),
        "error": span.error,
    }
