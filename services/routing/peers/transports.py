"""
How a message leaves for a system that is not this node: another node of ours, or one of another make.

    handover = await transport.deliver(message, body)

The message stays in our table, leased, until that system has taken it (`Handover`) and, unless the handover
is final, until it tells what became of it.  A transport keeps nothing: what it has not handed over is given
to it again, in order.  It must therefore be safe to deliver a message twice: the far side knows it by its id.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from lientuyen.type.v1.reason import Reason

from ..model.messages import Message


@dataclass(frozen=True, slots=True)
class Handover:
    """What the far system answered when it had taken a message, durably.

    *reference* is its own name for it, as a transaction number (mã giao dịch), at most 200 characters.
    *receipt* is its proof, byte for byte as it came: of a node of ours a serialised
    `lientuyen.routing.v1.Receipt`; may be empty; at most 64 KiB.  *is_final*: nothing more will be told of
    the message, which is therefore acknowledged now.
    """

    reference: str
    receipt: bytes = b""
    is_final: bool = False


class TransportRefused(Exception):
    """The far system will not take this message, however often it is sent: it becomes a dead letter.

    *reason* is one of the contract's; *note* what the far system said, for the sender's staff: at most
    500 characters, and nothing of the person.
    """

    def __init__(self, reason: Reason, note: str = "") -> None:
        super().__init__(f"{reason.name}: {note}")
        self.reason = reason
        self.note = note


class Transport(Protocol):
    """The way to one far system.

    *keeps_order*: whether messages of one sender to one recipient may be given to `deliver` before those
    before them were answered, because the far side takes them in the order of the calls and none behind one
    that it could not take.  Else there is one of each pair under way at a time.
    """

    keeps_order: bool

    @property
    def is_up(self) -> bool:
        """Tell whether the far system answered us last, as far as this replica knows."""
        ...

    async def run(self) -> None:
        """Keep the way open for as long as this is not cancelled: one replica at a time does."""
        ...

    async def deliver(self, message: Message, body: AsyncIterator[bytes]) -> Handover:
        """Hand *message* over, with its *body* in pieces of at most 256 KiB, open.

        Returns when the far system has it durably.  Raises `TransportRefused` for a message that it will
        never take, and a `ServiceError` (`Unavailable`, `DeadlineExceeded`, `ResourceExhausted`) when it
        has to be tried again, later.  Has a deadline of its own.
        """
        ...

    async def close(self) -> None: ...
