"""What is compiled for a health book, without a database."""

from datetime import UTC, date, datetime, timedelta
from unicodedata import normalize
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.model.book_history import (
    AllergyStatement,
    Condition,
    allergies_of,
    allergy_sentences,
    in_order,
    vital_signs_of,
)
from services.records.model.health_books import Source, SummaryEntry
from services.records.model.missing_encounters import (
    Absence,
    CheckedIn,
    EncounterKey,
    Version,
    missing_encounters,
)

NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)
SOURCE = Source(UUID(int=1), "01999", 0)


def condition(code: str, days: int = 0) -> Condition:
    return Condition(code, "", 1, NOON, NOON + timedelta(days=days))


@pytest.mark.parametrize(
    ("code", "long_term"),
    [
        ("E11.9", True),
        ("I10", True),
        ("i10", True),
        ("J45.0", True),
        ("J06.9", False),
        ("A09", False),
        ("", False),
    ],
)
def test_what_lasts_is_told_by_its_code(code: str, long_term: bool):
    assert condition(code).long_term is long_term


def test_the_long_term_ones_come_first_then_the_latest():
    codes = [condition("J06.9", 9), condition("E11", 1), condition("I10", 5), condition("A09", 2)]

    assert [each.code for each in in_order(codes)] == ["I10", "E11", "J06.9", "A09"]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Tiền sử: dị ứng Penicillin. Khỏe.", ["Tiền sử: dị ứng Penicillin."]),
        ("Không dị ứng thuốc", ["Không dị ứng thuốc"]),
        ("DỊ ỨNG TÔM\nUống 0.5 mg", ["DỊ ỨNG TÔM"]),
        (normalize("NFD", "Dị ứng hải sản"), ["Dị ứng hải sản"]),
        ("Dùng thuốc đúng giờ.", []),
        ("", []),
    ],
)
def test_sentences_that_speak_of_an_allergy_are_kept_as_written(text: str, sentences: list[str]):
    assert allergy_sentences(text) == sentences


def test_the_same_words_are_told_once_from_the_latest_summary():
    summaries = [
        SummaryEntry(SOURCE, {"GHI_CHU": "Dị ứng tôm.", "NGAY_CT": day}) for day in ("20250101", "20260101")
    ]

    assert allergies_of([condition("T78.4")], summaries) == [
        AllergyStatement("", date(2026, 11, 20), code="T78.4"),
        AllergyStatement("Dị ứng tôm.", date(2026, 1, 1), SOURCE),
    ]


def test_vital_signs_that_were_not_noted_are_empty():
    signs = vital_signs_of(SOURCE, {"DIEN_BIEN_LS": "CSST<HA140/90_M88>"})

    assert signs is not None
    assert (signs.pulse, signs.blood_pressure, signs.temperature, signs.time) == ("88", "140/90", "", None)


@given(st.text())
def test_no_words_are_too_odd(text: str):
    allergy_sentences(text)
    vital_signs_of(SOURCE, {"DIEN_BIEN_LS": f"CSST<{text}>", "THOI_DIEM_DBLS": text})


KEYS = [EncounterKey(facility, key) for facility in ("01999", "79999") for key in ("A", "B")]
TIMES = st.integers(0, 60).map(lambda days: NOON + timedelta(days=days))
STATES = st.sampled_from(["accepted", "superseded", "withdrawn"])


@given(
    st.lists(st.builds(CheckedIn, st.sampled_from(KEYS), st.sampled_from(["01", "03"]), TIMES)),
    st.lists(st.builds(Version, st.sampled_from(KEYS), STATES, TIMES, TIMES)),
    TIMES,
)
def test_an_encounter_is_missing_once_and_only_while_nothing_of_it_stands(
    check_ins: list[CheckedIn], versions: list[Version], at: datetime
):
    missing = missing_encounters(check_ins, versions, at)

    for facility in ("01999", "79999"):
        counted = sum(each.count for each in missing if each.facility == facility)
        standing = {each.key for each in versions if each.state == "accepted" and each.receive_time < at}
        known = {each.key for each in (*check_ins, *versions) if each.key.facility == facility}
        assert counted <= len(known - standing)
    assert all(each.count > 0 and each.since <= NOON + timedelta(days=60) for each in missing)
    assert len({(each.facility, each.absence) for each in missing}) == len(missing)


def test_three_of_one_facility_are_told_as_three():
    came = [
        CheckedIn(EncounterKey("01999", key), "01", NOON + timedelta(hours=number))
        for number, key in enumerate("ABC")
    ]

    [missing] = missing_encounters(came, [], NOON + timedelta(days=10))

    assert (missing.facility, missing.absence, missing.count, missing.since) == (
        "01999",
        Absence.NOT_SENT,
        3,
        NOON,
    )
