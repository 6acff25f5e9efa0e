"""A peer that is stopped takes connections and says nothing: within its deadline every caller hears who."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from grpc import StatusCode

from chassis.call_context import Call, Caller, calling
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.outbox import Event
from chassis.peers import BREAKER_FAILURES, Peer
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.routing.v1.appointment_service_pb2 import ListAppointmentsRequest
from lientuyen_client import errors
from lientuyen_client.client import Client
from lientuyen_client.running_stack import Stack
from tests.contract import pharmacy_env, routing_env
from tests.contract.chassis_echo import GOOD, Echo, Stub, serve_echo
from tests.contract.outbox_relay import column, is_all, relaying, send
from tests.contract.records_env import CARE, CITIZEN, PERSON_NAME, Records, submission
from tests.contract.stopped_peer import StoppedPeer
from tests.harness import World, eventually, refused
from tests.samples import files

# Seconds that a caller gives a call, and that a machine ten times slower than ours needs for the answer.
DEADLINE_S = 4.0

HOSPITAL = "facility/01999"
BOOK = books.GetHealthBookRequest(person=PERSON_NAME, access=CARE)
OWN_BOOK = books.GetHealthBookRequest(person=PERSON_NAME, access=CITIZEN)


@pytest.fixture
async def stopped(world: World) -> StoppedPeer:
    """A peer that never said a word."""
    peer = StoppedPeer()
    await peer.start()
    world.ending(peer.close)
    return peer


async def heard(call: Any) -> tuple[StatusCode, str, str]:
    """Return what a caller hears: the code, the reason, and who did not answer."""
    refusal = await refused(call)
    return refusal.code, refusal.reason, refusal.metadata.get("peer", "")


SILENT_IDENTITY = (StatusCode.UNAVAILABLE, reasons.PEER_UNAVAILABLE.name, "identity")


async def test_records_says_that_identity_does_not_answer(world: World, stopped: StoppedPeer):
    records = await Records(world).start(identity_address=stopped.address)
    submit = records.dossiers().SubmitDossier

    assert await heard(submit(submission(files.DOSSIER), timeout=DEADLINE_S)) == SILENT_IDENTITY


async def test_routing_says_that_identity_does_not_answer(world: World, stopped: StoppedPeer):
    routing = await routing_env.Routing(world).start(identity_address=stopped.address)
    message = routing_env.upload(b"<x/>", sender=routing_env.name_of(HOSPITAL))

    call = routing.mailbox().SendMessage(message, timeout=DEADLINE_S)

    assert await heard(call) == SILENT_IDENTITY


async def test_pharmacy_says_that_identity_does_not_answer(world: World, stopped: StoppedPeer):
    pharmacy = await pharmacy_env.Pharmacy(world).start(identity_address=stopped.address)
    prescription = await pharmacy.issued()
    other = pharmacy.prescriptions("facility/01929")

    call = other.GetPrescription(pharmacy_env.look(prescription), timeout=DEADLINE_S)

    assert await heard(call) == SILENT_IDENTITY


async def test_a_peer_that_stops_with_connections_open_is_named_too(world: World):
    records = Records(world)
    peer = StoppedPeer()
    await peer.start(upstream=await records.identity.serve(world))
    world.ending(peer.close)
    await records.start(identity_address=peer.address)
    await records.submit(files.DOSSIER)

    connections = peer.connections
    peer.stop()
    submit = records.dossiers().SubmitDossier
    call = submit(submission(files.sample().everywhere("MA_LK", "X-2").bytes()), timeout=DEADLINE_S)

    assert peer.connections == connections > 0
    assert await heard(call) == SILENT_IDENTITY


async def test_a_book_comes_without_the_part_of_a_stopped_pharmacy(world: World, stopped: StoppedPeer):
    records = await Records(world).start(pharmacy_address=stopped.address)
    await records.submit(files.DOSSIER)

    reply = await records.books("authority/vneid").GetHealthBook(OWN_BOOK, timeout=DEADLINE_S)

    assert (len(reply.health_book.encounters), list(reply.unreachable)) == (1, ["pharmacy"])


async def test_a_book_of_ones_own_comes_while_identity_is_stopped(world: World, stopped: StoppedPeer):
    records = await Records(world).start()
    await records.submit(files.DOSSIER)
    url = records.running.settings.database_url
    lonely = await Records(world).start(identity_address=stopped.address, database_url=url)

    reply = await lonely.books(HOSPITAL).GetHealthBook(BOOK, timeout=DEADLINE_S)

    assert len(reply.health_book.encounters) == 1
    assert "identity" in reply.unreachable


async def test_a_list_of_routing_comes_while_identity_is_stopped(world: World, stopped: StoppedPeer):
    routing = await routing_env.Routing(world).start(identity_address=stopped.address)
    request = ListAppointmentsRequest(person=PERSON_NAME, access=CARE)

    reply = await routing.appointments("service/records").ListAppointments(request, timeout=DEADLINE_S)

    assert list(reply.unreachable) == ["identity"]


def asking(world: World, name: str, address: str) -> Peer:
    peer = Peer(name, address, world.pki.folder("service/records"))
    world.ending(peer.close)
    return peer


def within(seconds: float) -> Call:
    """A call of ours that has so many seconds left."""
    end = asyncio.get_running_loop().time() + seconds
    return Call("EchoService/Ask", "test.v1.EchoService/Ask", Caller("facility", "01999"), end)


async def test_a_stream_to_a_stopped_peer_ends_with_its_name(world: World, stopped: StoppedPeer):
    peer = asking(world, "routing", stopped.address)

    with calling(within(0.5)), pytest.raises(Unavailable) as silent:
        _ = [answer async for answer in peer.stream(Stub(peer.channel).Split, GOOD)]

    assert (silent.value.reason, silent.value.metadata) == (reasons.PEER_UNAVAILABLE, {"peer": "routing"})


async def test_whoever_a_peer_could_not_reach_is_named_and_not_the_peer(world: World, echo: Echo):
    async def identity_is_silent() -> str:
        raise Unavailable(reasons.PEER_UNAVAILABLE, peer="identity")

    echo.say = identity_is_silent
    tls = str(world.pki.folder("service/routing").path)
    peer = asking_as_facility(world, (await serve_echo(world, echo, tls_dir=tls)).address)

    for _ in range(BREAKER_FAILURES):
        with pytest.raises(Unavailable) as silent:
            await peer.ask(Stub(peer.channel).Say, GOOD)
        assert silent.value.metadata == {"peer": "identity"}
    echo.say = None

    assert (await peer.ask(Stub(peer.channel).Say, GOOD)).next_page_token == "said"


def asking_as_facility(world: World, address: str) -> Peer:
    """Return the echo service, which serves facilities, as the peer routing."""
    peer = Peer("routing", address, world.pki.folder(HOSPITAL))
    world.ending(peer.close)
    return peer


async def test_our_own_end_does_not_hide_who_was_waited_for(world: World, stopped: StoppedPeer):
    """The call's own clock may ring before the question's: on a busy machine, by any time."""
    peer = asking(world, "routing", stopped.address)
    stub = Stub(peer.channel)

    async def ask() -> None:
        async with asyncio.timeout(0.5):
            # The loop is late, and both clocks have rung when it comes round.
            asyncio.get_running_loop().call_later(0.1, time.sleep, 0.6)
            await peer.ask(stub.Say, GOOD)

    with calling(within(0.5)), pytest.raises(Unavailable) as silent:
        await ask()

    assert silent.value.metadata == {"peer": "routing"}


async def test_an_event_that_waits_for_a_stopped_peer_says_for_whom(
    world: World, db: Database, stopped: StoppedPeer
):
    peer = asking(world, "routing", stopped.address)
    stub = Stub(peer.channel)
    patience = 1.0

    async def deliver(event: Event) -> None:
        await peer.ask(stub.Say, GOOD)

    await send(db, b"x")
    async with relaying(db, lease=2 * patience, told=deliver):
        errors_seen = await eventually(lambda: last_errors(db))

    assert errors_seen == ["Unavailable ERROR_REASON_PEER_UNAVAILABLE routing"]
    assert not await is_all(db, "dead")


async def last_errors(db: Database) -> list[object]:
    return [error for error in await column(db, "last_error") if error]


async def test_a_client_is_told_which_service_does_not_answer(world: World, stopped: StoppedPeer):
    stack = Stack({"records": stopped.address}, world.pki.folder(HOSPITAL).path, single_identity=True)
    request = GetOutcomeRequest(request_id="7b1d7c1e-8f0e-4a68-9d4c-3f1fba4a7c11")

    async with Client(stack, HOSPITAL) as client:
        with pytest.raises(errors.ServiceError) as unary:
            await client.outcomes("records").GetOutcome(request, timeout=0.5)
        with pytest.raises(errors.ServiceError) as stream:
            _ = [reply async for reply in client.dossiers.SubmitDossiers(no_dossiers(), timeout=0.5)]

    for error in (unary.value, stream.value):
        assert isinstance(error, errors.DeadlineExceeded | errors.Unavailable)
        assert error.metadata == {"peer": "records"}
        assert "records" in error.message_vi
        assert "records" in error.message


async def no_dossiers() -> AsyncIterator[Any]:
    await asyncio.Event().wait()
    yield
