"""
Who may read a person's data: the one decision table.  What no row allows is denied.

A row holds for a legal basis, purposes and kinds of requester, and says what it
needs and whether restricted data (HIV, mental, reproductive health) are open
under it.  Restricted data need a consent that names them; only the person
themself and whoever made the record are outside that.

Law: Luật 91/2025/QH15 Art. 19.1 (exceptions) and 26 (written request);
NĐ 102/2025/NĐ-CP Art. 9 and 10; Luật Phòng, chống HIV/AIDS Art. 30.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum, IntEnum
from typing import Final

from .consents import RESTRICTED, Consent, DataClass


class Purpose(IntEnum):
    """What the data are for; as `AccessContext.Purpose` of the contract."""

    TREATMENT = 1
    PAYMENT = 2
    PUBLIC_HEALTH = 3
    RESEARCH = 4
    PATIENT_REQUEST = 5
    OPERATIONS = 6


# Nobody but the exchange's own services gets a person's identity for anything else.
IDENTITY_PURPOSES: Final = frozenset(Purpose) - {Purpose.RESEARCH, Purpose.OPERATIONS}


class Basis(IntEnum):
    """The legal ground; as `AccessContext.LegalBasis` of the contract."""

    CONSENT = 1
    EMERGENCY = 2
    LEGAL_DUTY = 3
    DATA_SUBJECT = 4
    OWN_RECORD = 5


class Why(IntEnum):
    """Why a read is allowed or denied; as `Decision.Reason` of the contract."""

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


WHY_VI: Final = {
    Why.CONSENT_IN_FORCE: "Được truy cập: người bệnh đã đồng ý.",
    Why.EMERGENCY: "Được truy cập khẩn cấp, sẽ được hậu kiểm.",
    Why.LEGAL_DUTY: "Được truy cập theo nghĩa vụ pháp luật.",
    Why.DATA_SUBJECT: "Được truy cập: chính người bệnh hoặc người đại diện.",
    Why.OWN_RECORD: "Được truy cập: hồ sơ của chính cơ sở.",
    Why.NO_RULE: "Từ chối: không có căn cứ cho mục đích này.",
    Why.NO_CONSENT: "Từ chối: chưa có văn bản đồng ý của người bệnh.",
    Why.RESTRICTED_CLASS: "Từ chối: dữ liệu hạn chế cần văn bản đồng ý nêu rõ.",
    Why.REASON_MISSING: "Từ chối: truy cập khẩn cấp phải nêu lý do.",
    Why.NOT_OWN_RECORD: "Từ chối: hồ sơ không phải của cơ sở.",
    Why.UNKNOWN: "Từ chối: không tìm thấy người bệnh hoặc cơ sở.",
}


class Need(Enum):
    """What a row needs beside its basis."""

    NOTHING = 1
    CONSENT = 2
    REASON = 3
    OWNERSHIP = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table."""

    basis: Basis
    purposes: frozenset[Purpose]
    requesters: frozenset[str]
    need: Need
    gives: Why
    restricted: bool = False


CARE_GIVERS: Final = frozenset({"facility", "pharmacy"})

TABLE: Final = (
    Row(
        Basis.CONSENT,
        frozenset(Purpose) - {Purpose.OPERATIONS},
        CARE_GIVERS,
        Need.CONSENT,
        Why.CONSENT_IN_FORCE,
    ),
    Row(Basis.EMERGENCY, frozenset({Purpose.TREATMENT}), frozenset({"facility"}), Need.REASON, Why.EMERGENCY),
    Row(
        Basis.LEGAL_DUTY,
        frozenset({Purpose.PUBLIC_HEALTH}),
        frozenset({"authority/byt"}),
        Need.NOTHING,
        Why.LEGAL_DUTY,
    ),
    Row(
        Basis.LEGAL_DUTY,
        frozenset({Purpose.PAYMENT}),
        frozenset({"authority/bhxh"}),
        Need.NOTHING,
        Why.LEGAL_DUTY,
    ),
    Row(
        Basis.DATA_SUBJECT,
        frozenset({Purpose.PATIENT_REQUEST}),
        frozenset({"authority/vneid"}),
        Need.NOTHING,
        Why.DATA_SUBJECT,
        restricted=True,
    ),
    Row(
        Basis.OWN_RECORD,
        frozenset({Purpose.TREATMENT, Purpose.PAYMENT, Purpose.PATIENT_REQUEST}),
        CARE_GIVERS,
        Need.OWNERSHIP,
        Why.OWN_RECORD,
        restricted=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Ask:
    """Who wants to read what, and why.

    *requester* is `facility`, `pharmacy`, or the whole identity of anybody else, as `authority/vneid`;
    *facility* is the code of the first two, else empty.
    """

    requester: str
    facility: str
    purpose: int
    basis: int
    reason: str
    data_classes: frozenset[DataClass]
    own_record: bool
    day: date


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision.  *consent* is the one it rests on; *withheld* the classes that stood in the way."""

    allowed: bool
    why: Why
    flagged: bool = False
    consent: Consent | None = None
    withheld: tuple[DataClass, ...] = ()


def decide(ask: Ask, consents: Iterable[Consent]) -> Decision:
    """Return whether *ask* is allowed, given the person's *consents*.  All classes or none."""
    row = next((one for one in TABLE if _fits(one, ask)), None)
    if row is None:
        return Decision(False, Why.NO_RULE)
    if row.need is Need.REASON and not ask.reason.strip():
        return Decision(False, Why.REASON_MISSING)
    if row.need is Need.OWNERSHIP and not ask.own_record:
        return Decision(False, Why.NOT_OWN_RECORD)
    in_force = [one for one in consents if one.in_force(ask.facility, ask.purpose, ask.day)]
    if row.need is Need.CONSENT:
        return _by_consent(ask, in_force)
    withheld = _uncovered(ask, in_force, row)
    if withheld:
        return Decision(False, Why.RESTRICTED_CLASS, withheld=withheld)
    return Decision(True, row.gives, flagged=row.gives is Why.EMERGENCY)


def _fits(row: Row, ask: Ask) -> bool:
    return ask.basis == row.basis and ask.purpose in row.purposes and ask.requester in row.requesters


def _by_consent(ask: Ask, in_force: list[Consent]) -> Decision:
    """Return the decision that rests on a consent: one alone must cover every class asked for."""
    covering = [one for one in in_force if ask.data_classes <= one.data_classes]
    if covering:
        # The one that lasts longest, so that the decision is stable over the day.
        best = max(covering, key=lambda one: (one.valid_to or date.max, one.create_time))
        return Decision(True, Why.CONSENT_IN_FORCE, consent=best)
    if not in_force:
        return Decision(False, Why.NO_CONSENT, withheld=tuple(sorted(ask.data_classes)))
    named = frozenset().union(*(one.data_classes for one in in_force))
    withheld = ask.data_classes - named or ask.data_classes
    why = Why.RESTRICTED_CLASS if withheld & RESTRICTED else Why.NO_CONSENT
    return Decision(False, why, withheld=tuple(sorted(withheld)))


def _uncovered(ask: Ask, in_force: list[Consent], row: Row) -> tuple[DataClass, ...]:
    """Return the restricted classes that neither *row* nor a consent opens."""
    if row.restricted:
        return ()
    named = frozenset().union(*(one.data_classes for one in in_force))
    return tuple(sorted((ask.data_classes & RESTRICTED) - named))
