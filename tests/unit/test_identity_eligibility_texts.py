"""Eligibility by the texts: the kind of a facility, what is open, and the days and amounts of the decrees."""

from dataclasses import replace
from datetime import date

import pytest

from services.identity.model.eligibility import (
    Basis,
    Circumstance,
    Code,
    FormerLine,
    Payment,
    Place,
    Question,
    decide,
)
from services.identity.model.eligibility.care_categories import CATEGORIES
from services.identity.model.facilities import InitialCare, Level
from tests.samples.care_shares import shares

from .test_identity_eligibility_dates import CARD

DAY = date(2026, 11, 21)
BASIC, TOP = Level.BASIC, Level.SPECIALISED
DISTRICT, NONE, PROVINCIAL = FormerLine.DISTRICT, FormerLine.NONE, FormerLine.PROVINCIAL
STATIONS = [kind for kind in InitialCare if kind not in (InitialCare.UNSPECIFIED, InitialCare.OTHER)]


def asking(*place, code="79024", provisional=False, kind=InitialCare.UNSPECIFIED, **more) -> Question:
    facility = Place(code, *place, initial_care=kind, provisional=provisional)
    return Question(**{"day": DAY, "place": facility, **more})


def ask(*place, card=CARD, **more):
    return decide(asking(*place, **more), [card])


def codes(answer) -> list[Code]:
    return [reason.code for reason in answer.reasons]


def sentence(answer, code: Code) -> str:
    return " ".join(reason.vi for reason in answer.reasons if reason.code is code)


# The kind of a facility.


@pytest.mark.parametrize("kind", STATIONS)
@pytest.mark.parametrize("code", ["79024", "01999"])
@pytest.mark.parametrize("level", [0, 3, 4])
def test_a_station_pays_all_costs_whatever_the_level_and_wherever_one_is_registered(kind, code, level):
    answer = ask(Level.INITIAL, code=code, kind=kind, card=replace(CARD, benefit_level=level))

    assert (answer.category, answer.basis, answer.basis_points) == ("1.2", Basis.COSTS, 10_000)
    assert "100% chi phí" in sentence(answer, Code.CARE_CATEGORY)


def test_of_a_facility_of_an_unknown_kind_both_rows_are_told_and_none_is_applied():
    registered = ask(Level.INITIAL, code="01999")
    elsewhere = ask(Level.INITIAL)

    assert (registered.category, registered.candidates) == ("", ("1.1", "1.2"))
    assert (elsewhere.category, elsewhere.candidates) == ("", ("1.2", "1.11"))
    for answer in (registered, elsewhere):
        assert answer.basis_points is None
        assert "chưa ghi loại cơ sở" in sentence(answer, Code.FACILITY_UNKNOWN)


def test_at_a_station_row_1_1_is_doubted_and_1_2_proposed():
    answer = ask(Level.INITIAL, code="01999", kind=InitialCare.ARMY_CIVIL, care_category="1.1")

    assert (answer.category, answer.proposed, answer.basis_points) == ("1.1", "1.2", 8000)
    assert "1.2" in sentence(answer, Code.CARE_CATEGORY_DOUBTFUL)


def test_row_1_2_is_doubted_at_a_private_clinic_and_its_kind_is_asked_for_where_it_is_unknown():
    clinic = ask(Level.INITIAL, kind=InitialCare.OTHER, care_category="1.2")
    unknown = ask(Level.INITIAL, care_category="1.2")

    assert (clinic.proposed, Code.CARE_CATEGORY_DOUBTFUL in codes(clinic)) == ("1.11", True)
    assert Code.FACILITY_UNKNOWN in codes(unknown)
    assert Code.CARE_CATEGORY_DOUBTFUL not in codes(unknown)


# What the texts leave open.


@pytest.mark.parametrize("form", ["01", "02", "05", "08"])
def test_a_former_district_hospital_of_50_to_70_points_is_told_both_rows_and_nothing_is_settled(form):
    answer = ask(BASIC, 60, DISTRICT, care_form=form)

    assert (answer.category, answer.proposed, answer.candidates) == ("", "", ("1.13", "3.3"))
    words = sentence(answer, Code.CARE_CATEGORY_UNSETTLED)
    assert "1.13 (50% mức hưởng) hoặc 3.3 (100% mức hưởng)" in words
    assert "Điều 22" in words


