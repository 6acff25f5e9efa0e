"""Provinces before and after the mergers of 2025."""

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.model.places import (
    HISTORY,
    MERGED_FROM,
    MERGERS,
    NAMES_63,
    PROVINCES_34,
    PROVINCES_63,
    PlaceKind,
    address_code_warnings,
    old_prefix,
    provinces,
    resolve,
    today,
)

LAST_DAY, FIRST_DAY = date(2025, 6, 30), date(2025, 7, 1)


def test_the_codes_of_old_and_of_today_are_those_of_the_law():
    before, after = provinces(LAST_DAY), provinces(FIRST_DAY)

    assert ([one.code for one in before], len(before)) == (sorted(PROVINCES_63), 63)
    assert ([one.code for one in after], len(after)) == (sorted(PROVINCES_34), 34)
    assert [one.name for one in after if one.kind is PlaceKind.CITY] == [
        "Hà Nội",
        "Hải Phòng",
        "Huế",
        "Đà Nẵng",
        "Hồ Chí Minh",
        "Cần Thơ",
    ]
    assert Counter(one.kind for one in before)[PlaceKind.CITY] == 6
    assert len({one.name for one in after}) == 34


def test_a_province_of_today_is_called_like_one_that_went_into_it():
    for one in provinces(FIRST_DAY):
        names = {NAMES_63[old] for old in one.merged_from} | ({"Huế"} if one.code == "46" else set())
        assert one.name in names


@pytest.mark.parametrize(
    ("code", "as_of", "then", "now"),
    [
        ("24", LAST_DAY, "Bắc Giang", "Bắc Ninh"),
        ("24", FIRST_DAY, "Bắc Ninh", "Bắc Ninh"),
        ("24", None, "Bắc Ninh", "Bắc Ninh"),
        ("27", LAST_DAY, "Bắc Ninh", "Bắc Ninh"),
        ("15", LAST_DAY, "Yên Bái", "Lào Cai"),
        ("10", LAST_DAY, "Lào Cai", "Lào Cai"),
        ("15", FIRST_DAY, "Lào Cai", "Lào Cai"),
        ("82", LAST_DAY, "Tiền Giang", "Đồng Tháp"),
        ("91", date(1999, 1, 1), "Kiên Giang", "An Giang"),
        ("46", date(2024, 12, 31), "Thừa Thiên Huế", "Huế"),
        ("46", date(2025, 1, 1), "Huế", "Huế"),
        ("77", LAST_DAY, "Bà Rịa - Vũng Tàu", "Hồ Chí Minh"),
    ],
)
def test_a_code_is_read_in_the_list_of_its_day(code, as_of, then, now):
    found = resolve(code, as_of)

    assert (found.then.name, found.today.name, found.outdated) == (then, now, False)


@pytest.mark.parametrize("as_of", [FIRST_DAY, None])
def test_a_code_that_is_no_more_means_what_it_meant_last(as_of):
    found = resolve("27", as_of)

    assert (found.then.name, found.then.valid_to, found.today.code, found.outdated) == (
        "Bắc Ninh",
        LAST_DAY,
        "24",
        True,
    )


@pytest.mark.parametrize("code", ["", "00", "03", "97", "1", "001", "AB"])
def test_what_was_never_a_province_resolves_to_none(code):
    assert resolve(code, LAST_DAY) is None
    assert today(code) == ""


@given(day=st.dates(date(1990, 1, 1), date(2100, 1, 1)), code=st.sampled_from(sorted(PROVINCES_63)))
def test_every_code_of_every_day_leads_to_one_province_of_today(day: date, code: str):
    found = resolve(code, day)

    assert code in MERGED_FROM[found.today.code]
    assert found.today.code == today(code)
    assert found.outdated == (day >= MERGERS and code not in PROVINCES_34)
    assert (code in {one.code for one in provinces(day)}) != found.outdated


def test_the_history_of_a_code_has_no_gap_and_no_overlap():
    for history in HISTORY.values():
        for before, after in pairwise(history):
            assert (after.valid_from - before.valid_to).days == 1


@pytest.mark.parametrize(
    ("number", "province"),
    [
        ("24001", "24"),
        ("27999", "27"),
        ("03999", ""),
        ("024485000016", "24"),
        ("124485000016", ""),
        ("001485000016", "01"),
        ("0244850000161", ""),
        ("", ""),
    ],
)
def test_facility_codes_and_personal_ids_begin_with_an_old_province(number, province):
    assert old_prefix(number) == province


@pytest.mark.parametrize(
    ("commune", "district", "province", "as_of", "rules"),
    [
        ("00004", "", "01", None, []),
        ("00004", "001", "27", LAST_DAY, []),
        ("00004", "001", "01", FIRST_DAY, ["address.district_code.abolished"]),
        ("00004", "001", "01", None, ["address.district_code.abolished"]),
        ("", "", "27", FIRST_DAY, ["address.province_code.retired"]),
        ("", "", "03", LAST_DAY, ["address.province_code.unknown"]),
        ("1234", "", "", None, ["address.commune_code.form"]),
        ("", "", "", None, []),
    ],
)
def test_an_address_warns_of_codes_that_do_not_fit_its_day(commune, district, province, as_of, rules):
    assert [odd.rule for odd in address_code_warnings(commune, district, province, as_of)] == rules
