"""The processor of a process.  Linux places threads one by one, so a thread of its own is tried here."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.processor import available, settle

pytestmark = pytest.mark.skipif(not available(), reason="the system does not say which processors there are")


def apart(look: Callable[[], object]) -> object:
    """Return what *look* sees in a thread that ends with it."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(look).result(10)


def placed() -> tuple[frozenset[int], int]:
    return available(), os.sched_getscheduler(0)


def test_a_processor_of_its_own_is_kept_to_and_work_runs_on_until_it_waits() -> None:
    own = max(available())

    def look() -> tuple[object, object]:
        settle(own)
        return placed(), apart(placed)  # and so is a thread that is started later

    assert apart(look) == (({own}, os.SCHED_BATCH), ({own}, os.SCHED_BATCH))


def test_a_process_that_was_given_a_single_processor_needs_no_setting() -> None:
    own = min(available())

    def look() -> object:
        os.sched_setaffinity(0, {own})
        settle(None)
        return placed()

    assert apart(look) == ({own}, os.SCHED_BATCH)


@pytest.mark.skipif(len(available()) < 2, reason="there is one processor")
def test_without_a_processor_of_its_own_nothing_changes() -> None:
    def look() -> tuple[object, object]:
        before = placed()
        settle(None)
        return before, placed()

    before, after = apart(look)  # type: ignore[misc]
    assert before == after == (available(), os.SCHED_OTHER)


def test_a_sandbox_that_forbids_it_costs_speed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", forbidden)
    own = min(available())

    def look() -> object:
        settle(own)
        return placed()

    assert apart(look) == ({own}, os.SCHED_OTHER)
