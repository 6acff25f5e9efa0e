"""Rows of an import: judged in columns and judged one by one, they come out the same."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.values import PartialDate
from lientuyen.identity.v1 import eligibility_service_pb2, person_pb2, person_service_pb2
from lientuyen.type.v1.date_pb2 import Date
from services.identity.imports.convert.coverage_rows import coverage_columns, coverage_row
from services.identity.imports.convert.person_rows import person_columns, person_row
from services.identity.imports.model.columns import coverage_suspects, person_suspects
from services.identity.imports.model.person_rows import (
    Holder,
    coverage_faults,
    differ,
    ordered_ids,
    owner_of,
    person_faults,
    repeats,
    resolve_person,
)
from services.identity.imports.model.person_rows import PersonRow as Row
from services.identity.model.faults import Fault
from services.identity.model.identifiers import Identifier, Kind, State


def some(good: str, *bad: str) -> st.SearchStrategy[str]:
    """A good value most of the time, so that whole rows are good often enough."""
    return st.sampled_from([good] * 12 + ["", *bad])


DAYS = st.builds(
    Date,
    year=st.sampled_from([1985] * 8 + [0, 1, -1, 9999, 10_000]),
    month=st.sampled_from([1, 2, 2, 12, 0, 13]),
    day=st.sampled_from([1, 28, 29, 31, 0, 32]),
)
MAYBE_DAYS = st.one_of(st.none(), st.just(Date(year=2026, month=3, day=1)), DAYS)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)

PERSONS = st.builds(
    person_service_pb2.PersonRow,
    source_key=some("k-1", "k" * 65, "k\0"),
    personal_id=some("001485000016", "00148500001x", "0014850000160", "٠٠١٤٨٥٠٠٠٠١٦"),
    old_id=some("012345678", "1", "01234567²"),
    social_insurance_number=some("0000000001", "00000000 1", "0000000001\n"),
    full_name=st.one_of(some("Trần Văn Thử", " ", "x" * 256, "a\0b", " Trần  Thử\t"), TEXTS),
    birth_date=MAYBE_DAYS,
    sex=st.sampled_from([0, 1, 2, 3, 1, 2, 4, -1]),
    nationality=some("000", "00", "00a", "000\n"),
    ethnicity=some("01", "1", "٠١"),
    address=st.one_of(
        st.none(),
        st.builds(
            person_pb2.Address,
            line=some("Số 0", "x" * 1025, "a\0"),
            commune_code=some("00070", "7"),
            district_code=some("001", "0011"),
            province_code=some("01", "1"),
            as_of=MAYBE_DAYS,
        ),
    ),
    phone=some("0900000000", "0" * 21, "0\0"),
    deceased=st.booleans(),
)

CARDS = st.builds(
    eligibility_service_pb2.CoverageRow,
    source_key=some("k-1", "k" * 65, "k\0"),
    personal_id=some("001485000016", "00148500001x"),
    social_insurance_number=some("0000000001", "1", "000000000²"),
    card_number=some(
        "DN4010000000001",
        *("DN9010000000001", "DN4000000000001", "TE1010000000ABC", "dn4010000000001", "DN40100000000011"),
        *("0000000001", "000000000x", "٠٠٠٠٠٠٠٠٠١", "123456789012", "DN401000000000\n", "DN401ÁÁÁÁÁÁÁÁÁÁ"),
    ),
    valid_from=MAYBE_DAYS,
    valid_to=MAYBE_DAYS,
    group_code=some("DN", "D", "dn", "DN\n"),
    benefit_level=st.sampled_from([0, 4, 4, 5, 6, -1, 2**31 - 1]),
    initial_facility_code=some("01999", "1999", "0199é"),
    area_code=some("K1", "K4"),
    five_years_date=MAYBE_DAYS,
    issuer=st.sampled_from([0, 1, 2, 3, 1, 4, -1]),
    standing=some("110", "999"),
    exempt_from=MAYBE_DAYS,
)


def faulty(rows: list[Any], read: Callable[[Any], tuple[Any, list[Fault]]], judge: Any) -> set[int]:
    """The places of the rows that are refused when each is judged by itself."""
    read_rows = [read(row) for row in rows]
    return {place for place, (row, unread) in enumerate(read_rows) if unread or judge(row)}


@given(st.lists(PERSONS, max_size=12))
def test_persons_are_suspect_in_columns_exactly_when_one_by_one_they_are_refused(rows: list[Any]):
    assert person_suspects(person_columns(rows)) == faulty(rows, person_row, person_faults)


@given(st.lists(CARDS, max_size=12))
def test_cards_are_suspect_in_columns_exactly_when_one_by_one_they_are_refused(rows: list[Any]):
    assert coverage_suspects(coverage_columns(rows)) == faulty(rows, coverage_row, coverage_faults)


@given(CARDS)
def test_a_good_card_is_stored_as_it_is_judged(row: Any):
    model, unread = coverage_row(row)
    if unread or coverage_faults(model):
        return

    [stored] = coverage_columns([row])

    assert stored[:6] == (
        model.source_key,
        model.personal_id,
        model.insurance_number,
        model.card_number,
        model.valid_from,
        model.valid_to,
    )


def test_what_a_card_row_leaves_out_is_filled_in_from_the_card():
    row = eligibility_service_pb2.CoverageRow(
        card_number="HC3010000000001", valid_from=Date(year=2026, month=1, day=1)
    )

    [stored] = coverage_columns([row])

    assert stored[2] == "0000000001"
    assert stored[6:8] == ("HC", 3)
    assert (stored[4], stored[5], stored[11]) == (date(2026, 1, 1), None, 1)


def with_numbers(*numbers: Identifier) -> Row:
    row, _ = person_row(person_service_pb2.PersonRow(personal_id="001485000016", full_name="Thử"))
    return Row(**{**{name: getattr(row, name) for name in Row.__slots__}, "identifiers": numbers})


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        (Identifier(Kind.PERSONAL_ID, "001485000032", State.SUPERSEDED), None),
        (Identifier(Kind.PERSONAL_ID, "001485000032", State.CANCELLED), None),
        (Identifier(Kind.PASSPORT, "B1234567", State.CURRENT, date(2020, 1, 1), None, "000"), None),
        (Identifier(Kind.PERSONAL_ID, "001485000032", State.CURRENT), "identifiers.current"),
        (Identifier(Kind.PERSONAL_ID, "001485000016", State.CANCELLED), "identifiers.duplicate"),
        (Identifier(Kind.PERSONAL_ID, "1", State.CANCELLED), "identifiers.value.form"),
        (Identifier(Kind.PASSPORT, "", State.CURRENT), "identifiers.value.form"),
        (Identifier(Kind.PASSPORT, "x" * 51, State.CURRENT), "identifiers.value.form"),
        (Identifier(Kind.LOCAL, "LTAAAAAAAAAA", State.CURRENT), "identifiers.kind.form"),
        (Identifier(Kind.PASSPORT, "B1", 0), "identifiers.state.form"),  # type: ignore[arg-type]
        (Identifier(Kind.PASSPORT, "B1", State.CURRENT, country="VN"), "identifiers.country.form"),
        (
            Identifier(Kind.PASSPORT, "B1", State.CURRENT, date(2020, 1, 2), date(2020, 1, 1)),
            "identifiers.valid_to.order",
        ),
    ],
)
def test_the_history_of_numbers_is_judged(number: Identifier, rule: str | None):
    assert [fault.rule for fault in person_faults(with_numbers(number))] == ([rule] if rule else [])


def test_of_rows_with_one_key_the_first_stays_and_a_refused_row_rules_out_no_other():
    rows = [
        (0, [("personal_id", "1"), ("source_key", "a")]),
        (1, [("personal_id", "1"), ("source_key", "b")]),
        (2, [("personal_id", "2"), ("source_key", "b")]),
        (3, [("personal_id", ""), ("source_key", "a")]),
        (4, [("personal_id", ""), ("source_key", "")]),
    ]

    assert repeats(rows) == {1: "personal_id", 3: "source_key"}


def test_keys_that_are_not_told_are_not_alike():
    assert differ(["1", "2", "", ""])
    assert not differ(["1", "2", "1"])


IDS = [UUID(int=number) for number in range(1, 5)]
BORN, OTHER_DAY = PartialDate(1985, 3, 9), PartialDate(1990, 1, 1)


@pytest.mark.parametrize(
    ("has_key", "birth", "holders", "expected"),
    [
        (False, BORN, [], None),
        (False, OTHER_DAY, [Holder(IDS[0], IDS[0], BORN)], IDS[0]),
        (True, PartialDate(1985), [Holder(IDS[0], IDS[0], BORN)], IDS[0]),
        (True, OTHER_DAY, [Holder(IDS[0], IDS[0], BORN)], "birth_date.conflict"),
        (True, BORN, [Holder(IDS[0], IDS[0], BORN), Holder(IDS[1], IDS[1], BORN)], "personal_id.ambiguous"),
        # Both entries of one person have it: the one that stands for both.
        (True, BORN, [Holder(IDS[0], IDS[1], BORN), Holder(IDS[1], IDS[1], BORN)], IDS[1]),
        # Only the merged one has it.
        (True, BORN, [Holder(IDS[0], IDS[1], BORN)], IDS[0]),
        # Replaced there: the same person, or a mistake in somebody else's entry.
        (False, BORN, [Holder(IDS[0], IDS[0], BORN, current=False)], "personal_id.superseded"),
        (False, OTHER_DAY, [Holder(IDS[0], IDS[0], BORN, current=False)], None),
        (False, BORN, [Holder(IDS[0], IDS[0], BORN, current=False), Holder(IDS[1], IDS[1], BORN)], IDS[1]),
    ],
)
def test_whom_a_row_is_about(has_key: bool, birth: PartialDate, holders: list[Holder], expected: Any):
    who = resolve_person(has_key, birth, holders)

    assert (who.rule if isinstance(who, Fault) else who) == expected


def test_a_card_belongs_to_the_one_person_that_has_the_number():
    merged, root, other = (
        Holder(IDS[0], IDS[1], None),
        Holder(IDS[1], IDS[1], None),
        Holder(IDS[2], IDS[2], None),
    )

    assert owner_of([]) is None
    assert owner_of([merged]) == IDS[0]
    assert owner_of([merged, root]) == IDS[1]
    assert owner_of([root, other]) is None


def test_ids_of_a_batch_are_version_7_and_differ():
    ids = ordered_ids(1_700_000_000_000, bytes(range(90)))

    assert len(set(ids)) == 10
    for one in map(UUID, ids):
        assert (one.version, one.variant) == (7, "specified in RFC 4122")
        assert one.int >> 80 == 1_700_000_000_000
