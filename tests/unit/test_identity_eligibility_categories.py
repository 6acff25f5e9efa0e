"""Which care category fits, what speaks against one, and who shares no costs."""

from dataclasses import replace
from datetime import date

import pytest

from common.values import PartialDate
from services.identity.model.eligibility import (
    Arrival,
    Circumstance,
    Code,
    FormerLine,
    Place,
    Question,
    decide,
)
from services.identity.model.facilities import InitialCare, Level

from .test_identity_eligibility_dates import CARD, TODAY

CENTRAL, PROVINCIAL, DISTRICT = FormerLine.CENTRAL, FormerLine.PROVINCIAL, FormerLine.DISTRICT
NONE = FormerLine.NONE
BASIC, TOP = Level.BASIC, Level.SPECIALISED


def asking(*place, **more) -> Question:
    return Question(TODAY, Place("79024", *place), **more)


def told(*circumstances: Circumstance) -> dict[str, frozenset[Circumstance]]:
    return {"circumstances": frozenset(circumstances)}


def codes(answer) -> list[Code]:
    return [one.code for one in answer.reasons]


@pytest.mark.parametrize(
    ("question", "area", "proposed"),
    [
        (asking(), "", ""),
        (asking(BASIC), "", ""),
        (asking(BASIC, 40), "", ""),
        (asking(BASIC, 40, NONE, care_form="01"), "", "1.12"),
        (asking(BASIC, 49, DISTRICT, care_form="02"), "", "1.12"),
        (asking(BASIC, 50, NONE, care_form="01"), "", "1.13"),
        (asking(BASIC, 69, PROVINCIAL, care_form="01"), "", "1.13"),
        (asking(BASIC, 70, care_form="01"), "", ""),
        (asking(BASIC, 70, PROVINCIAL, care_form="01"), "", "1.14"),
        (asking(BASIC, 40, CENTRAL, care_form="01"), "", "1.14"),
        (asking(BASIC, 0, DISTRICT, care_form="01"), "", ""),
        (asking(BASIC, 60, care_form="03"), "", "1.15"),
        (asking(BASIC, 60, care_form="01", **told(Circumstance.ANNEX_TWO_DISEASE)), "", "1.16"),
        (asking(TOP, 0, CENTRAL, care_form="01", **told(Circumstance.ANNEX_ONE_DISEASE)), "", "1.17"),
        (asking(TOP, 0, PROVINCIAL, care_form="01"), "", "1.18"),
        (asking(TOP, 0, PROVINCIAL, care_form="01", **told(Circumstance.EMERGENCY)), "", "2"),
        (asking(TOP, 0, PROVINCIAL), "", ""),
        (asking(TOP, 0, CENTRAL), "", "3.1"),
        (asking(TOP, 0, PROVINCIAL, care_form="03"), "", "3.2"),
        (asking(TOP, 0, DISTRICT), "", "3.3"),
        (asking(TOP, 0, CENTRAL, care_form="03"), "K1", "3.6"),
        (asking(TOP, 0, CENTRAL, care_form="01"), "K1", "3.1"),
        (asking(TOP, 0, CENTRAL, care_form="07"), "", "10"),
        (asking(TOP, **told(Circumstance.TRANSFER_SLIP)), "", "1.3"),
        (asking(TOP, **told(Circumstance.TRANSFER_SLIP, Circumstance.EMERGENCY)), "", "1.3"),
        (asking(BASIC, **told(Circumstance.AWAY_FROM_HOME)), "", "1.4"),
        (asking(TOP, **told(Circumstance.REEXAMINATION_SLIP)), "", "1.5"),
        (asking(TOP, **told(Circumstance.ORGAN_DONOR)), "", "1.6"),
        (asking(TOP, **told(Circumstance.NEWBORN)), "", "1.7"),
        (asking(TOP, birth=PartialDate(2026, 10, 24)), "", ""),
    ],
)
def test_the_category_that_fits_is_proposed_and_never_applied(question, area, proposed):
    answer = decide(question, [replace(CARD, area_code=area)])

    assert answer.proposed == proposed
    assert (answer.category, answer.basis_points, answer.arrival) == ("", None, Arrival.UNSPECIFIED)
    assert (Code.CARE_CATEGORY_PROPOSED in codes(answer)) == bool(proposed)


def test_what_the_facility_settles_is_applied_and_nothing_is_proposed():
    places = (
        Place("01999", TOP, 0, CENTRAL),
        Place("79001", Level.INITIAL, initial_care=InitialCare.COMMUNE_STATION),
        Place("79002", Level.INITIAL, initial_care=InitialCare.OTHER),
        Place("01999", Level.INITIAL, initial_care=InitialCare.OTHER),
    )

    answers = [decide(Question(TODAY, place), [CARD]) for place in places]

    assert [(one.category, one.proposed, one.basis_points) for one in answers] == [
        ("1.1", "", 8000),
        ("1.2", "", 10_000),
        ("1.11", "", 8000),
        ("1.1", "", 8000),
    ]


