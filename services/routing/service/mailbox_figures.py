"""
What mailboxes tell of themselves: what waits and since when, what is dead, and how hard delivery is.

The first two are looked at in the store by each replica (`expiry_and_retention`), and are of all mailboxes.
"""

from collections.abc import Iterable
from typing import Final

from chassis import telemetry
from chassis.db import Transaction

from ..model.messages import DeadReason, Message, State
from ..store import dead_letters, mailbox_queue

# Leases that a message had until it was settled; with the usual settings it dies of the tenth.
ATTEMPT_BUCKETS: Final = (1, 2, 3, 5, 10, 20)


class MailboxFigures:
    def __init__(self) -> None:
        # As last looked at: how many messages wait, the seconds that the first of them has waited, and how
        # many are dead of what.
        self._depth = 0
        self._oldest_s = 0.0
        self._dead: dict[str, int] = {}

    def watch(self) -> None:
        telemetry.gauge("lientuyen.mailbox.depth", lambda: [(self._depth, {})], unit="{message}")
        telemetry.gauge("lientuyen.mailbox.oldest", lambda: [(self._oldest_s, {})], unit="s")
        telemetry.gauge(
            "lientuyen.mailbox.dead",
            lambda: [(self._dead.get(reason, 0), {"reason": reason}) for reason in DeadReason],
            unit="{message}",
        )

    async def measure(self, tx: Transaction) -> None:
        self._depth, self._oldest_s = await mailbox_queue.measure_waiting(tx)
        self._dead = await dead_letters.count_by_reason(tx)


def count_expired_leases(changed: Iterable[tuple[Message, bool]]) -> None:
    """Count the leases that ran out, of messages as they are now, each with whether it counts."""
    for message, counted in changed:
        if not counted:
            continue
        exhausted = message.state is State.DEAD
        telemetry.count(
            "lientuyen.mailbox.leases.expired",
            description="Leases that ran out, those that only waited behind one left out.",
            outcome="exhausted" if exhausted else "returned",
        )
        if exhausted:
            record_attempts(message)


def record_attempts(message: Message) -> None:
    """Note how often *message*, which is settled now, was leased for it."""
    telemetry.record(
        "lientuyen.mailbox.attempts",
        message.attempts,
        unit="{attempt}",
        bounds=ATTEMPT_BUCKETS,
        description="Leases that messages had until they were settled.",
        outcome=message.dead_reason or message.state,
    )
