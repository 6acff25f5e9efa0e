"""One question about every class, asked before every read: each is decided on by itself (ADR 0055)."""

from collections import Counter
from typing import Any

import pytest

from lientuyen.identity.v1 import consent_pb2 as pb
from lientuyen.identity.v1 import consent_service_pb2 as service
from lientuyen.identity.v1.consent_service_pb2_grpc import ConsentServiceStub
from lientuyen.identity.v1.emergency_access_pb2 import EmergencyAccess
from tests.harness import World, eventually
from tests.metrics import Observed

from .identity_env import Identity, access
from .identity_twice import Fake, PromisedIdentity, Real

NUMBER = "001485000016"
CARE, HIV, MENTAL, REPRODUCTIVE = ALL = (
    pb.DATA_CLASS_CARE,
    pb.DATA_CLASS_HIV,
    pb.DATA_CLASS_MENTAL_HEALTH,
    pb.DATA_CLASS_REPRODUCTIVE_HEALTH,
)
EMERGENCY = access("TREATMENT", "EMERGENCY", "hôn mê")
VNEID, REVIEWER = "authority/vneid", "authority/byt"


@pytest.fixture(params=["service", "fake"])
async def promised(request: pytest.FixtureRequest, world: World) -> PromisedIdentity:
    return await (Fake if request.param == "fake" else Real)(world).fill()


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


async def ask(identity: PromisedIdentity | Identity, person: str, **more: Any) -> pb.Decision:
    """Ask about every class, as records and pharmacy do."""
    fields = {"access": access(), "data_classes": ALL, "each_class": True, **more}
    request = service.AuthorizeRequest(facility="facilities/01999", person=person, **fields)
    return (await identity.stub(ConsentServiceStub, "service/records").Authorize(request)).decision


async def waiting(identity: Identity) -> list[EmergencyAccess]:
    """Return what waits for a review."""
    request = service.ListEmergencyAccessesRequest(
        access=access("OPERATIONS", "LEGAL_DUTY"), state=EmergencyAccess.STATE_OPEN
    )
    return list((await identity.consents(REVIEWER).ListEmergencyAccesses(request)).emergency_accesses)


async def test_ordinary_care_is_open_and_what_no_consent_names_is_withheld(promised: PromisedIdentity):
    person = await promised.person(NUMBER)
    await promised.consent(person)
    care = await ask(promised, person)
    await promised.consent(person, data_classes=(HIV,))
    more = await ask(promised, person)

    assert (care.allowed, list(care.withheld_classes)) == (True, [HIV, MENTAL, REPRODUCTIVE])
    assert (more.allowed, list(more.withheld_classes)) == (True, [MENTAL, REPRODUCTIVE])
    assert more.reason == pb.Decision.REASON_CONSENT_IN_FORCE


async def test_without_ordinary_care_nothing_is_open(promised: PromisedIdentity):
    person = await promised.person(NUMBER)
    nothing = await ask(promised, person)
    await promised.consent(person, data_classes=(HIV,))
    restricted_only = await ask(promised, person, data_classes=[HIV])

    for decision in (nothing, restricted_only):
        assert (decision.allowed, decision.reason) == (False, pb.Decision.REASON_NO_CONSENT)
        assert CARE in decision.withheld_classes


async def test_an_emergency_opens_ordinary_care_and_withholds_the_rest(promised: PromisedIdentity):
    person = await promised.person(NUMBER)

    decision = await ask(promised, person, access=EMERGENCY)

    assert (decision.allowed, decision.flagged) == (True, True)
    assert list(decision.withheld_classes) == [HIV, MENTAL, REPRODUCTIVE]


async def test_one_row_is_left_whatever_is_withheld(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name)

    await ask(identity, person.name)

    rows = [row for row in await identity.audit(person.name) if row[1] == "ConsentService/Authorize"]
    assert rows == [("service/records", "ConsentService/Authorize", True, False)]
    assert await waiting(identity) == []


async def test_the_facility_s_own_word_is_reviewed_when_it_alone_opens_a_restricted_class(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name, VNEID, facility="facilities/01999")
    own = await identity.consent(person.name, data_classes=[CARE, HIV])

    decision = await ask(identity, person.name)
    [found] = await waiting(identity)
    await identity.consent(person.name, VNEID, facility="facilities/01999", data_classes=[HIV])
    confirmed = await ask(identity, person.name)

    assert (decision.allowed, decision.flagged, found.consent) == (True, True, own.name)
    assert (confirmed.allowed, confirmed.flagged) == (True, False)
    assert list(confirmed.withheld_classes) == [MENTAL, REPRODUCTIVE]


async def test_each_own_word_that_opens_a_restricted_class_is_reviewed(identity: Identity):
    person = await identity.person()
    first = await identity.consent(person.name, data_classes=[CARE, HIV])
    second = await identity.consent(person.name, data_classes=[MENTAL])

    for _ in range(2):
        assert (await ask(identity, person.name)).flagged

    found = await waiting(identity)
    assert {(review.consent, review.use_count) for review in found} == {(first.name, 2), (second.name, 2)}


async def test_the_same_statements_decide_whatever_is_withheld(identity: Identity, observed: Observed):
    names = [
        (await identity.person(personal_id=number, old_id="", social_insurance_number="")).name
        for number in (NUMBER, "001485000024")
    ]
    for name, classes in zip(names, ([CARE], [CARE, HIV]), strict=True):
        await identity.consent(name, VNEID, facility="facilities/01999", data_classes=classes)
    counted = []
    for name in names:
        observed.exporter.clear()
        await ask(identity, name)
        await eventually(lambda: observed.spans("/Authorize"))
        counted.append(Counter(span.name for span in observed.exporter.get_finished_spans()))

    assert counted[0] == counted[1]
