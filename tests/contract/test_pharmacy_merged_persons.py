"""A person whose entries were merged: what was kept under each name is shown for all, and parts again."""

import pytest

from lientuyen.identity.v1.consent_pb2 import DataClass
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as dispensing
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescribing
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.coding_pb2 import Coding
from tests.contract.pharmacy_env import PERSON, TREATMENT, Town, give, key, paper, sold, town
from tests.harness import World, refused

MERGED = "//identity.lientuyen/persons/7b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d13"
CITIZEN = AccessContext(
    practitioner="VNeID",
    purpose=AccessContext.PURPOSE_PATIENT_REQUEST,
    legal_basis=AccessContext.LEGAL_BASIS_DATA_SUBJECT,
)
HIV = Coding(system="ICD-10", code="B20")


@pytest.fixture
async def place(world: World) -> Town:
    made = await town(world)
    for person in (PERSON, MERGED):
        prescription = await made.issued(paper(person=person))
        await sold(made.dispensings(), prescription, give(1, 20))
    return made


async def shown(place: Town, person: str, who: str = "authority/vneid", access: AccessContext = CITIZEN):
    """Whose prescriptions and dispensings are listed for *person*, and who could not be asked."""
    papers = await place.prescriptions(who).ListPrescriptions(
        prescribing.ListPrescriptionsRequest(person=person, access=access)
    )
    handed = await place.dispensings(who).ListDispensings(
        dispensing.ListDispensingsRequest(person=person, access=access)
    )
    assert list(papers.unreachable) == list(handed.unreachable)
    persons = [sorted(one.person for one in rows) for rows in (papers.prescriptions, handed.dispensings)]
    return persons, list(papers.unreachable)


@pytest.mark.parametrize("who", ["authority/vneid", "service/records", "facility/79999"])
async def test_all_of_a_person_is_shown_by_either_name_until_they_are_parted(place: Town, who: str):
    place.consents.consents["79999"] = {DataClass.DATA_CLASS_CARE}
    access = CITIZEN if who == "authority/vneid" else TREATMENT
    both = [sorted((PERSON, MERGED))] * 2

    place.persons.names = [PERSON, MERGED]
    merged = [await shown(place, name, who, access) for name in (PERSON, MERGED)]
    place.persons.names = []
    parted = [await shown(place, name, who, access) for name in (PERSON, MERGED)]

    assert merged == [(both, [])] * 2
    assert parted == [([[PERSON]] * 2, []), ([[MERGED]] * 2, [])]


async def test_an_entry_that_is_parted_between_the_names_and_the_decision_is_not_shown(place: Town):
    place.consents.consents["79999"] = {DataClass.DATA_CLASS_CARE}
    place.persons.names = [PERSON, MERGED]
    place.consents.persons = [PERSON]

    parted, _ = await shown(place, PERSON, "facility/79999", TREATMENT)
    place.consents.persons = [PERSON, MERGED]
    merged, _ = await shown(place, PERSON, "facility/79999", TREATMENT)

    assert parted == [[PERSON]] * 2
    assert merged == [sorted((PERSON, MERGED))] * 2


async def test_a_restricted_class_under_the_other_name_is_not_shown_without_a_consent_that_names_it(
    place: Town,
):
    place.consents.consents["79999"] = {DataClass.DATA_CLASS_CARE}
    await place.issued(paper(person=MERGED, diagnoses=[HIV]))
    place.persons.names = [PERSON, MERGED]

    (prescriptions, _), _ = await shown(place, PERSON, "facility/79999", TREATMENT)

    assert prescriptions == sorted((PERSON, MERGED))


async def test_while_identity_is_silent_the_name_that_was_asked_for_is_shown_and_the_silence_told(
    world: World, place: Town
):
    place.persons.names = [PERSON, MERGED]
    url = place.running.settings.database_url
    running = await world.start("pharmacy", identity_address=world.nowhere(), database_url=url)
    lonely = Town(world, running, place.consents, place.persons)

    assert await shown(lonely, MERGED) == ([[MERGED]] * 2, ["identity"])


async def test_a_prescription_is_replaced_under_another_name_of_the_same_person_only(place: Town):
    old = await place.issued(paper(person=MERGED))
    request = prescribing.ReplacePrescriptionRequest(
        request_id=key(), name=old.name, prescription=paper(), reason="đổi liều"
    )

    stranger = await refused(place.prescriptions().ReplacePrescription(request))
    place.persons.names = [PERSON, MERGED]
    replaced = (await place.prescriptions().ReplacePrescription(request)).prescription

    assert stranger.reason == reasons.PERSON_CHANGED.name
    assert (replaced.person, replaced.replaces) == (PERSON, old.name)
