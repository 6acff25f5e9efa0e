"""
Whether a file can be accepted: is it whole, is it the sender's, whom is it about.

The order matters.  Who sends is settled before anything is said of the file; a refused
file has touched no table; identity is asked while no database connection is held.
"""

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec, TypeVar
from uuid import UUID

from chassis import call_context, clock
from chassis.byte_budget import ByteBudget
from chassis.errors import InvalidArgument, PermissionDenied
from common.faults import Fault
from kcb import envelope
from kcb.report import Findings, Place, Report
from kcb.validate import CHECK_IN_ROOT, DOSSIER, validate
from kcb.xml_parser import MAX_FILE_BYTES
from lientuyen.records.v1 import error_reasons as reasons

from ..convert.findings import finding_to_fault
from ..model import xml_signature
from ..peers import PersonLookup
from .directory_checks import DirectoryChecks
from .person_checks import PersonChecks

P = ParamSpec("P")
T = TypeVar("T")

# Bytes above which a file is checked in a thread, so that one long stay does not hold up every other call.
MAX_INLINE_BYTES = 256 * 1024

# Threads that check files: more would only take the interpreter from each other and from the event loop.
CHECKING = ThreadPoolExecutor(2, thread_name_prefix="check")

# Bytes of files that are worked on at once, and that wait.  A file takes some ten times its size until it is
# stored, twice while it waits; one of the largest that are taken is one caller's whole part (docs/adr/0052).
# Small files never wait for large ones.
MAX_SMALL_BYTES, MAX_SMALL_WAITING_BYTES = 8 * 1024 * 1024, 32 * 1024 * 1024
MAX_LARGE_BYTES, MAX_LARGE_WAITING_BYTES = MAX_FILE_BYTES * 4 // 3, MAX_FILE_BYTES * 4


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that can be accepted: its report, the person of each row, whether its signature is verified.

    *warnings* are what is doubtful, whom it is about first: the last of too many are not kept.
    """

    content: bytes
    report: Report
    persons: tuple[UUID, ...]
    signature_verified: bool
    warnings: tuple[Fault, ...]
    sha256: bytes


class SubmissionChecks:
    def __init__(
        self, persons: PersonLookup, authorities: bytes, trust_domain: str, directory: DirectoryChecks
    ) -> None:
        self._persons = PersonChecks(persons)
        self._directory = directory
        self._authorities = authorities
        self._trust_domain = trust_domain
        self.small_files = ByteBudget(MAX_SMALL_BYTES, max_waiting=MAX_SMALL_WAITING_BYTES)
        self.large_files = ByteBudget(MAX_LARGE_BYTES, max_waiting=MAX_LARGE_WAITING_BYTES)

    def turn(self, size: int) -> AbstractAsyncContextManager[None]:
        """Return what to hold while the caller's file of *size* bytes is checked and stored.

        Entering it waits while too many bytes are in work; ResourceExhausted(TOO_MANY_BYTES) when too many
        wait already.
        """
        budget = self.large_files if size > MAX_INLINE_BYTES else self.small_files
        return budget.hold(call_context.caller(), size)

    async def check(self, content: bytes, kind: str) -> CheckedFile:
        """Return the file, checked, or raise what is wrong with it.

        PermissionDenied for another facility's file, InvalidArgument(DOSSIER_REFUSED) with every
        fault, InvalidArgument(SIGNATURE_INVALID); Unavailable when identity does not answer, and
        ResourceExhausted when it looks up no more numbers of this facility.
        """
        report = await validate_off_loop(content, kind)
        _check_sender(report)
        verified, signature_warnings = await off_loop(content, self._check_signature, content, report)
        if not report.accepted:
            raise _refusal(tuple(map(finding_to_fault, report.refusals)))
        persons = await self._persons.find_persons(report)
        unknown = await self._directory.doubts(report) if kind == DOSSIER else ()
        doubts = map(finding_to_fault, report.warnings)
        warnings = (*persons.warnings, *doubts, *unknown, *signature_warnings)
        digest = await off_loop(content, hashlib.sha256, content)
        return CheckedFile(content, report, persons.ids, verified, warnings, digest.digest())

    def _check_signature(self, content: bytes, report: Report) -> tuple[bool, tuple[Fault, ...]]:
        if not report.signed:
            return False, ()
        path = f"{envelope.ROOT if report.kind == DOSSIER else CHECK_IN_ROOT}.CHUKYDONVI"
        try:
            signer = xml_signature.verify(content, self._authorities, self._trust_domain, clock.now())
        except xml_signature.SignatureFault as fault:
            raise InvalidArgument(
                reasons.SIGNATURE_INVALID, cause=fault.cause, violations=_signature_fault("signature", path)
            ) from None
        if not signer.vouched:
            return False, _signature_fault("signature-unverified", path)
        if report.facility and signer.facility != report.facility:
            raise PermissionDenied(
                reasons.SIGNER_MISMATCH, field=path, declared=report.facility, signer=signer.facility or "?"
            )
        return True, ()


async def validate_off_loop(content: bytes, kind: str = "") -> Report:
    return await off_loop(content, validate, content, kind, now=clock.now())


async def off_loop(content: bytes, check: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what *check* does, which reads all of *content*: in a thread when that takes long."""
    if len(content) > MAX_INLINE_BYTES:
        work = partial(copy_context().run, check, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(CHECKING, work)
    return check(*args, **kwargs)


def _check_sender(report: Report) -> None:
    """The sender must be the declared facility; a file that declares none is refused later."""
    if report.facility:
        path = envelope.FACILITY if report.kind == DOSSIER else "XML0[1].MA_CSKCB"
        call_context.require_facility(path, report.facility)


def _refusal(faults: tuple[Fault, ...]) -> InvalidArgument:
    return InvalidArgument(reasons.DOSSIER_REFUSED, violations=faults)


def _signature_fault(rule: str, path: str) -> tuple[Fault, ...]:
    findings = Findings()
    findings.add(rule, path, Place(2))
    return _faults(findings)


def _faults(findings: Findings) -> tuple[Fault, ...]:
    return tuple(map(finding_to_fault, findings.in_order()))
