"""What a hospital may try against the dossiers and the health books of others."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from grpc import StatusCode
from lxml import etree

from chassis import clock
from chassis.encryption import DecryptionError, Encryptor
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1.consent_pb2 import DATA_CLASS_CARE, DATA_CLASS_HIV
from lientuyen.identity.v1.consent_service_pb2 import AuthorizeRequest
from lientuyen.pharmacy.v1 import dispensing_pb2
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.type.v1.access_pb2 import AccessContext
from services.records.service.slip_events import slip_context
from tests.harness import Refusal, World, refused
from tests.samples import files
from tests.samples.files import check_in, sample
from tests.samples.signing import NOW, authority, facility, signed

from .records_env import CARE, PERSON_NAME, FakeAppointments, FakeDispensings, Records, submission

HIV = dispensing_pb2.RESTRICTED_CLASS_HIV
BOOK = books.GetHealthBookRequest(person=PERSON_NAME, access=CARE)
HERE = "//identity.lientuyen/facilities/01999"


class TellingAppointments(FakeAppointments):
    """One appointment of 01929, for HIV."""

    async def ListAppointments(self, request: Any, context: Any) -> Any:
        answer = await super().ListAppointments(request, context)
        answer.appointments[0].diagnosis.system, answer.appointments[0].diagnosis.code = "ICD-10", "B20.1"
        answer.appointments[0].facility = "//identity.lientuyen/facilities/01929"
        return answer


class TellingDispensings(FakeDispensings):
    """One dispensing, for HIV."""

    async def ListDispensings(self, request: Any, context: Any) -> Any:
        answer = await super().ListDispensings(request, context)
        answer.dispensings[0].restricted_classes.append(HIV)
        return answer


@pytest.fixture
async def records(world: World) -> Records:
    return await Records(world, appointments=TellingAppointments(), dispensings=TellingDispensings()).start()


async def log(records: Records, where: str = "true") -> list[tuple[str, str, bool]]:
    """Return the rows of the access log: caller, subject, whether allowed."""
    statement = f"SELECT caller, subject, allowed FROM audit WHERE {where} ORDER BY access_time, subject"
    return [tuple(row) for row in await records.rows(statement)]


# The health book


async def test_restricted_medicines_and_appointments_of_peers_stay_hidden_without_a_consent_for_them(
    records: Records,
):
    records.identity.add_consent(PERSON_NAME)
    stub = records.books("facility/79999")

    hidden = (await stub.GetHealthBook(BOOK)).health_book
    records.identity.add_consent(PERSON_NAME, data_classes=[DATA_CLASS_CARE, DATA_CLASS_HIV])
    shown = (await stub.GetHealthBook(BOOK)).health_book

    assert (list(hidden.dispensed_medicines), list(hidden.appointments)) == ([], [])
    assert (len(shown.dispensed_medicines), len(shown.appointments)) == (1, 1)


async def test_a_facility_sees_its_own_booking_whatever_it_tells(records: Records):
    records.identity.add_consent(PERSON_NAME)

    book = (await records.books("facility/01929").GetHealthBook(BOOK)).health_book

    assert len(book.appointments) == 1
    assert list(book.dispensed_medicines) == []


async def test_while_identity_is_silent_nobody_is_shown_what_peers_hold(world: World):
    records = await Records(world).start(identity_address=world.nowhere())

    reply = await records.books("facility/79999").GetHealthBook(BOOK)

    assert list(reply.health_book.dispensed_medicines) == []
    assert list(reply.health_book.appointments) == []
    assert list(reply.unreachable) == ["identity", "pharmacy", "routing"]


# Names that are guessed


async def test_a_dossier_and_none_are_refused_in_the_same_words(records: Records):
    taken = (await records.submit(files.DOSSIER)).dossier.name
    heard = []
    for name in (taken, f"//records.lientuyen/dossiers/{uuid4()}"):
        stub = records.dossiers("facility/79999")
        refusals = [
            await refused(stub.GetDossier(pb.GetDossierRequest(name=name, access=CARE))),
            await refused(stub.GetOriginal(pb.GetOriginalRequest(name=name, access=CARE))),
        ]
        heard.append([told(one, name) for one in refusals])

    assert heard[0] == heard[1]
    assert heard[0][0][:2] == (StatusCode.PERMISSION_DENIED, reasons.DOSSIER_DENIED.name)
    assert await log(records, "NOT allowed AND subject <> ''") == [("facility/79999", PERSON_NAME, False)] * 2


def told(refusal: Refusal, name: str) -> tuple[object, ...]:
    """Return all that a caller hears, the name that it gave itself left out; sentences hold it short."""
    metadata = {field: value.replace(name, "…") for field, value in refusal.metadata.items()}
    words = refusal.message.replace(name.removeprefix("//records.lientuyen/"), "…")
    return refusal.code, refusal.reason, metadata, words


@pytest.mark.parametrize(
    ("purpose", "basis", "reason"),
    [
        ("PATIENT_REQUEST", "DATA_SUBJECT", ""),
        ("TREATMENT", "EMERGENCY", ""),
        ("RESEARCH", "EMERGENCY", "ngừng tim"),
    ],
)
async def test_a_ground_that_the_caller_cannot_have_opens_nothing(
    records: Records, purpose: str, basis: str, reason: str
):
    await records.submit(files.DOSSIER)
    records.identity.add_consent(PERSON_NAME)
    lie = AccessContext(
        practitioner="x", purpose=f"PURPOSE_{purpose}", legal_basis=f"LEGAL_BASIS_{basis}", reason=reason
    )
    stub = records.books("facility/79999")

    refusals = [
        await refused(stub.GetHealthBook(books.GetHealthBookRequest(person=PERSON_NAME, access=lie))),
        await refused(stub.ListResults(books.ListResultsRequest(person=PERSON_NAME, access=lie))),
    ]

    assert {one.reason for one in refusals} == {chassis_reasons.GROUND_DENIED.name}
    assert await log(records, "NOT allowed") == [("facility/79999", PERSON_NAME, False)] * 2
    assert records.identity.asked(AuthorizeRequest) == []


# Whose file it is


async def test_a_strangers_file_in_a_stream_is_refused_and_leaves_a_row(records: Records):
    async def requests() -> Any:
        yield pb.SubmitDossiersRequest(request_id=str(uuid4()), content=files.DOSSIER)

    answers = [answer async for answer in records.dossiers("facility/79999").SubmitDossiers(requests())]

    assert [answer.refusal.reason for answer in answers] == [chassis_reasons.FACILITY_MISMATCH.name]
    assert await log(records) == [("facility/79999", "", False)]


@pytest.mark.parametrize("declared", ["01999", " 01999 ", "0<!-- -->1999", "<![CDATA[01999]]>"])
async def test_however_it_is_written_a_file_is_the_declared_facilitys(records: Records, declared: str):
    content = files.DOSSIER.replace(b"<MACSKCB>01999<", f"<MACSKCB>{declared}<".encode())

    refusal = await refused(records.submit(content, "facility/79999"))

    assert refusal.reason == chassis_reasons.FACILITY_MISMATCH.name


async def test_a_file_cannot_speak_for_one_facility_outside_and_another_inside(records: Records):
    before = await records.counts_without_audit()
    outside = files.DOSSIER.replace(b"<MACSKCB>01999<", b"<MACSKCB>79999<")
    inside = sample().everywhere("MA_CSKCB", "79999").bytes()
    unit = b"<MACSKCB>01999</MACSKCB>"
    twice = files.DOSSIER.replace(unit, unit.replace(b"01999", b"79999") + unit)

    refusals = [
        await refused(records.submit(outside, "facility/79999")),
        await refused(records.submit(inside, "facility/01999")),
        await refused(records.submit(twice, "facility/01999")),
    ]

    assert [one.reason for one in refusals] == [
        reasons.DOSSIER_REFUSED.name,
        reasons.DOSSIER_REFUSED.name,
        chassis_reasons.FACILITY_MISMATCH.name,
    ]
    assert await records.counts_without_audit() == before


async def test_a_check_in_with_rows_of_two_facilities_is_nobodys(records: Records):
    before = await records.counts_without_audit()
    content = check_in(2)
    at = content.rindex(b"<MA_CSKCB>01999")
    mixed = content[:at] + content[at:].replace(b"<MA_CSKCB>01999", b"<MA_CSKCB>79999", 1)
    for caller in ("facility/01999", "facility/79999"):
        request = pb.SubmitCheckInRequest(request_id=str(uuid4()), content=mixed)
        refusal = await refused(records.dossiers(caller).SubmitCheckIn(request))
        assert refusal.reason in (reasons.DOSSIER_REFUSED.name, chassis_reasons.FACILITY_MISMATCH.name)
    assert await records.counts_without_audit() == before


# Signatures


async def test_a_signature_around_another_document_is_refused(world: World):
    ca = authority()
    (world.folder / "ca.crt").write_bytes(ca.pem)
    records = await Records(world).start(signing_ca=world.folder / "ca.crt")
    before = await records.counts_without_audit()
    with clock.fixed(NOW):
        for forged in wrapped(signed(files.DOSSIER, facility(ca, "01999"))):
            refusal = await refused(records.submit(forged))
            assert (refusal.code, refusal.reason) == (
                StatusCode.INVALID_ARGUMENT,
                reasons.SIGNATURE_INVALID.name,
            ), forged[:200]
    assert await records.counts_without_audit() == before


def wrapped(good: bytes) -> list[bytes]:
    """Return files whose signature is over something else than what would be read."""
    ds = "{http://www.w3.org/2000/09/xmldsig#}"

    def altered() -> tuple[Any, Any]:
        root = etree.fromstring(good)
        signature = root.find(f"CHUKYDONVI/{ds}Signature")
        return root, signature

    found = []
    root, signature = altered()  # the signed document as an object of the signature
    inner = etree.SubElement(signature, f"{ds}Object", Id="o")
    inner.append(etree.fromstring(good))
    signature.find(f".//{ds}Reference").set("URI", "#o")
    found.append(root)
    root, signature = altered()  # no reference to anything
    reference = signature.find(f".//{ds}Reference")
    reference.getparent().remove(reference)
    found.append(root)
    root, signature = altered()  # a second reference
    reference = signature.find(f".//{ds}Reference")
    reference.getparent().append(etree.fromstring(etree.tostring(reference)))
    found.append(root)
    root, signature = altered()  # a transform that leaves out what is not to be seen
    transforms = signature.find(f".//{ds}Transforms")
    etree.SubElement(transforms, f"{ds}Transform", Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116")
    found.append(root)
    root, signature = altered()  # the signature elsewhere, an empty one in its place
    root.find("CHUKYDONVI").remove(signature)
    etree.SubElement(root.find("CHUKYDONVI"), f"{ds}Signature")
    root.find("THONGTINDONVI").append(signature)
    found.append(root)
    root, signature = altered()  # a CHUKYDONVI that holds something that is no signature
    root.find("CHUKYDONVI").remove(signature)
    etree.SubElement(root.find("CHUKYDONVI"), "Chuky")
    found.append(root)
    root, _ = altered()  # two signatures
    root.find("CHUKYDONVI").append(etree.fromstring(good).find(f"CHUKYDONVI/{ds}Signature"))
    found.append(root)
    return [etree.tostring(one, xml_declaration=True, encoding="utf-8") for one in found]


@pytest.mark.parametrize("deep", [300, 100_000])
async def test_deep_xml_is_refused_and_the_service_lives(records: Records, deep: int):
    inner = b"<a>" * deep + b"</a>" * deep
    within = files.DOSSIER.replace(b"<NGAYLAP>", inner + b"<NGAYLAP>")
    hostile = [inner, b"<GIAMDINHHS>" + inner + b"</GIAMDINHHS>", within]
    for content in hostile:
        refusal = await refused(records.submit(content))
        assert refusal.reason == reasons.DOSSIER_REFUSED.name
    assert (await records.submit(files.DOSSIER)).dossier.version == 1


@pytest.mark.parametrize("hidden", ["utf-16", "utf-7"])
async def test_a_doctype_in_another_encoding_is_refused(records: Records, hidden: str):
    head = f'<?xml version="1.0" encoding="{hidden}"?><!DOCTYPE a [<!ENTITY b "b">]>'
    bomb = f"{head}<GIAMDINHHS>&b;</GIAMDINHHS>"

    refusal = await refused(records.submit(bomb.encode(hidden)))

    assert refusal.reason == reasons.DOSSIER_REFUSED.name


# Values moved, ids used again


async def test_a_sealed_slip_opens_in_its_own_event_only(records: Records, world: World):
    await records.submit(files.DOSSIER)
    rows = await records.rows("SELECT id, topic, payload FROM outbox")
    seal = Encryptor(world.keys()).derive("slips")
    for row in rows:
        assert seal.decrypt(row["payload"], associated_data=slip_context(row["topic"], row["id"]))
        with pytest.raises(DecryptionError):
            seal.decrypt(row["payload"], associated_data=slip_context(row["topic"], UUID(int=1)))
    assert len(rows) == 2


async def test_a_request_id_is_its_callers_and_its_methods(records: Records):
    request = submission(files.DOSSIER)
    first = await records.dossiers().SubmitDossier(request)

    foreign = await refused(records.dossiers("facility/79999").SubmitDossier(request))
    other_method = await refused(
        records.dossiers().SubmitCheckIn(
            pb.SubmitCheckInRequest(request_id=request.request_id, content=files.CHECK_IN)
        )
    )

    assert first.dossier.version == 1
    assert foreign.reason == chassis_reasons.FACILITY_MISMATCH.name
    assert other_method.reason == chassis_reasons.REQUEST_ID_REUSED.name


async def test_an_operator_who_lists_dossiers_is_seen_by_each_person(records: Records):
    await records.submit(files.DOSSIER)
    await records.dossiers("operator/an").ListDossiers(pb.ListDossiersRequest(facility=HERE, access=CARE))

    assert await log(records, "caller = 'operator/an'") == [
        ("operator/an", HERE, True),
        ("operator/an", PERSON_NAME, True),
    ]
