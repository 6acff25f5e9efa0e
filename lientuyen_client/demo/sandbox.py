"""
The sandbox: some thirty invented people, and what happened to a few of them.

Who they are and what each answers stands in `sandbox_files/` (and in docs/howto/sandbox.md).  They
come in through the public methods, as those who would bring them: the insurance its register, a
hospital its dossier.  What is there already is not made again: registers and links have fixed request
ids, and before all else a step looks.  What runs out or is used up, a prescription and a message, is
made anew at the next start.
"""

import csv
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message

from lientuyen.identity.v1 import consent_service_pb2 as consents
from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import facility_service_pb2 as facilities
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.identity.v1.consent_pb2 import DATA_CLASS_CARE, Consent, ConsentProof, Guardian
from lientuyen.identity.v1.person_pb2 import Person
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as dispensing
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescriptions
from lientuyen.pharmacy.v1.dispensing_pb2 import DispenseLine
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1 import immunization_service_pb2 as immunizations
from lientuyen.records.v1.immunization_pb2 import Immunization
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.message_pb2 import Message as Posted
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.coding_pb2 import Coding

from ..csv_files import CsvLines
from ..import_stream import send_batches
from ..register_files import ColumnMapping, batches, fingerprint
from ..running_stack import Stack
from . import people, sample_files
from .hospital_steps import RECEIVER, RECEIVER_NAME, SENDER, SENDER_NAME
from .journey import DOCTOR, NURSE, PHARMACIST, Cast, care
from .people import SeedRefused
from .pharmacy_steps import FIRST, prescription_of, tablets

M = TypeVar("M", bound=Message)

FOLDER = Path(__file__).parent / "sandbox_files"

# Whom the steps are about; `sandbox_files/persons.csv` says who they are.
CHILD, MOTHER = "001918900021", "001990900022"
MISTYPED, STANDING = "001881900042", "001881900024"
RESTRICTED, AWAITED, IN_TREATMENT = "001892900026", "001973900027", "001868900028"

# Marks what the sandbox sent.
MARK = "sandbox"

# The namespace of its request ids: any UUID that is always the same.
NAMESPACE = uuid.UUID("0d8f5b0a-3c43-4a43-9d0c-5f1c2f7d9a11")

