"""Days of treatment, form of care and beds: each follows from the times of the stay, or is doubted."""

import pytest

from kcb.validate import validate
from tests.samples.files import File, sample, with_table

OF_CARE = {"days-differ", "form-doubt", "beds-doubt"}


def findings(file: File) -> list[tuple[str, str]]:
    report = validate(file.bytes())
    assert not [each for each in report.findings if each.rule in OF_CARE and each.refuses]
    return [(each.rule, each.path) for each in report.warnings if each.rule in OF_CARE]


def stay(form: str, days: str, left: str = "202611220800", arrival: str = "202611200800") -> File:
    """Return the sample as that form of care, from 20 to 22 November unless told otherwise."""
    file = sample().set("XML1", 1, "MA_LOAI_KCB", form).set("XML1", 1, "SO_NGAY_DTRI", days)
    return file.set("XML1", 1, "NGAY_VAO", arrival).set("XML1", 1, "NGAY_RA", left)


def with_beds(file: File, *lines: tuple[str, str]) -> File:
    """Give the file a bed line for each day and quantity."""
    (row, *_) = file.tables["XML3"]
    for day, quantity in lines:
        file.tables["XML3"].append(list(row))
        number = len(file.tables["XML3"])
        changes = {"MA_NHOM": "15", "SO_LUONG": quantity, "STT": str(number), "MA_GIUONG": "H001"}
        times = dict.fromkeys(("NGAY_YL", "NGAY_TH_YL"), f"{day}0900") | {"NGAY_KQ": ""}
        for name, value in (changes | times).items():
            file.set("XML3", number, name, value)
    return file


@pytest.mark.parametrize(
    ("form", "days", "doubted"),
    [
        ("01", "0", False),
        ("01", "1", True),
        ("07", "3", True),
        ("02", "3", False),
        ("02", "2", True),
        ("03", "3", False),
        ("03", "2", True),
        ("04", "3.0", False),
        ("06", "4", True),
        ("05", "30", False),
        ("05", "0", True),
        ("05", "91", True),
        ("08", "2", False),
        ("08", "0", True),
        ("08", "4", True),
        ("10", "7", False),
    ],
)
def test_the_days_of_treatment_follow_from_the_form_and_the_days_of_the_stay(form, days, doubted):
    doubts = findings(stay(form, days))

    assert (("days-differ", "XML1.SO_NGAY_DTRI") in doubts) is doubted


def test_the_days_count_by_the_calendar():
    """From 23:50 to 00:10 are two days."""
    assert findings(stay("02", "2", left="202611210010", arrival="202611202350")) == []


@pytest.mark.parametrize(
    ("form", "left", "doubted"),
    [
        ("03", "202611201159", True),
        ("03", "202611201200", False),
        ("09", "202611201159", False),
        ("09", "202611201200", True),
    ],
)
def test_four_hours_part_the_two_forms_of_inpatient_care(form, left, doubted):
    """A stay in the wrong form is one doubt: its days may be those of either form."""
    for days in ("0", "1") if doubted else ("0" if form == "09" else "1",):
        doubts = findings(stay(form, days, left))
        assert doubts == ([("form-doubt", "XML1.MA_LOAI_KCB")] if doubted else [])


def test_the_four_hours_of_09_begin_with_the_admission():
    file = stay("09", "0", "202611201400").set("XML1", 1, "NGAY_VAO_NOI_TRU", "202611201030")

    assert findings(file) == []


@pytest.mark.parametrize(("left", "doubted"), [("202607311030", False), ("202608011030", True)])
def test_long_term_drugs_with_a_service_are_08_since_august_2026(left, doubted):
    file = stay("05", "30", left, arrival=f"{left[:8]}0800")

    assert (("form-doubt", "XML1.MA_LOAI_KCB") in findings(file)) is doubted
    del file.tables["XML3"][1]
    assert findings(file) == []


def test_a_stay_of_less_than_four_hours_has_no_bed():
    file = with_beds(stay("09", "0", "202611201130"), ("20261120", "1"))

    assert findings(file) == [("beds-doubt", "XML3[3].MA_NHOM")]


def test_a_day_has_one_bed_or_two_halves():
    halves = with_beds(stay("03", "3"), ("20261120", "0.5"), ("20261120", "0.5"), ("20261121", "1"))
    twice = with_beds(stay("03", "3"), ("20261120", "0.5"), ("20261120", "1"), ("20261121", "1"))

    assert findings(halves) == []
    assert findings(twice) == [("beds-doubt", "XML3[4].SO_LUONG")]


def test_one_line_may_hold_the_beds_of_a_stay_but_no_more_than_its_days():
    assert findings(with_beds(stay("03", "3"), ("20261120", "3"))) == []
    assert findings(with_beds(stay("03", "3"), ("20261120", "4"))) == [("beds-doubt", "XML1.SO_NGAY_DTRI")]


@pytest.mark.parametrize("form", ["03", "04", "09"])
def test_inpatients_leave_with_a_discharge_paper_unless_they_absconded(form):
    def expected(file: File) -> bool:
        sentences = [each.en for each in validate(file.bytes()).warnings if each.rule == "table-expected"]
        return any("XML7" in sentence for sentence in sentences)

    def leaving(file: File, how: str) -> File:
        return file.set("XML1", 1, "MA_LOAI_KCB", form).set("XML1", 1, "MA_LOAI_RV", how)

    assert expected(leaving(sample(), "1"))
    assert not expected(leaving(sample(), "3"))
    assert not expected(leaving(with_table("XML7"), "1"))
    assert not expected(leaving(sample(), "1").set("XML1", 1, "MA_LOAI_KCB", "01"))


def test_a_transfer_without_a_slip_is_doubted_of_the_insured_only():
    file = sample()
    del file.tables["XML13"]

    def rules(file: File) -> list[tuple[str, str]]:
        report = validate(file.bytes())
        return [(each.rule, each.path) for each in report.warnings if each.rule == "table-expected"]

    assert rules(file) == [("table-expected", "XML1.MA_LOAI_RV")]
    assert rules(file.set("XML1", 1, "MA_LOAI_RV", "5")) == [("table-expected", "XML1.MA_LOAI_RV")]
    assert rules(file.set("XML1", 1, "MA_DOITUONG_KCB", "9")) == []
