"""Identity twice, for the tests of its promises: the service on its database, and the fake; filled alike."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import grpc

from common.values import PartialDate, date_to_pb
from lientuyen.identity.v1 import consent_pb2
from lientuyen.identity.v1 import consent_service_pb2 as consents_pb
from lientuyen.identity.v1 import person_service_pb2 as persons_pb
from services.identity.matching.model.weights import Description
from services.identity.model.identifiers import Sex
from tests.contract.identity_env import OURS, TREATMENT, Identity, key
from tests.fake_identity import PHARMACY, FakeIdentity
from tests.harness import World

CLINIC, OTHER, CHEMIST = "01999", "79999", "NT00001"
OPERATOR = "operator/dev"
THUE = Description(full_name="Trần Văn Thuê", birth=PartialDate(1985, 3, 9), sex=Sex.MALE)
T = TypeVar("T")


class PromisedIdentity(Protocol):
    """Identity, as a service asks it and as a test fills it."""

    def stub(self, stub_class: Callable[[grpc.aio.Channel], T], caller: str = ...) -> T: ...
    async def person(self, number: str, described: Description = THUE) -> str: ...
    async def consent(
        self, person: str, facility: str = "", *, data_classes: tuple[int, ...] = ()
    ) -> None: ...
    async def withdraw(self, person: str) -> None: ...
    async def merge(self, person: str, into: str) -> None: ...
    async def unmerge(self, person: str) -> None: ...


class Real:
    """The service, filled as its registers and hospitals fill it."""

    def __init__(self, world: World) -> None:
        self.identity = Identity(world)

    async def fill(self, max_failures: int | None = None) -> "Real":
        limits = {} if max_failures is None else {"misses_burst": max_failures, "misses_per_minute": 0.01}
        await self.identity.start(**limits)
        return self

    def stub(self, stub_class: Callable[[grpc.aio.Channel], T], caller: str = "facility/01999") -> T:
        return self.identity.stub(stub_class, caller)

    async def person(self, number: str, described: Description = THUE) -> str:
        person = await self.identity.person(
            personal_id=number,
            old_id="",
            social_insurance_number="",
            full_name=described.full_name,
            birth_date=date_to_pb(described.birth),
            sex=described.sex,
        )
        return person.name

    async def consent(self, person: str, facility: str = "", *, data_classes: tuple[int, ...] = ()) -> None:
        name = f"facilities/{facility}" if facility else ""
        await self.identity.consent(person, OPERATOR, facility=name, data_classes=data_classes)

    async def withdraw(self, person: str) -> None:
        stub = self.identity.consents(OPERATOR)
        listed = await stub.ListConsents(
            consents_pb.ListConsentsRequest(parent=person, access=TREATMENT, active_only=True)
        )
        for consent in listed.consents:
            await stub.WithdrawConsent(
                consents_pb.WithdrawConsentRequest(request_id=key(), name=consent.name)
            )

    async def merge(self, person: str, into: str) -> None:
        await self.identity.persons(OPERATOR).MergePersons(
            persons_pb.MergePersonsRequest(
                request_id=key(), loser=short(person), winner=short(into), reason="cùng một người"
            )
        )

    async def unmerge(self, person: str) -> None:
        stub = self.identity.persons(OPERATOR)
        [merge] = (
            await stub.ListMerges(persons_pb.ListMergesRequest(parent=short(person), access=TREATMENT))
        ).merges
        await stub.UnmergePersons(
            persons_pb.UnmergePersonsRequest(request_id=key(), name=merge.name, reason="nhầm người")
        )


class Fake:
    """The fake, filled as the tests of the other services fill it."""

    def __init__(self, world: World) -> None:
        self.world, self.fake, self.address = world, FakeIdentity(), ""

    async def fill(self, max_failures: int | None = None) -> "Fake":
        self.address = await self.fake.serve(self.world)
        self.fake.max_failures = max_failures
        for code in (CLINIC, OTHER):
            self.fake.add_facility(code)
        self.fake.add_facility(CHEMIST, PHARMACY)
        return self

    def stub(self, stub_class: Callable[[grpc.aio.Channel], T], caller: str = "facility/01999") -> T:
        return stub_class(self.world.channel(self.address, caller))

    async def person(self, number: str, described: Description = THUE) -> str:
        return self.fake.add_person(number, described=described)

    async def consent(self, person: str, facility: str = "", *, data_classes: tuple[int, ...] = ()) -> None:
        self.fake.add_consent(person, facility, data_classes=data_classes or (consent_pb2.DATA_CLASS_CARE,))

    async def withdraw(self, person: str) -> None:
        self.fake.withdraw_consents(person)

    async def merge(self, person: str, into: str) -> None:
        self.fake.merge(person, into)

    async def unmerge(self, person: str) -> None:
        self.fake.unmerge(person)


def short(name: str) -> str:
    return name.removeprefix(OURS)
