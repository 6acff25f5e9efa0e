"""
The checker of messages between nodes: reads a history and says what was lost, doubled or reordered.

    python -m tests.faults.node_checks build/faults-nodes.jsonl

It shares no code with the services, nor with what calls them: the standard library, and lines of JSON.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Pair = tuple[str, str]


def check(lines: Iterable[str]) -> dict[str, Any]:
    """Return how many messages were sent, taken, lost, doubled and reordered, and the faults."""
    sent: defaultdict[Pair, list[int]] = defaultdict(list)
    taken: defaultdict[Pair, list[int]] = defaultdict(list)
    faults: Counter[str] = Counter()
    for line in lines:
        event = json.loads(line)
        if event["event"] == "fault":
            faults[event["action"]] += 1
            continue
        pair = event["sender"], event["recipient"]
        (sent if event["event"] == "sent" else taken)[pair].append(event["number"])
    pairs = set(sent) | set(taken)
    return {
        "sent": sum(map(len, sent.values())),
        "taken": sum(map(len, taken.values())),
        "pairs": len(pairs),
        "lost": sum(len(set(sent[pair]) - set(taken[pair])) for pair in pairs),
        "doubled": sum(len(taken[pair]) - len(set(taken[pair])) for pair in pairs),
        "reordered": sum(_reordered(taken[pair]) for pair in pairs),
        "faults": dict(sorted(faults.items())),
    }


def _reordered(numbers: list[int]) -> int:
    """Return how many came after a later one; one that came again is doubled and not reordered."""
    highest, count, seen = -1, 0, set[int]()
    for number in numbers:
        if number < highest and number not in seen:
            count += 1
        highest = max(highest, number)
        seen.add(number)
    return count


def table(figures: dict[str, Any]) -> str:
    faults = ", ".join(f"{action} {count}" for action, count in figures["faults"].items())
    rows = [(name, figures[name]) for name in ("sent", "taken", "pairs", "lost", "doubled", "reordered")]
    return "".join(f"{name:<10} {value:>8}\n" for name, value in rows) + f"{'faults':<10} {faults}\n"


if __name__ == "__main__":
    sys.stdout.write(table(check(Path(sys.argv[1]).read_text(encoding="utf8").splitlines())))
