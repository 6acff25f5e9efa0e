"""Which results may be reused, which kinds are restricted, and who a file is about."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from common.restricted import DataClass, classes_in, classes_of, mask_of
from kcb.report import Row
from kcb.validate import validate
from services.records.model.clinical_history import derive_history
from services.records.model.laboratory_quality import Quality
from services.records.model.person_numbers import PersonNumber, person_number
from services.records.model.result_reuse import OrderedTest, PastResult, choose_results
from services.records.model.reuse_periods import Certainty, all_periods, period_for
from tests.samples import files

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def known(code: str, indicator: str, days: float, dossier=None, **more: Any) -> PastResult:
    return PastResult(uuid4(), dossier or uuid4(), code, indicator, NOW - timedelta(days=days), **more)


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("23.0075.1494", "chemistry-14-days"),
        ("23.0103.1531", "blood-gas-never"),
        ("23.0083.1523", "hba1c-60-days"),
        ("23.0166.1494", "urea-bilirubin-24-hours"),
        ("22.0001.1352", "coagulation-3-days"),
        ("22.0120.1370", "haematology-7-days"),
        ("18.0001.0001", "ultrasound-30-days"),
        ("18.0066.0001", "ultrasound-30-days"),
        ("18.0067.0028", "imaging-90-days"),
        ("24.0001.1714", "microbiology-positive-14-days"),
        ("99.0000.0000", "other-7-days"),
        ("", "other-7-days"),
    ],
)
def test_the_code_of_the_service_says_how_long_it_holds(code: str, rule: str):
    assert period_for(code, "", NOW.date()).name == rule


def test_the_latest_time_counts_with_all_its_indicators():
    dossier = uuid4()
    results = [
        known("22.1", "WBC", 2, dossier=dossier),
        known("22.1", "HGB", 2, dossier=dossier),
        known("22.1", "PLT", 9),
    ]

    choice = choose_results(OrderedTest("22.1", ""), results, NOW, searched_all=True)

    assert choice.results == (results[0].id, results[1].id)
    assert (choice.age, choice.why_not) == (timedelta(days=2), "")


def test_too_old_never_and_none_are_told_apart():
    old, gas = known("22.1", "WBC", 8), known("23.0103.1531", "PH", 0)

    assert choose_results(OrderedTest("22.1", ""), [old], NOW, searched_all=True).why_not == "too-old"
    assert (
        choose_results(OrderedTest("23.0103.1531", ""), [gas], NOW, searched_all=True).why_not
        == "never-reused"
    )
    assert choose_results(OrderedTest("24.1", ""), [], NOW, searched_all=True).why_not == "none-found"
    assert choose_results(OrderedTest("24.1", ""), [], NOW, searched_all=False).why_not == "not-searched"
    assert (
        choose_results(OrderedTest("", "WBC"), [old], NOW - timedelta(days=7), searched_all=True).why_not
        == ""
    )


def test_restricted_kinds_are_read_from_codes_and_tables_and_fit_a_mask():
    found = classes_of(["I10", "\u200bB20.1", "ｆ32"], ["XML10"])

    assert found == set(DataClass)
    assert classes_in(mask_of(found)) == found
    assert (mask_of({DataClass.CARE}), classes_in(0)) == (0, {DataClass.CARE})


@pytest.mark.parametrize(
    ("number", "card", "asked"),
    [
        ("001385000016", "DN4010000000000", PersonNumber("personal_id", "001385000016")),
        ("123456789", "", PersonNumber("old_id", "123456789")),
        ("C1234567", "DN4010000000000", PersonNumber("card_number", "DN4010000000000")),
        ("", "DN4010000000000;TE1010000000000", PersonNumber("card_number", "DN4010000000000")),
        ("", "0123456789", PersonNumber("social_insurance_number", "0123456789")),
        ("", "", None),
    ],
)
def test_a_person_is_looked_up_by_number_then_by_card(number, card, asked):
    assert person_number(Row(1, {"SO_CCCD": number, "MA_THE_BHYT": card})) == asked


def test_a_history_is_made_of_a_dossier():
    history = derive_history(validate(files.DOSSIER))

    assert history.encounter.arrival_time.astimezone(UTC) == datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    assert [result.service_name for result in history.results] == ["Định lượng Glucose"]
    assert (len(history.medicines), len(history.services)) == (1, 2)
    assert [row.table_code for row in history.other_rows] == ["XML13", "XML14"]
    assert "HO_TEN" not in history.other_rows[0].data


def test_a_result_of_the_future_is_never_the_latest_nor_reused():
    ahead, old = known("22.1", "WBC", -3650), known("22.1", "WBC", 2)

    choice = choose_results(OrderedTest("22.1", ""), [ahead, old], NOW, searched_all=True)
    alone = choose_results(OrderedTest("22.1", ""), [ahead], NOW, searched_all=True)

    assert (choice.results, choice.age, choice.why_not) == ((old.id,), timedelta(days=2), "")
    assert (alone.results, alone.age, alone.why_not) == ((ahead.id,), None, "time-unknown")


def test_a_result_whose_time_nobody_knows_is_shown_and_not_reused():
    unknown = replace(known("18.1", "", 1), known_time=None)

    choice = choose_results(OrderedTest("18.1", ""), [unknown], NOW, searched_all=True)

    assert (choice.results, choice.age, choice.why_not) == ((unknown.id,), None, "time-unknown")


def test_what_is_too_old_does_not_come_along_with_what_is_not():
    dossier = uuid4()
    new, old = known("22.1", "WBC", 2, dossier=dossier), known("22.1", "HGB", 30, dossier=dossier)

    choice = choose_results(OrderedTest("22.1", ""), [old, new], NOW, searched_all=True)

    assert (choice.results, choice.why_not) == ((new.id,), "")


def test_the_table_is_whole_on_every_day_and_says_where_it_comes_from():
    for day in (date(2026, 1, 1), date(2026, 7, 31), date(2026, 8, 1), date(2027, 1, 1), date(2040, 1, 1)):
        in_force = [period for period in all_periods() if period.is_in_force(day)]
        beginnings = [(code, period.indicators) for period in in_force for code in period.services]
        assert len(beginnings) == len(set(beginnings))
        assert ("", ()) in beginnings
    assert len({period.name for period in all_periods()}) == len(all_periods())
    assert [period.name for period in all_periods() if not period.source] == []
    assert Certainty.LAW not in {period.certainty for period in all_periods()}


def test_a_row_counts_from_its_first_day_to_its_last():
    assert period_for("23.0083.1523", "", date(2026, 7, 31)).name == "hba1c-90-days"
    assert period_for("23.0083.1523", "", date(2026, 8, 1)).name == "hba1c-60-days"


def test_a_row_of_an_indicator_counts_before_one_of_a_longer_code():
    service, anything = (period_for(code, "", NOW.date()) for code in ("23.0083.1523", "99.1"))
    indicator = replace(anything, name="indicator", indicators=("URE",))

    assert period_for("23.0083.1523", "URE", NOW.date(), (service, anything, indicator)) is indicator
    assert period_for("23.0083.1523", "GLU", NOW.date(), (service, anything, indicator)) is service


def test_the_time_of_the_result_alone_says_that_it_is_too_old_and_never_that_it_is_not():
    new, old = known("22.1", "WBC", 2, performed=False), known("22.1", "WBC", 8, performed=False)

    choices = [choose_results(OrderedTest("22.1", ""), [each], NOW, searched_all=True) for each in (new, old)]

    assert [choice.why_not for choice in choices] == ["time-unknown", "too-old"]


def test_only_positive_findings_of_microbes_are_reused():
    order = OrderedTest("24.0001.1714", "")
    negative, positive = known("24.0001.1714", "", 1), known("24.0001.1714", "", 1, positive=True)

    assert choose_results(order, [negative], NOW, searched_all=True).why_not == "not-positive"
    assert choose_results(order, [positive], NOW, searched_all=True).why_not == ""


def test_what_may_be_reused_stands_before_what_is_newer_and_may_not():
    better, worse = (
        known("22.1", "WBC", 2),
        known("22.1", "WBC", 1, quality=Quality(1, why_not="lower-quality")),
    )

    choice = choose_results(OrderedTest("22.1", ""), [worse, better], NOW, searched_all=True)

    assert (choice.results, choice.newer, choice.why_not) == ((better.id,), (worse.id,), "")
    alone = choose_results(OrderedTest("22.1", ""), [worse], NOW, searched_all=True)
    assert (alone.results, alone.newer, alone.why_not) == ((worse.id,), (), "lower-quality")


def test_no_picture_is_refused_for_the_level_of_a_laboratory():
    picture = known("18.0067.0028", "", 2, quality=Quality(why_not="quality-unknown"))

    assert choose_results(OrderedTest("18.0067.0028", ""), [picture], NOW, searched_all=True).why_not == ""


def test_of_two_dossiers_that_tell_one_time_the_same_answers_whatever_the_order():
    first, second = UUID(int=1), UUID(int=2)
    results = [known("22.1", name, 2, dossier=of) for of in (second, first) for name in ("HGB", "WBC")]

    choices = [
        choose_results(OrderedTest("22.1", ""), order, NOW, searched_all=True)
        for order in (results, results[::-1])
    ]

    for choice in choices:
        assert set(choice.results) == {results[2].id, results[3].id}
