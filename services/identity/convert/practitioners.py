"""Practitioners."""

from uuid import UUID

from lientuyen.identity.v1 import practitioner_pb2 as pb
from lientuyen.identity.v1 import practitioner_service_pb2 as service_pb

from ..model.faults import Fault
from ..model.practitioners import STANDING_VI, Lending, Practitioner, PractitionerRow, Standing
from .names import facility_name
from .values import date_to_pb, number, time_to_pb, whole_or_fault


def practitioner_name(id_: UUID) -> str:
    """Return `practitioners/{practitioner}`."""
    return f"practitioners/{id_}"


def practitioner_to_pb(one: Practitioner, lendings: list[Lending]) -> pb.Practitioner:
    """Return the message."""
    return pb.Practitioner(
        name=practitioner_name(one.id),
        licence_number=one.licence_number,
        full_name=one.full_name,
        title=one.title,
        scope=one.scope,
        valid_from=date_to_pb(one.valid_from),
        valid_to=date_to_pb(one.valid_to),
        state=number(pb.Practitioner.State, one.state),
        facility=facility_name(one.facility),
        lendings=[
            pb.Lending(
                facility=facility_name(each.facility),
                valid_from=date_to_pb(each.valid_from),
                valid_to=date_to_pb(each.valid_to),
            )
            for each in lendings
        ],
        update_time=time_to_pb(one.update_time),
        etag=str(one.version),
    )


def licence_to_pb(one: Practitioner | None, standing: Standing) -> service_pb.CheckLicenceResponse:
    """Return what is said of a licence; *one* None is that nobody has it."""
    return service_pb.CheckLicenceResponse(
        may_practise=standing.may_practise,
        standing=number(service_pb.CheckLicenceResponse.Standing, standing),
        practitioner=practitioner_name(one.id) if one else "",
        scope=one.scope if one else "",
        message_vi=STANDING_VI[standing],
    )


def practitioner_row(row: service_pb.PractitionerRow) -> tuple[PractitionerRow, list[Fault]]:
    """Return the row of a register, and the faults of its dates."""
    faults: list[Fault] = []
    lendings = tuple(
        Lending(
            each.facility_code,
            whole_or_fault(f"lendings[{number}].valid_from", each.valid_from, faults),
            whole_or_fault(f"lendings[{number}].valid_to", each.valid_to, faults),
        )
        for number, each in enumerate(row.lendings)
    )
    read = PractitionerRow(
        licence_number=row.licence_number.strip(),
        full_name=" ".join(row.full_name.split()),
        title=row.title,
        scope=row.scope,
        valid_from=whole_or_fault("valid_from", row.valid_from, faults),
        valid_to=whole_or_fault("valid_to", row.valid_to, faults),
        state=row.state or pb.Practitioner.STATE_ACTIVE,
        facility=row.facility_code,
        lendings=lendings,
    )
    return read, faults
