"""
Who takes part: facilities, one patient, her card.  All invented.

The two pilot hospitals carry their names; the district hospitals and the
pharmacies exist nowhere.  The patient's number says that she is born in 2085, so
that it can belong to nobody; her papers say 1985, which is only worth a warning.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar
from uuid import uuid4

from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import facility_service_pb2 as facilities
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.identity.v1.coverage_pb2 import Coverage
from lientuyen.identity.v1.facility_pb2 import Facility, LaboratoryRecognition
from lientuyen.identity.v1.import_pb2 import ImportProgress
from lientuyen.identity.v1.person_pb2 import SEX_FEMALE, Address
from lientuyen.type.v1.date_pb2 import Date

from ..client import Client

R = TypeVar("R")

PATIENT_ID = "001385000016"
PATIENT_NAME = "TRẦN THỊ MẪU"
CARD = "DN4010000000000"

DISTRICT, PROVINCIAL = "01999", "79999"
PHARMACIES = ("NT00001", "NT00002", "NT00003")

BASIC, SPECIALISED = Facility.LEVEL_BASIC, Facility.LEVEL_SPECIALISED
# Code, name, node, level, points, and the line before 2025: what the way of coming gives there rests on them.
HOSPITALS = [
    (DISTRICT, "Bệnh viện đa khoa huyện Mẫu", "bac", BASIC, 60, Facility.FORMER_LINE_DISTRICT),
    (PROVINCIAL, "Bệnh viện chuyên khoa Mẫu", "nam", SPECIALISED, 75, Facility.FORMER_LINE_PROVINCIAL),
    ("01929", "Bệnh viện Bạch Mai", "bac", SPECIALISED, 95, Facility.FORMER_LINE_CENTRAL),
    ("79024", "Bệnh viện Chợ Rẫy", "nam", SPECIALISED, 95, Facility.FORMER_LINE_CENTRAL),
]
# Every hospital's laboratories have one level of quality, so that each uses the others' results.
LABORATORY = LaboratoryRecognition(
    scheme=LaboratoryRecognition.SCHEME_QUALITY_LEVEL, level=3, valid_from=Date(year=2026, month=1, day=1)
)
# Of the initial level: a station pays all costs (row 1.2), a private clinic does not (1.1 or 1.11).
INITIAL_CARE = [
    ("01996", "Trạm y tế phường Mẫu", Facility.KIND_COMMUNE_STATION, Facility.INITIAL_CARE_COMMUNE_STATION),
    ("01995", "Phòng khám tư nhân Mẫu", Facility.KIND_CLINIC, Facility.INITIAL_CARE_OTHER),
]


def facility_rows() -> Iterable[facilities.FacilityRow]:
    for code, name, node, level, points, line in HOSPITALS:
        yield facilities.FacilityRow(
            code=code,
            display_name=name,
            kind=Facility.KIND_HOSPITAL,
            level=level,
            points=points,
            former_line=line,
            node=node,
            state=Facility.STATE_ACTIVE,
            laboratory_recognitions=[LABORATORY],
        )
    for code, name, kind, initial_care in INITIAL_CARE:
        yield facilities.FacilityRow(
            code=code,
            display_name=name,
            kind=kind,
            level=Facility.LEVEL_INITIAL,
            initial_care=initial_care,
            node="bac",
            state=Facility.STATE_ACTIVE,
        )
    for code in PHARMACIES:
        yield facilities.FacilityRow(
            code=code,
            display_name=f"Nhà thuốc Mẫu {code[-1]}",
            kind=Facility.KIND_PHARMACY,
            node="nam",
            state=Facility.STATE_ACTIVE,
        )


def person_row() -> persons.PersonRow:
    return persons.PersonRow(
        source_key="demo-1",
        personal_id=PATIENT_ID,
        social_insurance_number=CARD[5:],
        full_name=PATIENT_NAME,
        birth_date=Date(year=1985, month=3, day=12),
        sex=SEX_FEMALE,
        nationality="000",
        ethnicity="01",
        address=Address(line="Số 0 đường Mẫu", commune_code="00070", province_code="01"),
    )


def coverage_row(today: date) -> eligibility.CoverageRow:
    return eligibility.CoverageRow(
        source_key="demo-1",
        personal_id=PATIENT_ID,
        social_insurance_number=CARD[5:],
        card_number=CARD,
        valid_from=Date(year=today.year - 1, month=1, day=1),
        valid_to=Date(year=today.year + 1, month=12, day=31),
        initial_facility_code=DISTRICT,
        issuer=Coverage.ISSUER_SOCIAL_INSURANCE,
    )


class SeedRefused(Exception):
    """The directory did not take what the demo invented: a bug of ours."""


async def seed(directory: Client, insurance: Client, today: date) -> None:
    await check_taken(
        directory.facilities.ImportFacilities(
            single_batch(facilities.ImportFacilitiesRequest, list(facility_rows()))
        )
    )
    await check_taken(
        directory.persons.ImportPersons(single_batch(persons.ImportPersonsRequest, [person_row()]))
    )
    await check_taken(
        insurance.eligibility.ImportCoverages(
            single_batch(eligibility.ImportCoveragesRequest, [coverage_row(today)])
        )
    )


async def single_batch(request: Callable[..., R], rows: Sequence[object]) -> AsyncIterator[R]:
    yield request(request_id=str(uuid4()), first_row=1, rows=rows)


class Reply(Protocol):
    progress: ImportProgress


async def check_taken(replies: AsyncIterable[Reply]) -> None:
    async for reply in replies:
        progress = reply.progress
        if progress.rows_refused:
            raise SeedRefused(str([(fault.field, fault.rule) for fault in progress.refusals]))
