"""
Every rule of the catalogue has a planted fault and a valid neighbour, and the corpus is judged exactly.

The figures are printed at the end of each test (`-s`), and by `python -m tests.corpus.run`.
"""

import sys
from collections import Counter
from pathlib import Path

import pytest

from kcb.rule_catalogue import RULES
from tests.corpus.elsewhere import PLANTED_ELSEWHERE
from tests.corpus.planting import FAULTS, NEIGHBOURS, RAW_FAULTS, REGISTRY_FAULTS
from tests.corpus.run import (
    FAULTS_EACH,
    NEIGHBOURS_EACH,
    beside_misses,
    every_fault,
    every_valid,
    miss,
    neighbour_misses,
    refused_wrongly,
    unplanted_misses,
)

ROOT = Path(__file__).parents[2]
PLANTED = Counter(dict.fromkeys(RULES, 0))
for each in (*FAULTS, *RAW_FAULTS, *REGISTRY_FAULTS):
    PLANTED[each.rule] += FAULTS_EACH


def report(figures: str) -> None:
    """Write the figures, which `-s` shows."""
    sys.stdout.write(f"\n{figures}\n")


@pytest.mark.parametrize("rule", list(RULES))
def test_a_rule_has_five_planted_faults_and_a_valid_neighbour_or_a_test_of_its_own(rule: str):
    if rule in PLANTED_ELSEWHERE:
        file, name = PLANTED_ELSEWHERE[rule].split("::")
        assert f"def {name}" in (ROOT / file).read_text("utf8"), rule
    else:
        assert PLANTED[rule] >= 5, rule


def test_no_fault_is_planted_for_a_rule_that_is_not_in_the_catalogue():
    assert set(PLANTED) == set(RULES)
    assert {each.rule for each in NEIGHBOURS} <= set(RULES)


def test_each_of_1500_faults_is_named_at_its_path_with_its_severity_and_nothing_else_is_refused():
    misses = [miss(file) for file in every_fault()]
    report(f"{len(misses)} files with one fault, {len(misses) - sum(map(bool, misses))} named exactly")

    assert len(misses) >= 1_500
    assert list(filter(None, misses)) == []


def test_none_of_300_dossiers_without_a_fault_is_refused():
    wrong = [refused_wrongly(*file) for file in every_valid()]
    report(f"{len(wrong)} files without a fault, {sum(map(bool, wrong))} refused")

    assert len(wrong) >= 300
    assert list(filter(None, wrong)) == []


def test_of_a_valid_neighbour_the_rule_says_nothing():
    limits = [neighbour_misses(each, number) for each in NEIGHBOURS for number in range(NEIGHBOURS_EACH)]
    unplanted = [
        unplanted_misses(each, number) for each in FAULTS for number in range(min(2, len(each.shapes)))
    ]

    beside = [beside_misses(each, number) for each in REGISTRY_FAULTS for number in range(2)]

    assert list(filter(None, [*limits, *unplanted, *beside])) == []
