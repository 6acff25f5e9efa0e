"""Practitioners."""

from uuid import UUID

from common.faults import Fault
from common.names import IDENTITY, facility_name
from common.values import date_to_pb, timestamp_to_pb
from lientuyen.identity.v1 import practitioner_pb2 as pb
from lientuyen.identity.v1 import practitioner_service_pb2 as service_pb

from ..model.practitioners import STANDING_VI, Lending, Practitioner, PractitionerRow, Standing
from .values import date_or_fault, to_pb_enum


def practitioner_name(id_: UUID) -> str:
    return f"{IDENTITY}practitioners/{id_}"


def practitioner_to_pb(practitioner: Practitioner, lendings: list[Lending]) -> pb.Practitioner:
    return pb.Practitioner(
        name=practitioner_name(practitioner.id),
        licence_number=practitioner.licence_number,
        full_name=practitioner.full_name,
        title=practitioner.title,
        scope=practitioner.scope,
        valid_from=date_to_pb(practitioner.valid_from),
        valid_to=date_to_pb(practitioner.valid_to),
        state=to_pb_enum(pb.Practitioner.State, practitioner.state),
        facility=facility_name(practitioner.facility),
        lendings=[
            pb.Lending(
                facility=facility_name(lending.facility),
                valid_from=date_to_pb(lending.valid_from),
                valid_to=date_to_pb(lending.valid_to),
            )
            for lending in lendings
        ],
        update_time=timestamp_to_pb(practitioner.update_time),
        etag=str(practitioner.version),
    )


def licence_to_pb(practitioner: Practitioner | None, standing: Standing) -> service_pb.CheckLicenceResponse:
    """Return what is said of a licence; *practitioner* None is that nobody has it."""
    return service_pb.CheckLicenceResponse(
        may_practise=standing.may_practise,
        standing=to_pb_enum(service_pb.CheckLicenceResponse.Standing, standing),
        practitioner=practitioner_name(practitioner.id) if practitioner else "",
        scope=practitioner.scope if practitioner else "",
        message_vi=STANDING_VI[standing],
    )


def practitioner_row_from_pb(row: service_pb.PractitionerRow) -> tuple[PractitionerRow, list[Fault]]:
    faults: list[Fault] = []
    lendings = tuple(
        Lending(
            lending.facility_code,
            date_or_fault(f"lendings[{index}].valid_from", lending.valid_from, faults),
            date_or_fault(f"lendings[{index}].valid_to", lending.valid_to, faults),
        )
        for index, lending in enumerate(row.lendings)
    )
    practitioner = PractitionerRow(
        licence_number=row.licence_number.strip(),
        full_name=" ".join(row.full_name.split()),
        title=row.title,
        scope=row.scope,
        valid_from=date_or_fault("valid_from", row.valid_from, faults),
        valid_to=date_or_fault("valid_to", row.valid_to, faults),
        state=row.state or pb.Practitioner.STATE_ACTIVE,
        facility=row.facility_code,
        lendings=lendings,
    )
    return practitioner, faults
