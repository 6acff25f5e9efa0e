"""
The slips of a dossier (phiếu chuyển, XML13; phiếu hẹn khám lại, XML14), and what each became.

    pending ──▶ issued | replaced | not sent          left out: pending ──▶ cancelled | not sent
    the next version: unchanged, or pending anew      replayed: not sent ──▶ pending

A slip is known by its encounter and its table, not by its number: a correction may change the
number, too.  What an earlier version had become stands until something takes its place.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4, uuid5

from common.faults import Fault
from kcb.report import Row

SLIPS: Final = "//records.lientuyen/slips/"

# The tables of slips, in the order of the file.  Each is one row: an episode has one slip of each
# kind (TT 01/2025/TT-BYT), and `kcb` refuses a table that comes twice.
SLIP_TABLES: Final = ("XML13", "XML14")

_NAMESPACE: Final = UUID("8a4b9a86-3c1f-4b5e-9d0c-6f3f0b1f7a11")

# The rules of `kcb` by which a slip was given up for now, or gave way to a newer version.
UNDELIVERED, SUPERSEDED = "slip-undelivered", "slip-superseded"


class SlipState(StrEnum):
    PENDING = "pending"
    ISSUED = "issued"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    CANCELLED = "cancelled"
    NOT_SENT = "not_sent"


STANDING: Final = frozenset({SlipState.ISSUED, SlipState.UNCHANGED, SlipState.REPLACED})


@dataclass(frozen=True, slots=True)
class Slip:
    """What a slip of one version of a dossier became.

    *id* is the same in every version; *digest* is of its values and its person, empty for one that this
    version has no more.  *resource* is the full name of the referral or appointment that stands, *replaces*
    of the one before; both may be empty.  *event_id* is the event of the outbox that carries it.
    """

    dossier: UUID
    table_code: str
    id: UUID
    digest: str
    state: SlipState
    update_time: datetime
    resource: str = ""
    replaces: str = ""
    finding: Fault | None = None
    event_id: UUID | None = None
    # Whether the slip itself is signed, by a practitioner and by the facility (TT 06/2026/TT-BYT Art. 5.2).
    signed_by_practitioner: bool = False
    signed_by_facility: bool = False

    @property
    def name(self) -> str:
        return f"{SLIPS}{self.id}"

    @property
    def stands(self) -> str:
        """The full name of what it became, as far as is known; empty when that is cancelled."""
        return "" if self.state is SlipState.CANCELLED else self.resource

    @property
    def is_open(self) -> bool:
        """Whether its event is still to be carried out: on its way, or given up and perhaps replayed."""
        return self.state is SlipState.PENDING or (self.state is SlipState.NOT_SENT and self.was_given_up)

    @property
    def was_given_up(self) -> bool:
        """Whether its sender heard that it was given up, and nothing since; it may be on its way again."""
        return self.finding is not None and self.finding.rule == UNDELIVERED


@dataclass(frozen=True, slots=True)
class SlipVerdict:
    """What routing said of a slip before it was sent: the *fault*, and whether it *refuses* the slip.

    *affected* is the full name of another facility that must hear of a refusal; *resource* of what
    stands, where routing said that.  *ended* is the full name of what the slip had become and is in
    force no more, which *ended_fault* tells.
    """

    fault: Fault | None = None
    refuses: bool = False
    affected: str = ""
    resource: str = ""
    ended: str = ""
    ended_fault: Fault | None = None

    def end_of(self, resource: str) -> Fault | None:
        """Return the fault that *resource* is in force no more; None when nothing is known of that."""
        return self.ended_fault if resource and resource == self.ended else None


@dataclass(frozen=True, slots=True)
class IssuedSlip:
    """The full name of the referral or appointment that a slip became, and of the one it replaced."""

    resource: str
    replaces: str = ""


def slip_id(facility: str, link_key: str, table_code: str) -> UUID:
    """Return the id of an encounter's slip; *facility* is the bare code, *link_key* its MA_LK."""
    return uuid5(_NAMESPACE, f"{facility}/{link_key}/{table_code}")


def row_digest(row: Row, table_code: str, signed_by: Collection[str] = ()) -> str:
    """Return a digest of a row's values: the same slip written otherwise is the same slip.

    A transfer slip that somebody has signed since is another one, for it goes on as it was written; that
    the same ones signed it anew changes nothing.
    """
    signers = sorted(signed_by) if table_code == "XML13" else []
    written = repr(sorted(row.values.items())) + (repr(signers) if signers else "")
    return hashlib.sha256(written.encode()).hexdigest()


def slip_digest(of_row: str, person: UUID) -> str:
    """Return the digest of a slip: of its row's digest and its person, whom the row need not name."""
    return hashlib.sha256(f"{of_row} {person}".encode()).hexdigest()


def judge(slip: Slip, verdict: SlipVerdict, previous: Slip | None) -> Slip:
    """Return what a new *slip* becomes beside that of the version before: sent, kept, or not sent."""
    stands = previous.stands if previous else ""
    same = previous is not None and previous.digest == slip.digest
    if previous and same and previous.state is SlipState.PENDING:
        return replace(
            previous,
            dossier=slip.dossier,
            signed_by_practitioner=slip.signed_by_practitioner,
            signed_by_facility=slip.signed_by_facility,
        )
    if previous and same and previous.state in STANDING:
        finding = verdict.end_of(stands) or previous.finding
        return replace(slip, state=SlipState.UNCHANGED, resource=stands, finding=finding)
    if verdict.refuses:
        resource = verdict.resource or ("" if verdict.end_of(stands) else stands)
        return replace(slip, state=SlipState.NOT_SENT, resource=resource, finding=verdict.fault)
    return replace(slip, finding=verdict.fault, event_id=uuid4())


def left_out(
    previous: Iterable[Slip], present: Collection[UUID], new: Slip, published: Collection[UUID]
) -> list[Slip]:
    """Return the slips of the version before that are not *present*, each to be cancelled.

    *new* tells of which dossier and when; *published* are slips that went to routing in some version,
    and so may stand there though nobody heard.  What became nothing, or was cancelled already, is left
    out in silence; what could not be cancelled before stays so.
    """
    gone = [slip for slip in previous if slip.id not in present and slip.state is not SlipState.CANCELLED]
    return [_cancelled(slip, new) for slip in gone if slip.resource or slip.id in published]


def _cancelled(slip: Slip, new: Slip) -> Slip:
    if slip.digest == "" and slip.state is SlipState.NOT_SENT:
        return replace(slip, dossier=new.dossier)
    return replace(new, id=slip.id, table_code=slip.table_code, resource=slip.resource, event_id=uuid4())


def is_news(slip: Slip, previous: Slip | None) -> bool:
    """Tell whether nobody heard yet why *slip* is not sent: the version before had not the same trouble."""
    if slip.state is not SlipState.NOT_SENT or slip.finding is None:
        return False
    known = previous.finding.rule if previous and previous.finding else ""
    same = previous is not None and previous.digest == slip.digest
    return not (same and slip.finding.rule == known)
