"""Persons and their numbers."""

from common.faults import Fault
from common.names import id_of, last_part, person_name
from lientuyen.identity.v1 import person_pb2 as pb
from lientuyen.identity.v1 import person_service_pb2 as service_pb

from ..model.identifiers import Identifier, Sex
from ..model.persons import Address, Origin, Person, Registration
from .values import address_from_pb, partial_date_from_pb, set_date, set_time, to_pb_enum

# The kinds of registration are numbered after the origins, which have the register before them.
_ORIGINS = {
    service_pb.RegisterPersonRequest.KIND_NEWBORN: Origin.NEWBORN,
    service_pb.RegisterPersonRequest.KIND_UNKNOWN: Origin.UNKNOWN,
    service_pb.RegisterPersonRequest.KIND_FOREIGNER: Origin.FOREIGNER,
}


def person_to_pb(person: Person, identifiers: list[Identifier]) -> pb.Person:
    message = pb.Person(
        name=person_name(person.id),
        state=to_pb_enum(pb.Person.State, person.state),
        origin=to_pb_enum(pb.Person.Origin, person.origin),
        full_name=person.full_name,
        birth_time=person.birth_time,
        sex=to_pb_enum(pb.Sex, person.sex),
        nationality=person.nationality,
        ethnicity=person.ethnicity,
        phone=person.phone,
        mother=person_name(person.mother),
        merged_into=person_name(person.merged_into),
        etag=str(person.version),
    )
    _fill_address(message.address, person.address)
    set_date(message.birth_date, person.birth)
    set_time(message.create_time, person.create_time)
    set_time(message.update_time, person.update_time)
    for identifier in identifiers:
        _fill_identifier(message.identifiers.add(), identifier)
    return message


def _fill_address(message: pb.Address, home: Address) -> None:
    message.SetInParent()  # an address of which nothing is known is there all the same
    message.line = home.line
    message.commune_code = home.commune_code
    message.district_code = home.district_code
    message.province_code = home.province_code
    set_date(message.as_of, home.as_of)


def _fill_identifier(message: pb.Identifier, identifier: Identifier) -> None:
    message.kind = to_pb_enum(pb.Identifier.Kind, identifier.kind)
    message.value = identifier.value
    message.state = to_pb_enum(pb.Identifier.State, identifier.state)
    set_date(message.valid_from, identifier.valid_from)
    set_date(message.valid_to, identifier.valid_to)
    message.country = identifier.country


def plausibilities_to_pb(faults: list[Fault]) -> list[pb.Plausibility]:
    return [
        pb.Plausibility(field=fault.field, rule=fault.rule, message=fault.en, message_vi=fault.vi)
        for fault in faults
    ]


def registration_from_pb(request: service_pb.RegisterPersonRequest) -> Registration:
    return Registration(
        origin=_ORIGINS[request.kind],
        facility=last_part(request.facility),
        full_name=" ".join(request.full_name.split()),
        birth=partial_date_from_pb(request.birth_date),
        birth_time=request.birth_time,
        sex=Sex(request.sex),
        nationality=request.nationality,
        passport_number=request.passport_number,
        birth_certificate_number=request.birth_certificate_number,
        mother=id_of(request.mother) if request.mother else None,
        address=address_from_pb(request.address),
    )
