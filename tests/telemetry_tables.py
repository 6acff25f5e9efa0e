"""The tables of docs/telemetry.md as data: which spans, metrics and log lines there are."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "docs" / "telemetry.md"
JOURNEY = "●"
CODE = re.compile(r"`([^`]+)`")
BRACES = re.compile(r"\{([^}]+)\}")
REFERENCE = re.compile(r"as `([^`]+)`")


@dataclass(frozen=True)
class SpanRow:
    """A row of the spans: the name with attributes in braces, and whether a journey has one."""

    template: str
    kind: str
    attributes: frozenset[str]
    in_journey: bool

    def is_of(self, name: str, kind: str, attributes: Mapping[str, str]) -> bool:
        expected = BRACES.sub(lambda match: attributes.get(match[1], match[0]), self.template)
        return (name, kind) == (expected, self.kind) and attributes.keys() <= self.attributes


@dataclass(frozen=True)
class MetricRow:
    instrument: str
    unit: str
    attributes: frozenset[str]
    in_journey: bool


def span_rows() -> list[SpanRow]:
    rows = list(_rows("Spans"))
    attributes = {_code(row[0]).split()[0]: row[3] for row in rows}
    return [
        SpanRow(
            _code(name),
            kind,
            frozenset(CODE.findall(REFERENCE.sub(lambda match: attributes[match[1]], carried))),
            journey == JOURNEY,
        )
        for name, kind, _, carried, journey in rows
    ]


def metric_rows() -> dict[str, MetricRow]:
    return {
        _code(name): MetricRow(instrument, unit, frozenset(CODE.findall(attributes)), journey == JOURNEY)
        for name, instrument, unit, attributes, _, journey in _rows("Metrics")
    }


def log_rows() -> dict[str, tuple[set[str], set[str]]]:
    """Return the levels and the keys of each event."""
    return {
        _code(event): (set(levels.split(", ")), set(CODE.findall(keys)))
        for event, levels, keys, _ in _rows("Log lines")
    }


def _rows(heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the one table under *heading*."""
    section = DOCUMENT.read_text(encoding="utf8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def _code(cell: str) -> str:
    return cell.strip("`")