@pytest.mark.parametrize(("given", "points"), [("1.13", 4000), ("3.3", 8000)])
def test_where_one_of_the_two_was_given_it_counts_and_the_other_is_told(given, points):
    answer = ask(BASIC, 60, DISTRICT, care_form="01", care_category=given)

    assert (answer.basis_points, answer.proposed, answer.candidates) == (points, "", ("1.13", "3.3"))
    assert Code.RATE_UNSETTLED in codes(answer)
    assert Code.CARE_CATEGORY_DOUBTFUL not in codes(answer)


@pytest.mark.parametrize(
    ("place", "form", "proposed"),
    [
        ((BASIC, 40, DISTRICT), "01", "1.12"),
        ((BASIC, 60, DISTRICT), "03", "1.15"),
        ((BASIC, 75, DISTRICT), "01", "3.3"),
        ((TOP, 0, DISTRICT), "01", "3.3"),
        ((BASIC, 60, NONE), "01", "1.13"),
    ],
)
def test_no_other_row_of_a_district_hospital_has_a_rival(place, form, proposed):
    answer = ask(*place, care_form=form)

    assert (answer.proposed, answer.candidates) == (proposed, ())


@pytest.mark.parametrize(
    ("place", "candidates", "missing"),
    [
        ((BASIC, 40), ("1.12", "1.14"), ["tuyến"]),
        ((BASIC, 0, NONE), (), []),
        ((BASIC, 0, PROVINCIAL), ("1.13", "1.14"), ["điểm"]),
        ((BASIC, 0, DISTRICT), ("1.12", "1.13", "3.3"), ["điểm"]),
        ((BASIC, 60), ("1.13", "3.3"), ["tuyến"]),
    ],
)
def test_what_the_directory_does_not_tell_is_not_guessed(place, candidates, missing):
    answer = ask(*place, care_form="01")

    assert (answer.proposed, answer.candidates) == ("", candidates)
    told = sentence(answer, Code.FACILITY_UNKNOWN)
    assert all(word in told for word in missing)


def test_a_provisional_rank_counts_as_under_50_points_and_unknown_points_do_not():
    provisional = ask(BASIC, 0, NONE, provisional=True, care_form="01")
    as_given = ask(BASIC, 0, NONE, provisional=True, care_form="01", care_category="1.13")
    unknown = ask(BASIC, 0, NONE, care_form="01", care_category="1.13")
    provincial = ask(BASIC, 0, PROVINCIAL, provisional=True, care_form="01")

    assert (provisional.proposed, provincial.proposed) == ("1.12", "1.14")
    assert (as_given.proposed, Code.CARE_CATEGORY_DOUBTFUL in codes(as_given)) == ("1.12", True)
    assert Code.CARE_CATEGORY_DOUBTFUL not in codes(unknown)


@pytest.mark.parametrize("form", ["04", "06", "10", "14", "16"])
def test_a_form_of_care_that_counts_nowhere_proposes_nothing_and_says_so(form):
    answer = ask(TOP, 0, PROVINCIAL, care_form=form)
    central = ask(TOP, 0, FormerLine.CENTRAL, care_form=form, care_category="3.1")

    assert (answer.proposed, central.basis_points) == ("", None)
    assert Code.CARE_FORM_UNSETTLED in codes(answer)
    assert form in sentence(central, Code.CARE_FORM_UNSETTLED)


def test_that_one_adjudication_paid_forty_percent_flat_is_told():
    answer = ask(TOP, 0, FormerLine.CENTRAL, care_form="03", care_category="3.1")

    assert answer.basis_points == 3200
    assert "40% chi phí" in sentence(answer, Code.RATE_UNSETTLED)


def test_a_baby_is_a_newborn_of_row_1_7_only_when_it_is_treated_right_after_birth():
    born = ask(TOP, 0, FormerLine.CENTRAL, care_form="03", circumstances=frozenset({Circumstance.NEWBORN}))

    assert born.proposed == "1.7"


@pytest.mark.parametrize("code", ["7.2", "7.3", "7.4", "8", "10"])
def test_rows_without_a_share_of_their_own_say_so(code):
    answer = ask(TOP, care_category=code, care_form="07")

    assert (answer.basis_points, Code.NO_SHARE in codes(answer)) == (None, True)


