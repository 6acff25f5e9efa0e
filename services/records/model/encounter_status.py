"""
How far an encounter's papers are, from what is known of it: its check-in, its dossiers, its last refusal.

    checked in ──▶ accepted ◀──▶ refused ──▶ corrected        accepted, corrected ──▶ withdrawn

A row of the list (`Tracked`) keeps the state and what is due first, so that the list is read in order; what
is shown is worked out from the facts (`Facts`) whenever it is read.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Final
from uuid import UUID

from common.faults import Fault

from .encounter_deadlines import Deadline, Duty, Holidays, deadline, presumed_dossier

# Findings of a refused file that are kept; its sender had all of them in the answer.
MAX_REFUSALS: Final = 20

# Before every time of a file, and where those are listed of which nothing is due: after all that is.
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING_DUE: Final = datetime(9000, 1, 1, tzinfo=UTC)


class State(StrEnum):
    """As `EncounterStatus.State` of the contract."""

    CHECKED_IN = "checked_in"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Missing(IntEnum):
    """As `EncounterStatus.Missing` of the contract."""

    DOSSIER = 1
    CORRECTION = 2
    CHECK_IN = 3
    SLIP = 4


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused file: why (a reason of the contract), its findings, at most `MAX_REFUSALS`, and how many."""

    time: datetime
    reason: str
    findings: tuple[Fault, ...]
    count: int
    # As its XML1 says, when it could be read and is not what was refused.
    arrival_time: datetime | None = None
    discharge_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tracked:
    """A row of the list.  *needs_check_in* is None when no accepted dossier has told."""

    facility: str
    link_key: str
    state: State
    sort_time: datetime
    duty: Duty | None = None
    due_time: datetime | None = None
    needs_check_in: bool | None = None
    refusal: Refusal | None = None

    @property
    def id(self) -> UUID:
        return encounter_id(self.facility, self.link_key)


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """The first check-in: when it was taken; and of the last to arrive the form of care and the arrival."""

    receive_time: datetime
    form_of_care: str
    arrival_time: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """The latest version of a dossier that was taken, and when the first was."""

    id: UUID
    version: int
    withdrawn: bool
    arrival_time: datetime
    discharge_time: datetime
    receive_time: datetime
    first_receive_time: datetime
    warning_count: int
    unsent_slips: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known of one encounter."""

    tracked: Tracked
    check_in: CheckedIn | None = None
    sent: Sent | None = None

    @property
    def refusal(self) -> Refusal | None:
        return self.tracked.refusal

    @property
    def refused(self) -> bool:
        """Whether a refusal stands that no accepted dossier, and no withdrawal, has followed."""
        if self.refusal is None or self.tracked.state is not State.REFUSED:
            return False
        return self.sent is None or self.sent.receive_time < self.refusal.time

    @property
    def state(self) -> State:
        if self.refused:
            return State.REFUSED
        if self.sent is None:
            return State.CHECKED_IN
        if self.sent.withdrawn:
            return State.WITHDRAWN
        corrects = self.sent.version > 1 or self.tracked.refusal is not None
        return State.CORRECTED if corrects else State.ACCEPTED

    @property
    def accept_time(self) -> datetime | None:
        """When the dossier that stands was taken; None when none does, or its correction is refused."""
        is_there = self.sent is not None and not self.sent.withdrawn and not self.refused
        return self.sent.receive_time if self.sent and is_there else None

    @property
    def arrival_time(self) -> datetime | None:
        times = (each.arrival_time for each in (self._file, self.check_in) if each)
        return next((time for time in times if time), None)

    @property
    def discharge_time(self) -> datetime | None:
        return self._file.discharge_time if self._file else None

    @property
    def _file(self) -> "Sent | Refusal | None":
        """The dossier that counts: the refused one until it is corrected."""
        return self.refusal if self.refused or not self.sent else self.sent


@dataclass(frozen=True, slots=True)
class Status:
    """What is shown of an encounter at a moment."""

    facts: Facts
    missing: tuple[Missing, ...]
    deadlines: tuple[Deadline, ...] = field(default=())

    @property
    def due_time(self) -> datetime | None:
        """When the first of what the facility still has to do is due, as it is listed; None for nothing."""
        tracked = self.facts.tracked
        if tracked.state is self.facts.state:
            return tracked.due_time
        first = first_open(self.deadlines)
        return first.due if first else None

    def is_late(self, at: datetime) -> bool:
        return self.due_time is not None and self.due_time < at


def status_of(facts: Facts, holidays: Holidays = ()) -> Status:
    return Status(facts, tuple(_missing(facts)), tuple(deadlines_of(facts, holidays)))


def first_open(deadlines: tuple[Deadline, ...]) -> Deadline | None:
    """Return what the facility has to do first, or None when it has nothing to do."""
    return min((each for each in deadlines if each.is_open), key=lambda each: each.due, default=None)


def _missing(facts: Facts) -> Iterator[Missing]:
    state, sent = facts.state, facts.sent
    if state is State.CHECKED_IN:
        yield Missing.DOSSIER
    if state is State.REFUSED:
        yield Missing.CORRECTION
    if facts.tracked.needs_check_in and facts.check_in is None and state is not State.WITHDRAWN:
        yield Missing.CHECK_IN
    if sent and not sent.withdrawn and sent.unsent_slips:
        yield Missing.SLIP


def deadlines_of(facts: Facts, holidays: Holidays = ()) -> Iterator[Deadline]:
    """Give the deadlines of law, the facility's first; none of a dossier that was withdrawn."""
    if facts.state is not State.WITHDRAWN:
        yield from _of_facility(facts, holidays)
    yield from _of_exchange(facts, holidays)


