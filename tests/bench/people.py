"""
Who is stored: as many persons as asked for, each with a card, written by COPY.

All are women born in the 2100s, so that their numbers can belong to nobody:
`0015`, the year, six digits.  The patient of the demo's papers, and the
facilities, come through the contract like any register.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import asyncpg
from rich.progress import Progress

from lientuyen.identity.v1 import facility_service_pb2 as facilities
from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen_client.demo import people as demo
from services.identity.model.coverages import Issuer
from services.identity.model.identifiers import Kind, Sex, State
from services.identity.model.persons import Origin, PersonState

from .site import Site

HOSPITAL = "facility/01999"
HOSPITAL_CODE = "01999"

# Persons of one COPY: about 4 MB.
CHUNK = 5_000

# Hospitals that only the bench has, each with a mailbox of its own.
BENCH_HOSPITALS = tuple(f"9100{number}" for number in range(8))

# Persons that the numbers have room for.
MOST = 100_000_000

TREATMENT = AccessContext(
    practitioner="000001/HNO-GPHN",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
)

PERSON_COLUMNS = (
    *("id", "state", "origin", "full_name", "birth_year", "birth_month", "birth_day", "birth_time", "sex"),
    *("nationality", "ethnicity", "address_line", "commune_code", "district_code", "province_code", "phone"),
    "facility",
)
NUMBER_COLUMNS = ("person_id", "kind", "value", "state")
CARD_COLUMNS = (
    *("person_id", "card_number", "valid_from", "valid_to", "group_code", "benefit_level"),
    *("initial_facility", "area_code", "issuer", "standing", "source", "verify_time"),
)


def personal_id(number: int) -> str:
    """Return the personal ID of the bench's person *number*, 0 to 99,999,999."""
    return f"0015{number:08d}"


def insurance_number(number: int) -> str:
    """Return the social-insurance number of person *number*."""
    return f"99{number:08d}"


def card_number(number: int) -> str:
    """Return the insurance card of person *number*: an employee's, of Hà Nội."""
    return f"DN401{insurance_number(number)}"


def today() -> date:
    """Return the day in Viet Nam."""
    return (datetime.now(UTC) + timedelta(hours=7)).date()


async def registered(site: Site) -> None:
    """Put the facilities and the patient of the demo into the directory, and the bench's hospitals."""
    async with site.exchange("operator/dev") as directory, site.exchange("authority/bhxh") as insurance:
        await demo.seed(directory, insurance, today())
        rows = [
            facilities.FacilityRow(
                code=code,
                display_name=f"Bệnh viện Mẫu {code}",
                kind=Facility.KIND_HOSPITAL,
                level=Facility.LEVEL_BASIC,
                node="bac",
                state=Facility.STATE_ACTIVE,
            )
            for code in BENCH_HOSPITALS
        ]
        batches = demo.batches(facilities.ImportFacilitiesRequest, rows)
        await demo.load(directory.facilities.ImportFacilities(batches))
    site.give_certificates(*(f"facility/{code}" for code in BENCH_HOSPITALS))


async def stored(site: Site) -> None:
    """Fill identity up to the persons asked for; those of an earlier run in the same home stay."""
    async with site.connection("identity") as connection:
        known = await _known(connection)
        with Progress(console=site.said, transient=True) as progress:
            task = progress.add_task("persons", total=site.persons, completed=known)
            for first in range(known, site.persons, CHUNK):
                await _copy(connection, range(first, min(first + CHUNK, site.persons)))
                progress.advance(task, CHUNK)
        for table in ("persons", "identifiers", "coverages"):
            await connection.execute(f"VACUUM ANALYZE {table}")


async def _known(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """Return how many persons of ours are there: they are stored in order, whole chunks at a time."""
    last = await connection.fetchval(
        "SELECT max(value) FROM identifiers WHERE kind = $1 AND value >= '0015' AND value < '0016'",
        int(Kind.PERSONAL_ID),
    )
    return int(last[4:]) + 1 if last else 0


async def _copy(connection: "asyncpg.Connection[asyncpg.Record]", numbers: range) -> None:
    ids = [(number, uuid.uuid4()) for number in numbers]
    async with connection.transaction():
        for table, columns, rows in (
            ("persons", PERSON_COLUMNS, _persons(ids)),
            ("identifiers", NUMBER_COLUMNS, _identifiers(ids)),
            ("coverages", CARD_COLUMNS, _cards(ids)),
        ):
            await connection.copy_records_to_table(table, columns=columns, records=rows)


def _persons(ids: list[tuple[int, uuid.UUID]]) -> Iterator[tuple[object, ...]]:
    for number, person in ids:
        year = 2100 + number // 1_000_000
        born = (year, number % 12 + 1, number % 28 + 1, "")
        fixed = (int(PersonState.ACTIVE), int(Origin.REGISTER), f"NGƯỜI THỊ MẪU {number}")
        yield (
            person,
            *fixed,
            *born,
            int(Sex.FEMALE),
            "000",
            "01",
            "Số 0 đường Mẫu",
            "00070",
            "",
            "01",
            "",
            "",
        )


def _identifiers(ids: list[tuple[int, uuid.UUID]]) -> Iterator[tuple[object, ...]]:
    for number, person in ids:
        for kind, value in (
            (Kind.PERSONAL_ID, personal_id(number)),
            (Kind.SOCIAL_INSURANCE_NUMBER, insurance_number(number)),
            (Kind.CARD_NUMBER, card_number(number)),
        ):
            yield person, int(kind), value, int(State.CURRENT)


def _cards(ids: list[tuple[int, uuid.UUID]]) -> Iterator[tuple[object, ...]]:
    day, now = today(), datetime.now(UTC)
    begin, end = date(day.year - 1, 1, 1), date(day.year + 1, 12, 31)
    issuer = int(Issuer.SOCIAL_INSURANCE)
    for number, person in ids:
        card = (card_number(number), begin, end, "DN", 4, HOSPITAL_CODE, "", issuer, "", "bench", now)
        yield person, *card
