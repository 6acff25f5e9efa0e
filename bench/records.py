"""The dossier that a hospital already produces, each time another encounter of another patient."""

import asyncio
import base64
import re
import time
import uuid
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from lientuyen.identity.v1 import practitioner_service_pb2 as practitioners
from lientuyen.identity.v1.practitioner_pb2 import Practitioner
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1.dossier_pb2 import Dossier
from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceStub
from lientuyen.type.v1.date_pb2 import Date
from lientuyen_client.demo import people as demo
from lientuyen_client.demo import sample_files

from . import people, signing
from .calling import TIMEOUT_S, Caller
from .invented import card_number, invented, today
from .loads import WrongAnswer, bench, need
from .site import Site
from .streams import opened

# Who sends the sample.
SENDER = "01999"

# What makes a dossier one of its own: the patient, the encounter, the numbers of its slips.
SAMPLE_BIRTH = "198503120000"
SAMPLE_ENCOUNTER, SAMPLE_SLIPS = "01999.SYN.000001", ("01999-26-000001", "SYN-HK-1", "SYN-HS-1")

# The practitioners of the sample, by the last digit of their licences; each hospital has its own.
STAFF, LICENCE = range(3), "/HNO-GPHN"

# A total of XML1 and the column of the lines that it sums.
TOTALS = {
    "T_TONGCHI_BV": "THANH_TIEN_BV",
    "T_TONGCHI_BH": "THANH_TIEN_BH",
    "T_BNTT": "T_BNTT",
    "T_BNCCT": "T_BNCCT",
    "T_BHTT": "T_BHTT",
    "T_BHTT_GDV": "T_BHTT",
}

# The one doubt about them: nobody here lives, so no birth date is that of a personal ID.
INVENTED = "personal-id-differs"

# Rows of the large dossier, over all its tables.
LARGE_ROWS = 100

# Hospitals that sign what they send, each on a stream of its own.
SIGNERS = people.BENCH_HOSPITALS[:4]

# Files that wait in one stream of a client.
MAX_UNANSWERED = 4

# Seconds until routing has the slips of the dossiers taken in a slice.
SETTLE_TIMEOUT_S = 120

ENVELOPE = (
    "<GIAMDINHHS><THONGTINDONVI><MACSKCB>{facility}</MACSKCB></THONGTINDONVI><THONGTINHOSO><NGAYLAP>{day}</NGAYLAP>"
    "<SOLUONGHOSO>1</SOLUONGHOSO><DANHSACHHOSO><HOSO>{files}</HOSO></DANHSACHHOSO></THONGTINHOSO><CHUKYDONVI></CHUKYDONVI>"
    "</GIAMDINHHS>"
)


async def slips_delivered(site: Site) -> None:
    """Wait until the outbox of records is empty; one slip that was given up is a wrong answer."""
    async with site.connection("records") as connection:
        limit = time.monotonic() + SETTLE_TIMEOUT_S
        while await connection.fetchval("SELECT count(*) FROM outbox WHERE state = 'waiting'"):
            if time.monotonic() > limit:
                raise WrongAnswer(f"slips still wait {SETTLE_TIMEOUT_S} s after their dossiers")
            await asyncio.sleep(0.02)
        dead = await connection.fetchval("SELECT count(*) FROM outbox WHERE state = 'dead'")
    need(not dead, f"{dead} slips were given up")


@bench(stores=["insert"], needs=[people.registered, people.stored], settle=slips_delivered)
async def submit_dossier(caller: Caller) -> None:
    """SubmitDossier of the demo's six tables, 7 rows, XML13 and XML14 among them; unsigned; durable."""
    request = dossiers.SubmitDossierRequest(
        request_id=str(uuid.uuid4()), content=_any_dossier(caller, 0, SENDER)
    )
    stub = caller.stub(DossierServiceStub, "records", people.HOSPITAL)
    _check(await stub.SubmitDossier(request, timeout=TIMEOUT_S), 0)


async def signers_registered(site: Site) -> None:
    """Register the certificate of each hospital that signs, and who works there."""
    await signing.register_certificates(site, SIGNERS)
    rows = [
        practitioners.PractitionerRow(
            licence_number=f"{hospital}{number}{LICENCE}",
            full_name="Bác sĩ Mẫu",
            facility_code=hospital,
            valid_from=Date(year=2025, month=1, day=1),
            state=Practitioner.STATE_ACTIVE,
        )
        for hospital in SIGNERS
        for number in STAFF
    ]
    async with site.client("operator/dev") as directory:
        batches = demo.single_batch(practitioners.ImportPractitionersRequest, rows)
        await demo.check_taken(directory.practitioners.ImportPractitioners(batches))


