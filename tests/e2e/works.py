"""Writes of each kind, as many as wanted: each marked, so that a list tells which of them are there."""

import base64
import datetime
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from lientuyen.identity.v1 import consent_pb2
from lientuyen.identity.v1 import consent_service_pb2 as consents
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescriptions
from lientuyen.pharmacy.v1.medicine_pb2 import Medicine
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription, PrescriptionLine
from lientuyen.pharmacy.v1.quantity_pb2 import Quantity
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.routing.v1 import appointment_service_pb2 as appointments
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1 import referral_service_pb2 as referrals
from lientuyen.routing.v1.appointment_pb2 import Appointment
from lientuyen.routing.v1.message_pb2 import Message as Posted
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.coding_pb2 import Coding
from lientuyen.type.v1.date_pb2 import Date
from lientuyen_client import Client, connect
from lientuyen_client.demo import people, sample_files
from lientuyen_client.demo.journey import care, visit_day
from lientuyen_client.running_stack import Stack

CALLER, RECEIVER = "facility/01999", "facility/79999"
FACILITY, RECEIVING = "//identity.lientuyen/facilities/01999", "//identity.lientuyen/facilities/79999"
SOMEBODY = f"//identity.lientuyen/persons/{uuid4()}"
DOCTOR = "000001/HNO-GPHN"
OWN = care(DOCTOR, AccessContext.LEGAL_BASIS_OWN_RECORD)
PAGE = 500


async def seed(stack: Stack) -> str:
    """Make facilities, the patient and her card; return her name in identity."""
    async with (
        connect("operator/dev", stack) as directory,
        connect("authority/bhxh", stack) as insurance,
        connect(CALLER, stack) as hospital,
    ):
        await people.seed(directory, insurance, today())
        found = await hospital.persons.FindPerson(
            persons.FindPersonRequest(personal_id=people.PATIENT_ID, access=care(DOCTOR))
        )
        return found.person.name


def today() -> datetime.date:
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=7)).date()


def dossier(
    mark: str, number: str = people.PATIENT_ID, *, to: str = people.PROVINCIAL, slip: str = ""
) -> dossiers.SubmitDossierRequest:
    """Return the demo's dossier of the person with *number*, *mark* in its link key and on its two slips.

    The transfer slip goes *to* a facility; a *slip* number stands on it in place of the mark.
    """
    tables = {
        name: encoded(name, mark, number, to=to, slip=slip if name == "XML13" else "")
        for name in sample_files.TABLES
    }
    files = "".join(
        f"<FILEHOSO><LOAIHOSO>{name}</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE></FILEHOSO>"
        for name, content in tables.items()
    )
    content = sample_files.dossier(visit_day(today())).decode()
    begin, end = content.index("<HOSO>") + len("<HOSO>"), content.index("</HOSO>")
    return dossiers.SubmitDossierRequest(content=(content[:begin] + files + content[end:]).encode())


def encoded(name: str, mark: str, number: str, *, to: str = "", slip: str = "") -> str:
    text = sample_files.table(name, visit_day(today()), faulty=False).replace(people.PATIENT_ID, number)
    for field in ("MA_CSKCB_DEN", "MA_NOI_DEN") if to else ():
        text = text.replace(f"<{field}>{people.PROVINCIAL}", f"<{field}>{to}")
    if slip:
        text = text.replace("01999-26-000001", slip)
    for there in ("01999.SYN.000001", "SYN-HK-1", "01999-26-000001"):
        text = text.replace(there, mark)
    return base64.b64encode(text.encode()).decode()


def consent(person: str, mark: str) -> consents.CreateConsentRequest:
    return consents.CreateConsentRequest(
        parent=person,
        consent=consent_pb2.Consent(
            facility="facilities/01999",
            purpose=AccessContext.PURPOSE_TREATMENT,
            data_classes=[consent_pb2.DATA_CLASS_CARE],
            proof=consent_pb2.ConsentProof(kind=consent_pb2.ConsentProof.KIND_PAPER, reference=mark),
        ),
    )


def appointment(mark: str) -> appointments.CreateAppointmentRequest:
    return appointments.CreateAppointmentRequest(
        appointment=Appointment(
            person=SOMEBODY,
            facility=FACILITY,
            day=Date(year=2030, month=1, day=2),
            slip_number=mark,
            diagnosis=Coding(system="ICD-10", code="I10"),
        )
    )


