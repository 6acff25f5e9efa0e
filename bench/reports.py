"""
Reports: measurements that are no load, with a table of their own and a part of the JSON.

    @report
    async def matching(place: Place) -> ReportResult:
        \"\"\"MatchPersons beside Splink, on one invented population.\"\"\"
        ...
        return ReportResult(renderables=[table], figures={"recall": recall})

A report runs after the loads, when their stack has ended, in an empty folder of
its own; one that needs a stack starts it there with `site.stack(place.home, …)`.
`python -m bench matching` runs it alone; without a name all run.  One that
fails loses its own figures only.  Each lives in the module of its name, which is
imported when it runs: what it is measured beside takes seconds to import.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from rich.console import Console, RenderableType


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report works: *home* is empty and goes at the end; *console* is for progress, on stderr."""

    home: Path
    console: Console


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What a report found: what is printed, what the JSON holds, and what was wrong.

    *figures* must be of what JSON knows.  *problems* are sentences: any of them fails the run, as a wrong
    answer of a load does.
    """

    renderables: Sequence[RenderableType]
    figures: Mapping[str, object]
    problems: Sequence[str] = field(default=())


Run = Callable[[Place], Awaitable[ReportResult]]


@dataclass(frozen=True, slots=True)
class Report:
    """A named report; *conditions* is its docstring's first line."""

    name: str
    run: Run
    conditions: str


REPORTS: dict[str, Report] = {}

# Every report, in the order in which they run.
NAMES = ("matching", "upstream", "turns", "mailboxes", "nodes", "growth")


def report(run: Run) -> Run:
    """Make a report of a function; its name is the report's."""
    name = run.__name__
    REPORTS[name] = Report(name, run, (run.__doc__ or "").strip().splitlines()[0])
    return run


def find(name: str) -> Report:
    """Return the report called *name*, one of NAMES."""
    import_module(f"bench.{name}")
    return REPORTS[name]
