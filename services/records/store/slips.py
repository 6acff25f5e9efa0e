"""What the slips of dossiers became: a row a version."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, and_, any_, bindparam, delete, func, insert, literal, or_, select, update
from sqlalchemy import UUID as UuidType

from chassis.db import Record, Transaction
from chassis.sql import sql
from common.faults import Fault

from ..model.slips import UNDELIVERED, IssuedSlip, Slip, SlipState
from ..schema import slips

s = slips.c
COLUMNS = tuple(s)
UUIDS = ARRAY(UuidType(as_uuid=True))

# What is to be carried out, or was given up and may be replayed.
_OPEN = or_(
    s.state == SlipState.PENDING.value,
    and_(s.state == SlipState.NOT_SENT.value, s.finding[0].astext == UNDELIVERED),
)

INSERT = sql(insert(slips).values({column.name: bindparam(column.name) for column in COLUMNS}))
LIST = sql(
    select(*COLUMNS)
    .where(s.dossier == any_(bindparam("dossiers", type_=UUIDS)))
    .order_by(s.dossier, s.table_code)
)
LIST_OF_EVENT = sql(select(*COLUMNS).where(s.event_id == bindparam("event_id")).order_by(s.update_time))

# What the slip had become before, in whichever version.
LATEST_RESOURCE = sql(
    select(s.resource, s.state)
    .where(s.id == bindparam("id"), s.resource != literal(""))
    .order_by(s.update_time.desc())
    .limit(literal(1))
)
LIST_PUBLISHED = sql(
    select(s.id)
    .where(s.id == any_(bindparam("ids", type_=UUIDS)), s.event_id.is_not(None), s.digest != literal(""))
    .distinct()
)
DELETE = sql(
    delete(slips).where(s.dossier == bindparam("dossier"), s.id == any_(bindparam("ids", type_=UUIDS)))
)
# What was given up and is delivered once more is on its way again, and keeps the reason that was told.
REOPEN = sql(
    update(slips)
    .where(s.event_id == bindparam("of_event"), _OPEN)
    .values(state=SlipState.PENDING.value, update_time=func.now())
)
SUPERSEDE = sql(
    update(slips)
    .where(s.id == bindparam("of_id"), _OPEN)
    .values(state=SlipState.NOT_SENT.value, finding=bindparam("finding"), update_time=func.now())
)
FINISH = sql(
    update(slips)
    .where(s.event_id == bindparam("of_event"))
    .values(
        state=bindparam("new_state"),
        resource=bindparam("new_resource"),
        replaces=bindparam("new_replaces"),
        finding=None,
        update_time=func.now(),
    )
)
REFUSE = sql(
    update(slips)
    .where(s.event_id == bindparam("of_event"), _OPEN)
    .values(
        state=SlipState.NOT_SENT.value,
        resource=bindparam("new_resource"),
        finding=bindparam("new_finding"),
        update_time=func.now(),
    )
)


async def insert_slips(tx: Transaction, rows: Iterable[Slip]) -> None:
    await tx.executemany(INSERT, map(_slip_to_row, rows))


async def delete_slips(tx: Transaction, dossier: UUID, ids: Collection[UUID]) -> None:
    """Forget what became of some slips of *dossier*: what becomes of them now is inserted."""
    await tx.execute(DELETE, dossier=dossier, ids=list(ids))


async def list_slips(tx: Transaction, dossiers: Sequence[UUID]) -> list[Slip]:
    """Return the slips of *dossiers*, those of one together, in the order of the tables."""
    return [_slip_from_row(row) for row in await tx.fetch(LIST, dossiers=dossiers)] if dossiers else []


async def list_slips_of_event(tx: Transaction, event_id: UUID) -> list[Slip]:
    """Return the slip that an event carries, once for each version that has it, the latest last."""
    return [_slip_from_row(row) for row in await tx.fetch(LIST_OF_EVENT, event_id=event_id)]


async def latest_resource(tx: Transaction, slip: UUID) -> str:
    """Return what a slip last became, a full name; empty when that was cancelled, or nothing yet."""
    row = await tx.fetchrow(LATEST_RESOURCE, id=slip)
    return row["resource"] if row and row["state"] != SlipState.CANCELLED.value else ""


async def list_published(tx: Transaction, of_slips: Collection[UUID]) -> set[UUID]:
    """Return which of some slips went to routing in any version; a cancellation is no slip."""
    rows = await tx.fetch(LIST_PUBLISHED, ids=list(of_slips)) if of_slips else []
    return {row["id"] for row in rows}


async def supersede_slips(tx: Transaction, slip: UUID, finding: Fault) -> None:
    """Give up what is still open of a slip, in every version that is there."""
    await tx.execute(SUPERSEDE, of_id=slip, finding=_fault_to_json(finding))


async def reopen_slip(tx: Transaction, event_id: UUID) -> None:
    """Write down that the slip of an event, which was given up, is on its way again."""
    await tx.execute(REOPEN, of_event=event_id)


async def finish_slip(tx: Transaction, event_id: UUID, state: SlipState, issued: IssuedSlip) -> None:
    await tx.execute(
        FINISH,
        of_event=event_id,
        new_state=state.value,
        new_resource=issued.resource,
        new_replaces=issued.replaces,
    )


async def refuse_slip(tx: Transaction, event_id: UUID, finding: Fault, resource: str) -> bool:
    """Write down why the slip of an event is not sent; False when that is settled already."""
    refused = await tx.execute(
        REFUSE, of_event=event_id, new_finding=_fault_to_json(finding), new_resource=resource
    )
    return refused > 0


def _fault_to_json(fault: Fault | None) -> list[str] | None:
    return [fault.rule, fault.field, fault.vi, fault.en] if fault else None


def _slip_to_row(slip: Slip) -> dict[str, object]:
    values = {column.name: getattr(slip, column.name) for column in COLUMNS}
    return {**values, "state": slip.state.value, "finding": _fault_to_json(slip.finding)}


def _slip_from_row(row: Record) -> Slip:
    values = dict(row)
    if values["finding"] is not None:
        rule, path, vi, en = values["finding"]
        values["finding"] = Fault(path, rule, en, vi, refuses=False)
    return Slip(**{**values, "state": SlipState(values["state"])})
