"""
A prescription, its state, and how its facility takes it back.

    issued → claimed → partly dispensed → dispensed
    a claim ends with a dispensing, a release, or its time
    issued → cancelled | replaced;   not claimed in its days → expired

The state is never stored: it follows from the lines, the claim, the end and the
clock, so no sweeper can be late and no two can disagree.  Each move takes a
prescription and returns another, or raises `RuleViolated`.  The one rule a newcomer
would break: a move is only true under the prescription's row lock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum, StrEnum
from uuid import UUID

from common.faults import RuleViolated
from common.names import PHARMACY
from common.restricted import DataClass, classes_of
from common.values import day_of, end_of, shifted

from .drugs import Medicine
from .refusals import Refusal

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
        return self.prescribed - self.dispensed


@dataclass(frozen=True, slots=True)
class Tranche:
    """A part with its own days (đợt dùng thuốc), both included."""

    number: int
    start_day: date
    end_day: date

    def includes(self, day: date) -> bool:
        return self.start_day <= day <= self.end_day


@dataclass(frozen=True, slots=True)
class Diagnosis:
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
    """A prescription (đơn thuốc).

    *claim* is the last one that was not ended, whether or not its time is over.
    """

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
        return prescription_name(self.id)

    @property
    def type(self) -> Type:
        return Type(self.code[-1].lower())

    @property
    def etag(self) -> str:
        return f"v{self.version}"

    @property
    def classes(self) -> frozenset[DataClass]:
        """The classes that the diagnoses tell of; ordinary care is always among them."""
        return classes_of(diagnosis.code for diagnosis in self.diagnoses)

    def line(self, number: int) -> Line | None:
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else None

    def live_claim(self, now: datetime) -> Claim | None:
        return self.claim if self.claim is not None and now < self.claim.expire_time else None


def prescription_name(id_: UUID | None) -> str:
    return f"{PHARMACY}prescriptions/{id_}" if id_ is not None else ""


def state_of(prescription: Prescription, now: datetime) -> State:
    if prescription.replaced_by is not None:
        return State.REPLACED
    if prescription.cancelled:
        return State.CANCELLED
    if not any(line.remaining for line in prescription.lines):
        return State.DISPENSED
    if prescription.live_claim(now) is not None:
        return State.CLAIMED
    if now >= prescription.expire_time:
        return State.EXPIRED
    dispensed = any(line.dispensed for line in prescription.lines)
    return State.PARTLY_DISPENSED if dispensed else State.ISSUED


def expire_time(prescribe_time: datetime, tranches: tuple[Tranche, ...]) -> datetime:
    """Return the instant before which it may be claimed: a midnight of Viet Nam."""
    last_day = shifted(day_of(prescribe_time), timedelta(days=VALID_DAYS))
    if tranches:
        last_day = max(tranche.end_day for tranche in tranches)
    return end_of(last_day)


def cancel(prescription: Prescription, etag: str, now: datetime) -> Prescription:
    """Return *prescription*, cancelled; only while nobody holds it and nothing was dispensed."""
    require_unused(prescription, etag, now)
    return replace(prescription, cancelled=True, version=prescription.version + 1)


def supersede(
    old: Prescription, new: Prescription, person: str, etag: str, now: datetime
) -> tuple[Prescription, Prescription]:
    """Return *old*, replaced, and *new*, which replaces it; under the same conditions as `cancel`.

    *person* is the name that the person of *new* had when *old* was issued.
    """
    require_unused(old, etag, now)
    if person != old.person:
        raise RuleViolated(Refusal.PERSON_CHANGED, field="prescription.person")
    return replace(old, replaced_by=new.id, version=old.version + 1), replace(new, replaces=old.id)


def with_dispensed(prescription: Prescription, quantities: Mapping[int, int]) -> Prescription:
    """Return *prescription* with so many thousandths more dispensed of each line; negative puts back."""
    lines = tuple(
        replace(line, dispensed=line.dispensed + quantities.get(line.number, 0))
        for line in prescription.lines
    )
    return replace(prescription, lines=lines, version=prescription.version + 1)


def has_open_lines(prescription: Prescription, day: date) -> bool:
    return any(line.remaining and is_open(prescription, line, day) for line in prescription.lines)


def is_open(prescription: Prescription, line: Line, day: date) -> bool:
    return not line.tranche or any(
        tranche.number == line.tranche and tranche.includes(day) for tranche in prescription.tranches
    )


def next_opening(prescription: Prescription, day: date) -> str:
    """Return the first day after *day* on which something left may be collected (ISO 8601), or nothing."""
    numbers = {line.tranche for line in prescription.lines if line.remaining}
    days = [
        tranche.start_day
        for tranche in prescription.tranches
        if tranche.number in numbers and tranche.start_day > day
    ]
    return min(days).isoformat() if days else ""


def require_not_withdrawn(prescription: Prescription) -> None:
    if prescription.replaced_by is not None:
        raise RuleViolated(
            Refusal.PRESCRIPTION_REPLACED,
            name=prescription.name,
            replaced_by=prescription_name(prescription.replaced_by),
        )
    if prescription.cancelled:
        raise RuleViolated(Refusal.PRESCRIPTION_CANCELLED, name=prescription.name)


def require_unused(prescription: Prescription, etag: str, now: datetime) -> None:
    """Refuse unless it is as *etag* says (empty: whatever it is) and was not touched by a pharmacy."""
    require_not_withdrawn(prescription)
    if etag and etag != prescription.etag:
        raise RuleViolated(Refusal.ETAG_STALE, name=prescription.name)
    state = state_of(prescription, now)
    if state is State.EXPIRED:
        raise expired(prescription)
    if state is not State.ISSUED:
        raise RuleViolated(Refusal.PRESCRIPTION_IN_USE, name=prescription.name, state=state.name)


def expired(prescription: Prescription) -> RuleViolated:
    return RuleViolated(
        Refusal.PRESCRIPTION_EXPIRED, name=prescription.name, expire_time=rfc3339(prescription.expire_time)
    )


def rfc3339(instant: datetime) -> str:
    """Return *instant* for metadata, in UTC to the second above: whoever waits for it is not too early."""
    whole = instant.replace(microsecond=0)
    if whole < instant:
        whole += timedelta(seconds=1)
    return whole.astimezone(UTC).isoformat().replace("+00:00", "Z")