def test_the_rows_pay_what_the_code_list_says_on_each_of_their_days():
    """`codes.json` (QĐ 3276/QĐ-BYT Annex 1) beside the rows here: one share for each form and day."""
    for row in CATEGORIES:
        told = shares().get(row.code, ())
        day = max(row.valid_from, date(2025, 7, 1))
        for form, percent in (("01", row.outpatient), ("03", row.inpatient)):
            listed = next((share for share in told if share.counts(day, form)), None)
            if percent is None:
                assert not row.has_share or listed, row.code
            else:
                assert listed is not None, row.code
                assert (listed.percent, listed.of_costs) == (percent, row.basis is Basis.COSTS), row.code
    assert {row.code for row in CATEGORIES if row.has_share} == set(shares())


# The days after a lapse.

LAPSED = replace(CARD, valid_to=date(2026, 11, 20))
OLDER = replace(CARD, valid_from=date(2024, 1, 1), valid_to=date(2025, 6, 1))


@pytest.mark.parametrize(
    ("card", "form", "covered", "told"),
    [
        *((LAPSED, form, True, None) for form in ("02", "03", "04", "09")),
        (LAPSED, "01", False, Code.GRACE_NOT_FOR_FORM),
        *((LAPSED, form, True, Code.GRACE_UNSETTLED) for form in ("", "05", "06", "07", "08")),
        (OLDER, "03", True, None),
        (OLDER, "02", False, Code.GRACE_NOT_FOR_FORM),
        (OLDER, "04", True, Code.GRACE_UNSETTLED),
    ],
)
def test_the_days_after_a_lapse_are_for_treatment(card, form, covered, told):
    day = card.valid_to.replace(day=card.valid_to.day + 1)
    question = asking(TOP, care_form=form, treatment_start=card.valid_to, day=day)

    answer = decide(question, [card])

    assert (answer.covered, answer.grace) == (covered, covered)
    assert {Code.GRACE_NOT_FOR_FORM, Code.GRACE_UNSETTLED} & set(codes(answer)) == ({told} if told else set())


# Amounts.

FIVE = replace(CARD, valid_from=date(2025, 1, 1), valid_to=date(2028, 1, 1), five_years_date=date(2020, 1, 1))
BEFORE = Payment(date(2026, 3, 1), 4_680_000)


def shared(*payments: Payment, day: date = DAY, category: str = "1.3", **more):
    question = asking(TOP, care_category=category, co_payments=tuple(payments), day=day, **more)
    return decide(question, [FIVE])


def test_what_was_shared_before_the_wage_changed_counts_in_months_of_the_old_one():
    answer = shared(BEFORE)

    assert (answer.threshold, answer.remaining) == (14_800_000, 10_120_000)
    assert "(6 − A / 2.340.000 đồng) × 2.530.000 đồng" in sentence(answer, Code.CO_PAYMENT_CONVERTED)


def test_without_the_payments_no_threshold_is_told_of_a_year_in_which_the_wage_changed():
    in_2026 = decide(asking(TOP, care_category="1.3"), [FIVE])
    before = decide(asking(TOP, care_category="1.3", day=date(2026, 6, 30)), [FIVE])

    assert (in_2026.threshold, in_2026.remaining) == (None, None)
    assert (before.threshold, Code.CO_PAYMENT_CONVERTED in codes(before)) == (14_040_000, False)


@pytest.mark.parametrize(
    ("payments", "exempt"),
    [
        ([BEFORE, Payment(date(2026, 8, 1), 10_120_000)], False),
        ([BEFORE, Payment(date(2026, 8, 1), 10_120_001)], True),
        ([Payment(date(2026, 3, 1), 14_039_999)], False),
        ([Payment(date(2026, 3, 1), 14_040_000)], True),
        ([Payment(date(2026, 8, 1), 15_180_000)], False),
        ([Payment(date(2026, 8, 1), 15_180_001)], True),
        ([Payment(date(2025, 12, 31), 90_000_000)], False),
        ([Payment(date(2026, 12, 31), 90_000_000)], False),
    ],
)
def test_who_shared_more_than_six_months_and_not_just_as_much_shares_no_more(payments, exempt):
    answer = shared(*payments)

    assert (answer.exempt, answer.basis_points) == (exempt, 10_000 if exempt else 8000)


def test_six_months_exactly_before_the_change_free_only_from_the_change_on():
    paid = Payment(date(2026, 3, 1), 14_040_000)

    assert [shared(paid, day=day).exempt for day in (date(2026, 6, 30), date(2026, 7, 1))] == [False, True]


