"""How far the papers of encounters are: a row an encounter, and what is shown beside it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, any_, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import UUID as UuidType
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Record, Transaction
from chassis.sql import sql
from common.faults import Fault

from ..model.encounter_deadlines import Duty
from ..model.encounter_status import CheckedIn, Refusal, Sent, State, Tracked
from ..model.slips import SlipState
from ..schema import encounter_states, slips

e = encounter_states.c
COLUMNS: Final = tuple(e)
NEW: Final[Mapping[str, Any]] = {column.name: bindparam(column.name) for column in COLUMNS}
CHANGING: Final = tuple(
    column.name for column in COLUMNS if column.name not in ("id", "facility", "link_key")
)

# The gauge counts no further: a count is a scan.
MAX_COUNTED: Final = 100_000

_insert = insert(encounter_states).values(NEW)
PUT = sql(
    _insert.on_conflict_do_update(
        index_elements=["id"], set_={name: _insert.excluded[name] for name in CHANGING}
    )
)
GET = sql(select(*COLUMNS).where(e.id == bindparam("id")))

# A check-in begins an encounter, or, of somebody who is admitted meanwhile, puts off what is due.
CHECK_IN = sql(
    text(
        """
        INSERT INTO encounter_states (id, facility, link_key, state, sort_time, duty, due_time)
        VALUES (:id, :facility, :link_key, 'checked_in', :sort_time, :duty, :due_time)
        ON CONFLICT (id) DO UPDATE
        SET sort_time = greatest(encounter_states.sort_time, EXCLUDED.sort_time),
            due_time = greatest(encounter_states.due_time, EXCLUDED.due_time)
        WHERE encounter_states.state = 'checked_in'
        """
    ),
    about="encounter_states",
)

# Nothing is due of a dossier that was accepted, or withdrawn.  What follows a refusal corrects it.
SETTLE = sql(
    text(
        """
        INSERT INTO encounter_states (id, facility, link_key, state, sort_time, needs_check_in)
        VALUES (:id, :facility, :link_key, :state, :sort_time, :needs_check_in)
        ON CONFLICT (id) DO UPDATE
        SET state = CASE WHEN EXCLUDED.state = 'accepted' AND encounter_states.refuse_time IS NOT NULL
                         THEN 'corrected' ELSE EXCLUDED.state END,
            sort_time = EXCLUDED.sort_time,
            duty = NULL,
            due_time = NULL,
            needs_check_in = coalesce(EXCLUDED.needs_check_in, encounter_states.needs_check_in)
        """
    ),
    about="encounter_states",
)

# A page, what is due first first.  Each state goes down the index by itself.
LIST = sql(
    text(
        f"""
        SELECT listed.* FROM unnest(CAST(:states AS text[])) AS wanted (name)
        CROSS JOIN LATERAL (
            SELECT {", ".join(column.name for column in COLUMNS)} FROM encounter_states
            WHERE facility = :facility AND state = wanted.name
              AND (sort_time, id) > (:after_time, :after_id) AND sort_time < :until
            ORDER BY sort_time, id LIMIT :limit
        ) AS listed
        ORDER BY listed.sort_time, listed.id LIMIT :limit
        """
    ),
    about="encounter_states",
)

# The latest version of each encounter's dossier, and when the first was taken.
SENT = sql(
    text(
        """
        SELECT DISTINCT ON (link_key) link_key, id, version, state,
               arrival_time, discharge_time, receive_time,
               min(receive_time) OVER (PARTITION BY link_key) AS first_receive_time,
               jsonb_array_length(warnings) AS warning_count
        FROM dossiers WHERE facility = :facility AND link_key = ANY (CAST(:link_keys AS text[]))
        ORDER BY link_key, version DESC
        """
    ),
    about="dossiers",
)
UNSENT_SLIPS = sql(
    select(slips.c.dossier, func.count().label("count"))
    .where(
        slips.c.dossier == any_(bindparam("dossiers", type_=ARRAY(UuidType(as_uuid=True)))),
        slips.c.state == SlipState.NOT_SENT.value,
    )
    .group_by(slips.c.dossier)
)

# The first check-in of each encounter, and of the last to arrive the form of care.
CHECK_INS = sql(
    text(
        """
        SELECT DISTINCT ON (link_key) link_key, form_of_care, arrival_time,
               min(receive_time) OVER (PARTITION BY link_key) AS receive_time
        FROM check_ins WHERE facility = :facility AND link_key = ANY (CAST(:link_keys AS text[]))
        ORDER BY link_key, arrival_time DESC
        """
    ),
    about="check_ins",
)
LATE = sql(
    text(
        """
        SELECT duty, count(*) AS count FROM (
            SELECT duty FROM encounter_states WHERE due_time < :at ORDER BY due_time LIMIT :limit
        ) AS late GROUP BY duty
        """
    ),
    about="encounter_states",
)


async def put(tx: Transaction, row: Tracked) -> None:
    """Keep *row* in the place of what there is of its encounter."""
    refusal = row.refusal
    await tx.execute(
        PUT,
        **_listed(row),
        state=row.state.value,
        needs_check_in=row.needs_check_in,
        refuse_time=refusal.time if refusal else None,
        refuse_reason=refusal.reason if refusal else "",
        refusals=[[each.rule, each.field, each.vi, each.en] for each in refusal.findings] if refusal else [],
        refusal_count=refusal.count if refusal else 0,
        refused_arrival_time=refusal.arrival_time if refusal else None,
        refused_discharge_time=refusal.discharge_time if refusal else None,
    )


async def get(tx: Transaction, encounter: UUID) -> Tracked | None:
    row = await tx.fetchrow(GET, id=encounter)
    return _tracked(row) if row else None


async def check_in(tx: Transaction, rows: Sequence[Tracked]) -> None:
    """Keep what check-ins begin; always in the order of the ids, so that no two files wait for each other."""
    await tx.executemany(CHECK_IN, map(_listed, sorted(rows, key=lambda row: row.id)))


async def settle(tx: Transaction, row: Tracked) -> None:
    """Keep that a dossier was accepted or withdrawn; its refusal, if there was one, stays beside it."""
    await tx.execute(
        SETTLE,
        id=row.id,
        facility=row.facility,
        link_key=row.link_key,
        state=row.state.value,
        sort_time=row.sort_time,
        needs_check_in=row.needs_check_in,
    )


async def list_tracked(
    tx: Transaction,
    facility: str,
    states: Sequence[State],
    *,
    until: datetime,
    after: tuple[datetime, UUID],
    limit: int,
) -> list[Tracked]:
    """Return up to *limit* encounters of a facility (bare code) in *states*, as they are listed.

    They come after *after*, a time and an id, and before *until*.
    """
    rows = await tx.fetch(
        LIST,
        states=[state.value for state in states],
        facility=facility,
        until=until,
        after_time=after[0],
        after_id=after[1],
        limit=limit,
    )
    return [_tracked(row) for row in rows]


async def list_sent(tx: Transaction, facility: str, link_keys: Sequence[str]) -> dict[str, Sent]:
    """Return the latest version of each encounter's dossier, by link key."""
    rows = await tx.fetch(SENT, facility=facility, link_keys=list(link_keys))
    slips_of = await tx.fetch(UNSENT_SLIPS, dossiers=[row["id"] for row in rows])
    unsent = {row["dossier"]: int(row["count"]) for row in slips_of}
    return {row["link_key"]: _sent(row, unsent) for row in rows}


