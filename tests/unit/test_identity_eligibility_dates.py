"""Eligibility over dates: what holds for every day, card and category, and the examples of the law."""

import ast
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, pairwise, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.values import PartialDate
from kcb.reference_wages import WAGES
from services.identity.model import eligibility as package
from services.identity.model.benefit_levels import RANK
from services.identity.model.coverages import Coverage, Issuer
from services.identity.model.eligibility import (
    RESULTS_VI,
    Circumstance,
    Code,
    FormerLine,
    Place,
    Question,
    decide,
    result_vi,
)
from services.identity.model.eligibility.care_categories import CATEGORIES, RETIRED, category
from services.identity.model.eligibility.care_category import START
from services.identity.model.eligibility.copayment import ceiling
from services.identity.model.facilities import InitialCare, Level
from services.identity.model.grace_periods import GRACES

TODAY = date(2026, 11, 21)
FIRST, LAST = date(2015, 1, 1), date(2030, 12, 31)
CODES = sorted({one.code for one in CATEGORIES})
ASKED = ["", "0", "99", *CODES, *RETIRED]
FORMS = ["", *(f"{one:02}" for one in range(1, 17)), "99"]

CARD = Coverage(
    card_number="DN4010000000001",
    valid_from=date(2025, 1, 1),
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

days = st.dates(FIRST, LAST)
numbers = st.integers(0, 9_999_999_999)
cards = st.builds(
    lambda start, length, level, standing, group, number, exempt, five, area, issuer: Coverage(
        card_number=f"{group}{level or 4}01{number:010d}",
        valid_from=start,
        valid_to=None if length is None else start + timedelta(length),
        group_code=group,
        benefit_level=level,
        initial_facility="01999",
        area_code=area,
        five_years_date=five,
        issuer=issuer,
        standing=standing,
        verify_time=datetime(2026, 11, 1, tzinfo=UTC),
        exempt_from=exempt,
    ),
    days,
    st.none() | st.integers(0, 1500),
    st.integers(0, 5),
    st.sampled_from(["", "", "", "110", "124"]),
    st.sampled_from(["DN", "CN", "LH", "TE", "QN", "??"]),
    numbers,
    st.none() | days,
    st.none() | days,
    st.sampled_from(["", "K1", "K2", "K3"]),
    st.sampled_from(Issuer),
)
places = st.builds(
    Place,
    st.sampled_from(["01999", "79024"]),
    st.sampled_from(Level),
    st.integers(0, 100),
    st.sampled_from(FormerLine),
    st.sampled_from(InitialCare),
    st.booleans(),
)
questions = st.builds(
    Question,
    day=days,
    place=places,
    care_category=st.sampled_from(ASKED),
    care_form=st.sampled_from(FORMS),
    treatment_start=st.none() | days,
    shown_card=st.sampled_from(["", "DN4010000000001"]),
    birth=st.none() | st.builds(PartialDate, st.integers(1930, 2030), st.integers(0, 12)),
    circumstances=st.frozensets(st.sampled_from(Circumstance)),
)


def numbered(card: Coverage) -> tuple[str, date]:
    return card.card_number, card.valid_from


@given(questions, st.lists(cards, max_size=4))
def test_every_answer_has_its_reasons_and_a_rate_that_is_the_product_of_its_parts(question, held):
    answer = decide(question, held)

    points = answer.basis_points
    assert answer.reasons
    assert all(one.vi.strip() and one.vi.endswith(".") and one.en for one in answer.reasons)
    assert answer.message_vi.endswith(".")
    assert answer.result_code in RESULTS_VI
    assert points is None or 0 <= points <= 10_000
    if not answer.covered:
        assert points == 0
    elif answer.entitlement != 0 and answer.entitlement is not None and answer.benefit_rate is not None:
        assert points == answer.benefit_rate * answer.entitlement
    assert not (answer.proposed and answer.proposed == answer.category)
    assert (Code.CARE_CATEGORY_PROPOSED in {one.code for one in answer.reasons}) == bool(answer.proposed)


@given(cards, days, st.none() | days, places)
def test_one_card_covers_its_days_and_the_days_after_a_lapse_under_treatment(card, day, start, place):
    card = replace(card, standing="")
    answer = decide(Question(day, place, care_form="03", treatment_start=start), [card])

    last = card.valid_to or date.max
    treated = start is not None and card.valid_from <= start <= last
    paid_on = (
        max((one.days for one in GRACES if one.valid_from <= last + timedelta(1)), default=timedelta())
        if card.valid_to
        else timedelta()
    )
    ends = last + paid_on if treated and card.valid_to else last
    assert answer.covered == (card.valid_from <= day <= ends)
    assert answer.grace == (answer.covered and day > last)
    assert answer.grace_until == (ends if answer.grace else None)


@given(
    questions,
    st.lists(cards, min_size=1, max_size=3, unique_by=numbered),
    cards,
    st.sampled_from(["110", "120", ""]),
)
def test_a_card_that_is_stopped_or_lapsed_takes_nothing_away(question, held, other, standing):
    before = decide(question, held)
    lapsed = replace(other, valid_from=FIRST, valid_to=question.day - timedelta(400), standing="")
    dead = replace(other if standing else lapsed, standing=standing, card_number="GD4010000000009")
    after = decide(question, [*held, dead])

    assert not before.covered or after.covered
    if before.covered:
        assert (after.basis_points, after.card) == (before.basis_points, before.card)


@given(questions, st.lists(cards, min_size=1, max_size=4, unique_by=numbered))
def test_the_card_that_counts_has_the_highest_level_of_those_in_force(question, held):
    answer = decide(question, held)

    usable = [one for one in held if one.in_force(question.day)]
    if usable:
        assert answer.card in usable
        assert RANK[answer.level] == max(RANK[one.level_on(question.day)] for one in usable)


copies = st.lists(cards, max_size=4).map(
    lambda held: held + [replace(one, benefit_level=4 - one.benefit_level % 3) for one in held[:2]]
)


@given(questions, st.one_of(copies, st.lists(cards, max_size=4)), st.randoms())
def test_the_order_in_which_the_cards_come_changes_nothing(question, held, random):
    assert decide(question, random.sample(held, len(held))) == decide(question, held)


@given(questions, st.lists(cards, max_size=3), st.datetimes(timezones=st.just(UTC)))
def test_the_answer_is_the_same_whenever_it_is_asked(question, held, confirmed):
    later = [replace(one, verify_time=confirmed) for one in held]

    one, other = decide(question, held), decide(question, later)

    assert (one.message_vi, one.reasons, one.basis_points) == (
        other.message_vi,
        other.reasons,
        other.basis_points,
    )


def test_no_rule_can_know_what_day_it_is():
    files = Path(package.__file__).parent.glob("*.py")
    names = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf8")))
        if isinstance(node, ast.Attribute | ast.Name)
    }

    assert "day" in names
    assert not names & {"today", "now", "utcnow", "time", "clock"}


