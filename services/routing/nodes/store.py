"""Where facilities live, what waits for a far node, what came from one and what one has taken."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Transaction
from chassis.sql import sql

from ..model.messages import Message
from ..schema import arrivals, facility_homes, far_receipts
from ..store.messages import COLUMN_LIST, message_from_row
from .model import Arrival

_ARRIVAL: Final = ("message_id", "node", "origin", "enqueue_time", "person")
M_COLUMNS: Final = ", ".join(f"messages.{name}" for name in COLUMN_LIST.split(", "))

HOMES = sql(select(*facility_homes.c).order_by(facility_homes.c.facility, facility_homes.c.version))
PUT_HOME = sql(
    insert(facility_homes)
    .values({column.name: bindparam(column.name) for column in facility_homes.c})
    .on_conflict_do_nothing()
)

# One replica holds a link; another takes it when the hold ran out, and begins a new epoch.
HOLD = sql(
    text(
        """
        INSERT INTO node_links AS link (node, holder, hold_expire_time)
        VALUES (:node, :holder, clock_timestamp() + CAST(:duration AS interval))
        ON CONFLICT (node) DO UPDATE
        SET holder = :holder, hold_expire_time = clock_timestamp() + CAST(:duration AS interval),
            epoch = link.epoch + CASE WHEN link.holder = :holder THEN 0 ELSE 1 END
        WHERE link.holder = :holder OR link.hold_expire_time <= clock_timestamp()
        RETURNING epoch
        """
    ),
    about="node_links",
    operation="INSERT",
)

# Nobody else can take the link while this is read, until the transaction ends.
LOCK_EPOCH = sql(
    text("SELECT epoch FROM node_links WHERE node = :node AND holder = :holder FOR SHARE"), about="node_links"
)

SET_STANDING = sql(
    text(
        """
        UPDATE node_links SET standing = :standing, change_time = now()
        WHERE node = :node AND holder = :holder AND standing <> :standing
        """
    ),
    about="node_links",
)
LINKS = sql(
    text(
        """
        SELECT node, standing AND hold_expire_time > clock_timestamp() AS standing, change_time
        FROM node_links ORDER BY node
        """
    ),
    about="node_links",
)

# The mailboxes of a node's facilities in which something waits, by a look into each.
LIST_DUE = sql(
    text(
        """
        SELECT home.facility FROM facility_homes AS home
        WHERE home.node = :node
          AND NOT EXISTS (
              SELECT FROM facility_homes AS later
              WHERE later.facility = home.facility AND later.version > home.version
          )
          AND EXISTS (
              SELECT FROM messages WHERE messages.recipient = home.facility AND messages.state = 'accepted'
          )
        LIMIT :limit
        """
    ),
    about="facility_homes",
)

# Senders of whose messages receivers hold some that are not this node's stream: of before a move.
LIST_BUSY = sql(
    text(
        """
        SELECT DISTINCT sender FROM messages
        WHERE recipient = :recipient AND state = 'leased' AND lease_stream <> CAST(:stream AS uuid)
        """
    ),
    about="messages",
)

# What waits in a mailbox, in its line, but that of some senders.
LOCK_LINE = sql(
    text(
        f"""
        SELECT {COLUMN_LIST} FROM messages
        WHERE recipient = :recipient AND state = 'accepted' AND sender <> ALL (CAST(:busy AS text[]))
        ORDER BY sequence LIMIT :limit FOR UPDATE
        """
    ),
    about="messages",
)

# What was leased for a node that has not taken it; of one pair, or of all.
LOCK_UNTAKEN = sql(
    text(
        f"""
        SELECT {M_COLUMNS} FROM messages
        WHERE state = 'leased' AND lease_stream = CAST(:stream AS uuid)
          AND (:recipient = '' OR recipient = :recipient) AND (:sender = '' OR sender = :sender)
          AND NOT EXISTS (SELECT FROM handovers WHERE handovers.message_id = messages.id)
        FOR UPDATE
        """
    ),
    about="messages",
)

PUT_HANDOVER = sql(
    text(
        """
        INSERT INTO handovers (message_id, node, reference, handover_time)
        VALUES (:message_id, :node, :reference, clock_timestamp())
        ON CONFLICT (message_id) DO UPDATE
        SET node = :node, reference = :reference, handover_time = clock_timestamp()
        """
    ),
    about="handovers",
    operation="INSERT",
)
DELETE_HANDOVERS = sql(
    text("DELETE FROM handovers WHERE message_id = ANY (CAST(:ids AS uuid[]))"), about="handovers"
)

PUT_ARRIVAL = sql(
    insert(arrivals)
    .values({name: bindparam(name) for name in (*_ARRIVAL, "ended")})
    .on_conflict_do_update(
        index_elements=["message_id", "node"],
        set_={
            **{name: bindparam(name) for name in ("origin", "enqueue_time", "person", "ended")},
            "confirm_time": None,
        },
    )
)
# Of everybody who brought a message, the newest last.
GET_ARRIVALS = sql(
    select(*(arrivals.c[name] for name in _ARRIVAL))
    .where(arrivals.c.message_id == bindparam("id"))
    .order_by(arrivals.c.enqueue_time)
)
LIST_ENDED = sql(
    text(
        f"""
        SELECT {M_COLUMNS} FROM arrivals JOIN messages ON messages.id = arrivals.message_id
        WHERE arrivals.node = :node AND arrivals.ended AND arrivals.confirm_time IS NULL
          AND messages.state IN ('acknowledged', 'dead', 'stopped')
        ORDER BY arrivals.message_id LIMIT :limit
        """
    ),
    about="arrivals",
)
CONFIRM = sql(
    text(
        """
        UPDATE arrivals SET confirm_time = now()
        WHERE message_id = :id AND node = :node AND ended AND confirm_time IS NULL
        """
    ),
    about="arrivals",
)
IS_UNTOLD = sql(
    text(
        """
        SELECT EXISTS (
            SELECT FROM arrivals WHERE message_id = :id AND ended AND confirm_time IS NULL
        )
        """
    ),
    about="arrivals",
)
SET_BODY = sql(text("UPDATE messages SET body = :body, remove_time = NULL WHERE id = :id"), about="messages")
SET_PERSON = sql(text("UPDATE messages SET person = :person WHERE id = :id"), about="messages")

PUT_RECEIPT = sql(
    insert(far_receipts)
    .values({name: bindparam(name) for name in ("message_id", "node", "kind", "receipt")})
    .on_conflict_do_update(
        index_elements=["message_id", "node", "kind"], set_={"receipt": bindparam("receipt")}
    )
)

# What waits for each node, and since when.
DEPTHS = sql(
    text(
        """
        SELECT home.node, count(*) AS depth, min(messages.enqueue_time) AS oldest,
               clock_timestamp() AS now
        FROM (SELECT DISTINCT ON (facility) facility, node FROM facility_homes
              ORDER BY facility, version DESC) AS home
        JOIN messages ON messages.recipient = home.facility AND messages.state = 'accepted'
        WHERE home.node <> :here GROUP BY home.node
        """
    ),
    about="messages",
)


Links = dict[str, tuple[bool, datetime]]
Depths = dict[str, tuple[int, datetime]]


async def list_homes(tx: Transaction) -> list[Any]:
    """Return facility, version, node and sequence of every entry, by facility and version."""
    return list(await tx.fetch(HOMES))


async def put_homes(tx: Transaction, rows: Iterable[dict[str, object]]) -> None:
    await tx.executemany(PUT_HOME, rows)


async def hold_link(tx: Transaction, node: str, holder: UUID, duration: timedelta) -> int | None:
    """Hold the link to *node* for a *duration*, or longer; return its epoch, None while another holds it."""
    epoch: int | None = await tx.fetchval(HOLD, node=node, holder=holder, duration=duration)
    return epoch


async def is_held(tx: Transaction, node: str, holder: UUID, epoch: int) -> bool:
    """Tell whether nobody else has held the link since its *epoch* began, nor will before *tx* ends."""
    return bool(await tx.fetchval(LOCK_EPOCH, node=node, holder=holder) == epoch)


async def set_standing(tx: Transaction, node: str, holder: UUID, *, standing: bool) -> None:
    """Write down whether the stream to *node* stands, if *holder* holds the link."""
    await tx.execute(SET_STANDING, node=node, holder=holder, standing=standing)


async def list_links(tx: Transaction) -> Links:
    """Return of each node that there was a link to whether it stands, and since when."""
    return {row["node"]: (row["standing"], row["change_time"]) for row in await tx.fetch(LINKS)}


async def list_due(tx: Transaction, node: str, limit: int) -> list[str]:
    return [row["facility"] for row in await tx.fetch(LIST_DUE, node=node, limit=limit)]


async def list_busy_senders(tx: Transaction, recipient: str, stream: UUID) -> list[str]:
    return [row["sender"] for row in await tx.fetch(LIST_BUSY, recipient=recipient, stream=stream)]


async def lock_line(tx: Transaction, recipient: str, busy: Sequence[str], limit: int) -> list[Message]:
    """Return the first messages that wait in a mailbox, in order, but those of *busy* senders."""
    rows = await tx.fetch(LOCK_LINE, recipient=recipient, busy=list(busy), limit=limit)
    return [message_from_row(row) for row in rows]


async def lock_untaken(tx: Transaction, stream: UUID, recipient: str = "", sender: str = "") -> list[Message]:
    rows = await tx.fetch(LOCK_UNTAKEN, stream=stream, recipient=recipient, sender=sender)
    return [message_from_row(row) for row in rows]


async def put_handover(tx: Transaction, message_id: UUID, node: str, reference: str) -> None:
    await tx.execute(PUT_HANDOVER, message_id=message_id, node=node, reference=reference)


async def delete_handovers(tx: Transaction, message_ids: Sequence[UUID]) -> None:
    await tx.execute(DELETE_HANDOVERS, ids=list(message_ids))


async def put_arrival(tx: Transaction, arrival: Arrival, *, ended: bool) -> None:
    await tx.execute(PUT_ARRIVAL, **{name: getattr(arrival, name) for name in _ARRIVAL}, ended=ended)


async def list_arrivals(tx: Transaction, message_id: UUID) -> list[Arrival]:
    """Return who brought a message, whoever brought it newest last."""
    return [Arrival(**dict(row)) for row in await tx.fetch(GET_ARRIVALS, id=message_id)]


async def list_ended(tx: Transaction, node: str, limit: int) -> list[Message]:
    """Return messages that came from *node* and have ended, of which it has not confirmed to know."""
    return [message_from_row(row) for row in await tx.fetch(LIST_ENDED, node=node, limit=limit)]


async def confirm(tx: Transaction, message_id: UUID, node: str) -> bool:
    return bool(await tx.execute(CONFIRM, id=message_id, node=node))


async def is_untold(tx: Transaction, message_id: UUID) -> bool:
    """Tell whether a node that brought a message has not confirmed to know how it ended."""
    return bool(await tx.fetchval(IS_UNTOLD, id=message_id))


async def set_body(tx: Transaction, message_id: UUID, body: bytes | None) -> None:
    await tx.execute(SET_BODY, id=message_id, body=body)


async def put_receipt(tx: Transaction, message_id: UUID, node: str, kind: str, receipt: bytes) -> None:
    await tx.execute(PUT_RECEIPT, message_id=message_id, node=node, kind=kind, receipt=receipt)


async def get_depths(tx: Transaction, here: str) -> list[tuple[str, int, datetime, datetime]]:
    """Return of each other node how many messages wait for it, since when the oldest, and the time."""
    return [
        (row["node"], row["depth"], row["oldest"], row["now"]) for row in await tx.fetch(DEPTHS, here=here)
    ]
