"""The checker of messages between nodes finds what was planted, and knows nothing of the code."""

import json
import sys
from pathlib import Path

from tests.faults import node_checks

PAIR = {"sender": "01999", "recipient": "79024"}


def _history(sent: list[int], taken: list[int]) -> list[str]:
    lines = [{"event": "sent", "number": number, **PAIR} for number in sent]
    lines += [{"event": "taken", "number": number, **PAIR} for number in taken]
    return [json.dumps(line) for line in lines]


def _found(sent: list[int], taken: list[int]) -> tuple[int, int, int]:
    figures = node_checks.check(_history(sent, taken))
    return figures["lost"], figures["doubled"], figures["reordered"]


def test_what_arrived_once_and_in_order_is_right() -> None:
    assert _found([0, 1, 2], [0, 1, 2]) == (0, 0, 0)


def test_what_is_lost_doubled_or_reordered_is_found() -> None:
    assert _found([0, 1, 2], [0, 2]) == (1, 0, 0)
    assert _found([0, 1, 2], [0, 1, 1, 2]) == (0, 1, 0)
    assert _found([0, 1, 2], [1, 0, 2]) == (0, 0, 1)


def test_pairs_are_judged_apart() -> None:
    other = [json.dumps({"event": "taken", "number": 5, "sender": "01929", "recipient": "79024"})]
    assert node_checks.check([*_history([0], [0]), *other])["reordered"] == 0


def test_the_checker_imports_the_standard_library_alone() -> None:
    source = Path(node_checks.__file__).read_text(encoding="utf8")
    lines = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    imported = {line.split()[1].partition(".")[0] for line in lines}
    assert imported <= sys.stdlib_module_names
