"""
Whether a file is signed by the facility that it declares, and whether it must be.

A signature that does not hold, or is nobody's here, refuses the file: it is never taken as merely not
verified.  While identity does not answer, whose certificate it is cannot be told, and the file waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chassis import call_context, clock
from chassis.db import Database
from chassis.db_clock import db_now
from chassis.errors import InvalidArgument, PermissionDenied
from common.faults import Fault
from common.names import facility_name
from kcb.report import Findings, Place, Report, Sheet
from kcb.signed_file import SignedFile, signature_finding
from kcb.signing_certificates import check_signer, find_certificate, is_signed_by
from kcb.slip_signatures import SIGNED_TABLES
from kcb.xml_signature import Signature, SignatureFault
from lientuyen.records.v1 import error_reasons as reasons

from ..convert.findings import finding_to_fault
from ..model.signing_authority import SigningAuthority, read_certificate
from .signing_register import SigningRegister


class SignedBy(StrEnum):
    """As whom somebody signed a slip."""

    PRACTITIONER = "practitioner"
    FACILITY = "facility"


@dataclass(frozen=True, slots=True)
class SignedSlips:
    """Whose signatures hold on the slips of a file, by table; and what is doubtful."""

    signers: Mapping[str, frozenset[SignedBy]]
    warnings: tuple[Fault, ...]


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
        facility = file.facility or call_context.caller().code or ""
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

    async def check_slips(self, report: Report, receive_time: datetime) -> SignedSlips:
        """Return whose signatures hold on the slips of a file, and what is doubtful about the others."""
        findings = Findings()
        sheets = [report.sheets[table] for table in SIGNED_TABLES if table in report.sheets]
        signers = {
            sheet.code: await self._slip_signers(sheet, report.facility, receive_time, findings)
            for sheet in sheets
            if sheet.signatures
        }
        return SignedSlips(signers, tuple(map(finding_to_fault, findings.in_order())))

    async def _slip_signers(
        self, sheet: Sheet, facility: str, receive_time: datetime, findings: Findings
    ) -> frozenset[SignedBy]:
        signed_by, place = set[SignedBy](), Place(1, sheet.index)
        for signature in sheet.signatures:
            try:
                signed_by.add(await self._slip_signer(signature, facility, receive_time))
            except SignatureFault as fault:
                findings.add("slip-signature-invalid", sheet.code, place, fault.cause)
        for missing in set(SignedBy) - signed_by:
            findings.add(f"slip-unsigned-by-{missing}", sheet.code, place)
        return frozenset(signed_by)

    async def _slip_signer(
        self, signature: Signature | SignatureFault, facility: str, receive_time: datetime
    ) -> SignedBy:
        """Return as whom *facility* signed a slip; SignatureFault when it did not."""
        if isinstance(signature, SignatureFault):
            raise signature
        named = self._authority.find_signer(signature, receive_time)
        if named is not None and named != facility:
            raise SignatureFault("wrong-facility")
        if named is not None:
            return SignedBy.FACILITY
        certificate = find_certificate(signature, await self._register.find(signature), facility)
        check_signer(signature, certificate, receive_time)
        return SignedBy.PRACTITIONER if certificate.practitioner else SignedBy.FACILITY

    async def knows_practitioner(self, signature: Signature, facility: str, receive_time: datetime) -> bool:
        """Tell whether a practitioner registered for *facility*, or named by our own authority, signed.

        SignatureFault when the certificate that the file brings did not make the signature, or was not in
        force; False when nobody here knows that certificate.
        """
        brought = list(map(read_certificate, signature.certificates))
        if brought and not any(is_signed_by(signature, each) for each in brought):
            raise SignatureFault("key")
        if self._authority.vouches_for(signature, receive_time):
            return True
        registered = [each for each in await self._register.find(signature) if each.practitioner]
        if not registered:
            return False
        check_signer(signature, find_certificate(signature, registered, facility), receive_time)
        return True

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
    return (finding_to_fault(signature_finding(rule, path)),)
