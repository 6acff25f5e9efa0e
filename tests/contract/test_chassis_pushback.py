"""A client whose own retries would outlast its deadline is told not to try again."""

from collections.abc import AsyncIterator

import grpc
import pytest
from grpc import StatusCode

from chassis.errors import Unavailable
from lientuyen.chassis.v1 import error_reasons as reasons
from tests.contract.chassis_echo import GOOD, Echo, Stub, serve_echo
from tests.harness import World, refused

RETRYING = """{"methodConfig": [{"name": [{}], "retryPolicy": {
    "maxAttempts": 2, "initialBackoff": "1s", "maxBackoff": "5s", "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"]}}]}"""


@pytest.fixture
def echo() -> Echo:
    async def silent() -> str:
        raise Unavailable(reasons.PEER_UNAVAILABLE, peer="identity")

    return Echo(say=silent)


@pytest.fixture
async def stub(world: World, echo: Echo) -> AsyncIterator[Stub]:
    running = await serve_echo(world, echo)
    tls = world.pki.folder("facility/01999").read()
    credentials = grpc.ssl_channel_credentials(tls.ca, tls.key, tls.certificate)
    options = [("grpc.service_config", RETRYING)]
    async with grpc.aio.secure_channel(running.address, credentials, options=options) as channel:
        yield Stub(channel)


async def test_with_little_time_left_the_first_answer_is_the_last(stub: Stub, echo: Echo):
    refusal = await refused(stub.Say(GOOD, timeout=0.45))

    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, reasons.PEER_UNAVAILABLE.name)
    assert len(echo.seen) == 1


async def test_with_time_left_it_is_tried_again(stub: Stub, echo: Echo):
    refusal = await refused(stub.Say(GOOD, timeout=5))

    assert refusal.code == StatusCode.UNAVAILABLE
    assert len(echo.seen) == 2
