"""
What identity promises to the services that ask it: kept by the service, and by the fake of their tests.

Each test runs twice, against the service on its database and against `tests.fake_identity`.
"""

from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from common.values import PartialDate
from lientuyen.identity.v1 import consent_pb2, error_reasons, facility_pb2, person_pb2
from lientuyen.identity.v1 import consent_service_pb2 as consents_pb
from lientuyen.identity.v1 import facility_service_pb2 as facilities_pb
from lientuyen.identity.v1 import person_service_pb2 as persons_pb
from lientuyen.identity.v1.consent_service_pb2_grpc import ConsentServiceStub
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceStub
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub
from services.identity.matching.model.weights import Description
from services.identity.model.identifiers import Sex
from tests.harness import World, refused

from .identity_env import TREATMENT, access
from .identity_twice import CHEMIST, CLINIC, OTHER, Fake, PromisedIdentity, Real, short

FACILITIES, PERSONS = "//identity.lientuyen/facilities/", "//identity.lientuyen/persons/"
NUMBER, OTHER_NUMBER = "001485000016", "001485000024"
SOMEBODY_ELSE = {"full_name": "Lê Thị Khác", "birth_date": {"year": 1971, "month": 12, "day": 24}}
Reason = consent_pb2.Decision.Reason
CARE, HIV, MENTAL = (
    consent_pb2.DATA_CLASS_CARE,
    consent_pb2.DATA_CLASS_HIV,
    consent_pb2.DATA_CLASS_MENTAL_HEALTH,
)


@pytest.fixture(params=["service", "fake"])
async def identity(request: pytest.FixtureRequest, world: World) -> PromisedIdentity:
    """Identity with its directory; nobody is known."""
    return await (Fake if request.param == "fake" else Real)(world).fill()


async def find(identity: PromisedIdentity, number: str, **more: Any) -> persons_pb.FindPersonResponse:
    request = persons_pb.FindPersonRequest(personal_id=number, access=TREATMENT, **more)
    return await identity.stub(PersonServiceStub, "service/records").FindPerson(request)


async def names(identity: PromisedIdentity, name: str) -> list[str]:
    request = persons_pb.ResolvePersonRequest(name=name)
    response = await identity.stub(PersonServiceStub, "service/records").ResolvePerson(request)
    return list(response.persons)


async def authorize(
    identity: PromisedIdentity, person: str, reader: str = CLINIC, **more: Any
) -> consent_pb2.Decision:
    """Ask whether *reader*, a code of the directory or an identity, may read the data of *person*."""
    whose = {"requester": reader} if "/" in reader else {"facility": f"{FACILITIES}{reader}"}
    request = consents_pb.AuthorizeRequest(**{"person": person, "access": TREATMENT, **whose, **more})
    return (await identity.stub(ConsentServiceStub, "service/records").Authorize(request)).decision


async def test_a_person_is_found_by_number_under_their_name(identity: PromisedIdentity):
    person = await identity.person(NUMBER)

    answer = await find(identity, NUMBER)

    assert (answer.person.name, answer.entry) == (person, person)
    assert answer.person.state == person_pb2.Person.STATE_ACTIVE
    assert answer.identifier_state == person_pb2.Identifier.STATE_CURRENT


async def test_a_number_that_nobody_has_is_not_found(identity: PromisedIdentity):
    await identity.person(NUMBER)

    refusal = await refused(find(identity, OTHER_NUMBER))

    assert (refusal.code, refusal.reason) == (
        StatusCode.NOT_FOUND,
        error_reasons.PERSON_NOT_FOUND.name,
    )


async def test_what_is_stated_with_a_number_is_compared_field_by_field(identity: PromisedIdentity):
    person = await identity.person(NUMBER)
    written = {"full_name": "TRAN VAN THUE", "birth_date": {"year": 1985}, "sex": person_pb2.SEX_FEMALE}

    answer = await find(identity, NUMBER, stated=written)
    silent = await find(identity, NUMBER)

    assert answer.entry == person
    assert [(one.field, one.agrees) for one in answer.agreements] == [
        ("stated.full_name", True),
        ("stated.birth_date", True),
        ("stated.sex", False),
    ]
    assert list(silent.agreements) == []


