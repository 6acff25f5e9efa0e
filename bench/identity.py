"""
Reception: who is this, and does the insurance pay.

Look-ups wait for those that are under way (docs/adr/0020), so 16 callers mostly wait.  FindPerson and
CheckEligibility have 96, which keep both cores busy, and so have the floors in the slices next to theirs.
"""

from datetime import date

import grpc

from kcb.vietnamese_text import folded
from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceStub
from lientuyen.identity.v1.person_pb2 import Sex
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub
from lientuyen.type.v1.date_pb2 import Date

from . import people
from .calling import TIMEOUT_S, Caller
from .invented import HOSPITAL_CODE, UNKNOWN, card_number, invented, personal_id
from .loads import bench, need

NEEDS = (people.registered, people.stored)

# Callers that keep both processors busy: with 64 a quarter of them was idle.
CALLERS = 96


@bench(stores=["select", "insert"], needs=NEEDS, callers=CALLERS, sized=True)
async def find_person(caller: Caller) -> None:
    """FindPerson by personal ID, any of {persons:,} persons stored; an audit row each."""
    await _find(caller)


@bench(stores=["select", "insert"], needs=NEEDS, callers=CALLERS, sized=True)
async def check_eligibility(caller: Caller) -> None:
    """CheckEligibility by personal ID, any of {persons:,} persons stored; an audit row each."""
    await _check(caller)


@bench(needs=NEEDS, rate=250, beside=["echo_250"], sized=True)
async def check_eligibility_250(caller: Caller) -> None:
    """CheckEligibility at the nation's peak; {persons:,} persons; timed from when it was due."""
    await _check(caller)


@bench(needs=NEEDS, rate=500, sized=True)
async def check_eligibility_500(caller: Caller) -> None:
    """CheckEligibility at twice the nation's peak; {persons:,} persons; timed from when it was due."""
    await _check(caller)


@bench(needs=NEEDS, rate=1000, beside=["echo_paced"], sized=True)
async def check_eligibility_paced(caller: Caller) -> None:
    """CheckEligibility at four times the nation's peak; {persons:,} persons; timed from when it was due."""
    await _check(caller)


@bench(needs=NEEDS, rate=100, beside=["find_unknown"], sized=True)
async def find_known(caller: Caller) -> None:
    """FindPerson by the number of one of {persons:,} persons; timed from when it was due."""
    await _find(caller)


@bench(needs=NEEDS, rate=100, beside=["find_known"], sized=True)
async def find_unknown(caller: Caller) -> None:
    """FindPerson by a number that nobody has, among {persons:,} persons; timed from when it was due."""
    request = _find_request(caller.random.choice(UNKNOWN))
    try:
        await caller.stub(PersonServiceStub, "identity", people.HOSPITAL).FindPerson(
            request, timeout=TIMEOUT_S
        )
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
        return
    need(False, "nobody has the number")


@bench(stores=["select", "insert"], needs=NEEDS, sized=True)
async def match_persons(caller: Caller) -> None:
    """MatchPersons by name without diacritics, birth date, sex; any of {persons:,} persons; audit rows."""
    person = invented(caller.random.randrange(caller.job.persons))
    demographics = persons.Demographics(
        full_name=folded(person.full_name).title(), birth_date=as_date(person.birth), sex=Sex.Name(person.sex)
    )
    stub = caller.stub(PersonServiceStub, "identity", people.HOSPITAL)
    request = persons.MatchPersonsRequest(demographics=demographics, access=people.TREATMENT)
    reply = await stub.MatchPersons(request, timeout=TIMEOUT_S)
    names = [candidate.person.name for candidate in reply.candidates]
    need(
        f"//identity.lientuyen/persons/{person.id}" in names,
        "the one who is described must be among the candidates",
    )


def as_date(day: date) -> Date:
    """Return *day* as the contract writes it."""
    return Date(year=day.year, month=day.month, day=day.day)


async def _find(caller: Caller) -> None:
    request = _find_request(caller.random.randrange(caller.job.persons))
    stub = caller.stub(PersonServiceStub, "identity", people.HOSPITAL)
    reply = await stub.FindPerson(request, timeout=TIMEOUT_S)
    numbers = [identifier.value for identifier in reply.person.identifiers]
    need(request.personal_id in numbers, "the person found must have the number")


def _find_request(number: int) -> persons.FindPersonRequest:
    return persons.FindPersonRequest(personal_id=personal_id(number), access=people.TREATMENT)


async def _check(caller: Caller) -> None:
    number = caller.random.randrange(caller.job.persons)
    stub = caller.stub(EligibilityServiceStub, "identity", people.HOSPITAL)
    request = eligibility.CheckEligibilityRequest(
        personal_id=personal_id(number),
        facility=f"facilities/{HOSPITAL_CODE}",
        care_category="1.1",
        access=people.TREATMENT,
    )
    answer = (await stub.CheckEligibility(request, timeout=TIMEOUT_S)).eligibility
    need(answer.covered and answer.result_code == "000", "the card must be in force")
    need(answer.card_number == card_number(number), "the card must be the person's own")
