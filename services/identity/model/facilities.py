"""Facilities: codes, check digits, certificates."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Final

from cryptography import x509

from common.faults import Fault

from .faults import future_faults, lost_letters, malformed, missing, too_long
from .laboratory_recognitions import LaboratoryRecognition, recognition_faults
from .places import PROVINCES_34, PROVINCES_63
from .signing_certificates import signing_faults

# What a certificate is for: to call the services, or to sign.
CALLING, SIGNING = 1, 2

# The form of a place of care's code, by which callers are told apart too (`chassis.call_context`).
CARE_CODE: Final = r"[0-9]{2}[0-9A-Z]{3}"


class FacilityKind(IntEnum):
    HOSPITAL = 1
    HEALTH_CENTRE = 2
    COMMUNE_STATION = 3
    POLYCLINIC = 4
    CLINIC = 5
    MATERNITY_HOME = 6
    PHARMACY = 7
    DIAGNOSTIC_CENTRE = 8
    VACCINATION_POINT = 9


class Level(IntEnum):
    """The level of expertise (cấp chuyên môn kỹ thuật); as `Facility.Level` of the contract."""

    UNSPECIFIED = 0
    INITIAL = 1
    BASIC = 2
    SPECIALISED = 3


class InitialCare(IntEnum):
    """The kind of a facility of the initial level that row 1.2 asks for (QĐ 3276/QĐ-BYT, Annex 1)."""

    UNSPECIFIED = 0
    COMMUNE_STATION = 1
    FAMILY_MEDICINE = 2
    ARMY_CIVIL = 3
    HEALTH_CENTRE_CLINIC = 4
    WORKPLACE = 5
    ARMY_POLICE = 6
    OTHER = 7


class FacilityState(IntEnum):
    ACTIVE = 1
    SUSPENDED = 2
    CLOSED = 3


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of a facility; *use* is `CALLING` or `SIGNING`."""

    use: int
    sha256: str
    der: bytes
    valid_from: datetime
    valid_to: datetime
    revoke_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class FacilityFacts:
    """What the directory says of a place that gives care or dispenses."""

    code: str
    gln: str
    display_name: str
    kind: int
    level: int
    points: int
    node: str
    former_line: int
    state: int
    address_line: str
    commune_code: str
    province_code: str
    open_date: date | None
    close_date: date | None
    max_waiting: int
    keep_days: int
    initial_care: int
    provisionally_ranked: bool
    unsigned_until: date | None

    @property
    def known_initial_care(self) -> InitialCare:
        """The kind as told, or as `kind` surely tells it.

        A commune station is one.  A hospital above the initial level is of none of the kinds of row 1.2; one
        of the initial level may be the army's or the police's.
        """
        if self.initial_care:
            return InitialCare(self.initial_care)
        if self.kind == FacilityKind.COMMUNE_STATION:
            return InitialCare.COMMUNE_STATION
        if self.kind == FacilityKind.HOSPITAL and self.level in (Level.BASIC, Level.SPECIALISED):
            return InitialCare.OTHER
        return InitialCare.UNSPECIFIED


@dataclass(frozen=True, slots=True)
class Facility(FacilityFacts):
    update_time: datetime
    version: int


@dataclass(frozen=True, slots=True)
class FacilityRow(FacilityFacts):
    """A facility of an import, checked; what comes in tuples, when empty, keeps what was known before."""

    certificates: tuple[Certificate, ...] = ()
    laboratory_recognitions: tuple[LaboratoryRecognition, ...] = ()


def gln_is_right(gln: str) -> bool:
    """Whether a Global Location Number has 13 digits and the right check digit (GS1 mod 10)."""
    if not re.fullmatch(r"[0-9]{13}", gln):
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(gln[:12]))
    return (10 - total % 10) % 10 == int(gln[12])


