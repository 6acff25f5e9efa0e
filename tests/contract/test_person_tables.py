"""What is one person's is kept so that it can be put on a server of its own: docs/adr/0069."""

import re

import pytest
from sqlalchemy import Table, UniqueConstraint

from chassis.sql import Sql
from services.records import schema

from .test_statements import CHASSIS, OF_SERVICE

PERSONAL: tuple[Table, ...] = (*schema.HISTORY, schema.file_pieces)
KEYED: tuple[Table, ...] = (*PERSONAL, schema.check_ins)

COMPARED = re.compile(r"\bperson = (?:ANY \(|\(CAST\()?\$\d", re.IGNORECASE)


def about(table: Table) -> dict[str, Sql]:
    """Return the statements that read, change or delete rows of *table*."""
    mention = re.compile(rf"\b(?:FROM|UPDATE|JOIN)\s+{table.name}\b", re.IGNORECASE)
    return {name: found for name, found in OF_SERVICE["records"].items() if mention.search(found.text)}


@pytest.mark.parametrize("table", PERSONAL, ids=str)
def test_every_statement_about_a_person_compares_the_person_where_it_begins(table: Table):
    statements = about(table)

    assert statements
    assert [name for name, found in statements.items() if not COMPARED.search(found.text)] == []
    assert [name for name, found in statements.items() if re.search("LATERAL|unnest", found.text)] == []


def test_every_key_of_a_person_begins_with_the_person():
    keys = [
        constraint
        for table in KEYED
        for constraint in (
            table.primary_key,
            *(found for found in table.constraints if isinstance(found, UniqueConstraint)),
            *(index for index in table.indexes if index.unique),
        )
    ]

    assert [str(key.name) for key in keys if next(iter(key.columns)).name != "person"] == []


def test_no_table_is_partitioned_by_a_hash():
    partitioned = {
        table.name: str(table.dialect_options["postgresql"]["partition_by"])
        for table in schema.metadata.tables.values()
        if table.dialect_options["postgresql"]["partition_by"]
    }

    assert [name for name, by in partitioned.items() if by.startswith("HASH")] == []


def test_what_is_updated_takes_a_parameter_or_the_time_of_the_transaction():
    statements = {
        **CHASSIS,
        **{name: found for service in OF_SERVICE.values() for name, found in service.items()},
    }
    updates = {name: found.text for name, found in statements.items() if found.operation == "UPDATE"}

    assert len(updates) > 20
    assert [name for name, text in updates.items() if "clock_timestamp" in text] == []
