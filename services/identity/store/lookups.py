"""
Who has a number: many questions in one statement, which writes the access log as it reads.

The row of a look-up names whom it found, so the statement that finds is the one that
logs: the answer and its row are one transaction, and one round trip for a whole batch.
A statement reads, for each question, an index for the number, the entry that has it,
the entries merged into that, and their numbers or cards; nothing else grows with the nation.

Merges are followed by `persons.merged_root`, kept up to date by whoever merges.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID as Uuid

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    SmallInteger,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID, aggregate_order_by, distinct_on

from chassis import audit
from chassis.db import Record, Transaction
from chassis.sql import Sql, sql

from ..model.identifiers import Identifier, Kind, Sex, State
from ..model.lookups import FoundHolder, FoundPerson, Holder, Shown
from ..schema import coverages, identifiers, persons
from .coverages import COLUMNS as CARD_COLUMNS
from .coverages import MOST as MOST_CARDS
from .coverages import card_of
from .persons import COLUMNS, birth_of, person_of

# Claims of one number that are looked at: an entry and the 64 that may have been merged into
# it may all have it, and then one more is one too many.
CLAIMS = 66

# What stands before a person's id in the access log.
FULL_NAME = "//identity.lientuyen/persons/"

_CANCELLED: ColumnElement[int] = literal_column(str(int(State.CANCELLED)))
_CURRENT: ColumnElement[int] = literal_column(str(int(State.CURRENT)))


class Asked(NamedTuple):
    """One question, and the row that it leaves."""

    shown: Shown
    entry: audit.Entry


def _given(name: str, kind: type[Any]) -> Any:
    return bindparam(name, type_=ARRAY(kind))


def _claims() -> CTE:
    """Return what claims what each question shows: `question`, `place`, `state`, `entry` and its `root`.

    A lower `place` is a surer one.
    """
    shown = (
        func.unnest(_given("questions", Integer), _given("kinds", SmallInteger), _given("numbers", Text))
        .table_valued("question", "kind", "number", with_ordinality="place", name="shown")
        .render_derived()
    )
    claim = (
        select(identifiers.c.state, identifiers.c.person_id)
        .where(
            and_(
                identifiers.c.value == shown.c.number,
                identifiers.c.kind == shown.c.kind,
                identifiers.c.state != _CANCELLED,
            )
        )
        .order_by(identifiers.c.state, identifiers.c.person_id)
        .limit(literal_column(str(CLAIMS)))
        .lateral("claim")
    )
    root = func.coalesce(persons.c.merged_root, persons.c.id)
    by_number = (
        select(
            shown.c.question, shown.c.place, claim.c.state, persons.c.id.label("entry"), root.label("root")
        )
        .select_from(shown.join(claim, true()))
        .join(persons, persons.c.id == claim.c.person_id)
    )
    named = (
        func.unnest(_given("named_questions", Integer), _given("named", UUID), _given("selves", Boolean))
        .table_valued("question", "id", "itself", name="named")
        .render_derived()
    )
    by_name = select(
        named.c.question,
        literal_column("0"),
        _CURRENT,
        persons.c.id,
        case((named.c.itself, persons.c.id), else_=root),
    ).select_from(named.join(persons, persons.c.id == named.c.id))
    return union_all(by_number, by_name).cte("claims")


def _found() -> CTE:
    """Return one row a question: its row of the log, `state`, how many `entries` claim it, the one, `id`.

    `claimant` is the entry that has the number itself: the one that stands, where several have it.
    """
    claims = _claims()
    standing_first = aggregate_order_by(
        claims.c.entry, (claims.c.entry == claims.c.root).desc(), claims.c.entry
    )
    first = (
        select(
            claims.c.question,
            claims.c.state,
            func.array_agg(claims.c.root.distinct()).label("roots"),
            func.array_agg(standing_first).label("claimants"),
        )
        .ext(distinct_on(claims.c.question))
        .group_by(claims.c.question, claims.c.place, claims.c.state)
        .order_by(claims.c.question, claims.c.place, claims.c.state)
        .subquery("first")
    )
    count = func.coalesce(func.cardinality(first.c.roots), 0)
    one = literal_column("roots[1]", UUID)
    return (
        select(
            *audit.entries.c,
            first.c.state,
            count.label("entries"),
            case((count == literal_column("1"), one)).label("id"),
            literal_column("claimants[1]", UUID).label("claimant"),
        )
        .select_from(audit.entries.outerjoin(first, first.c.question == audit.entries.c.n))
        .cte("found")
    )


def _cluster(root: ColumnElement[Uuid]) -> ColumnElement[Any]:
    """Return the ids of *root* and of every entry merged into it, as an array."""
    merged = persons.alias("merged")
    others = select(merged.c.id).where(merged.c.merged_root == root).correlate_except(merged)
    return func.array_append(func.array(others.scalar_subquery()), root)


def _rows_of(select_rows: Select[Any]) -> ColumnElement[Any]:
    """Return the rows of a correlated *select_rows*, whose one column is a `row(…)`, as an array."""
    rows: ScalarSelect[Any] = select_rows.scalar_subquery()
    return func.array(rows)


def _numbers(root: ColumnElement[Uuid]) -> ColumnElement[Any]:
    """Return the numbers of *root*, those in use first."""
    c = identifiers.c
    row = func.row(c.kind, c.value, c.state, c.valid_from, c.valid_to, c.country)
    return _rows_of(
        select(row)
        .where(c.person_id == any_(_cluster(root)))
        .order_by(c.state, c.kind, c.create_time.desc(), c.value)
        .correlate_except(identifiers)
    )


def _cards(root: ColumnElement[Uuid]) -> ColumnElement[Any]:
    """Return the cards of *root*, those too that no source names any longer, the newest first."""
    return _rows_of(
        select(func.row(*CARD_COLUMNS))
        .where(coverages.c.person_id == any_(_cluster(root)))
        .order_by(coverages.c.valid_from.desc(), coverages.c.card_number)
        .limit(literal_column(str(MOST_CARDS)))
        .correlate_except(coverages)
    )


def _statement(*facts: ColumnElement[Any], rows: Any) -> Sql:
    """Return the statement that finds, logs, and tells *facts* of who was found, and *rows* of theirs."""
    found = _found()
    subject: ColumnElement[str] = func.coalesce(literal_column(f"'{FULL_NAME}'") + found.c.id.cast(Text), "")
    logged = audit.logged(found, subject, found.c.id.is_not(None))
    return sql(
        select(
            found.c.n,
            found.c.state.label("number_state"),
            found.c.entries,
            found.c.claimant,
            *facts,
            rows(found.c.id).label("rows"),
        )
        .select_from(found.outerjoin(persons, persons.c.id == found.c.id))
        .add_cte(logged),
        about="persons",
    )


PERSONS = _statement(*COLUMNS, rows=_numbers)

HOLDERS = _statement(
    persons.c.id,
    persons.c.full_name,
    persons.c.birth_year,
    persons.c.birth_month,
    persons.c.birth_day,
    persons.c.sex,
    rows=_cards,
)


async def find_persons(tx: Transaction, asked: Sequence[Asked]) -> list[FoundPerson]:
    """Answer each of *asked*, in order, and write its row of the access log."""
    rows = await tx.fetch(PERSONS, **_arguments(asked))
    return [_person(row) for row in sorted(rows, key=_number)]


async def find_holders(tx: Transaction, asked: Sequence[Asked]) -> list[FoundHolder]:
    """Answer each of *asked*, in order, and write its row of the access log."""
    rows = await tx.fetch(HOLDERS, **_arguments(asked))
    return [_holder(row) for row in sorted(rows, key=_number)]


def _number(row: Record) -> int:
    return int(row["n"])


def _arguments(asked: Sequence[Asked]) -> dict[str, object]:
    shown = [(n, *number) for n, one in enumerate(asked, 1) for number in one.shown.numbers]
    named = [(n, one.shown) for n, one in enumerate(asked, 1) if one.shown.person]
    return {
        **audit.columns([one.entry for one in asked]),
        "questions": [n for n, _, _ in shown],
        "kinds": [int(kind) for _, kind, _ in shown],
        "numbers": [number for _, _, number in shown],
        "named_questions": [n for n, _ in named],
        "named": [one.person for _, one in named],
        "selves": [one.itself for _, one in named],
    }


def _person(row: Record) -> FoundPerson:
    if row["id"] is None:
        return FoundPerson(row["entries"], State.CURRENT, None, None, [])
    numbers = [Identifier(Kind(one[0]), one[1], State(one[2]), *one[3:]) for one in row["rows"]]
    return FoundPerson(row["entries"], State(row["number_state"]), person_of(row), row["claimant"], numbers)


def _holder(row: Record) -> FoundHolder:
    if row["id"] is None:
        return FoundHolder(row["entries"], None, [])
    holder = Holder(row["id"], row["full_name"], birth_of(row), Sex(row["sex"]))
    return FoundHolder(row["entries"], holder, [card_of(one) for one in row["rows"]])