# A day on each side of every change, each end, and today.
CHANGES = {one.valid_from for one in (*CATEGORIES, *WAGES, *GRACES)} | {date(2026, 1, 1), date(2025, 10, 17)}
EDGES = sorted({FIRST, LAST, TODAY, *CHANGES, *(one - timedelta(1) for one in CHANGES)})
PLACES = [
    Place("79024", level, points, line) for level, points, line in product(Level, (0, 49, 50, 70), FormerLine)
]


@pytest.mark.parametrize("day", EDGES, ids=str)
def test_every_category_form_place_and_area_is_answered_on_every_day_of_a_change(day):
    held = {
        area: [replace(CARD, valid_from=FIRST, valid_to=LAST, area_code=area)] for area in ("", "K1", "K3")
    }
    for code, form, area, place in product(ASKED, ("", "01", "03", "07"), held, PLACES[::7]):
        answer = decide(Question(day, place, care_category=code, care_form=form), held[area])
        assert answer.covered
        assert answer.basis_points is None or 0 <= answer.basis_points <= (10_000 if code == "1.2" else 8000)
        assert day >= START or code or answer.basis_points is None


def test_every_single_day_has_an_answer_for_the_next_category_in_turn():
    held = [replace(CARD, valid_from=FIRST, valid_to=LAST, area_code="K2")]
    span = (LAST - FIRST).days + 1
    asked = zip(range(span * 4), cycle(ASKED), cycle(FORMS), cycle(PLACES), strict=False)
    for number, code, form, place in asked:
        day = FIRST + timedelta(number // 4)
        answer = decide(Question(day, place, care_category=code, care_form=form), held)
        assert answer.covered
        assert answer.basis_points in (None, 0, 3200, 4000, 8000, 10_000)
        rule = category(code, day)
        assert (answer.entitlement is None) or answer.category != code or rule is not None


@pytest.mark.parametrize("code", CODES)
def test_the_rules_of_a_category_neither_overlap_nor_leave_a_gap(code):
    rows = sorted((one for one in CATEGORIES if one.code == code), key=lambda one: one.valid_from)

    assert rows[0].valid_from == START
    assert rows[-1].valid_to is None or rows[-1].valid_to >= TODAY
    for one, following in pairwise(rows):
        assert one.valid_to is not None
        assert following.valid_from == one.valid_to + timedelta(1)


def test_of_2024_and_before_the_answer_says_that_no_rule_is_known():
    held = [replace(CARD, valid_from=FIRST, valid_to=LAST)]
    for code in CODES:
        answer = decide(
            Question(date(2024, 12, 31), Place("01999"), care_category=code, care_form="01"), held
        )
        told = [one for one in answer.reasons if one.code is Code.CARE_CATEGORY_UNKNOWN]
        assert answer.basis_points is None
        assert "31/12/2024" in told[0].vi
        assert category(code, date(2024, 12, 31)) is None


def test_every_code_of_the_portal_has_a_sentence_and_an_unknown_one_breaks_nothing():
    listed = "000 001 002 003 004 010 050 051 052 053 054 055 060 061 070 100 101"
    listed += " 110 120 121 122 123 124 130 205 401"

    assert set(listed.split()) <= set(RESULTS_VI)
    assert len(set(RESULTS_VI.values())) == len(RESULTS_VI)
    assert result_vi("777") == "Cổng tra cứu trả mã 777, chưa có trong danh mục"
    assert result_vi("")


@pytest.mark.parametrize(
    ("day", "dong"),
    [
        (date(2015, 12, 31), None),
        (date(2024, 6, 30), 10_800_000),
        (date(2024, 7, 1), 14_040_000),
        (date(2026, 6, 30), 14_040_000),
        (date(2026, 7, 1), 15_180_000),
        (date(2027, 7, 1), 15_180_000),
    ],
)
def test_the_threshold_of_shared_costs_is_six_wages_where_nothing_was_shared(day, dong):
    assert ceiling(day, ()).threshold == dong


# The examples of the law: source, category, form, day, level on the card, group, percent of the whole.
BASIC_60 = Place("79024", Level.BASIC, 60)
BASIC_40 = Place("79024", Level.BASIC, 40)
BASIC_TOP = Place("79024", Level.BASIC, 0, FormerLine.PROVINCIAL)
TOP_PROVINCIAL = Place("79024", Level.SPECIALISED, 0, FormerLine.PROVINCIAL)
TOP_CENTRAL = Place("79024", Level.SPECIALISED, 0, FormerLine.CENTRAL)
TOP_DISTRICT = Place("79024", Level.SPECIALISED, 0, FormerLine.DISTRICT)
STATION = Place("79024", Level.INITIAL, initial_care=InitialCare.COMMUNE_STATION)
PRIVATE_CLINIC = Place("79024", Level.INITIAL, initial_care=InitialCare.OTHER)
BASIC_DISTRICT = Place("79024", Level.BASIC, 75, FormerLine.DISTRICT)
JUNE, JULY = date(2026, 6, 30), date(2026, 7, 1)
ART22, ART19 = "Luật BHYT Điều 22 (Luật 51/2024/QH15)", "NĐ 188/2025/NĐ-CP Điều 19"
QD3276, NQ261 = "QĐ 3276/QĐ-BYT PL1", "NQ 261/2025/QH15; CV 38/BYT-BH"


@pytest.mark.parametrize(
    ("source", "category", "form", "day", "place", "group", "level", "points"),
    [
        (QD3276, "1.2", "01", JULY, STATION, "DN", 4, 10_000),
        (QD3276, "1.2", "01", JULY, STATION, "DN", 0, 10_000),
        (QD3276, "1.11", "06", JULY, PRIVATE_CLINIC, "DN", 4, 8000),
        (QD3276, "3.3", "01", JULY, BASIC_DISTRICT, "DN", 4, 8000),
        (QD3276, "7", "07", JULY, TOP_CENTRAL, "DN", 4, 8000),
        (ART22, "1.3", "03", date(2025, 1, 1), TOP_CENTRAL, "DN", 4, 8000),
        (ART22, "1.4", "01", JULY, BASIC_60, "HT", 3, 9500),
        (ART22, "1.5", "01", JULY, TOP_CENTRAL, "HT", 3, 9500),
        (ART22, "1.6", "03", JULY, TOP_CENTRAL, "HG", 4, 8000),
        (ART22, "1.7", "03", JULY, TOP_CENTRAL, "TE", 1, 10_000),
        (ART19, "1.12", "01", date(2025, 1, 1), BASIC_40, "DN", 4, 8000),
        (ART19, "1.13", "01", JUNE, BASIC_60, "DN", 4, 0),
        (ART19, "1.13", "01", JULY, BASIC_60, "DN", 4, 4000),
        (ART19, "1.14", "02", JUNE, BASIC_TOP, "HT", 3, 0),
        (ART19, "1.14", "02", JULY, BASIC_TOP, "HT", 3, 4750),
        (ART22, "1.15", "03", date(2025, 1, 1), BASIC_60, "DN", 4, 8000),
        (ART22, "1.16", "01", JULY, BASIC_60, "DN", 4, 8000),
        (ART22, "1.17", "01", JULY, TOP_CENTRAL, "DN", 4, 8000),
        (ART19, "1.18", "01", JUNE, TOP_PROVINCIAL, "TE", 1, 0),
        (ART19, "1.18", "01", JULY, TOP_PROVINCIAL, "TE", 1, 5000),
        (ART22, "2", "01", JULY, TOP_CENTRAL, "DN", 4, 8000),
        (QD3276, "3.1", "03", JULY, TOP_CENTRAL, "DN", 4, 3200),
        (QD3276, "3.1", "01", JULY, TOP_CENTRAL, "DN", 4, 0),
        (QD3276, "3.2", "09", JULY, TOP_PROVINCIAL, "DN", 4, 8000),
        (QD3276, "3.3", "01", JULY, TOP_DISTRICT, "DN", 4, 8000),
        (QD3276, "3.6", "03", JULY, TOP_CENTRAL, "DT", 2, 10_000),
        (QD3276, "9", "01", JULY, TOP_CENTRAL, "DN", 4, 0),
        (QD3276, "7.2", "07", JULY, TOP_CENTRAL, "DN", 4, None),
        (NQ261, "1.3", "01", date(2025, 12, 31), TOP_CENTRAL, "CN", 3, 9500),
        (NQ261, "1.3", "01", date(2026, 1, 1), TOP_CENTRAL, "CN", 3, 10_000),
        (NQ261, "1.3", "01", date(2026, 1, 1), TOP_CENTRAL, "LH", 4, 10_000),
    ],
)
def test_the_examples_of_the_law(source, category, form, day, place, group, level, points):
    card = replace(CARD, group_code=group, benefit_level=level, area_code="K2" if category == "3.6" else "")

    answer = decide(Question(day, place, care_category=category, care_form=form), [card])

    assert answer.basis_points == points, source
    assert Code.CARE_CATEGORY_DOUBTFUL not in {one.code for one in answer.reasons}
