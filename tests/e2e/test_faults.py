"""
Faults of the services on the real stack: what was acknowledged is there, once.

Four processes, a PostgreSQL that syncs, mutual TLS.  Nothing here measures time;
every wait is bounded.
"""

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import grpc
import pytest
from opentelemetry import trace
from opentelemetry.context import attach

from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest, GetOutcomeResponse
from lientuyen.records.v1 import health_book_service_pb2 as health_book
from lientuyen.records.v1.dossier_service_pb2_grpc import DossierServiceStub
from lientuyen_client import Client, Unavailable, connect
from lientuyen_client.client import credentials
from lientuyen_client.demo.journey import care
from lientuyen_client.retrying_calls import with_request_id
from tests.harness import eventually

from . import receivers, works
from .conftest import Live
from .faults import Clerk, answered, back, down, is_serving, kill, more, paused, send, writing
from .works import CALLER, DOCTOR, WORKS

# Who else has a span of each delivery of a slip, and what it is called there.
OTHER_SIDE = {"routing": ("records", "process slip.referral"), "records": ("routing", "/CreateReferral")}
SERVICES = ("identity", "records", "routing", "pharmacy")

# The SDK sends a call again for 10 seconds, and waits 2.3 between two attempts at most: in a story that took
# less than this it gives no call up.
BRIDGED = 7.5


@pytest.fixture(scope="module")
def person(live: Live) -> str:
    """The name of the patient in identity; she lets the hospital see what there is."""

    async def seed() -> str:
        name = await works.seed(live.stack)
        async with connect(CALLER, live.stack) as client:
            await client.consents.CreateConsent(works.consent(name, "seed"))
        return name

    return asyncio.run(seed())


async def test_kill_9_of_each_service_under_load_loses_and_doubles_no_write(live: Live, person: str):
    async with connect(CALLER, live.stack) as client:
        clerks = [Clerk(client, work, person) for work in WORKS for _ in range(2)]
        async with writing(clerks):
            for service in random.sample(SERVICES, len(SERVICES)):
                await more(clerks, 2)
                await kill(live, service)
            await more(clerks, 2)

        for clerk in clerks:
            await clerk.check()
        await slips_arrive(client, person, [mark for clerk in clerks[2:4] for mark in clerk.done])


async def slips_arrive(client: Client, person: str, marks: list[str]) -> None:
    """Each dossier's transfer and re-examination slip arrives, once."""
    for listed in (works.listed_referrals, works.listed_appointments):

        async def all_there(listed: Any = listed) -> list[str]:
            found: list[str] = await listed(client, person)
            return found if set(marks) <= set(found) else []

        found = await eventually(all_there)
        assert len(found) == len(set(found))


@pytest.mark.parametrize("victim", ["records", "routing"])
async def test_slips_of_an_accepted_dossier_arrive_over_a_kill_in_the_trace_of_their_caller(
    live: Live, person: str, victim: str
):
    marks = [f"01999-{victim[1:3]}-{number:04}" for number in range(12)]
    trace_id = uuid4().int
    async with connect(CALLER, live.stack) as client:
        submit = client.dossiers.SubmitDossier
        in_trace(trace_id)
        submitting = [asyncio.create_task(answered(submit, works.dossier(mark))) for mark in marks]
        await asyncio.wait(submitting, return_when=asyncio.FIRST_COMPLETED)
        await kill(live, victim)
        await asyncio.gather(*submitting)

        await slips_arrive(client, person, marks)

    spans = await asyncio.to_thread(live.settled, f"{trace_id:032x}")
    # Who is killed loses the spans that were not exported yet; the other side of each delivery has its own.
    service, name = OTHER_SIDE[victim]
    assert len([span for span in spans if span.service == service and span.name.endswith(name)]) >= len(marks)


def in_trace(trace_id: int) -> None:
    """Make what this task calls from now on part of a trace that is kept."""
    parent = trace.SpanContext(trace_id, random.getrandbits(63) + 1, True, trace.TraceFlags(1))
    attach(trace.set_span_in_context(trace.NonRecordingSpan(parent)))


async def test_messages_keep_their_order_over_a_receiver_that_dies_and_routing_that_is_killed(
    live: Live, person: str
):
    count, senders = 30, ("01999", "79999")
    async with (
        connect("facility/01999", live.stack) as first,
        connect("facility/79999", live.stack) as second,
        connect(receivers.RECEIVER, live.stack) as receiving,
    ):
        desk = receivers.Desk(receiving, 2 * count)
        async with asyncio.TaskGroup() as group:
            for client, facility in zip((first, second), senders, strict=True):
                group.create_task(receivers.send(client, facility, count))
            async with receivers.holder(live) as held:
                assert held
            group.create_task(desk.run())
            for _ in range(2):
                await desk.takes(4)
                await kill(live, "routing")
            await desk.takes(2 * count)

        for facility in senders:
            assert desk.taken[f"//identity.lientuyen/facilities/{facility}"] == list(range(count))
        assert desk.after_acknowledgement == []


