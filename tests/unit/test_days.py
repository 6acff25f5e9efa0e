"""Sums of days that a caller told, over the whole calendar: none raises, and each stays in order."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from chassis.clock import VIETNAM
from common.values import (
    PartialDate,
    day_of,
    end_of,
    is_future,
    shifted,
    timestamp_from_pb,
    timestamp_to_pb,
    years_after,
)
from common.working_days import add_working_days, is_working_day, working_day_from
from services.identity.model.coverages import Coverage, Issuer
from services.identity.model.eligibility.transfer_slips import working_days
from services.pharmacy.model.prescriptions import Tranche, expire_time
from services.records.model.result_reuse import PastResult, age_of, refusal_of
from services.records.model.reuse_periods import all_periods
from services.routing.model.slip_validity import slip_valid_until

NOW = datetime(2026, 11, 27, 5, tzinfo=UTC)
FIRST, LAST = date.min, date.max
ENDS = [FIRST, FIRST + timedelta(days=1), LAST - timedelta(days=16), LAST - timedelta(days=1), LAST]
days = st.dates() | st.sampled_from(ENDS)
zones = st.sampled_from([UTC, VIETNAM])
moments = st.datetimes(timezones=zones) | st.builds(
    datetime.combine, st.sampled_from([FIRST, LAST]), st.sampled_from([time.min, time.max]), zones
)


@given(days, st.integers(-4_000_000, 4_000_000))
def test_a_day_shifted_is_the_sum_or_the_end_of_the_calendar(day: date, count: int):
    ordinal = min(max(day.toordinal() + count, FIRST.toordinal()), LAST.toordinal())

    assert shifted(day, timedelta(days=count)) == date.fromordinal(ordinal)


@given(days, st.integers(0, 10_000))
@example(date(2024, 2, 29), 1)
@example(date(9999, 2, 28), 1)
def test_the_same_day_years_later_is_in_that_year_or_the_last(day: date, years: int):
    later = years_after(day, years)

    assert later == LAST or (later.year, later.month) == (day.year + years, day.month)
    assert later >= day
    assert day.day - later.day in ((0, 1) if later.month == 2 else (0,)) or later == LAST


@given(moments)
def test_every_moment_has_a_day_in_viet_nam(moment: datetime):
    day = day_of(moment)

    assert abs(day.toordinal() - moment.date().toordinal()) <= 1
    assert moment < end_of(day) or day == LAST


@given(days)
def test_a_day_ends_after_it_began_and_before_the_next_ends(day: date):
    assert datetime.combine(day, time.min, VIETNAM) < end_of(day)
    assert end_of(day) < end_of(shifted(day, timedelta(days=1))) or day == LAST


CARD = Coverage(
    card_number="DN4010000000001",
    valid_from=FIRST,
    valid_to=LAST,
    group_code="DN",
    benefit_level=4,
    initial_facility="01999",
    area_code="",
    five_years_date=None,
    issuer=Issuer.SOCIAL_INSURANCE,
    standing="",
    verify_time=NOW,
)


@given(days, days, days, st.none() | days)
@example(FIRST, LAST - timedelta(days=3), LAST, FIRST)
def test_a_card_of_any_period_is_judged_on_any_day(first: date, last: date, day: date, start: date | None):
    card = replace(CARD, valid_from=first, valid_to=last, exempt_from=first, five_years_date=last)
    until = card.grace_until(start)

    assert until is None or until > last
    assert not (card.in_force(day) and card.in_grace(day, start))
    assert card.exempt(day) in (True, False)


@given(days, st.integers(0, 30))
def test_working_days_after_any_day_end(day: date, count: int):
    last = add_working_days(day, count)

    assert last >= day
    assert last == LAST or working_days(day, last) >= count


@given(days)
def test_the_working_day_from_any_day_is_the_first_that_is_one(day: date):
    first = working_day_from(day)

    assert first == LAST or is_working_day(first)
    between = range(max((first - day).days, 0))
    assert not any(is_working_day(day + timedelta(days=count)) for count in between)


@given(days, st.booleans())
def test_a_slip_of_any_day_has_a_last_one(issued: date, long_term: bool):
    assert slip_valid_until(issued, long_term=long_term) >= issued


@given(moments, st.lists(st.tuples(days, days), max_size=3))
def test_a_prescription_of_any_moment_runs_out(prescribed: datetime, periods: list[tuple[date, date]]):
    tranches = tuple(Tranche(number, *period) for number, period in enumerate(periods, start=1))
    last = max((end for _, end in periods), default=None)

    assert expire_time(prescribed, tranches) == end_of(last or shifted(day_of(prescribed), timedelta(days=5)))


@given(moments, days, st.integers(1, 9999), st.integers(0, 12), st.integers(0, 31))
def test_any_moment_and_any_birth_is_judged(moment: datetime, day: date, year: int, month: int, born: int):
    birth = PartialDate(year, month, born)
    result = PastResult(*[None] * 4, moment)  # type: ignore[arg-type]
    age = age_of(result, NOW)

    assert birth.youngest_age(day) <= birth.oldest_age(day)
    assert is_future(birth, NOW) in (True, False)
    assert (age is None) == is_future(moment, NOW)
    assert all(refusal_of(period, result, age) is not None for period in all_periods())


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_is_the_same_after_its_message(moment: datetime):
    message = timestamp_to_pb(moment)

    assert message is not None
    assert timestamp_from_pb(message) == moment
