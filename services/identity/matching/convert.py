"""Demographics in, candidates out."""

from lientuyen.identity.v1 import person_service_pb2 as pb

from ..convert.persons import person_to_pb
from ..convert.values import address_from_pb, partial_date_from_pb
from ..model.identifiers import Sex
from ..model.persons import Person
from .model.candidate_ranking import Candidate
from .model.weights import Description


def description_from_pb(demographics: pb.Demographics) -> Description:
    return Description(
        full_name=demographics.full_name,
        birth=partial_date_from_pb(demographics.birth_date),
        sex=Sex(demographics.sex),
        address=address_from_pb(demographics.address),
        phone=demographics.phone,
        mother_name=demographics.mother_name,
    )


def candidate_to_pb(candidate: Candidate, person: Person) -> pb.Candidate:
    """Return the message.  The person's numbers are left out: `GetPerson` tells them."""
    weights = [
        pb.FieldWeight(field=weight.field, weight=weight.bits, agreement=weight.agreement, note=weight.note)
        for weight in candidate.scored.weights
    ]
    return pb.Candidate(person=person_to_pb(person, []), score=candidate.scored.score, weights=weights)
