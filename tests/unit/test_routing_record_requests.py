"""Record requests as a state machine: whatever holders, requester, clock and consent do, in any order."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.routing.model import record_requests as model
from services.routing.model.record_requests import Holder, HolderState, RecordRequest, State
from services.routing.model.state_machine import InvalidTransition

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
FACILITIES = [f"//identity.lientuyen/facilities/{code}" for code in ("79999", "79024", "01929", "01930")]
REQUESTER = "//identity.lientuyen/facilities/01999"
ENDS = frozenset(HolderState) - {HolderState.ASKED}


def new_request(*holders: Holder) -> RecordRequest:
    empty = RecordRequest(
        id=UUID(int=1),
        person="//identity.lientuyen/persons/0",
        requester=REQUESTER,
        scope="",
        access=b"",
        state=State.REQUESTED,
        create_time=NOW,
        deadline=NOW + timedelta(days=3),
    )
    return model.ask(empty, holders, NOW)


def asked(*facilities: str) -> RecordRequest:
    return new_request(*(Holder(facility, ask=uuid4()) for facility in facilities))


def holder_of(request: RecordRequest, facility: str) -> Holder:
    holder = request.holder(facility)
    assert holder is not None
    return holder


class Life(RuleBasedStateMachine):
    """Applies actions to a request beside a plain account of who did what, in the words of the contract."""

    request: RecordRequest

    @initialize(
        facilities=st.lists(st.sampled_from(FACILITIES), unique=True, max_size=4),
        unreachable=st.sets(st.sampled_from(FACILITIES)),
    )
    def ask(self, facilities: list[str], unreachable: set[str]) -> None:
        self.request = new_request(
            *(
                Holder(name, HolderState.UNREACHABLE if name in unreachable else HolderState.ASKED)
                for name in facilities
            )
        )
        self.waiting = {name for name in facilities if name not in unreachable}
        self.sent: dict[str, list[UUID]] = {name: [] for name in facilities}
        self.closed = False

    @rule(facility=st.sampled_from(FACILITIES), action=st.sampled_from(["answer", "fulfil", "decline"]))
    def a_holder_does(self, facility: str, action: str) -> None:
        holder, message = self.request.holder(facility), uuid4()
        if holder is None:
            return
        before = self.request
        try:
            if action == "answer":
                self.request = model.answer(self.request, holder, message)
            elif action == "fulfil":
                self.request = model.fulfil(self.request, holder, message, NOW)
            else:
                self.request = model.decline(self.request, holder, "không có", NOW)
        except InvalidTransition:
            assert facility not in self.waiting
            assert self.request == before
            return
        assert facility in self.waiting
        if action != "decline":
            self.sent[facility].append(message)
        if action != "answer":
            self.waiting.discard(facility)

    @rule()
    def the_deadline_comes(self) -> None:
        if self.request.is_open:
            self.request = model.expire(self.request, NOW)
            self.waiting.clear()

    @rule(action=st.sampled_from(["cancel", "stop"]))
    def it_is_ended(self, action: str) -> None:
        state = self.request.state
        allowed = {
            "cancel": {State.REQUESTED},
            "stop": {State.REQUESTED, State.FULFILLED, State.PARTIAL},
        }[action]
        with suppress(InvalidTransition):
            self.request = (
                model.cancel(self.request, "", NOW) if action == "cancel" else model.stop(self.request, NOW)
            )
            assert state in allowed
            self.waiting.clear()
            self.closed = True
        assert self.closed or state not in allowed

    @invariant()
    def it_is_open_while_somebody_has_to_answer(self) -> None:
        waiting = {each.facility for each in self.request.holders if each.state is HolderState.ASKED}
        assert waiting == self.waiting
        assert self.request.is_open == bool(waiting)
        assert (self.request.finish_time is None) == self.request.is_open

    @invariant()
    def nothing_that_was_sent_is_forgotten_or_told_twice(self) -> None:
        assert {each.facility: list(each.answers) for each in self.request.holders} == self.sent

    @invariant()
    def its_end_tells_who_sent_records(self) -> None:
        states = [each.state for each in self.request.holders]
        if self.request.state is State.DECLINED:
            assert set(states) == {HolderState.DECLINED}
        elif self.request.state is State.FULFILLED:
            assert set(states) <= {HolderState.FULFILLED, HolderState.DECLINED}
        elif self.request.state is State.PARTIAL:
            assert any(self.sent.values())
        elif self.request.state is State.EXPIRED:
            assert not any(self.sent.values())


Life.TestCase.settings = settings(max_examples=150, stateful_step_count=12, deadline=None)
TestLife = Life.TestCase


def test_it_is_fulfilled_when_the_last_has_answered_and_one_sent_records():
    first, second = FACILITIES[:2]
    request = asked(first, second)
    request = model.fulfil(request, holder_of(request, first), uuid4(), NOW)
    between = request.state
    request = model.decline(request, holder_of(request, second), "không có", NOW)

    assert (between, request.state) == (State.REQUESTED, State.FULFILLED)


def test_a_holder_that_sent_only_a_part_makes_it_partial_at_the_deadline():
    request = asked(*FACILITIES[:2])
    request = model.answer(request, request.holders[0], uuid4())
    request = model.expire(request, NOW)

    assert request.state is State.PARTIAL
    assert {each.state for each in request.holders} == {HolderState.EXPIRED}


def test_nobody_to_ask_is_its_end_and_nobody_who_could_be_asked_too():
    assert new_request().state is State.FULFILLED
    assert new_request(Holder(FACILITIES[0], HolderState.UNREACHABLE)).state is State.EXPIRED


def test_one_message_counts_once():
    request = asked(FACILITIES[0])
    message = uuid4()
    request = model.answer(request, request.holders[0], message)
    request = model.fulfil(request, request.holders[0], message, NOW)

    assert request.holders[0].answers == (message,)


def test_an_ended_request_is_not_ended_again():
    cancelled = model.cancel(asked(FACILITIES[0]), "", NOW)

    for action in (lambda: model.cancel(cancelled, "", NOW), lambda: model.stop(cancelled, NOW)):
        with pytest.raises(InvalidTransition):
            action()