def test_a_stay_over_new_year_counts_by_year():
    payments = (Payment(date(2026, 12, 31), 20_000_000), Payment(date(2027, 1, 1), 1_000_000))

    assert [shared(*payments, day=day).exempt for day in (date(2026, 12, 31), date(2027, 1, 1))] == [
        True,
        False,
    ]
    assert shared(*payments, day=date(2027, 1, 1)).remaining == 14_180_000


def test_without_five_years_nothing_shared_frees():
    card = replace(FIVE, five_years_date=None)
    question = asking(TOP, care_category="1.3", co_payments=(Payment(date(2026, 8, 1), 90_000_000),))

    answer = decide(question, [card])

    assert (answer.exempt, answer.threshold, answer.remaining) == (False, None, None)


@pytest.mark.parametrize(
    ("category", "form", "points", "code"),
    [
        ("3.2", "03", None, Code.RATE_UNSETTLED),
        ("3.3", "01", None, Code.RATE_UNSETTLED),
        ("3.6", "03", None, Code.RATE_UNSETTLED),
        ("1.13", "01", 4000, Code.CO_PAYMENT_NOT_EXEMPT),
        ("3.1", "03", 3200, Code.CO_PAYMENT_NOT_EXEMPT),
    ],
)
def test_whether_who_came_by_themselves_stay_exempt_is_told_as_far_as_it_is_settled(
    category, form, points, code
):
    answer = decide(
        asking(care_category=category, care_form=form),
        [replace(FIVE, exempt_from=date(2026, 5, 1), area_code="K1")],
    )

    assert (answer.basis_points, answer.exempt) == (points, False)
    assert code in codes(answer)


@pytest.mark.parametrize(
    ("day", "cost", "limit", "points"),
    [
        (date(2026, 6, 30), 350_999, 351_000, 10_000),
        (date(2026, 6, 30), 351_000, 351_000, 8000),
        (date(2026, 7, 1), 379_499, 379_500, 10_000),
        (date(2026, 7, 1), 379_500, 379_500, 8000),
        (date(2026, 7, 1), None, 379_500, 8000),
    ],
)
def test_a_visit_of_less_than_fifteen_percent_of_the_wage_is_paid_in_full(day, cost, limit, points):
    answer = ask(TOP, care_category="1.3", day=day, visit_cost=cost)

    assert (answer.small_visit, answer.basis_points) == (limit, points)
    assert (Code.SMALL_VISIT in codes(answer)) == (points == 10_000)


def test_a_small_visit_has_the_wage_of_the_day_it_began():
    answer = ask(TOP, care_category="1.3", day=date(2026, 7, 2), treatment_start=date(2026, 6, 30))

    assert answer.small_visit == 351_000


@pytest.mark.parametrize("category", ["1.13", "1.14", "1.18", "3.1", "9", "8"])
def test_who_has_a_part_of_the_benefit_only_shares_a_small_visit_too(category):
    answer = ask(care_category=category, care_form="01", visit_cost=10)

    assert answer.small_visit is None
    assert Code.SMALL_VISIT not in codes(answer)


# Transfer slips.


@pytest.mark.parametrize(
    ("signed", "told"),
    [
        (None, Code.TRANSFER_SLIP_DATE_NEEDED),
        (date(2026, 11, 21), None),
        (date(2026, 11, 9), None),
        (date(2026, 11, 6), None),
        (date(2026, 11, 5), Code.TRANSFER_SLIP_EXPIRED),
        (date(2025, 11, 20), Code.TRANSFER_SLIP_EXPIRED),
        (date(2026, 11, 22), Code.CARE_CATEGORY_DOUBTFUL),
    ],
)
def test_a_transfer_slip_is_good_for_ten_working_days_and_never_refused(signed, told):
    answer = ask(TOP, care_category="1.3", slip_date=signed)

    slips = {Code.TRANSFER_SLIP_DATE_NEEDED, Code.TRANSFER_SLIP_EXPIRED, Code.CARE_CATEGORY_DOUBTFUL}
    assert slips & set(codes(answer)) == ({told} if told else set())
    assert answer.basis_points == 8000


def test_a_slip_that_lapses_during_treatment_is_good_to_its_end():
    answer = ask(TOP, care_category="1.3", slip_date=date(2026, 10, 1), treatment_start=date(2026, 10, 5))

    assert Code.TRANSFER_SLIP_EXPIRED not in codes(answer)
