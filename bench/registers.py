"""Registers that are brought: persons and cards, 5,000 rows a batch, over the wire that every sender has."""

import uuid
from itertools import count
from typing import Any

from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.identity.v1.coverage_pb2 import Coverage
from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceStub
from lientuyen.identity.v1.import_pb2 import ImportProgress
from lientuyen.identity.v1.person_pb2 import Address, Sex
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub
from lientuyen.type.v1.date_pb2 import Date

from . import people
from .calling import Caller, Wires
from .floors import COPY_ROWS
from .identity import as_date
from .invented import HOSPITAL_CODE, IMPORTED, card_number, insurance_number, invented, personal_id
from .loads import bench, need
from .streams import Open, opened

# Rows of a batch, the most the contract takes; batches under way at once on one stream.
BATCH_ROWS = COPY_ROWS
MAX_UNANSWERED = 4

# Seconds until a batch must be answered.
TIMEOUT_S = 45.0

# The authority whose register it is.
AUTHORITY = "authority/bhxh"


async def send(wires: Wires, key: str, open_stream: Open, batch: Any) -> None:
    """Send *batch* on the open stream called *key*; all its rows must be stored."""
    stream = opened(wires, key, open_stream, lambda answer: answer.progress.request_id, depth=MAX_UNANSWERED)
    progress: ImportProgress = (await stream.send(batch, TIMEOUT_S)).progress
    need(progress.rows_stored == len(batch.rows), f"{progress.rows_refused} rows were refused")


def starts(wires: Wires) -> "count[int]":
    """Return the places of a process' batches: each process has a part of its own."""
    return count(wires.job.process, wires.job.processes)


@bench(
    stores=["copy"],
    needs=[people.registered, people.stored],
    callers=MAX_UNANSWERED,
    sized=True,
    rows=BATCH_ROWS,
)
async def import_persons(caller: Caller) -> None:
    """ImportPersons, new persons beside {persons:,} stored; 5,000 rows a batch, one stream; durable."""
    wires = caller.wires
    places = wires.make_once("imported persons", lambda: starts(wires))
    # Where the last run on this home may have stopped nobody knows: begin anywhere.
    base = wires.make_once("base", lambda: caller.random.randrange(len(IMPORTED) // 2))
    first = IMPORTED[base] + next(places) * BATCH_ROWS
    stub = caller.stub(PersonServiceStub, "identity", AUTHORITY)
    rows = [person_row(number) for number in range(first, first + BATCH_ROWS)]
    batch = persons.ImportPersonsRequest(request_id=str(uuid.uuid4()), first_row=1, rows=rows)
    await send(wires, "persons", stub.ImportPersons, batch)


@bench(
    stores=["copy"],
    needs=[people.registered, people.stored],
    callers=MAX_UNANSWERED,
    sized=True,
    rows=BATCH_ROWS,
)
async def import_coverages(caller: Caller) -> None:
    """ImportCoverages, an older card each of {persons:,} persons; 5,000 rows a batch, one stream; durable."""
    wires = caller.wires
    place = next(wires.make_once("imported cards", lambda: starts(wires)))
    round_, first = divmod(place * BATCH_ROWS, caller.job.persons)
    stub = caller.stub(EligibilityServiceStub, "identity", AUTHORITY)
    numbers = range(first, min(first + BATCH_ROWS, caller.job.persons))
    rows = [coverage_row(number, 2020 - round_ % 20) for number in numbers]
    batch = eligibility.ImportCoveragesRequest(request_id=str(uuid.uuid4()), first_row=1, rows=rows)
    await send(wires, "cards", stub.ImportCoverages, batch)


def person_row(number: int) -> persons.PersonRow:
    """Return person *number* as a register tells them."""
    person = invented(number)
    return persons.PersonRow(
        personal_id=person.personal_id,
        social_insurance_number=person.insurance_number,
        full_name=person.full_name,
        birth_date=as_date(person.birth),
        sex=Sex.Name(person.sex),
        nationality="000",
        ethnicity="01",
        address=Address(line=person.address_line, province_code=person.province_code),
    )


def coverage_row(number: int, year: int) -> eligibility.CoverageRow:
    """Return the card that person *number* had in *year*."""
    return eligibility.CoverageRow(
        personal_id=personal_id(number),
        social_insurance_number=insurance_number(number),
        card_number=card_number(number),
        valid_from=Date(year=year, month=1, day=1),
        valid_to=Date(year=year, month=12, day=31),
        initial_facility_code=HOSPITAL_CODE,
        issuer=Coverage.ISSUER_SOCIAL_INSURANCE,
    )
