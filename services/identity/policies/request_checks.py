"""What several methods refuse in the same words."""

from datetime import date

from chassis import call_context, clock
from chassis.call_context import Caller
from chassis.errors import Conflict, InvalidArgument, PermissionDenied
from common.faults import Fault
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date

from ..convert.values import date_or_fault
from ..model.faults import future_faults
from ..model.read_decision_table import IDENTITY_PURPOSES


def day_from_pb(field: str, message: Date) -> date | None:
    """Return the day in *message*, None when absent; refuse one that is partial or does not exist."""
    if not message.ByteSize():
        return None
    faults: list[Fault] = []
    day = date_or_fault(field, message, faults)
    refuse(faults)
    return day


def past_day_from_pb(field: str, message: Date) -> date | None:
    """Return the day in *message* on which something has happened: not in the future."""
    day = day_from_pb(field, message)
    refuse(future_faults(field, day, clock.now()))
    return day


def refuse(faults: list[Fault]) -> None:
    """Refuse a request for the faults of its fields, if there are any."""
    if faults:
        raise InvalidArgument(chassis_reasons.FIELDS_INVALID, violations=faults)


def check_purpose(access: AccessContext) -> None:
    """Refuse a purpose for which nobody outside these services gets a person's identity."""
    if (
        call_context.caller().kind not in ("service", "operator")
        and int(access.purpose) not in IDENTITY_PURPOSES
    ):
        purpose = AccessContext.Purpose.Name(access.purpose)
        raise PermissionDenied(reasons.PURPOSE_DENIED, purpose=purpose)


def check_own(field: str, facility: str) -> None:
    """Refuse a facility that speaks for another; services, authorities and operators are not facilities."""
    if call_context.caller().code is not None:
        call_context.require_facility(field, facility)


def check_asks_for_itself(facility: str) -> None:
    """Refuse a caller that names another *facility* as the one it asks for; only our own services may."""
    if facility and call_context.caller().kind != "service":
        call_context.require_facility("facility", facility)


def acting_for(facility: str) -> Caller | None:
    """Return the facility for which one of our own services asks; None when the caller asks for itself."""
    if facility and call_context.caller().kind == "service":
        return Caller.of_facility(facility)
    return None


def check_etag(name: str, etag: str, version: int) -> None:
    """Refuse an edit of what has changed since it was read.  No etag takes it as it is."""
    if etag and etag != str(version):
        raise Conflict(reasons.ETAG_STALE, name=name)
