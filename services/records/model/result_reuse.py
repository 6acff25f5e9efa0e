"""
Which results may stand in for a test that is about to be ordered, and until when.

The periods are this exchange's defaults, set conservatively by the group of the service
code (the first two digits: chapters of the national list of technical services) or by
words of its name; no national table of periods is published.  A doctor may always order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from common.values import is_future
from kcb.vietnamese_text import folded


@dataclass(frozen=True, slots=True)
class ReuseRule:
    """How long results of a kind may be reused; no *days* means never."""

    name: str
    chapters: tuple[str, ...]
    words: tuple[str, ...]
    days: int | None


# The first rule that fits counts; the last fits everything.
RULES = (
    ReuseRule("blood-gas-never", (), ("khí máu", "blood gas"), None),
    ReuseRule("coagulation-3-days", (), ("đông máu", "prothrombin", "inr"), 3),
    ReuseRule("blood-group-10-years", (), ("nhóm máu", "blood group"), 3650),
    ReuseRule("hba1c-90-days", (), ("hba1c",), 90),
    ReuseRule("ultrasound-30-days", (), ("siêu âm", "ultrasound"), 30),
    ReuseRule("haematology-7-days", ("22",), (), 7),
    ReuseRule("chemistry-14-days", ("23",), (), 14),
    ReuseRule("microbiology-14-days", ("24",), (), 14),
    ReuseRule("pathology-365-days", ("25",), (), 365),
    ReuseRule("imaging-90-days", ("18", "19"), (), 90),
    ReuseRule("endoscopy-90-days", ("20",), (), 90),
    ReuseRule("function-30-days", ("21",), (), 30),
    ReuseRule("other-7-days", ("",), (), 7),
)

NONE_FOUND, TOO_OLD, NOT_SEARCHED, NEVER_REUSED = "none-found", "too-old", "not-searched", "never-reused"
TIME_UNKNOWN = "time-unknown"


@dataclass(frozen=True, slots=True)
class OrderedTest:
    """A test about to be ordered; one of the two may be empty."""

    service_code: str
    indicator_code: str


@dataclass(frozen=True, slots=True)
class PastResult:
    """A result; *known_time* is when it was performed or given, None when nobody knows."""

    id: UUID
    dossier: UUID
    service_code: str
    service_name: str
    indicator_code: str
    indicator_name: str
    known_time: datetime | None


@dataclass(frozen=True, slots=True)
class ReuseChoice:
    """What answers one order: the results of its latest time, and why they may not be reused.

    *age* is that of the latest.  What is older than the rule allows never comes along with what is not.
    """

    order: OrderedTest
    results: tuple[UUID, ...]
    age: timedelta | None
    rule: ReuseRule
    why_not: str


def rule_for(service_code: str, names: str) -> ReuseRule:
    words = folded(names)
    return next(
        rule
        for rule in RULES
        if any(folded(word) in words for word in rule.words)
        or any(service_code.startswith(c) for c in rule.chapters)
    )


def choose_results(
    order: OrderedTest, results: Sequence[PastResult], now: datetime, *, searched_all: bool
) -> ReuseChoice:
    fitting = [result for result in results if fits(order, result)]
    if not fitting:
        why_not = NONE_FOUND if searched_all else NOT_SEARCHED
        return ReuseChoice(order, (), None, rule_for(order.service_code, ""), why_not)
    ages = {result.id: age for result in fitting if (age := age_of(result, now)) is not None}
    latest = min(fitting, key=lambda result: ages.get(result.id, timedelta.max))
    rule = rule_for(latest.service_code, f"{latest.service_name} {latest.indicator_name}")
    why_not = refusal_of(rule, ages.get(latest.id))
    together = tuple(
        result.id
        for result in fitting
        if result.dossier == latest.dossier and refusal_of(rule, ages.get(result.id)) == why_not
    )
    return ReuseChoice(order, together, ages.get(latest.id), rule, why_not)


def age_of(result: PastResult, now: datetime) -> timedelta | None:
    """Return how old *result* is; None when nobody knows, or it says to be of the future."""
    if result.known_time is None or is_future(result.known_time, now):
        return None
    return max(now - result.known_time, timedelta())


def refusal_of(rule: ReuseRule, age: timedelta | None) -> str:
    if rule.days is None:
        return NEVER_REUSED
    if age is None:
        return TIME_UNKNOWN
    return TOO_OLD if age > timedelta(days=rule.days) else ""


def fits(order: OrderedTest, result: PastResult) -> bool:
    return (order.service_code in ("", result.service_code)) and (
        order.indicator_code in ("", result.indicator_code)
    )


def codes_of(orders: Iterable[OrderedTest]) -> tuple[list[str], list[str]]:
    services = {order.service_code for order in orders if order.service_code}
    indicators = {order.indicator_code for order in orders if order.indicator_code and not order.service_code}
    return sorted(services), sorted(indicators)
