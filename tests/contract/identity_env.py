"""What the tests of identity share: the service with its directory, and the people of a register.

Nobody here lives: their personal IDs say that they are born in the 2100s, which
never fits their birth dates.
"""

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar
from uuid import UUID, uuid4

from laptop.authority import issue_signing
from lientuyen.identity.v1 import (
    consent_pb2,
    consent_service_pb2,
    eligibility_service_pb2,
    facility_pb2,
    facility_service_pb2,
    import_pb2,
    person_pb2,
    person_service_pb2,
)
from lientuyen.identity.v1.consent_service_pb2_grpc import ConsentServiceStub
from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceStub
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceStub
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub
from lientuyen.identity.v1.place_service_pb2_grpc import PlaceServiceStub
from lientuyen.identity.v1.practitioner_service_pb2_grpc import PractitionerServiceStub
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date
from tests.harness import ServiceUnderTest

if TYPE_CHECKING:
    from lientuyen.identity.v1.consent_service_pb2_grpc import ConsentServiceAsyncStub
    from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceAsyncStub
    from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceAsyncStub
    from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceAsyncStub
    from lientuyen.identity.v1.place_service_pb2_grpc import PlaceServiceAsyncStub
    from lientuyen.identity.v1.practitioner_service_pb2_grpc import PractitionerServiceAsyncStub

T = TypeVar("T")

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


def id_of(name: str) -> UUID:
    """Return the key in the database of what has this name."""
    return UUID(name.rpartition("/")[2])


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


class Identity(ServiceUnderTest):
    """The service; its directory knows three hospitals and a pharmacy."""

    service = "identity"

    async def start(self, **settings: Any) -> Self:
        """Start the service as the node `north` and fill its directory, unless it is a replica of another."""
        signing_dir = self.world.folder / "signing-of-identity"
        if not signing_dir.exists():
            issue_signing(self.world.pki.ca, signing_dir, "service/identity")
        settings = {"node": "north", "signing_dir": signing_dir, **settings}
        await super().start(**settings)
        if "database_url" not in settings:
            await self.fill_directory()
        return self

    async def replica(self, **settings: Any) -> Self:
        """Start another one on the same database."""
        database_url = self.running.settings.database_url
        return await type(self)(self.world).start(database_url=database_url, **settings)

    def persons(self, caller: str = HOSPITAL) -> "PersonServiceAsyncStub":
        return self.stub(PersonServiceStub, caller)

    def eligibility(self, caller: str = HOSPITAL) -> "EligibilityServiceAsyncStub":
        return self.stub(EligibilityServiceStub, caller)

    def facilities(self, caller: str = HOSPITAL) -> "FacilityServiceAsyncStub":
        return self.stub(FacilityServiceStub, caller)

    def practitioners(self, caller: str = HOSPITAL) -> "PractitionerServiceAsyncStub":
        return self.stub(PractitionerServiceStub, caller)

    def places(self, caller: str = HOSPITAL) -> "PlaceServiceAsyncStub":
        return self.stub(PlaceServiceStub, caller)

    def consents(self, caller: str = HOSPITAL) -> "ConsentServiceAsyncStub":
        return self.stub(ConsentServiceStub, caller)

    async def fill_directory(self, rows: Iterable[facility_service_pb2.FacilityRow] = DIRECTORY) -> None:
        """Import *rows*, none of which is refused."""
        request = facility_service_pb2.ImportFacilitiesRequest(request_id=key(), first_row=1, rows=rows)
        progress = await only(self.facilities("authority/byt").ImportFacilities(stream(request)))
        assert list(progress.refusals) == []

    async def import_persons(
        self, *rows: person_service_pb2.PersonRow, caller: str = "authority/bhxh", request_id: str = ""
    ) -> import_pb2.ImportProgress:
        request = person_service_pb2.ImportPersonsRequest(
            request_id=request_id or key(), first_row=1, rows=rows
        )
        return await only(self.persons(caller).ImportPersons(stream(request)))

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

    async def consent(self, person: str, caller: str = HOSPITAL, **more: Any) -> consent_pb2.Consent:
        """Record a consent of *person*, for the caller's facility unless told otherwise."""
        given = {
            "facility": f"facilities/{caller.partition('/')[2]}",
            "purpose": AccessContext.PURPOSE_TREATMENT,
            "proof": consent_pb2.ConsentProof(
                kind=consent_pb2.ConsentProof.KIND_PAPER, reference="sổ 1, tờ 7"
            ),
        }
        request = consent_service_pb2.CreateConsentRequest(
            request_id=key(), parent=person, consent=consent_pb2.Consent(**{**given, **more})
        )
        return (await self.consents(caller).CreateConsent(request)).consent

    async def decide(self, person: str, /, reader: str = "01999", **more: Any) -> consent_pb2.Decision:
        """Ask, as records does, whether the facility *reader* may read the data of *person*."""
        given = {
            "facility": f"{OURS}facilities/{reader}",
            "person": person,
            "access": TREATMENT,
        }
        request = consent_service_pb2.AuthorizeRequest(**{**given, **more})
        return (await self.consents("service/records").Authorize(request)).decision


async def stream(*requests: T) -> AsyncIterator[T]:
    for request in requests:
        yield request


class _Response(Protocol):
    @property
    def progress(self) -> import_pb2.ImportProgress: ...


async def only(responses: AsyncIterator[_Response]) -> import_pb2.ImportProgress:
    """Return the progress of the one batch of a stream."""
    [progress] = [response.progress async for response in responses]
    return progress
