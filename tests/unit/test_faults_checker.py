"""The checker of `make faults` finds each kind of wrong history, and takes no right one for wrong."""

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults import checker, plan
from tests.faults.story import Findings, parse

from .fault_histories import HERE, PHARMACY, POISON, REFERRAL, THERE, Telling, a_right_history

Break = Callable[[Telling], None]

CHECKER_FILES = ("checker", "story", "mailbox_checks", "dossier_checks", "prescription_checks")


def findings_of(telling: Telling) -> Findings:
    return checker.check(parse(json.dumps(event) for event in telling.numbered()))


def without(kind: str, **value: Any) -> Break:
    """Leave out the first line of *kind* with what is given of its value."""
    return lambda telling: telling.remove(kind, **value)


def changed(kind: str, change: dict[str, Any], **value: Any) -> Break:
    """Change the value of the first line of *kind* with what is given of its value."""
    return lambda telling: telling.line(kind, **value)["value"].update(change)


def copied(kind: str, change: dict[str, Any], **value: Any) -> Break:
    """Write a line again at the end, with a *change*."""

    def apply(telling: Telling) -> None:
        line = telling.line(kind, **value)
        telling.events.append({**line, "value": {**line["value"], **change}})

    return apply


def dispensings(*rows: tuple[str, int, str]) -> dict[str, Any]:
    """Return what a prescription shows of its dispensings: name, quantity, state."""
    return {
        "dispensings": [
            {"name": name, "pharmacy": PHARMACY, "quantity": quantity, "state": f"STATE_{state}"}
            for name, quantity, state in rows
        ]
    }


def refused_dossier(telling: Telling) -> None:
    telling.did("submit", {"mark": "k2"}, None, reason="ERROR_REASON_DOSSIER_REFUSED")
    telling.read("dossier", {"name": "dossier-2", "link_key": "k2", "version": 1})


def late(telling: Telling, lines: int) -> None:
    """Deliver a message again so many lines, and seconds, later, leased by a clock that is an hour ahead."""
    telling.events.append({"type": "fault", "action": "clock", "value": {"target": "+1 h", "seconds": 0}})
    telling.events += [{"type": "fault", "action": "kill", "value": {}}] * lines
    copied("deliver", {"lease_time": 5000.0}, message="m2")(telling)


D1, D2 = ("d1", 10_000, "DISPENSED"), ("d2", 5_000, "REVERSED")

LOST = {
    "a message that is nowhere": without("read", name="m1"),
    "a message that still waits": changed("read", {"state": "STATE_ACCEPTED"}, name="m1"),
    "a message that nobody got": without("deliver", message="m2"),
    "a message that is dead and should not be": changed("read", {"state": "STATE_DEAD"}, name="m1"),
    "a message that should be dead": changed("read", {"state": "STATE_ACKNOWLEDGED"}, name=POISON),
    "a death that its sender was not told of": without("deliver", message="m-dead"),
    "a dossier that is gone": without("read", link_key="k1"),
    "a dossier of another name": changed("read", {"name": "other"}, link_key="k1"),
    "a referral that is gone": without("read", name=REFERRAL),
    "an appointment that is gone": without("read", name="a1"),
    "a slip that did not arrive": without("deliver", message="m-slip"),
    "a change that was undone": changed("read", {"state": "STATE_DELIVERED"}, name=REFERRAL),
    "a change that the other party was not told of": without("deliver", message="m-notice"),
    "a notice that went to the wrong party": changed("deliver", {"recipient": THERE}, message="m-notice"),
    "a prescription that is gone": without("read", code="c1"),
    "a dispensing that is gone": changed("read", dispensings(D2), code="c1"),
    "a reversal that is gone": changed("read", dispensings(D1, ("d2", 5_000, "DISPENSED")), code="c1"),
    "a line that counts less": changed("read", {"dispensed": 0}, code="c1"),
}

DOUBLED = {
    "a message that is there twice": copied("read", {"name": "m9"}, name="m1"),
    "a message that nobody sent": copied("read", {"name": "m9", "correlation": "x"}, name="m1"),
    "a message leased after it was taken": copied("deliver", {"lease_time": 1e9}, message="m1"),
    "a message that was taken twice": lambda telling: telling.did(
        "acknowledge", {"message": "m1", "recipient": THERE}, {"message": "m1"}
    ),
    "a message delivered long after it was taken, clocks having jumped": lambda telling: late(telling, 60),
    "a dossier that is there twice": copied("read", {"name": "other"}, link_key="k1"),
    "a dossier that was refused": refused_dossier,
    "a referral that is there twice": copied("read", {"name": "other"}, name=REFERRAL),
    "an appointment that is there twice": copied("read", {"name": "a2"}, name="a1"),
    "a slip that came in two messages": copied("deliver", {"message": "m9"}, message="m-slip"),
    "a change that was told twice": copied("deliver", {"message": "m9"}, message="m-notice"),
    "a notice of what nobody did": copied(
        "deliver", {"message": "m9", "event": "EVENT_REFERRAL_DECLINED"}, message="m-notice"
    ),
    "a state that nobody made": changed("read", {"state": "STATE_CANCELLED"}, name=REFERRAL),
    "a dispensing that is there twice": changed("read", dispensings(D1, D1, D2), code="c1"),
    "a dispensing that nobody made": changed(
        "read", dispensings(D1, D2, ("d3", 5_000, "DISPENSED")), code="c1"
    ),
    "more than was prescribed": changed(
        "read", {"dispensed": 40_000, **dispensings(("d1", 40_000, "DISPENSED"), D2)}, code="c1"
    ),
    "a reversal that nobody made": changed("read", dispensings(("d1", 10_000, "REVERSED"), D2), code="c1"),
    "another answer to the same request": lambda telling: telling.again("send-1", {"message": "m9"}),
    "a claim while another held it": lambda telling: telling.did(
        "claim", {"code": "c1", "pharmacy": "another"}, {}
    ),
    "a change that was done twice": lambda telling: telling.did(
        "accept", {"referral": REFERRAL, "other": HERE}, {}
    ),
}

