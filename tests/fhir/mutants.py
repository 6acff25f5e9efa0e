"""
Documents with one fault each, by which the gate is proven: a validator that takes one of them checks nothing.

A mutant is a function that spoils a document in place, and a word of the error that must name it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

Bundle = dict[str, Any]
Mutation = Callable[[Bundle], object]


def first(bundle: Bundle, kind: str, having: str = "") -> Any:
    """Return the first resource of a type that has a field."""
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == kind and (not having or having in resource):
            return resource
    raise AssertionError(f"no {kind} with {having}")


def laboratory(bundle: Bundle) -> Any:
    for entry in bundle["entry"]:
        resource = entry["resource"]
        is_profiled = "laboratory" in str(resource.get("meta"))
        if resource["resourceType"] == "Observation" and is_profiled and "valueQuantity" in resource:
            return resource
    raise AssertionError("no result of a laboratory")


def section(bundle: Bundle, code: str) -> Any:
    return next(each for each in bundle["entry"][0]["resource"]["section"] if code in str(each["code"]))


def without(kind: str, field: str) -> Mutation:
    return lambda bundle: first(bundle, kind, field).pop(field)


def changed(kind: str, field: str, value: object) -> Mutation:
    return lambda bundle: first(bundle, kind).update({field: value})


def drop_section(code: str) -> Mutation:
    def spoil(bundle: Bundle) -> None:
        bundle["entry"][0]["resource"]["section"].remove(section(bundle, code))

    return spoil


def swap_first_entries(bundle: Bundle) -> None:
    bundle["entry"][0], bundle["entry"][1] = bundle["entry"][1], bundle["entry"][0]


def add_composition(bundle: Bundle) -> None:
    copy = {
        "fullUrl": "urn:uuid:0b4ecbf8-40a3-4a4b-8d0b-3c2f2b8e1a11",
        "resource": bundle["entry"][0]["resource"],
    }
    bundle["entry"].append(copy)


def rewrite_narrative(bundle: Bundle, div: str) -> None:
    bundle["entry"][0]["resource"]["text"]["div"] = div


XHTML: Final = "http://www.w3.org/1999/xhtml"
ALLERGIES, MEDICATIONS, PROBLEMS = "48765-2", "10160-0", "11450-4"
EMPTY: Final = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": "nilknown"}]
}
NOBODY: Final = {"reference": "urn:uuid:00000000-0000-4000-8000-000000000000"}

MUTANTS: Final[Mapping[str, tuple[Mutation, str]]] = {
    "no section of allergies": (drop_section(ALLERGIES), "sectionAllergies"),
    "no section of medicines": (drop_section(MEDICATIONS), "sectionMedications"),
    "no section of problems": (drop_section(PROBLEMS), "sectionProblems"),
    "an empty section without its reason": (lambda b: section(b, PROBLEMS).pop("entry"), "ips-comp-1"),
    "entries and a reason why there are none": (
        lambda b: section(b, PROBLEMS).update(emptyReason=EMPTY),
        "cmp-2",
    ),
    "a section without a text": (lambda b: section(b, PROBLEMS).pop("text"), "text"),
    "a section without a title": (lambda b: section(b, PROBLEMS).pop("title"), "title"),
    "a status of the composition that is none": (changed("Composition", "status", "done"), "status"),
    "another type of document": (
        changed("Composition", "type", {"coding": [{"system": "http://loinc.org", "code": "34133-9"}]}),
        "type",
    ),
    "no author": (without("Composition", "author"), "author"),
    "no subject": (without("Composition", "subject"), "subject"),
    "a bundle that is no document": (lambda b: b.update(type="collection"), "type"),
    "a document without an identifier": (lambda b: b.pop("identifier"), "identifier"),
    "a document without a time": (lambda b: b.pop("timestamp"), "timestamp"),
    "a time without a zone": (lambda b: b.update(timestamp="2026-11-25T12:00:00"), "timestamp"),
    "the patient before the composition": (swap_first_entries, "omposition"),
    "two compositions": (add_composition, "omposition"),
    "two entries at one address": (
        lambda b: b["entry"][3].update(fullUrl=b["entry"][2]["fullUrl"]),
        "ullUrl",
    ),
    "a narrative with a script": (
        lambda b: rewrite_narrative(b, f'<div xmlns="{XHTML}"><script>x</script></div>'),
        "script",
    ),
    "a narrative that is no XHTML": (lambda b: rewrite_narrative(b, "<p>x"), "div"),
    "a patient without a name": (without("Patient", "name"), "name"),
    "a patient without a birth date": (without("Patient", "birthDate"), "birthDate"),
    "a birth date as it is written in Viet Nam": (changed("Patient", "birthDate", "12/03/1985"), "date"),
    "a sex in Vietnamese": (changed("Patient", "gender", "nữ"), "gender"),
    "a field that there is not": (changed("Patient", "fullName", "x"), "fullName"),
    "an empty text": (lambda b: first(b, "Patient")["name"][0].update(text=""), "name"),
    "a diagnosis without a code": (without("Condition", "code"), "code"),
    "a diagnosis of nobody": (without("Condition", "subject"), "subject"),
    "a diagnosis of somebody who is no reference": (changed("Condition", "subject", "Trần"), "subject"),
    "a section that refers to what is not there": (
        lambda b: section(b, PROBLEMS)["entry"].append(NOBODY),
        "entry",
    ),
    "a code with a space at its end": (
        lambda b: first(b, "Condition")["code"]["coding"][0].update(code="I10 "),
        "code",
    ),
    "an allergy to nothing": (without("AllergyIntolerance", "code"), "code"),
    "an allergy without a state": (without("AllergyIntolerance", "clinicalStatus"), "ait-1"),
    "an allergy of nobody": (without("AllergyIntolerance", "patient"), "patient"),
    "a result without a status": (lambda b: laboratory(b).pop("status"), "status"),
    "a status of a result that is none": (
        lambda b: laboratory(b).update(status="ready"),
        "status",
    ),
    "a result without its category": (lambda b: laboratory(b).pop("category"), "category"),
    "a result that nobody made": (lambda b: laboratory(b).pop("performer"), "performer"),
    "a result without a value": (lambda b: laboratory(b).pop("valueQuantity"), "ips-2"),
    "a number as a text": (lambda b: laboratory(b)["valueQuantity"].update(value="5,4"), "value"),
    "two values": (lambda b: laboratory(b).update(valueString="5.4"), "value"),
    "a unit that UCUM has not": (
        lambda b: laboratory(b)["valueQuantity"].update(system="http://unitsofmeasure.org", code="viên"),
        "viên",
    ),
    "a report without a time": (
        lambda b: [
            first(b, "DiagnosticReport").pop(name, None)
            for name in ("effectiveDateTime", "_effectiveDateTime")
        ],
        "effective",
    ),
    "a medicine with a status that is none": (changed("MedicationRequest", "status", "taken"), "status"),
    "an order without an intent": (without("MedicationRequest", "intent"), "intent"),
    "an order of no medicine": (without("MedicationRequest", "medicationCodeableConcept"), "medication"),
    "a procedure without a time": (
        lambda b: [
            first(b, "Procedure").pop(name, None) for name in ("performedDateTime", "_performedDateTime")
        ],
        "performed",
    ),
    "a vaccine without a day": (without("Immunization", "occurrenceDateTime"), "occurrence"),
    "a facility without a name": (without("Organization", "name"), "name"),
    "an encounter of no class": (without("Encounter", "class"), "class"),
    "an encounter that ends before it begins": (
        lambda b: first(b, "Encounter").update(
            period={"start": "2026-11-20T08:00:00+07:00", "end": "2026-11-19T08:00:00+07:00"}
        ),
        "per-1",
    ),
}
