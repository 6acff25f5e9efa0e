"""The server of a service: TLS, health, drain, the process.  Over a real channel."""

import asyncio
import json
import os
import re
import signal
import ssl
import sys

import grpc
import pytest
from cryptography import x509
from grpc import StatusCode
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest
from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionStub

from chassis import health
from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.fitness import Unfit
from chassis.server import Server
from laptop.authority import issue
from lientuyen.chassis.v1 import error_reasons as reasons
from tests.contract.chassis_echo import GOOD, RULES, SERVICE, Echo, Stub, serve_echo
from tests.harness import PATIENCE, Running, World, eventually, refused


async def test_rotated_certificates_are_used_at_the_next_handshake_without_a_restart(
    world: World, running: Running, stub: Stub
):
    folder = world.pki.folder("service/echo")
    before = await serial(running)
    issue(world.pki.ca, folder.path, "service/echo")
    rotated = x509.load_pem_x509_certificate(folder.read().certificate).serial_number

    after = await serial(running)

    assert before != after == rotated
    assert (await stub.Say(GOOD)).next_page_token == "said"


async def test_a_half_written_certificate_leaves_the_old_one_in_use(world: World, running: Running):
    folder = world.pki.folder("service/echo")
    before, whole = await serial(running), (folder.path / "tls.key").read_bytes()
    other = world.pki.folder("service/other")
    (folder.path / "tls.key").write_bytes((other.path / "tls.key").read_bytes())

    after = await serial(running)

    (folder.path / "tls.key").write_bytes(whole)
    assert before == after


async def serial(running: Running) -> int:
    """Return the serial number of the certificate that a new handshake shows."""
    host, _, port = running.address.rpartition(":")
    folder = running.settings.tls_dir
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    context.set_alpn_protocols(["h2"])
    _, writer = await asyncio.open_connection(host, int(port), ssl=context)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.transport.abort()
    return x509.load_der_x509_certificate(shown).serial_number


async def test_health_is_open_to_any_certificate_and_names_every_service(world: World, running: Running):
    stub = HealthStub(world.channel(running, "king/1"))

    for service in ("", SERVICE, "lientuyen.chassis.v1.OutcomeService"):
        reply = await stub.Check(HealthCheckRequest(service=service))
        assert reply.status == HealthCheckResponse.SERVING
    refusal = await refused(stub.Check(HealthCheckRequest(service="other")))
    assert refusal.code is StatusCode.NOT_FOUND


async def test_health_tells_when_the_database_goes_away_and_comes_back(world: World, running: Running):
    stub = HealthStub(world.channel(running))
    states = stub.Watch(HealthCheckRequest())
    assert (await states.read()).status == HealthCheckResponse.SERVING

    database = running.settings.database_url.rpartition("/")[2]
    async with world.databases.closed(database):
        async with asyncio.timeout(PATIENCE):
            assert (await states.read()).status == HealthCheckResponse.NOT_SERVING
    async with asyncio.timeout(PATIENCE):
        assert (await states.read()).status == HealthCheckResponse.SERVING
    states.cancel()


async def not_serving(stub: HealthStub) -> HealthCheckResponse | None:
    """Return the answer when it is not SERVING."""
    answer = await stub.Check(HealthCheckRequest())
    return answer if answer.status != HealthCheckResponse.SERVING else None


async def test_the_kubelet_asks_without_tls_for_health_and_for_nothing_else(world: World, echo: Echo):
    probed = world.nowhere()
    running = await serve_echo(world, echo, health_listen=probed)
    database = running.settings.database_url.rpartition("/")[2]
    async with grpc.aio.insecure_channel(probed) as channel:
        stub = HealthStub(channel)
        ready = await stub.Check(HealthCheckRequest())
        async with world.databases.closed(database):
            lost = await eventually(lambda: not_serving(stub))
            alive = await stub.Check(HealthCheckRequest(service=health.LIVENESS))
        other = await refused(Stub(channel).Say(GOOD))

    assert [one.status for one in (ready, lost, alive)] == [
        HealthCheckResponse.SERVING,
        HealthCheckResponse.NOT_SERVING,
        HealthCheckResponse.SERVING,
    ]
    assert other.code is StatusCode.UNIMPLEMENTED


