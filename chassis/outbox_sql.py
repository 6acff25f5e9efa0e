"""
The statements of the outbox, and why each is as it is.  `chassis/outbox.py` runs them.

They use the database's clock only, so that relays on several machines agree.
"""

from typing import Final

from sqlalchemy import (
    Interval,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from .schema import outbox
from .sql import sql

# Relays listen here; the payload is empty, so that a transaction's notifications become one.
CHANNEL: Final = "outbox"

# Literals and not parameters: the partial indexes serve only what is written out.
WAITING: Final[ColumnElement[bool]] = outbox.c.state == literal_column("'waiting'")
DEAD: Final[ColumnElement[bool]] = outbox.c.state == literal_column("'dead'")
HAS_KEY: Final[ColumnElement[bool]] = outbox.c.key != literal_column("''")
IS_HELD: Final = and_(outbox.c.id == bindparam("id"), outbox.c.attempts == bindparam("attempts"), WAITING)

# One round trip for the row and the wake-up; an id that is there already publishes nothing.
PUBLISH = sql(
    text("""
        WITH publish_outbox AS (
            INSERT INTO outbox (id, topic, key, payload, traceparent)
            VALUES (:id, :topic, :key, :payload, :traceparent)
            ON CONFLICT DO NOTHING
            RETURNING id
        )
        SELECT pg_notify('outbox', '') FROM publish_outbox
    """),
    operation="SELECT",
    about="publish_outbox",
)

# An event is due when its time has come, somebody here handles its topic, and nothing of its key
# that came before is unfinished.
_IS_DUE: Final = """
    outbox.state = 'waiting' AND outbox.next_time <= now() AND outbox.topic = ANY (:topics)
    AND (outbox.key = '' OR NOT EXISTS (
        SELECT FROM outbox AS earlier
        WHERE earlier.state = 'waiting' AND earlier.key <> ''
          AND earlier.key = outbox.key AND earlier.seq < outbox.seq))
"""

# The claim of what is `due`, whose rows are locked.  `attempts` grows with each claim, so that a
# relay whose lease ran out no longer matches.  The columns are in the order of the fields of `Event`.
_CLAIM_DUE: Final = """
    UPDATE outbox SET attempts = outbox.attempts + 1, next_time = now() + CAST(:lease AS interval)
    FROM due WHERE outbox.id = due.id
    RETURNING outbox.id, topic, key, payload, attempts, create_time, seq, traceparent, last_error,
        now() - create_time
"""

CLAIM = sql(
    text(f"""
        WITH due AS (
            SELECT id FROM outbox WHERE {_IS_DUE}
            ORDER BY next_time, seq LIMIT :limit
            FOR UPDATE OF outbox SKIP LOCKED
        ) {_CLAIM_DUE}
    """),
    operation="UPDATE",
    about="outbox",
)

# The next event of each of some keys.  `CLAIM` passes over all that wait behind an unfinished
# event of their key, thousands when a key has a backlog; this goes to the one by its index.
CLAIM_NEXT = sql(
    text(f"""
        WITH due AS (
            SELECT next.id FROM unnest(CAST(:keys AS text[])) AS wanted (key)
            CROSS JOIN LATERAL (
                SELECT id FROM outbox WHERE {_IS_DUE} AND outbox.key <> '' AND outbox.key = wanted.key
                ORDER BY seq LIMIT 1
                FOR UPDATE OF outbox SKIP LOCKED
            ) AS next
        ) {_CLAIM_DUE}
    """),
    operation="UPDATE",
    about="outbox",
)

FINISH = sql(update(outbox).where(IS_HELD).values(state="done", finish_time=func.now(), last_error=""))

RETRY = sql(
    update(outbox)
    .where(IS_HELD)
    .values(next_time=func.now() + bindparam("delay", type_=Interval), last_error=bindparam("error"))
)

# The followers of a failed event wait with it; else each claim would pass over all of them.
# One that was claimed meanwhile (by a relay that took over) is left alone.
HOLD_BACK = sql(
    update(outbox)
    .where(
        WAITING,
        HAS_KEY,
        outbox.c.key == bindparam("with_key"),
        outbox.c.seq > bindparam("after"),
        outbox.c.attempts == literal_column("0"),
    )
    .values(next_time=func.now() + bindparam("delay", type_=Interval))
)

# What may be made due sooner: what is due later than any lease ends is held by nobody.
_IS_LATER: Final = "outbox.state = 'waiting' AND outbox.next_time > now() + CAST(:lease AS interval)"

# Of the events that wait for each peer that was silent, as `last_error` names it, the oldest is due.
SCOUT = sql(
    text(f"""
        UPDATE outbox SET next_time = now() WHERE {_IS_LATER} AND id IN (
            SELECT DISTINCT ON (last_error) id FROM outbox
            WHERE {_IS_LATER} AND outbox.last_error LIKE :silence
            ORDER BY last_error, seq)
    """),
    about="outbox",
)

# A peer answers again: what waits for it is due, spread over some seconds, and what waits behind such.
HURRY = sql(
    text(f"""
        UPDATE outbox SET next_time = now() + random() * CAST(:spread AS interval)
        WHERE {_IS_LATER} AND (
            outbox.last_error = :silence
            OR outbox.attempts = 0 AND outbox.key <> '' AND NOT EXISTS (
                SELECT FROM outbox AS earlier
                WHERE earlier.state = 'waiting' AND earlier.key <> '' AND earlier.key = outbox.key
                  AND earlier.last_error NOT IN ('', :silence)))
    """),
    about="outbox",
)

GIVE_UP = sql(
    update(outbox).where(IS_HELD).values(state="dead", finish_time=func.now(), last_error=bindparam("error"))
)

# Whoever cannot open an event leaves it to others: the attempt does not count.
LEAVE = sql(
    update(outbox)
    .where(IS_HELD)
    .values(
        attempts=outbox.c.attempts - literal_column("1"),
        next_time=func.now() + bindparam("delay", type_=Interval),
        last_error=bindparam("error"),
    )
)

GIVE_BACK = sql(
    update(outbox)
    .where(IS_HELD)
    .values(attempts=outbox.c.attempts - literal_column("1"), next_time=func.now())
)

# What an operator may see: never the payload.
SHOWN: Final = [
    outbox.c.id,
    outbox.c.state,
    outbox.c.topic,
    outbox.c.key,
    outbox.c.attempts,
    outbox.c.last_error,
    outbox.c.create_time,
    outbox.c.finish_time,
    outbox.c.traceparent,
]

# Newest first; the index on `finish_time` leads to the page.
LIST_DEAD = sql(
    select(*SHOWN)
    .where(
        DEAD,
        tuple_(outbox.c.finish_time, outbox.c.id) < tuple_(bindparam("before"), bindparam("before_id")),
    )
    .order_by(outbox.c.finish_time.desc(), outbox.c.id.desc())
    .limit(bindparam("limit"))
)

REPLAY = sql(
    update(outbox)
    .where(outbox.c.id == bindparam("id"), DEAD)
    .values(state="waiting", attempts=literal_column("0"), next_time=func.now(), finish_time=None)
    .returning(*SHOWN)
)

STOP = sql(
    update(outbox)
    .where(outbox.c.id == bindparam("id"), or_(DEAD, WAITING))
    .values(state="stopped", finish_time=func.now())
    .returning(*SHOWN)
)

GET_STATE = sql(select(outbox.c.state).where(outbox.c.id == bindparam("id")))

# How many wait, for how many seconds the oldest does, and how many are dead.
MEASURE = sql(
    select(
        func.count().filter(WAITING),
        func.coalesce(func.extract("epoch", func.now() - func.min(outbox.c.create_time).filter(WAITING)), 0),
        func.count().filter(DEAD),
    ).where(or_(WAITING, DEAD))
)


SWEEP_DONE = sql(
    text("""
        DELETE FROM outbox WHERE id IN (
            SELECT id FROM outbox WHERE state = 'done' AND finish_time < now() - CAST(:retention AS interval)
            LIMIT :limit)
    """),
    about="outbox",
)
SWEEP_DEAD = sql(
    text("""
        DELETE FROM outbox WHERE id IN (
            SELECT id FROM outbox
            WHERE state IN ('dead', 'stopped') AND finish_time < now() - CAST(:retention AS interval)
            LIMIT :limit)
    """),
    about="outbox",
)
