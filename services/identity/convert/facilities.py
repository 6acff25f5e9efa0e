"""Facilities and their certificates."""

from collections.abc import Sequence
from datetime import UTC

from common.faults import Fault
from common.names import facility_name
from common.values import date_to_pb, timestamp_to_pb
from lientuyen.identity.v1 import facility_pb2 as pb
from lientuyen.identity.v1 import facility_service_pb2 as service_pb

from ..model.facilities import Certificate, Facility, FacilityRow, read_certificate
from ..model.faults import malformed
from ..model.laboratory_recognitions import LaboratoryRecognition
from .laboratory_recognitions import recognition_to_pb, recognitions_from_pb
from .values import date_or_fault, to_pb_enum


def facility_to_pb(
    facility: Facility,
    certificates: Sequence[Certificate] = (),
    recognitions: Sequence[LaboratoryRecognition] = (),
) -> pb.Facility:
    return pb.Facility(
        name=facility_name(facility.code),
        code=facility.code,
        gln=facility.gln,
        display_name=facility.display_name,
        kind=to_pb_enum(pb.Facility.Kind, facility.kind),
        level=to_pb_enum(pb.Facility.Level, facility.level),
        points=facility.points,
        node=facility.node,
        former_line=to_pb_enum(pb.Facility.FormerLine, facility.former_line),
        state=to_pb_enum(pb.Facility.State, facility.state),
        address_line=facility.address_line,
        commune_code=facility.commune_code,
        province_code=facility.province_code,
        open_date=date_to_pb(facility.open_date),
        close_date=date_to_pb(facility.close_date),
        certificates=[_certificate_to_pb(certificate) for certificate in certificates],
        mailbox_policy=pb.MailboxPolicy(max_waiting=facility.max_waiting, keep_days=facility.keep_days),
        initial_care=to_pb_enum(pb.Facility.InitialCare, facility.initial_care),
        provisionally_ranked=facility.provisionally_ranked,
        unsigned_until=date_to_pb(facility.unsigned_until),
        laboratory_recognitions=map(recognition_to_pb, recognitions),
        update_time=timestamp_to_pb(facility.update_time),
        etag=str(facility.version),
    )


def _certificate_to_pb(certificate: Certificate) -> pb.FacilityCertificate:
    return pb.FacilityCertificate(
        use=to_pb_enum(pb.FacilityCertificate.Use, certificate.use),
        sha256=certificate.sha256,
        der=certificate.der,
        valid_from_time=timestamp_to_pb(certificate.valid_from),
        valid_to_time=timestamp_to_pb(certificate.valid_to),
        revoke_time=timestamp_to_pb(certificate.revoke_time),
    )


def facility_row_from_pb(row: service_pb.FacilityRow) -> tuple[FacilityRow, list[Fault]]:
    faults: list[Fault] = []
    facility = FacilityRow(
        code=row.code,
        gln=row.gln,
        display_name=" ".join(row.display_name.split()),
        kind=row.kind,
        level=row.level,
        points=row.points,
        node=row.node,
        former_line=row.former_line,
        state=row.state or pb.Facility.STATE_ACTIVE,
        address_line=row.address_line,
        commune_code=row.commune_code,
        province_code=row.province_code,
        open_date=date_or_fault("open_date", row.open_date, faults),
        close_date=date_or_fault("close_date", row.close_date, faults),
        max_waiting=row.mailbox_policy.max_waiting,
        keep_days=row.mailbox_policy.keep_days,
        initial_care=row.initial_care,
        provisionally_ranked=row.provisionally_ranked,
        unsigned_until=date_or_fault("unsigned_until", row.unsigned_until, faults),
        certificates=_certificates(row, faults),
        laboratory_recognitions=recognitions_from_pb(row.laboratory_recognitions, faults),
    )
    if row.former_line not in pb.Facility.FormerLine.values():
        faults.append(malformed("former_line"))
    if not 0 <= facility.keep_days <= 30 or facility.max_waiting < 0:
        faults.append(malformed("mailbox_policy"))
    return facility, faults


def _certificates(row: service_pb.FacilityRow, faults: list[Fault]) -> tuple[Certificate, ...]:
    certificates = {}
    for index, message in enumerate(row.certificates):
        certificate = _certificate_from_pb(message) if message.use in (1, 2) else None
        if certificate is None:
            faults.append(malformed(f"certificates[{index}]"))
        else:
            certificates[certificate.use, certificate.sha256] = certificate
    return tuple(certificates.values())


def _certificate_from_pb(message: pb.FacilityCertificate) -> Certificate | None:
    """Return the certificate, or None when it is none or was revoked at no time that exists."""
    try:
        revoked = message.revoke_time.ToDatetime(UTC) if message.HasField("revoke_time") else None
    except (ValueError, OverflowError):
        return None
    return read_certificate(message.use, message.der, revoked)
