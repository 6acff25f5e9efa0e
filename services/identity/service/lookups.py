"""Finding who has a number that somebody showed; shared by persons and eligibility."""

from dataclasses import dataclass
from uuid import UUID

from chassis.db import Transaction
from chassis.errors import FailedPrecondition
from lientuyen.identity.v1 import error_reasons as why

from ..model.identifiers import Kind, State, lookups
from ..model.persons import Person
from ..store import persons

# How often a merged entry may be merged again.  More is a loop, which nothing makes.
MOST_MERGES = 16


@dataclass(frozen=True, slots=True)
class Found:
    """Who has the number, and whether it is the one in use."""

    person: Person
    state: State


async def look_up(tx: Transaction, kind: Kind, value: str) -> Found | None:
    """Return who has the number, merges followed, or None.

    Raises FailedPrecondition(PERSON_AMBIGUOUS) when several entries claim it.
    """
    for place, number in lookups(kind, value):
        claims = await persons.find(tx, place, number)
        if claims:
            return await _the_one(tx, claims)
    return None


async def _the_one(tx: Transaction, claims: list[tuple[State, UUID]]) -> Found | None:
    state = claims[0][0]
    entries: dict[UUID, Person] = {}
    for claimed, person_id in claims:
        person = await resolve(tx, person_id) if claimed is state else None
        if person:
            entries[person.id] = person
    if len(entries) > 1:
        raise FailedPrecondition(why.PERSON_AMBIGUOUS, count=str(len(entries)))
    return next((Found(person, state) for person in entries.values()), None)


async def resolve(tx: Transaction, person_id: UUID) -> Person | None:
    """Return the entry that stands for a person: themself, or the one they were merged into."""
    person = await persons.get_person(tx, person_id)
    for _ in range(MOST_MERGES):
        if person is None or person.merged_into is None:
            break
        person = await persons.get_person(tx, person.merged_into)
    return person
