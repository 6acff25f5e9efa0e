"""The rules of routing: state machines under any sequence of actions, working days."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.model import appointments, messages, referrals, slip_validity
from services.routing.model.messages import DeadReason, Kind, Lease, Message, StaleLease
from services.routing.model.referrals import Diagnosis, Referral
from services.routing.model.state_machine import InvalidTransition

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
STREAM = UUID(int=7)
SENDER, RECIPIENT = "//identity.lientuyen/facilities/01999", "//identity.lientuyen/facilities/79999"


def message(sequence: int = 1, sender: str = SENDER, **given: object) -> Message:
    made = Message(
        id=uuid4(),
        sequence=sequence,
        sender=sender,
        recipient=RECIPIENT,
        kind=Kind.DOCUMENT,
        media_type="text/plain",
        size=1,
        sha256=bytes(32),
        about="",
        person="",
        correlation="",
        traceparent="",
        state=messages.State.ACCEPTED,
        accept_time=NOW,
        enqueue_time=NOW,
    )
    return replace(made, **given)


def held(sequence: int, *, ends: timedelta, stream: UUID = STREAM, sender: str = SENDER) -> Message:
    return messages.lease(message(sequence, sender), Lease(uuid4(), stream, NOW + ends), NOW)


def referral(**given: object) -> Referral:
    made = Referral(
        id=uuid4(),
        person="//identity.lientuyen/persons/0",
        sender=SENDER,
        recipient=RECIPIENT,
        slip_number="1",
        reason_code="1",
        diagnosis=Diagnosis(),
        issue_time=NOW,
        source_dossier="",
        long_term=False,
        valid_until=date(2026, 12, 4),
        slip_sha256=bytes(32),
        message_id=uuid4(),
        state=referrals.State.ISSUED,
        create_time=NOW,
    )
    return replace(made, **given)


def token_of(one: Message) -> UUID:
    return one.lease.token if one.lease else uuid4()


ACTIONS: dict[str, Callable[[Message], Message]] = {
    "lease": lambda m: messages.lease(m, Lease(uuid4(), STREAM, NOW), NOW),
    "acknowledge": lambda m: messages.acknowledge(m, token_of(m), NOW),
    "acknowledge with a stale token": lambda m: messages.acknowledge(m, UUID(int=0), NOW),
    "reject": lambda m: messages.reject(m, token_of(m), "unreadable", NOW),
    "expire_lease": lambda m: messages.expire_lease(m, counted=True, max_attempts=3, now=NOW),
    "expire_lease behind another": lambda m: messages.expire_lease(m, counted=False, max_attempts=3, now=NOW),
    "abandon": lambda m: messages.abandon(m, NOW),
    "replay": lambda m: messages.replay(m, m.sequence + 1, NOW),
    "stop": lambda m: messages.stop(m, NOW),
}


@given(st.lists(st.sampled_from(sorted(ACTIONS)), max_size=40))
def test_a_message_stays_lawful_under_any_sequence_of_actions(actions: list[str]):
    one = message()
    for action in actions:
        before = one
        try:
            one = ACTIONS[action](one)
        except InvalidTransition:
            continue
        assert before.state not in (messages.State.ACKNOWLEDGED, messages.State.STOPPED)
        assert (one.lease is not None) == (one.state is messages.State.LEASED)
        assert (one.dead_reason is not None) == (one.state in (messages.State.DEAD, messages.State.STOPPED))
        assert 0 <= one.attempts <= 3
        assert action != "acknowledge with a stale token"
        assert before.state is not messages.State.DEAD or action in ("replay", "stop")


REFERRAL_ACTIONS: dict[str, Callable[[Referral], Referral]] = {
    "deliver": lambda r: referrals.deliver(r, NOW),
    "accept": lambda r: referrals.accept(r, NOW, date(2026, 11, 21)),
    "decline": lambda r: referrals.decline(r, "full", NOW),
    "use": lambda r: referrals.use(r, "MALK-1", NOW, date(2026, 11, 21)),
    "complete": lambda r: referrals.complete(r, None, NOW),
    "cancel": lambda r: referrals.cancel(r, "mistake", NOW),
    "expire": lambda r: referrals.expire(r, NOW),
}
TIMES = ("deliver_time", "accept_time", "decline_time", "complete_time", "cancel_time", "expire_time")
LAWFUL = {
    (),
    ("deliver_time",),
    ("deliver_time", "accept_time"),
    ("deliver_time", "decline_time"),
    ("deliver_time", "accept_time", "complete_time"),
    ("cancel_time",),
    ("deliver_time", "cancel_time"),
    ("expire_time",),
    ("deliver_time", "expire_time"),
}


@given(st.lists(st.sampled_from(sorted(REFERRAL_ACTIONS)), max_size=20))
def test_a_referral_only_ever_walks_a_lawful_path(actions: list[str]):
    one = referral()
    for action in actions:
        with suppress(InvalidTransition):
            one = REFERRAL_ACTIONS[action](one)
    assert tuple(name for name in TIMES if getattr(one, name)) in LAWFUL


def test_a_referral_cannot_be_accepted_after_its_last_day():
    delivered = referrals.deliver(referral(), NOW)

    with pytest.raises(InvalidTransition) as refusal:
        referrals.accept(delivered, NOW, date(2026, 12, 5))

    assert refusal.value.state is referrals.State.EXPIRED


def test_an_appointment_is_used_once():
    booked = appointments.Appointment(
        uuid4(), "", RECIPIENT, date(2026, 12, 1), "", Diagnosis(), "", "", appointments.State.BOOKED, NOW
    )
    used = appointments.use(booked, NOW)

    for change in (appointments.use, appointments.cancel):
        with pytest.raises(InvalidTransition):
            change(used, NOW)


def test_a_lease_that_is_over_still_counts_until_the_message_was_taken_back():
    one = held(1, ends=-timedelta(seconds=5))

    assert messages.acknowledge(one, token_of(one), NOW).state is messages.State.ACKNOWLEDGED


def test_the_token_of_a_lease_that_was_taken_back_is_stale():
    one = held(1, ends=timedelta(0))
    back = messages.expire_lease(one, counted=True, max_attempts=3, now=NOW)

    with pytest.raises(StaleLease):
        messages.acknowledge(back, token_of(one), NOW)


def test_attempts_that_are_spent_make_a_message_dead():
    one = replace(held(1, ends=timedelta(0)), attempts=3)

    dead = messages.expire_lease(one, counted=True, max_attempts=3, now=NOW)

    assert (dead.state, dead.dead_reason) == (messages.State.DEAD, DeadReason.ATTEMPTS_SPENT)


def test_when_a_lease_runs_out_the_later_messages_of_that_sender_go_back_with_it_uncounted():
    late, later = held(2, ends=-timedelta(seconds=1)), held(3, ends=timedelta(hours=1))
    earlier = held(1, ends=timedelta(hours=1))
    other_sender = held(4, ends=timedelta(hours=1), sender=RECIPIENT)
    other_stream = held(5, ends=timedelta(hours=1), stream=UUID(int=8))

    going = messages.expired_leases([other_stream, later, other_sender, late, earlier], NOW)

    assert going == [(late, True), (later, False)]


@pytest.mark.parametrize(
    ("issued", "long_term", "last"),
    [
        # 10 working days over two weekends.
        (date(2026, 11, 20), False, date(2026, 12, 4)),
        # Over 30 April, a Friday and a holiday.
        (date(2027, 4, 26), False, date(2027, 5, 11)),
        (date(2026, 11, 20), True, date(2027, 11, 20)),
        (date(2028, 2, 29), True, date(2029, 2, 28)),
    ],
)
def test_a_slip_is_valid_for_ten_working_days_or_a_year(issued: date, long_term: bool, last: date):
    assert slip_validity.slip_valid_until(issued, long_term=long_term) == last


def test_days_that_the_government_makes_holidays_prolong_a_slip():
    tet = {date(2027, 2, day) for day in (5, 8, 9, 10, 11)}

    plain = slip_validity.slip_valid_until(date(2027, 2, 1), long_term=False)

    assert (plain, slip_validity.slip_valid_until(date(2027, 2, 1), long_term=False, holidays=tet)) == (
        date(2027, 2, 15),
        date(2027, 2, 22),
    )