async def list_check_ins(tx: Transaction, facility: str, link_keys: Sequence[str]) -> dict[str, CheckedIn]:
    rows = await tx.fetch(CHECK_INS, facility=facility, link_keys=list(link_keys))
    return {
        row["link_key"]: CheckedIn(row["receive_time"], row["form_of_care"], row["arrival_time"])
        for row in rows
    }


async def count_late(tx: Transaction, at: datetime) -> dict[Duty, int]:
    """Return of how many encounters what is due first is late at *at*, by what it is."""
    rows = await tx.fetch(LATE, at=at, limit=MAX_COUNTED)
    return {Duty(row["duty"]): int(row["count"]) for row in rows}


def _listed(row: Tracked) -> dict[str, object]:
    return {
        "id": row.id,
        "facility": row.facility,
        "link_key": row.link_key,
        "sort_time": row.sort_time,
        "duty": row.duty.value if row.duty else None,
        "due_time": row.due_time,
    }


def _tracked(row: Record) -> Tracked:
    return Tracked(
        facility=row["facility"],
        link_key=row["link_key"],
        state=State(row["state"]),
        sort_time=row["sort_time"],
        duty=Duty(row["duty"]) if row["duty"] else None,
        due_time=row["due_time"],
        needs_check_in=row["needs_check_in"],
        refusal=_refusal(row) if row["refuse_time"] else None,
    )


def _refusal(row: Record) -> Refusal:
    return Refusal(
        time=row["refuse_time"],
        reason=row["refuse_reason"],
        findings=tuple(Fault(path, rule, en, vi) for rule, path, vi, en in row["refusals"]),
        count=row["refusal_count"],
        arrival_time=row["refused_arrival_time"],
        discharge_time=row["refused_discharge_time"],
    )


def _sent(row: Record, unsent: Mapping[UUID, int]) -> Sent:
    return Sent(
        id=row["id"],
        version=row["version"],
        withdrawn=row["state"] == "withdrawn",
        arrival_time=row["arrival_time"],
        discharge_time=row["discharge_time"],
        receive_time=row["receive_time"],
        first_receive_time=row["first_receive_time"],
        warning_count=row["warning_count"],
        unsent_slips=unsent.get(row["id"], 0),
    )
