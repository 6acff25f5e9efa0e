"""Whatever stands in any cell, a file is judged: no value makes an error of ours."""

import random

import pytest

from kcb.report import Report
from kcb.validate import validate
from tests.corpus.drafts import Draft
from tests.corpus.run import NOW
from tests.corpus.shapes import SHAPES

VALUES = (
    *(
        "",
        " ",
        "0",
        "-0",
        "-1",
        "1",
        "9" * 40,
        "0.5",
        "1e9",
        "１２",
        "٣",
        "½",
        "NaN",
        ".",
        ";",
        ";;",
        "a;b;;c",
    ),
    *("20261120", "202611200800", "00000000", "000000000000", "19000101", "99991231", "999912312359"),
    *(
        "20260000",
        "202600000000",
        "2026112008",
        "I10",
        "I10;I11",
        "†",
        "A15",
        "DN4010000000000",
        "TE1010000000000",
    ),
    *(
        "0123456789",
        "001485000016",
        "01999",
        "1.1",
        "1.2",
        "1.13",
        "3.1",
        "9",
        "7.1",
        "03",
        "09",
        "_TB",
        "X_TB",
    ),
    *("1 viên/lần * 2 lần/ngày * 3 ngày", "0 viên/lần * 0 lần/ngày * 0 ngày", "G1;N1;2026", "1;G1;N1;2026"),
    *("\ufffd", "\u200b", "\ufeff", "dưỡng thai", "X" * 5000, "𝟙", "]]>", "&", "<"),
)
FILES, CELLS = 1_500, 6


def spoilt(chance: random.Random) -> Draft:
    """Return a dossier with a few cells that hold anything."""
    draft = SHAPES[chance.choice(sorted(SHAPES))](chance)
    draft.made = "20261120"
    for _ in range(chance.randint(1, CELLS)):
        row = chance.choice(draft.tables[chance.choice(sorted(draft.tables))])
        row[chance.choice(sorted(row))] = chance.choice(VALUES)
    return draft


@pytest.mark.parametrize("part", range(3))
def test_any_values_in_any_cells_are_judged(part: int):
    for number in range(FILES // 3):
        report = validate(spoilt(random.Random(f"{part} {number}")).bytes(), now=NOW)

        assert isinstance(report, Report)
        assert len({each.path for each in report.refusals}) == len(report.refusals)
