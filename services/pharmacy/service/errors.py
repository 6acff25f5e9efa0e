"""What the rules of the model refuse, as the errors of the contract."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.errors import Conflict, FailedPrecondition, InvalidArgument, ServiceError
from common.faults import RuleViolated
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.type.v1.reason import Reason

from ..model.refusals import Refusal

ERRORS: dict[Refusal, tuple[type[ServiceError], Reason]] = {
    Refusal.PRESCRIPTION_INVALID: (InvalidArgument, reasons.PRESCRIPTION_INVALID),
    Refusal.PERSON_CHANGED: (InvalidArgument, reasons.PERSON_CHANGED),
    Refusal.ETAG_STALE: (Conflict, reasons.ETAG_STALE),
    Refusal.CLAIMED_BY_ANOTHER: (FailedPrecondition, reasons.CLAIMED_BY_ANOTHER),
    Refusal.CLAIM_EXPIRED: (FailedPrecondition, reasons.CLAIM_EXPIRED),
    Refusal.NOTHING_LEFT: (FailedPrecondition, reasons.NOTHING_LEFT),
    Refusal.QUANTITY_EXCEEDS_REMAINING: (FailedPrecondition, reasons.QUANTITY_EXCEEDS_REMAINING),
    Refusal.LINE_UNKNOWN: (InvalidArgument, reasons.LINE_UNKNOWN),
    Refusal.SUBSTITUTION_REFUSED: (FailedPrecondition, reasons.SUBSTITUTION_REFUSED),
    Refusal.LOT_EXPIRED: (FailedPrecondition, reasons.LOT_EXPIRED),
    Refusal.TRANCHE_CLOSED: (FailedPrecondition, reasons.TRANCHE_CLOSED),
    Refusal.PRESCRIPTION_EXPIRED: (FailedPrecondition, reasons.PRESCRIPTION_EXPIRED),
    Refusal.PRESCRIPTION_CANCELLED: (FailedPrecondition, reasons.PRESCRIPTION_CANCELLED),
    Refusal.PRESCRIPTION_REPLACED: (FailedPrecondition, reasons.PRESCRIPTION_REPLACED),
    Refusal.PRESCRIPTION_IN_USE: (FailedPrecondition, reasons.PRESCRIPTION_IN_USE),
    Refusal.DISPENSING_REVERSED: (FailedPrecondition, reasons.DISPENSING_REVERSED),
}


@contextmanager
def refusals_as_errors() -> Iterator[None]:
    try:
        yield
    except RuleViolated as violated:
        error, reason = ERRORS[Refusal(violated.reason)]
        raise error(reason, violations=violated.faults, **violated.metadata) from violated
