"""
A history, read back: what was asked, what was answered, what arrived, what stands there at the end.

A history is lines of JSON in the order in which things happened, each with its `index` and `time`
(seconds since 1970) and a `type`:

    invoke   an operation begins: `id`, `worker`, `action`, `value`
    ok       it was acknowledged: `id`, `value`, `attempts`
    fail     it was refused: `id`, `reason`, `attempts`
    unknown  nobody answered, and it was given up: `id`, `attempts`
    again    the same request, sent once more after its `ok`, was answered: `id`, `value`
    deliver  a message came to a receiver: `worker`, `value`
    fault    something was done to the stack: `action`, `value`
    read     one thing that a service showed when all was quiet: `action`, `value`

This file knows the standard library only, as `checker` and what it is made of.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]


@dataclass
class Operation:
    """One thing that was asked for.

    *begin* and *end* are places in the history; *end* is None for one that nobody finished.
    """

    id: str
    worker: str
    action: str
    value: dict[str, Any]
    begin: int
    end: int | None = None
    outcome: str = "unknown"
    reply: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    attempts: int = 0
    repeats: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_acknowledged(self) -> bool:
        return self.outcome == "ok"

    @property
    def is_refused(self) -> bool:
        """Whether it surely did nothing: an earlier attempt that nobody answered may still have arrived."""
        return self.outcome == "fail" and self.attempts == 1

    def is_before(self, other: "Operation") -> bool:
        """Whether its acknowledgement was there before *other* was asked for."""
        return self.is_acknowledged and self.end is not None and self.end < other.begin


@dataclass
class Story:
    """What a history tells, sorted: *reads* by kind, *operations* by action in the order they began."""

    operations: defaultdict[str, list[Operation]] = field(default_factory=lambda: defaultdict(list))
    reads: defaultdict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    deliveries: list[Event] = field(default_factory=list)
    faults: list[Event] = field(default_factory=list)
    times: dict[int, float] = field(default_factory=dict)

    @property
    def all_operations(self) -> list[Operation]:
        return [operation for operations in self.operations.values() for operation in operations]

    def acknowledged(self, action: str) -> list[Operation]:
        return [operation for operation in self.operations[action] if operation.is_acknowledged]


def parse(lines: Iterable[str]) -> Story:
    """Return the story that *lines* tell; ValueError for a line that is none of a history."""
    return tell(json.loads(line) for line in lines if line.strip())


def tell(events: Iterable[Event]) -> Story:
    story, by_id = Story(), {}
    for event in events:
        story.times[event["index"]] = event["time"]
        match event["type"]:
            case "invoke":
                operation = Operation(
                    event["id"], event["worker"], event["action"], event["value"], event["index"]
                )
                by_id[operation.id] = operation
                story.operations[operation.action].append(operation)
            case "ok" | "fail" | "unknown":
                finish(by_id[event["id"]], event)
            case "again":
                by_id[event["id"]].repeats.append(event["value"])
            case "deliver":
                story.deliveries.append(event)
            case "fault":
                story.faults.append(event)
            case "read":
                story.reads[event["action"]].append(event["value"])
            case other:
                raise ValueError(f"a history has no {other!r}")
    return story


def finish(operation: Operation, event: Event) -> None:
    operation.end = event["index"]
    operation.outcome = event["type"]
    operation.reply = event.get("value", {})
    operation.reason = event.get("reason", "")
    operation.attempts = event["attempts"]


@dataclass
class Findings:
    """What is wrong, in sentences.

    *lost* was acknowledged and is not there; *doubled* is there more often than it was asked for, or was
    never asked for; *reordered* came in another order; *unexplained* are refusals that no rule explains.
    """

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    reordered: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
