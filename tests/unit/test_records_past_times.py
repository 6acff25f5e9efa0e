"""Nothing that has happened lies in the future, in any field of any table; and what may lie ahead, may."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chassis import clock
from common.values import PartialDate, is_future
from kcb import past_times
from kcb.lost_letters import checked_fields
from kcb.past_times import BIRTH, DOUBTED_AHEAD, MAY_LIE_AHEAD
from kcb.tables import CHECK_IN, Field, dossier_tables, tables
from kcb.validate import validate
from tests.samples.files import check_in, sample, with_table

# 17:00 of the 25th in Viet Nam.
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)

DATED = [
    (code, field)
    for code, table in dossier_tables().items()
    for field in table.fields
    if field.kind in ("date", "datetime") or field.format.startswith("yyyyMMdd")
]


def said(content: bytes, **more: Any) -> list[tuple[str, str, bool]]:
    known = {"signature-missing", "personal-id-differs", "repeats-rest"}
    findings = validate(content, now=NOW, **more).findings
    return [(one.rule, one.path, one.refuses) for one in findings if one.rule not in known]


def written(field: Field, moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M}" if field.kind == "datetime" else f"{moment:%Y%m%d}"


@pytest.mark.parametrize(("code", "field"), DATED, ids=[f"{code}.{field.name}" for code, field in DATED])
def test_a_field_of_the_future_is_refused_doubted_or_free(code: str, field: Field):
    file, name = with_table(code), field.name
    path = tables()[code].row_path(1)
    file.set(code, 1, name, written(field, datetime(2026, 11, 27, 8, 0, tzinfo=clock.VIETNAM)))

    findings = [finding for finding in said(file.bytes()) if finding[1] == f"{path}.{name}"]

    if name == BIRTH:
        assert [refuses for _, _, refuses in findings] == [True]
    elif name in DOUBTED_AHEAD:
        assert findings == [("time-ahead-doubt", f"{path}.{name}", False)]
    elif name in MAY_LIE_AHEAD:
        assert not {"time-in-future", "time-ahead-doubt"} & {rule for rule, _, _ in findings}
    else:
        assert findings == [("time-in-future", f"{path}.{name}", True)]


def test_a_clock_may_run_ahead_by_a_little():
    at = datetime(2026, 11, 25, 17, 0, tzinfo=clock.VIETNAM)
    for minutes, refused in ((15, False), (16, True)):
        left = f"{at + timedelta(minutes=minutes):%Y%m%d%H%M}"
        file = sample().everywhere("NGAY_RA", left).set("XML1", 1, "NGAY_TTOAN", "")
        file.set("XML1", 1, "NGAY_TAI_KHAM", "20261204").set("XML14", 1, "NGAY_HEN_KL", "20261204")
        assert any(refuses for _, _, refuses in said(file.bytes())) is refused


def test_what_only_repeats_a_future_of_xml1_is_not_named_again():
    file = sample().everywhere("NGAY_RA", "203611201030")

    assert said(file.bytes()) == [("time-in-future", "XML1.NGAY_RA", True)]


def test_every_future_of_a_file_is_named_once():
    file = sample().set("XML1", 1, "NGAY_SINH", "202700000000").set("XML4", 1, "NGAY_KQ", "203611200930")
    file.date = "20261126"
    file.set("XML13", 1, "NGAY_RA", "202711201030")

    assert said(file.bytes()) == [
        ("time-in-future", "GIAMDINHHS.THONGTINHOSO.NGAYLAP", True),
        ("birth-after-arrival", "XML1.NGAY_SINH", True),
        ("time-in-future", "XML4[1].NGAY_KQ", True),
        ("time-in-future", "XML13.NGAY_RA", True),
    ]


@pytest.mark.parametrize(
    ("name", "rule"),
    [("NGAY_SINH", "birth-after-arrival"), ("NGAY_VAO", "time-in-future"), ("NGAY_YL", "time-in-future")],
)
def test_a_check_in_of_the_future_is_refused(name: str, rule: str):
    content = check_in(2, **{name: "203611200800"})

    assert said(content) == [(rule, f"XML0[2].{name}", True)]


def test_a_birth_known_in_part_may_be_of_this_year():
    for value, refused in (("202600000000", False), ("202611000000", False), ("202612000000", True)):
        file = sample().everywhere("NGAY_SINH", value)
        assert [path for rule, path, _ in said(file.bytes()) if rule.startswith("birth-")] == (
            ["XML1.NGAY_SINH"] if refused else []
        )


def test_a_hospital_s_own_clock_is_asked_where_no_time_is_told():
    file = sample().set("XML4", 1, "NGAY_KQ", f"{datetime.now(UTC).year + 1}01010000")

    assert [one.path for one in validate(file.bytes()).refusals] == ["XML4[1].NGAY_KQ"]


def test_what_may_lie_ahead_are_fields_of_the_tables():
    names = {field.name for table in tables().values() for field in table.fields}

    assert {*MAY_LIE_AHEAD, *DOUBTED_AHEAD} <= names
    assert not set(MAY_LIE_AHEAD) & set(DOUBTED_AHEAD)
    assert tables()[CHECK_IN].names


def test_there_is_one_rule_for_files_and_for_calls():
    assert past_times.MAX_CLOCK_SKEW == clock.MAX_CLOCK_SKEW


@pytest.mark.parametrize(
    ("when", "future"),
    [
        (NOW + timedelta(minutes=15), False),
        (NOW + timedelta(minutes=15, seconds=1), True),
        (date(2026, 11, 25), False),
        (date(2026, 11, 26), True),
        (PartialDate(2026), False),
        (PartialDate(2026, 11), False),
        (PartialDate(2026, 12), True),
        (PartialDate(2027), True),
        (PartialDate(2026, 11, 26), True),
        (PartialDate(2027, 2, 30), False),
        (None, False),
    ],
)
def test_what_a_call_tells_is_judged_alike(when: Any, future: bool):
    assert is_future(when, NOW) is future


def test_a_day_begins_in_viet_nam_and_with_the_skew():
    late = datetime(2026, 11, 25, 16, 45, tzinfo=UTC)

    assert not is_future(date(2026, 11, 26), late)
    assert is_future(date(2026, 11, 26), late - timedelta(minutes=1))


@pytest.mark.parametrize(
    ("code", "name", "value", "doubted"),
    [
        ("XML1", "HO_TEN", "TR?N TH? M?U", True),
        ("XML1", "CHAN_DOAN_RV", "Tăng huy?t áp", True),
        ("XML1", "CHAN_DOAN_RV", "Viêm ruột thừa?", False),
        ("XML13", "CHAN_DOAN_RV", "T\ufffdng huyết áp", True),
        ("XML14", "HO_TEN", "TRẦN THỊ M\ufffdU", True),
        ("XML3", "TEN_DICH_VU", "Đ?nh lư?ng Glucose", True),
    ],
)
def test_lost_letters_are_doubted_where_they_stand(code: str, name: str, value: str, doubted: bool):
    path = f"{tables()[code].row_path(1)}.{name}"
    findings = said(sample().set(code, 1, name, value).bytes())

    assert findings == ([("letters-lost", path, False)] if doubted else [])


def test_lost_letters_of_a_check_in_are_doubted():
    assert said(check_in(HO_TEN="TR?N TH? M?U")) == [("letters-lost", "XML0[1].HO_TEN", False)]


@pytest.mark.parametrize("name", ["TRẦN THI\u0323 MẪU", "trần thị  mẫu", "TRẦN THỊ\u200b MẪU"])
def test_a_name_written_otherwise_does_not_differ_from_xml1(name: str):
    report = validate(sample().set("XML13", 1, "HO_TEN", name).bytes(), now=NOW)

    assert "XML13.HO_TEN" not in [one.path for one in report.warnings]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("XML9", {"HO_TEN_NND", "HO_TEN_CHA", "HO_TEN_CON", "NGUOI_DO_DE", "NGUOI_GHI_PHIEU"}),
        ("XML12", {"NGUOI_CHU_TRI"}),
    ],
)
def test_names_of_people_are_looked_at_in_birth_certificates_and_assessments(code: str, names: set[str]):
    assert names <= set(checked_fields(tables()[code]))
