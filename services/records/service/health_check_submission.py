"""
Accepting a checked health check: its version, its original, what it says, in one transaction.

A version about another person, or without a signature that the last one had, is what a mistake looks like:
it is taken only when the sender names the version that it replaces, as for dossiers (docs/adr/0034).
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import uuid4

from chassis import audit, clock
from chassis.db import Transaction
from chassis.encryption import Encryptor
from chassis.errors import Conflict, FailedPrecondition
from common.faults import Fault
from common.names import person_name
from kcb.ksk_envelope import ROOT, SIGNATURE
from kcb.ksk_report import KskFindings
from kcb.report import Place
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert.findings import finding_to_fault
from ..convert.names import health_check_name
from ..model.health_checks import HealthCheck, check_instant, derive_content
from ..store import health_checks as store
from .dossier_submission import MAX_WARNINGS
from .health_check_checks import CheckedHealthCheck
from .originals import keep_original
from .replacements import Replacement

# Why the access log of the person of the version before names a submission that is about somebody else.
MOVED = AccessContext(
    reason="Phiếu khám sức khỏe được gửi lại cho người khác; lần khám này không còn trong sổ sức khỏe."
)

# How much is known of a signature, from the least.
SIGNATURES = ("absent", "unverified", "verified")


async def accept_check(
    tx: Transaction, encryptor: Encryptor, file: CheckedHealthCheck, replacement: Replacement
) -> tuple[HealthCheck, bool]:
    """Keep a check; return it, and whether nothing was changed, for its bytes were there before.

    Conflict(VERSION_STALE) when the sender names another version than the one that stands;
    FailedPrecondition(REPLACEMENT_UNCONFIRMED) when what it replaces is doubtful and the sender names none.
    """
    facility, link_key = file.report.facility, file.report.get("MA_LK")
    await store.lock_check(tx, facility, link_key)
    standing = await store.get_latest(tx, encryptor, facility, link_key)
    if standing and await store.has_version(tx, facility, link_key, file.sha256):
        return standing, True
    doubts = check_replacement(file, standing, replacement)
    check = new_version(file, standing, (*doubts, *file.warnings))
    if standing:
        await store.supersede(tx, standing, by=check.id)
    await store.insert_check(tx, encryptor, check)
    await keep_original(tx, encryptor, check.person, check.id, file.compressed)
    await audit.record(tx, subject=person_name(check.person), access=None)
    if standing and standing.person != check.person:
        access = MOVED if replacement_changes_person(standing, replacement) else None
        await audit.record(tx, subject=person_name(standing.person), access=access)
    return check, False


def new_version(
    file: CheckedHealthCheck, standing: HealthCheck | None, warnings: Iterable[Fault]
) -> HealthCheck:
    report = file.report
    return HealthCheck(
        id=uuid4(),
        person=file.person,
        facility=report.facility,
        link_key=report.get("MA_LK"),
        version=standing.version + 1 if standing else 1,
        state="accepted",
        form=report.form,
        check_time=check_instant(report),
        receive_time=clock.now(),
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        doctor_signature=file.doctor_signature,
        facility_signature=file.facility_signature,
        content=derive_content(report),
        warnings=tuple(warnings)[:MAX_WARNINGS],
        supersedes=standing.id if standing else None,
    )


def check_replacement(
    file: CheckedHealthCheck, standing: HealthCheck | None, replacement: Replacement
) -> tuple[Fault, ...]:
    version = standing.version if standing else 0
    if replacement.version not in (0, version):
        raise Conflict(reasons.VERSION_STALE, version=str(version), replaces_version=str(replacement.version))
    doubts = _doubts(file, standing, replacement) if standing else ()
    if standing and doubts and not replacement.version:
        raise FailedPrecondition(
            reasons.REPLACEMENT_UNCONFIRMED,
            violations=[replace(doubt, refuses=True) for doubt in doubts],
            name=health_check_name(standing.id),
            version=str(version),
        )
    return doubts


def _doubts(file: CheckedHealthCheck, standing: HealthCheck, replacement: Replacement) -> tuple[Fault, ...]:
    findings = KskFindings()
    if replacement_changes_person(standing, replacement):
        findings.add("person-changed", file.report.path("SO_CCCD"), Place(1), standing.version)
    pairs = (
        (standing.doctor_signature, file.doctor_signature, file.report.path("CKS_NGUOI_KET_LUAN")),
        (standing.facility_signature, file.facility_signature, f"{ROOT}.{SIGNATURE}"),
    )
    for before, after, path in pairs:
        if SIGNATURES.index(after) < SIGNATURES.index(before):
            findings.add("signature-dropped", path, Place(2), standing.version)
    return tuple(map(finding_to_fault, findings.in_order()))


def replacement_changes_person(standing: HealthCheck, replacement: Replacement) -> bool:
    return standing.person not in replacement.persons
