"""What the registers say of a file is told by a rule of the catalogue."""

from datetime import UTC, date, datetime

import grpc
import pytest

from chassis.errors import FailedPrecondition, NotFound, ServiceError
from kcb.registers import KnownSlip
from kcb.rule_catalogue import RULES
from lientuyen.identity.v1 import error_reasons as identity_reasons
from lientuyen.routing.v1 import error_reasons as routing_reasons
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.date_pb2 import Date
from services.records.convert.slip_refusals import RULE_OF_REASON, verdict_of
from services.records.directory import Directory
from services.records.peers import PersonLookup, _referral_slip


class Doubtful:
    """An identity in which several persons claim a number."""

    channel = None

    async def ask(self, *_: object) -> None:
        raise FailedPrecondition(identity_reasons.PERSON_AMBIGUOUS, count="2")


async def test_a_number_of_several_persons_is_ambiguous(monkeypatch: pytest.MonkeyPatch):
    lookup = PersonLookup.__new__(PersonLookup)
    lookup._peer = Doubtful()  # type: ignore[assignment]
    monkeypatch.setattr("services.records.peers._find_request", lambda *_: None)
    lookup._persons = type("Stub", (), {"FindPerson": None})()  # type: ignore[assignment]

    rule = await lookup.find_person(None, "")  # type: ignore[arg-type]

    assert rule == "person-ambiguous"
    assert RULES[rule].refuses


@pytest.mark.parametrize(
    ("error", "rule", "field"),
    [
        (
            FailedPrecondition(routing_reasons.RECIPIENT_CLOSED, recipient="x"),
            "recipient-closed",
            "MA_CSKCB_DEN",
        ),
        (NotFound(routing_reasons.RECIPIENT_UNKNOWN, recipient="x"), "recipient-unknown", "MA_CSKCB_DEN"),
        (FailedPrecondition(routing_reasons.REFERRAL_TO_SELF, recipient="x"), "to-self", "MA_CSKCB_DEN"),
        (NotFound(routing_reasons.RECEIPT_NOT_FOUND, receipt="x"), "refused", ""),
    ],
)
def test_what_routing_refuses_a_slip_for_has_a_rule(error: ServiceError, rule: str, field: str):
    verdict = verdict_of(error, "XML13")

    assert verdict.fault is not None
    assert (verdict.fault.rule, verdict.fault.field) == (f"slip-{rule}", f"XML13.{field}".rstrip("."))
    assert not RULES[verdict.fault.rule].refuses


def test_every_reason_of_routing_leads_to_a_rule_of_the_catalogue():
    assert {rule for rule, _ in RULE_OF_REASON.values()} <= set(RULES)


@pytest.mark.parametrize(
    ("state", "complete_day", "used", "ended"),
    [
        (Referral.STATE_DELIVERED, None, False, False),
        (Referral.STATE_ACCEPTED, None, False, False),
        (Referral.STATE_COMPLETED, 19, True, False),
        # What was done on the day of arrival was done by this visit.
        (Referral.STATE_COMPLETED, 20, False, False),
        (Referral.STATE_DECLINED, None, False, True),
        (Referral.STATE_CANCELLED, None, False, True),
        # Its last day says that it is over.
        (Referral.STATE_EXPIRED, None, False, False),
    ],
)
def test_a_referral_was_used_when_it_was_done_before_the_arrival(
    state: Referral.State, complete_day: int | None, used: bool, ended: bool
):
    referral = Referral(state=state, valid_until=Date(year=2026, month=11, day=24))
    if complete_day:
        referral.complete_time.FromDatetime(datetime(2026, 11, complete_day, 10, tzinfo=UTC))

    slip = _referral_slip(referral, date(2026, 11, 20))

    assert slip == KnownSlip("20261124", used=used, ended=ended)


class Unasked:
    """A peer that nobody asks."""

    def __init__(self) -> None:
        self.channel = grpc.aio.insecure_channel("localhost:1")


async def test_the_directory_keeps_no_more_numbers_than_it_may(monkeypatch: pytest.MonkeyPatch):
    directory, reads = Directory(Unasked()), []  # type: ignore[arg-type]

    async def pages(_: object, facility: str) -> frozenset[str]:
        reads.append(facility)
        return frozenset({f"{facility}.1", f"{facility}.2"})

    monkeypatch.setattr(directory, "_pages", pages)
    monkeypatch.setattr("services.records.directory.MAX_KEPT_NUMBERS", 5)
    for facility in ("A", "A", "B", "A", "C", "A"):
        assert await directory.licences(facility) == {f"{facility}.1", f"{facility}.2"}

    assert reads == ["A", "B", "C", "A"]


async def test_a_directory_that_does_not_answer_is_not_asked_at_once_again(monkeypatch: pytest.MonkeyPatch):
    directory, reads = Directory(Unasked()), []  # type: ignore[arg-type]

    async def pages(_: object, facility: str) -> frozenset[str]:
        reads.append(facility)
        raise NotFound(routing_reasons.RECIPIENT_UNKNOWN, recipient="x")

    monkeypatch.setattr(directory, "_pages", pages)
    with pytest.raises(NotFound):
        await directory.licences("A")

    assert await directory.licences("A") is None
    assert reads == ["A"]
