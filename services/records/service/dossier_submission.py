"""
Accepting a checked dossier: its version, its original, its history, its slips, in one transaction.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from chassis import audit, clock
from chassis.db import Transaction
from chassis.encryption import Encryptor
from common.faults import Fault
from common.names import person_name
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.clinical_history import ClinicalHistory, derive_history
from ..model.dossiers import Dossier
from ..model.slips import SLIP_TABLES, row_digest
from ..store import clinical_history as history_store
from ..store import dossiers as dossier_store
from .originals import keep_original
from .replacements import Replacement, check_replacement
from .slip_checks import CheckedSlip
from .slip_events import publish_uses
from .slip_submission import file_slips, plan_slips
from .submission_checks import CheckedFile

# Warnings kept with a dossier; more of them are of no use to anybody.
MAX_WARNINGS = 200


# Why the access log of the person of the version before names a submission that is about somebody else.
MOVED = AccessContext(
    reason="Hồ sơ được gửi lại cho người bệnh khác; lượt khám này không còn trong sổ sức khỏe."
)


async def accept_dossier(
    tx: Transaction,
    encryptor: Encryptor,
    file: CheckedFile,
    replacement: Replacement,
    slips: Sequence[CheckedSlip],
) -> tuple[Dossier, bool]:
    """Keep a dossier and everything made from it; return it, and whether nothing was changed.

    That is so when its bytes were there before: then the version that stands is returned.  Raises
    what `check_replacement` does, when it may not take the place of that version.
    """
    history, facility = derive_history(file.report), file.report.facility
    await dossier_store.lock_encounter(tx, facility, history.link_key)
    previous = await dossier_store.get_latest(tx, facility, history.link_key)
    standing = previous if previous and previous.state == "accepted" else None
    if standing and await dossier_store.has_version(tx, facility, history.link_key, file.sha256):
        return standing, True
    doubts = check_replacement(file, standing, replacement)
    dossier = new_version(file, history, previous, (*doubts, *file.warnings))
    changes_person = previous is not None and replacement.changes_person(previous)
    plan = await plan_slips(tx, dossier, previous, slips, changes_person=changes_person)
    dossier = with_warnings(dossier, plan.warnings)
    if standing:
        await _supersede(tx, standing, dossier, replacement)
    await dossier_store.insert_dossier(tx, dossier)
    await keep_original(tx, encryptor, dossier.person, dossier.id, file.compressed)
    source = history_store.HistorySource(dossier.person, dossier.id, facility, dossier.classes)
    await history_store.insert_history(tx, source, history)
    await file_slips(tx, encryptor, dossier, plan)
    await publish_uses(tx, encryptor, dossier, file.report.first_row("XML1"))
    await audit.record(tx, subject=person_name(dossier.person), access=None)
    return dossier, False


async def _supersede(tx: Transaction, standing: Dossier, dossier: Dossier, replacement: Replacement) -> None:
    """Take what stands out of the health book; the log of who loses the encounter to another says so."""
    await dossier_store.supersede(tx, standing.id, by=dossier.id)
    await history_store.delete_history(tx, standing.person, standing.id)
    if standing.person != dossier.person:
        access = MOVED if replacement.changes_person(standing) else None
        await audit.record(tx, subject=person_name(standing.person), access=access)


def new_version(
    file: CheckedFile, history: ClinicalHistory, previous: Dossier | None, warnings: Sequence[Fault]
) -> Dossier:
    report, encounter = file.report, history.encounter
    return Dossier(
        id=uuid4(),
        facility=report.facility,
        link_key=history.link_key,
        version=previous.version + 1 if previous else 1,
        state="accepted",
        person=file.persons[0],
        classes=history.classes,
        form_of_care=encounter.form_of_care,
        arrival_time=encounter.arrival_time,
        discharge_time=encounter.discharge_time,
        receive_time=clock.now(),
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        signature_verified=file.signature_verified,
        tables=tuple((code, len(sheet.rows)) for code, sheet in report.sheets.items()),
        warnings=tuple(warnings[:MAX_WARNINGS]),
        slips={
            code: row_digest(row, code, file.slip_signers.get(code, ()))
            for code in SLIP_TABLES
            for row in report.rows(code)
        },
        supersedes=previous.id if previous else None,
        superseded_by=None,
        signed=report.signed,
    )


def with_warnings(dossier: Dossier, warnings: Sequence[Fault]) -> Dossier:
    """Return *dossier* with more *warnings*, which are kept however many it has of its own."""
    own = dossier.warnings[: MAX_WARNINGS - len(warnings)]
    return replace(dossier, warnings=(*own, *warnings))
