"""A town for the tests of identity: one service, its directory, and the people of a register.

Nobody here lives: their personal IDs say that they are born in the 2100s, which
never fits their birth dates.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

import asyncpg

from lientuyen.identity.v1 import (
    consent_pb2,
    consent_service_pb2,
    consent_service_pb2_grpc,
    eligibility_service_pb2,
    eligibility_service_pb2_grpc,
    facility_pb2,
    facility_service_pb2,
    facility_service_pb2_grpc,
    import_pb2,
    person_pb2,
    person_service_pb2,
    person_service_pb2_grpc,
    place_service_pb2_grpc,
    practitioner_service_pb2_grpc,
)
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date
from tests.world import Running, World

HOSPITAL, OTHER = "facility/01999", "facility/79999"
OURS = "//identity.lientuyen/"
TREATMENT = AccessContext(
    practitioner="000001/HNO-GPHN",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
)


def access(purpose: str = "TREATMENT", basis: str = "CONSENT", reason: str = "") -> AccessContext:
    return AccessContext(
        practitioner="000001/HNO-GPHN",
        purpose=f"PURPOSE_{purpose}",
        legal_basis=f"LEGAL_BASIS_{basis}",
        reason=reason,
    )


def key() -> str:
    """A new request id."""
    return str(uuid4())


def person_row(**more: Any) -> person_service_pb2.PersonRow:
    given = {
        "personal_id": "001485000016",
        "old_id": "012345678",
        "social_insurance_number": "0000000001",
        "full_name": "Trần Văn Thử",
        "birth_date": Date(year=1985, month=3, day=9),
        "sex": person_pb2.SEX_MALE,
    }
    return person_service_pb2.PersonRow(**{**given, **more})


def coverage_row(**more: Any) -> eligibility_service_pb2.CoverageRow:
    given = {
        "personal_id": "001485000016",
        "card_number": "DN4010000000001",
        "valid_from": Date(year=2026, month=1, day=1),
        "valid_to": Date(year=2026, month=12, day=31),
        "initial_facility_code": "01999",
    }
    return eligibility_service_pb2.CoverageRow(**{**given, **more})


def facility_row(code: str, **more: Any) -> facility_service_pb2.FacilityRow:
    given = {
        "code": code,
        "display_name": f"Cơ sở {code}",
        "kind": facility_pb2.Facility.KIND_HOSPITAL,
        "level": facility_pb2.Facility.LEVEL_BASIC,
        "node": "north",
    }
    return facility_service_pb2.FacilityRow(**{**given, **more})


DIRECTORY = [
    facility_row("01999"),
    facility_row("79999", node="south"),
    facility_row("01929", level=facility_pb2.Facility.LEVEL_SPECIALISED),
    facility_row("NT00001", kind=facility_pb2.Facility.KIND_PHARMACY, level=0),
]


@dataclass
class Town:
    """The service, and stubs for whoever calls it."""

    world: World
    running: Running

    def persons(self, who: str = HOSPITAL) -> Any:
        return person_service_pb2_grpc.PersonServiceStub(self.world.channel(self.running, who))

    def eligibility(self, who: str = HOSPITAL) -> Any:
        return eligibility_service_pb2_grpc.EligibilityServiceStub(self.world.channel(self.running, who))

    def facilities(self, who: str = HOSPITAL) -> Any:
        return facility_service_pb2_grpc.FacilityServiceStub(self.world.channel(self.running, who))

    def practitioners(self, who: str = HOSPITAL) -> Any:
        return practitioner_service_pb2_grpc.PractitionerServiceStub(self.world.channel(self.running, who))

    def places(self, who: str = HOSPITAL) -> Any:
        return place_service_pb2_grpc.PlaceServiceStub(self.world.channel(self.running, who))

    def consents(self, who: str = HOSPITAL) -> Any:
        return consent_service_pb2_grpc.ConsentServiceStub(self.world.channel(self.running, who))

    @cached_property
    def deciding(self) -> Any:
        """The service as records asks it for decisions."""
        return self.consents("service/records")

    async def direct(self, rows: Iterable[facility_service_pb2.FacilityRow] = DIRECTORY) -> None:
        """Fill the directory."""
        request = facility_service_pb2.ImportFacilitiesRequest(request_id=key(), first_row=1, rows=rows)
        progress = await only(self.facilities("authority/byt").ImportFacilities(stream(request)))
        assert list(progress.refusals) == []

    async def import_persons(
        self, *rows: person_service_pb2.PersonRow, who: str = "authority/bhxh", request_id: str = ""
    ) -> import_pb2.ImportProgress:
        request = person_service_pb2.ImportPersonsRequest(
            request_id=request_id or key(), first_row=1, rows=rows
        )
        return await only(self.persons(who).ImportPersons(stream(request)))

    async def import_coverages(self, *rows: eligibility_service_pb2.CoverageRow) -> import_pb2.ImportProgress:
        request = eligibility_service_pb2.ImportCoveragesRequest(request_id=key(), first_row=1, rows=rows)
        return await only(self.eligibility("authority/bhxh").ImportCoverages(stream(request)))

    async def person(self, **more: Any) -> person_pb2.Person:
        """Import one person and return what a hospital finds."""
        row = person_row(**more)
        progress = await self.import_persons(row)
        assert list(progress.refusals) == []
        request = person_service_pb2.FindPersonRequest(personal_id=row.personal_id, access=TREATMENT)
        return (await self.persons().FindPerson(request)).person

    async def consent(self, person: str, who: str = HOSPITAL, **more: Any) -> consent_pb2.Consent:
        """Record a consent of *person*, for the caller's facility unless told otherwise."""
        given = {
            "facility": f"facilities/{who.partition('/')[2]}",
            "purpose": AccessContext.PURPOSE_TREATMENT,
            "proof": consent_pb2.ConsentProof(
                kind=consent_pb2.ConsentProof.KIND_PAPER, reference="sổ 1, tờ 7"
            ),
        }
        request = consent_service_pb2.CreateConsentRequest(
            request_id=key(), parent=person, consent=consent_pb2.Consent(**{**given, **more})
        )
        return (await self.consents(who).CreateConsent(request)).consent

    async def decide(self, reader_of: str, reader: str = "01999", **more: Any) -> consent_pb2.Decision:
        """Ask, as records does, whether the facility *reader* may read the data of *reader_of*."""
        given = {
            "facility": f"{OURS}facilities/{reader}",
            "person": OURS + reader_of,
            "access": TREATMENT,
        }
        request = consent_service_pb2.AuthorizeRequest(**{**given, **more})
        return (await self.deciding.Authorize(request)).decision

    async def rows(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """Look into the database."""
        connection = await asyncpg.connect(self.running.settings.database_url)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    async def audit(self, subject: str) -> list[tuple[str, str, bool, bool]]:
        """The accesses to *subject*: who, by which method, allowed, flagged; oldest first."""
        rows = await self.rows(
            "SELECT caller, method, allowed, flagged FROM audit WHERE subject = $1 ORDER BY access_time",
            subject,
        )
        return [(row[0], row[1].rpartition(".")[2], row[2], row[3]) for row in rows]


async def stream(*requests: Any) -> AsyncIterator[Any]:
    for request in requests:
        yield request


async def only(answers: AsyncIterator[Any]) -> import_pb2.ImportProgress:
    """The progress of the one batch of a stream."""
    found = [answer.progress async for answer in answers]
    assert len(found) == 1
    return found[0]


async def town_of(world: World) -> Town:
    """A town with its directory."""
    town = Town(world, await world.start("identity"))
    await town.direct()
    return town
