"""How far an encounter's papers are, from every order in which files may come."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.records.model.encounter_deadlines import OF_FACILITY, Deadline, Duty
from services.records.model.encounter_status import (
    CheckedIn,
    Facts,
    Missing,
    Refusal,
    Sent,
    State,
    Status,
    Tracked,
    encounter_id,
    first_open,
    sort_time,
    status_of,
)

ARRIVAL = datetime(2026, 11, 20, 1, tzinfo=UTC)
LEFT = ARRIVAL + timedelta(hours=2)
NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)
ROW = Tracked("01999", "LK", State.CHECKED_IN, NOON)
CHECKED_IN = CheckedIn(ARRIVAL, "01", ARRIVAL)
REFUSAL = Refusal(NOON, "ERROR_REASON_DOSSIER_REFUSED", (), 0, ARRIVAL, LEFT)

hours = st.integers(0, 24 * 40).map(lambda count: NOON + timedelta(hours=count))


def sent(time: datetime, *, version: int = 1, withdrawn: bool = False, unsent: int = 0) -> Sent:
    return Sent(UUID(int=1), version, withdrawn, ARRIVAL, LEFT, time, time, 0, unsent)


def of_duty(status: Status, duty: Duty) -> Deadline:
    (deadline,) = (each for each in status.deadlines if each.duty is duty)
    return deadline


def test_what_is_there_tells_the_state_and_what_is_missing():
    refused = replace(ROW, state=State.REFUSED, refusal=REFUSAL)
    corrected = replace(ROW, state=State.CORRECTED, refusal=REFUSAL)
    needs = replace(ROW, state=State.ACCEPTED, needs_check_in=True)
    later = NOON + timedelta(hours=1)
    stories = [
        (Facts(ROW, CHECKED_IN), State.CHECKED_IN, (Missing.DOSSIER,)),
        (Facts(refused, CHECKED_IN), State.REFUSED, (Missing.CORRECTION,)),
        (Facts(refused, None, sent(ARRIVAL)), State.REFUSED, (Missing.CORRECTION,)),
        (Facts(corrected, None, sent(later)), State.CORRECTED, ()),
        (Facts(needs, None, sent(NOON)), State.ACCEPTED, (Missing.CHECK_IN,)),
        (Facts(needs, CHECKED_IN, sent(NOON, version=2)), State.CORRECTED, ()),
        (Facts(needs, CHECKED_IN, sent(NOON, unsent=1)), State.ACCEPTED, (Missing.SLIP,)),
        (Facts(needs, None, sent(NOON, withdrawn=True)), State.WITHDRAWN, ()),
    ]

    for facts, state, missing in stories:
        status = status_of(facts)
        assert (facts.state, status.missing) == (state, missing)


def test_a_row_that_lags_behind_what_was_sent_describes_what_was_sent():
    """A server of the release before kept the dossier, and not the row."""
    behind = Facts(ROW, CHECKED_IN, sent(NOON))
    after_refusal = Facts(
        replace(ROW, state=State.REFUSED, refusal=REFUSAL), None, sent(LEFT + timedelta(days=1))
    )

    assert (behind.state, after_refusal.state) == (State.ACCEPTED, State.CORRECTED)
    assert status_of(behind).due_time is None


@given(hours, hours)
def test_a_correction_is_late_by_when_it_was_accepted(refused: datetime, accepted: datetime):
    refusal = replace(REFUSAL, time=refused)
    facts = Facts(replace(ROW, state=State.CORRECTED, refusal=refusal), None, sent(accepted))

    corrections = [each for each in status_of(facts).deadlines if each.duty is Duty.CORRECTION]

    # What was accepted before was sent again since: nothing is to be corrected.
    assert [each.done for each in corrections] == ([accepted] if accepted > refused else [])
    assert all(each.is_late(accepted) == (accepted > each.due) for each in corrections)


@given(st.none() | hours, st.none() | hours, st.booleans(), st.booleans())
def test_nothing_is_open_of_what_stands_or_was_withdrawn_and_something_of_all_else(
    accepted: datetime | None, refused: datetime | None, withdrawn: bool, is_checked_in: bool
):
    refusal = replace(REFUSAL, time=refused) if refused else None
    row = replace(ROW, state=State.REFUSED if refused else State.ACCEPTED, refusal=refusal)
    there = sent(accepted, withdrawn=withdrawn) if accepted else None
    facts = Facts(row, CHECKED_IN if is_checked_in else None, there)
    status = status_of(facts)

    open_duties = {each.duty for each in status.deadlines if each.is_open}
    assert open_duties <= OF_FACILITY
    if facts.state in (State.ACCEPTED, State.CORRECTED, State.WITHDRAWN):
        # A refusal that came with the acceptance itself, to the microsecond, is no story that happens.
        assert open_duties <= {Duty.CORRECTION} if accepted == refused else not open_duties
    elif facts.state is State.REFUSED:
        assert Duty.CORRECTION in open_duties
        assert Duty.DOSSIER not in open_duties
    elif is_checked_in:
        assert open_duties == {Duty.DOSSIER}


@given(st.lists(hours, min_size=1, max_size=4))
def test_what_is_due_first_is_the_first_that_is_open(dues: list[datetime]):
    deadlines = tuple(Deadline(Duty.DOSSIER, due, done=None if n % 2 else due) for n, due in enumerate(dues))

    first = first_open(deadlines)

    assert (first.due if first else None) == min(dues[1::2], default=None)


@given(st.none() | hours, hours, st.none() | hours, hours)
def test_the_list_has_what_is_due_first_then_the_last_received(
    due: datetime | None, received: datetime, other_due: datetime | None, other_received: datetime
):
    place, other = sort_time(due, received), sort_time(other_due, other_received)

    if due and other_due:
        assert (place < other) == (due < other_due)
    elif due or other_due:
        assert (place < other) == bool(due)
    else:
        assert (place < other) == (received > other_received)


def test_an_encounter_is_known_by_its_facility_and_its_key():
    keys = {encounter_id(facility, key) for facility in ("01999", "79999") for key in ("A", "B", "Á/B")}

    assert len(keys) == 6
    assert encounter_id("01999", "A") in keys
    assert uuid4() not in keys
