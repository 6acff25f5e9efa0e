"""What a run found: printed once, written as JSON, and judged."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console, RenderableType

from . import machine
from .comparisons import costs, flatness, latencies, secrecy
from .figures import Figure, others, table

# The table has eight columns of figures.
WIDTH = 132


@dataclass
class Outcome:
    """All that is known so far, so that a run that is broken off still tells it.

    *filled* is what making the population took, *lost* what could not be measured and why; *reports* and
    *renderables* are what the reports gave, for the JSON and for the eye.
    """

    machine: dict[str, object] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    filled: list[dict[str, object]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    reports: dict[str, object] = field(default_factory=dict)
    renderables: list[RenderableType] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.figures and not self.reports

    def as_json(self) -> dict[str, object]:
        """Return the run as JSON holds it: the machine, then one object a load, then the rest."""
        return {
            "machine": self.machine,
            "loads": [asdict(figure) for figure in self.figures],
            "flat": [asdict(figure) for figure in flatness(self.figures)],
            "known_unknown": [asdict(figure) for figure in secrecy(self.figures)],
            "latencies": [asdict(figure) for figure in latencies(self.figures)],
            "costs": [asdict(figure) for figure in costs(self.figures)],
            "populations": self.filled,
            "reports": self.reports,
            "lost": self.lost,
        }

    def show(self, out: Console) -> None:
        """Print the header, the table, what its lines say side by side, and the reports."""
        for line in [*machine.lines(self.machine), *(str(item["sentence"]) for item in self.filled)]:
            out.print(line, markup=False)
        if self.figures:
            out.print(table(self.figures))
        sentences = [
            *(item.sentence() for item in flatness(self.figures)),
            *(item.sentence() for item in secrecy(self.figures)),
            *(item.sentence() for item in latencies(self.figures)),
            *(item.sentence() for item in costs(self.figures)),
        ]
        for sentence in sentences:
            out.print(sentence, markup=False)
        for renderable in self.renderables:
            out.print(renderable)
        if "load_average_after" in self.machine:
            out.print(
                f"after the run: {self.machine['fsyncs_per_second_after']} fdatasync/s, "
                f"load average {self.machine['load_average_after']}; "
                f"others took {round(others(self.figures), 2)} cores during it"
            )

    def write(self, path: Path) -> None:
        """Write the JSON, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        new.write_text(json.dumps(self.as_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf8")
        new.replace(path)


def verdict(outcome: Outcome, console: Console) -> int:
    """Tell what was wrong; return 1 when anything was, or when a load had no answer at all."""
    for figure in outcome.figures:
        if figure.errors:
            console.print(
                f"{figure.name}: {figure.errors} wrong answers: {'; '.join(dict.fromkeys(figure.failures))}",
                markup=False,
                soft_wrap=True,
            )
        if not figure.calls:
            console.print(f"{figure.name}: no call was answered", markup=False, soft_wrap=True)
    for sentence in outcome.lost:
        console.print(sentence, markup=False, soft_wrap=True)
    return 1 if outcome.lost or any(figure.errors or not figure.calls for figure in outcome.figures) else 0
