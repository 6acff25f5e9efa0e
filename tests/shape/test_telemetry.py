"""docs/telemetry.md has every metric and every log line that the code can tell, and no others."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from tests.telemetry_tables import log_rows, metric_rows, span_rows

from .contract import ROOT

# What makes a metric, by name; its first argument is the metric's.
RECORDING = {"count", "record", "gauge", "level", "counter", "_durations"}
# What the line itself says of the call is in every line.
EVERYWHERE = {"method"}


def calls() -> Iterator[ast.Call]:
    """Yield every call in the code of the services."""
    for folder in ("chassis", "common", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf8"))
            yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def texts(node: ast.expr) -> Iterator[str]:
    """Yield the texts that *node* can be: `"a" if x else "b"` is either."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def log_levels(function: ast.expr) -> set[str]:
    """Return the levels at which a called function logs; none when it is no log."""
    return {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "log"
    }


def test_every_metric_of_the_code_has_its_row():
    named = {
        text
        for call in calls()
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in RECORDING and call.args
        for text in texts(call.args[0])
        if "." in text
    }

    assert named == set(metric_rows())


def test_every_log_line_of_the_code_has_its_row_with_its_levels_and_keys():
    lines: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for call in calls():
        for level in log_levels(call.func) if call.args else ():
            for event in texts(call.args[0]):
                lines[event][0].add(level)
                lines[event][1].update(keyword.arg or "" for keyword in call.keywords)

    written = {event: (levels, _as_written(keys)) for event, (levels, keys) in lines.items()}
    assert written == log_rows()


def _as_written(keys: set[str]) -> set[str]:
    """Return the keys that a line has for the keywords of its call."""
    return {"exception" if key == "exc_info" else key for key in keys} - EVERYWHERE


def test_every_span_is_told_once():
    names = [(row.template, row.kind) for row in span_rows()]

    assert len(names) == len(set(names)) > 10
