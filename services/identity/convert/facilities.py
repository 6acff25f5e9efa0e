"""Facilities and their certificates."""

from datetime import UTC

from lientuyen.identity.v1 import facility_pb2 as pb
from lientuyen.identity.v1 import facility_service_pb2 as service_pb

from ..model.facilities import Certificate, Facility, FacilityRow, read_certificate
from ..model.faults import Fault, malformed
from .names import facility_name
from .values import date_to_pb, number, time_to_pb, whole_or_fault


def facility_to_pb(one: Facility, certificates: list[Certificate]) -> pb.Facility:
    """Return the message."""
    return pb.Facility(
        name=facility_name(one.code),
        code=one.code,
        gln=one.gln,
        display_name=one.display_name,
        kind=number(pb.Facility.Kind, one.kind),
        level=number(pb.Facility.Level, one.level),
        points=one.points,
        node=one.node,
        former_line=number(pb.Facility.FormerLine, one.former_line),
        state=number(pb.Facility.State, one.state),
        address_line=one.address_line,
        commune_code=one.commune_code,
        province_code=one.province_code,
        open_date=date_to_pb(one.open_date),
        close_date=date_to_pb(one.close_date),
        certificates=[_certificate_to_pb(each) for each in certificates],
        mailbox_policy=pb.MailboxPolicy(max_waiting=one.max_waiting, keep_days=one.keep_days),
        update_time=time_to_pb(one.update_time),
        etag=str(one.version),
    )


def _certificate_to_pb(one: Certificate) -> pb.FacilityCertificate:
    return pb.FacilityCertificate(
        use=number(pb.FacilityCertificate.Use, one.use),
        sha256=one.sha256,
        der=one.der,
        valid_from_time=time_to_pb(one.valid_from),
        valid_to_time=time_to_pb(one.valid_to),
        revoke_time=time_to_pb(one.revoke_time),
    )


def facility_row(row: service_pb.FacilityRow) -> tuple[FacilityRow, list[Fault]]:
    """Return the row of a list, and the faults of its dates, certificates and policy."""
    faults: list[Fault] = []
    read = FacilityRow(
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
        open_date=whole_or_fault("open_date", row.open_date, faults),
        close_date=whole_or_fault("close_date", row.close_date, faults),
        max_waiting=row.mailbox_policy.max_waiting,
        keep_days=row.mailbox_policy.keep_days,
        certificates=_certificates(row, faults),
    )
    if row.former_line not in pb.Facility.FormerLine.values():
        faults.append(malformed("former_line"))
    if not 0 <= read.keep_days <= 30 or read.max_waiting < 0:
        faults.append(malformed("mailbox_policy"))
    return read, faults


def _certificates(row: service_pb.FacilityRow, faults: list[Fault]) -> tuple[Certificate, ...]:
    found = {}
    for place, given in enumerate(row.certificates):
        read = _certificate(given) if given.use in (1, 2) else None
        if read is None:
            faults.append(malformed(f"certificates[{place}]"))
        else:
            found[read.use, read.sha256] = read
    return tuple(found.values())


def _certificate(given: pb.FacilityCertificate) -> Certificate | None:
    """Return the certificate, or None when it is none or was revoked at no time that exists."""
    try:
        revoked = given.revoke_time.ToDatetime(UTC) if given.HasField("revoke_time") else None
    except (ValueError, OverflowError):
        return None
    return read_certificate(given.use, given.der, revoked)
