"""`lientuyen rules`: every rule can be found, with its source and its days; and the page of them is fresh."""

import json

import pytest

from kcb.rule_catalogue import RINGS, RULES, SEVERITIES, SURENESS
from kcb.tables import tables
from lientuyen_client.cli import main
from tools.rules_page import PAGE, page

# Rules that warn though they are sure need a reason (docs/adr/0063).
SURE = ("A", "S2", "L")


def found(capsys: pytest.CaptureFixture[str], *line: str) -> list[dict[str, object]]:
    assert main(["rules", "--json", *line]) == 0
    return [json.loads(text) for text in capsys.readouterr().out.splitlines()]


def test_the_page_of_the_rules_is_fresh():
    assert PAGE.read_text("utf8") == page(), "python -m tools.rules_page"


def test_a_rule_is_whole():
    for rule in RULES.values():
        assert rule.ring in RINGS
        assert rule.severity in SEVERITIES
        assert rule.sure in SURENESS
        assert rule.source
        assert rule.path
        assert set(rule.tables) <= {*tables(), "*", "GIAMDINHHS"}
        assert rule.after <= set(RULES)
        assert rule.valid_from <= rule.valid_to
        assert not set(rule.formerly) & {rule.name}


def test_what_rests_on_one_source_never_refuses():
    assert [rule.name for rule in RULES.values() if rule.refuses and rule.sure not in SURE] == []


def test_all_rules_are_listed(capsys: pytest.CaptureFixture[str]):
    assert [rule["rule"] for rule in found(capsys)] == list(RULES)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (["the bao hiem", "het han"], None),
        (["hết hạn"], "card-ended"),
        (["het han"], "card-ended"),
        (["HET", "HAN"], "card-ended"),
        (["amount-differs"], "line-amount-drug"),
        (["NĐ 188", "--severity", "warn"], "card-grace"),
        (["--ring", "registry", "--table", "xml13"], "slip-unsigned-by-facility"),
        (["--ring", "table", "--table", "XML5"], "note-twice"),
    ],
)
def test_a_rule_is_found_by_words_without_marks_by_ring_table_and_severity(
    line, wanted, capsys: pytest.CaptureFixture[str]
):
    if wanted is None:
        assert main(["rules", *line]) != 0
        return
    names = [rule["rule"] for rule in found(capsys, *line)]

    assert wanted in names
    assert len(names) < len(RULES)


def test_one_rule_is_told_with_its_source_and_its_days(capsys: pytest.CaptureFixture[str]):
    assert main(["rules", "category-retired"]) == 0
    text = capsys.readouterr().out

    assert "từ 2026-01-01" in text
    assert "QĐ 3276" in text
    (rule,) = found(capsys, "rate-half")
    assert (rule["valid_from"], rule["valid_to"], rule["sure"]) == ("2026-07-01", "", "S2")


def test_what_nobody_has_is_one_vietnamese_sentence(capsys: pytest.CaptureFixture[str]):
    assert main(["rules", "qqq"]) == 2
    assert "Không có quy tắc" in capsys.readouterr().err