@pytest.mark.parametrize(
    ("question", "proposed", "words"),
    [
        (asking(BASIC, 40, NONE, care_category="1.1", care_form="01"), "1.12", "không phải nơi đăng ký"),
        (asking(BASIC, 40, NONE, care_category="1.13", care_form="01"), "1.12", "không khớp điểm"),
        (asking(BASIC, 40, NONE, care_category="3.1", care_form="01"), "1.12", "không khớp cấp chuyên môn"),
        (asking(BASIC, 40, PROVINCIAL, care_category="1.12", care_form="01"), "1.14", "không khớp tuyến"),
        (
            asking(
                BASIC,
                60,
                NONE,
                care_category="1.13",
                care_form="01",
                **told(Circumstance.ANNEX_TWO_DISEASE),
            ),
            "1.16",
            "mã đối tượng riêng",
        ),
        (asking(TOP, 0, PROVINCIAL, care_category="3.1", care_form="03"), "3.2", "không khớp tuyến"),
        (asking(TOP, 0, CENTRAL, care_category="3.6", care_form="03"), "3.1", "mã khu vực"),
        (asking(care_category="1.7", birth=PartialDate(1985, 3, 12)), "", "không phải trẻ sơ sinh"),
        (
            asking(TOP, 0, PROVINCIAL, care_category="1.18", care_form="01", **told(Circumstance.EMERGENCY)),
            "2",
            "không phải tự đến",
        ),
    ],
)
def test_a_category_that_does_not_fit_is_doubted_with_a_better_one_and_still_counts(
    question, proposed, words
):
    answer = decide(question, [CARD])

    (doubt,) = [one for one in answer.reasons if one.code is Code.CARE_CATEGORY_DOUBTFUL]
    assert words in doubt.vi
    assert (answer.category, answer.proposed) == (question.care_category, proposed)
    assert answer.basis_points is not None


@pytest.mark.parametrize(
    ("code", "form"), [*((code, "01") for code in ("1.12", "1.13", "1.14", "1.18", "3.1")), ("3.2", "03")]
)
def test_what_is_not_told_of_a_facility_speaks_against_nothing(code, form):
    answer = decide(asking(care_category=code, care_form=form), [CARD])

    assert Code.CARE_CATEGORY_DOUBTFUL not in codes(answer)


@pytest.mark.parametrize("code", ["1.8", "1.9", "1.10", "3.4", "3.5", "3.7", "7.1"])
def test_a_retired_category_is_known_and_its_rate_is_not(code):
    now = decide(asking(care_category=code), [CARD])
    then = decide(replace(asking(care_category=code), day=date(2025, 12, 31)), [CARD])

    assert (now.basis_points, then.basis_points) == (None, None)
    assert "đã bãi bỏ" in next(one.vi for one in now.reasons if one.code is Code.CARE_CATEGORY_RETIRED)
    assert "danh mục cũ" in next(one.vi for one in then.reasons if one.code is Code.CARE_CATEGORY_RETIRED)


def test_a_category_that_needs_the_form_of_care_says_so():
    answer = decide(asking(TOP, 0, CENTRAL, care_category="3.1"), [CARD])

    assert Code.CARE_FORM_NEEDED in codes(answer)
    assert (answer.arrival, answer.proposed) == (Arrival.SELF, "")


EXEMPT = replace(
    CARD, exempt_from=date(2026, 5, 10), five_years_date=date(2020, 1, 1), valid_to=date(2028, 1, 1)
)


@pytest.mark.parametrize(
    ("day", "points"),
    [
        (date(2026, 5, 9), 8000),
        (date(2026, 5, 10), 10_000),
        (date(2026, 12, 31), 10_000),
        (date(2027, 1, 1), 8000),
    ],
)
def test_who_is_exempt_shares_nothing_to_the_end_of_the_year(day, points):
    answer = decide(replace(asking(care_category="1.3"), day=day), [EXEMPT])

    assert (answer.basis_points, answer.exempt) == (points, points == 10_000)
    assert (Code.CO_PAYMENT_EXEMPT in codes(answer)) == answer.exempt


def test_the_exemption_is_not_for_coming_by_oneself_outside_the_rules():
    answer = decide(asking(TOP, 0, CENTRAL, care_category="3.1", care_form="03"), [EXEMPT])

    assert (answer.basis_points, answer.exempt) == (3200, False)
    assert Code.CO_PAYMENT_NOT_EXEMPT in codes(answer)


def test_five_years_tell_the_threshold_in_dong_and_its_source():
    answer = decide(replace(asking(care_category="1.3"), day=date(2027, 3, 1)), [EXEMPT])

    (five,) = [one for one in answer.reasons if one.code is Code.FIVE_YEARS]
    assert answer.threshold == 15_180_000
    assert "15.180.000 đồng" in five.vi
    assert "NĐ 161/2026/NĐ-CP" in five.source
    assert decide(asking(care_category="1.3"), [CARD]).threshold is None


@pytest.mark.parametrize(("level", "words"), [(1, "không áp dụng giới hạn"), (5, "ngoài phạm vi")])
def test_levels_that_pay_beyond_their_rate_say_what(level, words):
    answer = decide(asking(care_category="1.3"), [replace(CARD, benefit_level=level)])

    assert words in next(one.vi for one in answer.reasons if one.code is Code.BENEFIT_SCOPE)


def test_a_level_that_is_not_known_is_not_taken_from_the_group():
    answer = decide(asking(care_category="1.3"), [replace(CARD, card_number="0000000001", benefit_level=0)])

    (reason,) = [one for one in answer.reasons if one.code is Code.LEVEL_UNKNOWN]
    assert "nhóm DN (người lao động trong doanh nghiệp) thường hưởng mức 4" in reason.vi
    assert (answer.level, answer.basis_points) == (0, None)


def test_a_temporary_card_asks_for_papers():
    temporary = replace(CARD, card_number="TE101KT00000001", group_code="TE", benefit_level=1)

    assert Code.TEMPORARY_CARD in codes(decide(asking(), [temporary]))
    assert Code.TEMPORARY_CARD not in codes(
        decide(asking(), [replace(temporary, card_number="TE1010000000001")])
    )


def test_a_card_that_lapses_under_treatment_says_until_when():
    question = replace(asking(), day=date(2027, 1, 3), treatment_start=date(2026, 12, 30))

    answer = decide(question, [CARD])

    assert (answer.grace, answer.grace_until) == (True, date(2027, 1, 15))
    assert "được thanh toán tiếp đến 15/01/2027" in answer.message_vi
