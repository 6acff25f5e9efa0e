"""What is in one mailbox, for who runs the exchange."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mailbox:
    """So many messages wait, since *oldest_time*, with so many bytes; are held by receivers; are dead."""

    recipient: str
    oldest_time: datetime | None
    waiting: int
    waiting_bytes: int
    held: int
    dead: int
