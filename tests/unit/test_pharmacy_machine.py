"""Whatever pharmacies and facilities do, in whatever order: no line is ever oversold."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from common.faults import RuleViolated
from services.pharmacy.model import claims, dispensings, prescriptions
from services.pharmacy.model.dispensings import Dispensing, RequestedLine
from services.pharmacy.model.drugs import Medicine
from services.pharmacy.model.prescriptions import Line, Prescription, State, Tranche, state_of

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # nine in the morning in Viet Nam
HOLD = timedelta(minutes=15)
PARACETAMOL = Medicine(inn="Paracetamol", registration_number="VD-12345-26", strength="500 mg")
PHARMACIES = tuple(f"//identity.lientuyen/facilities/NT0000{n}" for n in (1, 2, 3))


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def written(*amounts: int, tranches: tuple[Tranche, ...] = (), tranche: int = 0) -> Prescription:
    """A prescription with lines of so many thousandths."""
    lines = tuple(
        Line(number, PARACETAMOL, "viên", amount, "1 viên/ngày", tranche=tranche)
        for number, amount in enumerate(amounts, 1)
    )
    return Prescription(
        id=UUID(int=1),
        code="01999abcdefg-c",
        facility="//identity.lientuyen/facilities/01999",
        practitioner="GPHN-1",
        person="//identity.lientuyen/persons/somebody",
        prescribe_time=START,
        expire_time=prescriptions.expire_time(START, tranches),
        lines=lines,
        tranches=tranches,
    )


def claimed(
    prescription: Prescription, who: int = 0, token: str = "t", now: datetime = START
) -> Prescription:
    return claims.claim(prescription, PHARMACIES[who], digest(token), now, HOLD)


def why_not(move, *args) -> RuleViolated:
    with pytest.raises(RuleViolated) as caught:
        move(*args)
    return caught.value


class Counter(RuleBasedStateMachine):
    """Three pharmacies with old and new tokens, a facility, and a clock, against one prescription."""

    @initialize(amounts=strategies.lists(strategies.integers(1, 5000), min_size=1, max_size=4))
    def issue(self, amounts):
        self.prescription = written(*amounts)
        self.now = START
        self.tokens: list[tuple[int, str]] = []
        self.dispensings: list[Dispensing] = []

    def attempt(self, move, *args):
        """Make a move or be refused; a refusal changes nothing."""
        try:
            return move(*args)
        except RuleViolated:
            return None

    @rule(who=strategies.integers(0, 2))
    def claim(self, who):
        token = uuid4().hex
        after = self.attempt(claims.claim, self.prescription, PHARMACIES[who], digest(token), self.now, HOLD)
        held = self.prescription.live_claim(self.now)
        if after is not None:
            assert held is None or held.pharmacy == PHARMACIES[who]
            self.prescription = after
            self.tokens.append((who, token))

    @rule(data=strategies.data(), who=strategies.integers(0, 2))
    def dispense(self, data, who):
        token = data.draw(strategies.sampled_from([*[t for _, t in self.tokens], "guess"]))
        requested = data.draw(
            strategies.lists(
                strategies.builds(RequestedLine, strategies.integers(1, 5), strategies.integers(1, 5000)),
                min_size=1,
                max_size=4,
            )
        )
        outcome = self.attempt(
            dispensings.dispense, self.prescription, PHARMACIES[who], digest(token), requested, self.now
        )
        if outcome is not None:
            held = self.prescription.live_claim(self.now)
            assert held is not None
            assert (held.pharmacy, held.digest) == (PHARMACIES[who], digest(token))
            self.prescription = outcome.prescription
            self.dispensings.append(
                Dispensing(
                    uuid4(), self.prescription.id, "", PHARMACIES[who], "DS-1", self.now, outcome.lines
                )
            )

    @rule(data=strategies.data())
    def release(self, data):
        if self.tokens:
            who, token = data.draw(strategies.sampled_from(self.tokens))
            after = self.attempt(claims.release, self.prescription, PHARMACIES[who], digest(token), self.now)
            self.prescription = after or self.prescription

    @rule(data=strategies.data())
    def reverse(self, data):
        if self.dispensings:
            index = data.draw(strategies.integers(0, len(self.dispensings) - 1))
            after = self.attempt(dispensings.reverse, self.prescription, self.dispensings[index], self.now)
            if after is not None:
                self.prescription, self.dispensings[index] = after

    @rule()
    def cancel(self):
        self.prescription = (
            self.attempt(prescriptions.cancel, self.prescription, "", self.now) or self.prescription
        )

    @rule(minutes=strategies.sampled_from([1, 14, 16, 60 * 24, 60 * 24 * 6]))
    def wait(self, minutes):
        self.now += timedelta(minutes=minutes)

    @invariant()
    def no_line_is_oversold_and_the_counters_are_the_sum_of_what_counts(self):
        for line in self.prescription.lines:
            counting = sum(
                dispensing.quantities.get(line.number, 0)
                for dispensing in self.dispensings
                if not dispensing.reverse_time
            )
            assert line.dispensed == counting
            assert 0 <= line.dispensed <= line.prescribed

    @invariant()
    def what_was_cancelled_was_never_handed_over(self):
        if state_of(self.prescription, self.now) is State.CANCELLED:
            assert not any(line.dispensed for line in self.prescription.lines)


Counter.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestCounter = Counter.TestCase


def test_the_whole_life_in_order():
    prescription = written(2000)
    states = [state_of(prescription, START)]
    prescription = claimed(prescription)
    states.append(state_of(prescription, START))
    prescription = dispensings.dispense(
        prescription, PHARMACIES[0], digest("t"), [RequestedLine(1, 500)], START
    ).prescription
    states.append(state_of(prescription, START))
    prescription = dispensings.dispense(
        claimed(prescription, 1, "u"), PHARMACIES[1], digest("u"), [RequestedLine(1, 1500)], START
    ).prescription
    states.append(state_of(prescription, START))

    assert states == [State.ISSUED, State.CLAIMED, State.PARTLY_DISPENSED, State.DISPENSED]
    assert why_not(claimed, prescription, 2).reason == "NOTHING_LEFT"


def test_a_claim_keeps_others_out_and_tells_them_when_to_come_back():
    refused = why_not(claimed, claimed(written(1000)), 1)

    assert (refused.reason, refused.metadata) == (
        "CLAIMED_BY_ANOTHER",
        {"retry_time": "2026-11-20T02:15:00Z"},
    )


def test_a_claim_that_ran_out_lets_the_next_in_and_its_token_is_void():
    later = START + HOLD
    prescription = claimed(claimed(written(1000)), 1, "u", later)

    assert why_not(
        dispensings.dispense, prescription, PHARMACIES[0], digest("t"), [RequestedLine(1, 1)], later
    ).reason == ("CLAIM_EXPIRED")


def test_a_claim_made_in_time_may_be_used_after_the_last_day():
    just_in_time = written(1000).expire_time - timedelta(minutes=1)
    prescription = claimed(written(1000), now=just_in_time)
    after = dispensings.dispense(
        prescription, PHARMACIES[0], digest("t"), [RequestedLine(1, 400)], just_in_time + timedelta(minutes=5)
    ).prescription

    assert state_of(after, just_in_time + timedelta(minutes=5)) is State.EXPIRED
    assert after.lines[0].dispensed == 400


def test_it_expires_at_midnight_in_viet_nam_after_the_fifth_day():
    prescription = written(1000)

    assert prescription.expire_time == datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
    assert why_not(claimed, prescription, 0, "t", prescription.expire_time).reason == "PRESCRIPTION_EXPIRED"


def test_too_much_of_two_lines_names_both_and_the_earlier_entries_count():
    prescription = claimed(written(1000, 2000))
    requested = [RequestedLine(1, 800), RequestedLine(2, 2001), RequestedLine(1, 300)]
    refused = why_not(dispensings.dispense, prescription, PHARMACIES[0], digest("t"), requested, START)

    assert refused.reason == "QUANTITY_EXCEEDS_REMAINING"
    assert [fault.field for fault in refused.faults] == ["lines[1].quantity", "lines[2].quantity"]
    assert refused.metadata == {"line": "2", "remaining": "2"}


def test_a_tranche_is_collected_on_its_own_days_only():
    day = prescriptions.day_of(START)
    tranche = Tranche(1, day + timedelta(days=1), day + timedelta(days=10))
    prescription = written(1000, tranches=(tranche,), tranche=1)

    refused = why_not(claimed, prescription)
    assert (refused.reason, refused.metadata) == ("TRANCHE_CLOSED", {"opens": "2026-11-21"})
    assert (
        state_of(claimed(prescription, now=START + timedelta(days=10)), START + timedelta(days=10))
        is State.CLAIMED
    )
    assert why_not(claimed, prescription, 0, "t", START + timedelta(days=11)).reason == "PRESCRIPTION_EXPIRED"


def test_a_prescription_in_use_cannot_be_cancelled():
    assert why_not(prescriptions.cancel, claimed(written(1)), "", START).metadata["state"] == "CLAIMED"
    assert why_not(prescriptions.cancel, written(1), "v7", START).reason == "ETAG_STALE"


def test_a_replacement_is_for_the_same_person():
    new = replace(written(1), id=UUID(int=2), person="//identity.lientuyen/persons/another")

    refused = why_not(prescriptions.supersede, written(1), new, new.person, "", START)
    assert refused.reason == "PERSON_CHANGED"


def test_a_replacement_may_call_the_person_by_the_name_of_a_merged_entry():
    old, new = written(1), replace(written(1), id=UUID(int=2), person="//identity.lientuyen/persons/another")

    replaced, kept = prescriptions.supersede(old, new, old.person, "", START)

    assert (replaced.replaced_by, kept.person) == (new.id, new.person)
