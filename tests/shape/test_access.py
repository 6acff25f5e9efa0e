"""Default deny: every RPC has an access rule, and no rule is stale."""

import ast
from importlib import import_module

import pytest

from chassis.access import NODE
from chassis.call_context import CARE_CODE
from services.identity.model import facilities

from .contract import ROOT, SERVICES, methods

# What holds who calls, in the code of the services.
CALLERS = {"caller", "asking", "requester", "owner", "writer"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_method_has_a_rule_and_every_rule_a_method(service: str):
    access = import_module(f"services.{service}.access")
    rules, of_nodes = access.RULES, getattr(access, "FEDERATION_RULES", {})

    assert not set(rules) & set(of_nodes)
    assert all(rule.callers == {NODE} for rule in of_nodes.values())
    assert not any(NODE in rule.callers for rule in rules.values())
    assert set(rules) | set(of_nodes) == {method.path for method in methods() if method.owner == service}


def ids_of_callers(source: str) -> list[int]:
    """The lines of *source* that take the id of a caller without its kind."""

    def is_caller(node: ast.expr) -> bool:
        name = node.func if isinstance(node, ast.Call) else node
        return (name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")) in CALLERS

    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr == "id" and is_caller(node.value)
    ]


def test_no_service_takes_the_id_of_a_caller_without_its_kind():
    """`Caller.code` and `Caller.facility` hold the kind to the code; `Caller.id` alone says nothing."""
    rooms = [path for root in ("services", "common") for path in (ROOT / root).rglob("*.py")]
    taken = [
        f"{path.relative_to(ROOT)}:{line}" for path in rooms for line in ids_of_callers(path.read_text())
    ]

    assert ids_of_callers("own = call_context.caller().id") == ids_of_callers("own = caller.id") == [1]
    assert taken == []


def test_the_directory_and_the_door_tell_the_kinds_by_one_form():
    assert CARE_CODE.pattern == facilities.CARE_CODE
