"""
A trace as a tree: what called what, in which service, for how long.

`read` takes the spans that the collector kept; `tree` puts them in order;
`draw` makes a picture of it for a terminal.
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

BAR = 28
COLOURS = {"identity": "cyan", "records": "green", "routing": "magenta", "pharmacy": "yellow"}
KIND_CLIENT = 3

COLUMNS = "trace_id, span_id, parent_id, service, name, kind, start_ns, end_ns, error, summary"
SPANS_OF = f"select {COLUMNS} from spans where trace_id like ? order by start_ns limit 20000"
LATEST = "select trace_id from spans order by start_ns desc limit 1"


@dataclass(slots=True)
class Span:
    """One piece of work, with the pieces it started."""

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
        """How long it took."""
        return (self.end_ns - self.start_ns) / 1e6


def read(folder: Path, trace_id: str = "") -> list[Span]:
    """Return the spans of the trace whose id begins with *trace_id*, or of the newest trace."""
    path = folder / "traces.db"
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as store:
        if not trace_id:
            newest = store.execute(LATEST).fetchone()
            trace_id = newest[0] if newest else ""
        return [Span(*row) for row in store.execute(SPANS_OF, (f"{trace_id}%",))] if trace_id else []


def tree(spans: Iterable[Span]) -> list[Span]:
    """Return the roots, children in place and in order of their start."""
    known = {span.span_id: replace(span, children=[]) for span in spans}
    roots: list[Span] = []
    for span in sorted(known.values(), key=lambda one: one.start_ns):
        parent = known.get(span.parent_id)
        (parent.children if parent else roots).append(span)
    return roots


def services(spans: Iterable[Span]) -> list[str]:
    """Return the services of the exchange that took part, sorted."""
    return sorted({span.service for span in spans} & set(COLOURS))


def draw(roots: list[Span], *, databases: bool = True) -> RenderableType:
    """Return the picture: a line a span, its bar set against the whole trace."""
    if not roots:
        return Text("no spans", style="dim")
    begin = min(root.start_ns for root in roots)
    whole = max(1, max(end(root) for root in roots) - begin)
    lines: list[Text] = []
    for root in roots:
        put(lines, root, "", "", begin, whole, databases)
    return Group(*lines)


def end(span: Span) -> int:
    return max([span.end_ns, *(end(child) for child in span.children)])


def put(
    lines: list[Text], span: Span, lead: str, below: str, begin: int, whole: int, databases: bool
) -> None:
    """Add the line of *span* and of all under it."""
    lines.append(line(span, lead, begin, whole))
    shown = [child for child in merged(span) if databases or not child.summary]
    for index, child in enumerate(shown):
        last = index == len(shown) - 1
        put(
            lines,
            child,
            below + ("└─ " if last else "├─ "),
            below + ("   " if last else "│  "),
            begin,
            whole,
            databases,
        )


def merged(span: Span) -> list[Span]:
    """Return the children, a client's span replaced by the server's when both are there."""
    found = []
    for child in span.children:
        serving = [one for one in child.children if one.name == child.name]
        found.append(
            serving[0] if child.kind == KIND_CLIENT and len(child.children) == 1 and serving else child
        )
    return bundled(found)


def bundled(children: list[Span]) -> list[Span]:
    """Return *children* with each run of database spans as one: what was asked, and how often."""
    found: list[Span] = []
    for database, run in groupby(children, key=lambda one: bool(one.summary) and not one.children):
        together = list(run)
        found += [bundle(together)] if database and len(together) > 1 else together
    return found


def bundle(together: list[Span]) -> Span:
    counts = Counter(span.summary for span in together)
    summary = " · ".join(name if many == 1 else f"{name} ×{many}" for name, many in counts.items())
    error = any(span.error for span in together)
    return replace(together[0], end_ns=together[-1].end_ns, summary=summary, error=error)


def line(span: Span, lead: str, begin: int, whole: int) -> Text:
    """Return one line: bar, duration, service, name."""
    left = min(BAR - 1, int((span.start_ns - begin) * BAR / whole))
    width = max(1, min(BAR - left, round((span.end_ns - span.start_ns) * BAR / whole)))
    colour = COLOURS.get(span.service, "white")
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(" " * left + "━" * width + " " * (BAR - left - width), style="red" if span.error else colour)
    text.append(f" {span.milliseconds:8.1f} ms  ", style="dim")
    text.append(lead, style="dim")
    if span.service in COLOURS:
        text.append(f"{span.service} ", style=colour)
    text.append(f"⛁ {span.summary}" if span.summary else short(span.name))
    return text


def short(name: str) -> str:
    """Return `PersonService/FindPerson` for `lientuyen.identity.v1.PersonService/FindPerson`."""
    return name.rsplit(".", 1)[-1]


def count_by_service(spans: Iterable[Span]) -> dict[str, int]:
    """Return how many spans each service has."""
    return dict(Counter(span.service for span in spans))
