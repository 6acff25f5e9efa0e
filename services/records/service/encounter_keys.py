"""
One MA_LK, two people: the key of an encounter that was used for somebody else before.

Check-ins have no versions, so nothing is replaced: a row whose MA_LK has a check-in or a dossier of another
person is taken, and so is a dossier whose MA_LK has a check-in of another; each with a warning at the key.
"""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from chassis.db import Database
from common.identity import Identity
from common.names import person_name
from kcb.report import Findings, Place
from kcb.validate import DOSSIER

from ..convert.findings import finding_to_fault
from ..store import check_ins as check_in_store
from ..store import dossiers as dossier_store
from .submission_checks import CheckedFile

# Persons of one file whose merged entries identity is asked for; a row more may be warned about needlessly.
MAX_RESOLVED = 20


class EncounterKeys:
    def __init__(self, db: Database, identity: Identity) -> None:
        self._db = db
        self._identity = identity

    async def check(self, file: CheckedFile) -> CheckedFile:
        """Return *file*, with a warning for each row whose MA_LK is of another person."""
        table = "XML1" if file.report.kind == DOSSIER else "XML0"
        rows = file.report.rows(table)
        known = await self._persons_of(file, {row.get("MA_LK") for row in rows})
        entries: dict[UUID, Collection[UUID]] = {}
        findings = Findings()
        for row, person in zip(rows, file.persons, strict=True):
            others = known.setdefault(row.get("MA_LK"), set())
            if not others <= {person} and not others <= set(await self._entries_of(person, entries)):
                path = "XML1.MA_LK" if table == "XML1" else f"{table}[{row.number}].MA_LK"
                findings.add("ma-lk-of-another", path, Place(1, 0, row.number))
            others.add(person)
        return replace(file, warnings=(*map(finding_to_fault, findings.in_order()), *file.warnings))

    async def _persons_of(self, file: CheckedFile, link_keys: Collection[str]) -> dict[str, set[UUID]]:
        """Return the persons of the check-ins with these keys; for a check-in, of the dossiers too."""
        facility, persons = file.report.facility, dict[str, set[UUID]]()
        async with self._db.connection() as tx:
            pairs = await check_in_store.list_persons(tx, facility, link_keys)
            if file.report.kind != DOSSIER:
                pairs += await dossier_store.list_persons(tx, facility, link_keys)
        for link_key, person in pairs:
            persons.setdefault(link_key, set()).add(person)
        return persons

    async def _entries_of(self, person: UUID, entries: dict[UUID, Collection[UUID]]) -> Collection[UUID]:
        """Return the entries merged with *person*; itself alone while identity is silent."""
        if person not in entries:
            is_asked = len(entries) < MAX_RESOLVED
            names = (await self._identity.names_of(person_name(person))).ids if is_asked else ()
            entries[person] = (person, *names)
        return entries[person]
