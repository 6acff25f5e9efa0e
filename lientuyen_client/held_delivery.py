"""
Holding a delivery for as long as the work on it takes.

    async with held(client.mailbox, delivery):
        ...                                       # read its 64 MiB over a slow line

Its lease, and that of what waits behind it, is extended meanwhile.  What ends the lease all the same tells
the acknowledgement.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from lientuyen.routing.v1.mailbox_service_pb2 import ExtendLeaseRequest
from lientuyen.routing.v1.message_pb2 import Delivery

from .errors import ServiceError

if TYPE_CHECKING:
    from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceAsyncStub

# Three times in the lease of a minute that a receiver has when it asks for no other.
EXTEND_EVERY_S: Final = 20.0


@asynccontextmanager
async def held(
    mailbox: "MailboxServiceAsyncStub", delivery: Delivery, *, every_s: float = EXTEND_EVERY_S
) -> AsyncIterator[None]:
    """Keep the lease of *delivery* while the block runs, by extending it a minute *every_s* seconds."""
    extending = asyncio.create_task(_extend(mailbox, delivery, every_s))
    try:
        yield
    finally:
        extending.cancel()


async def _extend(mailbox: "MailboxServiceAsyncStub", delivery: Delivery, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        with suppress(ServiceError):
            await mailbox.ExtendLease(
                ExtendLeaseRequest(name=delivery.message.name, lease_token=delivery.lease_token)
            )
