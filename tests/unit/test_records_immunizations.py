"""Doses of vaccines, as messages, at rest, and judged."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from common.restricted import DataClass, classes_in
from common.values import PartialDate, day_of
from services.records.convert.immunizations import dose_from_pb, immunization_to_pb
from services.records.model.immunizations import NO_CODE, Dose, Immunization, Reaction, check_dose
from services.records.store.immunizations import _dose

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)
TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=40)
CODE = st.one_of(st.just(NO_CODE), st.tuples(TEXT, st.text("0123456789ABC.", min_size=1, max_size=20), TEXT))
SINCE_1970 = st.integers(1, 7_000_000_000_000_000)  # microseconds
TIME = SINCE_1970.map(lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros))
DAY = st.dates().map(lambda day: PartialDate(day.year, day.month, day.day))
REACTION = st.builds(Reaction, CODE, st.none() | TIME, st.integers(0, 2))
DOSES = st.builds(
    Dose,
    vaccine=CODE,
    dose_number=st.integers(1, 99),
    immunize_time=TIME,
    lot=TEXT,
    lot_expiry=st.none() | DAY,
    body_site=CODE,
    route=CODE,
    practitioner=TEXT,
    reactions=st.lists(REACTION, max_size=4).map(tuple),
    note=TEXT,
)
GOOD = Dose(
    ("SDK", "893310000126", "Vắc-xin mẫu"),
    1,
    NOW - timedelta(hours=1),
    "L",
    None,
    NO_CODE,
    NO_CODE,
    "",
    (),
    "",
)


@settings(max_examples=200, deadline=None)
@given(DOSES)
def test_a_dose_is_the_same_as_a_message_and_at_rest(dose):
    record = Immunization(uuid4(), uuid4(), "01999", "recorded", NOW, dose)
    written = json.dumps(asdict(dose), ensure_ascii=False, default=datetime.isoformat)

    assert dose_from_pb(immunization_to_pb(record)) == dose
    assert _dose(json.loads(written)) == dose


@settings(max_examples=100, deadline=None)
@given(DOSES, TIME)
def test_a_dose_is_known_by_vaccine_number_and_day_alone(dose, time):
    other = replace(dose, lot="another", note="", immunize_time=time)

    assert dose.is_same_dose(other) == (day_of(dose.immunize_time) == day_of(time))
    assert not dose.is_same_dose(replace(dose, dose_number=dose.dose_number % 99 + 1))
    assert not dose.is_same_dose(replace(dose, vaccine=("other", "code", "")))


@settings(max_examples=100, deadline=None)
@given(DOSES)
def test_whatever_a_dose_says_it_is_judged_with_both_sentences(dose):
    faults = check_dose(dose, NOW)

    assert all(fault.vi and fault.en and fault.field.startswith("immunization.") for fault in faults)


def test_the_edges_of_time_and_of_the_lot():
    skew = timedelta(minutes=15)
    for time, expected in ((NOW + skew, []), (NOW + skew + timedelta(seconds=1), ["time-in-future"])):
        assert [fault.rule for fault in check_dose(replace(GOOD, immunize_time=time), NOW)] == expected
    last_day = PartialDate(2026, 11, 25)
    for expiry, expected in (
        (last_day, []),
        (PartialDate(2026, 11, 24), ["lot-expired"]),
        (PartialDate(2026, 11), []),
        (PartialDate(2026, 2, 30), ["date-format"]),
    ):
        assert [fault.rule for fault in check_dose(replace(GOOD, lot_expiry=expiry), NOW)] == expected


def test_reactions_tell_of_restricted_kinds():
    reactions = (Reaction(("ICD-10", "F41.0", ""), None, 1), Reaction(("ICD-10", "R50.9", ""), None, 1))

    assert classes_in(replace(GOOD, reactions=reactions).classes) == {DataClass.CARE, DataClass.MENTAL_HEALTH}
    assert GOOD.classes == 0
