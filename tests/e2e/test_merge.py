"""Two entries for one person through four real services: one health book while merged, and two again."""

import asyncio
from dataclasses import dataclass, replace

from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as dispensing
from lientuyen.pharmacy.v1.dispensing_pb2 import DispenseLine
from lientuyen.pharmacy.v1.quantity_pb2 import Quantity
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen_client.demo import people
from lientuyen_client.demo.journey import PHARMACIST, Cast, care, own_view
from tests.harness import eventually

from .conftest import Live
from .works import CALLER, DOCTOR, dossier, prescription, seed

PHARMACY, CITIZEN, OPERATOR = "pharmacy/NT00001", "authority/vneid", "operator/dev"

# The patient again, by a number with a digit mistyped, as a registry has her twice.
AGAIN = "001385000024"


@dataclass(frozen=True)
class Book:
    """How much of each kind a health book shows."""

    encounters: int
    results: int
    dispensed: int
    appointments: int


async def twice(cast: Cast) -> list[str]:
    """Make the patient's two entries; return their names."""
    first = await seed(cast.stack)
    row = people.person_row()
    row.source_key, row.personal_id, row.social_insurance_number = "demo-2", AGAIN, ""
    requests = people.single_batch(persons.ImportPersonsRequest, [row])
    await people.check_taken(cast(OPERATOR).persons.ImportPersons(requests))
    find = persons.FindPersonRequest(personal_id=AGAIN, access=care(DOCTOR))
    return [first, (await cast(CALLER).persons.FindPerson(find)).person.name]


async def treated(cast: Cast, person: str, number: str, mark: str) -> None:
    """Let the person be seen, and take home a medicine."""
    await cast(CALLER).dossiers.SubmitDossier(dossier(f"M.{mark}", number))
    issue = prescription(f"01999{mark}-c")
    issue.prescription.person = person
    await cast(CALLER).prescriptions.IssuePrescription(issue)
    claim = dispensing.ClaimPrescriptionRequest(code=issue.prescription.code, access=care(PHARMACIST))
    held = await cast(PHARMACY).dispensing.ClaimPrescription(claim)
    await cast(PHARMACY).dispensing.Dispense(
        dispensing.DispenseRequest(
            prescription=held.prescription.name,
            claim_token=held.claim.token,
            lines=[DispenseLine(line=1, quantity=Quantity(thousandths=1000), lot_number="LO-MAU-1")],
            pharmacist=PHARMACIST,
        )
    )


async def book(cast: Cast, person: str) -> Book:
    request = books.GetHealthBookRequest(person=person, access=own_view())
    answer = await cast(CITIZEN).health_book.GetHealthBook(request)
    assert list(answer.unreachable) == []
    shown = answer.health_book
    return Book(
        len(shown.encounters), len(shown.results), len(shown.dispensed_medicines), len(shown.appointments)
    )


async def delivered(cast: Cast, names: list[str]) -> None:
    """Wait until the slips of both dossiers have come to routing."""

    async def all_came() -> bool:
        return all([(await book(cast, name)).appointments for name in names])

    await eventually(all_came)


async def story(cast: Cast) -> tuple[list[Book], list[Book], list[Book]]:
    """Return both names' books before, while merged, and after."""
    names = await twice(cast)
    await treated(cast, names[0], people.PATIENT_ID, "e2em001")
    await treated(cast, names[1], AGAIN, "e2em002")
    await delivered(cast, names)
    before = [await book(cast, name) for name in names]
    join = persons.MergePersonsRequest(loser=names[1], winner=names[0], reason="gõ nhầm một chữ số")
    link = (await cast(OPERATOR).persons.MergePersons(join)).merge
    merged = [await book(cast, name) for name in names]
    # While they are one, one more comes by the loser's number: it is the loser's when they part.
    await cast(CALLER).dossiers.SubmitDossier(dossier("M.e2em003", AGAIN))
    undo = persons.UnmergePersonsRequest(name=link.name, reason="là hai người")
    await cast(OPERATOR).persons.UnmergePersons(undo)
    return before, merged, [await book(cast, name) for name in names]


def test_the_health_book_of_either_name_shows_both_until_they_are_parted(live: Live):
    async def told() -> tuple[list[Book], list[Book], list[Book]]:
        cast = Cast(live.stack)
        try:
            return await story(cast)
        finally:
            await cast.close()

    before, merged, parted = asyncio.run(told())

    assert before == [Book(1, 1, 1, 1)] * 2
    assert merged == [Book(2, 2, 2, 2)] * 2
    assert [parted[0], replace(parted[1], appointments=1)] == [before[0], Book(2, 2, 1, 1)]
