"""What operations add to the databases: by table and by database, an operation."""

import pytest

from bench.growth import OPERATIONS, Size, differences, totals
from bench.loads import LOADS

BEFORE = {("routing", "messages"): Size(8192, 8192, 0), ("routing", "audit"): Size(0, 8192, 0)}
AFTER = {
    ("routing", "audit"): Size(8192, 16384, 0),
    ("routing", "messages"): Size(8192 + 40_960, 8192, 81_920),
    ("identity", "audit"): Size(16384, 0, 0),
    ("routing", "pieces"): Size(0, 0, 0),
}


def test_what_was_added_is_told_an_operation_the_largest_table_first():
    grown = differences("send", BEFORE, AFTER, 10)

    assert [(item.database, item.name) for item in grown] == [
        ("identity", "audit"),
        ("routing", "messages"),
        ("routing", "audit"),
    ]
    assert grown[1].figures == {
        "operation": "send",
        "database": "routing",
        "name": "messages",
        "table": 4096.0,
        "indexes": 0.0,
        "toast": 8192.0,
        "whole": 12288.0,
    }


def test_a_database_s_line_is_the_sum_of_its_tables():
    lines = totals(differences("send", BEFORE, AFTER, 10))

    assert [(line.database, line.added.whole) for line in lines] == [
        ("identity", 16_384),
        ("routing", 40_960 + 81_920 + 8192 + 8192),
    ]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_a_load_that_is_no_floor(name: str):
    assert not LOADS[name].is_floor
