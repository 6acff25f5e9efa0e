"""
Whether a file is signed by the facility that it declares, and whether it must be.

A signature that does not hold, or is nobody's here, refuses the file: it is never taken as merely not
verified.  While identity does not answer, whose certificate it is cannot be told, and the file waits.
"""

from datetime import date, datetime

from chassis import call_context, clock
from chassis.db import Database
from chassis.db_clock import db_now
from chassis.errors import InvalidArgument, PermissionDenied
from common.faults import Fault
from common.names import facility_name
from kcb.report import Findings, Place
from kcb.signed_file import SignedFile
from kcb.signing_certificates import check_signer, find_certificate
from kcb.xml_signature import Signature, SignatureFault
from lientuyen.records.v1 import error_reasons as reasons

from ..convert.findings import finding_to_fault
from ..model.signing_authority import SigningAuthority
from .signing_register import SigningRegister


class SignatureChecks:
    def __init__(self, db: Database, register: SigningRegister, authority: SigningAuthority) -> None:
        self._db = db
        self._register = register
        self._authority = authority

    async def check_signed(self, file: SignedFile, receive_time: datetime) -> bool:
        """Return whether *file* is signed: by the facility that it declares, or else by the caller's.

        InvalidArgument(SIGNATURE_INVALID) when it does not hold, PermissionDenied(SIGNER_MISMATCH) when it is
        another's; Unavailable when identity is needed and does not answer.
        """
        facility = file.facility or call_context.caller().id
        try:
            if file.fault is not None:
                raise file.fault
            if file.signature is not None:
                await self._check_signer(file.signature, file.path, facility, receive_time)
        except SignatureFault as fault:
            violations = signature_faults(fault.rule, file.path)
            raise InvalidArgument(
                reasons.SIGNATURE_INVALID, cause=fault.cause, violations=violations
            ) from None
        return file.signature is not None

    async def check_unsigned(self, facility: str, path: str) -> None:
        """Refuse an unsigned file after the last day that the directory allows, by the database's day.

        InvalidArgument(SIGNATURE_MISSING); Unavailable when identity does not answer.
        """
        until = await self._register.unsigned_until(facility)
        if until is not None and await self._today() > until:
            raise InvalidArgument(
                reasons.SIGNATURE_MISSING,
                violations=signature_faults("signature-required", path),
                facility=facility_name(facility),
                unsigned_until=until.isoformat(),
            )

    async def _check_signer(
        self, signature: Signature, path: str, facility: str, receive_time: datetime
    ) -> None:
        named = self._authority.find_signer(signature, receive_time)
        if named is not None:
            if named != facility:
                raise _signed_by_another(path, facility, named)
            return
        registered = [each for each in await self._register.find(signature) if not each.practitioner]
        try:
            certificate = find_certificate(signature, registered, facility)
        except SignatureFault as fault:
            if fault.cause != "wrong-facility":
                raise
            raise _signed_by_another(path, facility, registered[0].facility) from None
        check_signer(signature, certificate, receive_time)

    async def _today(self) -> date:
        async with self._db.connection() as tx:
            return (await db_now(tx)).astimezone(clock.VIETNAM).date()


def _signed_by_another(path: str, facility: str, signer: str) -> PermissionDenied:
    return PermissionDenied(
        reasons.SIGNER_MISMATCH,
        violations=signature_faults("signature-wrong-facility", path),
        field=path,
        declared=facility,
        signer=signer,
    )


def signature_faults(rule: str, path: str) -> tuple[Fault, ...]:
    findings = Findings()
    findings.add(rule, path, Place(2))
    return tuple(map(finding_to_fault, findings.in_order()))
