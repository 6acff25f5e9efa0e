"""`lientuyen trace`: one trace, drawn."""

from pathlib import Path
from typing import Annotated

import typer

from ..running_stack import default_home
from ..trace_tree import Span, build_tree, draw, read_spans, services
from .common import REFUSED, AsJson, err, out, print_json


def trace(
    trace_id: Annotated[
        str, typer.Argument(help="The trace id, or its first digits; the newest by default.")
    ] = "",
    home: Annotated[Path | None, typer.Option(help="The state folder; by default LIENTUYEN_HOME.")] = None,
    databases: Annotated[bool, typer.Option(help="Show the database spans.")] = True,
    as_json: AsJson = False,
) -> None:
    """Draw a trace as a tree: services, durations, database spans."""
    spans = read_spans(home or default_home(), trace_id)
    if not spans:
        err.print("không có vết nào (no spans: no such trace, or no stack has kept any here)")
        raise typer.Exit(REFUSED)
    if as_json:
        for span in sorted(spans, key=lambda span: span.start_ns):
            print_json(span_object(span))
        return
    out.print(f"trace [bold]{spans[0].trace_id}[/]  {len(spans)} spans, {', '.join(services(spans))}")
    out.print(draw(build_tree(spans), databases=databases))


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
