"""Identity twice, for the tests of its promises: the service on its database, and the fake; filled alike."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import grpc

from lientuyen.identity.v1 import consent_pb2, facility_pb2, person_pb2
from lientuyen.identity.v1 import consent_service_pb2 as consents_pb
from lientuyen.identity.v1 import facility_service_pb2 as facilities_pb
from lientuyen.identity.v1 import person_service_pb2 as persons_pb
from lientuyen.identity.v1.consent_service_pb2_grpc import ConsentServiceStub
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceStub
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date
from tests.fake_identity import PHARMACY, FakeIdentity
from tests.harness import ServiceUnderTest, World

CLINIC, OTHER, CHEMIST = "01999", "79999", "NT00001"
TREATMENT = AccessContext(
    practitioner="000001/HNO-GPHN",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
)
T = TypeVar("T")


class Identity(Protocol):
    """Identity, as a service asks it and as a test fills it."""

    def stub(self, stub_class: Callable[[grpc.aio.Channel], T], caller: str = ...) -> T: ...
    async def person(self, number: str) -> str: ...
    async def consent(
        self, person: str, facility: str = "", *, data_classes: tuple[int, ...] = ()
    ) -> None: ...
    async def withdraw(self, person: str) -> None: ...
    async def merge(self, person: str, into: str) -> None: ...
    async def unmerge(self, person: str) -> None: ...


class RealIdentity(ServiceUnderTest):
    """The service, filled as its registers and hospitals fill it."""

    service = "identity"

    async def fill(self) -> "RealIdentity":
        """Import the directory of three."""
        rows = [
            facilities_pb.FacilityRow(code=code, display_name=code, kind=kind, level=level, node="north")
            for code, kind, level in (
                (CLINIC, facility_pb2.Facility.KIND_HOSPITAL, facility_pb2.Facility.LEVEL_BASIC),
                (OTHER, facility_pb2.Facility.KIND_HOSPITAL, facility_pb2.Facility.LEVEL_BASIC),
                (CHEMIST, facility_pb2.Facility.KIND_PHARMACY, facility_pb2.Facility.LEVEL_UNSPECIFIED),
            )
        ]
        request = facilities_pb.ImportFacilitiesRequest(request_id=str(uuid4()), first_row=1, rows=rows)
        stub = self.stub(FacilityServiceStub, "authority/byt")
        await import_all(stub.ImportFacilities(stream(request)))
        return self

    async def person(self, number: str) -> str:
        row = persons_pb.PersonRow(
            personal_id=number,
            full_name="Trần Văn Thử",
            birth_date=Date(year=1985, month=3, day=9),
            sex=person_pb2.SEX_MALE,
        )
        request = persons_pb.ImportPersonsRequest(request_id=str(uuid4()), first_row=1, rows=[row])
        stub = self.stub(PersonServiceStub, "authority/bhxh")
        assert [not answer.progress.refusals async for answer in stub.ImportPersons(stream(request))] == [
            True
        ]
        found = await self.stub(PersonServiceStub).FindPerson(
            persons_pb.FindPersonRequest(personal_id=number, access=TREATMENT)
        )
        return f"//identity.lientuyen/{found.person.name}"

    async def consent(self, person: str, facility: str = "", *, data_classes: tuple[int, ...] = ()) -> None:
        consent = consent_pb2.Consent(
            facility=f"facilities/{facility}" if facility else "",
            purpose=AccessContext.PURPOSE_TREATMENT,
            data_classes=data_classes,
            proof=consent_pb2.ConsentProof(kind=consent_pb2.ConsentProof.KIND_PAPER, reference="sổ 1, tờ 7"),
        )
        await self.stub(ConsentServiceStub, "operator/dev").CreateConsent(
            consents_pb.CreateConsentRequest(request_id=str(uuid4()), parent=person, consent=consent)
        )

    async def withdraw(self, person: str) -> None:
        stub = self.stub(ConsentServiceStub, "operator/dev")
        listed = await stub.ListConsents(
            consents_pb.ListConsentsRequest(parent=person, access=TREATMENT, active_only=True)
        )
        for consent in listed.consents:
            await stub.WithdrawConsent(
                consents_pb.WithdrawConsentRequest(request_id=str(uuid4()), name=consent.name)
            )

    async def merge(self, person: str, into: str) -> None:
        await self.stub(PersonServiceStub, "operator/dev").MergePersons(
            persons_pb.MergePersonsRequest(
                request_id=str(uuid4()), loser=short(person), winner=short(into), reason="cùng một người"
            )
        )

    async def unmerge(self, person: str) -> None:
        stub = self.stub(PersonServiceStub, "operator/dev")
        [merge] = (
            await stub.ListMerges(persons_pb.ListMergesRequest(parent=short(person), access=TREATMENT))
        ).merges
        await stub.UnmergePersons(
            persons_pb.UnmergePersonsRequest(request_id=str(uuid4()), name=merge.name, reason="nhầm người")
        )


class Fake:
    """The fake, filled as the tests of the other services fill it."""

    def __init__(self, world: World) -> None:
        self.world, self.fake, self.address = world, FakeIdentity(), ""

    async def fill(self) -> "Fake":
        self.address = await self.fake.serve(self.world)
        for code in (CLINIC, OTHER):
            self.fake.add_facility(code)
        self.fake.add_facility(CHEMIST, PHARMACY)
        return self

    def stub(self, stub_class: Callable[[grpc.aio.Channel], T], caller: str = "facility/01999") -> T:
        return stub_class(self.world.channel(self.address, caller))

    async def person(self, number: str) -> str:
        return self.fake.add_person(number)

    async def consent(self, person: str, facility: str = "", *, data_classes: tuple[int, ...] = ()) -> None:
        self.fake.add_consent(person, facility, data_classes=data_classes or (consent_pb2.DATA_CLASS_CARE,))

    async def withdraw(self, person: str) -> None:
        self.fake.withdraw_consents(person)

    async def merge(self, person: str, into: str) -> None:
        self.fake.merge(person, into)

    async def unmerge(self, person: str) -> None:
        self.fake.unmerge(person)


async def stream(*requests: T) -> AsyncIterator[T]:
    for request in requests:
        yield request


async def import_all(responses: AsyncIterator[Any]) -> None:
    """Read the responses of an import in which no row is refused."""
    async for response in responses:
        assert list(response.progress.refusals) == []


def short(name: str) -> str:
    return name.removeprefix("//identity.lientuyen/")
