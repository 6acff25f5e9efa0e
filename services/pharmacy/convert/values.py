"""Days, quantities, warnings: what several messages share."""

import calendar
from collections.abc import Iterable
from datetime import date

from common.faults import Fault, RuleViolated, warnings
from lientuyen.pharmacy.v1 import prescription_pb2, quantity_pb2
from lientuyen.type.v1 import date_pb2

from ..model.refusals import Refusal

# A day outside of these is a mistake, and would break the counting of days.
YEARS = range(2020, 2100)


def whole_day_from_pb(message: date_pb2.Date, field: str) -> date:
    """Return the day, which must be whole; refuse with the path *field* otherwise."""
    try:
        day = date(message.year, message.month, message.day)
    except ValueError:
        raise no_such_day(field) from None
    if day.year not in YEARS:
        raise no_such_day(field)
    return day


def last_day_from_pb(message: date_pb2.Date, field: str) -> date:
    """Return the last day that a date, whole or partial, may mean: a lot of 2027-03 is good to the 31st."""
    if message.day:
        return whole_day_from_pb(message, field)
    if message.year not in YEARS:
        raise no_such_day(field)
    month = message.month or 12
    return date(message.year, month, calendar.monthrange(message.year, month)[1])


def no_such_day(field: str) -> RuleViolated:
    fault = Fault(
        field,
        "NO_SUCH_DAY",
        "This is not a whole day of the calendar.",
        "Ngày không hợp lệ hoặc không đầy đủ.",
    )
    return RuleViolated(Refusal.PRESCRIPTION_INVALID, [fault])


def quantity_to_pb(thousandths: int) -> quantity_pb2.Quantity:
    return quantity_pb2.Quantity(thousandths=thousandths)


def warnings_to_pb(faults: Iterable[Fault]) -> list[prescription_pb2.Warning]:
    return [
        prescription_pb2.Warning(field=fault.field, rule=fault.rule, message=fault.en, message_vi=fault.vi)
        for fault in warnings(faults)
    ]