def read_certificate(use: int, der: bytes, revoke_time: datetime | None = None) -> Certificate | None:
    """Return the certificate in *der* (X.509), revoked at *revoke_time*; None when it is none."""
    try:
        read = x509.load_der_x509_certificate(der)
    except ValueError:
        return None
    sha256 = hashlib.sha256(der).hexdigest()
    return Certificate(use, sha256, der, read.not_valid_before_utc, read.not_valid_after_utc, revoke_time)


def row_faults(row: FacilityRow, now: datetime) -> list[Fault]:
    checked = (_code_fault(row), _gln_fault(row), _dates_fault(row), _rank_fault(row))
    faults = [fault for fault in checked if fault]
    if not row.display_name:
        faults.append(missing("display_name"))
    elif len(row.display_name) > 255:
        faults.append(too_long("display_name", 255))
    if row.kind not in frozenset(FacilityKind):
        faults.append(missing("kind"))
    if row.level not in frozenset(Level):
        faults.append(malformed("level"))
    if row.initial_care not in frozenset(InitialCare):
        faults.append(malformed("initial_care"))
    if row.state not in frozenset(FacilityState):
        faults.append(malformed("state"))
    if not 0 <= row.points <= 100:
        faults.append(malformed("points"))
    if not re.fullmatch(r"[a-z0-9-]{1,63}", row.node):
        faults.append(malformed("node"))
    if row.province_code and row.province_code not in PROVINCES_34:
        faults.append(malformed("province_code"))
    if not re.fullmatch(r"([0-9]{5})?", row.commune_code):
        faults.append(malformed("commune_code"))
    if len(row.address_line) > 1024:
        faults.append(too_long("address_line", 1024))
    for index, certificate in enumerate(row.certificates):
        faults += future_faults(f"certificates[{index}].revoke_time", certificate.revoke_time, now)
        if certificate.use == SIGNING:
            faults += signing_faults(f"certificates[{index}]", certificate.der)
    faults += recognition_faults(row.laboratory_recognitions)
    return faults + lost_letters("display_name", row.display_name)


def _code_fault(row: FacilityRow) -> Fault | None:
    """A code has 5 characters and begins with an old province (QĐ 384/QĐ-BYT 2019); a pharmacy's has not."""
    if row.kind == FacilityKind.PHARMACY:
        return _pharmacy_code_fault(row.code)
    if not re.fullmatch(CARE_CODE, row.code):
        return malformed("code")
    if row.code[:2] in PROVINCES_63:
        return None
    en, vi = "the code begins with no old province", "Hai ký tự đầu không phải mã tỉnh cũ."
    return Fault("code", "code.province", en, vi)


def _pharmacy_code_fault(code: str) -> Fault | None:
    """One name has one holder: by the form of a code it is told which kind of certificate that holder has."""
    if not re.fullmatch(r"[0-9A-Z]{2,20}", code):
        return malformed("code")
    if re.fullmatch(CARE_CODE, code) is None:
        return None
    vi = "Mã nhà thuốc không được có dạng mã cơ sở khám bệnh, chữa bệnh."
    return Fault("code", "code.kind", "a pharmacy cannot have the code of a place of care", vi)


def _gln_fault(row: FacilityRow) -> Fault | None:
    if not row.gln or gln_is_right(row.gln):
        return None
    return Fault("gln", "gln.check_digit", "the GLN has a wrong check digit", "Mã GLN sai số kiểm tra.")


def _rank_fault(row: FacilityRow) -> Fault | None:
    """Ranked for the time being is a matter of the basic level (NĐ 188/2025/NĐ-CP Art. 19.1)."""
    if not row.provisionally_ranked or row.level == Level.BASIC:
        return None
    en, vi = "only the basic level is ranked for the time being", "Chỉ cấp cơ bản mới có tạm xếp cấp."
    return Fault("provisionally_ranked", "provisionally_ranked.level", en, vi)


def _dates_fault(row: FacilityRow) -> Fault | None:
    if not row.open_date or not row.close_date or row.open_date <= row.close_date:
        return None
    return Fault("close_date", "close_date.order", "closed before it opened", "Ngày đóng trước ngày mở.")
