"""
Which results may stand in for a test that is about to be ordered, and until when.

The periods are a table (`reuse_periods`) and count from sampling or performing.  A doctor may always order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from common.values import day_of, is_future
from kcb.vietnamese_text import folded

from .laboratory_quality import NOT_ASKED, Quality
from .reuse_periods import ReusePeriod, period_for

NONE_FOUND, TOO_OLD, NOT_SEARCHED, NEVER_REUSED = "none-found", "too-old", "not-searched", "never-reused"
TIME_UNKNOWN, NOT_POSITIVE = "time-unknown", "not-positive"

# How XML4 writes that a finding is positive (dương tính), folded: by how it begins, and in whole.
POSITIVE_BEGINNINGS, POSITIVE_SIGNS = ("duong tinh", "positive"), frozenset({"pos", "(+)", "+"})


@dataclass(frozen=True, slots=True)
class OrderedTest:
    """A test about to be ordered; one of the two may be empty."""

    service_code: str
    indicator_code: str


@dataclass(frozen=True, slots=True)
class PastResult:
    """A result; *known_time* is when it was performed or given, None when nobody knows.

    *performed* says that it is the first of these.  *quality* is what its laboratory is recognised by,
    and whether the reader may use that.
    """

    id: UUID
    dossier: UUID
    service_code: str
    indicator_code: str
    known_time: datetime | None
    performed: bool = True
    positive: bool = False
    quality: Quality = NOT_ASKED


@dataclass(frozen=True, slots=True)
class ReuseChoice:
    """What answers one order: the results of one time, and why they may not be reused.

    It is the latest time of which some may be, else the latest; *newer* are those after it.  *age* is that
    of the latest of them.  What is older than the period never comes along with what is not.
    """

    order: OrderedTest
    results: tuple[UUID, ...]
    age: timedelta | None
    period: ReusePeriod
    why_not: str
    newer: tuple[UUID, ...] = ()
    quality: Quality = NOT_ASKED


@dataclass(frozen=True, slots=True)
class _Candidate:
    result: PastResult
    age: timedelta | None
    period: ReusePeriod
    why_not: str

    @property
    def order(self) -> tuple[timedelta, str]:
        """The latest first; of one time, always the same dossier first."""
        return (timedelta.max if self.age is None else self.age, str(self.result.dossier))


def choose_results(
    order: OrderedTest, results: Sequence[PastResult], now: datetime, *, searched_all: bool
) -> ReuseChoice:
    candidates = [_candidate(result, now) for result in results if fits(order, result)]
    if not candidates:
        why_not = NONE_FOUND if searched_all else NOT_SEARCHED
        period = period_for(order.service_code, order.indicator_code, day_of(now))
        return ReuseChoice(order, (), None, period, why_not)
    chosen = min(candidates, key=lambda candidate: (bool(candidate.why_not), candidate.order))
    together = tuple(
        candidate.result.id
        for candidate in candidates
        if candidate.result.dossier == chosen.result.dossier and candidate.why_not == chosen.why_not
    )
    newer = tuple(
        candidate.result.id
        for candidate in candidates
        if candidate.result.id not in together and _is_newer(candidate.age, chosen.age)
    )
    return ReuseChoice(
        order, together, chosen.age, chosen.period, chosen.why_not, newer, chosen.result.quality
    )


def _candidate(result: PastResult, now: datetime) -> _Candidate:
    age = age_of(result, now)
    period = period_for(result.service_code, result.indicator_code, day_of(now))
    return _Candidate(result, age, period, refusal_of(period, result, age))


def _is_newer(age: timedelta | None, than: timedelta | None) -> bool:
    return age is not None and than is not None and age < than


def age_of(result: PastResult, now: datetime) -> timedelta | None:
    """Return how old *result* is; None when nobody knows, or it says to be of the future."""
    if result.known_time is None or is_future(result.known_time, now):
        return None
    return max(now - result.known_time, timedelta())


def refusal_of(period: ReusePeriod, result: PastResult, age: timedelta | None) -> str:
    """Return why *result* may not be reused, empty when it may.

    One of which only the time of the result is known was performed before that: it may be too old, and
    never that it is not.
    """
    if period.length is None:
        return NEVER_REUSED
    if age is not None and age > period.length:
        return TOO_OLD
    if age is None or not result.performed:
        return TIME_UNKNOWN
    if period.only_positive and not result.positive:
        return NOT_POSITIVE
    return result.quality.why_not if period.laboratory else ""


def is_positive(value: str, conclusion: str) -> bool:
    texts = [folded(text).strip() for text in (value, conclusion)]
    return any(text.startswith(POSITIVE_BEGINNINGS) or text in POSITIVE_SIGNS for text in texts)


def fits(order: OrderedTest, result: PastResult) -> bool:
    return (order.service_code in ("", result.service_code)) and (
        order.indicator_code in ("", result.indicator_code)
    )


def codes_of(orders: Iterable[OrderedTest]) -> tuple[list[str], list[str]]:
    services = {order.service_code for order in orders if order.service_code}
    indicators = {order.indicator_code for order in orders if order.indicator_code and not order.service_code}
    return sorted(services), sorted(indicators)
