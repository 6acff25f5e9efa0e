"""Names, times, days and codes."""

from datetime import date, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from lientuyen.type.v1.coding_pb2 import Coding
from lientuyen.type.v1.date_pb2 import Date

from ..model.referrals import Diagnosis

SERVICE = "//routing.lientuyen/"


def id_of(name: str) -> UUID:
    """Return the UUID in `messages/{uuid}`, with or without the service before it.  The contract
    checked the form.
    """
    return UUID(name.removeprefix(SERVICE).split("/")[1])


def short(name: str) -> str:
    """Return a full resource name as the service itself writes it: without itself."""
    return name.removeprefix(SERVICE)


def time_to_pb(moment: datetime | None) -> Timestamp | None:
    """Return *moment* as a Timestamp; absent stays absent."""
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def date_to_pb(day: date) -> Date:
    """Return a whole date."""
    return Date(year=day.year, month=day.month, day=day.day)


def date_from_pb(day: Date) -> date:
    """Return a whole date; ValueError when it is partial, or no day of the calendar."""
    return date(day.year, day.month, day.day)


def diagnosis_to_pb(diagnosis: Diagnosis) -> Coding | None:
    """Return a code, or None for an empty one."""
    if not diagnosis.code:
        return None
    return Coding(system=diagnosis.system, code=diagnosis.code, display=diagnosis.display)


def diagnosis_from_pb(coding: Coding) -> Diagnosis:
    """Return a code; an absent one is empty."""
    return Diagnosis(coding.system, coding.code, coding.display)
