"""Persons and their numbers."""

from lientuyen.identity.v1 import person_pb2 as pb
from lientuyen.identity.v1 import person_service_pb2 as service_pb

from ..model.faults import Fault
from ..model.identifiers import Identifier, Sex
from ..model.imports import PersonRow
from ..model.persons import Origin, Person, Registration
from .names import last, last_uuid, person_name
from .values import address, date_to_pb, number, partial, partial_to_pb, time_to_pb

# The kinds of registration are numbered after the origins, which have the register before them.
_ORIGINS = {
    service_pb.RegisterPersonRequest.KIND_NEWBORN: Origin.NEWBORN,
    service_pb.RegisterPersonRequest.KIND_UNKNOWN: Origin.UNKNOWN,
    service_pb.RegisterPersonRequest.KIND_FOREIGNER: Origin.FOREIGNER,
}


def person_to_pb(person: Person, identifiers: list[Identifier]) -> pb.Person:
    """Return the message."""
    home = person.address
    return pb.Person(
        name=person_name(person.id),
        state=number(pb.Person.State, person.state),
        origin=number(pb.Person.Origin, person.origin),
        full_name=person.full_name,
        birth_date=partial_to_pb(person.birth),
        birth_time=person.birth_time,
        sex=number(pb.Sex, person.sex),
        nationality=person.nationality,
        ethnicity=person.ethnicity,
        address=pb.Address(
            line=home.line,
            commune_code=home.commune_code,
            district_code=home.district_code,
            province_code=home.province_code,
            as_of=date_to_pb(home.as_of),
        ),
        phone=person.phone,
        identifiers=[identifier_to_pb(one) for one in identifiers],
        mother=person_name(person.mother),
        merged_into=person_name(person.merged_into),
        create_time=time_to_pb(person.create_time),
        update_time=time_to_pb(person.update_time),
        etag=str(person.version),
    )


def identifier_to_pb(one: Identifier) -> pb.Identifier:
    """Return the message."""
    return pb.Identifier(
        kind=number(pb.Identifier.Kind, one.kind),
        value=one.value,
        state=number(pb.Identifier.State, one.state),
        valid_from=date_to_pb(one.valid_from),
        valid_to=date_to_pb(one.valid_to),
        country=one.country,
    )


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


def person_row(row: service_pb.PersonRow) -> PersonRow:
    """Return the row of a register."""
    return PersonRow(
        source_key=row.source_key,
        personal_id=row.personal_id,
        old_id=row.old_id,
        social_insurance_number=row.social_insurance_number,
        full_name=" ".join(row.full_name.split()),
        birth=partial(row.birth_date),
        sex=row.sex,
        nationality=row.nationality,
        ethnicity=row.ethnicity,
        address=address(row.address),
        phone=row.phone,
        deceased=row.deceased,
    )
