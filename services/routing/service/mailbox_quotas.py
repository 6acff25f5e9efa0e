"""
Whether a message still fits: checked in the transaction that takes it (docs/adr/0061).

    async with quotas.room_for(tx, message):
        ...                    # insert the message: by then triggers have counted it

What the system itself sends is not counted and always fits.
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from chassis import telemetry
from chassis.db import Database, Transaction
from chassis.errors import ResourceExhausted
from chassis.logs import log
from lientuyen.routing.v1 import error_reasons as reasons

from ..model.messages import SYSTEM_SENDER, Message
from ..model.quotas import Quota, Quotas, Usage, find_used_up
from ..store import mailbox_shares as store

# When to come back: a mailbox that is being emptied has room in minutes.
RETRY_AFTER_S: Final = 300


class MailboxQuotas:
    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas
        self._refused: Counter[tuple[str, str, str]] = Counter()
        # What waits by the kind of the recipient, and the part of each quota that is used; as last looked at.
        self._waiting: dict[str, Quota] = {}
        self._fullest: dict[str, float] = {}

    def watch(self) -> None:
        telemetry.gauge(
            "lientuyen.mailbox.waiting.messages",
            lambda: [(used.messages, {"recipient": kind}) for kind, used in self._waiting.items()],
            unit="{message}",
        )
        telemetry.gauge(
            "lientuyen.mailbox.waiting.bytes",
            lambda: [(used.bytes, {"recipient": kind}) for kind, used in self._waiting.items()],
            unit="By",
        )
        telemetry.gauge(
            "lientuyen.quota.fullest",
            lambda: [(part, {"quota": quota}) for quota, part in self._fullest.items()],
        )

    @asynccontextmanager
    async def room_for(self, tx: Transaction, message: Message) -> AsyncIterator[None]:
        """Let *message* be put into its mailbox in the block; ResourceExhausted(QUOTA_USED_UP) after it."""
        if message.sender == SYSTEM_SENDER:
            yield
            return
        locked = await store.lock_shares(tx, message.sender, message.recipient, self._quotas)
        yield
        usage = await store.get_usage(tx, message.sender, message.recipient)
        self._check(message.sender, message.recipient, usage, message.size)
        store.check_still_far(locked, usage, self._quotas)

    async def require_any_room(self, db: Database, sender: str, recipient: str, size: int) -> None:
        """Refuse a long upload of which *size* bytes have come, before the rest comes in vain."""
        async with db.connection() as tx:
            usage = await store.get_usage(tx, sender, recipient)
        share, sent, box = (
            Quota(used.messages + 1, used.bytes + size)
            for used in (usage.share, usage.sender, usage.recipient)
        )
        self._check(sender, recipient, Usage(share, sent, box), size)

    def _check(self, sender: str, recipient: str, usage: Usage, size: int) -> None:
        used_up = find_used_up(usage, self._quotas, size)
        if used_up is None:
            return
        telemetry.count(
            "lientuyen.quota.refusals",
            description="Messages refused because a quota was used up.",
            quota=used_up.quota,
        )
        self._refused[used_up.quota, sender, recipient] += 1
        raise ResourceExhausted(
            reasons.QUOTA_USED_UP,
            quota=used_up.quota,
            used=str(used_up.used),
            limit=str(used_up.limit),
            sender=sender,
            recipient=recipient,
            retry_after_seconds=str(RETRY_AFTER_S),
        )

    async def measure(self, tx: Transaction) -> None:
        """Look what waits, and leave a line in the log of each two that were refused since the last look."""
        self._waiting = await store.get_all_usage(tx)
        self._fullest = await store.get_fullest(tx, self._quotas)
        refused, self._refused = self._refused, Counter()
        for (quota, sender, recipient), count in refused.items():
            log.warning(
                "a mailbox quota is used up", quota=quota, sender=sender, recipient=recipient, refused=count
            )
