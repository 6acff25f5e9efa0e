"""
Every way that a referral, an appointment, a consultation and a message can go, all of them walked.

The machines are small: each is walked by everything that may happen, to the end, from the first state on,
and compared with its picture.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.routing.model import consultations, referrals
from services.routing.model.referrals import Lapsed, UsedBefore
from services.routing.model.state_machine import InvalidTransition
from tests.unit.routing_lifecycles import (
    APPOINTMENTS,
    CONSULTATION,
    CONSULTATIONS,
    LIFECYCLES,
    OPINION,
    REFERRAL,
    REFERRALS,
    START,
    TODAY,
    Lifecycle,
)

# How many moves deep: more than the longest way without a repetition.
DEPTH = 7


@dataclass(frozen=True)
class Walk:
    """One way through a machine: the things on it, and what happened between them."""

    things: tuple[Any, ...]
    moves: tuple[str, ...] = ()


def walks(lifecycle: Lifecycle) -> list[Walk]:
    """Return every way through the machine; a move that is refused is no step of a way."""
    done, open_walks = [], [Walk((lifecycle.start,))]
    for depth in range(DEPTH):
        longer = []
        for walk in open_walks:
            now = START + timedelta(minutes=depth + 1)
            for name, move in lifecycle.moves.items():
                try:
                    after = move(walk.things[-1], now)
                except InvalidTransition:
                    continue
                longer.append(Walk((*walk.things, after), (*walk.moves, name)))
        done += open_walks
        open_walks = longer
    return [*done, *open_walks]


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=LIFECYCLES)
def test_what_can_happen_is_exactly_the_picture(lifecycle: Lifecycle):
    steps = {
        (before.state.value, move, after.state.value)
        for walk in walks(lifecycle)
        for before, move, after in zip(walk.things[:-1], walk.moves, walk.things[1:], strict=True)
    }

    assert steps == lifecycle.leads
    states = {state.value for state in type(lifecycle.start.state)}
    assert {lifecycle.start.state.value} | {after for _, _, after in steps} == states


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=LIFECYCLES)
def test_nothing_is_stuck_and_what_has_ended_stays_so(lifecycle: Lifecycle):
    onward: dict[str, set[str]] = {}
    for before, _, after in lifecycle.leads:
        onward.setdefault(before, set()).add(after)
    can_end = set(lifecycle.final)
    for _ in onward:
        can_end |= {state for state, nexts in onward.items() if nexts & can_end}

    assert can_end == {state.value for state in type(lifecycle.start.state)}
    assert not lifecycle.final & onward.keys()


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=LIFECYCLES)
def test_each_step_writes_down_when_and_what_was_written_stays(lifecycle: Lifecycle):
    for walk in walks(lifecycle):
        for depth, (before, after) in enumerate(zip(walk.things, walk.things[1:], strict=False), 1):
            now = START + timedelta(minutes=depth)
            name = lifecycle.times.get(after.state.value, "")
            if name and after.state is not before.state:
                assert getattr(after, name) >= min(now, getattr(before, name) or now)
            for kept in {*lifecycle.times.values()} - {name, "dead_time"}:
                assert getattr(after, kept) == getattr(before, kept)


@pytest.mark.parametrize(
    "lifecycle", [REFERRALS, APPOINTMENTS, CONSULTATIONS], ids=["referral", "appointment", "consultation"]
)
def test_the_times_of_a_way_follow_one_another(lifecycle: Lifecycle):
    for walk in walks(lifecycle):
        reached = dict.fromkeys(thing.state.value for thing in walk.things[1:])
        times = [
            getattr(walk.things[-1], lifecycle.times[state]) for state in reached if state in lifecycle.times
        ]
        assert times == sorted(times)
        unreached = lifecycle.times.keys() - reached
        assert not any(getattr(walk.things[-1], lifecycle.times[state]) for state in unreached)


def test_an_appointment_is_reminded_of_once():
    for walk in walks(APPOINTMENTS):
        assert walk.moves.count("remind") <= 1


def test_a_slip_serves_one_encounter_and_the_same_one_again():
    accepted = referrals.accept(referrals.deliver(REFERRAL, START), START, TODAY)
    used = referrals.use(accepted, "MALK-1", START, TODAY)

    assert referrals.use(used, "MALK-1", START + timedelta(days=90), date(2027, 2, 20)) == used
    with pytest.raises(UsedBefore):
        referrals.use(used, "MALK-2", START, TODAY)


def test_a_slip_of_an_annex_iii_disease_serves_every_encounter_of_its_year_and_the_last_to_its_end():
    year = replace(REFERRAL, long_term=True, valid_until=date(2027, 11, 20))
    accepted = referrals.accept(referrals.deliver(year, START), START, TODAY)
    first = referrals.use(accepted, "MALK-1", START, TODAY)
    last_day, day_after = date(2027, 11, 20), date(2027, 11, 21)
    last = referrals.use(first, "MALK-2", START + timedelta(days=365), last_day)

    # It lapses in the middle of the treatment: that encounter goes on, and is completed.
    assert referrals.use(last, "MALK-2", START + timedelta(days=366), day_after) == last
    with pytest.raises(Lapsed):
        referrals.use(last, "MALK-3", START + timedelta(days=366), day_after)
    completed = referrals.complete(last, None, START + timedelta(days=400))
    assert completed.state is referrals.State.COMPLETED


@pytest.mark.parametrize(
    ("state", "long_term", "until"),
    [
        (referrals.State.ISSUED, False, None),
        (referrals.State.DELIVERED, False, datetime(2026, 12, 4, 17, 0, tzinfo=UTC)),
        (referrals.State.ACCEPTED, False, START + timedelta(days=90)),
        (referrals.State.ACCEPTED, True, datetime(2027, 11, 20, 17, 0, tzinfo=UTC)),
        (referrals.State.DECLINED, False, None),
        (referrals.State.COMPLETED, False, None),
        (referrals.State.CANCELLED, False, None),
        (referrals.State.EXPIRED, False, None),
    ],
)
def test_a_referral_opens_the_sender_s_records_for_a_time(
    state: referrals.State, long_term: bool, until: datetime | None
):
    valid_until = date(2027, 11, 20) if long_term else date(2026, 12, 4)
    referral = replace(REFERRAL, state=state, accept_time=START, long_term=long_term, valid_until=valid_until)

    assert referral.read_until == until


@pytest.mark.parametrize(
    ("sender", "recipient", "step"),
    [
        *((1, 2, "next"), (2, 3, "next"), (1, 3, "skips"), (2, 2, "same"), (3, 2, "down"), (3, 1, "down")),
        *((0, 3, ""), (1, 0, ""), (0, 0, "")),
    ],
)
def test_a_step_between_levels_is_told_only_when_both_are_known(sender: int, recipient: int, step: str):
    assert referrals.step_between(sender, recipient).value == step


def test_a_consultation_is_neither_taken_nor_answered_after_its_time():
    late = CONSULTATION.answer_by_time + timedelta(seconds=1)
    taken = consultations.take(CONSULTATION, "x", START)

    for move in (
        lambda: consultations.take(CONSULTATION, "x", late),
        lambda: consultations.answer(taken, OPINION, UUID(int=9), late),
    ):
        with pytest.raises(InvalidTransition) as refusal:
            move()
        assert refusal.value.state is consultations.State.EXPIRED
    with pytest.raises(InvalidTransition):
        consultations.expire(taken, CONSULTATION.answer_by_time)


@pytest.mark.parametrize(
    ("minutes", "allowed"), [(9, False), (10, True), (30 * 24 * 60, True), (30 * 24 * 60 + 1, False)]
)
def test_an_answer_may_be_asked_for_within_ten_minutes_to_thirty_days(minutes: int, allowed: bool):
    assert consultations.is_term_allowed(START + timedelta(minutes=minutes), START) is allowed
