"""The directory of facilities says by what their laboratories are recognised."""

import pytest

from lientuyen.identity.v1 import facility_pb2 as pb
from lientuyen.identity.v1 import facility_service_pb2 as service
from lientuyen.identity.v1.import_pb2 import ImportProgress
from lientuyen.type.v1.date_pb2 import Date
from tests.harness import World

from .identity_env import Identity, facility_row, key, only, stream

BYT = "authority/byt"
Scheme = pb.LaboratoryRecognition
DAY, EARLIER = Date(year=2026, month=1, day=1), Date(year=2025, month=1, day=1)
LEVEL = Scheme(scheme=Scheme.SCHEME_QUALITY_LEVEL, level=3, valid_from=DAY)
ISO = Scheme(scheme=Scheme.SCHEME_ISO_15189, service_prefixes=["23.0075."], valid_from=DAY, valid_to=DAY)


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


async def enlist(identity: Identity, *rows: service.FacilityRow) -> ImportProgress:
    request = service.ImportFacilitiesRequest(request_id=key(), first_row=1, rows=rows)
    return await only(identity.facilities(BYT).ImportFacilities(stream(request)))


async def recognitions(identity: Identity, code: str) -> list[pb.LaboratoryRecognition]:
    request = service.GetFacilityRequest(name=f"facilities/{code}")
    return list((await identity.facilities().GetFacility(request)).facility.laboratory_recognitions)


async def test_levels_and_accreditations_come_with_the_register_and_stay_when_it_tells_none(
    identity: Identity,
):
    await enlist(identity, facility_row("01931", laboratory_recognitions=[LEVEL, ISO]), facility_row("01932"))
    assert await recognitions(identity, "01931") == [LEVEL, ISO]
    assert await recognitions(identity, "01932") == []

    await enlist(identity, facility_row("01931"))
    assert await recognitions(identity, "01931") == [LEVEL, ISO]

    await enlist(identity, facility_row("01931", laboratory_recognitions=[ISO]))
    assert await recognitions(identity, "01931") == [ISO]


async def test_a_recognition_that_cannot_be_refuses_its_row_only(identity: Identity):
    def row(number: int, **fields: object) -> service.FacilityRow:
        recognition = Scheme(**{"valid_from": DAY, **fields})
        return facility_row(f"0194{number}", laboratory_recognitions=[recognition])

    level, iso = Scheme.SCHEME_QUALITY_LEVEL, Scheme.SCHEME_ISO_15189
    progress = await enlist(
        identity,
        row(1, scheme=level, level=6),
        row(2, scheme=iso, level=1, service_prefixes=["23."]),
        row(3, scheme=iso),
        row(4, scheme=level, level=1, valid_to=EARLIER),
        row(5, scheme=level, level=1, valid_from=Date(year=2026, month=2, day=30)),
        row(6, scheme=level, level=1, service_prefixes=["Xét nghiệm"]),
        row(7, level=1),
        row(8, scheme=level, level=5),
    )

    path = "laboratory_recognitions[0]"
    assert {(refusal.row, refusal.field) for refusal in progress.refusals} >= {
        (1, f"{path}.level"),
        (2, f"{path}.level"),
        (3, f"{path}.service_prefixes"),
        (4, f"{path}.valid_to"),
        (5, f"{path}.valid_from"),
        (6, f"{path}.service_prefixes"),
        (7, f"{path}.scheme"),
    }
    assert {refusal.row for refusal in progress.refusals} == {1, 2, 3, 4, 5, 6, 7}
