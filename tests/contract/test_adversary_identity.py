"""What a hospital may try to learn of people, and in whose name, that it may not."""

from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import audit_service_pb2, audit_service_pb2_grpc, outcome_service_pb2
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.chassis.v1.outcome_service_pb2_grpc import OutcomeServiceStub
from lientuyen.identity.v1 import consent_pb2, consent_service_pb2
from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import emergency_access_pb2 as emergency
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import person_service_pb2 as persons
from tests.harness import World, refused

from .identity_env import HOSPITAL, OTHER, OURS, TREATMENT, Identity, access, key, stream

EMERGENCY = access(basis="EMERGENCY", reason="bất tỉnh")
NUMBER = "001485000016"


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


def reads(identity: Identity, caller: str, person: str, ground: Any) -> list[Any]:
    """Return the calls by which *who* could read of a person, on *ground*."""
    facility = f"facilities/{caller.partition('/')[2]}"
    return [
        identity.persons(caller).GetPerson(persons.GetPersonRequest(name=person, access=ground)),
        identity.persons(caller).FindPerson(persons.FindPersonRequest(personal_id=NUMBER, access=ground)),
        identity.eligibility(caller).CheckEligibility(
            eligibility.CheckEligibilityRequest(person=person, facility=facility, access=ground)
        ),
        identity.consents(caller).ListConsents(
            consent_service_pb2.ListConsentsRequest(parent=person, access=ground)
        ),
    ]


@pytest.mark.parametrize(
    "ground",
    [
        access("PATIENT_REQUEST", "DATA_SUBJECT"),
        access("TREATMENT", "DATA_SUBJECT"),
        access(basis="EMERGENCY"),
        access(basis="EMERGENCY", reason=" \n"),
        access("PAYMENT", "EMERGENCY", "bất tỉnh"),
    ],
)
async def test_no_read_accepts_a_ground_that_a_hospital_cannot_have(identity: Identity, ground: Any):
    person = await identity.person()

    for call in reads(identity, HOSPITAL, person.name, ground):
        refusal = await refused(call)
        assert (refusal.code, refusal.reason) == (
            StatusCode.PERMISSION_DENIED,
            chassis_reasons.GROUND_DENIED.name,
        )
        assert "Trần" not in str(refusal)
        assert NUMBER not in str(refusal)


async def test_the_row_of_a_refused_ground_says_which_it_was(identity: Identity):
    person = await identity.person()
    claimed = access("PATIENT_REQUEST", "DATA_SUBJECT")

    await refused(identity.persons().GetPerson(persons.GetPersonRequest(name=person.name, access=claimed)))

    [row] = await identity.rows(
        "SELECT practitioner, purpose, legal_basis FROM audit WHERE subject = $1 AND NOT allowed",
        person.name,
    )
    assert tuple(row) == (claimed.practitioner, claimed.purpose, claimed.legal_basis)


async def test_a_ground_inside_a_stream_is_looked_at_too(identity: Identity):
    person = await identity.person()
    question = eligibility.CheckEligibilityRequest(
        person=person.name, facility="facilities/01999", access=access(basis="EMERGENCY")
    )
    asked = eligibility.CheckEligibilitiesRequest(tag="1", question=question)

    refusal = await refused(identity.eligibility().CheckEligibilities(stream(asked)))

    assert refusal.reason == chassis_reasons.GROUND_DENIED.name


async def test_vneid_reads_for_the_person_and_on_no_other_ground(identity: Identity):
    person = await identity.person()
    stub = identity.persons("authority/vneid")

    refusal = await refused(stub.GetPerson(persons.GetPersonRequest(name=person.name, access=TREATMENT)))

    assert refusal.reason == chassis_reasons.GROUND_DENIED.name
    assert (await identity.audit(person.name))[-1] == (
        "authority/vneid",
        "PersonService/GetPerson",
        False,
        False,
    )


