"""Statements become SQL and positional parameters, once."""

import uuid

import pytest
from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    MetaData,
    Table,
    Text,
    any_,
    bindparam,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID, insert

from chassis.sql import sql

METADATA = MetaData()
persons = Table(
    "persons",
    METADATA,
    Column("id", UUID(as_uuid=True), primary_key=True, server_default=text("gen_random_uuid()")),
    Column("age", Integer),
    Column("name", Text),
    Column("facts", JSONB),
    Column("update_time", DateTime(timezone=True)),
)
links = Table("links", METADATA, Column("person", UUID(as_uuid=True)), Column("kind", Text))


def flat(statement: str) -> str:
    return " ".join(statement.split())


def test_a_select_names_its_parameters_once_and_keeps_its_constants():
    stmt = sql(
        select(persons.c.id)
        .where(or_(persons.c.name == bindparam("name"), persons.c.name.like(bindparam("name"))))
        .where(persons.c.age > 5)
        .limit(bindparam("limit"))
    )

    assert stmt.text.count("$1") == 2
    assert stmt.names == ("name", "age_1", "limit")
    assert stmt.arguments({"name": "An", "limit": 3}) == ["An", 5, 3]
    assert (stmt.operation, stmt.summary) == ("SELECT", "SELECT persons")


def test_a_list_is_one_array_parameter():
    stmt = sql(select(persons.c.id).where(persons.c.id == any_(bindparam("ids", type_=ARRAY(UUID)))))

    assert flat(stmt.text) == "SELECT persons.id FROM persons WHERE persons.id = ANY ($1::UUID[])"
    assert stmt.arguments({"ids": [uuid.UUID(int=1)]}) == [[uuid.UUID(int=1)]]


def test_a_list_of_constants_is_written_out():
    stmt = sql(select(persons.c.id).where(persons.c.age.in_([1, 2])))

    assert stmt.arguments({}) == [1, 2]


def test_a_list_without_a_known_length_is_refused_at_import():
    with pytest.raises(Exception, match="ids"):
        sql(select(persons.c.id).where(persons.c.age.in_(bindparam("ids", expanding=True))))


def test_a_parameter_with_a_default_may_be_left_out_or_given():
    stmt = sql(select(persons.c.id).where(persons.c.age > bindparam("age", 18)))

    assert (stmt.arguments({}), stmt.arguments({"age": 60})) == ([18], [60])


def test_a_null_constant_is_a_value():
    stmt = sql(select(literal(None, Text), null()).select_from(persons))

    assert stmt.arguments({}) == [None]


@pytest.mark.parametrize("given", [{}, {"id": 1, "other": 2}, {"other": 2}])
def test_parameters_that_do_not_fit_are_named(given: dict[str, object]):
    stmt = sql(delete(persons).where(persons.c.id == bindparam("id")))

    with pytest.raises(TypeError, match="DELETE persons: missing parameters"):
        stmt.arguments(given)


def test_an_insert_takes_every_column_and_returns_nothing_unasked():
    stmt = sql(insert(links))

    assert flat(stmt.text) == "INSERT INTO links (person, kind) VALUES ($1::UUID, $2::VARCHAR)"
    assert (stmt.names, stmt.summary) == (("person", "kind"), "INSERT links")


def test_an_insert_on_conflict_updates_and_returns():
    new = insert(persons).values(name=bindparam("name"), age=1)
    stmt = sql(
        new.on_conflict_do_update(
            index_elements=["id"], set_={"name": new.excluded.name, "age": persons.c.age + 1}
        ).returning(persons.c.id)
    )

    assert "ON CONFLICT (id) DO UPDATE SET" in stmt.text
    assert stmt.text.endswith("RETURNING persons.id")
    assert sorted(stmt.arguments({"name": "An"}), key=str) == [1, 1, "An"]


def test_an_insert_from_select_reads_the_other_table():
    stmt = sql(insert(links).from_select(["person"], select(persons.c.id).where(persons.c.age == 7)))

    assert (stmt.summary, stmt.arguments({})) == ("INSERT links", [7])


def test_a_claim_through_a_cte_skips_locked_rows():
    due = (
        select(persons.c.id).where(persons.c.age == 3).limit(10).with_for_update(skip_locked=True).cte("due")
    )
    stmt = sql(
        update(persons)
        .where(persons.c.id == due.c.id)
        .values(update_time=func.now(), name=bindparam("worker"))
        .returning(persons.c.id)
    )

    assert "FOR UPDATE SKIP LOCKED" in stmt.text
    assert (stmt.operation, stmt.summary) == ("UPDATE", "UPDATE persons")
    assert dict(zip(stmt.names, stmt.arguments({"worker": "w"}), strict=True))["worker"] == "w"


def test_jsonb_constants_stay_python_values():
    stmt = sql(select(persons.c.id).where(persons.c.facts.contains({"blood": "O"})))

    assert stmt.arguments({}) == [{"blood": "O"}]


def test_text_takes_names_and_casts():
    stmt = sql(text("SELECT id::text, '5%' FROM persons WHERE age = :age OR age + 1 = :age"))

    assert stmt.text == "SELECT id::text, '5%' FROM persons WHERE age = $1 OR age + 1 = $1"
    assert (stmt.summary, stmt.names) == ("SELECT persons", ("age",))


def test_joins_and_unions_are_named_after_their_first_table():
    joined = select(persons.c.id).select_from(persons.join(links, links.c.person == persons.c.id))

    assert sql(joined).summary == "SELECT persons"
    assert sql(union_all(select(links.c.person), select(persons.c.id))).summary == "SELECT links"
    assert sql(select(func.now())).summary == "SELECT"


def test_a_python_side_default_is_refused_at_import():
    table = Table("t", MetaData(), Column("id", Integer), Column("n", Integer, default=5))

    with pytest.raises(ValueError, match="server_default"):
        sql(insert(table).values(id=bindparam("id")))


def test_what_writes_is_known_by_its_text_whatever_it_is_called():
    """The gate of a full disk goes by it."""
    parts = [
        "INSERT INTO outbox (id) VALUES (1)",
        "WITH due AS (SELECT 1) UPDATE outbox SET attempts = 1",
        "WITH new AS ( INSERT INTO outbox (id) VALUES (1) RETURNING id) SELECT id FROM new",
        "with old as (delete from outbox returning id) select id from old",
    ]
    reads = ["SELECT id FROM outbox FOR UPDATE", "SELECT id FROM (SELECT update_time AS id FROM outbox) AS x"]

    assert [sql(text(part), operation="SELECT").writes for part in parts] == [True] * 4
    assert [sql(text(part)).writes for part in reads] == [False] * 2
