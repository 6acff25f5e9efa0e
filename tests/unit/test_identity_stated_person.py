"""When who has a number is taken to be whom a paper names beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.values import PartialDate
from services.identity.matching.model.stated_person import compare_stated
from services.identity.matching.model.weights import Description
from services.identity.model.identifiers import Sex

ENTRY = Description(full_name="Nguyễn Thị Hoa", birth=PartialDate(1985, 3, 9), sex=Sex.FEMALE)
OTHER_NAME, OTHER_DAY = "Lê Văn Khác", PartialDate(1971, 12, 24)


def differing(entry: Description = ENTRY, **stated: object) -> list[str]:
    comparison = compare_stated("stated", Description(**stated), entry)  # type: ignore[arg-type]
    return [each.field for each in comparison.fields if not each.agrees]


@pytest.mark.parametrize(
    "name",
    ["Nguyễn Thị Hoa", "NGUYEN THI HOA", "Hoa Nguyễn Thị", "Nguyễn Hoa", "Nguyễn Thị Hoan", "N. T. Hoa", ""],
)
def test_a_name_written_otherwise_is_the_same(name: str):
    assert differing(full_name=name) == []


@pytest.mark.parametrize("name", ["Nguyễn Thị Lan", "Trần Văn Hoa", "Lê Văn Khác", "Hoa"])
def test_a_name_that_is_only_alike_is_another(name: str):
    assert differing(full_name=name) == ["full_name"]


@pytest.mark.parametrize(
    ("birth", "fits"),
    [
        (PartialDate(1985, 3, 9), True),
        (PartialDate(1985, 9, 3), True),
        (PartialDate(1985), True),
        (PartialDate(1985, 3), True),
        (PartialDate(1985, 1, 1), True),
        (PartialDate(1986, 3, 9), True),
        (PartialDate(1985, 3, 19), True),
        (None, True),
        (PartialDate(1986), False),
        (PartialDate(1985, 4), False),
        (PartialDate(1985, 7, 21), False),
        (PartialDate(1971, 12, 24), False),
    ],
)
def test_a_birth_date_fits_as_far_as_both_know_it_and_with_one_mistake(birth: PartialDate | None, fits: bool):
    assert differing(birth=birth) == ([] if fits else ["birth_date"])


def test_a_sex_that_is_not_told_or_not_determined_says_nothing():
    told = {sex: differing(sex=sex) for sex in Sex}

    assert told == {
        Sex.UNSPECIFIED: [],
        Sex.MALE: ["sex"],
        Sex.FEMALE: [],
        Sex.UNDETERMINED: [],
    }


@pytest.mark.parametrize(
    ("stated", "another"),
    [
        ({"full_name": OTHER_NAME, "birth": OTHER_DAY}, True),
        ({"full_name": OTHER_NAME, "birth": OTHER_DAY, "sex": Sex.FEMALE}, True),
        ({"full_name": OTHER_NAME, "sex": Sex.MALE}, False),
        ({"birth": OTHER_DAY, "sex": Sex.MALE}, False),
        ({"full_name": OTHER_NAME, "birth": PartialDate(1985), "sex": Sex.MALE}, False),
        ({}, False),
    ],
)
def test_only_a_name_and_a_birth_date_that_both_differ_make_somebody_else(
    stated: dict[str, object], another: bool
):
    comparison = compare_stated("stated", Description(**stated), ENTRY)  # type: ignore[arg-type]

    assert comparison.is_another_person == another


def test_an_entry_that_says_nothing_of_itself_is_nobody_else():
    comparison = compare_stated("stated", ENTRY, Description())

    assert (comparison.fields, comparison.is_another_person) == ((), False)


@given(st.text(max_size=40), st.integers(0, 9999), st.integers(0, 12), st.integers(0, 31))
def test_nobody_differs_from_themself_and_no_sentence_holds_a_value(
    name: str, year: int, month: int, day: int
):
    told = Description(full_name=name, birth=PartialDate(year, month, day), sex=Sex.MALE)

    assert not [each for each in compare_stated("card_qr", told, told).fields if not each.agrees]
    words = {fault.vi for fault in compare_stated("card_qr", told, ENTRY).warnings}
    assert words <= {f"{field} trên thẻ khác với hồ sơ." for field in ("Họ tên", "Ngày sinh", "Giới tính")}
