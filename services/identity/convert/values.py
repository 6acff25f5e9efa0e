"""Dates, times, addresses: what many messages hold, beside `common.values`."""

from datetime import UTC, date, datetime
from typing import TypeVar, cast

from google.protobuf.timestamp_pb2 import Timestamp

from common.faults import Fault
from common.values import PartialDate, date_from_pb
from lientuyen.identity.v1 import person_pb2
from lientuyen.type.v1.date_pb2 import Date

from ..model.persons import Address

E = TypeVar("E")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_pb_enum(kind: type[E], value: int) -> E:
    """Return *value* as an enum of the contract, for the type checker; the model has the same numbers."""
    return cast(E, int(value))


def set_date(field: Date, day: date | PartialDate | None) -> None:
    """Write a date into a *field* of a message, unknown parts as 0; None leaves it absent.

    For answers with many dates: a message made apart is copied, which takes four times as long.
    """
    if day:
        field.year, field.month, field.day = day.year, day.month, day.day


def partial_date_from_pb(message: Date) -> PartialDate | None:
    return PartialDate(message.year, message.month, message.day) if message.ByteSize() else None


def date_or_fault(field: str, message: Date, faults: list[Fault]) -> date | None:
    """Return the whole date in *message*, or None; one that does not exist joins *faults*."""
    try:
        return date_from_pb(message)
    except ValueError:
        vi = "Phải là một ngày có thật."
        faults.append(Fault(field, f"{field}.form", f"{field} is not a whole date that exists", vi))
        return None


def set_time(field: Timestamp, moment: datetime) -> None:
    since = moment - EPOCH
    field.seconds, field.nanos = since.days * 86_400 + since.seconds, since.microseconds * 1_000


def address_from_pb(message: person_pb2.Address) -> Address:
    """Return the address.  A date that does not exist is left out: it only says how old the codes are."""
    as_of = date_or_fault("address.as_of", message.as_of, faults=[])
    return Address(message.line, message.commune_code, message.district_code, message.province_code, as_of)
