"""DispensingService."""

import hashlib
import secrets
from datetime import timedelta
from uuid import uuid4

from chassis import audit, call_context, clock
from chassis.db import Database, Transaction
from chassis.errors import FailedPrecondition, NotFound, PermissionDenied
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator, to_micros
from lientuyen.pharmacy.v1 import dispensing_pb2
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as pb
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1.dispensing_service_pb2_grpc import DispensingServiceServicer

from ..convert.dispensings import dispensing_to_pb, remainders_to_pb, wanted
from ..convert.prescriptions import prescription_to_pb, state_to_pb
from ..convert.values import id_of, short, timestamp, warnings_to_pb
from ..model import dispensings as rules
from ..model import prescriptions as model
from ..model.dispensings import Dispensing
from ..model.prescriptions import Prescription
from ..store import dispensings, prescriptions
from .errors import translated
from .prescriptions import position
from .read_policy import Admission, Names, Readers

# Bytes of chance in a claim token: nobody guesses it within the minutes it holds.
TOKEN_BYTES = 32


class DispensingService(DispensingServiceServicer):
    """Lets pharmacies hand over what was prescribed: each part once, whoever races."""

    def __init__(
        self, db: Database, idempotency: Idempotency, paginator: Paginator, readers: Readers, hold: timedelta
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._readers = readers
        self._hold = hold

    async def ClaimPrescription(
        self, request: pb.ClaimPrescriptionRequest, context: object
    ) -> pb.ClaimPrescriptionResponse:
        return await self._idempotency.run_once(
            request, pb.ClaimPrescriptionResponse, lambda tx: self._claim(tx, request)
        )

    async def _claim(
        self, tx: Transaction, request: pb.ClaimPrescriptionRequest
    ) -> pb.ClaimPrescriptionResponse:
        it = await prescriptions.lock_by_code(tx, request.code)
        if it is None:
            raise NotFound(reasons.CODE_UNKNOWN, field="code")
        now, token = clock.now(), secrets.token_urlsafe(TOKEN_BYTES)
        with translated():
            it = model.claim(it, pharmacy(), digest(token), now, self._hold)
        await prescriptions.add_claim(tx, it, now)
        await prescriptions.save_head(tx, it)
        await audit.record(tx, subject=it.person, access=request.access)
        claim = dispensing_pb2.Claim(token=token, expire_time=timestamp(now + self._hold))
        return pb.ClaimPrescriptionResponse(claim=claim, prescription=prescription_to_pb(it, now))

    async def Dispense(self, request: pb.DispenseRequest, context: object) -> pb.DispenseResponse:
        return await self._idempotency.run_once(
            request, pb.DispenseResponse, lambda tx: self._dispense(tx, request)
        )

    async def _dispense(self, tx: Transaction, request: pb.DispenseRequest) -> pb.DispenseResponse:
        it = await lock_held(tx, request.prescription)
        now = clock.now()
        with translated():
            asked = [wanted(line, index) for index, line in enumerate(request.lines)]
            outcome = rules.dispense(it, pharmacy(), digest(request.claim_token), asked, now)
        made = Dispensing(
            id=uuid4(),
            prescription=it.id,
            person=it.person,
            pharmacy=pharmacy(),
            pharmacist=request.pharmacist,
            dispense_time=now,
            lines=outcome.handed,
            invoice_number=request.invoice_number,
        )
        after = outcome.prescription
        await dispensings.add(tx, made, after)
        await prescriptions.count(tx, it.id, made.quantities, 1)
        await prescriptions.end_claim(tx, it.id, now, "dispensed")
        await prescriptions.save_head(tx, after)
        return pb.DispenseResponse(
            dispensing=dispensing_to_pb(made),
            prescription_state=state_to_pb(model.state_of(after, now)),
            remainders=remainders_to_pb(after),
            warnings=warnings_to_pb(outcome.warnings),
        )

    async def ReleaseClaim(self, request: pb.ReleaseClaimRequest, context: object) -> pb.ReleaseClaimResponse:
        return await self._idempotency.run_once(
            request, pb.ReleaseClaimResponse, lambda tx: self._release(tx, request)
        )

    async def _release(self, tx: Transaction, request: pb.ReleaseClaimRequest) -> pb.ReleaseClaimResponse:
        it = await lock_held(tx, request.prescription)
        now = clock.now()
        with translated():
            it = model.release(it, pharmacy(), digest(request.claim_token), now)
        await prescriptions.end_claim(tx, it.id, now, "released")
        await prescriptions.save_head(tx, it)
        return pb.ReleaseClaimResponse(prescription_state=state_to_pb(model.state_of(it, now)))

    async def ReverseDispensing(
        self, request: pb.ReverseDispensingRequest, context: object
    ) -> pb.ReverseDispensingResponse:
        return await self._idempotency.run_once(
            request, pb.ReverseDispensingResponse, lambda tx: self._reverse(tx, request)
        )

    async def _reverse(
        self, tx: Transaction, request: pb.ReverseDispensingRequest
    ) -> pb.ReverseDispensingResponse:
        it, made = await lock_own(tx, request.name)
        now = clock.now()
        with translated():
            it, made = rules.reverse(it, made, now)
        await dispensings.save_reversal(tx, made, request.reason)
        await prescriptions.count(tx, it.id, made.quantities, -1)
        await prescriptions.save_head(tx, it)
        return pb.ReverseDispensingResponse(
            dispensing=dispensing_to_pb(made), prescription_state=state_to_pb(model.state_of(it, now))
        )

    async def ListDispensings(
        self, request: pb.ListDispensingsRequest, context: object
    ) -> pb.ListDispensingsResponse:
        after = position(self._paginator.position(request.page_token, request))
        size = self._paginator.size(request.page_size)
        names = Names(())
        if request.person:
            names = await self._readers.names_of(request.person)
            subject, admission = request.person, await self._admit_to_person(request, names)
        else:
            subject, admission = await self._admit_to_one(request)
        async with self._db.transaction() as tx:
            await audit.record(tx, subject=subject, access=request.access, flagged=admission.flagged)
            if request.person:
                found = await dispensings.list_of_person(
                    tx, admission.within(names), admission.classes, after, size + 1
                )
            else:
                one = id_of(request.prescription)
                found = await dispensings.list_of_prescription(tx, one, after, size + 1)
        page, token = self._paginator.cut(
            found, size, lambda one: [to_micros(one.dispense_time), str(one.id)], request
        )
        return pb.ListDispensingsResponse(
            dispensings=[
                dispensing_to_pb(one, inside=call_context.caller().kind == "service") for one in page
            ],
            next_page_token=token,
            unreachable=names.unreachable,
        )

    async def _admit_to_person(self, request: pb.ListDispensingsRequest, names: Names) -> Admission:
        async with self._db.connection() as tx:
            classes = await prescriptions.classes_of_person(tx, names.persons)
        return await self._readers.admit_to_person(request.person, request.access, classes)

    async def _admit_to_one(self, request: pb.ListDispensingsRequest) -> tuple[str, Admission]:
        """Return whose the prescription is, and that the caller may see it."""
        async with self._db.connection() as tx:
            it = await prescriptions.get(tx, id_of(request.prescription))
            if it is None:
                raise PermissionDenied(reasons.PRESCRIPTION_DENIED, name=short(request.prescription))
            handed = await dispensings.of_prescription(tx, it.id)
        return it.person, await self._readers.admit_to_one(it, handed, request.access, clock.now())


def pharmacy() -> str:
    """Return the caller's full name; the access rules let only pharmacies come here."""
    return call_context.caller().facility or ""


def digest(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


async def lock_held(tx: Transaction, name: str) -> Prescription:
    """Return the prescription, locked; one that is not there is held by nobody."""
    it = await prescriptions.lock(tx, id_of(name))
    if it is None:
        raise FailedPrecondition(reasons.CLAIM_EXPIRED, name=short(name))
    return it


async def lock_own(tx: Transaction, name: str) -> tuple[Prescription, Dispensing]:
    """Return the caller's own dispensing and its prescription, locked; then nobody else reverses it."""
    made = await dispensings.get(tx, id_of(name))
    if made is None or made.pharmacy != pharmacy():
        subject = made.person if made is not None else ""
        raise PermissionDenied(reasons.DISPENSING_DENIED, name=name, subject=subject)
    it = await prescriptions.lock(tx, made.prescription)
    now_made = await dispensings.get(tx, made.id)
    if it is None or now_made is None:
        raise PermissionDenied(reasons.DISPENSING_DENIED, name=name)
    return it, now_made