@bench(
    stores=["insert"],
    needs=[people.registered, people.stored, signers_registered],
    settle=slips_delivered,
)
async def submit_signed_dossiers(caller: Caller) -> None:
    """SubmitDossiers of 100 rows, signed by registered certificates; 4 hospitals, a stream each; durable."""
    hospital = SIGNERS[caller.index % len(SIGNERS)]
    signer = caller.wires.make_once(
        ("signer", hospital), lambda: signing.read_signer(Path(caller.job.tls), hospital)
    )
    content = signer.sign(_any_dossier(caller, LARGE_ROWS, hospital))
    request = dossiers.SubmitDossiersRequest(request_id=str(uuid.uuid4()), content=content)
    stub = caller.stub(DossierServiceStub, "records", f"facility/{hospital}")
    stream = opened(
        caller.wires, ("dossiers", hospital), stub.SubmitDossiers, _request_id, depth=MAX_UNANSWERED
    )
    answer: dossiers.SubmitDossiersResponse = await stream.send(request, TIMEOUT_S)
    need(answer.HasField("accepted"), f"the dossier must be accepted: {answer.refusal}")
    _check(answer.accepted, LARGE_ROWS)
    need(answer.accepted.dossier.signature_verified, "the signature must be verified")
    doubts = {warning.rule for warning in answer.accepted.warnings}
    need(doubts <= {INVENTED}, f"nothing else must be in doubt: {doubts}")


def _request_id(answer: dossiers.SubmitDossiersResponse) -> str:
    return answer.request_id


def _any_dossier(caller: Caller, rows: int, facility: str) -> bytes:
    return dossier(rows, caller.random.randrange(caller.job.persons), uuid.uuid4().hex[:12], facility)


def _check(reply: dossiers.SubmitDossierResponse, rows: int) -> None:
    need(reply.dossier.state == Dossier.STATE_ACCEPTED, "the dossier must be accepted")
    need(not reply.unchanged, "the dossier must be new")
    counted = sum(table.rows for table in reply.dossier.tables)
    need(not rows or counted == rows, f"{rows} rows must be counted, not {counted}")


def dossier(rows: int, person: int, mark: str, facility: str = SENDER) -> bytes:
    """Return a dossier of *rows* rows (0: as the papers have them) about *person*, told apart by *mark*.

    *facility* is the code (mã cơ sở KCB) of who sends it.
    """
    patient = invented(person)
    changes = {
        SAMPLE_ENCOUNTER: f"{facility}.{mark}",
        demo.PATIENT_ID: patient.personal_id,
        demo.CARD: card_number(person),
        demo.PATIENT_NAME: patient.full_name.upper(),
        SAMPLE_BIRTH: f"{patient.birth:%Y%m%d}0000",
        "<GIOI_TINH>2<": f"<GIOI_TINH>{patient.sex}<",
        **{slip: f"{number}-{mark}" for number, slip in enumerate(SAMPLE_SLIPS)},
        f">{SENDER}<": f">{facility}<",
        **{f">00000{number}{LICENCE}": f">{facility}{number}{LICENCE}" for number in STAFF},
    }
    files = []
    for name, text in tables(rows):
        for sample, now in changes.items():
            text = text.replace(sample, now)
        encoded = base64.b64encode(text.encode()).decode()
        files.append(f"<FILEHOSO><LOAIHOSO>{name}</LOAIHOSO><NOIDUNGFILE>{encoded}</NOIDUNGFILE></FILEHOSO>")
    content = "".join(files)
    return ENVELOPE.format(facility=facility, day=f"{visit():%Y%m%d}", files=content).encode()


@cache
def tables(rows: int) -> list[tuple[str, str]]:
    """Return the tables of the visit; the services (XML3) are repeated until there are *rows* rows."""
    texts = {name: sample_files.table(name, visit(), faulty=False) for name in sample_files.TABLES}
    services = re.findall(r"<CHI_TIET_DVKT>.*?</CHI_TIET_DVKT>\s*", texts["XML3"], re.DOTALL)
    others = sum(len(re.findall("<MA_LK>", text)) for text in texts.values()) - len(services)
    if rows:
        repeated = "".join(
            re.sub(r"<STT>\d+</STT>", f"<STT>{number + 1}</STT>", services[number % len(services)])
            for number in range(rows - others)
        )
        texts["XML3"] = texts["XML3"].replace("".join(services), repeated)
        texts["XML1"] = with_totals(texts)
    return list(texts.items())


def with_totals(texts: dict[str, str]) -> str:
    """Return XML1 with the sums of the lines, as every rule of totals wants them."""

    def total(column: str) -> Decimal:
        pattern = rf"<{column}>([\d.]+)</{column}>"
        return sum(
            (Decimal(found) for code in ("XML2", "XML3") for found in re.findall(pattern, texts[code])),
            Decimal(),
        )

    main = texts["XML1"]
    for field, column in TOTALS.items():
        main = re.sub(rf"<{field}>[\d.]+</{field}>", f"<{field}>{total(column):.2f}</{field}>", main)
    return main


@cache
def visit() -> date:
    """Return the day of the visit: yesterday, so that it is over."""
    return today() - timedelta(days=1)
