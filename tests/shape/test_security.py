"""The threat model names for each thing that is tried a test that is there."""

import re

import pytest

from .contract import ROOT

DOCUMENT = ROOT / "docs" / "security.md"

# One page: tests are named in full, and not counted.
MAX_WORDS = 900

CODE_SPAN = re.compile(r"`[^`]+`")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ROWS = [line for line in DOCUMENT.read_text(encoding="utf8").splitlines() if line.startswith("| ")][1:]


@pytest.mark.parametrize("row", ROWS)
def test_each_row_of_the_threat_model_names_tests_that_are_there(row: str):
    _, attempt, defence, tests = (cell.strip() for cell in row.strip("|").split("|"))
    named = TEST.findall(tests)

    assert attempt
    assert defence
    assert named
    assert TEST.sub("", tests).strip(", ") == ""
    assert [f"{path}::{name}" for path, name in named if not is_there(path, name)] == []


def is_there(path: str, name: str) -> bool:
    file = ROOT / path
    return file.is_file() and re.search(rf"def {name}\(", file.read_text(encoding="utf8")) is not None


def test_the_threat_model_is_one_page_and_begins_with_an_attacker():
    assert ROWS[0].startswith("| **")
    assert len(CODE_SPAN.sub("", DOCUMENT.read_text(encoding="utf8")).split()) <= MAX_WORDS