async def test_an_emergency_look_at_an_identity_is_flagged_and_waits_for_its_review(identity: Identity):
    person = await identity.person()
    for call in reads(identity, HOSPITAL, person.name, EMERGENCY):
        await call

    listed = await identity.consents("operator/an").ListEmergencyAccesses(
        consent_service_pb2.ListEmergencyAccessesRequest(person=person.name, access=access("OPERATIONS"))
    )

    queue = listed.emergency_accesses  # reads at the same instant may make entries of their own
    assert sum(one.use_count for one in queue) == 4
    assert {(one.state, one.facility, one.caller, one.reason) for one in queue} == {
        (
            emergency.EmergencyAccess.STATE_OPEN,
            "//identity.lientuyen/facilities/01999",
            HOSPITAL,
            EMERGENCY.reason,
        )
    }
    flagged = [row for row in await identity.audit(person.name) if row[3]]
    assert len(flagged) == 4


async def test_a_hospital_reads_emergencies_of_no_other(identity: Identity):
    person = await identity.person()
    for call in reads(identity, OTHER, person.name, EMERGENCY):
        await call
    stub = identity.consents(HOSPITAL)
    for facility in ("", "facilities/79999", f"{OURS}facilities/79999"):
        refusal = await refused(
            stub.ListEmergencyAccesses(
                consent_service_pb2.ListEmergencyAccessesRequest(facility=facility, access=TREATMENT)
            )
        )
        assert refusal.reason == chassis_reasons.FACILITY_MISMATCH.name


@pytest.mark.parametrize(
    "declared", ["79999", "facilities/79999", "facilities/01999 ", "persons/01999", "facilities/０1999", ""]
)
async def test_no_way_to_write_a_facility_makes_it_the_callers(identity: Identity, declared: str):
    registering = persons.RegisterPersonRequest(
        request_id=key(),
        facility=declared,
        kind=persons.RegisterPersonRequest.KIND_UNKNOWN,
        access=TREATMENT,
    )
    checking = eligibility.CheckEligibilityRequest(personal_id=NUMBER, facility=declared, access=TREATMENT)

    codes = {
        (await refused(identity.persons(HOSPITAL).RegisterPerson(registering))).code,
        (await refused(identity.eligibility(HOSPITAL).CheckEligibility(checking))).code,
    }

    assert codes <= {StatusCode.PERMISSION_DENIED, StatusCode.INVALID_ARGUMENT}


# Consents


def consenting(person: str, **more: Any) -> consent_service_pb2.CreateConsentRequest:
    given = {
        "facility": "facilities/01999",
        "purpose": "PURPOSE_TREATMENT",
        "proof": consent_pb2.ConsentProof(kind="KIND_PAPER", reference="sổ 1"),
    }
    return consent_service_pb2.CreateConsentRequest(
        request_id=key(), parent=person, consent=consent_pb2.Consent(**{**given, **more})
    )


@pytest.mark.parametrize("facility", ["", "facilities/79999", f"{OURS}facilities/79999"])
async def test_a_hospital_records_consents_for_no_other(identity: Identity, facility: str):
    person = await identity.person()

    refusal = await refused(
        identity.consents(HOSPITAL).CreateConsent(consenting(person.name, facility=facility))
    )

    assert (refusal.code, refusal.reason) == (
        StatusCode.PERMISSION_DENIED,
        reasons.CONSENT_GRANTEE_DENIED.name,
    )


async def test_a_hospital_does_not_bring_confirmations_of_vneid(identity: Identity):
    person = await identity.person()
    proof = consent_pb2.ConsentProof(kind="KIND_VNEID", reference="VNeID 1")

    refusal = await refused(identity.consents(HOSPITAL).CreateConsent(consenting(person.name, proof=proof)))
    made = await identity.consents("authority/vneid").CreateConsent(consenting(person.name, proof=proof))

    assert (refusal.reason, refusal.fields) == (reasons.CONSENT_INVALID.name, ["consent.proof.kind"])
    assert made.consent.recorder == "authority/vneid"


async def test_recording_and_withdrawing_a_consent_is_in_the_persons_log(identity: Identity):
    person = await identity.person()
    made = await identity.consent(person.name)
    await identity.consents(HOSPITAL).WithdrawConsent(
        consent_service_pb2.WithdrawConsentRequest(request_id=key(), name=made.name)
    )

    assert (await identity.audit(person.name))[-2:] == [
        (HOSPITAL, "ConsentService/CreateConsent", True, True),
        (HOSPITAL, "ConsentService/WithdrawConsent", True, False),
    ]


