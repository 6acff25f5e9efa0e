"""Doses of vaccines (tiêm chủng): recording, correcting, listing."""

from datetime import datetime, time
from uuid import UUID, uuid4

import grpc

from chassis import audit, call_context, clock, telemetry
from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.errors import AlreadyExists, FailedPrecondition, InvalidArgument, PermissionDenied
from chassis.idempotency import Idempotency, answered_first
from chassis.pagination import Paginator
from common.faults import Fault, future_fault, refusals
from common.names import id_of, last_part, person_name
from common.values import VIETNAM, day_of, end_of, is_future
from kcb.ksk_report import KskFindings
from kcb.report import Place
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import immunization_service_pb2 as pb
from lientuyen.records.v1.immunization_service_pb2_grpc import ImmunizationServiceServicer
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert.findings import fault_to_pb, finding_to_fault
from ..convert.immunizations import dose_from_pb, immunization_to_pb, shown_person
from ..convert.names import immunization_name, person_id
from ..model.immunizations import Dose, Immunization, check_dose, no_date
from ..peers import IdentifiedPerson, PersonLookup
from ..store import immunizations as store
from .read_policy import ReadPolicy

Context = grpc.aio.ServicerContext[object, object]

# Why the access log of the person of a dose that was somebody else's names its correction.
MOVED = AccessContext(reason="Mũi tiêm được sửa sang người khác; mũi tiêm này không còn trong sổ sức khỏe.")


