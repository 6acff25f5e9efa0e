"""PrescriptionService."""

from datetime import datetime
from uuid import uuid4

from chassis import audit, call_context, clock
from chassis.call_context import require_facility
from chassis.db import Database, Transaction
from chassis.db_clock import db_now
from chassis.errors import AlreadyExists, NotFound, PermissionDenied
from chassis.idempotency import Idempotency, answered_first, idempotent
from chassis.pagination import Paginator
from common.faults import Fault, RuleViolated, refusals
from common.identity import Identity
from common.names import id_of
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1 import prescription_pb2
from lientuyen.pharmacy.v1 import prescription_service_pb2 as pb
from lientuyen.pharmacy.v1.prescription_service_pb2_grpc import PrescriptionServiceServicer

from ..convert.dispensings import dispensing_to_pb
from ..convert.prescriptions import prescription_from_pb, prescription_to_pb
from ..convert.values import warnings_to_pb
from ..model.dispensings import Dispensing
from ..model.prescribing_rules import check_prescription
from ..model.prescriptions import Prescription, cancel, supersede
from ..model.refusals import Refusal
from ..store import dispensings, prescriptions
from .code_guard import CodeGuard
from .errors import refusals_as_errors
from .read_policy import UNNAMED, ReadPolicy


class PrescriptionService(PrescriptionServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        identity: Identity,
        read_policy: ReadPolicy,
        code_guard: CodeGuard,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._identity = identity
        self._read_policy = read_policy
        self._code_guard = code_guard

    @idempotent(pb.IssuePrescriptionResponse)
    async def IssuePrescription(
        self, request: pb.IssuePrescriptionRequest, tx: Transaction
    ) -> pb.IssuePrescriptionResponse:
        require_issuer(request.prescription)
        now = clock.now()
        with refusals_as_errors():
            prescription, faults = checked_prescription(request.prescription, now)
        await insert_or_refuse(tx, prescription)
        return pb.IssuePrescriptionResponse(
            prescription=prescription_to_pb(prescription, now), warnings=warnings_to_pb(faults)
        )

    async def GetPrescription(
        self, request: pb.GetPrescriptionRequest, context: object
    ) -> pb.GetPrescriptionResponse:
        if not request.code:
            return await self._get(request)
        async with self._code_guard.counting(request.access):
            self._code_guard.admit()
            return await self._get(request)

    async def _get(self, request: pb.GetPrescriptionRequest) -> pb.GetPrescriptionResponse:
        prescription, rows = await self._load(request)
        now = clock.now()
        scope = await self._read_policy.admit_to_prescription(
            prescription, rows, request.access, now, by_code=bool(request.code)
        )
        async with self._db.transaction() as tx:
            await audit.record(tx, subject=prescription.person, access=request.access, flagged=scope.flagged)
        return pb.GetPrescriptionResponse(
            prescription=prescription_to_pb(prescription, now),
            dispensings=[dispensing_to_pb(dispensing) for dispensing in rows],
        )

    async def _load(self, request: pb.GetPrescriptionRequest) -> tuple[Prescription, list[Dispensing]]:
        async with self._db.snapshot() as tx:
            if request.code:
                prescription = await prescriptions.get_by_code(tx, request.code)
            else:
                prescription = await prescriptions.get(tx, id_of(request.name))
            if prescription is None:
                raise missing(request)
            return prescription, await dispensings.all_of_prescription(tx, prescription.id)

    @answered_first(pb.ReplacePrescriptionResponse)
    async def ReplacePrescription(
        self, request: pb.ReplacePrescriptionRequest, context: object
    ) -> pb.ReplacePrescriptionResponse:
        require_issuer(request.prescription)
        person = await self._person_before(request)

        async def replace(tx: Transaction) -> pb.ReplacePrescriptionResponse:
            old = await lock_own(tx, request.name)
            now = await db_now(tx)
            with refusals_as_errors():
                new, faults = checked_prescription(request.prescription, now)
                old, new = supersede(old, new, person, request.etag, now)
            await insert_or_refuse(tx, new)
            await prescriptions.update_head(tx, old, request.reason)
            await audit.record(tx, subject=old.person, access=None)
            return pb.ReplacePrescriptionResponse(
                prescription=prescription_to_pb(new, now), warnings=warnings_to_pb(faults)
            )

        return await self._idempotency.run_once(request, pb.ReplacePrescriptionResponse, replace)

    async def _person_before(self, request: pb.ReplacePrescriptionRequest) -> str:
        """Return by which name the old prescription calls the person of the new one; theirs, if it does not.

        Identity is asked only when the names differ: entries of one person may have been merged.
        """
        async with self._db.connection() as tx:
            old = await prescriptions.get(tx, id_of(request.name))
        person = request.prescription.person
        if old is None or old.facility != call_context.caller().facility:
            return person
        return old.person if await self._identity.is_same_person(person, old.person) else person

    @idempotent(pb.CancelPrescriptionResponse)
    async def CancelPrescription(
        self, request: pb.CancelPrescriptionRequest, tx: Transaction
    ) -> pb.CancelPrescriptionResponse:
        prescription = await lock_own(tx, request.name)
        now = await db_now(tx)
        with refusals_as_errors():
            prescription = cancel(prescription, request.etag, now)
        await prescriptions.update_head(tx, prescription, request.reason)
        await audit.record(tx, subject=prescription.person, access=None)
        return pb.CancelPrescriptionResponse(prescription=prescription_to_pb(prescription, now))

    async def ListPrescriptions(
        self, request: pb.ListPrescriptionsRequest, context: object
    ) -> pb.ListPrescriptionsResponse:
        page = self._paginator.open(request)
        scope = await self._read_policy.admit_to_person(request.person, request.access, request.facility)
        async with self._db.transaction() as tx:
            await audit.record(tx, subject=request.person, access=request.access, flagged=scope.flagged)
            rows = await prescriptions.list_of_person(
                tx,
                scope.persons,
                request.facility,
                scope.classes,
                before=page.before,
                limit=page.limit,
            )
        rows, token = page.close(rows, key=lambda row: (row.prescribe_time, row.id))
        now = clock.now()
        return pb.ListPrescriptionsResponse(
            prescriptions=[prescription_to_pb(prescription, now) for prescription in rows],
            next_page_token=token,
            unreachable=scope.unreachable,
        )


def require_issuer(message: prescription_pb2.Prescription) -> None:
    """Refuse unless the caller's facility begins the code and, if it is named, is the issuer."""
    prefix, own = message.code[:5], call_context.caller().code or ""
    require_facility("prescription.code", own if prefix.lower() == own.lower() else prefix)
    if message.facility:
        require_facility("prescription.facility", message.facility)


def checked_prescription(
    message: prescription_pb2.Prescription, now: datetime
) -> tuple[Prescription, list[Fault]]:
    facility = call_context.caller().facility or ""
    prescription = prescription_from_pb(message, id_=uuid4(), facility=facility, now=now)
    faults = check_prescription(prescription, now)
    if refusing := refusals(faults):
        raise RuleViolated(Refusal.PRESCRIPTION_INVALID, refusing)
    return prescription, faults


async def insert_or_refuse(tx: Transaction, prescription: Prescription) -> None:
    if not await prescriptions.insert_prescription(tx, prescription):
        raise AlreadyExists(reasons.CODE_TAKEN, field="prescription.code")


async def lock_own(tx: Transaction, name: str) -> Prescription:
    """Return the caller's own prescription, locked; another's and none are the same refusal."""
    prescription = await prescriptions.lock(tx, id_of(name))
    if prescription is None or prescription.facility != call_context.caller().facility:
        subject = prescription.person if prescription is not None else ""
        raise PermissionDenied(reasons.PRESCRIPTION_DENIED, name=name, subject=subject)
    return prescription


def missing(request: pb.GetPrescriptionRequest) -> NotFound | PermissionDenied:
    """Return the error for what is not there: who may not know that hears only that access is denied."""
    kind = call_context.caller().kind
    if kind == "facility" or (kind == "pharmacy" and request.name):
        return PermissionDenied(reasons.PRESCRIPTION_DENIED, name=request.name or UNNAMED)
    if request.name:
        return NotFound(reasons.PRESCRIPTION_NOT_FOUND, name=request.name)
    return NotFound(reasons.CODE_UNKNOWN, field="code")
