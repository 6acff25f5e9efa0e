"""The patient summary, over a real channel and a real database: who may read it, and what it holds."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import audit_service_pb2, audit_service_pb2_grpc
from lientuyen.identity.v1.consent_pb2 import DATA_CLASS_CARE, DATA_CLASS_HIV
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import health_book_service_pb2 as pb
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.contract.test_stopped_peers import DEADLINE_S, StoppedPeer
from tests.harness import World, refused
from tests.samples import files
from tests.samples.files import sample

from .records_env import CARD, CARE, CITIZEN, NUMBER, PERSON, PERSON_NAME, Records
from .test_records_immunizations import dose, record

OTHER = "facility/79999"
SECTIONS = ["48765-2", "10160-0", "11450-4", "11369-6", "30954-2", "47519-4"]
MEDICATIONS, PROBLEMS, IMMUNIZATIONS, RESULTS = SECTIONS[1:5]


@pytest.fixture
async def records(world: World) -> Records:
    made = await Records(world).start()
    await made.submit(files.DOSSIER)
    return made


class Document:
    """A document that was answered, taken apart."""

    def __init__(self, reply: pb.GetPatientSummaryResponse) -> None:
        assert reply.media_type == "application/fhir+json; fhirVersion=4.0"
        self.text = reply.document.decode("utf8")
        self.resources: dict[str, Any] = {
            entry["fullUrl"]: entry["resource"] for entry in json.loads(self.text)["entry"]
        }
        self.composition, self.patient = list(self.resources.values())[:2]

    def section(self, code: str) -> Any:
        (section,) = (each for each in self.composition["section"] if self._code(each) == code)
        return section

    def entries(self, code: str) -> list[Any]:
        return [self.resources[entry["reference"]] for entry in self.section(code).get("entry", ())]

    @property
    def sections(self) -> Iterable[str]:
        return [self._code(section) for section in self.composition["section"]]

    @staticmethod
    def _code(section: Any) -> str:
        return str(section["code"]["coding"][0]["code"])


async def read(
    records: Records,
    caller: str = "authority/vneid",
    access: AccessContext = CITIZEN,
    *,
    person: str = PERSON_NAME,
    timeout: float | None = None,
) -> pb.GetPatientSummaryResponse:
    request = pb.GetPatientSummaryRequest(person=person, access=access)
    return await records.books(caller).GetPatientSummary(request, timeout=timeout)


async def test_the_citizen_reads_a_document_of_every_section(records: Records):
    reply = await read(records)
    document = Document(reply)

    assert list(reply.unreachable) == []
    assert document.sections == SECTIONS
    assert document.patient["name"] == [{"use": "official", "text": PERSON.full_name}]
    assert (document.patient["birthDate"], document.patient["gender"]) == ("1985-03-12", "female")
    assert {each["system"]: each["value"] for each in document.patient["identifier"]} == {
        "http://fhir.ehealth.gov.vn/core/sid/national_id": NUMBER,
        "http://fhir.ehealth.gov.vn/core/sid/insurance_number": CARD,
    }
    [condition] = document.entries(PROBLEMS)
    assert condition["code"] == {
        "coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "I10"}],
        "text": "Tăng huyết áp vô căn",
    }
    [observation] = document.entries(RESULTS)
    assert (observation["valueQuantity"]["value"], observation["valueQuantity"]["code"]) == (5.4, "mmol/L")
    assert [each["resourceType"] for each in document.entries(MEDICATIONS)] == [
        "MedicationRequest",
        "MedicationDispense",
    ]
    assert document.resources[condition["encounter"]["reference"]]["class"]["code"] == "AMB"


async def test_what_nobody_knows_is_said_to_be_unavailable_never_to_be_none(records: Records):
    document = Document(await read(records))

    for code in SECTIONS:
        section = document.section(code)
        assert ("entry" in section) != ("emptyReason" in section)
        if "emptyReason" in section:
            assert section["emptyReason"]["coding"][0]["code"] == "unavailable"


async def test_a_facility_reads_it_with_consent_and_is_refused_without(records: Records):
    refusal = await refused(read(records, OTHER, CARE))
    records.identity.add_consent(PERSON_NAME)
    document = Document(await read(records, OTHER, CARE))

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, reasons.ACCESS_DENIED.name)
    assert len(document.entries(PROBLEMS)) == 1
    audit = records.stub(audit_service_pb2_grpc.AuditServiceStub, "authority/vneid")
    rows = (await audit.ListAccesses(audit_service_pb2.ListAccessesRequest(subject=PERSON_NAME))).accesses
    assert [(row.caller, row.method.rpartition("/")[2], row.allowed) for row in rows][:2] == [
        (OTHER, "GetPatientSummary", True),
        (OTHER, "GetPatientSummary", False),
    ]


async def test_restricted_kinds_are_in_it_when_a_consent_names_them_and_it_says_so(records: Records):
    file = sample().everywhere("MA_LK", "HIV-1").set("XML1", 1, "MA_BENH_KT", "B20")
    await records.submit(file.bytes())
    records.identity.add_consent(PERSON_NAME)

    hidden = Document(await read(records, OTHER, CARE))
    records.identity.add_consent(PERSON_NAME, data_classes=[DATA_CLASS_CARE, DATA_CLASS_HIV])
    shown = Document(await read(records, OTHER, CARE))

    assert ("B20" in hidden.text, hidden.composition["confidentiality"]) == (False, "N")
    assert ("B20" in shown.text, shown.composition["confidentiality"]) == (True, "R")


async def test_a_pharmacy_that_does_not_answer_is_named_in_the_answer_and_in_the_document(world: World):
    records = await Records(world).start(pharmacy_address=world.nowhere())
    await records.submit(files.DOSSIER)

    reply = await read(records)
    document = Document(reply)

    assert list(reply.unreachable) == ["pharmacy"]
    assert [each["valueCode"] for each in document.composition["extension"]] == ["pharmacy"]
    assert "pharmacy" in document.composition["text"]["div"]
    assert "pharmacy" in document.section(MEDICATIONS)["text"]["div"]
    assert "pharmacy" not in document.section(RESULTS)["text"]["div"]


async def test_it_comes_without_the_part_of_a_stopped_pharmacy(world: World):
    stopped = StoppedPeer()
    await stopped.start()
    records = await Records(world).start(pharmacy_address=stopped.address)
    await records.submit(files.DOSSIER)

    reply = await read(records, timeout=DEADLINE_S)
    await stopped.close()

    assert list(reply.unreachable) == ["pharmacy"]
    assert len(Document(reply).entries(PROBLEMS)) == 1


async def lonely(world: World) -> Records:
    """Records with one dossier, whose identity does not answer."""
    records = await Records(world).start()
    await records.submit(files.DOSSIER)
    url = records.running.settings.database_url
    return await Records(world).start(identity_address=world.nowhere(), database_url=url)


async def test_while_identity_is_silent_nobody_is_named(world: World):
    reply = await read(await lonely(world))
    document = Document(reply)

    assert list(reply.unreachable) == ["identity"]
    assert document.patient["name"][0]["_text"]["extension"][0]["valueCode"] == "temp-unknown"
    assert len(document.entries(PROBLEMS)) == 1


async def test_while_identity_is_silent_a_facility_reads_its_own_and_no_other_reads_anything(world: World):
    records = await lonely(world)

    own, other = await read(records, "facility/01999", CARE), await read(records, OTHER, CARE)

    assert list(own.unreachable) == list(other.unreachable) == ["identity", "pharmacy"]
    assert len(Document(own).entries(PROBLEMS)) == 1
    assert Document(other).entries(PROBLEMS) == []
    assert "chính cơ sở đang hỏi" in Document(other).composition["text"]["div"]


async def test_of_merged_entries_it_is_about_who_stands_for_all(records: Records):
    winner = records.identity.add_person("001385000024", described=PERSON)
    records.identity.merge(PERSON_NAME, winner)

    document = Document(await read(records))

    assert document.composition["subject"]["reference"] == f"urn:uuid:{winner.rpartition('/')[2]}"
    assert {each["value"] for each in document.patient["identifier"]} == {NUMBER, CARD, "001385000024"}
    assert len(document.entries(PROBLEMS)) == 1


async def test_who_is_known_to_nobody_has_a_document_that_knows_nothing_of_them(records: Records):
    nobody = PERSON_NAME[:-1] + "2"

    reply = await read(records, person=nobody)

    assert list(reply.unreachable) == []
    assert Document(reply).patient["name"][0]["_text"]["extension"][0]["valueCode"] == "unknown"
    assert "emptyReason" in Document(reply).section(PROBLEMS)


async def test_a_long_stay_gives_a_short_document(records: Records):
    file = sample().everywhere("MA_LK", "LONG")
    fields = dict(file.tables["XML4"][0])
    file.tables["XML4"] = [
        list((fields | {"STT": str(number), "MA_CHI_SO": f"C{number}"}).items()) for number in range(1, 301)
    ]
    await records.submit(file.bytes())

    document = Document(await read(records))

    assert len(document.entries(RESULTS)) == 100


async def test_a_dose_that_was_recorded_is_in_the_section_of_immunizations(records: Records):
    given = dose()
    given.immunize_time.GetCurrentTime()
    await record(records, given)

    (immunization,) = Document(await read(records)).entries(IMMUNIZATIONS)

    assert immunization["vaccineCode"]["coding"][0]["code"] == given.vaccine.code
    assert immunization["lotNumber"] == "LO-1"
