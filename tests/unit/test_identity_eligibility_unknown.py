"""What nobody knows of a facility, a form of care or a person is said, and what is known is not overruled."""

from dataclasses import replace
from datetime import date

import pytest

from common.values import PartialDate
from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.identity.v1.facility_service_pb2 import FacilityRow
from services.identity.convert.facilities import facility_row_from_pb
from services.identity.model.eligibility import Circumstance, Code, FormerLine
from services.identity.model.facilities import InitialCare, Level

from .test_identity_eligibility_dates import CARD
from .test_identity_eligibility_texts import BASIC, NONE, PROVINCIAL, TOP, ask, codes, sentence

CENTRAL = FormerLine.CENTRAL
NEWBORN = frozenset({Circumstance.NEWBORN})


@pytest.mark.parametrize(
    ("place", "form", "words"),
    [
        ((BASIC,), "01", ["điểm xếp cấp", "tuyến"]),
        ((BASIC, 0, NONE), "01", ["điểm xếp cấp"]),
        ((BASIC, 75), "01", ["tuyến"]),
        ((TOP,), "01", ["tuyến"]),
        ((TOP,), "03", ["tuyến"]),
        ((), "01", ["cấp chuyên môn kỹ thuật", "loại cơ sở cấp ban đầu"]),
    ],
)
def test_where_one_way_fits_no_row_what_the_directory_does_not_tell_is_said(place, form, words):
    answer = ask(*place, care_form=form)

    assert (answer.proposed, answer.candidates) == ("", ())
    assert codes(answer).count(Code.FACILITY_UNKNOWN) == len(words)
    assert all(word in sentence(answer, Code.FACILITY_UNKNOWN) for word in words)


@pytest.mark.parametrize(
    ("place", "day"), [((BASIC, 75, NONE), date(2026, 11, 21)), ((BASIC,), date(2024, 12, 31))]
)
def test_where_all_is_known_or_no_rule_is_nothing_is_missing(place, day):
    card = replace(CARD, valid_from=date(2024, 1, 1))

    assert Code.FACILITY_UNKNOWN not in codes(ask(*place, care_form="01", day=day, card=card))


@pytest.mark.parametrize(
    ("place", "category", "form", "better"),
    [
        ((BASIC, 40, NONE), "1.12", "03", "1.15"),
        ((BASIC, 60, NONE), "1.13", "09", "1.15"),
        ((BASIC, 40, NONE), "1.15", "01", "1.12"),
        ((TOP, 0, PROVINCIAL), "3.2", "01", "1.18"),
        ((TOP, 0, PROVINCIAL), "1.18", "03", "3.2"),
    ],
)
def test_a_row_for_another_form_of_care_is_doubted_and_the_right_one_proposed(place, category, form, better):
    answer = ask(*place, care_category=category, care_form=form)

    assert (answer.category, answer.proposed, answer.basis_points) == (category, better, None)
    assert "loại hình" in sentence(answer, Code.CARE_CATEGORY_DOUBTFUL)


@pytest.mark.parametrize("form", ["04", "06", "10", ""])
def test_a_form_of_care_that_counts_nowhere_speaks_against_no_row(form):
    answer = ask(TOP, 0, PROVINCIAL, care_category="3.2", care_form=form)

    assert Code.CARE_CATEGORY_DOUBTFUL not in codes(answer)


@pytest.mark.parametrize("birth", [PartialDate(1980, 1, 1), PartialDate(1980), PartialDate(2026, 10, 23)])
def test_whose_birth_date_says_otherwise_is_no_newborn_whatever_is_ticked(birth):
    asked_for = {"care_form": "03", "birth": birth, "circumstances": NEWBORN}

    proposed = ask(TOP, 0, CENTRAL, **asked_for)
    doubted = ask(TOP, 0, CENTRAL, care_category="1.7", **asked_for)

    assert proposed.proposed == "3.1"
    assert (doubted.proposed, Code.CARE_CATEGORY_DOUBTFUL in codes(doubted)) == ("3.1", True)


@pytest.mark.parametrize("birth", [None, PartialDate(2026, 10, 24), PartialDate(2026), PartialDate(2026, 11)])
def test_who_may_be_a_newborn_is_one_when_the_reception_says_so(birth):
    assert ask(TOP, 0, CENTRAL, care_form="03", birth=birth, circumstances=NEWBORN).proposed == "1.7"


@pytest.mark.parametrize(
    ("signed", "last"),
    [
        (date(2027, 11, 26), date(2028, 11, 26)),
        (date(2028, 1, 14), date(2029, 1, 14)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2026, 11, 20), date(2027, 11, 20)),
    ],
)
def test_a_slip_is_good_for_a_year_to_the_same_day_of_the_next(signed, last):
    card = replace(CARD, valid_to=date(2030, 1, 1))

    words = [
        sentence(
            ask(TOP, care_category="1.3", slip_date=signed, day=day, card=card), Code.TRANSFER_SLIP_EXPIRED
        )
        for day in (last, date.fromordinal(last.toordinal() + 1))
    ]

    assert ["quá 1 năm" in word for word in words] == [False, True]


@pytest.mark.parametrize(
    ("level", "kind"),
    [
        (Level.UNSPECIFIED, InitialCare.UNSPECIFIED),
        (Level.INITIAL, InitialCare.UNSPECIFIED),
        (Level.BASIC, InitialCare.OTHER),
        (Level.SPECIALISED, InitialCare.OTHER),
    ],
)
def test_a_hospital_is_of_no_initial_kind_only_where_its_level_says_so(level, kind):
    row, _ = facility_row_from_pb(FacilityRow(kind=Facility.KIND_HOSPITAL, level=int(level)))

    assert row.known_initial_care is kind