async def test_who_was_known_under_another_name_is_found_by_it_after_a_merge(identity: PromisedIdentity):
    former = Description(full_name="Lê Thị Khác", birth=PartialDate(1971, 12, 24), sex=Sex.MALE)
    winner, loser = await identity.person(NUMBER), await identity.person(OTHER_NUMBER, former)
    await identity.merge(loser, winner)

    as_before = await find(identity, OTHER_NUMBER, stated=SOMEBODY_ELSE)
    as_now = await find(identity, OTHER_NUMBER, stated={"full_name": "Trần Văn Thuê"})
    neither = await refused(find(identity, NUMBER, stated=SOMEBODY_ELSE))

    assert [answer.entry for answer in (as_before, as_now)] == [loser] * 2
    assert all(one.agrees for answer in (as_before, as_now) for one in answer.agreements)
    assert neither.reason == error_reasons.PERSON_DIFFERS.name


async def test_a_number_of_somebody_else_than_stated_is_refused(identity: PromisedIdentity):
    await identity.person(NUMBER)

    refusal = await refused(find(identity, NUMBER, stated=SOMEBODY_ELSE))

    assert (refusal.code, refusal.reason) == (
        StatusCode.FAILED_PRECONDITION,
        error_reasons.PERSON_DIFFERS.name,
    )


@pytest.mark.parametrize("kind", [Real, Fake])
async def test_a_facility_for_which_too_many_wrong_numbers_were_asked_is_refused_and_no_other(
    world: World, kind: type[Real] | type[Fake]
):
    identity = await kind(world).fill(max_failures=2)
    await identity.person(NUMBER)
    await refused(find(identity, OTHER_NUMBER, facility=f"{FACILITIES}{CLINIC}"))
    await refused(find(identity, NUMBER, facility=f"{FACILITIES}{CLINIC}", stated=SOMEBODY_ELSE))

    refusal = await refused(find(identity, NUMBER, facility=f"{FACILITIES}{CLINIC}"))

    assert (refusal.code, refusal.reason) == (
        StatusCode.RESOURCE_EXHAUSTED,
        error_reasons.LOOKUP_LIMIT_REACHED.name,
    )
    assert int(refusal.metadata["retry_after_seconds"]) > 0
    assert (await find(identity, NUMBER, facility=f"{FACILITIES}{OTHER}")).entry


async def test_a_number_of_a_merged_entry_finds_the_winner_and_tells_the_entry(identity: PromisedIdentity):
    winner, loser = await identity.person(NUMBER), await identity.person(OTHER_NUMBER)
    await identity.merge(loser, winner)

    answer = await find(identity, OTHER_NUMBER)

    assert (answer.person.name, answer.entry) == (winner, loser)


async def test_every_entry_of_merged_persons_resolves_to_all_their_full_names_the_winner_first(
    identity: PromisedIdentity,
):
    winner, loser = await identity.person(NUMBER), await identity.person(OTHER_NUMBER)
    before = await names(identity, loser)

    await identity.merge(loser, winner)
    merged = [await names(identity, name) for name in (winner, loser, short(loser))]
    await identity.unmerge(loser)

    assert before == [loser]
    assert merged == [[winner, loser]] * 3
    assert [await names(identity, name) for name in (winner, loser)] == [[winner], [loser]]


async def test_a_person_who_is_not_known_does_not_resolve(identity: PromisedIdentity):
    nobody = f"{PERSONS}{uuid4()}"

    refusal = await refused(names(identity, nobody))

    assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, error_reasons.PERSON_NOT_FOUND.name)
    assert dict(refusal.metadata) == {"name": nobody}


async def test_a_facility_of_the_directory_is_told_by_full_and_short_name(identity: PromisedIdentity):
    stub = identity.stub(FacilityServiceStub, "service/routing")
    asked = [f"{FACILITIES}{CLINIC}", f"facilities/{CLINIC}", f"{FACILITIES}{CHEMIST}"]

    found = [(await stub.GetFacility(facilities_pb.GetFacilityRequest(name=name))).facility for name in asked]

    assert [facility.name for facility in found] == [
        f"{FACILITIES}{code}" for code in (CLINIC, CLINIC, CHEMIST)
    ]
    kinds = facility_pb2.Facility.KIND_HOSPITAL, facility_pb2.Facility.KIND_PHARMACY
    assert (found[0].kind, found[2].kind) == kinds
    assert {facility.state for facility in found} == {facility_pb2.Facility.STATE_ACTIVE}


async def test_a_facility_that_the_directory_has_not_is_not_found(identity: PromisedIdentity):
    stub = identity.stub(FacilityServiceStub, "service/routing")
    name = f"{FACILITIES}99999"

    refusal = await refused(stub.GetFacility(facilities_pb.GetFacilityRequest(name=name)))

    assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, error_reasons.FACILITY_NOT_FOUND.name)
    assert dict(refusal.metadata) == {"name": name}


