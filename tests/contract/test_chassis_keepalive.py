"""Lines that say nothing for long: a hospital behind NAT keeps its mailbox stream open by pings."""

import asyncio

import grpc
import pytest

from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from tests.contract.routing_env import Routing, name_of
from tests.harness import World, eventually

IDLE_S = 90

# What clients in other languages are set to: a ping every 10 s, whether a call is under way or not.
EAGER = (
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.use_local_subchannel_pool", 1),
)


def eager_channel(world: World, routing: Routing, identity: str) -> grpc.aio.Channel:
    tls = world.pki.folder(identity).read()
    credentials = grpc.ssl_channel_credentials(tls.ca, tls.key, tls.certificate)
    channel = grpc.aio.secure_channel(routing.running.address, credentials, options=EAGER)
    world.ending(channel.close)
    return channel


@pytest.mark.timeout(IDLE_S + 240)
async def test_a_client_that_pings_every_ten_seconds_is_not_sent_away(world: World):
    routing = await Routing(world).start()
    receiver, idle = (eager_channel(world, routing, f"facility/{code}") for code in ("79999", "79024"))
    request = pb.ReceiveMessagesRequest(recipient=name_of("facility/79999"))
    stream = MailboxServiceStub(receiver).ReceiveMessages(request)
    arriving = asyncio.ensure_future(anext(aiter(stream)))
    await idle.channel_ready()
    leaving = asyncio.create_task(idle.wait_for_state_change(grpc.ChannelConnectivity.READY))

    await asyncio.sleep(IDLE_S)

    assert not arriving.done()
    assert not leaving.done()
    await routing.send(b"<x/>")
    await eventually(arriving.done)
    assert arriving.result().delivery.message.sender == name_of("facility/01999")
    leaving.cancel()
    stream.cancel()
