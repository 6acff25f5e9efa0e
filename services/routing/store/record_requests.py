"""
Record requests and who is asked.

A request that a release before wrote has no holders' rows: its one holder, and what became of it, are in
its own row.  So is what that release wrote of a request of ours while it ran beside us.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, any_, bindparam, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import UUID as UuidType

from chassis.db import Record, Transaction
from chassis.pagination import Cursor
from chassis.sql import sql

from ..model.record_requests import Holder, HolderState, RecordRequest, State
from ..schema import record_request_holders, record_requests

r, h = record_requests.c, record_request_holders.c

PLAIN: Final = ("id", "person", "requester", "scope", "access", "since", "until", "note")
COLUMNS: Final = tuple(
    r[name] for name in (*PLAIN, "state", "create_time", "deadline", "finish_time", "holder", "message_id")
)
COLUMN_LIST: Final = ", ".join(f"record_requests.{column.name}" for column in COLUMNS)

# What a transition may change.
CHANGING: Final = ("state", "note", "finish_time")
HOLDER_CHANGING: Final = ("state", "answers", "note", "answer_time")

# What a release before writes into its own row when its one holder answers.
ANSWERED_BEFORE: Final = {
    State.FULFILLED: HolderState.FULFILLED,
    State.DECLINED: HolderState.DECLINED,
}

NOW = sql(select(func.clock_timestamp()))
INSERT = sql(
    text("""
    INSERT INTO record_requests (
        id, person, requester, holder, scope, access, since, until, state, message_id, note,
        create_time, deadline, finish_time
    ) VALUES (
        :id, :person, :requester, :holder, :scope, :access, :since, :until, :state, NULL, :note,
        :now, :deadline, :finish_time
    )
    """),
    about="record_requests",
)
INSERT_HOLDER = sql(
    insert(record_request_holders).values(
        {
            name: bindparam(name)
            for name in ("request_id", "holder", "position", "state", "ask", "note", "create_time")
        }
    )
)
GET = sql(select(*COLUMNS).where(r.id == bindparam("id")))
LOCK = sql(
    select(*COLUMNS, func.clock_timestamp().label("now")).where(r.id == bindparam("id")).with_for_update()
)
HOLDERS = sql(
    select(record_request_holders)
    .where(h.request_id == any_(bindparam("requests", type_=ARRAY(UuidType(as_uuid=True)))))
    .order_by(h.request_id, h.position)
)
UPDATE = sql(
    update(record_requests)
    .where(r.id == bindparam("id_"))
    .values({name: bindparam(name) for name in (*CHANGING, "message_id")})
)
UPDATE_HOLDER = sql(
    update(record_request_holders)
    .where(h.request_id == bindparam("request_id_"), h.holder == bindparam("holder_"))
    .values({name: bindparam(name) for name in HOLDER_CHANGING})
)
LOCK_OVERDUE = sql(
    text(
        f"""
        SELECT {COLUMN_LIST}, clock_timestamp() AS now FROM record_requests
        WHERE state = 'requested' AND deadline <= clock_timestamp()
        LIMIT :limit FOR UPDATE SKIP LOCKED
        """
    ),
    about="record_requests",
)

# A page of what a facility asked for, newest first; an empty state means any.
LIST_ASKED = sql(
    text(
        f"""
        SELECT {COLUMN_LIST} FROM record_requests
        WHERE requester = :party AND (:state = '' OR state = :state)
          AND (create_time, id) < (:before_time, :before_id)
        ORDER BY create_time DESC, id DESC LIMIT :limit
        """
    ),
    about="record_requests",
)

# And of what it is asked for.  The second half is of requests that a release before wrote.
LIST_HELD = sql(
    text(
        f"""
        SELECT * FROM (
            (SELECT {COLUMN_LIST} FROM record_request_holders AS holders
             JOIN record_requests ON record_requests.id = holders.request_id
             WHERE holders.holder = :party AND holders.state <> 'unreachable'
               AND (:state = '' OR record_requests.state = :state)
               AND (holders.create_time, holders.request_id) < (:before_time, :before_id)
             ORDER BY holders.create_time DESC, holders.request_id DESC LIMIT :limit)
            UNION
            (SELECT {COLUMN_LIST} FROM record_requests
             WHERE holder = :party AND (:state = '' OR state = :state)
               AND (create_time, id) < (:before_time, :before_id)
             ORDER BY create_time DESC, id DESC LIMIT :limit)
        ) AS requests_to_facility
        ORDER BY create_time DESC, id DESC LIMIT :limit
        """
    ),
    about="requests_to_facility",
)


async def now_and_deadline(tx: Transaction, answer_within: timedelta) -> tuple[datetime, datetime]:
    """Return the time of the database, and when holders must have answered."""
    now: datetime = await tx.fetchval(NOW)
    return now, now + answer_within


async def insert_record_request(tx: Transaction, request: RecordRequest) -> None:
    await tx.execute(
        INSERT,
        **{name: getattr(request, name) for name in PLAIN},
        state=request.state.value,
        holder=only_holder(request),
        now=request.create_time,
        deadline=request.deadline,
        finish_time=request.finish_time,
    )
    await tx.executemany(
        INSERT_HOLDER,
        [
            {
                "request_id": request.id,
                "holder": holder.facility,
                "position": position,
                "state": holder.state.value,
                "ask": holder.ask,
                "note": holder.note,
                "create_time": request.create_time,
            }
            for position, holder in enumerate(request.holders)
        ],
    )


async def get_record_request(tx: Transaction, request_id: UUID) -> RecordRequest | None:
    row = await tx.fetchrow(GET, id=request_id)
    return (await _with_holders(tx, [row]))[0] if row else None


async def lock_record_request(tx: Transaction, request_id: UUID) -> tuple[RecordRequest, datetime] | None:
    """Return the record request, which nobody else may now change, and the time; or None."""
    row = await tx.fetchrow(LOCK, id=request_id)
    return ((await _with_holders(tx, [row]))[0], row["now"]) if row else None


async def update_record_request(tx: Transaction, request: RecordRequest) -> None:
    """Write what a transition changed, of the request and of whoever is asked."""
    only = request.holders[0] if len(request.holders) == 1 else None
    answered = only.answers[-1] if only and only.answers else None
    changes = {name: getattr(request, name) for name in CHANGING}
    if only and only.note:
        changes["note"] = only.note
    await tx.execute(UPDATE, id_=request.id, message_id=answered, **changes)
    await tx.executemany(
        UPDATE_HOLDER,
        [
            {
                "request_id_": request.id,
                "holder_": holder.facility,
                **{name: getattr(holder, name) for name in HOLDER_CHANGING},
                "answers": list(holder.answers),
            }
            for holder in request.holders
        ],
    )


async def lock_overdue(tx: Transaction, limit: int) -> list[tuple[RecordRequest, datetime]]:
    """Return requests whose deadline is past, by the database's clock, and the time."""
    rows = await tx.fetch(LOCK_OVERDUE, limit=limit)
    requests = await _with_holders(tx, rows)
    return [(request, row["now"]) for request, row in zip(requests, rows, strict=True)]


