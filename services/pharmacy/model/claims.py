"""
A pharmacy's hold on a prescription: taken, given back, shown by its token.

While it holds, no other pharmacy claims or dispenses; it ends with a dispensing, a release,
or its time.
"""

import hmac
from dataclasses import replace
from datetime import datetime, timedelta

from common.faults import RuleViolated
from common.values import day_of

from .prescriptions import (
    Claim,
    Prescription,
    State,
    expired,
    has_open_lines,
    next_opening,
    require_not_withdrawn,
    rfc3339,
    state_of,
)
from .refusals import Refusal


def claim(
    prescription: Prescription, pharmacy: str, digest: bytes, now: datetime, duration: timedelta
) -> Prescription:
    """Return *prescription*, held by *pharmacy* for *duration*.

    The holder may claim anew: the old token is void.
    """
    require_not_withdrawn(prescription)
    if state_of(prescription, now) is State.DISPENSED:
        raise RuleViolated(Refusal.NOTHING_LEFT, name=prescription.name)
    live_claim = prescription.live_claim(now)
    if live_claim is not None and live_claim.pharmacy != pharmacy:
        raise RuleViolated(Refusal.CLAIMED_BY_ANOTHER, retry_time=rfc3339(live_claim.expire_time))
    if now >= prescription.expire_time:
        raise expired(prescription)
    if not has_open_lines(prescription, day_of(now)):
        raise RuleViolated(Refusal.TRANCHE_CLOSED, opens=next_opening(prescription, day_of(now)))
    return replace(
        prescription, claim=Claim(pharmacy, digest, now + duration), version=prescription.version + 1
    )


def release(prescription: Prescription, pharmacy: str, digest: bytes, now: datetime) -> Prescription:
    require_claim(prescription, pharmacy, digest, now)
    require_not_withdrawn(prescription)
    return replace(prescription, claim=None, version=prescription.version + 1)


def require_claim(prescription: Prescription, pharmacy: str, digest: bytes, now: datetime) -> None:
    """Refuse unless *pharmacy* holds it with this very token.

    Comes before all else that may be said of it: whoever does not hold it must hear what is
    said of a prescription that is not there.
    """
    live_claim = prescription.live_claim(now)
    if (
        live_claim is None
        or live_claim.pharmacy != pharmacy
        or not hmac.compare_digest(live_claim.digest, digest)
    ):
        raise RuleViolated(Refusal.CLAIM_EXPIRED, name=prescription.name)
