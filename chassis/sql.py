"""
A SQLAlchemy Core statement, compiled once, at import, to SQL that asyncpg runs itself.

SQLAlchemy says what a statement means and PostgreSQL sees `$1, $2, …`; nothing of SQLAlchemy
runs while a call is served (compiling and binding in the call costs half of the throughput).

    GET_PERSON = sql(select(persons.c.id, persons.c.state).where(persons.c.id == bindparam("id")))
    row = await tx.fetchrow(GET_PERSON, id=person_id)

The one rule a newcomer would break: a statement's text is fixed.  A list goes in as ONE array
parameter, `t.c.id == any_(bindparam("ids", type_=ARRAY(UUID)))`, never as `in_(bindparam(…))`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Delete, Insert, Join, Select, TextClause, Update
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.selectable import CompoundSelect

_DIALECT: Final = PGDialect_asyncpg()  # type: ignore[no-untyped-call]

# A statement that writes, or a part of one (WITH).
_WRITES: Final = re.compile(r"(?:^|[()])\s*(?:insert|update|delete)\b", re.IGNORECASE)

_TEXT_TARGET: Final = re.compile(r"\b(?:from|into|update)\s+([a-z_][a-z0-9_.]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sql:
    """A compiled statement.

    `names[i]` is the parameter that `$i+1` stands for, each name once.  `constants` are the
    values written into the statement where it was built.  `operation` is `SELECT`, `INSERT`, …;
    `summary` adds the table that the statement is about and is safe as a span's name.
    `writes` tells whether it writes, by itself or in a part; `logs_access` marks what a read must leave,
    which is written while nothing else is (`write_gate`).
    """

    text: str
    names: tuple[str, ...]
    constants: Mapping[str, object]
    operation: str
    summary: str
    writes: bool = False
    logs_access: bool = False

    def arguments(self, params: Mapping[str, object]) -> list[object]:
        """Return the values in the order of `$1, $2, …`; TypeError unless *params* fit exactly."""
        values = {**self.constants, **params} if self.constants else params
        if len(values) != len(self.names):
            raise self._misfit(values)
        try:
            return [values[name] for name in self.names]
        except KeyError:
            raise self._misfit(values) from None

    def _misfit(self, values: Mapping[str, object]) -> TypeError:
        missing = sorted(set(self.names) - set(values))
        unknown = sorted(set(values) - set(self.names))
        return TypeError(f"{self.summary}: missing parameters {missing}, unknown parameters {unknown}")


def sql(statement: ClauseElement, *, about: str = "", operation: str = "", logs_access: bool = False) -> Sql:
    """Return *statement* compiled for asyncpg; *about* is the table to name where it does not come first.

    *operation* is what it does, `SELECT`, where its first word is another: `WITH`.

    ValueError when it cannot be fixed at import: an `in_` over a named parameter, or a column
    with a Python-side default, which nobody would fill in.
    """
    compiled = _compile(statement)
    text = str(compiled)
    operation = operation or _operation(statement, text)
    table = about or _table(statement)
    return Sql(
        text=text,
        names=tuple(compiled.positiontup or ()),
        constants=_constants(compiled),
        operation=operation,
        summary=f"{operation} {table}" if table else operation,
        writes=_WRITES.search(text) is not None,
        logs_access=logs_access,
    )


def _compile(statement: ClauseElement) -> SQLCompiler:
    if isinstance(statement, Insert):
        statement = statement.inline()  # no RETURNING that nobody asked for
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    if not isinstance(compiled, SQLCompiler):
        raise ValueError(f"not a statement with parameters: {statement}")
    for column in [*compiled.insert_prefetch, *compiled.update_prefetch]:
        raise ValueError(f"{column} has a Python-side default; give it a server_default or a value")
    return compiled


def _constants(compiled: SQLCompiler) -> dict[str, object]:
    """Return the values that the statement itself carries: every parameter that is not required."""
    required = {bind.key for bind in compiled.binds.values() if bind.required}
    values = compiled.params
    return {name: values[name] for name in compiled.positiontup or () if name not in required}


def _operation(statement: ClauseElement, text: str) -> str:
    match statement:
        case Insert():
            return "INSERT"
        case Update():
            return "UPDATE"
        case Delete():
            return "DELETE"
        case Select() | CompoundSelect():
            return "SELECT"
    return text.split(maxsplit=1)[0].upper()


def _table(statement: object) -> str:
    """Return the table that *statement* is about: its target, or the first it reads."""
    match statement:
        case Insert() | Update() | Delete():
            return _table(statement.table)
        case Select():
            froms = statement.get_final_froms()
            return _table(froms[0]) if froms else ""
        case CompoundSelect():
            return _table(statement.selects[0])
        case Join():
            return _table(statement.left)
        case TextClause():
            target = _TEXT_TARGET.search(statement.text)
            return target.group(1) if target else ""
    return str(getattr(statement, "name", ""))
