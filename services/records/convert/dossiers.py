"""Dossiers, check-ins and findings as messages."""

from collections.abc import Iterable

from chassis.errors import FieldViolation, Violation
from kcb.report import Finding
from lientuyen.records.v1 import dossier_pb2, finding_pb2
from lientuyen.records.v1 import dossier_service_pb2 as pb

from ..model.dossiers import CheckIn, Dossier, Note
from .names import coding, dossier_name, facility_name, person_name, timestamp

STATES = {
    "accepted": dossier_pb2.Dossier.STATE_ACCEPTED,
    "superseded": dossier_pb2.Dossier.STATE_SUPERSEDED,
    "withdrawn": dossier_pb2.Dossier.STATE_WITHDRAWN,
}


def finding_to_pb(finding: Finding) -> finding_pb2.Finding:
    """Return a finding as a message."""
    return finding_pb2.Finding(
        rule=finding.rule,
        severity=finding_pb2.Finding.SEVERITY_REFUSE
        if finding.refuses
        else finding_pb2.Finding.SEVERITY_WARN,
        path=finding.path,
        message_vi=finding.vi,
        message_en=finding.en,
    )


def note_to_pb(note: Note) -> finding_pb2.Finding:
    """Return a doubt that was kept as a message."""
    return finding_pb2.Finding(
        rule=note.rule,
        severity=finding_pb2.Finding.SEVERITY_WARN,
        path=note.path,
        message_vi=note.vi,
        message_en=note.en,
    )


def violations(findings: Iterable[Finding]) -> list[Violation]:
    """Return findings as the field violations of a status."""
    return [Violation(found.path, found.rule, found.en, found.vi) for found in findings]


def findings_of(broken: Iterable[FieldViolation]) -> list[finding_pb2.Finding]:
    """Return the field violations of a refusal as findings."""
    return [
        finding_pb2.Finding(
            rule=one.rule,
            severity=finding_pb2.Finding.SEVERITY_REFUSE,
            path=one.field,
            message_vi=one.vi,
            message_en=one.en,
        )
        for one in broken
    ]


def dossier_to_pb(dossier: Dossier) -> dossier_pb2.Dossier:
    """Return a dossier as a message."""
    return dossier_pb2.Dossier(
        name=dossier_name(dossier.id),
        facility=facility_name(dossier.facility),
        link_key=dossier.link_key,
        version=dossier.version,
        state=STATES[dossier.state],
        person=person_name(dossier.person),
        form_of_care=coding("MA_LOAI_KCB", dossier.form_of_care),
        arrival_time=timestamp(dossier.arrival_time),
        discharge_time=timestamp(dossier.discharge_time),
        receive_time=timestamp(dossier.receive_time),
        sha256=dossier.sha256.hex(),
        size_bytes=dossier.size_bytes,
        signature_verified=dossier.signature_verified,
        tables=[dossier_pb2.TableCount(table=code, rows=rows) for code, rows in dossier.tables],
        warnings=[note_to_pb(note) for note in dossier.warnings],
        supersedes=dossier_name(dossier.supersedes),
        superseded_by=dossier_name(dossier.superseded_by),
        etag=dossier.etag,
    )


def taken_to_pb(dossier: Dossier, *, unchanged: bool) -> pb.SubmitDossierResponse:
    """Return what is answered to a dossier that was taken."""
    made = dossier_to_pb(dossier)
    return pb.SubmitDossierResponse(
        dossier=made,
        receipt=dossier_pb2.DossierReceipt(
            dossier=made.name,
            receive_time=made.receive_time,
            sha256=made.sha256,
            version=made.version,
        ),
        warnings=made.warnings,
        unchanged=unchanged,
    )


def check_in_to_pb(row: CheckIn) -> dossier_pb2.CheckIn:
    """Return a check-in as a message."""
    return dossier_pb2.CheckIn(
        name=f"checkIns/{row.id}",
        facility=facility_name(row.facility),
        person=person_name(row.person),
        link_key=row.link_key,
        form_of_care=coding("MA_LOAI_KCB", row.form_of_care),
        care_category=coding("MA_DOITUONG_KCB", row.care_category),
        arrival_time=timestamp(row.arrival_time),
        receive_time=timestamp(row.receive_time),
    )
