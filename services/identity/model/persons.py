"""A person as this service knows them, and what registering one needs."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Final
from uuid import UUID

from common.faults import Fault
from common.values import PartialDate, latest_day

from .faults import future_faults, lost_letters, malformed, missing, too_long
from .identifiers import Identifier, Kind, Sex, State, personal_id_warnings
from .places import address_code_warnings


class PersonState(IntEnum):
    ACTIVE = 1
    MERGED = 2
    DECEASED = 3


class Origin(IntEnum):
    REGISTER = 1
    NEWBORN = 2
    UNKNOWN = 3
    FOREIGNER = 4


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody lives; codes are those of the day *as_of*, None for today's."""

    line: str = ""
    commune_code: str = ""
    district_code: str = ""
    province_code: str = ""
    as_of: date | None = None


# The forms of the codes of an address, old or new; all may be empty.
ADDRESS_CODES: Final = {
    "commune_code": re.compile(r"([0-9]{5})?"),
    "district_code": re.compile(r"([0-9]{3})?"),
    "province_code": re.compile(r"([0-9]{2})?"),
}


def address_faults(address: Address, now: datetime) -> list[Fault]:
    faults = future_faults("address.as_of", address.as_of, now)
    faults += [too_long("address.line", 1024)] if len(address.line) > 1024 else []
    wrong = [field for field, form in ADDRESS_CODES.items() if not form.fullmatch(getattr(address, field))]
    return faults + [malformed(f"address.{field}") for field in wrong]


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    state: PersonState
    origin: Origin
    full_name: str
    birth: PartialDate | None
    birth_time: str
    sex: Sex
    nationality: str
    ethnicity: str
    address: Address
    phone: str
    mother: UUID | None
    merged_into: UUID | None
    create_time: datetime
    update_time: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Registration:
    """What a facility says of somebody without a number.  *origin* is why they have none."""

    origin: Origin
    facility: str
    full_name: str = ""
    birth: PartialDate | None = None
    birth_time: str = ""
    sex: Sex = Sex.UNSPECIFIED
    nationality: str = ""
    passport_number: str = ""
    birth_certificate_number: str = ""
    mother: UUID | None = None
    address: Address = Address()


def registration_faults(registration: Registration, now: datetime) -> list[Fault]:
    faults = address_faults(registration.address, now)
    faults += future_faults("birth_date", registration.birth, now)
    if registration.birth is not None and not registration.birth.exists:
        faults.append(malformed("birth_date"))
    if registration.origin is Origin.NEWBORN:
        faults += _newborn_faults(registration, latest_day(now))
    if registration.origin is Origin.FOREIGNER:
        needed = {
            "full_name": registration.full_name,
            "nationality": registration.nationality,
            "passport_number": registration.passport_number,
        }
        faults += [missing(field) for field, value in needed.items() if not value]
    return faults


def _newborn_faults(registration: Registration, today: date) -> list[Fault]:
    faults = []
    born = registration.birth.whole if registration.birth and registration.birth.exists else None
    if born is None:
        faults.append(missing("birth_date"))
    elif (today - born).days > 366:
        vi = "Trẻ sơ sinh phải sinh trong vòng một năm."
        faults.append(Fault("birth_date", "birth_date.newborn", "a newborn is born within the last year", vi))
    if registration.mother is None and not registration.birth_certificate_number:
        faults.append(missing("mother"))
    return faults


def registered_identifiers(registration: Registration, local: str) -> list[Identifier]:
    identifiers = [Identifier(Kind.LOCAL, local)]
    if registration.passport_number:
        identifiers.append(
            Identifier(Kind.PASSPORT, registration.passport_number, country=registration.nationality)
        )
    if registration.birth_certificate_number:
        identifiers.append(Identifier(Kind.BIRTH_CERTIFICATE, registration.birth_certificate_number))
    return identifiers


def plausibility_warnings(person: Person, identifiers: list[Identifier]) -> list[Fault]:
    """Return what looks odd about *person*: their name, their personal ID and the codes of their address."""
    warnings = lost_letters("full_name", person.full_name)
    for identifier in identifiers:
        if identifier.kind is Kind.PERSONAL_ID and identifier.state is State.CURRENT:
            warnings += personal_id_warnings(identifier.value, person.birth, person.sex)
    home = person.address
    warnings += address_code_warnings(home.commune_code, home.district_code, home.province_code, home.as_of)
    return warnings
