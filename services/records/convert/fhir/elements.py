"""
Elements of HL7 FHIR R4, as plain dictionaries: what is empty is left out, for FHIR has no empty elements.

Texts come as hospitals send them; here they lose what JSON, XHTML or FHIR do not take, and are bounded.
"""

import re
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from common.values import VIETNAM, PartialDate

Element = dict[str, Any]

PROFILES: Final = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem/"
ICD_10: Final = "http://hl7.org/fhir/sid/icd-10"
UCUM: Final = "http://unitsofmeasure.org"

# Of the two drafts called VN Core: the Ministry's for numbers of people, HL7 Vietnam's for what that lacks.
VN_CORE: Final = "http://fhir.ehealth.gov.vn/core/sid/"
VN_FACILITY: Final = "http://fhir.hl7.org.vn/core/sid/ma-cskcb"

# Lists of the insurance files that neither draft has a URI for.
OWN_LISTS: Final = "https://lientuyen.test/fhir/sid/"

ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

# What ids are made in that nobody else has given.
NAMESPACE: Final = UUID("3f0c2b6e-6a53-5b0f-9c40-2f4f0d1d7a11")

# Characters of a short text (a name, a dose) and of a long one (a conclusion).
SHORT, LONG = 255, 1000

# Stands before the digits of a decimal until it is written: they are kept as they were sent, 5.40 is not 5.4.
# No text holds it, for it is a noncharacter of Unicode.
DECIMAL_MARK: Final = "\ufdd0"

_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?")
# The beginning of a tag of HTML.
_TAG = re.compile("<(?=[A-Za-z/!?])")

_CUT = " … (rút gọn)"

# Units of laboratories, as they are written, as UCUM writes them.
_UNITS: Final = {
    "mmol/l": "mmol/L",
    "µmol/l": "umol/L",
    "μmol/l": "umol/L",
    "umol/l": "umol/L",
    "g/l": "g/L",
    "g/dl": "g/dL",
    "mg/dl": "mg/dL",
    "mg/l": "mg/L",
    "ng/ml": "ng/mL",
    "pg/ml": "pg/mL",
    "u/l": "U/L",
    "iu/l": "[IU]/L",
    "meq/l": "meq/L",
    "%": "%",
    "fl": "fL",
    "pg": "pg",
    "g/l (10^9/l)": "10*9/L",
    "10^9/l": "10*9/L",
    "10^12/l": "10*12/L",
    "t/l": "10*12/L",
    "mm": "mm",
    "mmhg": "mm[Hg]",
}


def filled(**fields: object) -> Element:
    """Return the fields that are not empty; a `_` at the end of a name, for Python's words, is taken off."""
    return {
        name.removesuffix("_"): value
        for name, value in fields.items()
        if value is not None and value != "" and value != [] and value != {}
    }


def short_text(text: str, limit: int = SHORT) -> str:
    """Return *text* on one line, cut when it is longer than *limit*."""
    return _cut(" ".join(_UNWRITABLE.sub("", text).split()), limit)


def long_text(*texts: str, limit: int = LONG) -> str:
    """Return *texts* as paragraphs, cut when they are longer than *limit* together."""
    cleaned = (_UNWRITABLE.sub("", text).strip() for text in texts)
    return _cut("\n".join(filter(None, cleaned)), limit)


def markdown(text: str) -> str:
    """Return *text* as markdown that holds no HTML."""
    return _TAG.sub("&lt;", text)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - len(_CUT)].rstrip() + _CUT


def coding(system: str, code: str, display: str = "") -> Element:
    code = short_text(code)
    return filled(system=system, code=code, display=short_text(display)) if code else {}


def concept(*codings: Element, text: str = "") -> Element:
    """Return a CodeableConcept; its text is never empty, a thing without a name says so."""
    present = list(filter(None, codings))
    text = short_text(text) or next((each["display"] for each in present if "display" in each), "")
    return filled(coding=present, text=text or ("" if present else "Không rõ tên"))


def coded(system: str, code: str) -> Element:
    """Return the CodeableConcept of one code of HL7's own lists."""
    return {"coding": [{"system": system, "code": code}]}


def own_list(name: str) -> str:
    """Return the URI of a list that has none: of MA_DICH_VU, `…/ma-dich-vu`; a URI and nothing stay."""
    if not name or ":" in name:
        return name
    return OWN_LISTS + name.lower().replace("_", "-")


def reference(url: str) -> Element:
    return {"reference": url}


def urn(resource_id: UUID) -> str:
    return f"urn:uuid:{resource_id}"


def urn_of(*parts: object) -> str:
    """Return the address of what has no id of its own: the same for the same *parts*."""
    return urn(uuid5(NAMESPACE, "/".join(map(str, parts))))


def instant(moment: datetime) -> str:
    """Return a time as FHIR writes it, in Viet Nam: 2026-11-20T08:30:00+07:00."""
    return moment.astimezone(VIETNAM).isoformat(timespec="seconds")


def written_date(day: PartialDate) -> str:
    """Return a date known in part as FHIR writes it: 1985, 1985-03, 1985-03-12."""
    parts = [f"{day.year:04}", *(f"{part:02}" for part in (day.month, day.day) if part)]
    return "-".join(parts)


def absent(reason: str) -> Element:
    """Return an element that says why it has no value: `unknown`, or `temp-unknown` while nobody answers."""
    return {"extension": [{"url": ABSENT, "valueCode": reason}]}


def dated(name: str, moment: datetime | None) -> Element:
    """Return the field *name* with a time, or with that nobody knows it."""
    return {name: instant(moment)} if moment is not None else {f"_{name}": absent("unknown")}


def decimal(text: str) -> str | None:
    """Return the decimal that *text* is, as it is to be written; None when it is none."""
    text = text.strip()
    return DECIMAL_MARK + text if _DECIMAL.fullmatch(text) else None


def quantity(value: str, unit: str) -> Element:
    """Return the Quantity, in a unit of UCUM where *unit* is one; nothing when *value* is no decimal."""
    number, unit = decimal(value), short_text(unit)
    if number is None:
        return {}
    code = _UNITS.get(unit.lower(), "")
    return filled(value=number, unit=unit, system=UCUM if code else "", code=code)


def profiled(resource_type: str, profile: str, **fields: object) -> Element:
    """Return a resource that claims a profile of the IPS: `profiled("Condition", "Condition-uv-ips", …)`."""
    return {"resourceType": resource_type, "meta": {"profile": [PROFILES + profile]}, **filled(**fields)}
