"""What a receiver and a download take of memory: so many bytes each, and so many in all."""

import asyncio
from uuid import uuid4

import pytest
from grpc import StatusCode

from chassis import clock
from chassis.piece_encryption import PIECE_BYTES
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from services.routing.model.messages import Kind, Message
from services.routing.service import mailbox
from services.routing.service.message_delivery import MAX_BYTES_PER_POLL, first_fitting
from tests.harness import World, eventually, refused

from .routing_env import Routing


def message(size: int) -> Message:
    now = clock.now()
    return Message(
        id=uuid4(),
        sender="//identity.lientuyen/facilities/01999",
        recipient="//identity.lientuyen/facilities/79999",
        kind=Kind.DOCUMENT,
        media_type="text/plain",
        size=size,
        sha256=b"",
        accept_time=now,
        enqueue_time=now,
    )


@pytest.mark.parametrize(
    ("sizes", "fitting"),
    [
        ([], 0),
        ([10, 10, 10], 3),
        ([MAX_BYTES_PER_POLL // 2, MAX_BYTES_PER_POLL // 2, 1], 2),
        ([PIECE_BYTES] * 16, MAX_BYTES_PER_POLL // PIECE_BYTES),
        ([64 * 1024 * 1024] * 3, 3),  # in pieces: they are downloaded apart
    ],
)
def test_a_poll_takes_the_first_that_fit_together(sizes: list[int], fitting: int):
    messages = [message(size) for size in sizes]

    assert first_fitting(messages, MAX_BYTES_PER_POLL) == messages[:fitting]


async def test_many_long_bodies_are_received_in_order_and_whole(world: World):
    routing = await Routing(world).start()
    bodies = [bytes([number]) * PIECE_BYTES for number in range(6)]
    for body in bodies:
        await routing.send(body=body)

    async with routing.receiving("facility/79999") as inbox:
        deliveries = await inbox.take(len(bodies))

    assert [delivery.body for delivery in deliveries] == bodies


async def test_downloads_beyond_the_bound_are_refused_and_told_when_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(mailbox, "MAX_DOWNLOAD_BYTES", 100)
    routing = await Routing(world).start()
    sent = await routing.send(body=b"x" * (20 * PIECE_BYTES))
    request = pb.DownloadMessageRequest(name=sent.message.name)
    slow = routing.mailbox().DownloadMessage(request)
    await slow.read()
    # One of them waits, the other is one too many; which comes first to the service is not told.
    others = [asyncio.ensure_future(refused(routing.mailbox().DownloadMessage(request))) for _ in range(2)]

    (ended,) = await eventually(lambda: [other for other in others if other.done()])

    refusal = ended.result()
    assert (refusal.code, refusal.reason) == (StatusCode.RESOURCE_EXHAUSTED, reasons.TOO_MANY_BYTES.name)
    for other in others:
        other.cancel()
    rest = [len((await slow.read()).chunk) for _ in range(19)]
    assert sum(rest) == 19 * PIECE_BYTES
    await asyncio.gather(*others, return_exceptions=True)