async def test_without_a_consent_everything_asked_for_is_withheld(identity: PromisedIdentity):
    person = await identity.person(NUMBER)

    care = await authorize(identity, person)
    more = await authorize(identity, person, data_classes=[CARE, HIV])

    assert (care.allowed, care.reason, list(care.withheld_classes)) == (
        False,
        Reason.REASON_NO_CONSENT,
        [CARE],
    )
    assert (more.reason, list(more.withheld_classes)) == (Reason.REASON_NO_CONSENT, [CARE, HIV])
    assert not care.HasField("expire_time")


async def test_a_consent_opens_ordinary_care_to_its_facility_and_rests_on_it(identity: PromisedIdentity):
    person = await identity.person(NUMBER)
    await identity.consent(person, CLINIC)

    decision, elsewhere = await authorize(identity, person), await authorize(identity, person, OTHER)

    assert (decision.allowed, decision.reason) == (True, Reason.REASON_CONSENT_IN_FORCE)
    assert decision.consent.startswith(f"{person}/consents/")
    assert (decision.flagged, decision.HasField("expire_time")) == (False, True)
    assert decision.message_vi
    assert (elsewhere.allowed, elsewhere.reason) == (False, Reason.REASON_NO_CONSENT)


async def test_a_consent_without_a_facility_is_for_every_hospital_and_pharmacy(identity: PromisedIdentity):
    person = await identity.person(NUMBER)
    await identity.consent(person)

    decisions = [await authorize(identity, person, reader) for reader in (CLINIC, OTHER, CHEMIST)]

    assert [decision.reason for decision in decisions] == [Reason.REASON_CONSENT_IN_FORCE] * 3


async def test_a_consent_is_for_its_purpose(identity: PromisedIdentity):
    person = await identity.person(NUMBER)
    await identity.consent(person)

    decision = await authorize(identity, person, access=access("PAYMENT", "CONSENT"))

    assert decision.reason == Reason.REASON_NO_CONSENT


async def test_a_withdrawn_consent_counts_no_more(identity: PromisedIdentity):
    person = await identity.person(NUMBER)
    await identity.consent(person)
    await identity.withdraw(person)

    assert (await authorize(identity, person)).reason == Reason.REASON_NO_CONSENT


async def test_a_restricted_class_is_withheld_unless_a_consent_names_it(identity: PromisedIdentity):
    person = await identity.person(NUMBER)
    await identity.consent(person)
    withheld = await authorize(identity, person, data_classes=[CARE, HIV, MENTAL])
    await identity.consent(person, data_classes=(CARE, HIV))

    named = await authorize(identity, person, data_classes=[CARE, HIV])
    other = await authorize(identity, person, data_classes=[CARE, HIV, MENTAL])

    assert (withheld.reason, list(withheld.withheld_classes)) == (
        Reason.REASON_RESTRICTED_CLASS,
        [HIV, MENTAL],
    )
    assert named.allowed
    assert (other.allowed, list(other.withheld_classes)) == (False, [MENTAL])


async def test_one_consent_must_cover_all_that_is_asked_for(identity: PromisedIdentity):
    person = await identity.person(NUMBER)
    await identity.consent(person, data_classes=(CARE,))
    await identity.consent(person, data_classes=(HIV,))

    decision = await authorize(identity, person, data_classes=[CARE, HIV])

    assert (decision.allowed, list(decision.withheld_classes)) == (False, [CARE, HIV])


async def test_an_emergency_is_allowed_and_flagged_when_it_says_why(identity: PromisedIdentity):
    person = await identity.person(NUMBER)

    allowed = await authorize(identity, person, access=access("TREATMENT", "EMERGENCY", "hôn mê"))
    silent = await authorize(identity, person, access=access("TREATMENT", "EMERGENCY"))
    restricted = await authorize(
        identity, person, access=access("TREATMENT", "EMERGENCY", "hôn mê"), data_classes=[CARE, HIV]
    )

    assert (allowed.allowed, allowed.reason, allowed.flagged) == (True, Reason.REASON_EMERGENCY, True)
    assert allowed.emergency_access.startswith("//identity.lientuyen/emergencyAccesses/")
    assert (silent.reason, silent.flagged) == (Reason.REASON_REASON_MISSING, False)
    assert (restricted.reason, list(restricted.withheld_classes)) == (Reason.REASON_RESTRICTED_CLASS, [HIV])


