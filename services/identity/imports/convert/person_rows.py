"""Rows of persons: messages to models."""

from enum import IntEnum
from typing import TypeVar, cast

from common.faults import Fault
from lientuyen.identity.v1 import person_service_pb2 as pb

from ...convert.values import address_from_pb, date_or_fault, partial_date_from_pb
from ...model.identifiers import Identifier, Kind, State
from ..model.person_rows import PersonRow

E = TypeVar("E", bound=IntEnum)


def person_row_from_pb(row: pb.PersonRow) -> tuple[PersonRow, list[Fault]]:
    faults: list[Fault] = []
    person = PersonRow(
        source_key=row.source_key,
        personal_id=row.personal_id,
        old_id=row.old_id,
        social_insurance_number=row.social_insurance_number,
        full_name=" ".join(row.full_name.split()),
        birth=partial_date_from_pb(row.birth_date),
        sex=row.sex,
        nationality=row.nationality,
        ethnicity=row.ethnicity,
        address=address_from_pb(row.address),
        phone=row.phone,
        deceased=row.deceased,
        identifiers=tuple(
            _identifier_from_pb(f"identifiers[{index}]", number, faults)
            for index, number in enumerate(row.identifiers)
        ),
    )
    return person, faults


def _identifier_from_pb(path: str, number: pb.IdentifierRow, faults: list[Fault]) -> Identifier:
    date_faults: list[Fault] = []
    valid_from = date_or_fault("identifiers.valid_from", number.valid_from, date_faults)
    valid_to = date_or_fault("identifiers.valid_to", number.valid_to, date_faults)
    faults += [
        Fault(fault.field.replace("identifiers", path), fault.rule, fault.en, fault.vi)
        for fault in date_faults
    ]
    kind, state = _enum(Kind, number.kind), _enum(State, number.state)
    return Identifier(kind, number.value, state, valid_from, valid_to, number.country)


def _enum(kind: type[E], value: int) -> E:
    """Return *value* as an enum of the model; one that it does not know as it is, for the model to refuse."""
    return kind(value) if value in frozenset(kind) else cast(E, value)
