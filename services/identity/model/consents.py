"""A person's consents, and when one covers a read (Luật 91/2025/QH15 Art. 26; NĐ 356/2025/NĐ-CP)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Final
from uuid import UUID

from common.faults import Fault
from common.restricted import DataClass
from common.values import PartialDate

from .faults import missing

# Until this age a parent or guardian agrees; from the second on the child agrees too.
GUARDED_YEARS = 16
CHILD_AGREES_YEARS = 7
# From this age on somebody may agree for another (Bộ luật Dân sự 2015 Art. 20, 49).
GUARDIAN_YEARS = 18

# The kind of proof that is a document with an electronic signature; as `ConsentProof.Kind` of the contract.
SIGNED_DOCUMENT = 2

# The kind of proof that only VNeID brings: the person confirmed it there.
VNEID_CONFIRMATION = 3


class ConsentState(IntEnum):
    ACTIVE = 1
    WITHDRAWN = 2


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent: *facility* is a code, empty for every one; *valid_to* None is until withdrawn."""

    id: UUID
    person_id: UUID
    state: ConsentState
    facility: str
    purpose: int
    data_classes: frozenset[DataClass]
    valid_from: date
    valid_to: date | None
    proof_kind: int
    proof_reference: str
    proof_sha256: bytes
    guardian: UUID | None
    guardian_relation: int
    child_agreed: bool
    recorder: str
    create_time: datetime
    withdraw_time: datetime | None
    version: int
    upheld: bool = False

    @property
    def is_self_recorded(self) -> bool:
        """Whether the facility that may read under it is the one that says that the person agreed.

        Whatever the kind of the recorder's certificate: another kind's word for it is no better.
        """
        kind, _, recorder = self.recorder.partition("/")
        return kind in ("facility", "pharmacy") and recorder == self.facility

    @property
    def is_unconfirmed(self) -> bool:
        """Whether nobody but the facility has said so: no confirmation in VNeID, and no review."""
        return self.is_self_recorded and self.proof_kind != VNEID_CONFIRMATION and not self.upheld

    def in_force(self, facility: str, purpose: int, day: date) -> bool:
        return (
            self.state is ConsentState.ACTIVE
            and self.facility in ("", facility)
            and self.purpose == purpose
            and self.valid_from <= day
            and (self.valid_to is None or day <= self.valid_to)
        )


def consent_faults(consent: Consent, birth: PartialDate | None, day: date) -> list[Fault]:
    faults = []
    if consent.valid_to and consent.valid_to < consent.valid_from:
        vi = "Ngày kết thúc trước ngày bắt đầu."
        faults.append(Fault("consent.valid_to", "valid_to.order", "it ends before it begins", vi))
    age = birth.youngest_age(day) if birth else None
    if age is not None and age < GUARDED_YEARS and not consent.guardian_relation:
        faults.append(missing("consent.guardian"))
    if age is not None and CHILD_AGREES_YEARS <= age < GUARDED_YEARS and not consent.child_agreed:
        vi = "Trẻ từ đủ 7 tuổi phải cùng đồng ý."
        faults.append(Fault("consent.child_agreed", "child_agreed", "a child from 7 on agrees too", vi))
    if consent.proof_kind == SIGNED_DOCUMENT and not consent.proof_sha256:
        faults.append(missing("consent.proof.sha256"))
    return faults


# Whatever record of theirs is named, one that was merged too.
OWN_GUARDIAN: Final = Fault(
    "consent.guardian.person",
    "guardian.self",
    "nobody is their own guardian",
    "Người bệnh không thể là người đại diện của chính mình.",
)


# A guardian who has died is replaced (Bộ luật Dân sự 2015 Art. 60.1).
DEAD_GUARDIAN: Final = Fault(
    "consent.guardian.person", "guardian.deceased", "the guardian has died", "Người đại diện đã qua đời."
)


def guardian_faults(known: bool, birth: PartialDate | None, day: date) -> list[Fault]:
    """Return why somebody who is named as guardian cannot agree for another; *birth* None is not known."""
    if not known:
        vi = "Không tìm thấy hồ sơ người đại diện."
        return [Fault("consent.guardian.person", "guardian.unknown", "the guardian is not known here", vi)]
    if birth is not None and birth.oldest_age(day) < GUARDIAN_YEARS:
        vi = "Người đại diện phải từ đủ 18 tuổi."
        return [Fault("consent.guardian.person", "guardian.child", "a guardian is 18 or older", vi)]
    return []