async def test_a_facilitys_own_record_is_open_with_all_its_classes_when_the_service_vouches(
    identity: PromisedIdentity,
):
    person = await identity.person(NUMBER)
    own = {"access": access("TREATMENT", "OWN_RECORD"), "data_classes": [CARE, HIV]}

    vouched = await authorize(identity, person, own_record=True, **own)
    alleged = await authorize(identity, person, **own)

    assert (vouched.allowed, vouched.reason) == (True, Reason.REASON_OWN_RECORD)
    assert (alleged.allowed, alleged.reason) == (False, Reason.REASON_NOT_OWN_RECORD)


@pytest.mark.parametrize(
    ("reader", "purpose", "basis", "reason"),
    [
        ("authority/vneid", "PATIENT_REQUEST", "DATA_SUBJECT", Reason.REASON_DATA_SUBJECT),
        ("authority/byt", "PUBLIC_HEALTH", "LEGAL_DUTY", Reason.REASON_LEGAL_DUTY),
        ("authority/bhxh", "PAYMENT", "LEGAL_DUTY", Reason.REASON_LEGAL_DUTY),
        ("authority/bhxh", "PUBLIC_HEALTH", "LEGAL_DUTY", Reason.REASON_NO_RULE),
        ("authority/byt", "TREATMENT", "CONSENT", Reason.REASON_NO_RULE),
        (CLINIC, "PATIENT_REQUEST", "DATA_SUBJECT", Reason.REASON_NO_RULE),
        (CLINIC, "OPERATIONS", "CONSENT", Reason.REASON_NO_RULE),
        (CHEMIST, "TREATMENT", "EMERGENCY", Reason.REASON_NO_RULE),
        ("facility/01999", "TREATMENT", "EMERGENCY", Reason.REASON_EMERGENCY),
        ("operator/dev", "TREATMENT", "CONSENT", Reason.REASON_NO_RULE),
    ],
)
async def test_who_may_read_on_which_legal_basis(
    identity: PromisedIdentity, reader: str, purpose: str, basis: str, reason: int
):
    person = await identity.person(NUMBER)

    decision = await authorize(identity, person, reader, access=access(purpose, basis, "vì sao"))

    assert (decision.reason, decision.allowed) == (reason, reason <= Reason.REASON_OWN_RECORD)


async def test_only_the_person_themself_opens_restricted_classes_without_a_consent(
    identity: PromisedIdentity,
):
    person = await identity.person(NUMBER)

    themself = await authorize(
        identity,
        person,
        "authority/vneid",
        access=access("PATIENT_REQUEST", "DATA_SUBJECT"),
        data_classes=[CARE, HIV],
    )
    authority = await authorize(
        identity,
        person,
        "authority/byt",
        access=access("PUBLIC_HEALTH", "LEGAL_DUTY"),
        data_classes=[CARE, HIV],
    )

    assert themself.allowed
    assert (authority.reason, list(authority.withheld_classes)) == (Reason.REASON_RESTRICTED_CLASS, [HIV])


async def test_nobody_reads_somebody_who_is_not_known_and_nobody_unknown_reads(identity: PromisedIdentity):
    person = await identity.person(NUMBER)
    await identity.consent(person)

    nobody = await authorize(identity, f"{PERSONS}{uuid4()}")
    nowhere = await authorize(identity, person, "99999")

    assert (nobody.allowed, nobody.reason, list(nobody.persons)) == (False, Reason.REASON_UNKNOWN, [])
    assert (nowhere.allowed, nowhere.reason, list(nowhere.persons)) == (
        False,
        Reason.REASON_UNKNOWN,
        [person],
    )


async def test_a_decision_tells_every_name_of_the_person_and_counts_the_consents_of_each(
    identity: PromisedIdentity,
):
    winner, loser = await identity.person(NUMBER), await identity.person(OTHER_NUMBER)
    await identity.consent(loser)
    before = await authorize(identity, winner)
    await identity.merge(loser, winner)

    merged = [await authorize(identity, name) for name in (winner, loser)]
    await identity.unmerge(loser)
    after = await authorize(identity, winner)

    assert (before.allowed, list(before.persons)) == (False, [winner])
    assert [(decision.allowed, list(decision.persons)) for decision in merged] == [
        (True, [winner, loser])
    ] * 2
    assert (after.allowed, list(after.persons)) == (False, [winner])
