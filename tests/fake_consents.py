"""Consents in memory, and what they decide: for `tests/fake_identity.py`."""

from collections.abc import Set
from dataclasses import dataclass

from lientuyen.identity.v1.consent_pb2 import DataClass, Decision

Reason = Decision.Reason
CARE = DataClass.DATA_CLASS_CARE


@dataclass(frozen=True)
class FakeConsent:
    """A consent to read *data_classes* of *person*; without a *facility*, for every one."""

    name: str
    person: str
    facility: str
    purpose: int
    data_classes: frozenset[int]


def by_consent(classes: Set[DataClass], consents: list[FakeConsent], named: Set[int]) -> Decision:
    """Return the decision that rests on one consent, which must cover every class."""
    for consent in consents:
        if classes <= consent.data_classes:
            return Decision(reason=Reason.REASON_CONSENT_IN_FORCE, consent=consent.name)
    withheld = sorted(classes - named or classes)
    restricted = bool(consents) and any(kind != CARE for kind in withheld)
    reason = Reason.REASON_RESTRICTED_CLASS if restricted else Reason.REASON_NO_CONSENT
    return Decision(reason=reason, withheld_classes=withheld)


def by_each_consent(classes: Set[DataClass], consents: list[FakeConsent], named: Set[int]) -> Decision:
    """Return the decision on each class by itself: ordinary care must be covered, the rest is withheld."""
    for consent in consents:
        if CARE in consent.data_classes:
            return Decision(
                reason=Reason.REASON_CONSENT_IN_FORCE,
                consent=consent.name,
                withheld_classes=sorted(classes - named),
            )
    return Decision(reason=Reason.REASON_NO_CONSENT, withheld_classes=sorted(classes))