OWN = care(DOCTOR, AccessContext.LEGAL_BASIS_OWN_RECORD)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a number answers at the hospital 01999: a line of `answers.csv`.

    *kind* is its field in CheckEligibilityRequest; *percent* the rate, None where it depends on how
    the person came; *briefly* the words for the short list, of those that are in it.
    """

    number: str
    kind: str
    result_code: str
    percent: int | None
    briefly: str
    who: str


def answers() -> list[Answer]:
    with (FOLDER / "answers.csv").open(encoding="utf8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    return [Answer(**{**row, "percent": int(row["percent"]) if row["percent"] else None}) for row in rows]


async def seed(stack: Stack, today: date, show: Callable[[str], None]) -> None:
    """Bring everything in that is not there yet; *show* is told of each step."""
    cast = Cast(stack)
    try:
        for title, step in STEPS:
            await step(cast, today)
            show(title)
    finally:
        await cast.close()


def once(request: M) -> M:
    """Give *request* the id that its content has at every start."""
    content = request.DESCRIPTOR.full_name.encode() + request.SerializeToString(deterministic=True)
    request.request_id = str(uuid.uuid5(NAMESPACE, content.hex()))  # type: ignore[attr-defined]
    return request


async def single(request: M) -> AsyncIterator[M]:
    yield once(request)


async def bring_facilities(cast: Cast, today: date) -> None:
    request = facilities.ImportFacilitiesRequest(first_row=1, rows=people.facility_rows())
    await people.check_taken(cast("operator/dev").facilities.ImportFacilities(single(request)))


async def bring_demo_patient(cast: Cast, today: date) -> None:
    request = persons.ImportPersonsRequest(first_row=1, rows=[people.person_row()])
    await people.check_taken(cast("operator/dev").persons.ImportPersons(single(request)))
    cards = eligibility.ImportCoveragesRequest(first_row=1, rows=[people.coverage_row(today)])
    await people.check_taken(cast("authority/bhxh").eligibility.ImportCoverages(single(cards)))


async def bring_registers(cast: Cast, today: date) -> None:
    insurance = cast("authority/bhxh")
    await bring_register("persons", insurance.persons.ImportPersons)
    await bring_register("coverages", insurance.eligibility.ImportCoverages)


async def bring_register(register: str, method: Any) -> None:
    path = FOLDER / f"{register}.csv"
    with path.open("rb") as file:
        lines = CsvLines(file)
        mapping = ColumnMapping.of(register, lines)
        async for progress in send_batches(method, batches(mapping, lines, fingerprint(path), {})):
            if progress.rows_refused:
                raise SeedRefused(str([(fault.field, fault.rule) for fault in progress.refusals]))


async def found(cast: Cast, personal_id: str) -> Person:
    request = persons.FindPersonRequest(personal_id=personal_id, access=care(NURSE))
    return (await cast(SENDER).persons.FindPerson(request)).person


async def merge_pair(cast: Cast, today: date) -> None:
    loser, winner = await found(cast, MISTYPED), await found(cast, STANDING)
    if loser.name == winner.name:
        return
    request = persons.MergePersonsRequest(
        loser=loser.name,
        loser_etag=loser.etag,
        winner=winner.name,
        winner_etag=winner.etag,
        reason="số định danh ghi nhầm hai chữ số",
    )
    await cast("operator/dev").persons.MergePersons(once(request))


async def consent_of_mother(cast: Cast, today: date) -> None:
    mother = await found(cast, MOTHER)
    guardian = Guardian(person=mother.name, relation=Guardian.RELATION_PARENT)
    await consent(cast, SENDER, await found(cast, CHILD), SENDER_NAME, guardian=guardian, child_agreed=True)


async def consent(cast: Cast, caller: str, person: Person, facility: str, **more: Any) -> None:
    listing = consents.ListConsentsRequest(parent=person.name, access=care(DOCTOR))
    if (await cast(caller).consents.ListConsents(listing)).consents:
        return
    proof = ConsentProof(kind=ConsentProof.KIND_PAPER, reference="SANDBOX-0001")
    request = consents.CreateConsentRequest(
        parent=person.name,
        consent=Consent(
            facility=facility,
            purpose=AccessContext.PURPOSE_TREATMENT,
            data_classes=[DATA_CLASS_CARE],
            proof=proof,
            **more,
        ),
    )
    await cast(caller).consents.CreateConsent(once(request))


async def restricted_dossier(cast: Cast, today: date) -> None:
    person = await found(cast, RESTRICTED)
    await consent(cast, RECEIVER, person, RECEIVER_NAME)
    listing = dossiers.ListDossiersRequest(
        facility=SENDER_NAME, link_key=f"01999.SBX.{RESTRICTED}", access=OWN
    )
    if not (await cast(SENDER).dossiers.ListDossiers(listing)).dossiers:
        content = dossier_of(RESTRICTED, today - timedelta(days=1), HIV)
        await cast(SENDER).dossiers.SubmitDossier(dossiers.SubmitDossierRequest(content=content))


def dossier_of(personal_id: str, visit: date, changes: dict[str, str]) -> bytes:
    """Return the demo's visit as one of somebody else, who was not sent on to another hospital."""
    person = row_of("persons", personal_id=personal_id)
    card = row_of("coverages", source_key=person["source_key"])["card_number"]
    changes = {
        people.PATIENT_ID: personal_id,
        people.PATIENT_NAME: person["full_name"],
        people.CARD: card,
        "198503120000": person["birth_date"].replace("-", "") + "0000",
        "<GIOI_TINH>2<": f"<GIOI_TINH>{person['sex']}<",
        "01999.SYN.000001": f"01999.SBX.{personal_id}",
        "SYN": "SBX",
        f"<NGAY_TAI_KHAM>{visit + sample_files.FOLLOW_UP:%Y%m%d}</NGAY_TAI_KHAM>": "<NGAY_TAI_KHAM/>",
        **STAYED,
        **changes,
    }
    tables = {
        name: sample_files.table(name, visit, faulty=False) for name in ("XML1", "XML2", "XML3", "XML4")
    }
    return sample_files.envelope({name: replaced(text, changes) for name, text in tables.items()}, visit)


# HIV disease (ICD-10 B20) as a further diagnosis.
HIV = {"<MA_BENH_KT/>": "<MA_BENH_KT>B20</MA_BENH_KT>"}

# A visit that ended at home: no slip goes along.
STAYED = {
    "<MA_LOAI_RV>2<": "<MA_LOAI_RV>1<",
    "<MA_NOI_DEN>79999</MA_NOI_DEN>": "<MA_NOI_DEN/>",
    "<GHI_CHU>Chuyển khám chuyên khoa tim mạch</GHI_CHU>": "<GHI_CHU/>",
}


