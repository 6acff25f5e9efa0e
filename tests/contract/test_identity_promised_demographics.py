"""What identity promises of who a person is: kept by the service, and by the fake of records' tests."""

import pytest
from grpc import StatusCode

from lientuyen.identity.v1 import error_reasons, person_pb2
from lientuyen.identity.v1 import person_service_pb2 as persons_pb
from lientuyen.identity.v1.person_pb2 import Identifier
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub
from tests.harness import World, refused

from .identity_env import TREATMENT
from .identity_twice import Fake, PromisedIdentity, Real

NUMBER, OTHER_NUMBER = "001485000016", "001485000024"


@pytest.fixture(params=["service", "fake"])
async def identity(request: pytest.FixtureRequest, world: World) -> PromisedIdentity:
    return await (Fake if request.param == "fake" else Real)(world).fill()


async def get(identity: PromisedIdentity, name: str) -> person_pb2.Person:
    request = persons_pb.GetPersonRequest(name=name, access=TREATMENT)
    return (await identity.stub(PersonServiceStub, "service/records").GetPerson(request)).person


async def test_a_person_is_told_with_their_numbers(identity: PromisedIdentity):
    name = await identity.person(NUMBER)

    person = await get(identity, name)

    assert (person.name, person.state) == (name, person_pb2.Person.STATE_ACTIVE)
    assert (person.full_name, person.birth_date.year, person.sex) == (
        "Trần Văn Thuê",
        1985,
        person_pb2.SEX_MALE,
    )
    told = [(number.kind, number.value, number.state) for number in person.identifiers]
    assert told == [(Identifier.KIND_PERSONAL_ID, NUMBER, Identifier.STATE_CURRENT)]


async def test_who_stands_for_a_merged_entry_is_told_with_the_numbers_of_every_entry(
    identity: PromisedIdentity,
):
    winner, loser = await identity.person(NUMBER), await identity.person(OTHER_NUMBER)
    await identity.merge(loser, winner)

    person, merged = await get(identity, winner), await get(identity, loser)

    assert {number.value for number in person.identifiers} == {NUMBER, OTHER_NUMBER}
    assert {number.value for number in merged.identifiers} == {OTHER_NUMBER}
    assert merged.state == person_pb2.Person.STATE_MERGED


async def test_a_name_that_nobody_has_is_not_found(identity: PromisedIdentity):
    nobody = "//identity.lientuyen/persons/5b0e57b1-6b1c-4c51-9c3e-0d8c0a6b4e99"

    refusal = await refused(get(identity, nobody))

    assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, error_reasons.PERSON_NOT_FOUND.name)
