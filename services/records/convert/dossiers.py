"""Dossiers and check-ins as messages."""

import hashlib
from collections.abc import Sequence

from chassis.errors import ServiceError
from common.names import RECORDS, facility_name, person_name
from common.values import coding_to_pb, timestamp_to_pb
from lientuyen.records.v1 import dossier_pb2
from lientuyen.records.v1 import dossier_service_pb2 as pb

from ..model.dossiers import CheckIn, Dossier
from ..model.slips import Slip
from .findings import fault_to_pb
from .names import dossier_name
from .slips import slips_to_pb

STATES = {
    "accepted": dossier_pb2.Dossier.STATE_ACCEPTED,
    "superseded": dossier_pb2.Dossier.STATE_SUPERSEDED,
    "withdrawn": dossier_pb2.Dossier.STATE_WITHDRAWN,
}


# Hex digits at the end of an etag that change when the slips do.
SLIPS_ETAG_LENGTH = 8


def dossier_to_pb(dossier: Dossier, slips: Sequence[Slip]) -> dossier_pb2.Dossier:
    return dossier_pb2.Dossier(
        name=dossier_name(dossier.id),
        facility=facility_name(dossier.facility),
        link_key=dossier.link_key,
        version=dossier.version,
        state=STATES[dossier.state],
        person=person_name(dossier.person),
        form_of_care=coding_to_pb("MA_LOAI_KCB", dossier.form_of_care),
        arrival_time=timestamp_to_pb(dossier.arrival_time),
        discharge_time=timestamp_to_pb(dossier.discharge_time),
        receive_time=timestamp_to_pb(dossier.receive_time),
        sha256=dossier.sha256.hex(),
        size_bytes=dossier.size_bytes,
        signature_verified=dossier.signature_verified,
        tables=[dossier_pb2.TableCount(table=code, rows=rows) for code, rows in dossier.tables],
        warnings=[fault_to_pb(fault, refuses=False) for fault in dossier.warnings],
        supersedes=dossier_name(dossier.supersedes),
        superseded_by=dossier_name(dossier.superseded_by),
        etag=dossier.etag + slips_etag(slips),
        slips=slips_to_pb(slips),
    )


def slips_etag(slips: Sequence[Slip]) -> str:
    """Return what changes with every change of the slips."""
    written = repr([(slip.id, slip.state, slip.resource) for slip in slips])
    return hashlib.sha256(written.encode()).hexdigest()[:SLIPS_ETAG_LENGTH]


def submission_to_pb(dossier: Dossier, slips: Sequence[Slip], *, unchanged: bool) -> pb.SubmitDossierResponse:
    message = dossier_to_pb(dossier, slips)
    return pb.SubmitDossierResponse(
        dossier=message,
        receipt=dossier_pb2.DossierReceipt(
            dossier=message.name,
            receive_time=message.receive_time,
            sha256=message.sha256,
            version=message.version,
        ),
        warnings=message.warnings,
        unchanged=unchanged,
    )


def refusal_to_pb(error: ServiceError) -> pb.DossierRefusal:
    return pb.DossierRefusal(
        code=error.code.value[0],
        reason=error.reason.name,
        domain=error.reason.domain,
        message_vi=error.message_vi,
        message_en=str(error),
        findings=[fault_to_pb(violation, refuses=True) for violation in error.violations],
        metadata=error.public_metadata,
    )


def check_in_to_pb(check_in: CheckIn) -> dossier_pb2.CheckIn:
    return dossier_pb2.CheckIn(
        name=f"{RECORDS}checkIns/{check_in.id}",
        facility=facility_name(check_in.facility),
        person=person_name(check_in.person),
        link_key=check_in.link_key,
        form_of_care=coding_to_pb("MA_LOAI_KCB", check_in.form_of_care),
        care_category=coding_to_pb("MA_DOITUONG_KCB", check_in.care_category),
        arrival_time=timestamp_to_pb(check_in.arrival_time),
        receive_time=timestamp_to_pb(check_in.receive_time),
    )
