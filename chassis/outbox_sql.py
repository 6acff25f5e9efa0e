"""
The statements of the outbox, and why each is as it is.  `chassis/outbox.py` runs them.

They use the database's clock only, so that relays on several machines agree.
"""

from typing import Final

from sqlalchemy import (
    CTE,
    Delete,
    Interval,
    Text,
    Update,
    and_,
    any_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql.elements import ColumnElement

from .schema import outbox, outbox_seen
from .sql import sql

# Relays listen here; the payload is empty, so that a transaction's notifications become one.
CHANNEL: Final = "outbox"

# Literals and not parameters: the partial indexes serve only what is written out.
WAITING: Final[ColumnElement[bool]] = outbox.c.state == literal_column("'waiting'")
DEAD: Final[ColumnElement[bool]] = outbox.c.state == literal_column("'dead'")
HAS_KEY: Final[ColumnElement[bool]] = outbox.c.key != literal_column("''")
IS_HELD: Final = and_(outbox.c.id == bindparam("id"), outbox.c.attempts == bindparam("attempts"), WAITING)

# In the order of the fields of `Event`.
COLUMNS: Final = [
    outbox.c.id,
    outbox.c.topic,
    outbox.c.key,
    outbox.c.payload,
    outbox.c.attempts,
    outbox.c.create_time,
    outbox.c.seq,
    outbox.c.traceparent,
    outbox.c.last_error,
]

# One round trip for the row and the wake-up; an id that is there already publishes nothing.
PUBLISH = sql(
    select(func.pg_notify(CHANNEL, "")).select_from(
        insert(outbox)
        .values({name: bindparam(name) for name in ("id", "topic", "key", "payload", "traceparent")})
        .on_conflict_do_nothing()
        .returning(outbox.c.id)
        .cte("publish_outbox")
    )
)

REMEMBER = sql(
    insert(outbox_seen)
    .values(event_id=bindparam("event_id"))
    .on_conflict_do_nothing()
    .returning(outbox_seen.c.event_id)
)

# An event is due when its time has come, somebody here handles its topic, and nothing of its key
# that came before is unfinished.
_earlier = outbox.alias("earlier")
_IS_DUE: Final = and_(
    WAITING,
    outbox.c.next_time <= func.now(),
    outbox.c.topic == any_(bindparam("topics", type_=ARRAY(Text))),
    or_(
        ~HAS_KEY,
        ~exists().where(
            _earlier.c.state == literal_column("'waiting'"),
            _earlier.c.key != literal_column("''"),
            _earlier.c.key == outbox.c.key,
            _earlier.c.seq < outbox.c.seq,
        ),
    ),
)


def _claim(due: CTE) -> Update:
    """Return the claim of *due*, whose rows are locked.

    `attempts` grows with each claim, so that a relay whose lease ran out no longer matches.
    """
    return (
        update(outbox)
        .where(outbox.c.id == due.c.id)
        .values(
            attempts=outbox.c.attempts + literal_column("1"),
            next_time=func.now() + bindparam("lease", type_=Interval),
        )
        .returning(*COLUMNS)
    )


CLAIM = sql(
    _claim(
        select(outbox.c.id)
        .where(_IS_DUE)
        .order_by(outbox.c.next_time, outbox.c.seq)
        .limit(bindparam("limit"))
        .with_for_update(of=outbox, skip_locked=True)
        .cte("due")
    )
)

# The next event of each of some keys.  `CLAIM` passes over all that wait behind an unfinished
# event of their key, thousands when a key has a backlog; this goes to the one by its index.
_wanted = (
    func.unnest(bindparam("keys", type_=ARRAY(Text))).table_valued("key", name="wanted").render_derived()
)
_next = (
    select(outbox.c.id)
    .where(_IS_DUE, HAS_KEY, outbox.c.key == _wanted.c.key)
    .order_by(outbox.c.seq)
    .limit(literal_column("1"))
    .with_for_update(of=outbox, skip_locked=True)
    .lateral("next")
)
CLAIM_NEXT = sql(_claim(select(_next.c.id).select_from(_wanted.join(_next, true())).cte("due")))

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

GIVE_UP = sql(
    update(outbox).where(IS_HELD).values(state="dead", finish_time=func.now(), last_error=bindparam("error"))
)

GIVE_BACK = sql(
    update(outbox)
    .where(IS_HELD)
    .values(attempts=outbox.c.attempts - literal_column("1"), next_time=func.now())
)

LIST_DEAD = sql(
    select(*COLUMNS)
    .where(DEAD, outbox.c.seq > bindparam("after"))
    .order_by(outbox.c.seq)
    .limit(bindparam("limit"))
)

REPLAY = sql(
    update(outbox)
    .where(outbox.c.id == bindparam("id"), DEAD)
    .values(state="waiting", attempts=literal_column("0"), next_time=func.now(), finish_time=None)
)

STOP = sql(
    update(outbox)
    .where(outbox.c.id == bindparam("id"), or_(DEAD, WAITING))
    .values(state="stopped", finish_time=func.now())
)

# How many wait, for how many seconds the oldest does, and how many are dead.
MEASURE = sql(
    select(
        func.count().filter(WAITING),
        func.coalesce(func.extract("epoch", func.now() - func.min(outbox.c.create_time).filter(WAITING)), 0),
        func.count().filter(DEAD),
    ).where(or_(WAITING, DEAD))
)


def _old(which: ColumnElement[bool]) -> Delete:
    kept = func.now() - bindparam("kept", type_=Interval)
    some = select(outbox.c.id).where(which, outbox.c.finish_time < kept).limit(bindparam("limit"))
    return delete(outbox).where(outbox.c.id.in_(some))


SWEEP_DONE = sql(_old(outbox.c.state == literal_column("'done'")))
SWEEP_DEAD = sql(_old(outbox.c.state.in_([literal_column("'dead'"), literal_column("'stopped'")])))
SWEEP_SEEN = sql(
    delete(outbox_seen).where(
        outbox_seen.c.event_id.in_(
            select(outbox_seen.c.event_id)
            .where(outbox_seen.c.seen_time < func.now() - bindparam("kept", type_=Interval))
            .limit(bindparam("limit"))
        )
    )
)
