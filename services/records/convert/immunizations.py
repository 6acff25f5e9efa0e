"""Doses of vaccines, as messages and from them."""

from common.names import facility_name, person_name
from common.values import PartialDate, coding_to_pb, date_to_pb, timestamp_from_pb, timestamp_to_pb
from lientuyen.records.v1 import immunization_pb2 as pb
from lientuyen.records.v1 import immunization_service_pb2 as service_pb
from lientuyen.type.v1.coding_pb2 import Coding
from lientuyen.type.v1.date_pb2 import Date

from ..model.immunizations import Code, Dose, Immunization, Reaction
from ..model.person_numbers import PersonNumber, StatedPerson
from .names import immunization_name

STATES = {"recorded": pb.Immunization.STATE_RECORDED, "superseded": pb.Immunization.STATE_SUPERSEDED}


def dose_from_pb(message: pb.Immunization) -> Dose:
    return Dose(
        vaccine=_code(message.vaccine),
        dose_number=message.dose_number,
        immunize_time=timestamp_from_pb(message.immunize_time),
        lot=message.lot,
        lot_expiry=_day(message.lot_expiry),
        body_site=_code(message.body_site),
        route=_code(message.route),
        practitioner=message.practitioner,
        reactions=tuple(map(_reaction, message.reactions)),
        note=message.note,
    )


def immunization_to_pb(record: Immunization) -> pb.Immunization:
    dose = record.dose
    return pb.Immunization(
        name=immunization_name(record.id),
        person=person_name(record.person),
        facility=facility_name(record.facility),
        vaccine=coding_to_pb(*dose.vaccine),
        dose_number=dose.dose_number,
        immunize_time=timestamp_to_pb(dose.immunize_time),
        lot=dose.lot,
        lot_expiry=date_to_pb(dose.lot_expiry),
        body_site=coding_to_pb(*dose.body_site),
        route=coding_to_pb(*dose.route),
        practitioner=dose.practitioner,
        reactions=map(_reaction_to_pb, dose.reactions),
        note=dose.note,
        state=STATES[record.state],
        receive_time=timestamp_to_pb(record.receive_time),
        supersedes=immunization_name(record.supersedes),
        superseded_by=immunization_name(record.superseded_by),
    )


def shown_person(message: service_pb.ShownPerson) -> StatedPerson:
    """Return whom a paper shows, as the rows of dossiers name people."""
    kind = message.WhichOneof("number") or "personal_id"
    return StatedPerson(
        PersonNumber(kind, getattr(message, kind)), message.full_name, _day(message.birth_date), sex=0
    )


def _code(message: Coding) -> Code:
    return message.system, message.code, message.display


def _day(message: Date) -> PartialDate | None:
    return PartialDate(message.year, message.month, message.day) if message.ByteSize() else None


def _reaction(message: pb.ImmunizationReaction) -> Reaction:
    onset = timestamp_from_pb(message.onset_time) if message.HasField("onset_time") else None
    return Reaction(_code(message.kind), onset, message.severity)


def _reaction_to_pb(reaction: Reaction) -> pb.ImmunizationReaction:
    return pb.ImmunizationReaction(
        kind=coding_to_pb(*reaction.kind),
        onset_time=timestamp_to_pb(reaction.onset_time),
        severity=pb.ImmunizationReaction.Severity.Name(reaction.severity),
    )
