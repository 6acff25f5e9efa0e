"""The deadlines of an encounter's papers: by the hour, by the day, by the calendar of Viet Nam."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import VIETNAM
from common.values import day_of, end_of
from common.working_days import add_working_days, is_working_day
from services.records.model.encounter_deadlines import (
    CLOCKS,
    OF_FACILITY,
    Clock,
    Deadline,
    Duty,
    deadline,
    last_settling_day,
    presumed_dossier,
)
from services.records.model.missing_encounters import STAYS

days = st.dates(date(2024, 1, 1), date(2040, 12, 31))
moments = st.builds(datetime.combine, days, st.times(), st.just(VIETNAM))
holidays = st.sets(days, max_size=20)
TET = frozenset(date(2027, 2, day) for day in (5, 8, 9, 10, 11))


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("duty", "begin", "due"),
    [
        # Friday the 20th: that day.  Sunday: Monday.  National day 2026-09-02 (Wednesday): the 3rd.
        (Duty.DOSSIER, "2026-11-20 09:00", "2026-11-21 00:00"),
        (Duty.DOSSIER, "2026-11-22 23:59", "2026-11-24 00:00"),
        (Duty.DOSSIER, "2026-09-02 10:00", "2026-09-04 00:00"),
        # Two working days over a weekend, and over none.
        (Duty.CORRECTION, "2026-11-20 09:00", "2026-11-25 00:00"),
        (Duty.CORRECTION, "2026-11-23 09:00", "2026-11-26 00:00"),
        # Seven working days; at the end of a month before the 5th of the next.
        (Duty.PAYMENT_REQUEST, "2026-11-10 09:00", "2026-11-20 00:00"),
        (Duty.PAYMENT_REQUEST, "2026-11-27 09:00", "2026-12-05 00:00"),
        (Duty.PAYMENT_REQUEST, "2026-12-31 09:00", "2027-01-05 00:00"),
        (Duty.LATE_NOTICE, "2026-11-21 23:00", "2026-11-22 05:00"),
        (Duty.FORMAT_ANSWER, "2026-11-21 23:00", "2026-11-22 23:00"),
        (Duty.TOTALS_ANSWER, "2026-11-21 23:00", "2026-11-23 23:00"),
    ],
)
def test_each_deadline_of_law(duty: Duty, begin: str, due: str):
    assert CLOCKS[duty].due(at(begin)) == at(due)


def test_tet_puts_off_what_runs_by_working_days():
    refused = at("2027-02-04 15:00")

    assert CLOCKS[Duty.CORRECTION].due(refused) == at("2027-02-09 00:00")
    assert CLOCKS[Duty.CORRECTION].due(refused, TET) == at("2027-02-16 00:00")
    assert CLOCKS[Duty.DOSSIER].due(at("2027-02-05 08:00"), TET) == at("2027-02-13 00:00")


def test_every_duty_has_a_clock_and_its_source():
    assert set(CLOCKS) == set(Duty)
    assert all(clock.source for clock in CLOCKS.values())


@given(moments, holidays)
def test_a_dossier_is_due_by_the_end_of_the_first_working_day(ended: datetime, days_off: set[date]):
    due = CLOCKS[Duty.DOSSIER].due(ended, days_off)

    last = day_of(due - timedelta(seconds=1))
    assert due == end_of(last)
    assert is_working_day(last, days_off)
    between = (day_of(ended) + timedelta(days=count) for count in range((last - day_of(ended)).days))
    assert not any(is_working_day(day, days_off) for day in between)


@given(moments, holidays)
def test_a_correction_has_two_whole_working_days_after_the_day_of_the_refusal(
    refused: datetime, days_off: set[date]
):
    due = CLOCKS[Duty.CORRECTION].due(refused, days_off)

    whole = range(1, (day_of(due) - day_of(refused)).days)
    after = [day_of(refused) + timedelta(days=count) for count in whole]
    assert sum(is_working_day(day, days_off) for day in after) == 2
    assert due == end_of(after[-1])


@given(moments, holidays)
def test_payment_is_asked_for_before_the_fifth_and_within_seven_working_days(
    ended: datetime, days_off: set[date]
):
    due = CLOCKS[Duty.PAYMENT_REQUEST].due(ended, days_off)

    last, day = day_of(due - timedelta(seconds=1)), day_of(ended)
    assert day < last <= add_working_days(day, 7, days_off)
    assert (last.year, last.month) == (day.year, day.month) or last.day < 5


@given(st.dates())
def test_any_day_has_a_last_one_for_settling(day: date):
    last = last_settling_day(day)

    assert last > day or last == date.max
    assert last.day == 4 or last == date.max


@given(moments, moments, st.sampled_from(list(Duty)), holidays)
def test_what_begins_later_is_never_due_earlier(
    one: datetime, other: datetime, duty: Duty, days_off: set[date]
):
    first, second = sorted((one, other))

    assert CLOCKS[duty].due(first, days_off) <= CLOCKS[duty].due(second, days_off)


@given(moments, st.sampled_from(list(Duty)), holidays, st.dates(date(2024, 1, 1), date(2040, 1, 1)))
def test_a_holiday_more_never_makes_anything_due_earlier(
    begin: datetime, duty: Duty, days_off: set[date], more: date
):
    assert CLOCKS[duty].due(begin, days_off | {more}) >= CLOCKS[duty].due(begin, days_off)


@given(moments, st.sampled_from(sorted(STAYS)), holidays)
def test_of_a_check_in_the_end_of_care_is_presumed(arrival: datetime, form: str, days_off: set[date]):
    visit = presumed_dossier("01", arrival, holidays=days_off)
    stay = presumed_dossier(form, arrival, holidays=days_off)

    assert arrival + timedelta(days=3) <= visit.due < stay.due
    assert visit.presumed
    assert is_working_day(day_of(visit.due - timedelta(seconds=1)), days_off)


@given(moments, st.integers(-10_000, 10_000))
def test_late_is_what_is_done_after_it_was_due_or_not_done_by_then(due: datetime, minutes: int):
    now = due + timedelta(minutes=minutes)

    assert Deadline(Duty.DOSSIER, due).is_late(now) == (minutes > 0)
    assert Deadline(Duty.DOSSIER, due, done=now).is_late(due + timedelta(days=9)) == (minutes > 0)


def test_only_what_the_facility_has_not_done_is_open():
    now = datetime(2026, 11, 27, tzinfo=UTC)

    assert {duty for duty in Duty if deadline(duty, now).is_open} == OF_FACILITY
    assert not any(deadline(duty, now, now).is_open for duty in Duty)


def test_a_day_ends_at_midnight_in_viet_nam():
    assert Clock("").due(datetime(2026, 11, 20, 16, 59, tzinfo=UTC)).astimezone(VIETNAM).time() == time()
    # 17:00 in UTC is Saturday already.
    assert Clock("").due(datetime(2026, 11, 20, 17, 0, tzinfo=UTC)) == at("2026-11-24 00:00")