async def refused(call: Awaitable[object]) -> Unavailable:
    with pytest.raises(Unavailable) as refusal:
        await call
    return refusal.value


def unheard(client: Client, method: str, person: str) -> Callable[[], Awaitable[list[str]]]:
    """Return what asks for the patient's data and tells who could not be asked."""
    subject, access = person, care(DOCTOR)
    requests = {
        "GetHealthBook": health_book.GetHealthBookRequest(person=subject, access=access),
        "FindReusableResults": health_book.FindReusableResultsRequest(
            person=subject, orders=[health_book.OrderedTest(service_code="23.0075.1494")], access=access
        ),
    }

    async def ask() -> list[str]:
        reply = await answered(getattr(client.health_book, method), requests[method])
        return list(reply.unreachable)

    return ask


async def test_identity_down_is_said_leaves_nothing_and_is_over_when_it_is_back(live: Live, person: str):
    request = with_request_id(works.dossier("01999-dwn-0001"))
    async with connect(CALLER, live.stack) as client:
        books = [unheard(client, method, person) for method in ("GetHealthBook", "FindReusableResults")]
        async with down(live, "identity"):
            refusal = await refused(client.dossiers.SubmitDossier(request, timeout=3))
            assert (refusal.reason, refusal.metadata) == (
                "ERROR_REASON_PEER_UNAVAILABLE",
                {"peer": "identity"},
            )
            assert all(["identity" in await ask() for ask in books])
            outcome = GetOutcomeRequest(request_id=request.request_id)
            left = await client.outcomes("records").GetOutcome(outcome)
            assert left.state == GetOutcomeResponse.STATE_UNKNOWN
            assert "01999-dwn-0001" not in await works.listed_dossiers(client, person)

        assert (await answered(client.dossiers.SubmitDossier, request)).dossier.version == 1
        for ask in books:
            await eventually(lambda ask=ask: nobody_missing(ask))


async def nobody_missing(ask: Callable[[], Awaitable[list[str]]]) -> bool:
    return await ask() == []


async def test_the_health_book_names_a_pharmacy_that_is_down_and_is_whole_again_after(
    live: Live, person: str
):
    async with connect(CALLER, live.stack) as client:
        ask = unheard(client, "GetHealthBook", person)
        await eventually(lambda: nobody_missing(ask))
        async with down(live, "pharmacy"):
            assert "pharmacy" in await ask()
        await eventually(lambda: nobody_missing(ask))


async def test_a_slow_identity_is_named_before_the_deadline_two_services_away(live: Live, person: str):
    async with connect(CALLER, live.stack) as client:
        await client.dossiers.SubmitDossier(works.dossier("01999-slw-0000"))
        with paused(live, "identity"):
            calls = [
                client.dossiers.SubmitDossier(works.dossier(f"01999-slw-{number:04}"), timeout=4)
                for number in range(1, 4)
            ]
            refusals = await asyncio.gather(*map(refused, calls))

        assert {refusal.reason for refusal in refusals} == {"ERROR_REASON_PEER_UNAVAILABLE"}
        ask = unheard(client, "GetHealthBook", person)
        await eventually(lambda: nobody_missing(ask))
        assert "01999-slw-0001" not in await works.listed_dossiers(client, person)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_restart_under_load_fails_no_call(live: Live, person: str, service: str):
    async with connect(CALLER, live.stack) as client:
        clerks = [Clerk(client, work, person) for work in WORKS for _ in range(2)]
        began = time.monotonic()
        async with writing(clerks):
            await more(clerks, 2)
            await kill(live, service, signal.SIGTERM)
            await more(clerks, 2)
        if time.monotonic() - began < BRIDGED:
            assert sum(clerk.given_up for clerk in clerks) == 0
        for clerk in clerks:
            await clerk.check()


async def test_calls_in_flight_at_a_sigterm_are_answered(live: Live, person: str):
    """They wait for identity, which is frozen until records has begun to drain; nothing tries them again."""
    folder, options = live.stack.tls_folder(CALLER), [("grpc.enable_retries", 0)]
    address = live.stack.addresses["records"]
    async with grpc.aio.secure_channel(address, credentials(folder), options=options) as channel:
        submit = DossierServiceStub(channel).SubmitDossier
        await submit(with_request_id(works.dossier("01999-trm-0000")))
        with paused(live, "identity"):
            requests = [with_request_id(works.dossier(f"01999-trm-{number:04}")) for number in range(1, 9)]
            calls = [submit(request, timeout=14) for request in requests]
            await asyncio.sleep(0.5)
            pid = send(live, "records", signal.SIGTERM)
            await eventually(lambda: draining(live))
        replies = await asyncio.gather(*calls)

        assert len({reply.dossier.name for reply in replies}) == len(calls)
    await back(live, "records", pid)


async def draining(live: Live) -> bool:
    return not await is_serving(live, "records")
