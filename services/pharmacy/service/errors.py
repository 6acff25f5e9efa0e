"""What the rules refuse, as the errors of the contract."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.errors import Conflict, FailedPrecondition, InvalidArgument, ServiceError, Violation
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.type.v1.reason import Reason

from ..model.findings import Finding, Refused

KINDS: dict[str, tuple[type[ServiceError], Reason]] = {
    "PRESCRIPTION_INVALID": (InvalidArgument, reasons.PRESCRIPTION_INVALID),
    "PERSON_CHANGED": (InvalidArgument, reasons.PERSON_CHANGED),
    "ETAG_STALE": (Conflict, reasons.ETAG_STALE),
    "CLAIMED_BY_ANOTHER": (FailedPrecondition, reasons.CLAIMED_BY_ANOTHER),
    "CLAIM_EXPIRED": (FailedPrecondition, reasons.CLAIM_EXPIRED),
    "NOTHING_LEFT": (FailedPrecondition, reasons.NOTHING_LEFT),
    "QUANTITY_EXCEEDS_REMAINING": (FailedPrecondition, reasons.QUANTITY_EXCEEDS_REMAINING),
    "LINE_UNKNOWN": (InvalidArgument, reasons.LINE_UNKNOWN),
    "SUBSTITUTION_REFUSED": (FailedPrecondition, reasons.SUBSTITUTION_REFUSED),
    "LOT_EXPIRED": (FailedPrecondition, reasons.LOT_EXPIRED),
    "TRANCHE_CLOSED": (FailedPrecondition, reasons.TRANCHE_CLOSED),
    "PRESCRIPTION_EXPIRED": (FailedPrecondition, reasons.PRESCRIPTION_EXPIRED),
    "PRESCRIPTION_CANCELLED": (FailedPrecondition, reasons.PRESCRIPTION_CANCELLED),
    "PRESCRIPTION_REPLACED": (FailedPrecondition, reasons.PRESCRIPTION_REPLACED),
    "PRESCRIPTION_IN_USE": (FailedPrecondition, reasons.PRESCRIPTION_IN_USE),
    "DISPENSING_REVERSED": (FailedPrecondition, reasons.DISPENSING_REVERSED),
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn a refusal by the rules inside the block into an error of the contract."""
    try:
        yield
    except Refused as refused:
        kind, reason = KINDS[refused.reason]
        violations = [violation(one) for one in refused.findings]
        raise kind(reason, violations=violations, **refused.metadata) from refused


def violation(finding: Finding) -> Violation:
    return Violation(finding.field, finding.rule, finding.en, finding.vi)
