"""The order of times in a file: what cannot have been is refused, what should not have been is doubted."""

from datetime import UTC, date, datetime

import pytest

from kcb.validate import validate
from lientuyen_client.demo import sample_files, sandbox
from tests.samples.files import CHECK_IN, DOSSIER, File, check_in, sample, with_table

# The stay of the sample: 20 November 2026, 08:00 to 10:30.  Its second service: 08:15, 08:30, 09:30.
KNOWN = {"signature-missing", "personal-id-differs"}


def findings(content: bytes) -> list[tuple[str, str]]:
    return [(each.rule, each.path) for each in validate(content).findings if each.rule not in KNOWN]


def with_notes(*times: str) -> File:
    file = with_table("XML5")
    file.tables["XML5"] = file.tables["XML5"][: len(times)]
    for number, time in enumerate(times, 1):
        file.set("XML5", number, "THOI_DIEM_DBLS", time)
    return file


def test_the_samples_and_the_papers_of_the_demo_and_the_sandbox_have_nothing_to_find():
    day = date(2026, 11, 20)
    papers = (DOSSIER, CHECK_IN, sample_files.dossier(day), sample_files.check_in(day))
    sandboxed = sandbox.dossier_of(sandbox.RESTRICTED, day, sandbox.HIV)

    assert [findings(paper) for paper in (*papers, sandboxed)] == [[], [], [], [], []]


@pytest.mark.parametrize("birth", ["202611210000", "202611211000", "202612000000", "202700000000"])
def test_nobody_comes_before_the_day_of_birth(birth):
    content = sample().everywhere("NGAY_SINH", birth).bytes()

    report = validate(content, now=datetime(2028, 1, 1, tzinfo=UTC))

    births = [(each.rule, each.path) for each in report.findings if each.path.endswith("NGAY_SINH")]
    assert births == [("birth-after-arrival", "XML1.NGAY_SINH")]
    assert not report.accepted


@pytest.mark.parametrize("birth", ["202600000000", "202611000000", "202611200000", "202611200800"])
def test_a_birth_known_in_part_or_of_that_very_minute_is_right(birth):
    paths = [path for _, path in findings(sample().everywhere("NGAY_SINH", birth).bytes())]

    assert "XML1.NGAY_SINH" not in paths


def test_a_birth_some_minutes_after_the_arrival_is_only_doubted():
    content = sample().everywhere("NGAY_SINH", "202611200801").bytes()

    assert ("time-order", "XML1.NGAY_SINH") in findings(content)
    assert validate(content).accepted


def test_a_check_in_has_its_birth_and_its_order_too():
    times = {"NGAY_VAO": "202611200800", "NGAY_YL": "202611200759", "NGAY_VAO_NOI_TRU": "202611200700"}

    assert findings(check_in(NGAY_SINH="202611210000"))[0] == ("birth-after-arrival", "XML0[1].NGAY_SINH")
    doubts = findings(check_in(LY_DO_VNT="x", **times))
    assert [each for each in doubts if each[0] == "time-order"] == [
        ("time-order", "XML0[1].NGAY_VAO_NOI_TRU"),
        ("time-order", "XML0[1].NGAY_YL"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("NGAY_YL", "202611200759", "date-outside"),
        ("NGAY_YL", "202611201031", "date-outside"),
        ("NGAY_TH_YL", "202611200814", "time-order"),
        ("NGAY_KQ", "202611200829", "time-order"),
        ("NGAY_KQ", "202611201031", "date-outside"),
        ("NGAY_TH_YL", "202611200815", None),
        ("NGAY_KQ", "202611200830", None),
    ],
)
def test_a_minute_out_of_the_order_of_a_service_is_doubted(name, value, rule):
    content = sample().set("XML3", 2, name, value).bytes()

    assert findings(content) == ([(rule, f"XML3[2].{name}")] if rule else [])
    assert validate(content).accepted


@pytest.mark.parametrize("time", ["202611200800", "202611201030"])
def test_the_first_and_the_last_minute_of_the_stay_are_inside(time):
    assert findings(sample().set("XML2", 1, "NGAY_YL", time).bytes()) == []


def test_a_drug_given_before_it_was_ordered_is_doubted():
    content = sample().set("XML2", 1, "NGAY_TH_YL", "202611200959").bytes()

    assert findings(content) == [("time-order", "XML2[1].NGAY_TH_YL")]


def test_a_result_without_a_time_of_performing_is_not_before_its_order():
    file = sample().set("XML3", 2, "MA_NHOM", "12").set("XML3", 2, "NGAY_TH_YL", "")

    doubts = findings(file.set("XML3", 2, "NGAY_KQ", "202611200814").bytes())

    assert ("time-order", "XML3[2].NGAY_KQ") in doubts


def test_a_sentence_says_which_time_comes_first_and_gives_none():
    report = validate(sample().set("XML3", 2, "NGAY_KQ", "202611200829").bytes())

    (finding,) = [each for each in report.warnings if each.rule == "time-order"]
    assert "NGAY_KQ ≥ NGAY_TH_YL" in finding.vi
    assert "NGAY_KQ ≥ NGAY_TH_YL" in finding.en
    assert "2026" not in finding.vi + finding.en


def test_a_supply_has_no_result_to_wait_for():
    file = sample().set("XML3", 2, "MA_NHOM", "11").set("XML3", 2, "NGAY_KQ", "202611201031")

    assert ("date-outside", "XML3[2].NGAY_KQ") not in findings(file.bytes())


def test_one_cause_is_one_doubt():
    file = sample().set("XML3", 2, "NGAY_YL", "202611201031")

    assert findings(file.bytes()) == [("date-outside", "XML3[2].NGAY_YL")]


def test_a_result_of_before_the_arrival_is_doubted():
    content = sample().set("XML4", 1, "NGAY_KQ", "202611200759").bytes()

    assert ("time-order", "XML4[1].NGAY_KQ") in findings(content)
    assert validate(content).accepted
    assert findings(sample().set("XML4", 1, "NGAY_KQ", "202611221000").bytes()) == []


def test_a_progress_note_lies_inside_the_stay():
    file = with_notes("202611200759", "202611200800")

    paths = [path for rule, path in findings(file.bytes()) if rule == "date-outside"]

    assert paths == ["XML5[1].THOI_DIEM_DBLS"]


@pytest.mark.parametrize(("time", "doubted"), [("202611200759", True), ("202611200800", False)])
def test_an_admission_lies_inside_the_stay(time, doubted):
    doubts = findings(sample().set("XML1", 1, "NGAY_VAO_NOI_TRU", time).bytes())

    assert (("date-outside", "XML1.NGAY_VAO_NOI_TRU") in doubts) is doubted


@pytest.mark.parametrize("name", ["NGAY_VAO", "NGAY_RA"])
def test_against_a_stay_that_is_wrong_itself_nothing_is_held(name):
    file = sample().set("XML1", 1, name, "20261120").set("XML3", 2, "NGAY_YL", "202611190815")

    assert [path for _, path in findings(file.bytes()) if path.startswith("XML3")] == []
