"""
Hospitals that send each other numbered messages as fast as they are told, and the desks that take them.

Each message says in its `correlation` of which row of the matrix it is, so that rows share a stack.  Some
are poison: the desk that gets one rejects it, or dies of it; its sender is told, what is behind goes on.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration

from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.message_pb2 import Delivery, Message, Notice

from ..calls import Worker, new_id
from ..mailbox_workers import HOSPITALS, full, stub

PAIRS = tuple((sender, to) for sender in HOSPITALS for to in HOSPITALS if sender != to)

# Seconds of a lease; messages that a desk holds; desks of a hospital; seconds before a stream is opened anew.
LEASE_S = 2
MAX_OUTSTANDING = 16
DESKS = 2
REOPEN_PAUSE_S = 0.1

REJECTED, DEADLY = "reject", "die"

# What a sender does with one number: what it is to be sent as, and how it ends.
Send = Callable[[int], Any]


@dataclass
class Sender:
    """Sends *count* numbered messages of a pair of hospitals, each accepted before the next, over *seconds*.

    One that nobody answered and that was given up does not count.  It goes on while things break.  *poison*
    says which numbers are what kind of it.
    """

    worker: Worker
    tag: str
    pair: tuple[str, str]
    count: int
    seconds: float
    poison: dict[int, str] = field(default_factory=dict)
    accepted: int = 0

    async def run(self) -> None:
        number = 0
        while self.accepted < self.count or not self.worker.closing.is_set():
            number += 1
            if await self._send(number) is not None:
                self.accepted += 1
            await self.worker.pause(self.seconds / self.count)

    async def _send(self, number: int) -> Any:
        sender, recipient = self.pair
        correlation = f"{self.tag}:{sender}-{recipient}-{number}"
        value = {"sender": full(sender), "recipient": full(recipient), "correlation": correlation}
        if number in self.poison:
            value["poison"] = self.poison[number]
        return await self.worker.operate(
            "send",
            value,
            stub(self.worker.channels, sender).SendMessage,
            upload(new_id(), self.pair, correlation, self.poison.get(number, "")),
            lambda reply: {"message": reply.message.name},
        )


def upload(
    request_id: str, pair: tuple[str, str], correlation: str, poison: str = ""
) -> list[mailbox.SendMessageRequest]:
    sender, recipient = map(full, pair)
    header = mailbox.MessageHeader(
        sender=sender,
        recipient=recipient,
        kind=Message.KIND_DOCUMENT,
        media_type="text/plain",
        correlation=correlation,
    )
    return [
        mailbox.SendMessageRequest(request_id=request_id, header=header),
        mailbox.SendMessageRequest(chunk=(poison or correlation).encode()),
    ]


@dataclass
class Desk:
    """A desk of a hospital: takes what comes, notes it, does its work and acknowledges, one after the other.

    *slow* is how long its work takes: nothing for most, longer than the lease now and then for a slow one.
    """

    worker: Worker
    hospital: str
    slow: Callable[[], float] = lambda: 0.0

    async def run(self) -> None:
        """Take what comes until cancelled."""
        request = mailbox.ReceiveMessagesRequest(
            recipient=full(self.hospital), lease=Duration(seconds=LEASE_S), max_outstanding=MAX_OUTSTANDING
        )
        while True:
            with suppress(grpc.aio.AioRpcError):
                await self._take_all(stub(self.worker.channels, self.hospital).ReceiveMessages(request))
            await asyncio.sleep(REOPEN_PAUSE_S)

    async def _take_all(self, stream: Any) -> None:
        """Take what the stream brings until it breaks or a message was not settled: then begin anew."""
        try:
            async for response in stream:
                note(self.worker, response.delivery)
                if (seconds := self.slow()) > 0:
                    await asyncio.sleep(seconds)
                if response.delivery.body == DEADLY.encode():
                    return
                if not await self._settle(response.delivery):
                    return
        finally:
            stream.cancel()

    async def _settle(self, delivery: Delivery) -> bool:
        """Acknowledge a message, or reject it; tell whether it is done."""
        name, token = delivery.message.name, delivery.lease_token
        at = stub(self.worker.channels, self.hospital)
        if delivery.body == REJECTED.encode():
            action, method = "reject", at.RejectMessage
            request: Any = mailbox.RejectMessageRequest(
                request_id=new_id(), name=name, lease_token=token, reason="poison"
            )
        else:
            action, method = "acknowledge", at.AcknowledgeMessage
            request = mailbox.AcknowledgeMessageRequest(request_id=new_id(), name=name, lease_token=token)
        value = {"message": name, "recipient": delivery.message.recipient}
        reply = await self.worker.operate(
            action, value, method, request, lambda reply: {"message": reply.message.name}
        )
        return reply is not None


def note(worker: Worker, delivery: Delivery) -> None:
    message = delivery.message
    value = {
        "message": message.name,
        "sender": message.sender,
        "recipient": message.recipient,
        "kind": Message.Kind.Name(message.kind),
        "about": message.about,
        "attempts": message.attempts,
        "lease_time": delivery.lease_expire_time.ToNanoseconds() / 1e9 - LEASE_S,
    }
    if message.kind == Message.KIND_NOTICE:
        value["event"] = Notice.Event.Name(Notice.FromString(delivery.body).event)
    worker.history.write("deliver", worker=worker.name, value=value)
