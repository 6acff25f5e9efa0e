"""
The document of a patient summary: a Bundle of its Composition, the Patient and what the sections refer to.

The same history at the same time gives the same bytes: ids are the records' own, or made from them.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Final

from ...model.patient_summaries import Derived, PatientHistory
from .clinical import Clinical
from .elements import DECIMAL_MARK, TERMINOLOGY, Element, coded, filled, instant, profiled, reference, urn_of
from .entries import Entries
from .narrative import narrative
from .people import author_reference, patient_of, patient_url
from .sections import LOINC, NOT_HEARD, Sections, extent_of

MEDIA_TYPE: Final = "application/fhir+json; fhirVersion=4.0"

TITLE: Final = "Tóm tắt thông tin sức khỏe"
# An extension of our own: a service whose part is missing.
NOT_HEARD_URL: Final = "https://lientuyen.test/fhir/StructureDefinition/not-heard"

OLDER: Final = "Có những lượt khám cũ hơn không nằm trong bản tóm tắt này."


_DECIMAL = re.compile(f'"{DECIMAL_MARK}(-?[0-9]+(?:[.][0-9]+)?)"')


def summary_document(history: PatientHistory, now: datetime) -> bytes:
    """Return the document of *history* as of *now*: JSON in UTF-8."""
    text = json.dumps(summary_bundle(history, now), ensure_ascii=False, separators=(",", ":"))
    return _DECIMAL.sub(r"\1", text).encode()


def summary_bundle(history: PatientHistory, now: datetime) -> Element:
    """Return the Bundle; its decimals are texts behind `DECIMAL_MARK`."""
    entries, patient = Entries(), patient_url(history.person)
    encounters = {entry.source.dossier: entry for entry in history.encounters}
    clinical = Clinical(entries, patient, now, encounters)
    address = urn_of(history.person, now.isoformat())
    composition = composition_of(history, now, clinical)
    first = [
        {"fullUrl": urn_of(address, "composition"), "resource": composition},
        {"fullUrl": patient, "resource": patient_of(history.demographics)},
    ]
    return profiled(
        "Bundle",
        "Bundle-uv-ips",
        identifier={"system": "urn:ietf:rfc:3986", "value": address},
        type="document",
        timestamp=instant(now),
        entry=first + entries.listed(),
    )


def composition_of(history: PatientHistory, now: datetime, clinical: Clinical) -> Element:
    return profiled(
        "Composition",
        "Composition-uv-ips",
        extension=[{"url": NOT_HEARD_URL, "valueCode": name} for name in history.unreachable],
        text=narrative(remarks_of(history)),
        status="final",
        type=coded(LOINC, "60591-5"),
        subject=reference(clinical.patient),
        date=instant(now),
        author=[author_reference(clinical.entries)],
        title=TITLE,
        confidentiality="R" if is_restricted(history) else "N",
        event=covered_of(history),
        section=Sections(history, clinical).all(),
    )


def remarks_of(history: PatientHistory) -> list[str]:
    """Return what a reader must know of the whole: what it is, and what is missing."""
    return [
        TITLE,
        *extent_of(history),
        *(NOT_HEARD.format(name=name) for name in history.unreachable),
        *([OLDER] if history.older_encounters else []),
    ]


def is_restricted(history: PatientHistory) -> bool:
    """Tell whether anything in it is of a restricted kind (HIV, mental or reproductive health)."""
    entries: Iterable[Derived] = chain(
        history.encounters, history.results, history.medicines, history.procedures, history.doses
    )
    return any(entry.source.classes for entry in entries) or any(
        medicine.classes for medicine in history.dispensed_medicines
    )


def covered_of(history: PatientHistory) -> list[Element]:
    """Return the care that the document is about: from the earliest arrival to the latest."""
    arrivals = [entry.encounter.arrival_time for entry in history.encounters]
    if not arrivals:
        return []
    period = filled(start=instant(min(arrivals)), end=instant(max(arrivals)))
    return [{"code": [coded(f"{TERMINOLOGY}v3-ActClass", "PCPR")], "period": period}]
