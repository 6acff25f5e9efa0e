"""
Whether a file can be accepted: is it whole, is it the sender's, whom is it about.

The order matters.  Who sends, and whether they signed, is settled before anything in the file is read for
what it means; a refused file has touched no table; identity is asked while no database connection is held.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ParamSpec, TypeVar
from uuid import UUID

from chassis import call_context, clock, malloc
from chassis.byte_budget import ByteBudget
from chassis.errors import InvalidArgument
from common.faults import Fault
from kcb import envelope
from kcb.report import Report
from kcb.signed_file import SignedFile, read_signed_file
from kcb.validate import CHECK_IN_KIND, CHECK_IN_ROOT, DOSSIER, validate
from kcb.xml_parser import MAX_FILE_BYTES, Unreadable
from lientuyen.records.v1 import error_reasons as reasons

from ..convert.findings import finding_to_fault
from ..peers import PersonLookup
from .brought_papers import BroughtPapers
from .directory_checks import DirectoryChecks
from .originals import compress
from .person_checks import PersonChecks
from .signature_checks import SignatureChecks, SignedBy

P = ParamSpec("P")
T = TypeVar("T")

# Bytes above which a file is checked in a thread, so that one long stay does not hold up every other call.
MAX_INLINE_BYTES = 256 * 1024

ROOTS = {DOSSIER: envelope.ROOT, CHECK_IN_KIND: CHECK_IN_ROOT}

# Threads that check files: more would only take the interpreter from each other and from the event loop.
CHECKING = ThreadPoolExecutor(2, thread_name_prefix="check")

# Bytes of files that are worked on at once, and that wait.  A file takes some seven times its size until
# it is stored, twice while it waits; one of the largest is one caller's whole part (docs/adr/0075).
# Small files never wait for large ones.
MAX_SMALL_BYTES, MAX_SMALL_WAITING_BYTES = 8 * 1024 * 1024, 32 * 1024 * 1024
MAX_LARGE_BYTES, MAX_LARGE_WAITING_BYTES = MAX_FILE_BYTES * 4 // 3, MAX_FILE_BYTES * 2


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that can be accepted: its report, the person of each row, whether its signature is verified.

    *warnings* are what is doubtful, whom it is about first: the last of too many are not kept.
    *slip_signers* are whose signatures hold on the slips themselves, by table.
    """

    compressed: bytes
    size_bytes: int
    report: Report
    persons: tuple[UUID, ...]
    signature_verified: bool
    warnings: tuple[Fault, ...]
    sha256: bytes
    slip_signers: Mapping[str, frozenset[SignedBy]] = field(default_factory=dict)


class SubmissionChecks:
    def __init__(
        self,
        persons: PersonLookup,
        signatures: SignatureChecks,
        directory: DirectoryChecks,
        papers: BroughtPapers,
    ) -> None:
        self._persons = PersonChecks(persons)
        self._signatures = signatures
        self._directory = directory
        self._papers = papers
        self.small_files = ByteBudget(MAX_SMALL_BYTES, max_waiting=MAX_SMALL_WAITING_BYTES)
        self.large_files = ByteBudget(MAX_LARGE_BYTES, max_waiting=MAX_LARGE_WAITING_BYTES)

    def turn(self, size: int) -> AbstractAsyncContextManager[None]:
        """Return what to hold while the caller's file of *size* bytes is checked and stored.

        Entering it waits while too many bytes are in work; ResourceExhausted(TOO_MANY_BYTES) when too many
        wait already.
        """
        if size > MAX_INLINE_BYTES:
            return self._large_turn(size)
        return self.small_files.hold(call_context.caller(), size)

    @asynccontextmanager
    async def _large_turn(self, size: int) -> AsyncIterator[None]:
        async with self.large_files.hold(call_context.caller(), size):
            malloc.trim()
            yield

    async def validate(self, content: bytes) -> Report:
        """Return what is wrong with a file, its signature included; whose that is, nobody is asked."""
        file = await read_signed_off_loop(content)
        report = await validate_off_loop(content)
        finding = file.finding if file is not None and report.kind else None
        return replace(report, findings=(*report.findings, finding)) if finding else report

    async def check(self, content: bytes, kind: str) -> CheckedFile:
        """Return the file, checked, or raise what is wrong with it.

        PermissionDenied for another facility's file or signature, InvalidArgument(SIGNATURE_INVALID,
        SIGNATURE_MISSING), InvalidArgument(DOSSIER_REFUSED) with every fault; Unavailable when identity
        does not answer, and ResourceExhausted when it looks up no more numbers of this facility.
        """
        file = await read_signed_off_loop(content)
        verified = await self._check_signature(file, kind)
        report = await validate_off_loop(content, kind)
        _check_sender(report.kind, report.facility)
        if not report.accepted:
            raise _refusal(tuple(map(finding_to_fault, report.refusals)))
        if file is None or file.is_signed != report.signed:  # two readers that do not agree
            raise InvalidArgument(reasons.SIGNATURE_INVALID, cause="unreadable")
        if not verified:
            await self._signatures.check_unsigned(report.facility, file.path)
        persons = await self._persons.find_persons(report)
        slips = await self._signatures.check_slips(report, clock.now())
        papers, unknown = await self._registered(report, persons.ids[0]) if kind == DOSSIER else ((), ())
        doubts = map(finding_to_fault, report.warnings)
        warnings = (*persons.warnings, *papers, *slips.warnings, *doubts, *unknown)
        digest = await off_loop(content, hashlib.sha256, content)
        compressed = await off_loop(content, compress, content)
        return CheckedFile(
            compressed,
            len(content),
            report,
            persons.ids,
            verified,
            warnings,
            digest.digest(),
            slips.signers,
        )

    async def _registered(self, report: Report, person: UUID) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
        """Return what is doubtful about the papers of *person*, and whom the directory does not know."""
        return await asyncio.gather(self._papers.doubts(report, person), self._directory.doubts(report))

    async def _check_signature(self, file: SignedFile | None, kind: str) -> bool:
        """Return whether a file is signed, before it is read for what it means."""
        if file is None or file.root != ROOTS[kind]:
            return False
        _check_sender(kind, file.facility)
        return await self._signatures.check_signed(file, clock.now())


async def read_signed_off_loop(content: bytes) -> SignedFile | None:
    """Return how a file is signed; None when it is no XML, which `validate` tells."""
    try:
        return await off_loop(content, read_signed_file, content)
    except Unreadable:
        return None


async def validate_off_loop(content: bytes, kind: str = "") -> Report:
    return await off_loop(content, validate, content, kind, now=clock.now())


async def off_loop(content: bytes, check: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what *check* does, which reads all of *content*: in a thread when that takes long."""
    if len(content) > MAX_INLINE_BYTES:
        return await in_thread(check, *args, **kwargs)
    return check(*args, **kwargs)


async def in_thread(check: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what *check* does, in one of the threads that check files."""
    work = partial(copy_context().run, check, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(CHECKING, work)


def _check_sender(kind: str, facility: str) -> None:
    """The sender must be the declared facility; a file that declares none is refused later."""
    if facility:
        path = envelope.FACILITY if kind == DOSSIER else "XML0[1].MA_CSKCB"
        call_context.require_facility(path, facility)


def _refusal(faults: tuple[Fault, ...]) -> InvalidArgument:
    return InvalidArgument(reasons.DOSSIER_REFUSED, violations=faults)