class ImmunizationService(ImmunizationServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        encryptor: Encryptor,
        persons: PersonLookup,
        read_policy: ReadPolicy,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._encryptor = encryptor
        self._persons = persons
        self._read_policy = read_policy

    @answered_first(pb.RecordImmunizationResponse)
    async def RecordImmunization(
        self, request: pb.RecordImmunizationRequest, context: Context
    ) -> pb.RecordImmunizationResponse:
        call_context.require_facility("immunization.facility", request.immunization.facility)
        dose = dose_from_pb(request.immunization)
        entries, doubts = await self._check(request, dose)

        async def record(tx: Transaction) -> pb.RecordImmunizationResponse:
            immunization, unchanged = await self._record(tx, request, dose, entries)
            return pb.RecordImmunizationResponse(
                immunization=immunization_to_pb(immunization),
                warnings=[fault_to_pb(doubt, refuses=False) for doubt in doubts],
                unchanged=unchanged,
            )

        response = await self._idempotency.run_once(request, pb.RecordImmunizationResponse, record)
        telemetry.count("lientuyen.immunization.taken", kind="correction" if request.replaces else "dose")
        return response

    async def _check(
        self, request: pb.RecordImmunizationRequest, dose: Dose
    ) -> tuple[tuple[UUID, ...], list[Fault]]:
        """Return the entries of the person, and what is doubtful; IMMUNIZATION_REFUSED with every fault."""
        person = person_id(request.immunization.person)
        faults = check_dose(dose, clock.now())
        entries = await self._persons.entries_of(person)
        if not entries:
            faults.append(_person_fault("person-unknown", "immunization.person"))
        elif request.HasField("shown"):
            faults += await self._compare(request.shown, dose, entries)
        if refusing := refusals(faults):
            raise InvalidArgument(reasons.IMMUNIZATION_REFUSED, violations=refusing)
        return entries, faults

    async def _compare(self, shown: pb.ShownPerson, dose: Dose, entries: tuple[UUID, ...]) -> list[Fault]:
        """Return in what the person is not who the paper shows."""
        stated = shown_person(shown)
        if is_future(stated.birth, clock.now()):
            return [future_fault("shown.birth_date")]
        if stated.birth and not stated.birth.exists:
            return [no_date("shown.birth_date")]
        holder = await self._persons.find_person(stated, dose.practitioner)
        path = f"shown.{stated.number.kind}"
        if not isinstance(holder, IdentifiedPerson):
            return [_person_fault(holder, path)]
        if holder.id not in entries:
            return [_person_fault("person-differs", path)]
        return [_person_fault("differs-from-person", f"shown.{name}") for name in holder.differing]

    async def _record(
        self, tx: Transaction, request: pb.RecordImmunizationRequest, dose: Dose, entries: tuple[UUID, ...]
    ) -> tuple[Immunization, bool]:
        """Keep a dose; return its record, and whether it was there already."""
        facility = last_part(request.immunization.facility)
        await store.lock_doses(tx, facility, min(entries))
        corrected = await self._corrected(tx, request, dose, entries) if request.replaces else None
        if corrected and corrected.dose == dose and corrected.person in entries:
            return corrected, True
        same = await self._same_dose(tx, facility, dose, entries, corrected)
        if same and same.dose == dose and not corrected:
            return same, True
        if same:
            raise AlreadyExists(reasons.IMMUNIZATION_EXISTS, name=immunization_name(same.id))
        record = Immunization(
            id=uuid4(),
            person=person_id(request.immunization.person),
            facility=facility,
            state="recorded",
            receive_time=clock.now(),
            dose=dose,
            supersedes=corrected.id if corrected else None,
        )
        await self._keep(tx, record, corrected, entries)
        return record, False

    async def _corrected(
        self, tx: Transaction, request: pb.RecordImmunizationRequest, dose: Dose, entries: tuple[UUID, ...]
    ) -> Immunization:
        """Return the record that is corrected; of one that has this very correction already, that."""
        name = request.replaces
        old = await store.get_locked(tx, self._encryptor, id_of(name))
        if old is None or old.facility != last_part(request.immunization.facility):
            subject = person_name(old.person) if old else request.immunization.person
            raise PermissionDenied(reasons.IMMUNIZATION_DENIED, name=name, subject=subject)
        if old.superseded_by is None:
            return old
        newer = await store.get_locked(tx, self._encryptor, old.superseded_by)
        if newer and newer.state == "recorded" and newer.dose == dose and newer.person in entries:
            return newer
        raise FailedPrecondition(
            reasons.IMMUNIZATION_STATE, name=name, superseded_by=immunization_name(old.superseded_by)
        )

    async def _same_dose(
        self,
        tx: Transaction,
        facility: str,
        dose: Dose,
        entries: tuple[UUID, ...],
        corrected: Immunization | None,
    ) -> Immunization | None:
        """Return another record of this dose that stands, or None."""
        day = day_of(dose.immunize_time)
        records = await store.list_of_facility(
            tx, self._encryptor, entries, facility, datetime.combine(day, time(), VIETNAM), end_of(day)
        )
        others = (record for record in records if not corrected or record.id != corrected.id)
        return next((record for record in others if record.dose.is_same_dose(dose)), None)

    async def _keep(
        self,
        tx: Transaction,
        record: Immunization,
        corrected: Immunization | None,
        entries: tuple[UUID, ...],
    ) -> None:
        await store.insert_immunization(tx, self._encryptor, record)
        await audit.record(tx, subject=person_name(record.person), access=None)
        if corrected is not None:
            await store.supersede(tx, corrected, by=record.id)
            if corrected.person != record.person:
                access = None if corrected.person in entries else MOVED
                await audit.record(tx, subject=person_name(corrected.person), access=access)

    async def ListImmunizations(
        self, request: pb.ListImmunizationsRequest, context: Context
    ) -> pb.ListImmunizationsResponse:
        page = self._paginator.open(request)
        scope = await self._read_policy.scope(request.person, request.access)
        async with self._db.transaction() as tx:
            await audit.record(tx, subject=request.person, access=request.access, flagged=scope.flagged)
            records = await store.list_of_person(
                tx, self._encryptor, scope, before=page.before, limit=page.limit
            )
        listed, next_page_token = page.close(
            [(record, immunization_to_pb(record)) for record in records],
            key=lambda each: (each[0].dose.immunize_time, each[0].id),
            bytes_of=lambda each: each[1].ByteSize(),
        )
        return pb.ListImmunizationsResponse(
            immunizations=[message for _, message in listed],
            next_page_token=next_page_token,
            own_records_only=bool(scope.confined_to),
            unreachable=scope.unreachable,
        )


def _person_fault(rule: str, path: str) -> Fault:
    findings = KskFindings()
    findings.add(rule, path, Place(0))
    (finding,) = findings.in_order()
    return finding_to_fault(finding)