def replaced(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def row_of(register: str, **key: str) -> dict[str, str]:
    """Return the row of a register that has this cell."""
    ((column, value),) = key.items()
    with (FOLDER / f"{register}.csv").open(encoding="utf8", newline="") as file:
        return next(row for row in csv.DictReader(file) if row[column] == value)


async def waiting_message(cast: Cast, today: date) -> None:
    """Send what another hospital wants to know of a patient, unless it waits there already."""
    listing = mailbox.ListMessagesRequest(sender=SENDER_NAME, page_size=500)
    sent = [
        message
        for message in (await cast(SENDER).mailbox.ListMessages(listing)).messages
        if message.correlation.startswith(MARK)
    ]
    if any(message.state in (Posted.STATE_ACCEPTED, Posted.STATE_LEASED) for message in sent):
        return
    header = mailbox.MessageHeader(
        sender=SENDER_NAME,
        recipient=RECEIVER_NAME,
        kind=Posted.KIND_DOCUMENT,
        media_type="application/xml",
        person=(await found(cast, AWAITED)).name,
        correlation=f"{MARK}-{len(sent) + 1}",
    )
    await cast(SENDER).mailbox.SendMessage(upload(header, dossier_of(AWAITED, today - timedelta(days=1), {})))


async def upload(header: mailbox.MessageHeader, body: bytes) -> AsyncIterator[mailbox.SendMessageRequest]:
    yield mailbox.SendMessageRequest(request_id=str(uuid.uuid4()), header=header)
    yield mailbox.SendMessageRequest(chunk=body)


async def part_of_prescription(cast: Cast, today: date) -> None:
    """Issue thirty tablets and have a pharmacy hand out twenty, unless ten are waiting already."""
    person = await found(cast, IN_TREATMENT)
    listing = prescriptions.ListPrescriptionsRequest(person=person.name, facility=RECEIVER_NAME, access=OWN)
    known = (await cast(RECEIVER).prescriptions.ListPrescriptions(listing)).prescriptions
    if any(issue.state == Prescription.STATE_PARTLY_DISPENSED for issue in known):
        return
    issued = next((issue.code for issue in known if issue.state == Prescription.STATE_ISSUED), "")
    await dispense(cast, issued or await issue(cast, person, len(known) + 1))


async def issue(cast: Cast, person: Person, number: int) -> str:
    prescription = prescription_of(person.name, f"{people.PROVINCIAL}sbx{number:04}-c")
    request = prescriptions.IssuePrescriptionRequest(prescription=prescription)
    return (await cast(RECEIVER).prescriptions.IssuePrescription(request)).prescription.code


async def dispense(cast: Cast, code: str) -> None:
    pharmacy = cast(FIRST).dispensing
    claim = dispensing.ClaimPrescriptionRequest(code=code, access=care(PHARMACIST))
    claimed = await pharmacy.ClaimPrescription(claim)
    await pharmacy.Dispense(
        dispensing.DispenseRequest(
            prescription=claimed.prescription.name,
            claim_token=claimed.claim.token,
            lines=[DispenseLine(line=1, quantity=tablets(20), lot_number="LO-MAU-1")],
            pharmacist=PHARMACIST,
        )
    )


async def vaccination(cast: Cast, today: date) -> None:
    """Record a dose that the child had at school; the same at every start."""
    dose = Immunization(
        person=(await found(cast, CHILD)).name,
        facility=SENDER_NAME,
        vaccine=Coding(system="SDK", code="893310000126", display="Vắc-xin mẫu"),
        dose_number=1,
        lot="LO-MAU-2",
        practitioner=NURSE,
    )
    dose.immunize_time.FromDatetime(VACCINATED)
    await cast(SENDER).immunizations.RecordImmunization(
        once(immunizations.RecordImmunizationRequest(immunization=dose))
    )


VACCINATED = datetime(2025, 9, 8, 2, tzinfo=UTC)

STEPS: list[tuple[str, Callable[[Cast, date], Awaitable[None]]]] = [
    ("danh mục cơ sở", bring_facilities),
    ("người bệnh của kịch bản mẫu", bring_demo_patient),
    ("32 người và 31 thẻ BHYT", bring_registers),
    ("hai hồ sơ của một người được gộp", merge_pair),
    ("sự đồng ý của người mẹ", consent_of_mother),
    ("một hồ sơ có dữ liệu hạn chế", restricted_dossier),
    ("một thư đang chờ ở 79999", waiting_message),
    ("một đơn thuốc đã bán một phần", part_of_prescription),
    ("một mũi tiêm chủng của em bé", vaccination),
]
