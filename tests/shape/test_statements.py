"""
SQL statements are made at import, so that `tests/contract/test_statements.py` can prepare every one.

A module makes them by `sql(…)` itself, or by functions that nothing calls while a call is served:
no coroutine and no method reaches `sql(…)`.
"""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = {
    path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf8"))
    for folder in ("chassis", "common", "services")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path != ROOT / "chassis/sql.py"
}

# The statement that makes the partition of a month names it; whoever calls this makes no other.
PARTITIONS = {"make_partition", "make_partitions", "keep_partitions"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> list[Function]:
    """Return the functions and methods of a module, with what is inside them."""
    inside = {
        inner
        for outer in ast.walk(tree)
        if isinstance(outer, Function)
        for inner in ast.walk(outer)
        if inner is not outer
    }
    return [node for node in ast.walk(tree) if isinstance(node, Function) and node not in inside]


@cache
def called(function: Function) -> frozenset[str]:
    """Return what *function* calls, as itself or as an attribute."""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return frozenset(str(getattr(call, "id", getattr(call, "attr", ""))) for call in calls)


@cache
def knows(path: Path, builder: str, home: Path) -> bool:
    """Tell whether the module at *path* is the *builder*'s home or imports it from there."""
    return path == home or any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").rpartition(".")[2] == home.stem
        and builder in [alias.name for alias in node.names]
        for node in ast.walk(MODULES[path])
    )


def makers() -> dict[tuple[str, Path], Function]:
    """Return the functions that make statements, themselves or by another of them."""
    everything = [(path, function) for path, tree in MODULES.items() for function in functions(tree)]
    found = {(function.name, path): function for path, function in everything if "sql" in called(function)}
    size = 0
    while len(found) > size:
        size = len(found)
        for path, function in everything:
            if any(name in called(function) and knows(path, name, home) for name, home in found):
                found[function.name, path] = function
    return found


def test_no_statement_is_made_while_a_call_is_served():
    methods = {
        function
        for tree in MODULES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for function in node.body
    }
    late = [
        f"{path}: {name}"
        for (name, path), function in makers().items()
        if (isinstance(function, ast.AsyncFunctionDef) or function in methods) and name not in PARTITIONS
    ]

    assert len(MODULES) > 100
    assert late == []