def _of_facility(facts: Facts, holidays: Holidays) -> Iterator[Deadline]:
    if (dossier := _dossier(facts, holidays)) is not None:
        yield dossier
    if facts.refusal:
        accepted = facts.accept_time
        done = accepted if accepted and accepted > facts.refusal.time else None
        if done or facts.refused:  # nothing is to be corrected when what stood before was sent again
            yield deadline(Duty.CORRECTION, facts.refusal.time, done, holidays=holidays)
    if facts.discharge_time:
        # A version that takes the place of one that came in time does not make it late.
        first = facts.sent.first_receive_time if facts.sent and facts.accept_time else None
        yield deadline(Duty.PAYMENT_REQUEST, facts.discharge_time, first, holidays=holidays)


def _dossier(facts: Facts, holidays: Holidays) -> Deadline | None:
    """Return when the dossier was due; one that was refused was sent, and is to be corrected."""
    times = [facts.refusal.time] if facts.refusal else []
    times += [facts.sent.first_receive_time] if facts.sent else []
    done = min(times, default=None)
    if facts.discharge_time:
        return deadline(Duty.DOSSIER, facts.discharge_time, done, holidays=holidays)
    if facts.check_in:
        check_in = facts.check_in
        return presumed_dossier(check_in.form_of_care, check_in.arrival_time, done, holidays=holidays)
    return None


def _of_exchange(facts: Facts, holidays: Holidays) -> Iterator[Deadline]:
    """Give what the exchange owed to whoever sent the last file: it was said in the answer to it."""
    times = [facts.sent.receive_time] if facts.sent else []
    times += [facts.refusal.time] if facts.refusal else []
    if not times:
        return
    received = max(times)
    dossier = _dossier(facts, holidays)
    if dossier is not None and dossier.is_late(received):
        yield deadline(Duty.LATE_NOTICE, received, received)
    yield deadline(Duty.FORMAT_ANSWER, received, received)
    yield deadline(Duty.TOTALS_ANSWER, received, received)


def sort_time(due: datetime | None, received: datetime) -> datetime:
    """Return what an encounter is listed by: what is due first comes first, then what was *received* last."""
    return due or _NOTHING_DUE - (received - _EPOCH)


def encounter_id(facility: str, link_key: str) -> UUID:
    """Return the id of the encounter that a facility (bare code) and its MA_LK name, the same for ever."""
    return UUID(bytes=hashlib.sha256(f"{facility}/{link_key}".encode()).digest()[:16])
