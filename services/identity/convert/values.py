"""Dates, times, faults, addresses: what many messages hold."""

from datetime import UTC, date, datetime
from typing import TypeVar, cast

from google.protobuf.timestamp_pb2 import Timestamp

from common.values import PartialDate
from lientuyen.identity.v1 import import_pb2, person_pb2
from lientuyen.type.v1.date_pb2 import Date

from ..model.faults import Fault
from ..model.persons import Address

E = TypeVar("E")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def number(kind: type[E], value: int) -> E:
    """Return *value* as an enum of the contract, for the type checker; the model has the same numbers."""
    return cast(E, int(value))


def date_to_pb(day: date | None) -> Date | None:
    """Return the message for a whole date; None stays absent."""
    return Date(year=day.year, month=day.month, day=day.day) if day else None


def tell_date(field: Date, day: date | PartialDate | None) -> None:
    """Write a date into a *field* of a message, unknown parts as 0; None leaves it absent.

    For answers with many dates: a message made apart is copied, which takes four times as long.
    """
    if day:
        field.year, field.month, field.day = day.year, day.month, day.day


def partial(given: Date) -> PartialDate | None:
    """Return the date in *given*, which may not exist; None when nothing is told."""
    return PartialDate(given.year, given.month, given.day) if given.ByteSize() else None


def whole(given: Date) -> date | None:
    """Return the whole date in *given*; None when nothing is told, ValueError when it is not whole."""
    if not given.ByteSize():
        return None
    return date(given.year, given.month, given.day)


def whole_or_fault(field: str, given: Date, faults: list[Fault]) -> date | None:
    """Return the whole date in *given*, or None; one that does not exist joins *faults*."""
    try:
        return whole(given)
    except ValueError:
        vi = "Phải là một ngày có thật."
        faults.append(Fault(field, f"{field}.form", f"{field} is not a whole date that exists", vi))
        return None


def time_to_pb(moment: datetime | None) -> Timestamp | None:
    """Return the message for an instant; None stays absent."""
    if moment is None:
        return None
    message = Timestamp()
    tell_time(message, moment)
    return message


def tell_time(field: Timestamp, moment: datetime) -> None:
    """Write an instant into a *field* of a message."""
    since = moment - EPOCH
    field.seconds, field.nanos = since.days * 86_400 + since.seconds, since.microseconds * 1_000


def address(given: person_pb2.Address) -> Address:
    """Return the address.  A date that does not exist is left out: it only says how old the codes are."""
    ignored: list[Fault] = []
    as_of = whole_or_fault("address.as_of", given.as_of, ignored)
    return Address(given.line, given.commune_code, given.district_code, given.province_code, as_of)


def refusals(row: int, faults: list[Fault]) -> list[import_pb2.RowRefusal]:
    """Return the refusals of *row*, one a fault."""
    return [
        import_pb2.RowRefusal(row=row, field=one.field, rule=one.rule, message=one.en, message_vi=one.vi)
        for one in faults
    ]
