"""PrescriptionService."""

from datetime import datetime
from uuid import UUID, uuid4

from chassis import audit, call_context, clock
from chassis.call_context import require_facility
from chassis.db import Database, Transaction
from chassis.errors import AlreadyExists, NotFound, PermissionDenied
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator, from_micros, to_micros
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1 import prescription_pb2
from lientuyen.pharmacy.v1 import prescription_service_pb2 as pb
from lientuyen.pharmacy.v1.prescription_service_pb2_grpc import PrescriptionServiceServicer

from ..convert.dispensings import dispensing_to_pb
from ..convert.prescriptions import prescription, prescription_to_pb
from ..convert.values import id_of, short, warnings_to_pb
from ..model import prescribing_rules
from ..model import prescriptions as model
from ..model.dispensings import Dispensing
from ..model.findings import Finding, Refused
from ..model.prescriptions import Prescription
from ..store import dispensings, prescriptions
from .errors import translated
from .read_policy import UNNAMED, Readers


class PrescriptionService(PrescriptionServiceServicer):
    """Keeps prescriptions, from the facility that issues them."""

    def __init__(
        self, db: Database, idempotency: Idempotency, paginator: Paginator, readers: Readers
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._readers = readers

    async def IssuePrescription(
        self, request: pb.IssuePrescriptionRequest, context: object
    ) -> pb.IssuePrescriptionResponse:
        require_issuer(request.prescription)
        return await self._idempotency.run_once(
            request, pb.IssuePrescriptionResponse, lambda tx: self._issue(tx, request)
        )

    async def _issue(
        self, tx: Transaction, request: pb.IssuePrescriptionRequest
    ) -> pb.IssuePrescriptionResponse:
        now = clock.now()
        with translated():
            it, findings = checked(request.prescription, now)
        await add(tx, it)
        return pb.IssuePrescriptionResponse(
            prescription=prescription_to_pb(it, now), warnings=warnings_to_pb(findings)
        )

    async def GetPrescription(
        self, request: pb.GetPrescriptionRequest, context: object
    ) -> pb.GetPrescriptionResponse:
        it, handed = await self._look(request)
        now = clock.now()
        by_code = bool(request.code)
        admission = await self._readers.admit_to_one(it, handed, request.access, now, by_code=by_code)
        async with self._db.transaction() as tx:
            await audit.record(tx, subject=it.person, access=request.access, flagged=admission.flagged)
        return pb.GetPrescriptionResponse(
            prescription=prescription_to_pb(it, now), dispensings=[dispensing_to_pb(one) for one in handed]
        )

    async def _look(self, request: pb.GetPrescriptionRequest) -> tuple[Prescription, list[Dispensing]]:
        """Return the prescription and its dispensings as of one instant, shown to nobody yet."""
        async with self._db.snapshot() as tx:
            if request.code:
                it = await prescriptions.get_by_code(tx, request.code)
            else:
                it = await prescriptions.get(tx, id_of(request.name))
            if it is None:
                raise missing(request)
            return it, await dispensings.of_prescription(tx, it.id)

    async def ReplacePrescription(
        self, request: pb.ReplacePrescriptionRequest, context: object
    ) -> pb.ReplacePrescriptionResponse:
        require_issuer(request.prescription)
        person = await self._person_before(request)
        return await self._idempotency.run_once(
            request, pb.ReplacePrescriptionResponse, lambda tx: self._replace(tx, request, person)
        )

    async def _person_before(self, request: pb.ReplacePrescriptionRequest) -> str:
        """Return by which name the old prescription calls the person of the new one; theirs, if it does not.

        Identity is asked only when the names differ: entries of one person may have been merged.
        """
        async with self._db.connection() as tx:
            old = await prescriptions.get(tx, id_of(request.name))
        named = request.prescription.person
        if old is None or old.facility != call_context.caller().facility:
            return named
        return old.person if await self._readers.same_person(named, old.person) else named

    async def _replace(
        self, tx: Transaction, request: pb.ReplacePrescriptionRequest, person: str
    ) -> pb.ReplacePrescriptionResponse:
        now = clock.now()
        old = await lock_own(tx, request.name)
        with translated():
            new, findings = checked(request.prescription, now)
            old, new = model.supersede(old, new, person, request.etag, now)
        await add(tx, new)
        await prescriptions.save_head(tx, old, request.reason)
        return pb.ReplacePrescriptionResponse(
            prescription=prescription_to_pb(new, now), warnings=warnings_to_pb(findings)
        )

    async def CancelPrescription(
        self, request: pb.CancelPrescriptionRequest, context: object
    ) -> pb.CancelPrescriptionResponse:
        return await self._idempotency.run_once(
            request, pb.CancelPrescriptionResponse, lambda tx: self._cancel(tx, request)
        )

    async def _cancel(
        self, tx: Transaction, request: pb.CancelPrescriptionRequest
    ) -> pb.CancelPrescriptionResponse:
        now = clock.now()
        it = await lock_own(tx, request.name)
        with translated():
            it = model.cancel(it, request.etag, now)
        await prescriptions.save_head(tx, it, request.reason)
        return pb.CancelPrescriptionResponse(prescription=prescription_to_pb(it, now))

    async def ListPrescriptions(
        self, request: pb.ListPrescriptionsRequest, context: object
    ) -> pb.ListPrescriptionsResponse:
        after = self._paginator.position(request.page_token, request)
        size = self._paginator.size(request.page_size)
        names = await self._readers.names_of(request.person)
        async with self._db.connection() as tx:
            classes = await prescriptions.classes_of_person(tx, names.persons)
        admission = await self._readers.admit_to_person(
            request.person, request.access, classes, request.facility
        )
        async with self._db.transaction() as tx:
            await audit.record(tx, subject=request.person, access=request.access, flagged=admission.flagged)
            found = await prescriptions.list_of_person(
                tx,
                admission.within(names),
                request.facility,
                admission.classes,
                position(after),
                size + 1,
            )
        page, token = self._paginator.cut(
            found, size, lambda one: [to_micros(one.prescribe_time), str(one.id)], request
        )
        now = clock.now()
        return pb.ListPrescriptionsResponse(
            prescriptions=[prescription_to_pb(one, now) for one in page],
            next_page_token=token,
            unreachable=names.unreachable,
        )


def require_issuer(message: prescription_pb2.Prescription) -> None:
    """Refuse unless the caller's facility begins the code and, if it is named, is the issuer."""
    prefix, own = message.code[:5], call_context.caller().id
    require_facility("prescription.code", own if prefix.lower() == own.lower() else prefix)
    if message.facility:
        require_facility("prescription.facility", message.facility)


def checked(message: prescription_pb2.Prescription, now: datetime) -> tuple[Prescription, list[Finding]]:
    """Return the caller's new prescription and what should be looked at; refuse all faults at once."""
    it = prescription(message, id_=uuid4(), facility=call_context.caller().facility or "", now=now)
    findings = prescribing_rules.check(it, now)
    faults = [one for one in findings if one.refuses]
    if faults:
        raise Refused("PRESCRIPTION_INVALID", faults)
    return it, findings


async def add(tx: Transaction, it: Prescription) -> None:
    if not await prescriptions.add(tx, it):
        raise AlreadyExists(reasons.CODE_TAKEN, field="prescription.code")


async def lock_own(tx: Transaction, name: str) -> Prescription:
    """Return the caller's own prescription, locked; another's and none are the same refusal."""
    it = await prescriptions.lock(tx, id_of(name))
    if it is None or it.facility != call_context.caller().facility:
        subject = it.person if it is not None else ""
        raise PermissionDenied(reasons.PRESCRIPTION_DENIED, name=name, subject=subject)
    return it


def missing(request: pb.GetPrescriptionRequest) -> NotFound | PermissionDenied:
    """Return the error for what is not there: who may not know that hears only that access is denied."""
    asking = call_context.caller().kind
    if asking == "facility" or (asking == "pharmacy" and request.name):
        return PermissionDenied(reasons.PRESCRIPTION_DENIED, name=short(request.name) or UNNAMED)
    if request.name:
        return NotFound(reasons.PRESCRIPTION_NOT_FOUND, name=request.name)
    return NotFound(reasons.CODE_UNKNOWN, field="code")


def position(after: list[str | int] | None) -> tuple[datetime, UUID] | None:
    """Return the time and id in a page token."""
    return (from_micros(after[0]), UUID(str(after[1]))) if after is not None else None
