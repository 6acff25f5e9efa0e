"""Which results may be reused, which kinds are restricted, and who a file is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from common.restricted import DataClass, classes_in, classes_of, mask_of
from kcb.report import Row
from kcb.validate import validate
from services.records.model.clinical_history import derive_history
from services.records.model.person_numbers import PersonNumber, person_number
from services.records.model.result_reuse import OrderedTest, PastResult, choose_results, rule_for
from tests.samples import files

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def known(code: str, indicator: str, days: float, name: str = "", dossier=None) -> PastResult:
    of = dossier or uuid4()
    return PastResult(uuid4(), of, code, name, indicator, "", NOW - timedelta(days=days))


@pytest.mark.parametrize(
    ("code", "name", "rule"),
    [
        ("23.0075.1494", "Định lượng Glucose", "chemistry-14-days"),
        ("23.0103.1531", "Xét nghiệm Khí máu", "blood-gas-never"),
        ("23.0083.1523", "Định lượng HbA1c", "hba1c-90-days"),
        ("18.0001.0001", "Siêu âm ổ bụng", "ultrasound-30-days"),
        ("18.0067.0028", "Chụp X-quang ngực", "imaging-90-days"),
        ("99.0000.0000", "", "other-7-days"),
    ],
)
def test_the_kind_of_test_says_how_long_it_holds(code, name, rule):
    assert rule_for(code, name).name == rule


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
    old, gas = known("22.1", "WBC", 8), known("23.1", "PH", 0, name="khí máu")

    assert choose_results(OrderedTest("22.1", ""), [old], NOW, searched_all=True).why_not == "too-old"
    assert choose_results(OrderedTest("23.1", ""), [gas], NOW, searched_all=True).why_not == "never-reused"
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
