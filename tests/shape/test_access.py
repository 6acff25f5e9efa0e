"""Default deny: every RPC has an access rule, and no rule is stale."""

from importlib import import_module

import pytest

from .contract import SERVICES, methods


@pytest.mark.parametrize("service", SERVICES)
def test_every_method_has_a_rule_and_every_rule_a_method(service: str):
    rules = import_module(f"services.{service}.access").RULES

    assert set(rules) == {method.path for method in methods() if method.owner == service}
