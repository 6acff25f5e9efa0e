"""The papers that travel as tables: slips, sick leave, rest in pregnancy, birth certificates."""

import pytest

from kcb.validate import validate
from tests.samples.files import File, sample, with_table


def findings(file: File) -> list[tuple[str, str]]:
    report = validate(file.bytes())
    return [(each.rule, each.path) for each in report.warnings]


def test_a_slip_that_was_brought_is_not_the_one_that_is_issued():
    brought = sample().set("XML1", 1, "GIAY_CHUYEN_TUYEN", sample().get("XML13", 1, "GIAY_CHUYEN_TUYEN"))
    again = sample().set("XML1", 1, "GIAY_CHUYEN_TUYEN", sample().get("XML14", 1, "SO_GIAYHEN_KL"))
    other = sample().set("XML1", 1, "GIAY_CHUYEN_TUYEN", "01929-26-000001")

    assert ("slip-used-twice", "XML13.GIAY_CHUYEN_TUYEN") in findings(brought)
    assert ("slip-used-twice", "XML14.SO_GIAYHEN_KL") in findings(again)
    assert "slip-used-twice" not in [rule for rule, _ in findings(other)]
    assert validate(brought.bytes()).accepted


def test_whoever_was_sent_here_has_a_slip_to_name():
    file = sample().set("XML1", 1, "MA_NOI_DI", "01929")

    assert ("expected-when", "XML1.GIAY_CHUYEN_TUYEN") in findings(file)
    named = findings(file.set("XML1", 1, "GIAY_CHUYEN_TUYEN", "01929-26-000001"))
    assert ("expected-when", "XML1.GIAY_CHUYEN_TUYEN") not in named


def leave(first: str, last: str, days: str, **more: str) -> File:
    file = with_table("XML11").set("XML11", 1, "TU_NGAY", first).set("XML11", 1, "DEN_NGAY", last)
    for name, value in {"SO_NGAY_NGHI": days, "MA_DINH_CHI_THAI": "", "TUOI_THAI": "", **more}.items():
        file.set("XML11", 1, name, value)
    return file


@pytest.mark.parametrize(
    ("file", "doubted"),
    [
        (leave("20261120", "20261122", "3"), False),
        (leave("20261120", "20261122", "2"), True),
        (leave("20261120", "20261219", "30"), False),
        (leave("20261120", "20261220", "31"), True),
        (leave("20261120", "20270108", "50", MA_DINH_CHI_THAI="1", TUOI_THAI="13"), False),
        (leave("20261120", "20270108", "50", MA_DINH_CHI_THAI="1", TUOI_THAI="12"), True),
        (leave("20261120", "20270108", "50").set("XML1", 1, "MA_BENH_CHINH", "A15.0"), False),
    ],
)
def test_the_days_of_leave_follow_from_its_first_and_last_and_have_a_limit(file, doubted):
    assert (("leave-doubt", "XML11.SO_NGAY_NGHI") in findings(file)) is doubted


def test_sick_leave_is_for_outpatients():
    file = leave("20261120", "20261122", "3")

    assert ("table-unexpected", "XML11") not in findings(file)
    assert ("table-unexpected", "XML11") in findings(file.set("XML1", 1, "MA_LOAI_KCB", "03"))


def test_rest_in_pregnancy_says_so_in_its_diagnosis():
    rest = with_table("XML10")

    assert ("words-expected", "XML10.CHAN_DOAN_RV") in findings(rest)
    written = rest.set("XML10", 1, "CHAN_DOAN_RV", "Dưỡng thai, thai 20 tuần")
    assert ("words-expected", "XML10.CHAN_DOAN_RV") not in findings(written)


@pytest.mark.parametrize(
    ("number", "born", "doubted"),
    [
        ("00001.GCS.01999.26", "202611200900", False),
        ("1/2026", "202611200900", True),
        ("1/2025", "202509300900", False),
    ],
)
def test_the_number_of_a_birth_certificate_has_one_form_since_october_2025(number, born, doubted):
    file = with_table("XML9").set("XML9", 1, "SO", number).set("XML9", 1, "NGAY_SINH_CON", born)

    assert (("code-format", "XML9[1].SO") in findings(file)) is doubted
