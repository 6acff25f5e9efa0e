"""
What of each sender waits in each mailbox: a row for each two, kept by triggers on `messages`.

A share is exact by the lock on its row.  The sums of a sender and of a mailbox have no row, on which all
sends into one mailbox would wait for one another; they are added up, and exact all the same:

    far from a limit    senders hold a shared lock of the transaction on the mailbox, and none waits.  Each
                        sees what was committed; what it does not see is what at most `max_connections`
                        others are just adding, so many messages of 64 MiB: the slack.  It passes only
                        when what it sees, and the slack, are within the limit.
    near a limit        (two slacks or less) the lock is exclusive: one after the other, the sum is whole.

One that began far and finds itself near is run again.  The same holds for all that one sender sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from chassis.db import Record, Transaction
from chassis.db_errors import overtaken
from chassis.sql import sql

from ..model.messages import MAX_BODY_BYTES
from ..model.quotas import Quota, Quotas, Usage

# The sender's lock first, then the mailbox's: whoever holds the second waits for nobody's first.
# The first numbers set these locks apart from others: any that no other use has.
LOCK = sql(
    text(
        """
        WITH slack AS (
            SELECT current_setting('max_connections')::bigint AS messages
        ), far AS (
            SELECT
                (SELECT coalesce(sum(share.messages), 0) + 2 * slack.messages <= :sender_messages
                    AND coalesce(sum(share.bytes), 0) + 2 * slack.messages * :largest <= :sender_bytes
                 FROM mailbox_shares AS share WHERE share.sender = :sender) AS sender,
                (SELECT coalesce(sum(share.messages), 0) + 2 * slack.messages <= :recipient_messages
                    AND coalesce(sum(share.bytes), 0) + 2 * slack.messages * :largest <= :recipient_bytes
                 FROM mailbox_shares AS share WHERE share.recipient = :recipient) AS recipient,
                slack.messages AS slack
            FROM slack
        )
        SELECT far.sender AS sender_is_far, far.recipient AS recipient_is_far, far.slack,
            CASE WHEN far.sender THEN pg_advisory_xact_lock_shared(5417103, hashtext(:sender))
                ELSE pg_advisory_xact_lock(5417103, hashtext(:sender)) END,
            CASE WHEN far.recipient THEN pg_advisory_xact_lock_shared(5417104, hashtext(:recipient))
                ELSE pg_advisory_xact_lock(5417104, hashtext(:recipient)) END
        FROM far
        """
    ),
    operation="SELECT",
    about="mailbox_shares",
)

MEASURE = sql(
    text(
        """
        SELECT share.messages AS share_messages, share.bytes AS share_bytes,
            sent.messages AS sender_messages, sent.bytes AS sender_bytes,
            box.messages AS recipient_messages, box.bytes AS recipient_bytes
        FROM (SELECT coalesce(sum(messages), 0)::bigint AS messages, coalesce(sum(bytes), 0)::bigint AS bytes
              FROM mailbox_shares WHERE recipient = :recipient AND sender = :sender) AS share,
             (SELECT coalesce(sum(messages), 0)::bigint AS messages, coalesce(sum(bytes), 0)::bigint AS bytes
              FROM mailbox_shares WHERE sender = :sender) AS sent,
             (SELECT coalesce(sum(messages), 0)::bigint AS messages, coalesce(sum(bytes), 0)::bigint AS bytes
              FROM mailbox_shares WHERE recipient = :recipient) AS box
        """
    ),
    about="mailbox_shares",
)

# All that waits, by the kind of its recipient, which its code says (`call_context.CARE_CODE`).
RECIPIENT_KINDS: Final = ("care_facility", "other")
MEASURE_ALL = sql(
    text(
        r"""
        SELECT CASE WHEN recipient ~ '/[0-9]{2}[0-9A-Z]{3}$' THEN 'care_facility' ELSE 'other' END AS kind,
            sum(messages)::bigint AS messages, sum(bytes)::bigint AS bytes
        FROM mailbox_shares WHERE messages > 0 GROUP BY 1
        """
    ),
    about="mailbox_shares",
)

# The fullest of each view, as a part of its quota.
MEASURE_FULLEST = sql(
    text(
        """
        SELECT 'share' AS quota, greatest(max(messages)::float8 / :share_messages,
            max(bytes)::float8 / :share_bytes) AS part
        FROM mailbox_shares
        UNION ALL
        SELECT 'sender', greatest(max(messages)::float8 / :sender_messages,
            max(bytes)::float8 / :sender_bytes)
        FROM (SELECT sum(messages) AS messages, sum(bytes) AS bytes
              FROM mailbox_shares GROUP BY sender) AS sent
        UNION ALL
        SELECT 'recipient', greatest(max(messages)::float8 / :recipient_messages,
            max(bytes)::float8 / :recipient_bytes)
        FROM (SELECT sum(messages) AS messages, sum(bytes) AS bytes
              FROM mailbox_shares GROUP BY recipient) AS box
        """
    ),
    about="mailbox_shares",
)


@dataclass(frozen=True, slots=True)
class Locked:
    """The locks of a message under way: which quotas are far from used up, and the slack, in messages."""

    sender_is_far: bool
    recipient_is_far: bool
    slack: int


async def lock_shares(tx: Transaction, sender: str, recipient: str, quotas: Quotas) -> Locked:
    """Let nobody else use up what *sender* or *recipient* has left, until the end of the transaction."""
    row = await tx.fetchrow(
        LOCK,
        sender=sender,
        recipient=recipient,
        largest=MAX_BODY_BYTES,
        **_limits("sender", quotas.sender),
        **_limits("recipient", quotas.recipient),
    )
    assert row is not None
    return Locked(row["sender_is_far"], row["recipient_is_far"], row["slack"])


async def get_usage(tx: Transaction, sender: str, recipient: str) -> Usage:
    row = await tx.fetchrow(MEASURE, sender=sender, recipient=recipient)
    assert row is not None
    return Usage(_amount(row, "share_"), _amount(row, "sender_"), _amount(row, "recipient_"))


def check_still_far(locked: Locked, usage: Usage, quotas: Quotas) -> None:
    """Raise what makes the transaction run again when it took a shared lock and is near a limit now."""
    slack = Quota(locked.slack, locked.slack * MAX_BODY_BYTES)
    for is_far, used, quota in (
        (locked.sender_is_far, usage.sender, quotas.sender),
        (locked.recipient_is_far, usage.recipient, quotas.recipient),
    ):
        if is_far and not quota.holds(Quota(used.messages + slack.messages, used.bytes + slack.bytes)):
            raise overtaken()


async def get_all_usage(tx: Transaction) -> dict[str, Quota]:
    """Return what waits in all mailboxes, by the kind of the recipient: `care_facility`, `other`."""
    waiting = {row["kind"]: _amount(row, "") for row in await tx.fetch(MEASURE_ALL)}
    return {kind: waiting.get(kind, Quota(0, 0)) for kind in RECIPIENT_KINDS}


async def get_fullest(tx: Transaction, quotas: Quotas) -> dict[str, float]:
    """Return the part of its quota that the fullest `share`, `sender` and `recipient` uses."""
    limits: Sequence[tuple[str, Quota]] = (
        ("share", quotas.share),
        ("sender", quotas.sender),
        ("recipient", quotas.recipient),
    )
    params = {key: value for name, quota in limits for key, value in _limits(name, quota).items()}
    return {row["quota"]: row["part"] or 0.0 for row in await tx.fetch(MEASURE_FULLEST, **params)}


def _limits(name: str, quota: Quota) -> dict[str, int]:
    return {f"{name}_messages": quota.messages, f"{name}_bytes": quota.bytes}


def _amount(row: Record, prefix: str) -> Quota:
    return Quota(row[f"{prefix}messages"], row[f"{prefix}bytes"])
