"""Demographics in, candidates out."""

from lientuyen.identity.v1 import person_service_pb2 as pb

from ..model.identifiers import Sex
from ..model.matching.candidates import Candidate
from ..model.matching.weights import Description
from ..model.persons import Person
from .persons import person_to_pb
from .values import address, partial


def description(told: pb.Demographics) -> Description:
    """Return what is told of somebody."""
    return Description(
        full_name=told.full_name,
        birth=partial(told.birth_date),
        sex=Sex(told.sex),
        address=address(told.address),
        phone=told.phone,
        mother_name=told.mother_name,
    )


def candidate_to_pb(one: Candidate, person: Person) -> pb.Candidate:
    """Return the message.  The person's numbers are left out: `GetPerson` tells them."""
    weights = [
        pb.FieldWeight(field=each.field, weight=each.bits, agreement=each.agreement, note=each.note)
        for each in one.scored.weights
    ]
    return pb.Candidate(person=person_to_pb(person, []), score=one.scored.score, weights=weights)
