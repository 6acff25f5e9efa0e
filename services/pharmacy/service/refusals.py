"""What the rules refuse, as the errors of the contract."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.errors import Conflict, ExchangeError, FailedPrecondition, InvalidArgument, Violation
from lientuyen.pharmacy.v1 import error_reasons as why
from lientuyen.type.v1.reason import Reason

from ..model.findings import Finding, Refused

KINDS: dict[str, tuple[type[ExchangeError], Reason]] = {
    "PRESCRIPTION_INVALID": (InvalidArgument, why.PRESCRIPTION_INVALID),
    "PERSON_CHANGED": (InvalidArgument, why.PERSON_CHANGED),
    "ETAG_STALE": (Conflict, why.ETAG_STALE),
    "CLAIMED_BY_ANOTHER": (FailedPrecondition, why.CLAIMED_BY_ANOTHER),
    "CLAIM_EXPIRED": (FailedPrecondition, why.CLAIM_EXPIRED),
    "NOTHING_LEFT": (FailedPrecondition, why.NOTHING_LEFT),
    "QUANTITY_EXCEEDS_REMAINING": (FailedPrecondition, why.QUANTITY_EXCEEDS_REMAINING),
    "LINE_UNKNOWN": (InvalidArgument, why.LINE_UNKNOWN),
    "SUBSTITUTION_REFUSED": (FailedPrecondition, why.SUBSTITUTION_REFUSED),
    "LOT_EXPIRED": (FailedPrecondition, why.LOT_EXPIRED),
    "TRANCHE_CLOSED": (FailedPrecondition, why.TRANCHE_CLOSED),
    "PRESCRIPTION_EXPIRED": (FailedPrecondition, why.PRESCRIPTION_EXPIRED),
    "PRESCRIPTION_CANCELLED": (FailedPrecondition, why.PRESCRIPTION_CANCELLED),
    "PRESCRIPTION_REPLACED": (FailedPrecondition, why.PRESCRIPTION_REPLACED),
    "PRESCRIPTION_IN_USE": (FailedPrecondition, why.PRESCRIPTION_IN_USE),
    "DISPENSING_REVERSED": (FailedPrecondition, why.DISPENSING_REVERSED),
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
