"""Rows of an import: what is wrong with them, what of them is stored, and whom they are about."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.faults import Fault
from common.values import PartialDate
from lientuyen.identity.v1 import eligibility_service_pb2, person_pb2, person_service_pb2
from lientuyen.type.v1.date_pb2 import Date
from services.identity.imports.convert.coverage_rows import coverage_row_from_pb
from services.identity.imports.convert.person_rows import person_row_from_pb
from services.identity.imports.model.coverage_rows import coverage_faults
from services.identity.imports.model.duplicate_rows import find_duplicates
from services.identity.imports.model.person_resolution import Holder, owner_of, resolve_person
from services.identity.imports.model.person_rows import PersonRow, person_faults
from services.identity.imports.model.uuid7 import uuid7s
from services.identity.imports.store import staged_coverages, staged_persons
from services.identity.model.identifiers import Identifier, Kind, State

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


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


def person_rules(**fields: Any) -> list[str]:
    """The rules that a row breaks whose other fields are right."""
    right = {"personal_id": "001485000016", "full_name": "Trần Văn Thử"}
    row, faults = person_row_from_pb(person_service_pb2.PersonRow(**{**right, **fields}))
    return [fault.rule for fault in faults + person_faults(row, NOW)]


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        ({}, []),
        ({"personal_id": "", "source_key": "k"}, []),
        ({"personal_id": ""}, ["personal_id.required"]),
        ({"personal_id": "00148500001x"}, ["personal_id.form"]),
        ({"personal_id": "0014850000160"}, ["personal_id.form"]),
        ({"personal_id": "٠٠١٤٨٥٠٠٠٠١٦"}, ["personal_id.form"]),
        ({"old_id": "1"}, ["old_id.form"]),
        ({"old_id": "01234567²"}, ["old_id.form"]),
        ({"social_insurance_number": "0000000001\n"}, ["social_insurance_number.form"]),
        ({"source_key": "k" * 65}, ["source_key.length"]),
        ({"source_key": "k\0"}, ["source_key.form"]),
        ({"full_name": " \t"}, ["full_name.required"]),
        ({"full_name": "x" * 256}, ["full_name.length"]),
        ({"full_name": "a\0b"}, ["full_name.form"]),
        ({"birth_date": Date(year=1985)}, []),
        ({"birth_date": Date(year=1985, month=2, day=29)}, ["birth_date.form"]),
        ({"birth_date": Date(year=1985, day=1)}, ["birth_date.form"]),
        ({"birth_date": Date(year=10_000)}, ["birth_date.form"]),
        ({"sex": 4}, ["sex.form"]),
        ({"sex": -1}, ["sex.form"]),
        ({"nationality": "00a"}, ["nationality.form"]),
        ({"nationality": "000\n"}, ["nationality.form"]),
        ({"ethnicity": "٠١"}, ["ethnicity.form"]),
        ({"phone": "0" * 21}, ["phone.length"]),
        ({"phone": "0\0"}, ["phone.form"]),
        ({"address": {"line": "x" * 1025}}, ["address.line.length"]),
        ({"address": {"line": "a\0"}}, ["address.line.form"]),
        ({"address": {"commune_code": "7"}}, ["address.commune_code.form"]),
        ({"address": {"district_code": "0011"}}, ["address.district_code.form"]),
        ({"address": {"province_code": "1"}}, ["address.province_code.form"]),
        # It only says how old the codes are.
        ({"address": {"as_of": Date(year=2026, month=2, day=30)}}, []),
    ],
)
def test_a_row_of_a_person_is_judged_field_by_field(fields: dict[str, Any], rules: list[str]):
    assert person_rules(**fields) == rules


def coverage_rules(**fields: Any) -> list[str]:
    """The rules that a card breaks whose other fields are right."""
    right = {"card_number": "DN4010000000001", "valid_from": Date(year=2026, month=3, day=1)}
    row, faults = coverage_row_from_pb(eligibility_service_pb2.CoverageRow(**{**right, **fields}))
    return [fault.rule for fault in faults + coverage_faults(row)]


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        ({}, []),
        ({"card_number": "0000000001"}, []),
        ({"card_number": "TE1010000000ABC", "personal_id": "001485000016"}, []),
        ({"card_number": "TE1010000000ABC"}, ["personal_id.required"]),
        ({"card_number": "TE1010000000ABC", "source_key": "k"}, []),
        ({"card_number": "DN9010000000001"}, ["card_number.form"]),
        ({"card_number": "DN4000000000001"}, ["card_number.form"]),
        ({"card_number": "dn4010000000001"}, ["card_number.form"]),
        ({"card_number": "DN40100000000011"}, ["card_number.form"]),
        ({"card_number": "123456789012"}, ["card_number.form"]),
        ({"card_number": "DN401000000000\n", "source_key": "k"}, ["card_number.form"]),
        ({"card_number": "٠٠٠٠٠٠٠٠٠١", "source_key": "k"}, ["card_number.form"]),
        ({"personal_id": "00148500001x"}, ["personal_id.form"]),
        ({"social_insurance_number": "000000000²"}, ["social_insurance_number.form"]),
        ({"source_key": "k" * 65}, ["source_key.form"]),
        ({"source_key": "k\0"}, ["source_key.form"]),
        ({"valid_from": None}, ["valid_from.required"]),
        ({"valid_from": Date(year=2026, month=2, day=30)}, ["valid_from.form", "valid_from.required"]),
        ({"valid_to": Date(year=2026, month=3, day=1)}, []),
        ({"valid_to": Date(year=2026, month=2, day=28)}, ["valid_to.order"]),
        ({"valid_to": Date(year=2026, month=2, day=30)}, ["valid_to.form"]),
        ({"five_years_date": Date(year=2026)}, ["five_years_date.form"]),
        ({"exempt_from": Date(year=2026)}, ["exempt_from.form"]),
        ({"group_code": "dn"}, ["group_code.form"]),
        ({"group_code": "DN\n"}, ["group_code.form"]),
        ({"benefit_level": 6}, ["benefit_level.form"]),
        ({"benefit_level": -1}, ["benefit_level.form"]),
        ({"initial_facility_code": "0199é"}, ["initial_facility_code.form"]),
        ({"area_code": "K4"}, ["area_code.form"]),
        ({"issuer": 4}, ["issuer.form"]),
        ({"standing": "999"}, ["standing.form"]),
    ],
)
def test_a_row_of_a_card_is_judged_field_by_field(fields: dict[str, Any], rules: list[str]):
    assert coverage_rules(**fields) == rules


def can_be_stored(value: object) -> bool:
    """Whether a column of a staging table takes *value*; all numbers there are small."""
    match value:
        case str():
            return "\0" not in value
        case int():
            return -(2**15) <= value < 2**15
    return value is None or isinstance(value, date)


@given(PERSONS)
def test_a_person_that_is_judged_good_can_be_stored(message: Any):
    row, faults = person_row_from_pb(message)
    if not faults + person_faults(row, NOW):
        [values] = staged_persons.staged_rows({0: row}, [str(UUID(int=1))])
        assert all(map(can_be_stored, values))


@given(CARDS)
def test_a_card_that_is_judged_good_can_be_stored(message: Any):
    row, faults = coverage_row_from_pb(message)
    if not faults + coverage_faults(row):
        [values] = staged_coverages.staged_rows({0: row})
        assert all(map(can_be_stored, values))


def test_what_a_card_row_leaves_out_is_filled_in_from_the_card():
    row, _ = coverage_row_from_pb(
        eligibility_service_pb2.CoverageRow(
            card_number="HC3010000000001", valid_from=Date(year=2026, month=1, day=1)
        )
    )

    [stored] = staged_coverages.staged_rows({0: row})

    assert dict(zip(staged_coverages.COLUMNS, stored, strict=True)) == {
        "row_index": 0,
        "source_key": "",
        "personal_id": "",
        "insurance_number": "0000000001",
        "card_number": "HC3010000000001",
        "valid_from": date(2026, 1, 1),
        "valid_to": None,
        "group_code": "HC",
        "benefit_level": 3,
        "initial_facility": "",
        "area_code": "",
        "five_years_date": None,
        "issuer": 1,
        "standing": "",
        "exempt_from": None,
    }


def test_what_a_card_row_says_goes_before_what_its_card_says():
    row, _ = coverage_row_from_pb(
        eligibility_service_pb2.CoverageRow(
            card_number="HC3010000000001",
            social_insurance_number="0000000002",
            group_code="DN",
            benefit_level=4,
            issuer=2,
        )
    )

    assert (row.insurance_number, row.card_group) == ("0000000002", "DN")
    assert (row.card_benefit_level, row.card_issuer) == (4, 2)


def with_numbers(*numbers: Identifier) -> PersonRow:
    row, _ = person_row_from_pb(person_service_pb2.PersonRow(personal_id="001485000016", full_name="Thử"))
    return replace(row, identifiers=numbers)


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
    assert [fault.rule for fault in person_faults(with_numbers(number), NOW)] == ([rule] if rule else [])


def test_of_rows_with_one_key_the_first_stays_and_a_refused_row_rules_out_no_other():
    rows = [
        (0, [("personal_id", "1"), ("source_key", "a")]),
        (1, [("personal_id", "1"), ("source_key", "b")]),
        (2, [("personal_id", "2"), ("source_key", "b")]),
        (3, [("personal_id", ""), ("source_key", "a")]),
        (4, [("personal_id", ""), ("source_key", "")]),
    ]

    assert find_duplicates(rows) == {1: "personal_id", 3: "source_key"}


def test_keys_that_are_not_told_are_not_alike():
    rows = [(index, [("personal_id", key)]) for index, key in enumerate(["1", "2", "", "", "1"])]

    assert find_duplicates(rows) == {4: "personal_id"}


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
    ids = uuid7s(1_700_000_000_000, bytes(range(90)))

    assert len(set(ids)) == 10
    for one in map(UUID, ids):
        assert (one.version, one.variant) == (7, "specified in RFC 4122")
        assert one.int >> 80 == 1_700_000_000_000
