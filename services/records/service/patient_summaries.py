"""The patient summary (International Patient Summary, FHIR R4): made when it is asked for, never stored."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chassis import audit, clock
from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.pagination import NEWEST, Cursor
from common.values import latest_time
from lientuyen.records.v1 import health_book_service_pb2 as pb
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert.fhir.document import MEDIA_TYPE, summary_document
from ..model.health_books import DispensedMedicine, Source
from ..model.immunizations import Immunization
from ..model.patient_summaries import (
    MAX_ENCOUNTERS,
    MAX_ENTRIES,
    MAX_ROWS,
    Demographics,
    PatientHistory,
    VaccineDose,
)
from ..model.read_scope import ReadScope
from ..peers import PersonLookup, Pharmacy
from ..store import health_books as store
from ..store import immunizations
from .dossiers import EARLIEST
from .peer_parts import part_of
from .prevention import LEAST
from .read_policy import ReadPolicy, access_denied


class PatientSummaries:
    def __init__(
        self,
        db: Database,
        encryptor: Encryptor,
        read_policy: ReadPolicy,
        persons: PersonLookup,
        pharmacy: Pharmacy,
    ) -> None:
        self._db = db
        self._encryptor = encryptor
        self._read_policy = read_policy
        self._persons = persons
        self._pharmacy = pharmacy

    async def summary_of(self, person: str, access: AccessContext) -> pb.GetPatientSummaryResponse:
        """Return the document of what the caller may see of *person*; PermissionDenied as for the book."""
        scope = await self._read_policy.scope(person, access)
        if scope.denial:
            raise access_denied(person, scope.denial)
        demographics, medicines, unreachable = await self._ask_peers(person, access, scope)
        now = clock.now()
        async with self._db.connection() as tx:  # the row first: nothing is read without one
            await audit.record(tx, subject=person, access=access, flagged=scope.flagged)
        history = PatientHistory(
            person=scope.persons[0],
            demographics=demographics,
            dispensed_medicines=[medicine for medicine in medicines if scope.shows(medicine.classes)],
            unreachable=unreachable,
            own_records_only=scope.confined_to == (scope.reader,),
            sender=next((code for code in scope.confined_to if code != scope.reader), ""),
            **await self._own_part(scope, latest_time(now)),
        )
        return pb.GetPatientSummaryResponse(
            document=summary_document(history, now), media_type=MEDIA_TYPE, unreachable=unreachable
        )

    async def _ask_peers(
        self, person: str, access: AccessContext, scope: ReadScope
    ) -> tuple[Demographics | None, list[DispensedMedicine], Sequence[str]]:
        """Return who the person is, what pharmacies handed out, and who was not heard.

        An identity that did not say who may read is not asked again.  Nor is pharmacy, when only some
        facilities' records may be read: it gives to us for whoever asks.
        """
        unreachable = list(scope.unreachable)
        if scope.confined_to:
            known = await self._demographics(scope, access, unreachable) if not unreachable else None
            return known, [], sorted({*unreachable, "pharmacy"})
        details, medicines = await asyncio.gather(
            self._demographics(scope, access, unreachable),
            part_of(
                "pharmacy",
                lambda: self._pharmacy.list_dispensed_medicines(person, access, scope.hidden),
                unreachable,
            ),
        )
        return details, medicines, sorted(set(unreachable))

    async def _demographics(
        self, scope: ReadScope, access: AccessContext, unreachable: list[str]
    ) -> Demographics | None:
        """Return who the person is; None when identity does not answer, which *unreachable* then names."""
        if "identity" in unreachable:
            return None

        async def ask() -> tuple[list[Demographics], Sequence[str]]:
            return [await self._persons.get_demographics(scope.persons[0], access)], ()

        return next(iter(await part_of("identity", ask, unreachable)), None)

    async def _own_part(self, scope: ReadScope, latest: datetime) -> dict[str, Any]:
        """Return what records itself holds of the history, as its fields."""
        async with self._db.snapshot() as tx:
            entries = await store.list_encounters(
                tx, scope, before=Cursor(latest, NEWEST.id), left_out=(), limit=MAX_ENCOUNTERS + 1
            )
            encounters = entries[:MAX_ENCOUNTERS]
            dossiers = [entry.source.dossier for entry in encounters]
            doses = await immunizations.list_of_person(
                tx, self._encryptor, scope, before=Cursor(latest, LEAST), limit=MAX_ENTRIES
            )
            return {
                "doses": list(map(_vaccine_dose, doses)),
                "encounters": encounters,
                "older_encounters": len(entries) > MAX_ENCOUNTERS,
                "results": await store.list_results(
                    tx,
                    scope,
                    service_code="",
                    indicator_code="",
                    since=EARLIEST,
                    before=Cursor(latest, NEWEST.id),
                    limit=MAX_ROWS,
                ),
                "medicines": await store.medicines_of(tx, scope.persons, dossiers, latest, MAX_ROWS),
                "procedures": await store.procedures_of(tx, scope.persons, dossiers, latest, MAX_ROWS),
            }


def _vaccine_dose(record: Immunization) -> VaccineDose:
    dose = record.dose
    source = Source(record.id, record.facility, dose.classes)
    return VaccineDose(record.id, source, dose.vaccine, dose.dose_number, dose.immunize_time, dose.lot)
