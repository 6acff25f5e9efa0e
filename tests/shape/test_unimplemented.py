"""What the contract promises and the code does not do yet is listed, and nothing else is."""

from importlib import import_module
from inspect import getmembers, isclass
from pkgutil import iter_modules
from types import ModuleType

import pytest

from services.unimplemented import UNIMPLEMENTED

from .contract import SERVICES, methods

SERVING = ("service", "nodes")


def rooms(package: str) -> list[ModuleType]:
    """Where servicers of *package* are: its service room, one module or a folder, and the room of nodes."""
    names = [one.name for one in iter_modules(import_module(package).__path__) if one.name in SERVING]
    found = [import_module(f"{package}.{name}") for name in names]
    inner = [
        import_module(f"{room.__name__}.{one.name}")
        for room in found
        for one in iter_modules(getattr(room, "__path__", []))
    ]
    return [*found, *inner]


def built(service: str) -> set[str]:
    """The full names of the methods that *service*'s servicers define themselves."""
    servicers = {
        servicer
        for room in rooms(f"services.{service}")
        for _, servicer in getmembers(room, isclass)
        if servicer.__module__.startswith(f"services.{service}")
    }
    contract = {method.path: method.full for method in methods() if method.owner == service}
    found = set()
    for servicer in servicers:
        bases = [base.__name__.removesuffix("Servicer") for base in servicer.__mro__[1:]]
        found |= {
            contract[f"{base}/{name}"]
            for base in bases
            for name in vars(servicer)
            if f"{base}/{name}" in contract
        }
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_method_is_built_or_listed_as_unbuilt_never_both(service: str):
    promised = {method.full for method in methods() if method.owner == service}
    listed = {name for name in UNIMPLEMENTED if name.startswith(f"lientuyen.{service}.")}

    assert built(service) == promised - listed


def test_the_table_names_methods_of_the_contract_only():
    assert set(UNIMPLEMENTED) <= {method.full for method in methods()}
    assert all(UNIMPLEMENTED.values())
