"""Laboratories of one level recognise each other, a lower one accepts a higher; ISO 15189 in its scope."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.records.model.laboratory_quality import (
    LOWER_QUALITY,
    QUALITY_UNKNOWN,
    Recognition,
    Scheme,
    quality_of,
)

GLUCOSE, DAY, NEXT = "23.0075.1494", date(2026, 11, 20), date(2026, 11, 21)


def level(number: int, *prefixes: str, until: date | None = None) -> Recognition:
    return Recognition(Scheme.QUALITY_LEVEL, number, prefixes, date(2026, 1, 1), until)


def iso(*prefixes: str, until: date | None = None) -> Recognition:
    return Recognition(Scheme.ISO_15189, 0, prefixes, date(2026, 1, 1), until)


def refusal(source: list[Recognition], reader: list[Recognition]) -> str:
    return quality_of(source, reader, GLUCOSE, DAY, NEXT).why_not


@given(st.integers(0, 5), st.integers(0, 5))
def test_a_result_is_accepted_from_an_equal_or_higher_level(source: int, reader: int):
    of_source, of_reader = ([level(number)] if number else [] for number in (source, reader))

    expected = QUALITY_UNKNOWN if not source else LOWER_QUALITY if source < reader else ""
    assert refusal(of_source, of_reader) == expected


def test_an_accreditation_counts_within_its_scope_whatever_the_level():
    assert refusal([iso("23.0075.")], [level(5)]) == ""
    assert refusal([iso("22.")], [level(5)]) == QUALITY_UNKNOWN
    assert refusal([iso("22."), level(2)], [level(5)]) == LOWER_QUALITY


def test_a_level_of_another_laboratory_of_the_facility_does_not_count():
    assert refusal([level(5, "22."), level(1, "23.")], [level(2)]) == LOWER_QUALITY
    assert refusal([level(2)], [level(5, "22."), level(1, "23.")]) == ""


def test_the_source_counts_on_the_day_of_the_test_and_the_reader_today():
    assert refusal([level(3, until=DAY)], [level(3)]) == ""
    assert refusal([level(3, until=date(2026, 11, 19))], [level(3)]) == QUALITY_UNKNOWN
    assert refusal([level(1)], [level(5, until=DAY)]) == ""
