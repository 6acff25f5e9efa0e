"""
A prescription and the moves it can make.

    issued → claimed → partly dispensed → dispensed
    a claim ends with a dispensing, a release, or its time
    issued → cancelled | replaced;   not claimed in its days → expired

The state is never stored: it follows from the lines, the claim, the end and the
clock, so no sweeper can be late and no two can disagree.  Each move takes a
prescription and returns another, or raises `Refused`.  The one rule a newcomer
would break: a move is only true under the prescription's row lock.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import Enum, StrEnum
from uuid import UUID

from .drugs import Medicine
from .findings import Refused

VIETNAM = timezone(timedelta(hours=7))

# A prescription may be used for 5 days, counted from the day after the one on which
# it was written, which favours the patient (TT 26/2025/TT-BYT: "tối đa 05 ngày, kể từ
# ngày kê đơn").
VALID_DAYS = 5


class Type(StrEnum):
    """What kind of drugs it holds: the last letter of the code (list PRESCRIPTION_TYPE)."""

    NARCOTIC = "n"
    PSYCHOTROPIC = "h"
    COMMON = "c"
    TRADITIONAL = "y"
    DECOCTION = "t"


class State(Enum):
    """Where a prescription is in its life."""

    ISSUED = 1
    CLAIMED = 2
    PARTLY_DISPENSED = 3
    DISPENSED = 4
    CANCELLED = 5
    REPLACED = 6
    EXPIRED = 7


@dataclass(frozen=True, slots=True)
class Line:
    """One drug; *prescribed* and *dispensed* in thousandths of *unit*, 0 ≤ dispensed ≤ prescribed."""

    number: int
    drug: Medicine
    unit: str
    prescribed: int
    dose: str
    quantity_words: str = ""
    days: int = 0
    tranche: int = 0
    dispensed: int = 0

    @property
    def remaining(self) -> int:
        """How much is left, in thousandths."""
        return self.prescribed - self.dispensed


@dataclass(frozen=True, slots=True)
class Tranche:
    """A part with its own days (đợt dùng thuốc), both included."""

    number: int
    start_day: date
    end_day: date

    def holds(self, day: date) -> bool:
        """Tell whether its lines may be dispensed on *day*."""
        return self.start_day <= day <= self.end_day


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis as coded (ICD-10)."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Child:
    """Age in whole months and weight in grams, 0 when it was not taken."""

    age_months: int
    weight_grams: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A pharmacy's hold; *digest* is the SHA-256 of its token, which is not kept."""

    pharmacy: str
    digest: bytes
    expire_time: datetime


