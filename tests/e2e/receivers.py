"""Who sends and who receives through mailboxes while routing is killed; one dies with a message in hand."""

import asyncio
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from google.protobuf.duration_pb2 import Duration

from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.message_pb2 import Delivery, Message
from lientuyen_client import Client, DeadlineExceeded, FailedPrecondition, Unavailable
from tests.harness import eventually

from .conftest import Live
from .faults import answered

# A mailbox that nothing else is sent to.
RECEIVER, RECEIVING = "facility/01929", "//identity.lientuyen/facilities/01929"

LEASE = Duration(seconds=3)

# A hospital's program: it takes what comes, says so, and acknowledges nothing.
HOLDER = f"""
import asyncio, sys
from pathlib import Path
from google.protobuf.duration_pb2 import Duration
from lientuyen.routing.v1.mailbox_service_pb2 import ReceiveMessagesRequest
from lientuyen_client import connect
from lientuyen_client.running_stack import read_stack

async def hold():
    async with connect("{RECEIVER}", read_stack(Path(sys.argv[1]))) as client:
        lease = Duration(seconds=3)
        request = ReceiveMessagesRequest(recipient="{RECEIVING}", lease=lease, max_outstanding=3)
        async for one in client.mailbox.ReceiveMessages(request):
            print(one.delivery.message.name, flush=True)

asyncio.run(hold())
"""


async def send(client: Client, facility: str, count: int) -> None:
    """Send numbered messages, one after the other, each until it is accepted."""

    async def once(parts: list[mailbox.SendMessageRequest]) -> None:
        async def stream() -> AsyncIterator[mailbox.SendMessageRequest]:
            for part in parts:
                yield part

        await client.mailbox.SendMessage(stream(), timeout=15)

    for number in range(count):
        header = mailbox.MessageHeader(
            sender=f"//identity.lientuyen/facilities/{facility}",
            recipient=RECEIVING,
            kind=Message.KIND_DOCUMENT,
            media_type="text/plain",
            correlation=f"{number}",
        )
        first = mailbox.SendMessageRequest(request_id=str(uuid4()), header=header)
        await answered(once, [first, mailbox.SendMessageRequest(chunk=b"noi dung")])


@asynccontextmanager
async def holder(live: Live) -> AsyncIterator[str]:
    """Give the first message that a receiver holds; at the end of the block it dies by kill -9."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, str(live.home)), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            yield (await process.stdout.readline()).decode().strip()
    finally:
        process.kill()
        await process.communicate()


@dataclass
class Desk:
    """A receiver: *taken* has the numbers of messages by sender, in the order they were acknowledged."""

    client: Client
    expected: int
    taken: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    acknowledged: set[str] = field(default_factory=set)
    after_acknowledgement: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Receive until everything expected is acknowledged."""
        request = mailbox.ReceiveMessagesRequest(recipient=RECEIVING, lease=LEASE, max_outstanding=4)
        while len(self.acknowledged) < self.expected:
            try:
                async with aclosing(self.client.mailbox.ReceiveMessages(request)) as stream:
                    await self._receive(stream)
            except (Unavailable, DeadlineExceeded):
                await asyncio.sleep(0.1)

    async def takes(self, more: int) -> None:
        """Wait until *more* messages are acknowledged, or everything expected."""
        want = min(len(self.acknowledged) + more, self.expected)

        async def enough() -> bool:
            return len(self.acknowledged) >= want

        await eventually(enough)

    async def _receive(self, stream: AsyncIterator[mailbox.ReceiveMessagesResponse]) -> None:
        async for response in stream:
            await self._take(response.delivery)
            if len(self.acknowledged) == self.expected:
                return

    async def _take(self, delivery: Delivery) -> None:
        message = delivery.message
        if message.name in self.acknowledged:
            self.after_acknowledgement.append(message.name)
        request = mailbox.AcknowledgeMessageRequest(name=message.name, lease_token=delivery.lease_token)
        try:
            await answered(self.client.mailbox.AcknowledgeMessage, request)
        except FailedPrecondition:
            return  # the lease ran out while routing was away: it comes again
        self.acknowledged.add(message.name)
        self.taken[message.sender].append(int(message.correlation))
