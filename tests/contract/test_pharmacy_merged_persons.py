"""A person whose entries were merged: what was kept under each name is shown for all, and parts again."""

import pytest

from lientuyen.pharmacy.v1 import dispensing_service_pb2 as dispensing
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescribing
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.coding_pb2 import Coding
from tests.contract.pharmacy_env import PERSON, TREATMENT, Pharmacy, give, key, paper, sold
from tests.harness import World, refused

MERGED = "//identity.lientuyen/persons/7b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d13"
CITIZEN = AccessContext(
    practitioner="VNeID",
    purpose=AccessContext.PURPOSE_PATIENT_REQUEST,
    legal_basis=AccessContext.LEGAL_BASIS_DATA_SUBJECT,
)
HIV = Coding(system="ICD-10", code="B20")


@pytest.fixture
async def pharmacy(world: World) -> Pharmacy:
    """The service; each entry has a prescription of which something was dispensed."""
    pharmacy = await Pharmacy(world).start()
    pharmacy.identity.add_person(name=MERGED)
    for person in (PERSON, MERGED):
        prescription = await pharmacy.issued(paper(person=person))
        await sold(pharmacy.dispensings(), prescription, give(1, 20))
    return pharmacy


async def shown(
    pharmacy: Pharmacy, person: str, who: str = "authority/vneid", access: AccessContext = CITIZEN
):
    """Whose prescriptions and dispensings are listed for *person*, and who could not be asked."""
    papers = await pharmacy.prescriptions(who).ListPrescriptions(
        prescribing.ListPrescriptionsRequest(person=person, access=access)
    )
    handed = await pharmacy.dispensings(who).ListDispensings(
        dispensing.ListDispensingsRequest(person=person, access=access)
    )
    assert list(papers.unreachable) == list(handed.unreachable)
    persons = [sorted(one.person for one in rows) for rows in (papers.prescriptions, handed.dispensings)]
    return persons, list(papers.unreachable)


@pytest.mark.parametrize("who", ["authority/vneid", "service/records", "facility/79999"])
async def test_all_of_a_person_is_shown_by_either_name_until_they_are_parted(pharmacy: Pharmacy, who: str):
    pharmacy.identity.add_consent(PERSON, "79999")
    access = CITIZEN if who == "authority/vneid" else TREATMENT
    both = [sorted((PERSON, MERGED))] * 2

    pharmacy.identity.merge(MERGED, into=PERSON)
    merged = [await shown(pharmacy, name, who, access) for name in (PERSON, MERGED)]
    pharmacy.identity.unmerge(MERGED)
    pharmacy.identity.add_consent(MERGED, "79999")
    parted = [await shown(pharmacy, name, who, access) for name in (PERSON, MERGED)]

    assert merged == [(both, [])] * 2
    assert parted == [([[PERSON]] * 2, []), ([[MERGED]] * 2, [])]


async def test_an_entry_that_is_parted_between_the_names_and_the_decision_is_not_shown(pharmacy: Pharmacy):
    pharmacy.identity.add_consent(PERSON, "79999")
    pharmacy.identity.merge(MERGED, into=PERSON)
    pharmacy.identity.decided_on = [PERSON]

    parted, _ = await shown(pharmacy, PERSON, "facility/79999", TREATMENT)
    pharmacy.identity.decided_on = None
    merged, _ = await shown(pharmacy, PERSON, "facility/79999", TREATMENT)

    assert parted == [[PERSON]] * 2
    assert merged == [sorted((PERSON, MERGED))] * 2


async def test_what_an_identity_that_tells_no_names_allows_is_shown_under_all_of_them(pharmacy: Pharmacy):
    pharmacy.identity.add_consent(PERSON, "79999")
    pharmacy.identity.merge(MERGED, into=PERSON)
    pharmacy.identity.decided_on = []

    assert await shown(pharmacy, PERSON, "facility/79999", TREATMENT) == ([sorted((PERSON, MERGED))] * 2, [])


async def test_a_restricted_class_under_the_other_name_is_not_shown_without_a_consent_that_names_it(
    pharmacy: Pharmacy,
):
    pharmacy.identity.add_consent(PERSON, "79999")
    await pharmacy.issued(paper(person=MERGED, diagnoses=[HIV]))
    pharmacy.identity.merge(MERGED, into=PERSON)

    (prescriptions, _), _ = await shown(pharmacy, PERSON, "facility/79999", TREATMENT)

    assert prescriptions == sorted((PERSON, MERGED))


async def test_while_identity_is_silent_the_name_that_was_asked_for_is_shown_and_the_silence_told(
    world: World, pharmacy: Pharmacy
):
    pharmacy.identity.merge(MERGED, into=PERSON)
    url = pharmacy.running.settings.database_url
    lonely = await Pharmacy(world).start(identity_address=world.nowhere(), database_url=url)

    assert await shown(lonely, MERGED) == ([[MERGED]] * 2, ["identity"])


async def test_a_prescription_is_replaced_under_another_name_of_the_same_person_only(pharmacy: Pharmacy):
    old = await pharmacy.issued(paper(person=MERGED))
    request = prescribing.ReplacePrescriptionRequest(
        request_id=key(), name=old.name, prescription=paper(), reason="đổi liều"
    )

    stranger = await refused(pharmacy.prescriptions().ReplacePrescription(request))
    pharmacy.identity.merge(MERGED, into=PERSON)
    replaced = (await pharmacy.prescriptions().ReplacePrescription(request)).prescription

    assert stranger.reason == reasons.PERSON_CHANGED.name
    assert (replaced.person, replaced.replaces) == (PERSON, old.name)