async def test_anothers_consent_is_withdrawn_in_the_words_of_none(identity: Identity):
    person = await identity.person()
    made = await identity.consent(person.name)
    heard = []
    for name in (made.name, f"{person.name}/consents/{uuid4()}"):
        request = consent_service_pb2.WithdrawConsentRequest(request_id=key(), name=name)
        refusal = await refused(identity.consents(OTHER).WithdrawConsent(request))
        words = refusal.message.replace(name.removeprefix("//identity.lientuyen/"), "…")
        heard.append((refusal.code, refusal.reason, words))

    assert heard[0] == heard[1]


async def test_a_hospital_lists_no_consents_given_to_another(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name, OTHER)
    request = consent_service_pb2.ListConsentsRequest(parent=person.name, access=TREATMENT)

    assert list((await identity.consents(HOSPITAL).ListConsents(request)).consents) == []


async def test_a_page_token_opens_no_other_callers_rows(identity: Identity):
    person = await identity.person()
    for _ in range(2):
        await identity.consent(person.name, OTHER)
    request = consent_service_pb2.ListConsentsRequest(parent=person.name, page_size=1, access=TREATMENT)
    request.page_token = (await identity.consents(OTHER).ListConsents(request)).next_page_token
    assert request.page_token

    assert list((await identity.consents(HOSPITAL).ListConsents(request)).consents) == []


# Identities of services, outcomes, the log


@pytest.mark.parametrize("caller", [HOSPITAL, "pharmacy/NT00001", "authority/vneid", "operator/an"])
async def test_only_services_ask_for_decisions(identity: Identity, caller: str):
    request = consent_service_pb2.AuthorizeRequest(
        person=f"persons/{uuid4()}", facility="facilities/01999", access=TREATMENT
    )

    assert (
        await refused(identity.consents(caller).Authorize(request))
    ).reason == chassis_reasons.METHOD_DENIED.name


async def test_the_outcome_of_anothers_write_is_unknown(identity: Identity):
    request = persons.RegisterPersonRequest(
        request_id=key(),
        facility="facilities/01999",
        kind=persons.RegisterPersonRequest.KIND_UNKNOWN,
        access=TREATMENT,
    )
    await identity.persons(HOSPITAL).RegisterPerson(request)
    asked = outcome_service_pb2.GetOutcomeRequest(request_id=request.request_id)

    async def outcome(caller: str) -> outcome_service_pb2.GetOutcomeResponse:
        return await identity.stub(OutcomeServiceStub, caller).GetOutcome(asked)

    assert (await outcome(HOSPITAL)).state == outcome_service_pb2.GetOutcomeResponse.STATE_DONE
    assert await outcome(OTHER) == outcome_service_pb2.GetOutcomeResponse(
        state=outcome_service_pb2.GetOutcomeResponse.STATE_UNKNOWN
    )


@pytest.mark.parametrize("subject", ["Trần Văn Thử 001485000016", "", "x" * 36])
async def test_the_log_is_asked_by_a_persons_name_and_keeps_no_other(identity: Identity, subject: str):
    stub = identity.stub(audit_service_pb2_grpc.AuditServiceStub, "operator/an")
    request = audit_service_pb2.ListAccessesRequest(subject=f"{OURS}persons/{subject}")

    refusal = await refused(stub.ListAccesses(request))

    assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, ["subject"])
    assert await identity.rows("SELECT subject FROM audit WHERE subject <> ''") == []


async def test_a_character_that_no_text_may_hold_is_the_callers_fault(identity: Identity):
    person = await identity.person()
    ground = access(reason="a\0b")

    refusal = await refused(
        identity.persons().GetPerson(persons.GetPersonRequest(name=person.name, access=ground))
    )

    assert (refusal.code, refusal.reason) == (
        StatusCode.INVALID_ARGUMENT,
        chassis_reasons.FIELDS_INVALID.name,
    )
