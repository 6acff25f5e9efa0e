"""A message of 64 MiB, the largest there may be: sent in chunks, downloaded in pieces, acknowledged."""

import asyncio
import hashlib
import os
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from lientuyen.routing.v1.message_pb2 import Message

from . import people
from .calling import Job, Wires
from .figures import number
from .loads import need
from .processes import forget_peak, peak_mib
from .routing import full
from .site import FLOORS, Site

MIB: Final = 1024 * 1024
SIZE: Final = 64 * MIB
CHUNK: Final = 256 * 1024

TRANSFERS: Final = 3
TIMEOUT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class LargeMessage:
    """MiB a second of each transfer, and the MiB of memory that routing had before and at most."""

    sent_mib_per_second: list[float]
    downloaded_mib_per_second: list[float]
    memory_before_mib: float
    memory_peak_mib: float

    def sentence(self) -> str:
        """Return it in a line."""
        sent, downloaded = (
            ", ".join(map(number, speeds))
            for speeds in (self.sent_mib_per_second, self.downloaded_mib_per_second)
        )
        return (
            f"a message of {SIZE // MIB} MiB: sent at {sent} MiB/s, downloaded at {downloaded} MiB/s; "
            f"memory of routing {self.memory_before_mib:,.0f} MiB before, {self.memory_peak_mib:,.0f} at most"
        )


async def large_message(site: Site) -> LargeMessage:
    """Send and download one after the other."""
    routing = site.state["processes"]["routing"]
    job = Job(str(site.tls), site.state["addresses"], site.database(FLOORS), 1, process=0, processes=1)
    wires = Wires(job)
    body = os.urandom(SIZE)
    forget_peak(routing)
    before = peak_mib(routing)
    speeds = []
    try:
        for _ in range(TRANSFERS):
            speeds.append(await _transfer(wires, body))
    finally:
        await wires.close()
    sent, downloaded = zip(*speeds, strict=True)
    return LargeMessage(list(sent), list(downloaded), before, peak_mib(routing))


async def _transfer(wires: Wires, body: bytes) -> tuple[float, float]:
    """Return how fast a message of *body* was sent, and how fast it was downloaded: MiB a second."""
    # Of the pairs of `routing.exchange` nobody sends to the first, so no other stream takes it.
    recipient, sender = people.BENCH_HOSPITALS[:2]
    begin = time.perf_counter()
    sending = wires.stub(MailboxServiceStub, "routing", f"facility/{sender}")
    sent = await sending.SendMessage(_parts(sender, recipient, body), timeout=TIMEOUT_S)
    middle = time.perf_counter()
    receiving = wires.stub(MailboxServiceStub, "routing", f"facility/{recipient}")
    token = await _lease_token(receiving, recipient, sent.message.name)
    leased = time.perf_counter()
    digest = hashlib.sha256()
    download = mailbox.DownloadMessageRequest(name=sent.message.name)
    async for piece in receiving.DownloadMessage(download, timeout=TIMEOUT_S):
        digest.update(piece.chunk)
    done = time.perf_counter()
    need(digest.digest() == hashlib.sha256(body).digest(), "the body must be the one that was sent")
    request = mailbox.AcknowledgeMessageRequest(
        request_id=str(uuid.uuid4()), name=sent.message.name, lease_token=token
    )
    await receiving.AcknowledgeMessage(request, timeout=TIMEOUT_S)
    size = len(body) / MIB
    return size / (middle - begin), size / (done - leased)


async def _lease_token(receiving: Any, recipient: str, name: str) -> str:
    """Return the lease of the message called *name*, which is the next in the mailbox."""
    request = mailbox.ReceiveMessagesRequest(recipient=full(recipient), max_outstanding=1)
    async with asyncio.timeout(TIMEOUT_S), aclosing(_deliveries(receiving, request)) as stream:
        response = await anext(stream)
    need(response.delivery.message.name == name, "the message must be the one that was sent")
    token: str = response.delivery.lease_token
    return token


async def _deliveries(
    receiving: Any, request: mailbox.ReceiveMessagesRequest
) -> AsyncGenerator[mailbox.ReceiveMessagesResponse, None]:
    stream = receiving.ReceiveMessages(request)
    try:
        async for response in stream:
            yield response
    finally:
        stream.cancel()


async def _parts(sender: str, recipient: str, body: bytes) -> AsyncIterator[mailbox.SendMessageRequest]:
    header = mailbox.MessageHeader(
        sender=full(sender),
        recipient=full(recipient),
        kind=Message.KIND_DOCUMENT,
        media_type="application/octet-stream",
    )
    yield mailbox.SendMessageRequest(request_id=str(uuid.uuid4()), header=header)
    for start in range(0, len(body), CHUNK):
        yield mailbox.SendMessageRequest(chunk=body[start : start + CHUNK])
