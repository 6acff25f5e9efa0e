"""Persons and their numbers."""

from lientuyen.identity.v1 import person_pb2 as pb
from lientuyen.identity.v1 import person_service_pb2 as service_pb

from ..model.faults import Fault
from ..model.identifiers import Identifier, Sex
from ..model.persons import Address, Origin, Person, Registration
from .names import last, last_uuid, person_name
from .values import address, number, partial, tell_date, tell_time

# The kinds of registration are numbered after the origins, which have the register before them.
_ORIGINS = {
    service_pb.RegisterPersonRequest.KIND_NEWBORN: Origin.NEWBORN,
    service_pb.RegisterPersonRequest.KIND_UNKNOWN: Origin.UNKNOWN,
    service_pb.RegisterPersonRequest.KIND_FOREIGNER: Origin.FOREIGNER,
}


def person_to_pb(person: Person, identifiers: list[Identifier]) -> pb.Person:
    """Return the message."""
    message = pb.Person(
        name=person_name(person.id),
        state=number(pb.Person.State, person.state),
        origin=number(pb.Person.Origin, person.origin),
        full_name=person.full_name,
        birth_time=person.birth_time,
        sex=number(pb.Sex, person.sex),
        nationality=person.nationality,
        ethnicity=person.ethnicity,
        phone=person.phone,
        mother=person_name(person.mother),
        merged_into=person_name(person.merged_into),
        etag=str(person.version),
    )
    _tell_address(message.address, person.address)
    tell_date(message.birth_date, person.birth)
    tell_time(message.create_time, person.create_time)
    tell_time(message.update_time, person.update_time)
    for one in identifiers:
        _tell_identifier(message.identifiers.add(), one)
    return message


def _tell_address(message: pb.Address, home: Address) -> None:
    message.SetInParent()  # an address of which nothing is known is there all the same
    message.line = home.line
    message.commune_code = home.commune_code
    message.district_code = home.district_code
    message.province_code = home.province_code
    tell_date(message.as_of, home.as_of)


def _tell_identifier(message: pb.Identifier, one: Identifier) -> None:
    message.kind = number(pb.Identifier.Kind, one.kind)
    message.value = one.value
    message.state = number(pb.Identifier.State, one.state)
    tell_date(message.valid_from, one.valid_from)
    tell_date(message.valid_to, one.valid_to)
    message.country = one.country


def plausibilities(faults: list[Fault]) -> list[pb.Plausibility]:
    """Return what looks odd."""
    return [
        pb.Plausibility(field=one.field, rule=one.rule, message=one.en, message_vi=one.vi) for one in faults
    ]


def registration(request: service_pb.RegisterPersonRequest) -> Registration:
    """Return what a facility says of somebody without a number."""
    return Registration(
        origin=_ORIGINS[request.kind],
        facility=last(request.facility),
        full_name=" ".join(request.full_name.split()),
        birth=partial(request.birth_date),
        birth_time=request.birth_time,
        sex=Sex(request.sex),
        nationality=request.nationality,
        passport_number=request.passport_number,
        birth_certificate_number=request.birth_certificate_number,
        mother=last_uuid(request.mother) if request.mother else None,
        address=address(request.address),
    )
