"""The checker of killed streams finds each kind of wrong history, and takes no right one for wrong."""

import ast
import json
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.faults.stream_kills import checker
from tests.faults.stream_kills.checker import Findings, check, parse

Event = dict[str, Any]
Break = Callable[[list[Event]], None]

ROWS = {
    "encounters": 1,
    "diagnoses": 1,
    "results": 1,
    "medicines": 1,
    "services": 2,
    "other_rows": 2,
    "slips": 2,
}


def file(request: str, mark: str, *, faulty: bool = False) -> Event:
    return {
        "type": "file",
        "request": request,
        "value": {"mark": mark, "sha256": f"sha-{request}", "bytes": 10, "faulty": faulty},
    }


def acknowledged(request: str, version: int = 1) -> Event:
    value = {"dossier": f"d-{request}", "version": version, "sha256": f"sha-{request}"}
    return {"type": "ok", "request": request, "value": value}


def stored(request: str, mark: str, version: int = 1, state: str = "ACCEPTED") -> list[Event]:
    value = {"dossier": f"d-{request}", "mark": mark, "version": version, "state": f"STATE_{state}"}
    value |= {"original": f"sha-{request}", "bytes": 10}
    tables = {**ROWS, "file_pieces": 1} if state == "ACCEPTED" else {"slips": 2, "file_pieces": 1}
    rows = {"dossier": f"d-{request}", "tables": tables}
    return [{"type": "stored", "value": value}, {"type": "rows", "value": rows}]


def slips(mark: str) -> list[Event]:
    return [
        {"type": "read", "action": kind, "value": {"slip_number": mark}}
        for kind in ("referral", "appointment")
    ]


def a_right_history() -> list[Event]:
    """The first, one sent again, a new version, a refused one, and two given up, of which one was done."""
    return [
        *(file("r1", "m1"), acknowledged("r1")),
        *(file("r2", "m2"), {"type": "kill", "value": {"target": "records", "in_flight": 3}}),
        *(acknowledged("r2"), acknowledged("r2")),
        *(file("r3", "m2"), acknowledged("r3", 2)),
        *(file("r4", "m4", faulty=True), {"type": "refused", "request": "r4", "reason": "DOSSIER_REFUSED"}),
        *(file("r5", "m5"), {"type": "gave_up", "request": "r5"}),
        *(file("r6", "m6"), {"type": "gave_up", "request": "r6"}),
        *stored("r1", "m1"),
        *stored("r2", "m2", state="SUPERSEDED"),
        *stored("r3", "m2", 2),
        *stored("r5", "m5"),
        *slips("m1"),
        *slips("m2"),
        *slips("m5"),
        {"type": "outcome", "request": "r5", "value": {"dossier": "d-r5"}},
        {"type": "outcome", "request": "r6", "value": {"dossier": ""}},
    ]


def findings_of(events: list[Event]) -> Findings:
    return check(parse(json.dumps(event) for event in events))


def value_of(events: list[Event], kind: str, **known: Any) -> Any:
    return next(
        event["value"]
        for event in events
        if event["type"] == kind and known.items() <= {**event, **event.get("value", {})}.items()
    )


def without(kind: str, **known: Any) -> Break:
    def apply(events: list[Event]) -> None:
        value = value_of(events, kind, **known)
        events[:] = [event for event in events if event.get("value") is not value]

    return apply


def changed(kind: str, change: dict[str, Any], **known: Any) -> Break:
    return lambda events: value_of(events, kind, **known).update(change)


def added(*more: Event) -> Break:
    return lambda events: events.extend(deepcopy(list(more)))


LOST = {
    "a dossier that is gone": without("stored", dossier="d-r1"),
    "another version than was acknowledged": changed("stored", {"version": 3}, dossier="d-r3"),
    "of another encounter": changed("stored", {"mark": "m9"}, dossier="d-r1"),
    "an original that was altered": changed("stored", {"original": "sha-x"}, dossier="d-r1"),
    "an original that was cut": changed("stored", {"bytes": 9}, dossier="d-r1"),
    "a row too few": changed("rows", {"tables": {**ROWS, "services": 1, "file_pieces": 1}}, dossier="d-r3"),
    "a row twice": changed("rows", {"tables": {**ROWS, "results": 2, "file_pieces": 1}}, dossier="d-r3"),
    "rows of a version that does not count": changed(
        "rows", {"tables": {**ROWS, "file_pieces": 1}}, dossier="d-r2"
    ),
    "no piece": changed("rows", {"tables": ROWS}, dossier="d-r3"),
    "no slip": changed("rows", {"tables": {**ROWS, "slips": 1, "file_pieces": 1}}, dossier="d-r3"),
    "no referral": without("read", action="referral", slip_number="m2"),
    "done, and not there": without("stored", dossier="d-r5"),
    "there, and not done": changed("outcome", {"dossier": ""}, request="r5"),
}

DOUBLED = {
    "a file twice": added({"type": "stored", "value": {**stored("r1", "m1")[0]["value"], "dossier": "d-x"}}),
    "one that was refused": added(*stored("r4", "m4")),
    "one that nobody sent": added(*stored("r9", "m9")),
    "one that was not acknowledged": added(file("r7", "m7"), *stored("r7", "m7")),
    "a faulty one that was taken": added(acknowledged("r4"), *stored("r4", "m4")),
    "another answer": added(acknowledged("r1", 2)),
    "one answer to two": added(
        file("r8", "m8"), {"type": "ok", "request": "r8", "value": acknowledged("r1")["value"]}
    ),
    "two that count": changed("stored", {"state": "STATE_ACCEPTED"}, dossier="d-r2"),
    "none that counts": changed("stored", {"state": "STATE_SUPERSEDED"}, dossier="d-r3"),
    "rows of no dossier": added({"type": "rows", "value": {"dossier": "d-x", "tables": {"services": 1}}}),
    "two referrals": added(slips("m1")[0]),
    "a referral of nobody": added(slips("m9")[0]),
}

UNEXPLAINED = {
    "a good one that was refused": added(
        file("r7", "m7"), {"type": "refused", "request": "r7", "reason": "ERROR_REASON_INTERNAL"}
    ),
    "one that was left": added(file("r7", "m7")),
}


def test_a_right_history_has_no_fault():
    assert findings_of(a_right_history()) == Findings()


@pytest.mark.parametrize(
    ("kind", "what", "breaking"),
    [
        (kind, what, breaking)
        for kind, breaks in {"lost": LOST, "doubled": DOUBLED, "unexplained": UNEXPLAINED}.items()
        for what, breaking in breaks.items()
    ],
)
def test_a_wrong_history_is_found_out(kind: str, what: str, breaking: Break):
    events = a_right_history()
    breaking(events)

    assert getattr(findings_of(events), kind), what


def test_the_checker_knows_the_standard_library_only():
    tree = ast.parse(Path(checker.__file__).read_text(encoding="utf8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}

    assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names
