"""`lientuyen trace`: one trace, drawn."""

from pathlib import Path
from typing import Annotated

import typer

from .. import stack, traces
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
    spans = traces.read(home or stack.home(), trace_id)
    if not spans:
        err.print("không có vết nào (no such trace; is sampling on?)")
        raise typer.Exit(REFUSED)
    if as_json:
        for span in sorted(spans, key=lambda one: one.start_ns):
            print_json(
                {
                    "trace_id": span.trace_id,
                    "span_id": span.span_id,
                    "parent_id": span.parent_id,
                    "service": span.service,
                    "name": span.name,
                    "summary": span.summary,
                    "milliseconds": round(span.milliseconds, 3),
                    "error": span.error,
                }
            )
        return
    out.print(f"trace [bold]{spans[0].trace_id}[/]  {len(spans)} spans, {', '.join(traces.services(spans))}")
    out.print(traces.draw(traces.tree(spans), databases=databases))
