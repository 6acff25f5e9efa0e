"""The allowances of look-ups.  Time is an argument."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.allowances import SHARES, Allowance, Bucket, allowances
from chassis.gcra import Rate

HOSPITAL = Allowance(lookups=Rate(50, 500), failures=Rate(0.5, 100))


def test_a_rested_bucket_gives_its_burst_and_then_its_rate():
    bucket = Bucket(Allowance(Rate(10, 3), None))

    at_once = [bucket.take(100.0)[0] == 0 for _ in range(5)]
    wait, limit = bucket.take(100.0)

    assert at_once == [True, True, True, False, False]
    assert (round(wait, 6), limit) == (0.1, "lookups")
    assert bucket.take(100.0 + wait)[0] == 0
    assert bucket.take(100.0 + wait)[0] > 0


@given(
    per_second=st.floats(0.01, 1000),
    burst=st.integers(1, 1000),
    steps=st.lists(st.floats(0, 100), min_size=1, max_size=200),
)
def test_no_span_of_time_gives_more_than_the_burst_and_the_rate(
    per_second: float, burst: int, steps: list[float]
):
    bucket, now, taken = Bucket(Allowance(Rate(per_second, burst), None)), 1000.0, []
    for step in steps:
        now += step
        if bucket.take(now)[0] == 0:
            taken.append(now)

    for first, began in enumerate(taken):
        for last in range(first, len(taken)):
            most = burst + (taken[last] - began) * per_second
            assert last - first + 1 <= most + 1e-3


@given(per_second=st.floats(0.01, 1000), burst=st.integers(1, 1000), used=st.integers(0, 2000))
def test_who_waits_as_long_as_told_is_admitted(per_second: float, burst: int, used: int):
    bucket = Bucket(Allowance(Rate(per_second, burst), None))
    for _ in range(used):
        bucket.take(5.0)

    wait, _ = bucket.take(5.0)

    assert wait == 0 or bucket.take(5.0 + wait + 1e-6)[0] == 0


def test_misses_run_out_long_before_hits_and_block_both_until_they_are_waited_for():
    bucket = Bucket(HOSPITAL)
    for _ in range(100):
        assert bucket.take(10.0)[0] == 0
        bucket.fail(10.0)

    wait, limit = bucket.take(10.0)

    assert (round(wait, 6), limit) == (2.0, "misses")
    assert bucket.is_exhausted(10.0)
    assert bucket.take(12.0)[0] == 0
    assert not bucket.is_exhausted(12.0)


@pytest.mark.parametrize(("under_way", "wait"), [(3, 2.0), (4, 3.0), (5, 3.0), (400, 3.0)])
def test_misses_under_way_at_once_are_a_debt_of_one_burst_at_most_that_is_waited_for(
    under_way: int, wait: float
):
    bucket = Bucket(Allowance(Rate(50, 500), Rate(1, 2)))
    for _ in range(under_way):
        bucket.fail(0.0)

    assert bucket.take(0.0) == (wait, "misses")
    assert bucket.take(wait - 0.5)[1] == "misses"
    assert bucket.take(wait)[0] == 0


def test_what_is_urgent_is_limited_by_the_look_ups_only():
    bucket = Bucket(Allowance(Rate(1, 3), Rate(1, 2)))
    for _ in range(10):
        bucket.fail(0.0)

    assert bucket.take(0.0)[1] == "misses"
    assert [bucket.take(0.0, urgent=True) for _ in range(4)] == [(0.0, "lookups")] * 3 + [(1.0, "lookups")]


def test_a_stream_leaves_a_part_of_the_burst_to_the_desk():
    bucket = Bucket(Allowance(Rate(1, 8), None))

    streamed = sum(bucket.take(0.0, reserved=0.25)[0] == 0 for _ in range(20))
    desk = sum(bucket.take(0.0)[0] == 0 for _ in range(20))

    assert (streamed, desk) == (6, 2)


def test_a_bucket_is_idle_only_when_forgetting_it_gives_nothing_away():
    bucket = Bucket(HOSPITAL)
    assert bucket.is_idle(0.0)

    bucket.take(10.0)
    bucket.fail(10.0)

    assert not bucket.is_idle(11.9)
    assert bucket.is_idle(12.1)


def test_each_kind_of_caller_has_its_share_and_services_are_never_refused_for_misses():
    given_to = allowances(HOSPITAL)

    assert set(given_to) == set(SHARES)
    assert given_to["facility"] == HOSPITAL
    assert given_to["service"].failures is None
    assert given_to["authority"].lookups == Rate(2000, 20_000)
    assert all(one.lookups.burst >= 1 for one in given_to.values())
