"""
Judging the slips of a dossier before it is kept: routing is asked whether it would take each.

A slip that it would refuse is a warning at its field, and is not sent.  While routing does not
answer, the slip is sent later: a dossier is an insurance file too, and waits for nobody.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import grpc

from chassis import clock
from chassis.errors import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound, ServiceError
from kcb.report import Report, Row
from lientuyen.routing.v1.referral_pb2 import Referral

from ..convert.slip_refusals import ended_verdict, slip_fault, verdict_of
from ..convert.slips import SlipMessage, appointment_of, referral_of
from ..model.clinical_history import instant_of
from ..model.slips import SLIP_TABLES, SLIPS, SlipVerdict, row_digest, slip_digest, slip_id
from ..peers import Routing
from .signature_checks import SignedBy
from .submission_checks import CheckedFile
from .time_limits import no_longer_than

# Seconds that routing has to judge the slips of one dossier.
CHECK_TIMEOUT_S = 2.0

# What routing refuses a slip with.  A denial is none of them: it is a fault of how we are run.
REFUSALS = (AlreadyExists, InvalidArgument, FailedPrecondition, NotFound)

GOOD = SlipVerdict()


@dataclass(frozen=True, slots=True)
class CheckedSlip:
    """A slip as routing will get it: *message*, and for a referral the *document* beside it.

    *digest* is as in `model.slips.Slip`; *recipient_field* is the name of the field in its table; *signed_by*
    says whose signatures are on the slip itself.
    """

    table_code: str
    id: UUID
    digest: str
    message: SlipMessage
    document: bytes
    recipient_field: str = ""
    verdict: SlipVerdict = GOOD
    signed_by: frozenset[SignedBy] = frozenset()


class SlipChecks:
    def __init__(self, routing: Routing) -> None:
        self._routing = routing

    async def check(self, file: CheckedFile) -> list[CheckedSlip]:
        """Return the slips of a dossier, each with its verdict.  Raises nothing that routing said."""
        slips = list(slips_of(file.report, file.persons[0], file.slip_signers))
        if not slips:
            return []
        with no_longer_than(CHECK_TIMEOUT_S):
            verdicts = await asyncio.gather(*map(self._judge, slips))
        return [replace(slip, verdict=verdict) for slip, verdict in zip(slips, verdicts, strict=True)]

    async def _judge(self, slip: CheckedSlip) -> SlipVerdict:
        if isinstance(slip.message, Referral) and not slip.message.recipient:
            fault = slip_fault("slip-recipient-missing", slip.table_code, slip.recipient_field)
            return SlipVerdict(fault, refuses=True)
        try:
            return ended_verdict(await self._validate(slip), slip.table_code)
        except REFUSALS as error:
            return verdict_of(error, slip.table_code, slip.recipient_field)
        except (ServiceError, grpc.RpcError):  # it does not answer, denies us, or is older than we are
            return SlipVerdict(slip_fault("slip-not-checked", slip.table_code))

    async def _validate(self, slip: CheckedSlip) -> str:
        if isinstance(slip.message, Referral):
            digest = hashlib.sha256(slip.document).digest()
            return await self._routing.validate_referral(slip.message, digest)
        return await self._routing.validate_appointment(slip.message)


def slips_of(
    report: Report, person: UUID, signers: Mapping[str, frozenset[SignedBy]]
) -> Iterator[CheckedSlip]:
    main = report.first_row("XML1")
    assert main is not None, "an accepted dossier has XML1"
    for code in SLIP_TABLES:
        for row in report.rows(code):
            slip = slip_id(report.facility, main.get("MA_LK"), code)
            signed_by = signers.get(code, frozenset())
            yield CheckedSlip(
                table_code=code,
                id=slip,
                digest=slip_digest(row_digest(row, code, signed_by), person),
                message=_message_of(report, main, code, row, person, f"{SLIPS}{slip}"),
                document=report.sheets[code].xml,
                signed_by=signed_by,
                recipient_field="MA_NOI_DEN" if report.sheets[code].older else "MA_CSKCB_DEN",
            )


def _message_of(report: Report, main: Row, code: str, row: Row, person: UUID, name: str) -> SlipMessage:
    if code == "XML13":
        return referral_of(row, report.facility, person, issue_time_of(main), name)
    return appointment_of(row, report.facility, person, name)


def issue_time_of(main: Row) -> datetime | None:
    """Return when care ended, and so the slip was signed: by now, though a hospital's clock may run ahead."""
    discharge_time = instant_of(main.get("NGAY_RA"))
    return min(discharge_time, clock.now()) if discharge_time else None
