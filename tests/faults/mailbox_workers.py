"""Who sends messages, and the desks that take them, two of each hospital; now and then one drops its own."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration

from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from lientuyen.routing.v1.message_pb2 import Delivery, Message, Notice

from .calls import Channels, Worker, new_id

HOSPITALS = ("01999", "79999", "01929", "79024")

# Seconds of a lease, and how many messages a desk may hold.
LEASE = Duration(seconds=5)
MAX_OUTSTANDING = 8

# Of a hundred messages that a desk gets: it dies with them in hand.
DROPPED = 1

# Seconds between two messages of one sender to one recipient, in the mean; before a stream is opened again.
SEND_PAUSE_S = 0.7
REOPEN_PAUSE_S = 0.2


def full(code: str) -> str:
    return f"//identity.lientuyen/facilities/{code}"


def stub(channels: Channels, code: str) -> Any:
    return channels.stub(MailboxServiceStub, "routing", f"facility/{code}")


async def send_messages(worker: Worker, sender: str, recipient: str) -> None:
    """Send numbered messages of one pair, one after the other."""
    number = 0
    while not worker.closing.is_set():
        number += 1
        correlation = f"{worker.name}-{number}"
        header = mailbox.MessageHeader(
            sender=full(sender),
            recipient=full(recipient),
            kind=Message.KIND_DOCUMENT,
            media_type="text/plain",
            correlation=correlation,
        )
        parts = [
            mailbox.SendMessageRequest(request_id=new_id(), header=header),
            mailbox.SendMessageRequest(chunk=correlation.encode()),
        ]
        await worker.operate(
            "send",
            {"sender": full(sender), "recipient": full(recipient), "correlation": correlation},
            stub(worker.channels, sender).SendMessage,
            parts,
            lambda reply: {"message": reply.message.name},
        )
        await worker.pause(SEND_PAUSE_S)


@dataclass
class Desk:
    """A desk of a hospital: it takes messages, notes them, and acknowledges each before the next.

    The referrals whose slips it took go into *referrals*.
    """

    worker: Worker
    hospital: str
    referrals: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)

    async def run(self) -> None:
        """Take what comes until cancelled."""
        request = mailbox.ReceiveMessagesRequest(
            recipient=full(self.hospital), lease=LEASE, max_outstanding=MAX_OUTSTANDING
        )
        while True:
            with suppress(grpc.aio.AioRpcError):
                await self._take_all(stub(self.worker.channels, self.hospital).ReceiveMessages(request))
            await asyncio.sleep(REOPEN_PAUSE_S)

    async def _take_all(self, stream: Any) -> None:
        """Take what the stream brings until it breaks or a message was not settled: then begin anew."""
        try:
            async for response in stream:
                self._note(response.delivery)
                dropped = self.worker.random.randrange(100) < DROPPED
                if dropped or not await self._acknowledge(response.delivery):
                    return
        finally:
            stream.cancel()

    def _note(self, delivery: Delivery) -> None:
        message = delivery.message
        value = {
            "message": message.name,
            "sender": message.sender,
            "recipient": message.recipient,
            "kind": Message.Kind.Name(message.kind),
            "about": message.about,
            "lease_time": delivery.lease_expire_time.ToNanoseconds() / 1e9 - LEASE.seconds,
        }
        if message.kind == Message.KIND_NOTICE:
            notice = Notice.FromString(delivery.body)
            value["event"] = Notice.Event.Name(notice.event)
        self.worker.history.write("deliver", worker=self.worker.name, value=value)

    async def _acknowledge(self, delivery: Delivery) -> bool:
        message = delivery.message
        request = mailbox.AcknowledgeMessageRequest(
            request_id=new_id(), name=message.name, lease_token=delivery.lease_token
        )
        reply = await self.worker.operate(
            "acknowledge",
            {"message": message.name, "recipient": message.recipient},
            stub(self.worker.channels, self.hospital).AcknowledgeMessage,
            request,
            lambda reply: {"message": reply.message.name},
        )
        if reply is not None and message.kind == Message.KIND_REFERRAL:
            self.referrals.put_nowait(message.about)
        return reply is not None
