"""
Who may read a person's data: the one decision table.  What no row allows is denied.

A row holds for a legal basis, purposes and kinds of requester, and says what it
needs and whether restricted data (HIV, mental, reproductive health) are open
under it.  Restricted data need a consent that names them; only the person
themself and whoever made the record are outside that.  A consent to them of which
only the reading facility says that it was given opens them, flagged, to be reviewed.

Law: Luật 91/2025/QH15 Art. 19.1 (exceptions) and 26 (written request);
NĐ 102/2025/NĐ-CP Art. 9 and 10; Luật Phòng, chống HIV/AIDS Art. 30.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, IntEnum
from typing import Final

from common.restricted import RESTRICTED, DataClass

from .consents import Consent


class Purpose(IntEnum):
    TREATMENT = 1
    PAYMENT = 2
    PUBLIC_HEALTH = 3
    RESEARCH = 4
    PATIENT_REQUEST = 5
    OPERATIONS = 6


# Nobody but these services gets a person's identity for anything else.
IDENTITY_PURPOSES: Final = frozenset(Purpose) - {Purpose.RESEARCH, Purpose.OPERATIONS}


class Basis(IntEnum):
    """The legal ground; as `AccessContext.LegalBasis` of the contract."""

    CONSENT = 1
    EMERGENCY = 2
    LEGAL_DUTY = 3
    DATA_SUBJECT = 4
    OWN_RECORD = 5


class DecisionReason(IntEnum):
    CONSENT_IN_FORCE = 1
    EMERGENCY = 2
    LEGAL_DUTY = 3
    DATA_SUBJECT = 4
    OWN_RECORD = 5
    NO_RULE = 6
    NO_CONSENT = 7
    RESTRICTED_CLASS = 8
    REASON_MISSING = 9
    NOT_OWN_RECORD = 10
    UNKNOWN = 11


REASONS_VI: Final = {
    DecisionReason.CONSENT_IN_FORCE: "Được truy cập: người bệnh đã đồng ý.",
    DecisionReason.EMERGENCY: "Được truy cập khẩn cấp, sẽ được hậu kiểm.",
    DecisionReason.LEGAL_DUTY: "Được truy cập theo nghĩa vụ pháp luật.",
    DecisionReason.DATA_SUBJECT: "Được truy cập: chính người bệnh hoặc người đại diện.",
    DecisionReason.OWN_RECORD: "Được truy cập: hồ sơ của chính cơ sở.",
    DecisionReason.NO_RULE: "Từ chối: không có căn cứ cho mục đích này.",
    DecisionReason.NO_CONSENT: "Từ chối: chưa có văn bản đồng ý của người bệnh.",
    DecisionReason.RESTRICTED_CLASS: "Từ chối: dữ liệu hạn chế cần văn bản đồng ý nêu rõ.",
    DecisionReason.REASON_MISSING: "Từ chối: truy cập khẩn cấp phải nêu lý do.",
    DecisionReason.NOT_OWN_RECORD: "Từ chối: hồ sơ không phải của cơ sở.",
    DecisionReason.UNKNOWN: "Từ chối: không tìm thấy người bệnh hoặc cơ sở.",
}


class Need(Enum):
    NOTHING = 1
    CONSENT = 2
    REASON = 3
    OWNERSHIP = 4


@dataclass(frozen=True, slots=True)
class Row:
    basis: Basis
    purposes: frozenset[Purpose]
    requesters: frozenset[str]
    need: Need
    gives: DecisionReason
    restricted: bool = False


CARE_GIVERS: Final = frozenset({"facility", "pharmacy"})

TABLE: Final = (
    Row(
        Basis.CONSENT,
        frozenset(Purpose) - {Purpose.OPERATIONS},
        CARE_GIVERS,
        Need.CONSENT,
        DecisionReason.CONSENT_IN_FORCE,
    ),
    Row(
        Basis.EMERGENCY,
        frozenset({Purpose.TREATMENT}),
        frozenset({"facility"}),
        Need.REASON,
        DecisionReason.EMERGENCY,
    ),
    Row(
        Basis.LEGAL_DUTY,
        frozenset({Purpose.PUBLIC_HEALTH}),
        frozenset({"authority/byt"}),
        Need.NOTHING,
        DecisionReason.LEGAL_DUTY,
    ),
    Row(
        Basis.LEGAL_DUTY,
        frozenset({Purpose.PAYMENT}),
        frozenset({"authority/bhxh"}),
        Need.NOTHING,
        DecisionReason.LEGAL_DUTY,
    ),
    Row(
        Basis.DATA_SUBJECT,
        frozenset({Purpose.PATIENT_REQUEST}),
        frozenset({"authority/vneid"}),
        Need.NOTHING,
        DecisionReason.DATA_SUBJECT,
        restricted=True,
    ),
    Row(
        Basis.OWN_RECORD,
        frozenset({Purpose.TREATMENT, Purpose.PAYMENT, Purpose.PATIENT_REQUEST}),
        CARE_GIVERS,
        Need.OWNERSHIP,
        DecisionReason.OWN_RECORD,
        restricted=True,
    ),
)


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """Who wants to read what, and why.

    *requester* is `facility`, `pharmacy`, or the whole identity of anybody else, as `authority/vneid`;
    *facility* is the code of the first two, else empty.  *each_class* asks for a decision on each
    class by itself; ordinary care is then always among them.
    """

    requester: str
    facility: str
    purpose: int
    basis: int
    reason: str
    data_classes: frozenset[DataClass]
    own_record: bool
    day: date
    each_class: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision.  *consents* are what it rests on, ordinary care's first; *withheld* what is not opened.

    *own_words* are those of the consents that are to be reviewed: they alone open something restricted.
    """

    allowed: bool
    reason: DecisionReason
    flagged: bool = False
    consents: tuple[Consent, ...] = ()
    withheld: tuple[DataClass, ...] = ()
    own_words: tuple[Consent, ...] = ()


