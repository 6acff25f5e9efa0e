"""What the fuzzer begins with, and inputs of chance, are judged without a fault: `make fuzz` finds news."""

import random

import pytest

from kcb.validate import validate
from tests.fuzz.inputs import KINDS, as_changes, content_of, seeds, words
from tests.fuzz.judging import NOW, judge

SEEDS = list(seeds())


@pytest.mark.parametrize("number", range(0, len(SEEDS), 8))
def test_the_seeds_are_judged(number: int):
    for seed in SEEDS[number : number + 8]:
        judge(seed)


@pytest.mark.parametrize("chance", range(12))
def test_inputs_of_chance_are_judged(chance: int):
    drawing = random.Random(chance)
    for kind in range(len(KINDS)):
        judge(bytes((kind,)) + drawing.randbytes(drawing.randrange(400)))
        cut = bytearray(drawing.choice(SEEDS))
        cut[drawing.randrange(len(cut))] = drawing.randrange(256)
        judge(bytes(cut))


def test_nothing_is_an_input_too():
    judge(b"")
    assert content_of(b"") == b""


def test_a_sample_without_a_change_is_read_to_its_rules():
    """Else every input of that kind would be refused at the door, and nothing behind it tried."""
    report = validate(as_changes(b""), now=NOW)

    assert report.kind == "dossier"
    assert set(report.sheets) > {"XML1", "XML2", "XML3", "XML15"}


def test_the_words_are_those_of_the_formats():
    assert {"MA_LK", "GIAMDINHHS", "CHI_TIET_DVKT", "<!DOCTYPE"} <= set(words())
