"""Leases that a slow receiver makes longer: what it holds stays its own, and what it lost stays lost."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from grpc import StatusCode

from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Delivery, Message
from tests.harness import World, refused

from .routing_env import Routing

RECIPIENT = "facility/79999"
BEGUN_EARLIER = "UPDATE messages SET lease_begin_time = lease_begin_time - interval '690 minutes'"


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


def extension(delivery: Delivery, seconds: int = 0) -> pb.ExtendLeaseRequest:
    return pb.ExtendLeaseRequest(
        request_id=str(uuid4()),
        name=delivery.message.name,
        lease_token=delivery.lease_token,
        lease=Duration(seconds=seconds) if seconds else None,
    )


async def extend(routing: Routing, delivery: Delivery, seconds: int = 0) -> datetime:
    """Extend the lease and return until when it holds now."""
    response = await routing.mailbox(RECIPIENT).ExtendLease(extension(delivery, seconds))
    assert response.message.state == Message.STATE_LEASED
    return response.lease_expire_time.ToDatetime(UTC)


async def test_a_slow_receiver_keeps_what_it_holds_and_what_waits_behind_it(routing: Routing):
    for _ in range(3):
        await routing.send()
    await routing.send(caller="facility/79024")
    async with routing.receiving(lease=2) as slow:
        held = await slow.take(4)
        mine = [delivery for delivery in held if delivery.message.sender.endswith("01999")]
        until = await extend(routing, mine[0], 600)
        async with routing.receiving() as other:
            (freed,) = await other.take(1)
            assert await other.nothing(2.5)
        for delivery in mine:
            await routing.acknowledge(delivery)

    assert until > mine[0].lease_expire_time.ToDatetime(UTC) + timedelta(minutes=5)
    # The other sender's was not behind it.
    assert freed.message.sender.endswith("79024")


async def test_a_lease_is_never_made_shorter_and_is_a_minute_when_nothing_is_said(routing: Routing):
    await routing.send()
    async with routing.receiving(lease=3600) as inbox:
        long = await inbox.next()
        same = await extend(routing, long, 5)
        await routing.send(caller="facility/79024")
    async with routing.receiving(lease=10) as inbox:
        short = await inbox.next()
        minute = await extend(routing, short)

    assert same == long.lease_expire_time.ToDatetime(UTC)
    assert minute - short.lease_expire_time.ToDatetime(UTC) > timedelta(seconds=45)


async def test_a_lease_ends_twelve_hours_after_the_delivery_however_often_it_is_extended(routing: Routing):
    await routing.send()
    async with routing.receiving(lease=60) as inbox:
        delivery = await inbox.next()
        await routing.rows(BEGUN_EARLIER)
        until = [await extend(routing, delivery, 3600) for _ in range(2)]

    half_an_hour = delivery.lease_expire_time.ToDatetime(UTC) + timedelta(minutes=29)
    assert until == [half_an_hour, half_an_hour]


async def test_who_lost_a_lease_or_never_had_it_extends_nothing(routing: Routing):
    await routing.send()
    async with routing.receiving(lease=1) as slow:
        lost = await slow.next()
    async with routing.receiving() as inbox:
        held = await inbox.next(20)
    stale = await refused(routing.mailbox(RECIPIENT).ExtendLease(extension(lost)))
    stranger = await refused(routing.mailbox("facility/01999").ExtendLease(extension(held)))
    await routing.acknowledge(held)
    late = await refused(routing.mailbox(RECIPIENT).ExtendLease(extension(held)))

    assert (stale.code, stale.reason) == (StatusCode.FAILED_PRECONDITION, reasons.LEASE_STALE.name)
    assert (stranger.code, stranger.reason) == (StatusCode.PERMISSION_DENIED, reasons.MESSAGE_DENIED.name)
    assert (late.code, late.reason) == (StatusCode.FAILED_PRECONDITION, reasons.MESSAGE_STATE.name)
