"""DispensingService."""

import hashlib
import secrets
from datetime import timedelta
from uuid import uuid4

from chassis import audit, call_context, clock
from chassis.db import Database, Transaction
from chassis.db_clock import db_now
from chassis.errors import FailedPrecondition, NotFound, PermissionDenied
from chassis.idempotency import Idempotency, idempotent
from chassis.pagination import Page, Paginator
from common.names import id_of
from common.restricted import class_of
from common.values import timestamp_to_pb
from lientuyen.pharmacy.v1 import dispensing_pb2
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as pb
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1.dispensing_service_pb2_grpc import DispensingServiceServicer

from ..convert.dispensings import dispensing_to_pb, remainders_to_pb, requested_line_from_pb
from ..convert.prescriptions import prescription_to_pb, state_to_pb
from ..convert.values import warnings_to_pb
from ..model.claims import claim, release
from ..model.dispensings import Dispensing, dispense, reverse
from ..model.prescriptions import Prescription, state_of
from ..store import claims, dispensings, prescriptions
from .code_guard import CodeGuard
from .errors import refusals_as_errors
from .read_policy import ReadPolicy

# Bytes of chance in a claim token: nobody guesses it within the minutes it holds.
TOKEN_BYTES = 32


class DispensingService(DispensingServiceServicer):
    """Lets pharmacies hand over what was prescribed: each part once, whoever races."""

    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        read_policy: ReadPolicy,
        code_guard: CodeGuard,
        claim_duration: timedelta,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._read_policy = read_policy
        self._code_guard = code_guard
        self._claim_duration = claim_duration

    async def ClaimPrescription(
        self, request: pb.ClaimPrescriptionRequest, context: object
    ) -> pb.ClaimPrescriptionResponse:
        async with self._code_guard.counting(request.access):
            return await self._claim(request, context)

    @idempotent(pb.ClaimPrescriptionResponse)
    async def _claim(
        self, request: pb.ClaimPrescriptionRequest, tx: Transaction
    ) -> pb.ClaimPrescriptionResponse:
        self._code_guard.admit()
        prescription = await prescriptions.lock_by_code(tx, request.code)
        if prescription is None:
            raise NotFound(reasons.CODE_UNKNOWN, field="code")
        now, token = await db_now(tx), secrets.token_urlsafe(TOKEN_BYTES)
        with refusals_as_errors():
            prescription = claim(
                prescription, calling_pharmacy(), token_digest(token), now, self._claim_duration
            )
        await claims.insert_claim(tx, prescription, now)
        await prescriptions.update_head(tx, prescription)
        await audit.record(tx, subject=prescription.person, access=request.access)
        return pb.ClaimPrescriptionResponse(
            claim=dispensing_pb2.Claim(token=token, expire_time=timestamp_to_pb(now + self._claim_duration)),
            prescription=prescription_to_pb(prescription, now),
        )

    @idempotent(pb.DispenseResponse)
    async def Dispense(self, request: pb.DispenseRequest, tx: Transaction) -> pb.DispenseResponse:
        prescription = await lock_prescription(tx, request.prescription)
        pharmacy, now = calling_pharmacy(), await db_now(tx)
        with refusals_as_errors():
            lines = [requested_line_from_pb(line, index) for index, line in enumerate(request.lines)]
            outcome = dispense(prescription, pharmacy, token_digest(request.claim_token), lines, now)
        prescription = outcome.prescription
        dispensing = Dispensing(
            id=uuid4(),
            prescription=prescription.id,
            person=prescription.person,
            pharmacy=pharmacy,
            pharmacist=request.pharmacist,
            dispense_time=now,
            lines=outcome.lines,
            invoice_number=request.invoice_number,
            classes=prescription.classes,
        )
        await dispensings.insert_dispensing(tx, dispensing)
        await prescriptions.add_dispensed(tx, prescription.id, dispensing.quantities)
        await claims.end_claim(tx, prescription.id, now, "dispensed")
        await prescriptions.update_head(tx, prescription)
        return pb.DispenseResponse(
            dispensing=dispensing_to_pb(dispensing),
            prescription_state=state_to_pb(state_of(prescription, now)),
            remainders=remainders_to_pb(prescription),
            warnings=warnings_to_pb(outcome.warnings),
        )

    @idempotent(pb.ReleaseClaimResponse)
    async def ReleaseClaim(self, request: pb.ReleaseClaimRequest, tx: Transaction) -> pb.ReleaseClaimResponse:
        prescription = await lock_prescription(tx, request.prescription)
        now = await db_now(tx)
        with refusals_as_errors():
            prescription = release(prescription, calling_pharmacy(), token_digest(request.claim_token), now)
        await claims.end_claim(tx, prescription.id, now, "released")
        await prescriptions.update_head(tx, prescription)
        return pb.ReleaseClaimResponse(prescription_state=state_to_pb(state_of(prescription, now)))

    @idempotent(pb.ReverseDispensingResponse)
    async def ReverseDispensing(
        self, request: pb.ReverseDispensingRequest, tx: Transaction
    ) -> pb.ReverseDispensingResponse:
        prescription, dispensing = await lock_own_dispensing(tx, request.name)
        now = await db_now(tx)
        with refusals_as_errors():
            prescription, dispensing = reverse(prescription, dispensing, now)
        await dispensings.set_reversed(tx, dispensing, request.reason)
        await prescriptions.subtract_dispensed(tx, prescription.id, dispensing.quantities)
        await prescriptions.update_head(tx, prescription)
        await audit.record(tx, subject=prescription.person, access=None)
        return pb.ReverseDispensingResponse(
            dispensing=dispensing_to_pb(dispensing),
            prescription_state=state_to_pb(state_of(prescription, now)),
        )

    async def ListDispensings(
        self, request: pb.ListDispensingsRequest, context: object
    ) -> pb.ListDispensingsResponse:
        page = self._paginator.open(request)
        unreachable: tuple[str, ...] = ()
        if request.person:
            rows, unreachable = await self._list_of_person(request, page)
        else:
            rows = await self._list_of_prescription(request, page)
        rows, token = page.close(rows, key=lambda row: (row.dispense_time, row.id))
        to_service = call_context.caller().kind == "service"
        return pb.ListDispensingsResponse(
            dispensings=[dispensing_to_pb(dispensing, to_service=to_service) for dispensing in rows],
            next_page_token=token,
            unreachable=unreachable,
        )

    async def _list_of_person(
        self, request: pb.ListDispensingsRequest, page: Page
    ) -> tuple[list[Dispensing], tuple[str, ...]]:
        scope = await self._read_policy.admit_to_person(request.person, request.access)
        withheld = frozenset(map(class_of, request.withheld_classes))
        async with self._db.transaction() as tx:
            await audit.record(tx, subject=request.person, access=request.access, flagged=scope.flagged)
            rows = await dispensings.list_of_person(
                tx, scope.persons, scope.classes - withheld, before=page.before, limit=page.limit
            )
        return rows, scope.unreachable

    async def _list_of_prescription(self, request: pb.ListDispensingsRequest, page: Page) -> list[Dispensing]:
        async with self._db.connection() as tx:
            prescription = await prescriptions.get(tx, id_of(request.prescription))
            if prescription is None:
                raise PermissionDenied(reasons.PRESCRIPTION_DENIED, name=request.prescription)
            rows = await dispensings.all_of_prescription(tx, prescription.id)
        scope = await self._read_policy.admit_to_prescription(prescription, rows, request.access, clock.now())
        async with self._db.transaction() as tx:
            await audit.record(tx, subject=prescription.person, access=request.access, flagged=scope.flagged)
            return await dispensings.list_of_prescription(
                tx, prescription.id, before=page.before, limit=page.limit
            )


def calling_pharmacy() -> str:
    """Return the caller's full name; the access rules let only pharmacies come here."""
    return call_context.caller().facility or ""


def token_digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def lock_prescription(tx: Transaction, name: str) -> Prescription:
    """Return the prescription, locked; one that is not there is held by nobody."""
    prescription = await prescriptions.lock(tx, id_of(name))
    if prescription is None:
        raise FailedPrecondition(reasons.CLAIM_EXPIRED, name=name)
    return prescription


async def lock_own_dispensing(tx: Transaction, name: str) -> tuple[Prescription, Dispensing]:
    """Return the caller's own dispensing and its prescription, locked; then nobody else reverses it."""
    dispensing = await dispensings.get(tx, id_of(name))
    if dispensing is None or dispensing.pharmacy != calling_pharmacy():
        subject = dispensing.person if dispensing is not None else ""
        raise PermissionDenied(reasons.DISPENSING_DENIED, name=name, subject=subject)
    prescription = await prescriptions.lock(tx, dispensing.prescription)
    dispensing = await dispensings.get(tx, dispensing.id)
    if prescription is None or dispensing is None:
        raise PermissionDenied(reasons.DISPENSING_DENIED, name=name)
    return prescription, dispensing