REORDERED = {
    "messages that arrived in another order": lambda telling: telling.swap("deliver", "m1", "m2"),
    "messages that were taken in another order": lambda telling: telling.swap("invoke", "m1", "m2"),
}

UNEXPLAINED = {
    "a death that there was not": copied(
        "deliver",
        {"message": "m9", "about": "//routing.lientuyen/messages/m1", "event": "EVENT_MESSAGE_DEAD"},
        message="m-notice",
    ),
    "an internal error": lambda telling: telling.did(
        "send", {"sender": HERE, "recipient": THERE, "correlation": "3"}, None, reason="ERROR_REASON_INTERNAL"
    ),
    "a notice about something else": copied(
        "deliver", {"message": "m9", "about": "elsewhere"}, message="m-notice"
    ),
}


def test_a_right_history_has_no_fault():
    assert findings_of(a_right_history()) == Findings()


@pytest.mark.parametrize(
    ("kind", "what", "breaking"),
    [
        (kind, what, breaking)
        for kind, breaks in {
            "lost": LOST,
            "doubled": DOUBLED,
            "reordered": REORDERED,
            "unexplained": UNEXPLAINED,
        }.items()
        for what, breaking in breaks.items()
    ],
)
def test_a_wrong_history_is_found_out(kind: str, what: str, breaking: Break):
    telling = a_right_history()
    breaking(telling)

    assert getattr(findings_of(telling), kind), what


NEVER_ANSWERED = {
    "that had no effect": lambda telling: None,
    "that had one": lambda telling: telling.read(
        "message",
        {"name": "m3", "sender": HERE, "recipient": THERE, "correlation": "3", "state": "STATE_ACKNOWLEDGED"},
    ),
}


@pytest.mark.parametrize("effect", NEVER_ANSWERED.values(), ids=NEVER_ANSWERED.keys())
@pytest.mark.parametrize("outcome", ["unknown", "fail"])
def test_an_operation_that_nobody_answered_may_have_happened_or_not(effect: Break, outcome: str):
    """Nor is one refused for sure that had been sent before, without an answer."""
    telling = a_right_history()
    value = {"sender": HERE, "recipient": THERE, "correlation": "3"}
    telling.did("send", value, None, outcome=outcome, attempts=2)
    effect(telling)

    found = findings_of(telling)

    assert (found.lost, found.doubled, found.reordered) == ([], [], [])


def test_a_delivery_that_was_under_way_when_the_message_was_taken_may_come_late():
    telling = a_right_history()
    copied("deliver", {}, message="m1")(telling)

    assert findings_of(telling) == Findings()


def test_clocks_that_jump_make_no_delivery_late():
    telling = a_right_history()
    telling.events.insert(0, {"type": "fault", "action": "clock", "value": {"target": "+1 h", "seconds": 0}})
    for event in telling.events:
        if event["type"] == "deliver":
            event["value"]["lease_time"] = 1e6

    assert findings_of(telling) == Findings()


def test_messages_that_were_sent_at_once_may_come_in_either_order():
    telling = a_right_history()
    telling.begin_together("send-1", "send-2")
    telling.swap("deliver", "m1", "m2")
    telling.swap("invoke", "m1", "m2")

    assert findings_of(telling) == Findings()


@pytest.mark.parametrize("name", CHECKER_FILES)
def test_the_checker_shares_no_code_with_the_services(name: str):
    tree = ast.parse((Path(checker.__file__).parent / f"{name}.py").read_text(encoding="utf8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    ours = {node.module for node in imports if isinstance(node, ast.ImportFrom) and node.level == 1}
    others = {
        module.partition(".")[0]
        for node in imports
        if not (isinstance(node, ast.ImportFrom) and node.level)
        for module in ([node.module or ""] if isinstance(node, ast.ImportFrom) else _names(node))
    }

    assert ours <= set(CHECKER_FILES)
    assert others <= sys.stdlib_module_names


def _names(node: ast.Import) -> list[str]:
    return [alias.name for alias in node.names]


def test_the_same_seed_draws_the_same_plan_with_every_kind_of_fault():
    faults = plan.draw(12, 600)

    assert faults == plan.draw(12, 600) != plan.draw(13, 600)
    assert {fault.action for fault in faults} == set(plan.WEIGHTS)
    assert {fault.target[0] for fault in faults if fault.action == "kill"} == set(plan.SERVICES)
