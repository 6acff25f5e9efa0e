"""SQL statements are constants of a module, so that a test can prepare every one of them."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]


def made_in_functions(path: Path) -> list[str]:
    """Return where *path* calls `sql(…)` or `Sql(…)` inside a function, as `file:line`."""
    tree = ast.parse(path.read_text(encoding="utf8"))
    bodies = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    ]
    calls = {
        call.lineno
        for body in bodies
        for call in ast.walk(body)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("sql", "Sql")
    }
    return [f"{path.relative_to(ROOT)}:{line}" for line in sorted(calls)]


def test_no_statement_is_made_inside_a_function():
    paths = [
        path for folder in ("chassis", "common", "services") for path in sorted((ROOT / folder).rglob("*.py"))
    ]

    found = [place for path in paths if path != ROOT / "chassis/sql.py" for place in made_in_functions(path)]

    assert found == []
