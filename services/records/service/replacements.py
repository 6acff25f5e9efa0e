"""
What a new version of a dossier puts in the place of the one that stands, and whether its sender means it.

A version about another person (người bệnh), or without the signature (chữ ký số) that the last one
had, is what a mistake looks like: it is taken only when the sender names the version that it replaces.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from chassis.db import Database
from chassis.errors import Conflict, FailedPrecondition
from common.faults import Fault
from common.identity import Identity
from common.names import person_name
from kcb import envelope
from kcb.report import Findings, Place, Report
from lientuyen.records.v1 import error_reasons as reasons

from ..convert.findings import finding_to_fault
from ..convert.names import dossier_name
from ..model.dossiers import Dossier
from ..store import dossiers as dossier_store
from .person_checks import number_field
from .submission_checks import CheckedFile


@dataclass(frozen=True, slots=True)
class Replacement:
    """What the sender says that a file replaces, 0 for nothing, and which entries are its person's."""

    version: int
    persons: frozenset[UUID]

    def changes_person(self, standing: Dossier) -> bool:
        return standing.person not in self.persons


class Replacements:
    def __init__(self, db: Database, identity: Identity) -> None:
        self._db = db
        self._identity = identity

    async def prepare(self, file: CheckedFile, version: int) -> Replacement:
        """Return how *file* comes after what stands; Unavailable when identity is needed and silent.

        Identity is asked, while no connection is held, only when another entry stands: it may have been
        merged with the file's own.
        """
        person = file.persons[0]
        async with self._db.connection() as tx:
            latest = await dossier_store.get_latest(tx, file.report.facility, link_key(file.report))
        persons = {person}
        if latest and latest.person != person:
            names = person_name(person), person_name(latest.person)
            if await self._identity.is_same_person(*names):
                persons.add(latest.person)
        return Replacement(version, frozenset(persons))


def check_replacement(
    file: CheckedFile, standing: Dossier | None, replacement: Replacement
) -> tuple[Fault, ...]:
    """Return what is doubtful in replacing *standing*, None for nothing, by *file*.

    Conflict(VERSION_STALE) when the sender names another version than the one that stands;
    FailedPrecondition(REPLACEMENT_UNCONFIRMED) when it is doubtful and the sender names none.
    """
    version = standing.version if standing else 0
    if replacement.version not in (0, version):
        raise Conflict(reasons.VERSION_STALE, version=str(version), replaces_version=str(replacement.version))
    doubts = _doubts(file, standing, replacement) if standing else ()
    if standing and doubts and not replacement.version:
        raise FailedPrecondition(
            reasons.REPLACEMENT_UNCONFIRMED,
            violations=[replace(doubt, refuses=True) for doubt in doubts],
            name=dossier_name(standing.id),
            version=str(version),
        )
    return doubts


def _doubts(file: CheckedFile, standing: Dossier, replacement: Replacement) -> tuple[Fault, ...]:
    findings = Findings()
    if replacement.changes_person(standing):
        field = number_field(file.report.rows("XML1")[0])
        findings.add("person-changed", f"XML1.{field}", Place(1), standing.version)
    if loses_signature(file, standing):
        findings.add("signature-dropped", f"{envelope.ROOT}.CHUKYDONVI", Place(2), standing.version)
    return tuple(map(finding_to_fault, findings.in_order()))


def loses_signature(file: CheckedFile, standing: Dossier) -> bool:
    """Whether *standing* has a signature, or a verified one, and *file* has not."""
    return (standing.was_signed and not file.report.signed) or (
        standing.signature_verified and not file.signature_verified
    )


def link_key(report: Report) -> str:
    """Return MA_LK, the facility's key of the encounter; an accepted dossier has it."""
    return report.rows("XML1")[0].get("MA_LK")
