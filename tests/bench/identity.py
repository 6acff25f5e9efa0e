"""Reception: who is this, and does the insurance pay."""

from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceStub
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub

from . import people
from .calling import TIMEOUT, Caller
from .loads import bench, need


@bench(stores=["select", "insert"], needs=[people.registered, people.stored])
async def find_person(caller: Caller) -> None:
    """FindPerson by personal ID at random; {persons:,} persons stored; an audit row each."""
    number = people.personal_id(caller.random.randrange(caller.job.persons))
    stub = caller.stub(PersonServiceStub, "identity", people.HOSPITAL)
    request = persons.FindPersonRequest(personal_id=number, access=people.TREATMENT)
    reply = await stub.FindPerson(request, timeout=TIMEOUT)
    found = [one.value for one in reply.person.identifiers]
    need(number in found, "the person found must have the number")


@bench(stores=["select", "insert"], needs=[people.registered, people.stored])
async def check_eligibility(caller: Caller) -> None:
    """CheckEligibility by personal ID at random; {persons:,} persons stored; an audit row each."""
    await _check(caller)


@bench(needs=[people.registered, people.stored], rate=200)
async def check_eligibility_paced(caller: Caller) -> None:
    """CheckEligibility at twice the nation's peak; {persons:,} persons; timed from when it was due."""
    await _check(caller)


async def _check(caller: Caller) -> None:
    number = caller.random.randrange(caller.job.persons)
    stub = caller.stub(EligibilityServiceStub, "identity", people.HOSPITAL)
    request = eligibility.CheckEligibilityRequest(
        personal_id=people.personal_id(number),
        facility=f"facilities/{people.HOSPITAL_CODE}",
        care_category="1.1",
        access=people.TREATMENT,
    )
    said = (await stub.CheckEligibility(request, timeout=TIMEOUT)).eligibility
    need(said.covered and said.result_code == "000", "the card must be in force")
    need(said.card_number == people.card_number(number), "the card must be the person's own")
