"""Eligibility over dates: the card that counts, the rate, the reasons."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.values import PartialDate
from services.identity.model.benefit_levels import LEVELS, RANK
from services.identity.model.coverages import Coverage, Issuer
from services.identity.model.eligibility import (
    RESULTS_VI,
    Code,
    Place,
    Question,
    decide,
    wrong_number,
)
from services.identity.model.eligibility.care_categories import CATEGORIES
from services.identity.model.eligibility.care_category import Arrival
from services.identity.model.eligibility.decision import is_paid_on
from services.identity.model.facilities import InitialCare, Level

DAY = date(2026, 11, 21)
CARD = Coverage(
    card_number="DN4010000000001",
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    group_code="DN",
    benefit_level=4,
    initial_facility="01999",
    area_code="",
    five_years_date=None,
    issuer=Issuer.SOCIAL_INSURANCE,
    standing="",
    verify_time=datetime(2026, 11, 1, tzinfo=UTC),
)
HERE = Question(DAY, Place("01999", Level.BASIC))
AWAY = Question(DAY, Place("79024", Level.SPECIALISED))


def codes(answer):
    return [reason.code for reason in answer.reasons]


def test_a_card_in_force_at_the_facility_of_first_care_pays_its_whole_benefit():
    answer = decide(HERE, [CARD])

    assert (answer.covered, answer.result_code, answer.basis_points) == (True, "000", 8000)
    assert answer.arrival is Arrival.INITIAL
    assert codes(answer) == [
        Code.CARD_IN_FORCE,
        Code.BENEFIT_LEVEL,
        Code.INITIAL_FACILITY,
        Code.CARE_CATEGORY,
    ]
    assert answer.message_vi == "Thẻ còn giá trị sử dụng; hạn đến 31/12/2026; mức hưởng 80%."


@pytest.mark.parametrize(
    ("day", "covered", "result"),
    [
        (date(2025, 12, 31), False, "010"),
        (date(2026, 1, 1), True, "000"),
        (date(2026, 12, 31), True, "000"),
        (date(2027, 1, 1), False, "010"),
    ],
)
def test_a_card_is_in_force_from_its_first_to_its_last_day(day, covered, result):
    answer = decide(replace(HERE, day=day), [CARD])

    assert (answer.covered, answer.result_code) == (covered, result)


@pytest.mark.parametrize(
    ("day", "start", "covered"),
    [
        (date(2027, 1, 15), date(2026, 12, 31), True),
        (date(2027, 1, 16), date(2026, 12, 31), False),
        (date(2027, 1, 1), date(2027, 1, 1), False),
        (date(2027, 1, 1), None, False),
        (date(2027, 1, 1), date(2025, 12, 31), False),
    ],
)
def test_a_card_that_lapses_under_treatment_pays_fifteen_days_more(day, start, covered):
    answer = decide(replace(HERE, day=day, treatment_start=start), [CARD])

    assert (answer.covered, answer.grace) == (covered, covered)


def test_a_card_that_is_not_in_force_yet_says_from_when():
    answer = decide(replace(HERE, day=date(2025, 6, 1)), [CARD])

    assert codes(answer) == [Code.CARD_NOT_YET_IN_FORCE]
    assert answer.card == CARD


@pytest.mark.parametrize("standing", ["110", "120", "121", "122", "123", "124"])
def test_a_card_that_was_stopped_is_told_by_its_own_code(standing):
    answer = decide(HERE, [replace(CARD, standing=standing)])

    assert (answer.covered, answer.result_code, codes(answer)) == (False, standing, [Code.CARD_STOPPED])


def test_of_several_cards_the_highest_level_counts():
    better = replace(CARD, card_number="HT3010000000001", group_code="HT", benefit_level=3)

    answer = decide(HERE, [CARD, better])

    assert (answer.card, answer.weighed) == (better, (better, CARD))
    assert Code.HIGHEST_LEVEL in codes(answer)
    assert answer.basis_points == 9500


def test_groups_that_were_raised_count_from_the_day_of_the_rule():
    card = replace(CARD, card_number="CN3010000000001", group_code="CN", benefit_level=3)
    long = replace(card, valid_from=date(2025, 1, 1))

    assert decide(replace(HERE, day=date(2025, 12, 31)), [long]).basis_points == 9500
    assert decide(replace(HERE, day=date(2026, 1, 1)), [long]).basis_points == 10_000


@pytest.mark.parametrize(
    ("category", "form", "day", "points"),
    [
        ("1.3", "", DAY, 8000),
        ("2", "", DAY, 8000),
        ("1.13", "01", date(2026, 6, 30), 0),
        ("1.13", "01", date(2026, 7, 1), 4000),
        ("3.1", "03", DAY, 3200),
        ("3.1", "01", DAY, 0),
        ("3.1", "", DAY, None),
        ("3.2", "", DAY, 8000),
        ("3.2", "01", DAY, None),
        ("9", "", DAY, 0),
        ("1.8", "", DAY, None),
        ("7.3", "", DAY, None),
        ("99", "", DAY, None),
    ],
)
def test_the_rate_follows_the_care_category_on_the_day_and_is_never_guessed(category, form, day, points):
    answer = decide(replace(AWAY, care_category=category, care_form=form, day=day), [CARD])

    assert answer.covered
    assert answer.basis_points == points


def test_a_dossier_of_before_the_rules_has_no_known_rate():
    old = replace(CARD, valid_from=date(2024, 1, 1))

    answer = decide(replace(AWAY, day=date(2024, 6, 1), care_category="1.3"), [old])

    assert answer.basis_points is None
    assert Code.CARE_CATEGORY_UNKNOWN in codes(answer)


def test_half_percents_are_exact():
    answer = decide(
        replace(AWAY, place=Place("01929", Level.BASIC), care_category="1.14", care_form="01"),
        [replace(CARD, benefit_level=3)],
    )

    assert answer.basis_points == 4750
    assert "mức hưởng 47,5%" in answer.message_vi


def test_without_a_category_the_facility_settles_what_it_can():
    assert Code.CARE_CATEGORY_NEEDED in codes(decide(AWAY, [CARD]))
    place = Place("01001", Level.INITIAL, initial_care=InitialCare.COMMUNE_STATION)
    station = decide(replace(AWAY, place=place), [CARD])
    assert (station.arrival, station.basis_points) == (Arrival.ENTITLED, 10_000)


def test_a_category_that_does_not_fit_the_facility_is_doubted_not_refused():
    answer = decide(replace(AWAY, care_category="1.1"), [CARD])

    assert answer.basis_points == 8000
    assert Code.CARE_CATEGORY_DOUBTFUL in codes(answer)


def test_a_number_without_a_level_has_no_known_rate():
    answer = decide(HERE, [replace(CARD, card_number="0000000001", group_code="", benefit_level=0)])

    assert (answer.covered, answer.basis_points) == (True, None)
    assert Code.LEVEL_UNKNOWN in codes(answer)
    assert "chưa xác định được mức hưởng" in answer.message_vi


@pytest.mark.parametrize(("issuer", "code"), [(Issuer.DEFENCE, "001"), (Issuer.PUBLIC_SECURITY, "002")])
def test_cards_of_the_ministries_need_papers(issuer, code):
    answer = decide(HERE, [replace(CARD, issuer=issuer)])

    assert (answer.result_code, answer.covered) == (code, True)


def test_an_old_card_that_is_shown_points_at_the_new_one():
    old = replace(CARD, card_number="HC4010000000001", valid_to=date(2026, 6, 30))
    shown = replace(HERE, shown_card=old.card_number)

    assert decide(shown, [CARD, old]).result_code == "003"
    assert decide(shown, [CARD, replace(old, valid_to=date(2026, 11, 30))]).result_code == "004"


def test_nobody_s_card_and_a_child_without_one():
    child = replace(HERE, birth=PartialDate(2024, 5, 1))
    grown = replace(HERE, birth=PartialDate(2020, 5, 1))

    assert [decide(one, []).result_code for one in (HERE, child, grown)] == ["050", "130", "050"]


def test_five_continuous_years_and_the_area_are_told():
    card = replace(CARD, five_years_date=DAY, area_code="K2")

    answer = decide(HERE, [card])

    assert answer.five_years_reached
    assert codes(answer)[-3:] == [Code.AREA, Code.FIVE_YEARS, Code.CO_PAYMENT_CONVERTED]
    assert not decide(HERE, [replace(card, five_years_date=DAY + timedelta(1))]).five_years_reached


def test_a_wrong_number_is_an_answer():
    answer = wrong_number("052")

    assert (answer.covered, answer.result_code, answer.basis_points) == (False, "052", 0)


@pytest.mark.parametrize(
    ("day", "covered", "result"),
    [
        (date(2026, 3, 9), True, "000"),
        (date(2026, 3, 10), False, "050"),
        (date(2027, 1, 2), False, "050"),
    ],
)
def test_a_card_that_is_named_no_more_counts_until_the_day_before(day, covered, result):
    gone = replace(CARD, unlisted_on=date(2026, 3, 10))

    answer = decide(replace(HERE, day=day, treatment_start=date(2026, 3, 1)), [gone])

    assert (answer.covered, answer.result_code) == (covered, result)
    assert (gone.in_force(day), gone.lapsed(day)) == (covered, not covered)
    assert not gone.in_grace(day, date(2026, 3, 1))


def test_of_two_copies_of_a_card_the_one_that_was_confirmed_last_counts():
    stopped = replace(CARD, standing="110", verify_time=datetime(2026, 11, 2, tzinfo=UTC))

    assert decide(HERE, [stopped, CARD]).result_code == "110"
    assert decide(HERE, [replace(stopped, verify_time=datetime(2026, 10, 1, tzinfo=UTC)), CARD]).covered


days = st.dates(date(2024, 6, 1), date(2028, 6, 1))
cards = st.builds(
    lambda start, length, level, standing, group: replace(
        CARD,
        card_number=f"{group}{level or 4}01{level:010d}",
        group_code=group,
        valid_from=start,
        valid_to=start + timedelta(length),
        benefit_level=level,
        standing=standing,
    ),
    days,
    st.integers(0, 700),
    st.integers(0, 5),
    st.sampled_from(["", "", "", "110", "124"]),
    st.sampled_from(["DN", "CN", "LH"]),
)
questions = st.builds(
    Question,
    day=days,
    place=st.builds(Place, st.sampled_from(["01999", "79024"]), st.sampled_from(Level)),
    care_category=st.sampled_from(["", "0", *sorted({one.code for one in CATEGORIES})]),
    care_form=st.sampled_from(["", "01", "03"]),
    treatment_start=st.none() | days,
)


@given(questions, st.lists(cards, max_size=4, unique_by=lambda one: (one.card_number, one.valid_from)))
def test_whatever_is_asked_the_answer_keeps_the_rules(question, held):
    answer = decide(question, held)

    day = question.day
    usable = [card for card in held if not card.standing and card.valid_from <= day <= card.valid_to]
    graced = [card for card in held if is_paid_on(card, question)]
    assert answer.covered == bool(usable or graced)
    assert answer.grace == (answer.covered and not usable)
    if usable:
        assert RANK[answer.level] == max(RANK[card.level_on(day)] for card in usable)
    if answer.grace:
        assert answer.card.valid_to < day <= answer.card.valid_to + timedelta(15)
    points = answer.basis_points
    assert points is None or 0 <= points <= 100 * max(one.rate for one in LEVELS.values())
    assert points is not None or answer.covered
    assert answer.reasons
    assert answer.result_code in RESULTS_VI
    assert set(answer.weighed) == set(held)


@given(questions, st.lists(cards, max_size=4), st.randoms())
def test_the_order_of_the_cards_does_not_matter(question, held, random):
    mixed = random.sample(held, len(held))

    first, second = decide(question, held), decide(question, mixed)

    assert (first.covered, first.result_code, first.basis_points) == (
        second.covered,
        second.result_code,
        second.basis_points,
    )
