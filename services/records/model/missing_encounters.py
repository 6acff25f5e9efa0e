"""
Which encounters a health book knows of and does not hold, by facility.

A check-in (XML0) tells that somebody came; the dossier is due at once after the encounter has ended
(TT 48/2017/TT-BYT, article 6; on holidays the next working day), which a check-in does not know.  So it is
waited for, by the form of care.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

# How long after arrival a dossier is due: of a visit (a weekend later), of a stay or a course of treatment.
VISIT_WAIT: Final = timedelta(days=3)
STAY_WAIT: Final = timedelta(days=35)
STAYS: Final = frozenset({"02", "03", "04", "05", "06", "08", "12"})


class Absence(Enum):
    """Why an encounter is not in the book; as `MissingEncounters.Reason` of the contract."""

    NOT_SENT = 1
    WITHDRAWN = 2
    REPLACED = 3


@dataclass(frozen=True, slots=True)
class EncounterKey:
    """A facility (bare code) and its own key of an encounter (MA_LK)."""

    facility: str
    link_key: str


@dataclass(frozen=True, slots=True)
class CheckedIn:
    key: EncounterKey
    form_of_care: str
    arrival_time: datetime

    def is_due(self, at: datetime) -> bool:
        """Whether its dossier should be there at *at*."""
        wait = STAY_WAIT if self.form_of_care in STAYS else VISIT_WAIT
        return at - self.arrival_time > wait


@dataclass(frozen=True, slots=True)
class Version:
    """A dossier that was sent: its state and times."""

    key: EncounterKey
    state: str
    arrival_time: datetime
    receive_time: datetime


@dataclass(frozen=True, slots=True)
class MissingEncounters:
    """*count* encounters of a facility (bare code), the earliest of which began at *since*."""

    facility: str
    absence: Absence
    count: int
    since: datetime


def missing_encounters(
    check_ins: Sequence[CheckedIn], versions: Iterable[Version], at: datetime
) -> list[MissingEncounters]:
    """Return what is missing at *at*, by facility.

    *versions* are all of the encounters in question; those that came after *at* count as not yet there.
    """
    sent: dict[EncounterKey, list[Version]] = {}
    for version in versions:
        sent.setdefault(version.key, []).append(version)
    return _by_facility({**_not_sent(check_ins, sent, at), **dict(_absent(sent, at))})


def _not_sent(
    check_ins: Sequence[CheckedIn], sent: Mapping[EncounterKey, Sequence[Version]], at: datetime
) -> dict[EncounterKey, tuple[Absence, datetime]]:
    there = {key for key, versions in sent.items() if any(each.receive_time < at for each in versions)}
    waiting = [each for each in check_ins if each.key not in there]
    # Who was admitted is checked in again: a stay is waited for, not the visit before it.
    not_due = {each.key for each in waiting if not each.is_due(at)}
    arrivals: dict[EncounterKey, tuple[Absence, datetime]] = {}
    for each in sorted(waiting, key=lambda each: each.arrival_time):
        if each.key not in not_due:
            arrivals.setdefault(each.key, (Absence.NOT_SENT, each.arrival_time))
    return arrivals


def _absent(
    sent: Mapping[EncounterKey, Sequence[Version]], at: datetime
) -> Iterator[tuple[EncounterKey, tuple[Absence, datetime]]]:
    for key, versions in sent.items():
        before = [each for each in versions if each.receive_time < at]
        standing = [each for each in versions if each.state == "accepted"]
        if not before or any(each.state == "accepted" for each in before):
            continue
        yield key, (Absence.REPLACED if standing else Absence.WITHDRAWN, before[0].arrival_time)


def _by_facility(
    absences: Mapping[EncounterKey, tuple[Absence, datetime]],
) -> list[MissingEncounters]:
    groups: dict[tuple[str, Absence], list[datetime]] = {}
    for key, (absence, arrival) in absences.items():
        groups.setdefault((key.facility, absence), []).append(arrival)
    return [
        MissingEncounters(facility, absence, len(arrivals), min(arrivals))
        for (facility, absence), arrivals in sorted(
            groups.items(), key=lambda group: (group[0][0], group[0][1].value)
        )
    ]
