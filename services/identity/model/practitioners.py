"""People licensed to practise, and whom they are lent to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Final
from uuid import UUID, uuid5

from common.faults import Fault

from .faults import lost_letters, malformed, missing, too_long

# The same licence number is the same practitioner, on every node: the name is made from it.
LICENCES = UUID("6f3c1d0a-5a0e-5d5e-9d9a-0b6a3f1c2e77")


@dataclass(frozen=True, slots=True)
class Lending:
    """A contract that lends a practitioner to *facility*, a code."""

    facility: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class PractitionerRow:
    licence_number: str
    full_name: str
    title: str
    scope: str
    valid_from: date | None
    valid_to: date | None
    state: int
    facility: str
    lendings: tuple[Lending, ...] = ()


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody licensed to practise (người hành nghề)."""

    id: UUID
    licence_number: str
    full_name: str
    title: str
    scope: str
    valid_from: date | None
    valid_to: date | None
    state: int
    facility: str
    update_time: datetime
    version: int


def practitioner_id(licence_number: str) -> UUID:
    return uuid5(LICENCES, licence_number)


def row_faults(row: PractitionerRow) -> list[Fault]:
    limits = {
        "licence_number": (row.licence_number, 255),
        "full_name": (row.full_name, 255),
        "title": (row.title, 100),
        "scope": (row.scope, 1024),
    }
    faults = [missing(field) for field in ("licence_number", "full_name") if not limits[field][0]]
    faults += [too_long(field, limit) for field, (value, limit) in limits.items() if len(value) > limit]
    if row.state not in (1, 2, 3):
        faults.append(malformed("state"))
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        en, vi = "the licence ends before it begins", "Ngày hết hạn trước ngày hiệu lực."
        faults.append(Fault("valid_to", "valid_to.order", en, vi))
    return faults + lost_letters("full_name", row.full_name)


class LicenceState(IntEnum):
    """Where a licence is in its life; as `Practitioner.State` of the contract."""

    ACTIVE = 1
    SUSPENDED = 2
    REVOKED = 3


class Standing(IntEnum):
    """Whether somebody may practise, and why; as `CheckLicenceResponse.Standing` of the contract."""

    REGISTERED = 1
    LENT = 2
    UNKNOWN = 3
    NOT_YET = 4
    ENDED = 5
    SUSPENDED = 6
    REVOKED = 7
    ELSEWHERE = 8

    @property
    def may_practise(self) -> bool:
        return self in (Standing.REGISTERED, Standing.LENT)


STANDING_VI: Final = {
    Standing.REGISTERED: "Được hành nghề: đăng ký hành nghề tại cơ sở.",
    Standing.LENT: "Được hành nghề: theo hợp đồng với cơ sở.",
    Standing.UNKNOWN: "Không tìm thấy số giấy phép hành nghề.",
    Standing.NOT_YET: "Giấy phép hành nghề chưa có hiệu lực.",
    Standing.ENDED: "Giấy phép hành nghề đã hết hạn.",
    Standing.SUSPENDED: "Người hành nghề đang bị đình chỉ.",
    Standing.REVOKED: "Giấy phép hành nghề đã bị thu hồi.",
    Standing.ELSEWHERE: "Không đăng ký hành nghề và không có hợp đồng tại cơ sở.",
}

_LENT: Final = re.compile(r"(.+)\.HD\.([0-9A-Z]{2,20})")


def licence_of(written: str) -> tuple[str, str]:
    """Return the licence number in *written*, and the facility that it says somebody is lent to.

    A dossier writes the one who is lent as `GPHN.HD.{facility}`; else the facility is empty.
    """
    match = _LENT.fullmatch(written.strip())
    return (match[1], match[2]) if match else (written.strip(), "")


def in_force(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    """Whether *day* is in a time whose ends count; None is no end."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def standing(practitioner: Practitioner, lendings: Iterable[Lending], facility: str, day: date) -> Standing:
    """Return whether *practitioner* may practise at *facility* on *day*.

    A state has no days: a licence that is suspended now counts as suspended whatever the day.
    """
    if practitioner.state == LicenceState.REVOKED:
        return Standing.REVOKED
    if practitioner.state == LicenceState.SUSPENDED:
        return Standing.SUSPENDED
    if practitioner.valid_from and day < practitioner.valid_from:
        return Standing.NOT_YET
    if practitioner.valid_to and day > practitioner.valid_to:
        return Standing.ENDED
    if practitioner.facility == facility:
        return Standing.REGISTERED
    lent = any(
        each.facility == facility and in_force(each.valid_from, each.valid_to, day) for each in lendings
    )
    return Standing.LENT if lent else Standing.ELSEWHERE