async def test_stopping_finishes_what_is_under_way_and_refuses_what_is_new(
    world: World, running: Running, stub: Stub, echo: Echo
):
    begun, asked_again = asyncio.Event(), asyncio.Event()

    async def work() -> str:
        begun.set()
        await asked_again.wait()
        return "finished"

    echo.say = work
    states = HealthStub(world.channel(running)).Watch(HealthCheckRequest())
    assert (await states.read()).status == HealthCheckResponse.SERVING
    under_way = asyncio.ensure_future(stub.Say(GOOD))
    await begun.wait()

    stopping = asyncio.create_task(running.server.stop(grace=60))
    await asyncio.sleep(0.01)
    at_once = await refused(stub.Say(GOOD))
    assert (await states.read()).status == HealthCheckResponse.NOT_SERVING
    await asyncio.sleep(0.3)
    later = await refused(stub.Say(GOOD))
    asked_again.set()

    assert (at_once.code, at_once.reason) == (StatusCode.UNAVAILABLE, reasons.DRAINING.name)
    assert later.code is StatusCode.UNAVAILABLE
    assert (await under_way).next_page_token == "finished"
    await stopping


async def test_endless_streams_end_at_once_when_the_server_stops(running: Running, stub: Stub):
    stream = aiter(stub.Endless(GOOD))
    assert (await anext(stream)).next_page_token == "first"

    async with asyncio.timeout(30):
        await asyncio.gather(running.server.stop(grace=60), ending := asyncio.ensure_future(refused(stream)))

    assert (ending.result().code, ending.result().reason) == (StatusCode.UNAVAILABLE, reasons.DRAINING.name)


async def test_reflection_lists_the_contract_where_it_is_switched_on(world: World, running: Running):
    stub = ServerReflectionStub(world.channel(running))
    asked = stub.ServerReflectionInfo(iter([ServerReflectionRequest(list_services="")]))

    (reply,) = [one async for one in asked]

    names = {service.name for service in reply.list_services_response.service}
    assert {SERVICE, "lientuyen.chassis.v1.AuditService"} < names


async def test_a_second_server_on_the_same_port_fails(world: World, running: Running):
    settings = running.settings.model_copy(update={"listen": running.address})
    db = await Database.open(settings.database_url)
    world.ending(db.close)
    second = Server(
        settings, service="echo", db=db, encryptor=Encryptor(settings.keys_dir), rules=RULES, unimplemented={}
    )

    with pytest.raises(Unfit, match="listen"):
        await second.start()


PROCESS = """
from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.fitness import Unfit
from chassis.server import Server, run
from chassis.settings import ServiceSettings

class Settings(ServiceSettings, env_prefix="ECHO_"):
    pass

async def build(given):
    db = await Database.open(given.database_url)
    encryptor = Encryptor(given.keys_dir)
    return Server(given, service="echo", db=db, encryptor=encryptor, rules={}, unimplemented={})

run(build, Settings)
"""


async def process_of(world: World, **settings: str) -> asyncio.subprocess.Process:
    """Start PROCESS with *settings* besides those that every service has."""
    given = {f"ECHO_{key.upper()}": str(value) for key, value in world.common("service/echo").items()}
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROCESS),
        env={**os.environ, **given, **settings, **path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_a_process_says_when_it_is_ready_and_drains_at_sigterm(world: World):
    process = await process_of(world, ECHO_DATABASE_URL=await asyncio.to_thread(world.databases.bare))
    assert process.stdout is not None

    async with asyncio.timeout(30):
        ready = re.fullmatch(rb"echo ready on (127\.0\.0\.1:\d+)\n", await process.stdout.readline())
        assert ready is not None
        health_stub = HealthStub(world.channel(ready[1].decode()))
        reply = await health_stub.Check(HealthCheckRequest(service=""))
        process.send_signal(signal.SIGTERM)
        out, err = await process.communicate()

    assert reply.status == HealthCheckResponse.SERVING
    assert (process.returncode, out) == (0, b"")
    assert [json.loads(line)["event"] for line in err.splitlines()] == ["serving", "draining"]


async def test_a_process_that_finds_no_database_says_why_and_may_be_tried_again(world: World):
    process = await process_of(world, ECHO_DATABASE_URL=f"postgresql://nobody@{world.nowhere()}/none")

    async with asyncio.timeout(30):
        _, err = await process.communicate()

    (line,) = [json.loads(line) for line in err.splitlines()]
    assert process.returncode == 75
    assert (line["event"], line["reason"]) == ("cannot start", reasons.STORE_UNAVAILABLE.name)
