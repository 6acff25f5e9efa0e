"""The clock: UTC instants, days of Viet Nam, and a way to hold both still."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from chassis import clock


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 1, 16, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 17, 0, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 7, 1, 17, 0, 0, tzinfo=UTC), date(2026, 7, 2)),  # no summer time
    ],
)
def test_the_day_in_viet_nam_begins_at_seventeen_hours_utc(instant: datetime, day: date) -> None:
    with clock.fixed(instant):
        assert clock.today() == day


def test_a_fixed_clock_stands_still_and_then_runs_again() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=clock.VIETNAM)
    with clock.fixed(noon):
        assert clock.now() == noon
        assert clock.now().tzinfo is UTC
        with clock.fixed(noon + timedelta(days=1)):
            assert clock.today() == date(2026, 1, 2)
        assert clock.today() == date(2026, 1, 1)
    assert clock.now() != noon


async def test_a_fixed_clock_holds_for_tasks_that_were_already_running() -> None:
    asked, answered = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def server() -> None:
        await asked.wait()
        answered.set_result(clock.now())

    task = asyncio.create_task(server())
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    with clock.fixed(instant):
        asked.set()
        assert await answered == instant
    await task


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), clock.fixed(datetime(2026, 1, 1)):  # noqa: DTZ001
        pass
