"""What the registers say of a file is told by a rule of the catalogue."""

import grpc
import pytest

from chassis.errors import FailedPrecondition, NotFound, ServiceError
from kcb.rule_catalogue import RULES
from lientuyen.identity.v1 import error_reasons as identity_reasons
from lientuyen.routing.v1 import error_reasons as routing_reasons
from services.records.convert.slip_refusals import RULE_OF_REASON, verdict_of
from services.records.directory import Directory
from services.records.peers import PersonLookup


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
