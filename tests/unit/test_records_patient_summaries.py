"""The document of a patient summary, over invented histories of every shape: what FHIR and the IPS demand."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from common.values import PartialDate
from services.records.convert.fhir.document import summary_document
from services.records.convert.fhir.elements import (
    LONG,
    decimal,
    long_text,
    own_list,
    short_text,
    written_date,
)
from services.records.model.patient_summaries import MAX_ENTRIES, PatientHistory, latest_results, problems_of
from tests.samples.patient_histories import NOW, HistoryMaker, history

SEEDS = range(200)
REQUIRED = {"48765-2", "10160-0", "11450-4"}

# Bytes that gRPC's clients take by default, less what the answer has beside the document.
MAX_BYTES = 4 * 1024 * 1024 - 64 * 1024


def document(of: PatientHistory) -> Any:
    return json.loads(summary_document(of, NOW))


@cache
def bundle(seed: int) -> Any:
    return document(history(seed))


def resources(bundle: Any) -> dict[str, Any]:
    return {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}


def references(node: Any) -> Iterator[str]:
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from references(inner)
    if isinstance(node, dict) and isinstance(node.get("reference"), str):
        yield node["reference"]


def leaves(node: Any) -> Iterator[Any]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else None
    if not inner:
        yield node
    for each in inner or ():
        yield from leaves(each)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_document_is_whole(seed: int):
    entries = bundle(seed)["entry"]
    known = resources(bundle(seed))

    assert len(known) == len(entries)
    assert [entry["resource"]["resourceType"] for entry in entries[:2]] == ["Composition", "Patient"]
    assert set(references(bundle(seed))) <= set(known)
    reached, more = set[str](), {entries[0]["fullUrl"]}
    while more:
        reached |= more
        more = {url for each in more for url in references(known[each])} - reached
    assert reached == set(known)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_section_has_entries_or_says_why_not(seed: int):
    sections = bundle(seed)["entry"][0]["resource"]["section"]

    assert {section["code"]["coding"][0]["code"] for section in sections} >= REQUIRED
    for section in sections:
        assert ("entry" in section) != ("emptyReason" in section)
        reason = section.get("emptyReason", {"coding": [{"code": "unavailable"}]})
        assert reason["coding"][0]["code"] == "unavailable"


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_empty_and_every_narrative_is_well_formed(seed: int):
    for leaf in leaves(bundle(seed)):
        assert leaf not in ("", None)
        assert leaf != []
        assert leaf != {}
        assert not isinstance(leaf, str) or leaf.strip() == leaf
    composition = bundle(seed)["entry"][0]["resource"]
    for node in (composition, *composition["section"]):
        names = {element.tag.rpartition("}")[2] for element in etree.fromstring(node["text"]["div"]).iter()}
        assert names <= {"div", "p", "ul", "li"}


@pytest.mark.parametrize("seed", range(20))
def test_the_same_history_gives_the_same_bytes(seed: int):
    assert summary_document(history(seed), NOW) == summary_document(history(seed), NOW)


def test_another_time_changes_times_and_the_documents_own_id_only():
    plain = replace(history(1), doses=(), results=(), medicines=(), procedures=(), dispensed_medicines=())
    first, later = (json.loads(summary_document(plain, now)) for now in (NOW, NOW + timedelta(seconds=1)))
    for each in (first, later):
        del each["timestamp"], each["identifier"], each["entry"][0]["fullUrl"]
        del each["entry"][0]["resource"]["date"]

    assert first == later


def test_a_shape_of_every_resource_is_among_the_histories():
    kinds = {resource["resourceType"] for seed in SEEDS for resource in resources(bundle(seed)).values()}

    assert kinds == {
        *("Composition", "Patient", "Organization", "Device", "Encounter", "Condition", "Observation"),
        *("DiagnosticReport", "MedicationRequest", "MedicationDispense", "Procedure", "Immunization"),
        "AllergyIntolerance",
    }


def one_result(**fields: str) -> Any:
    entry = HistoryMaker(3).result(())
    result = replace(entry.result, **{"service_code": "23.0075.1494", "indicator_code": "GLU", **fields})
    written = summary_document(
        replace(history(0), results=[replace(entry, result=result)], unreachable=()), NOW
    ).decode()
    (observation,) = (
        each for each in resources(json.loads(written)).values() if each["resourceType"] == "Observation"
    )
    return observation, written


def test_a_number_keeps_the_decimals_it_was_sent_with():
    observation, written = one_result(value="5.40", unit="mmol/L")

    assert '"value":5.40,' in written
    assert (observation["valueQuantity"]["code"], "valueString" in observation) == ("mmol/L", False)


@pytest.mark.parametrize("value", ["<0.1", "5,4", "0012", "1e5", "120/80", "9" * 40, "Âm tính", "\ufdd05"])
def test_what_is_no_plain_number_stays_a_text(value: str):
    observation, _ = one_result(value=value, unit="")

    assert observation["valueString"] == short_text(value)


def test_a_result_without_a_value_is_a_report():
    entry = HistoryMaker(3).result(())
    result = replace(entry.result, value=" ", description="Bóng tim to", conclusion="Theo dõi")
    made = document(replace(history(0), results=[replace(entry, result=result)]))

    (report,) = (each for each in resources(made).values() if each["resourceType"] == "DiagnosticReport")

    assert report["conclusion"] == "Bóng tim to\nTheo dõi"


def test_a_diagnosis_is_told_once_as_it_was_last_recorded():
    made = HistoryMaker(5)
    latest, older = (replace(made.encounter(), diagnoses=codes) for codes in (("I10", "E11"), ("E11", "I10")))

    problems = problems_of([latest, older])

    assert [(problem.code, problem.latest) for problem in problems] == [("I10", latest), ("E11", latest)]
    assert problems[1].words == older.encounter.discharge_diagnosis


@pytest.mark.parametrize(("code", "cause"), [("Z88.0", ["medication"]), ("T78.0", ["food"]), ("t784", [])])
def test_a_diagnosis_that_tells_of_an_allergy_is_told_as_one_too(code: str, cause: list[str]):
    encounter = replace(HistoryMaker(5).encounter(), diagnoses=("I10", code))
    made = document(replace(history(0), encounters=[encounter]))

    sections = {section["title"]: section for section in made["entry"][0]["resource"]["section"]}
    [allergy] = [each for each in resources(made).values() if each["resourceType"] == "AllergyIntolerance"]

    assert allergy["verificationStatus"]["coding"][0]["code"] == "unconfirmed"
    assert (allergy["code"]["coding"][0]["code"], allergy.get("category", [])) == (code, cause)
    assert len(sections["Dị ứng và không dung nạp"]["entry"]) == 1
    assert len(sections["Chẩn đoán, vấn đề sức khỏe"]["entry"]) == 2
    assert "phải hỏi người bệnh" in sections["Dị ứng và không dung nạp"]["text"]["div"]


def test_of_a_test_done_again_the_latest_is_told():
    entry = HistoryMaker(3).result(())
    older = HistoryMaker(4).result(())
    again = replace(older, result=entry.result)

    assert latest_results([entry, again]) == [entry]


def test_the_largest_history_fits_into_an_answer():
    made = HistoryMaker(9)
    texts = dict.fromkeys(("description", "conclusion", "service_name", "indicator_name"), '&"😀\n' * 9000)
    results = [made.result(()) for _ in range(400)]
    results = [
        replace(entry, result=replace(entry.result, value=" ", indicator_code=f"C{number}", **texts))
        for number, entry in enumerate(results)
    ]
    medicines = [made.medicine(()) for _ in range(400)]
    medicines = [
        replace(
            entry,
            medicine=replace(
                entry.medicine, drug_name=f"{number}" + '&"😀' * 9000, dosage='&"😀' * 9000, row_number=number
            ),
        )
        for number, entry in enumerate(medicines)
    ]
    encounters = [
        replace(made.encounter(), diagnoses=tuple(f"A{number}.{row}" for row in range(12)))
        for number in range(50)
    ]
    procedures = [made.procedure(()) for _ in range(400)]
    whole = replace(
        history(0),
        results=results,
        medicines=medicines,
        encounters=encounters,
        procedures=[
            replace(entry, service=replace(entry.service, service_name='&"😀' * 9000)) for entry in procedures
        ],
    )

    written = summary_document(whole, NOW)
    sections = json.loads(written)["entry"][0]["resource"]["section"]

    assert len(written) < MAX_BYTES
    assert max(len(section.get("entry", ())) for section in sections) <= 2 * MAX_ENTRIES
    assert "rút gọn" in written.decode()


@given(st.text(), st.text())
def test_any_text_becomes_one_that_json_and_xml_take(first: str, second: str):
    text = long_text(first, second)

    assert len(text) <= LONG
    assert len(short_text(first)) <= 255
    assert json.loads(json.dumps(text).encode()) == text
    etree.fromstring("<p/>").text = text
    etree.fromstring("<p/>").text = short_text(second)


@given(st.text(alphabet="0123456789.-+eE ,", max_size=30))
def test_a_decimal_is_one_of_json(text: str):
    written = decimal(text)

    if written is not None:
        assert float(json.loads(written[1:])) == float(text)


def test_a_list_without_a_uri_has_one_of_ours_and_a_uri_stays():
    names = ("MA_DICH_VU", "http://hl7.org/fhir/sid/cvx", "")

    assert [own_list(name) for name in names] == [
        "https://lientuyen.test/fhir/sid/ma-dich-vu",
        "http://hl7.org/fhir/sid/cvx",
        "",
    ]


def test_a_birth_date_is_as_exact_as_it_is_known():
    dates = (PartialDate(1985), PartialDate(1985, 3), PartialDate(1985, 3, 9))

    assert [written_date(date) for date in dates] == ["1985", "1985-03", "1985-03-09"]