@dataclass(frozen=True, slots=True)
class Prescription:
    """A prescription.  `claim` is the last one that was not ended, whether or not its time is over."""

    id: UUID
    code: str
    facility: str
    practitioner: str
    person: str
    prescribe_time: datetime
    expire_time: datetime
    lines: tuple[Line, ...]
    diagnoses: tuple[Diagnosis, ...] = ()
    treatment_form: int = 0
    chronic: bool = False
    tranches: tuple[Tranche, ...] = ()
    advice: str = ""
    follow_up_days: int = 0
    child: Child | None = None
    replaces: UUID | None = None
    replaced_by: UUID | None = None
    cancelled: bool = False
    create_time: datetime | None = None
    version: int = 1
    claim: Claim | None = None

    @property
    def name(self) -> str:
        """The resource name."""
        return f"prescriptions/{self.id}"

    @property
    def type(self) -> Type:
        """The kind of drugs, from the code."""
        return Type(self.code[-1].lower())

    @property
    def etag(self) -> str:
        """What changes with every change."""
        return f"v{self.version}"

    def line(self, number: int) -> Line | None:
        """Return the line with *number*, or None."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else None

    def live_claim(self, now: datetime) -> Claim | None:
        """Return the claim that holds at *now*, or None."""
        return self.claim if self.claim is not None and now < self.claim.expire_time else None


def state_of(it: Prescription, now: datetime) -> State:
    """Return the state at *now*."""
    if it.replaced_by is not None:
        return State.REPLACED
    if it.cancelled:
        return State.CANCELLED
    if not any(line.remaining for line in it.lines):
        return State.DISPENSED
    if it.live_claim(now) is not None:
        return State.CLAIMED
    if now >= it.expire_time:
        return State.EXPIRED
    return State.PARTLY_DISPENSED if any(line.dispensed for line in it.lines) else State.ISSUED


def expire_time(prescribe_time: datetime, tranches: tuple[Tranche, ...]) -> datetime:
    """Return the instant before which it may be claimed: a midnight of Viet Nam."""
    last = prescribe_time.astimezone(VIETNAM).date() + timedelta(days=VALID_DAYS)
    if tranches:
        last = max(one.end_day for one in tranches)
    return datetime.combine(last + timedelta(days=1), time(), VIETNAM)


def claim(it: Prescription, pharmacy: str, digest: bytes, now: datetime, hold: timedelta) -> Prescription:
    """Return *it*, held by *pharmacy* for *hold*.  The holder may claim anew: the old token is void."""
    refuse_ended(it)
    if state_of(it, now) is State.DISPENSED:
        raise Refused("NOTHING_LEFT", name=it.name)
    held = it.live_claim(now)
    if held is not None and held.pharmacy != pharmacy:
        raise Refused("CLAIMED_BY_ANOTHER", retry_time=rfc3339(held.expire_time))
    if now >= it.expire_time:
        raise Refused("PRESCRIPTION_EXPIRED", name=it.name, expire_time=rfc3339(it.expire_time))
    if not open_lines(it, day_of(now)):
        raise Refused("TRANCHE_CLOSED", opens=next_opening(it, day_of(now)))
    return replace(it, claim=Claim(pharmacy, digest, now + hold), version=it.version + 1)


def release(it: Prescription, pharmacy: str, digest: bytes, now: datetime) -> Prescription:
    """Return *it*, held by nobody; only who holds it may let it go."""
    require_claim(it, pharmacy, digest, now)
    refuse_ended(it)
    return replace(it, claim=None, version=it.version + 1)


def cancel(it: Prescription, etag: str, now: datetime) -> Prescription:
    """Return *it*, cancelled; only while nobody holds it and nothing was dispensed."""
    require_unused(it, etag, now)
    return replace(it, cancelled=True, version=it.version + 1)


def supersede(
    it: Prescription, by: Prescription, person: str, etag: str, now: datetime
) -> tuple[Prescription, Prescription]:
    """Return *it*, replaced, and *by*, which replaces it; under the same conditions as `cancel`.

    *person* is the name that the person of *by* had when *it* was issued.
    """
    require_unused(it, etag, now)
    if person != it.person:
        raise Refused("PERSON_CHANGED", field="prescription.person")
    return replace(it, replaced_by=by.id, version=it.version + 1), replace(by, replaces=it.id)


def taken(it: Prescription, quantities: Mapping[int, int]) -> Prescription:
    """Return *it* with so many thousandths more dispensed of each line; negative puts back."""
    lines = tuple(replace(one, dispensed=one.dispensed + quantities.get(one.number, 0)) for one in it.lines)
    return replace(it, lines=lines, version=it.version + 1)


def open_lines(it: Prescription, day: date) -> list[Line]:
    """Return the lines of which something is left and may be dispensed on *day*."""
    return [line for line in it.lines if line.remaining and is_open(it, line, day)]


def is_open(it: Prescription, line: Line, day: date) -> bool:
    """Tell whether the line's tranche, if it has one, is collected on *day*."""
    return not line.tranche or any(one.number == line.tranche and one.holds(day) for one in it.tranches)


def next_opening(it: Prescription, day: date) -> str:
    """Return the first day after *day* on which something left may be collected (ISO 8601), or nothing."""
    waiting = {line.tranche for line in it.lines if line.remaining}
    days = [one.start_day for one in it.tranches if one.number in waiting and one.start_day > day]
    return min(days).isoformat() if days else ""


def refuse_ended(it: Prescription) -> None:
    """Refuse a prescription that its facility took back."""
    if it.replaced_by is not None:
        raise Refused("PRESCRIPTION_REPLACED", name=it.name, replaced_by=f"prescriptions/{it.replaced_by}")
    if it.cancelled:
        raise Refused("PRESCRIPTION_CANCELLED", name=it.name)


def require_claim(it: Prescription, pharmacy: str, digest: bytes, now: datetime) -> None:
    """Refuse unless *pharmacy* holds it with this very token.

    Comes before all else that may be said of it: whoever does not hold it must hear what is
    said of a prescription that is not there.
    """
    held = it.live_claim(now)
    if held is None or held.pharmacy != pharmacy or not hmac.compare_digest(held.digest, digest):
        raise Refused("CLAIM_EXPIRED", name=it.name)


def require_unused(it: Prescription, etag: str, now: datetime) -> None:
    """Refuse unless it is as *etag* says (empty: whatever it is) and was not touched by a pharmacy."""
    refuse_ended(it)
    if etag and etag != it.etag:
        raise Refused("ETAG_STALE", name=it.name)
    state = state_of(it, now)
    if state is State.EXPIRED:
        raise Refused("PRESCRIPTION_EXPIRED", name=it.name, expire_time=rfc3339(it.expire_time))
    if state is not State.ISSUED:
        raise Refused("PRESCRIPTION_IN_USE", name=it.name, state=state.name)


def day_of(now: datetime) -> date:
    """Return the day in Viet Nam at *now*."""
    return now.astimezone(VIETNAM).date()


def rfc3339(instant: datetime) -> str:
    """Return *instant* for metadata, in UTC to the second above: whoever waits for it is not too early."""
    whole = instant.replace(microsecond=0)
    if whole < instant:
        whole += timedelta(seconds=1)
    return whole.astimezone(UTC).isoformat().replace("+00:00", "Z")
