"""
kill -9 between commit and reply: the answer is lost, the effect is there once.

The wire to the service goes deaf, the write is sent, and as soon as it is done
the service is killed.  The caller knows nothing; it sends the same request
again, and gets the first answer.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.message import Message

from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest, GetOutcomeResponse
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.identity.v1.person_pb2 import SEX_FEMALE
from lientuyen_client import Client, DeadlineExceeded, Unavailable, connect
from tests.harness import eventually

from . import works
from .conftest import Live
from .faults import answered
from .wires import Wire
from .works import CALLER, OWN, WORKS, Work, marks


@pytest.fixture(scope="module")
def person(live: Live) -> str:
    """The name of the patient in identity."""
    return asyncio.run(works.seed(live.stack))


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.service)
async def test_a_write_whose_reply_was_lost_in_a_crash_has_one_effect(live: Live, person: str, work: Work):
    mark = marks(work)()
    async with connect(CALLER, live.stack) as client:
        await lose_reply_and_repeat(live, client, work.service, work.method, work.request(person, mark))

        assert (await work.listed(client, person)).count(mark) == 1


async def test_a_registration_whose_reply_was_lost_in_a_crash_gets_the_first_answer(live: Live, person: str):
    request = persons.RegisterPersonRequest(
        facility="facilities/01999",
        kind=persons.RegisterPersonRequest.KIND_UNKNOWN,
        sex=SEX_FEMALE,
        access=OWN,
    )
    async with connect(CALLER, live.stack) as client:
        await lose_reply_and_repeat(
            live, client, "identity", lambda caller: caller.persons.RegisterPerson, request
        )


async def lose_reply_and_repeat(
    live: Live, direct: Client, service: str, method: Callable[[Client], Any], request: Message
) -> None:
    """Kill *service* between commit and reply; the same request, sent again, gets the first answer."""
    async with Wire(live.stack.addresses[service]) as wire:
        through = replace(live.stack, addresses={**live.stack.addresses, service: wire.address})
        async with connect(CALLER, through) as client:
            await warm(client, service)
            wire.deaf = True
            call = asyncio.create_task(method(client)(request, timeout=20))
            done = await until_done(direct, service, call, request)
            live.kill(service)
            with pytest.raises((Unavailable, DeadlineExceeded)):
                await asyncio.wait_for(call, 30)

        again = await answered(method(direct), request, timeout=15)

        assert again.SerializeToString(deterministic=True) == done.response


async def warm(client: Client, service: str) -> None:
    """Open the connection while answers still come back."""
    await client.outcomes(service).GetOutcome(GetOutcomeRequest(request_id=str(uuid4())))


async def until_done(
    direct: Client, service: str, call: "asyncio.Task[object]", request: Message
) -> GetOutcomeResponse:
    """Return the outcome as soon as the write is committed; its caller has heard nothing."""

    async def done() -> GetOutcomeResponse | None:
        assert not call.done(), f"the wire was not deaf: {call}"
        request_id = request.request_id  # type: ignore[attr-defined]
        if not request_id:
            return None
        outcome = await direct.outcomes(service).GetOutcome(GetOutcomeRequest(request_id=request_id))
        return outcome if outcome.state == GetOutcomeResponse.STATE_DONE else None

    return await eventually(done)
