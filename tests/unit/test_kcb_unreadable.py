"""Where a document cannot be read, and which list of cards is short: the place is named, never a value."""

import base64

import pytest

from kcb.report import Finding
from kcb.tables import tables
from kcb.validate import validate
from tests.samples.files import CHECK_IN, check_in, sample, table_xml, with_table


def refusals(content: bytes) -> list[Finding]:
    return list(validate(content).refusals)


def with_inner(code: str, old: str | bytes, new: str | bytes) -> bytes:
    """Return a dossier with a full table *code*, in whose document the last *old* is written *new*."""
    file = with_table(code)
    inner = table_xml(tables()[code], file.tables[code]).encode()
    old, new = (part.encode() if isinstance(part, str) else part for part in (old, new))
    head, found, tail = inner.rpartition(old)
    assert found
    body = base64.b64encode(head + new + tail).decode()
    return file.bytes("".join(file.file(each, body if each == code else None) for each in file.tables))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<DIEN_BIEN_LS>X", "<DIEN_BIEN_LS>huyết áp < 90 & mạch nhanh"),
        ("<DIEN_BIEN_LS>X", "<DIEN_BIEN_LS>a & b"),
        ("<DIEN_BIEN_LS>X", "<DIEN_BIEN_LS>\x01"),
        ("</DIEN_BIEN_LS>", "</DIEN_BIEN>"),
    ],
    ids=["less than", "ampersand", "control character", "another end"],
)
def test_a_table_that_is_no_xml_names_line_row_and_element(old, new):
    (finding,) = refusals(with_inner("XML5", old, new))

    assert (finding.rule, finding.path) == ("not-xml", "XML5[2].DIEN_BIEN_LS")
    assert "2:" in finding.vi
    assert "2:" in finding.en
    assert "huyết" not in finding.vi + finding.en


def test_a_table_in_another_encoding_names_row_and_element():
    content = with_inner("XML5", "<DIEN_BIEN_LS>X", "<DIEN_BIEN_LS>mạch ổn định".encode("cp1258", "ignore"))

    assert [(finding.rule, finding.path) for finding in refusals(content)] == [
        ("encoding", "XML5[2].DIEN_BIEN_LS")
    ]


def test_a_table_of_one_row_names_its_element():
    content = with_inner("XML1", "<CHAN_DOAN_RV>", "<CHAN_DOAN_RV>a & b")

    assert [(finding.rule, finding.path) for finding in refusals(content)] == [
        ("not-xml", "XML1.CHAN_DOAN_RV")
    ]


def test_an_element_that_is_not_the_tables_is_not_repeated():
    content = with_inner("XML5", "<DIEN_BIEN_LS>X", "<Nguyen_Van_An>a & b")

    assert [(finding.rule, finding.path) for finding in refusals(content)] == [("not-xml", "XML5[2]")]


def test_a_check_in_that_breaks_off_names_its_row():
    whole = check_in(3)
    cut = whole[: whole.rindex(b"</HO_TEN>")]

    assert [(finding.rule, finding.path) for finding in refusals(cut)] == [("not-xml", "XML0[3].HO_TEN")]
    assert [finding.path for finding in refusals(CHECK_IN[:60])] == ["GIAMDINHHS"]


@pytest.mark.parametrize(
    ("short", "values"),
    [
        (
            "GT_THE_DEN",
            {"MA_DKBD": "01999;01999", "GT_THE_TU": "20260101;20261101", "GT_THE_DEN": "20261231"},
        ),
        ("GT_THE_TU", {"MA_DKBD": "01999;01999", "GT_THE_TU": "20260101", "GT_THE_DEN": "20261231;20271031"}),
        (
            "MA_DKBD",
            {"MA_DKBD": "01999", "GT_THE_TU": "20260101;20261101", "GT_THE_DEN": "20261231;20271031"},
        ),
    ],
)
def test_with_several_cards_the_list_that_is_short_is_named(short, values):
    file = sample().set("XML1", 1, "MA_THE_BHYT", "DN4010000000000;GD4010000000001")
    for name, value in values.items():
        file.set("XML1", 1, name, value)

    report = validate(file.bytes())

    (finding,) = report.refusals
    assert (finding.rule, finding.path) == ("card-lists-parallel", f"XML1.{short}")
    assert (finding.expected, finding.found) == ("2", "1")
    assert "DN4010000000000" not in finding.vi + finding.en


def test_one_card_and_as_many_of_each_are_no_doubt():
    several = sample().set("XML1", 1, "MA_THE_BHYT", "DN4010000000000;GD4010000000001")
    several.set("XML1", 1, "MA_DKBD", "01999;01999").set("XML1", 1, "GT_THE_TU", "20260101;20261101")
    several.set("XML1", 1, "GT_THE_DEN", "20261231;20271031")

    for file in (sample(), several):
        assert "card-lists-parallel" not in {finding.rule for finding in validate(file.bytes()).findings}
