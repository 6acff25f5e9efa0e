"""Who a summary is about, who it comes from and who wrote it: Patient, Organization, Device."""

from typing import Final
from uuid import UUID

from common.names import last_part

from ...model.patient_summaries import Demographics, PatientNumber
from .elements import (
    TERMINOLOGY,
    VN_CORE,
    VN_FACILITY,
    Element,
    absent,
    filled,
    profiled,
    short_text,
    urn,
    urn_of,
    written_date,
)
from .entries import Entries

GENDERS: Final = {"SEX_MALE": "male", "SEX_FEMALE": "female"}

# Kinds of numbers that a summary tells, with their systems in VN Core.  The others find no one elsewhere.
NUMBER_SYSTEMS: Final = {
    "KIND_PERSONAL_ID": f"{VN_CORE}national_id",
    "KIND_CARD_NUMBER": f"{VN_CORE}insurance_number",
    "KIND_LOCAL": f"{VN_CORE}patient-internal-id",
}
PASSPORT: Final = "KIND_PASSPORT"


def patient_url(person: UUID) -> str:
    return urn(person)


def patient_of(demographics: Demographics | None) -> Element:
    """Return the Patient: what identity does not know is unknown, what it did not tell is so for now."""
    details = demographics or Demographics()
    why_absent = "temp-unknown" if demographics is None else "unknown"
    name = short_text(details.full_name)
    return profiled(
        "Patient",
        "Patient-uv-ips",
        identifier=list(filter(None, map(identifier_of, details.numbers))),
        name=[{"use": "official", "text": name}] if name else [{"_text": absent(why_absent)}],
        telecom=[{"system": "phone", "value": phone}] if (phone := short_text(details.phone)) else [],
        gender=GENDERS.get(details.sex, "unknown"),
        **birth_of(details, why_absent),
        deceasedBoolean=True if details.deceased else None,
        address=[{"use": "home", "text": place}] if (place := short_text(details.address, 1024)) else [],
    )


def birth_of(details: Demographics, why_absent: str) -> Element:
    if details.birth is not None and details.birth.exists:
        return {"birthDate": written_date(details.birth)}
    return {"_birthDate": absent(why_absent)}


def identifier_of(number: PatientNumber) -> Element:
    value = short_text(number.value)
    if number.kind == PASSPORT and value:
        return {"type": {"coding": [{"system": f"{TERMINOLOGY}v2-0203", "code": "PPN"}]}, "value": value}
    system = NUMBER_SYSTEMS.get(number.kind)
    return {"system": system, "value": value} if system and value else {}


def facility_reference(entries: Entries, facility: str) -> Element:
    """Refer to a hospital (cơ sở KCB) by its code."""
    return _organization(entries, facility, "Cơ sở KCB", VN_FACILITY)


def pharmacy_reference(entries: Entries, pharmacy: str) -> Element:
    """Refer to a pharmacy by its full name; its numbers have no system of their own."""
    return _organization(entries, last_part(pharmacy), "Nhà thuốc", "")


def _organization(entries: Entries, code: str, kind: str, system: str) -> Element:
    code = short_text(code)
    return entries.refer(
        urn_of("organization", code),
        lambda: profiled(
            "Organization",
            "Organization-uv-ips",
            identifier=[filled(system=system, value=code)] if code else [],
            name=f"{kind} {code}".strip(),
        ),
    )


def author_reference(entries: Entries) -> Element:
    """Refer to what wrote the document: the exchange, not a person."""
    name = {"name": "Liên Tuyến", "type": "user-friendly-name"}
    return entries.refer(urn_of("device"), lambda: {"resourceType": "Device", "deviceName": [name]})