async def list_record_requests(
    tx: Transaction, side: str, party: str, state: str, before: Cursor, limit: int
) -> list[RecordRequest]:
    """Return what *party* asked for (*side* `requester`), or is asked for (`holder`), newest first."""
    statement = LIST_ASKED if side == "requester" else LIST_HELD
    rows = await tx.fetch(
        statement, party=party, state=state, before_time=before.time, before_id=before.id, limit=limit
    )
    return await _with_holders(tx, rows)


def only_holder(request: RecordRequest) -> str:
    return request.holders[0].facility if len(request.holders) == 1 else ""


async def _with_holders(tx: Transaction, rows: Sequence[Record]) -> list[RecordRequest]:
    holders: defaultdict[UUID, list[Holder]] = defaultdict(list)
    for row in await tx.fetch(HOLDERS, requests=[row["id"] for row in rows]):
        holders[row["request_id"]].append(_holder_from_row(row))
    return [_request_from_row(row, holders[row["id"]]) for row in rows]


def _holder_from_row(row: Record) -> Holder:
    return Holder(
        facility=row["holder"],
        state=HolderState(row["state"]),
        ask=row["ask"],
        answers=tuple(row["answers"]),
        note=row["note"],
        answer_time=row["answer_time"],
    )


def _request_from_row(row: Record, holders: Sequence[Holder]) -> RecordRequest:
    state = State(row["state"])
    if row["holder"] and not holders:
        holders = [Holder(row["holder"])]
    return RecordRequest(
        **{name: row[name] for name in PLAIN},
        state=state,
        create_time=row["create_time"],
        deadline=row["deadline"],
        finish_time=row["finish_time"],
        holders=tuple(_as_written_before(row, state, holder) for holder in holders),
    )


def _as_written_before(row: Record, state: State, holder: Holder) -> Holder:
    if holder.state is not HolderState.ASKED or state not in ANSWERED_BEFORE:
        return holder
    return replace(
        holder,
        state=ANSWERED_BEFORE[state],
        answers=(row["message_id"],) if row["message_id"] else (),
        note=row["note"],
        answer_time=row["finish_time"],
    )
