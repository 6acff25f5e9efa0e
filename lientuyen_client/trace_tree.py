"""
A trace as a tree: what called what, in which service, for how long.

`read_spans` takes the spans that the trace collector stored in `traces.db`; `build_tree` puts
them in order; `draw` makes a picture of it for a terminal.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

BAR_WIDTH = 28
SERVICE_COLOURS = {"identity": "cyan", "records": "green", "routing": "magenta", "pharmacy": "yellow"}
KIND_CLIENT = 3

COLUMNS = "trace_id, span_id, parent_id, service, name, kind, start_ns, end_ns, error, summary"
SELECT_SPANS = f"select {COLUMNS} from spans where trace_id like ? order by start_ns limit 20000"
SELECT_NEWEST = "select trace_id from spans order by start_ns desc limit 1"


@dataclass(slots=True)
class Span:
    trace_id: str
    span_id: str
    parent_id: str
    service: str
    name: str
    kind: int
    start_ns: int
    end_ns: int
    error: bool
    summary: str
    children: "list[Span]" = field(default_factory=list)

    @property
    def milliseconds(self) -> float:
        return (self.end_ns - self.start_ns) / 1e6


def read_spans(folder: Path, trace_id: str = "") -> list[Span]:
    """Return the spans of the trace whose id begins with *trace_id*, or of the newest trace.

    *folder* is the state folder of a stack; without a `traces.db` there, there are no spans.
    """
    path = folder / "traces.db"
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as store:
        if not trace_id:
            newest = store.execute(SELECT_NEWEST).fetchone()
            trace_id = newest[0] if newest else ""
        return [Span(*row) for row in store.execute(SELECT_SPANS, (f"{trace_id}%",))] if trace_id else []


def build_tree(spans: Iterable[Span]) -> list[Span]:
    known = {span.span_id: replace(span, children=[]) for span in spans}
    roots: list[Span] = []
    for span in sorted(known.values(), key=lambda span: span.start_ns):
        parent = known.get(span.parent_id)
        (parent.children if parent else roots).append(span)
    return roots


def services(spans: Iterable[Span]) -> list[str]:
    """Return the services in a trace; of several nodes as `north/routing`."""
    return sorted({span.service for span in spans if colour_of(span.service)})


def colour_of(service: str) -> str:
    return SERVICE_COLOURS.get(service.rpartition("/")[2], "")


def draw(roots: list[Span], *, databases: bool = True) -> RenderableType:
    if not roots:
        return Text("no spans", style="dim")
    begin = min(root.start_ns for root in roots)
    total = max(1, max(last_end(root) for root in roots) - begin)
    lines: list[Text] = []
    for root in roots:
        add_lines(lines, root, "", "", begin, total, databases)
    return Group(*lines)


def last_end(span: Span) -> int:
    return max([span.end_ns, *(last_end(child) for child in span.children)])


def add_lines(
    lines: list[Text], span: Span, lead: str, below: str, begin: int, total: int, databases: bool
) -> None:
    lines.append(line(span, lead, begin, total))
    children = [child for child in merged_children(span) if databases or not child.summary]
    for index, child in enumerate(children):
        last = index == len(children) - 1
        add_lines(
            lines,
            child,
            below + ("└─ " if last else "├─ "),
            below + ("   " if last else "│  "),
            begin,
            total,
            databases,
        )


def merged_children(span: Span) -> list[Span]:
    children = []
    for child in span.children:
        is_pair = child.kind == KIND_CLIENT and [server.name for server in child.children] == [child.name]
        children.append(child.children[0] if is_pair else child)
    return bundle_runs(children)


def bundle_runs(children: list[Span]) -> list[Span]:
    """Return *children* with each run of database spans as one: what was asked, and how often."""
    spans: list[Span] = []
    for is_database, group in groupby(children, key=lambda span: bool(span.summary) and not span.children):
        run = list(group)
        spans += [bundle(run)] if is_database and len(run) > 1 else run
    return spans


def bundle(run: list[Span]) -> Span:
    counts = Counter(span.summary for span in run)
    summary = " · ".join(name if count == 1 else f"{name} ×{count}" for name, count in counts.items())
    error = any(span.error for span in run)
    return replace(run[0], end_ns=run[-1].end_ns, summary=summary, error=error)


def line(span: Span, lead: str, begin: int, total: int) -> Text:
    left = min(BAR_WIDTH - 1, int((span.start_ns - begin) * BAR_WIDTH / total))
    width = max(1, min(BAR_WIDTH - left, round((span.end_ns - span.start_ns) * BAR_WIDTH / total)))
    colour = colour_of(span.service) or "white"
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(
        " " * left + "━" * width + " " * (BAR_WIDTH - left - width), style="red" if span.error else colour
    )
    text.append(f" {span.milliseconds:8.1f} ms  ", style="dim")
    text.append(lead, style="dim")
    if colour_of(span.service):
        text.append(f"{span.service} ", style=colour)
    text.append(f"⛁ {span.summary}" if span.summary else short_name(span.name))
    return text


def short_name(name: str) -> str:
    """Return `PersonService/FindPerson` for `lientuyen.identity.v1.PersonService/FindPerson`.

    What is no method of ours, as `send dossier.referral`, stays as it is.
    """
    return name.rsplit(".", 1)[-1] if name.startswith("lientuyen.") else name