def decide(request: ReadRequest, consents: Iterable[Consent]) -> Decision:
    """Return whether *request* is allowed, given the person's *consents*.

    All classes or none, unless it asks about each: then ordinary care must be allowed, and the others
    are withheld that are not.
    """
    row = next((row for row in TABLE if _fits(row, request)), None)
    if row is None:
        return Decision(False, DecisionReason.NO_RULE)
    if row.need is Need.REASON and not request.reason.strip():
        return Decision(False, DecisionReason.REASON_MISSING)
    if row.need is Need.OWNERSHIP and not request.own_record:
        return Decision(False, DecisionReason.NOT_OWN_RECORD)
    in_force = [
        consent for consent in consents if consent.in_force(request.facility, request.purpose, request.day)
    ]
    if row.need is Need.CONSENT and request.each_class:
        return _each_by_consent(request, in_force)
    if row.need is Need.CONSENT:
        return _by_consent(request, in_force)
    withheld = _uncovered(request, in_force, row)
    if withheld and not request.each_class:
        return Decision(False, DecisionReason.RESTRICTED_CLASS, withheld=withheld)
    return Decision(True, row.gives, flagged=row.gives is DecisionReason.EMERGENCY, withheld=withheld)


def _fits(row: Row, request: ReadRequest) -> bool:
    return (
        request.basis == row.basis and request.purpose in row.purposes and request.requester in row.requesters
    )


def _by_consent(request: ReadRequest, in_force: list[Consent]) -> Decision:
    """Return the decision that rests on a consent: one alone must cover every class asked for."""
    covering = [consent for consent in in_force if request.data_classes <= consent.data_classes]
    if covering:
        # One that is confirmed, and lasts longest, so that the decision is stable over the day.
        best = max(covering, key=_strength)
        return _resting_on(dict.fromkeys(request.data_classes, best), withheld=())
    if not in_force:
        return Decision(False, DecisionReason.NO_CONSENT, withheld=tuple(sorted(request.data_classes)))
    named = frozenset().union(*(consent.data_classes for consent in in_force))
    withheld = request.data_classes - named or request.data_classes
    restricted = withheld & RESTRICTED
    reason = DecisionReason.RESTRICTED_CLASS if restricted else DecisionReason.NO_CONSENT
    return Decision(False, reason, withheld=tuple(sorted(withheld)))


def _each_by_consent(request: ReadRequest, in_force: list[Consent]) -> Decision:
    """Return the decision that rests, for each class, on the strongest consent that names it."""
    classes = request.data_classes | {DataClass.CARE}
    best = {
        kind: max(covering, key=_strength)
        for kind in sorted(classes)
        if (covering := [consent for consent in in_force if kind in consent.data_classes])
    }
    if DataClass.CARE not in best:
        return Decision(False, DecisionReason.NO_CONSENT, withheld=tuple(sorted(classes)))
    return _resting_on(best, withheld=tuple(sorted(classes - best.keys())))


def _resting_on(best: dict[DataClass, Consent], *, withheld: tuple[DataClass, ...]) -> Decision:
    """Return the decision that allows each class by its consent; own words for restricted ones are flagged.

    Whatever there is of the person: a flag that came with restricted data only would tell of them.
    """
    own_words = [consent for kind, consent in best.items() if kind in RESTRICTED and consent.is_unconfirmed]
    return Decision(
        True,
        DecisionReason.CONSENT_IN_FORCE,
        flagged=bool(own_words),
        consents=tuple(dict.fromkeys(best.values())),
        withheld=withheld,
        own_words=tuple(dict.fromkeys(own_words)),
    )


def _strength(consent: Consent) -> tuple[bool, date, datetime]:
    return not consent.is_unconfirmed, consent.valid_to or date.max, consent.create_time


def _uncovered(request: ReadRequest, in_force: list[Consent], row: Row) -> tuple[DataClass, ...]:
    if row.restricted:
        return ()
    named = frozenset().union(*(consent.data_classes for consent in in_force))
    return tuple(sorted((request.data_classes & RESTRICTED) - named))
