"""
How much may wait in mailboxes: of one sender in one mailbox (its share), of one sender in all, in one
mailbox of all senders.

A sender whose share is small, within `reserved`, is not refused because a mailbox is full: whoever fills
one keeps nobody else out.  So a mailbox holds at most its own quota and the reserve of each sender.
"""

from dataclasses import dataclass
from typing import Final, Self

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Quota:
    """An amount: messages, and bytes of their bodies as they were sent."""

    messages: int
    bytes: int

    @classmethod
    def of_mib(cls, messages: int, mib: int) -> Self:
        return cls(messages, mib * MIB)

    def holds(self, used: "Quota") -> bool:
        return used.messages <= self.messages and used.bytes <= self.bytes


@dataclass(frozen=True, slots=True)
class Quotas:
    share: Quota
    sender: Quota
    recipient: Quota
    reserved: Quota


@dataclass(frozen=True, slots=True)
class Usage:
    """What waits, by the same three views, the message in question included."""

    share: Quota
    sender: Quota
    recipient: Quota


@dataclass(frozen=True, slots=True)
class UsedUp:
    """The quota that a message of *size* bytes does not fit into, and what is *used* of it without."""

    quota: str
    used: int
    limit: int


def find_used_up(usage: Usage, quotas: Quotas, size: int) -> UsedUp | None:
    """Return the first quota that *usage*, with the message of *size* bytes in it, is beyond; or None."""
    checked = [("share", usage.share, quotas.share), ("sender", usage.sender, quotas.sender)]
    if not quotas.reserved.holds(usage.share):
        checked.append(("recipient", usage.recipient, quotas.recipient))
    for name, used, limit in checked:
        if used.messages > limit.messages:
            return UsedUp(f"{name}_messages", used.messages - 1, limit.messages)
        if used.bytes > limit.bytes:
            return UsedUp(f"{name}_bytes", used.bytes - size, limit.bytes)
    return None