def prescription(mark: str) -> prescriptions.IssuePrescriptionRequest:
    now = Timestamp()
    now.GetCurrentTime()
    line = PrescriptionLine(
        number=1,
        drug=Medicine(inn="Thuốc mẫu A"),
        unit="Viên",
        quantity=Quantity(thousandths=1000),
        dose="1 viên",
    )
    return prescriptions.IssuePrescriptionRequest(
        prescription=Prescription(
            code=mark,
            type=Prescription.TYPE_COMMON,
            facility=FACILITY,
            practitioner=DOCTOR,
            person=SOMEBODY,
            diagnoses=[Coding(system="ICD-10", code="I10")],
            prescribe_time=now,
            lines=[line],
        )
    )


async def pages(method: Any, request: Message) -> AsyncIterator[Any]:
    """Yield every page of a list."""
    request.page_size = PAGE  # type: ignore[attr-defined]
    while True:
        page = await method(request)
        yield page
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token  # type: ignore[attr-defined]


async def listed_consents(client: Client, person: str) -> list[str]:
    request = consents.ListConsentsRequest(parent=person, access=OWN)
    found = pages(client.consents.ListConsents, request)
    return [one.proof.reference async for page in found for one in page.consents]


async def listed_dossiers(client: Client, person: str) -> list[str]:
    request = dossiers.ListDossiersRequest(facility=FACILITY, access=OWN)
    found = pages(client.dossiers.ListDossiers, request)
    return [one.link_key async for page in found for one in page.dossiers]


async def listed_appointments(client: Client, person: str) -> list[str]:
    request = appointments.ListAppointmentsRequest(person=person, facility=FACILITY, access=OWN)
    found = pages(client.appointments.ListAppointments, request)
    return [one.slip_number async for page in found for one in page.appointments]


async def listed_prescriptions(client: Client, person: str) -> list[str]:
    request = prescriptions.ListPrescriptionsRequest(person=SOMEBODY, facility=FACILITY, access=OWN)
    found = pages(client.prescriptions.ListPrescriptions, request)
    return [one.code async for page in found for one in page.prescriptions]


async def listed_referrals(client: Client, person: str) -> list[str]:
    """Return the slip of each referral that the hospital issued, and of each message that carries one."""
    request = referrals.ListReferralsRequest(person=person, facility=FACILITY, access=OWN)
    found = pages(client.referrals.ListReferrals, request)
    issued = [one async for page in found for one in page.referrals]
    sent = pages(client.mailbox.ListMessages, mailbox.ListMessagesRequest(sender=FACILITY))
    slip_of = {one.name: one.slip_number for one in issued}
    carried = [
        slip_of[one.about]
        async for page in sent
        for one in page.messages
        if one.kind == Posted.KIND_REFERRAL and one.about in slip_of
    ]
    assert sorted(carried) == sorted(slip_of.values())
    return [one.slip_number for one in issued]


@dataclass(frozen=True)
class Work:
    """One kind of write: whose, how it is made with a mark, called, and found again by its mark."""

    service: str
    method: Callable[[Client], Any]
    request: Callable[[str, str], Message]
    listed: Callable[[Client, str], Awaitable[list[str]]]


WORKS = [
    Work("identity", lambda one: one.consents.CreateConsent, consent, listed_consents),
    Work("records", lambda one: one.dossiers.SubmitDossier, lambda _, mark: dossier(mark), listed_dossiers),
    Work(
        "routing",
        lambda one: one.appointments.CreateAppointment,
        lambda _, mark: appointment(mark),
        lambda client, _: listed_appointments(client, SOMEBODY),
    ),
    Work(
        "pharmacy",
        lambda one: one.prescriptions.IssuePrescription,
        lambda _, mark: prescription(mark),
        listed_prescriptions,
    ),
]
WORK = {work.service: work for work in WORKS}


def marks(work: Work) -> Callable[[], str]:
    """Return what gives a new mark each time, in the form that the kind wants."""
    run, count = uuid4().hex[:3], iter(range(10_000))
    form = "01999{run}{number:04}-c" if work.service == "pharmacy" else "01999-{run}-{number:04}"
    return lambda: form.format(run=run, number=next(count))
