"""Names, times, days, quantities, drugs, warnings: what several messages share."""

import calendar
from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from lientuyen.pharmacy.v1 import medicine_pb2, prescription_pb2, quantity_pb2
from lientuyen.type.v1 import date_pb2

from ..model.drugs import Medicine
from ..model.findings import Finding, Refused

# A day outside of these is a mistake, and would break the counting of days.
YEARS = range(2020, 2100)


def id_of(name: str) -> UUID:
    """Return the id in a resource name; one that is no UUID is the nil UUID, which nothing has."""
    try:
        return UUID(name.rpartition("/")[2])
    except ValueError:
        return UUID(int=0)


def short(name: str) -> str:
    """Return a resource name of ours without the service before it, as answers write it."""
    return name.removeprefix("//pharmacy.lientuyen/")


def timestamp(instant: datetime | None) -> Timestamp | None:
    """Return the message for *instant*; None, which leaves the field absent, for None."""
    if instant is None:
        return None
    message = Timestamp()
    message.FromDatetime(instant)
    return message


def instant(message: Timestamp) -> datetime:
    """Return the aware instant, to the microsecond."""
    return message.ToDatetime(tzinfo=UTC)


def whole_day(message: date_pb2.Date, field: str) -> date:
    """Return the day, which must be whole; refuse with the path *field* otherwise."""
    try:
        day = date(message.year, message.month, message.day)
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise Refused("PRESCRIPTION_INVALID", [no_day(field)])
    return day


def last_day(message: date_pb2.Date, field: str) -> date:
    """Return the last day that a date, whole or partial, may mean: a lot of 2027-03 is good to the 31st."""
    if message.day:
        return whole_day(message, field)
    if message.year not in YEARS:
        raise Refused("PRESCRIPTION_INVALID", [no_day(field)])
    month = message.month or 12
    return date(message.year, month, calendar.monthrange(message.year, month)[1])


def no_day(field: str) -> Finding:
    return Finding(
        field,
        "NO_SUCH_DAY",
        "This is not a whole day of the calendar.",
        "Ngày không hợp lệ hoặc không đầy đủ.",
    )


def date_to_pb(day: date | None) -> date_pb2.Date | None:
    return date_pb2.Date(year=day.year, month=day.month, day=day.day) if day is not None else None


def quantity(thousandths: int) -> quantity_pb2.Quantity:
    return quantity_pb2.Quantity(thousandths=thousandths)


def medicine(message: medicine_pb2.Medicine) -> Medicine:
    return Medicine(
        inn=message.inn,
        code=message.code,
        brand=message.brand,
        registration_number=message.registration_number,
        ingredient_code=message.ingredient_code,
        strength=message.strength,
        route_code=message.route_code,
    )


def medicine_to_pb(drug: Medicine) -> medicine_pb2.Medicine:
    return medicine_pb2.Medicine(
        inn=drug.inn,
        code=drug.code,
        brand=drug.brand,
        registration_number=drug.registration_number,
        ingredient_code=drug.ingredient_code,
        strength=drug.strength,
        route_code=drug.route_code,
    )


def warnings_to_pb(findings: Iterable[Finding]) -> list[prescription_pb2.Warning]:
    """Return the messages for those of *findings* that refuse nothing."""
    return [
        prescription_pb2.Warning(field=one.field, rule=one.rule, message=one.en, message_vi=one.vi)
        for one in findings
        if not one.refuses
    ]
