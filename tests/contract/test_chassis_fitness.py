"""A replica that cannot do its work does not serve: it says why at its start, or in its health."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from chassis import fitness
from chassis.db import Database
from chassis.encryption import Encryptor, make_key
from chassis.fitness import Fitness, Unfit, schema_fault
from laptop.authority import issue, issue_signing
from tests.contract.chassis_echo import Echo, serve_echo
from tests.contract.outbox_relay import Receiver, column, relaying, send
from tests.contract.routing_env import Routing
from tests.harness import World, eventually

Environment = dict[str, str]


async def environment(world: World) -> Environment:
    """Return the environment of a routing service that can work, on a database with sealed values."""
    routing = await Routing(world).start()
    await routing.send()
    settings = routing.running.settings
    await routing.running.server.stop(grace=0)
    signing = world.folder / "signing"
    return {
        "ROUTING_DATABASE_URL": settings.database_url,
        "ROUTING_LISTEN": "127.0.0.1:0",
        "ROUTING_TLS_DIR": str(shutil.copytree(settings.tls_dir, world.folder / "own-tls")),
        "ROUTING_KEYS_DIR": str(shutil.copytree(settings.keys_dir, world.folder / "own-keys")),
        "ROUTING_SIGNING_DIR": str(signing),
    }


async def start(given: Environment) -> tuple[int | None, str, str]:
    """Start the service as a process; return how it ended (None: it serves), what it said, on which."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.routing"),
        env={**os.environ, **given, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    ready = await process.stdout.readline()
    if ready:
        process.terminate()
    _, err = await process.communicate()
    return None if ready else process.returncode, err.decode(), ready.decode()


def other_keys(given: Environment) -> None:
    for file in (folder := Path(given["ROUTING_KEYS_DIR"])).iterdir():
        file.unlink()
    make_key(folder)


def no_keys(given: Environment) -> None:
    shutil.rmtree(given["ROUTING_KEYS_DIR"])


def empty_keys(given: Environment) -> None:
    for file in Path(given["ROUTING_KEYS_DIR"]).iterdir():
        file.unlink()


def no_tls(given: Environment) -> None:
    shutil.rmtree(given["ROUTING_TLS_DIR"])


def half_a_pair(given: Environment) -> None:
    (Path(given["ROUTING_TLS_DIR"]) / "tls.key").write_text("half written")


def no_signing(given: Environment) -> None:
    given["ROUTING_SIGNING_DIR"] += "-none"


def port_out_of_range(given: Environment) -> None:
    given["ROUTING_LISTEN"] = "127.0.0.1:70000"


def peer_out_of_range(given: Environment) -> None:
    given["ROUTING_IDENTITY_ADDRESS"] = "127.0.0.1:65536"


def health_out_of_range(given: Environment) -> None:
    given["ROUTING_HEALTH_LISTEN"] = "0.0.0.0:99999"


FAULTS: dict[str, Callable[[Environment], None]] = {
    "KEYS_DIR other": other_keys,
    "KEYS_DIR none": no_keys,
    "KEYS_DIR empty": empty_keys,
    "TLS_DIR none": no_tls,
    "TLS_DIR half": half_a_pair,
    "SIGNING_DIR none": no_signing,
    "LISTEN port": port_out_of_range,
    "IDENTITY_ADDRESS port": peer_out_of_range,
    "HEALTH_LISTEN port": health_out_of_range,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_process_that_cannot_work_names_the_variable_and_ends_with_78(world: World, fault: str):
    given = await environment(world)
    FAULTS[fault](given)

    code, said, _ = await start(given)

    assert code == 78
    assert f"ROUTING_{fault.partition(' ')[0]}: " in said
    assert "Traceback" not in said
    assert "exception" not in said


@pytest.mark.parametrize("which", ["TLS_DIR", "SIGNING_DIR"])
async def test_a_process_whose_certificate_has_ended_ends_with_78(world: World, which: str):
    given = await environment(world)
    make = issue if which == "TLS_DIR" else issue_signing
    make(world.pki.ca, Path(given[f"ROUTING_{which}"]), "service/routing", lifetime=timedelta(seconds=-1))

    code, said, _ = await start(given)

    assert code == 78
    assert f"ROUTING_{which}: " in said
    assert "ended on" in said
    assert "Traceback" not in said


async def test_a_process_on_a_database_that_is_not_migrated_ends_with_78(world: World):
    given = await environment(world)
    given["ROUTING_DATABASE_URL"] = await asyncio.to_thread(world.databases.empty)

    code, said, _ = await start(given)

    assert (code, "ROUTING_DATABASE_URL: " in said, "chassis.migrate" in said) == (78, True, True)
    assert "Traceback" not in said


async def test_a_process_that_can_work_serves(world: World):
    code, said, ready = await start(await environment(world))

    assert (code, "Traceback" in said) == (None, False)
    assert ready.startswith("routing ready on")


KNOWN = ["0001_pre_first", "0002_pre_slips", "0003_post_seen"]


@pytest.mark.parametrize(
    ("head", "fits"),
    [
        (None, False),
        ("0001_pre_first", False),
        ("0002_pre_slips", True),
        ("0003_post_seen", True),
        ("0004_pre_newer", True),
        ("0004_post_newer", False),
        ("0001_pre_of_another", False),
    ],
)
def test_a_head_fits_when_the_code_has_what_it_needs_and_nothing_was_taken_away(head: str | None, fits: bool):
    assert (schema_fault(head, KNOWN) == "") is fits


async def test_health_says_that_the_database_has_been_migrated_beyond_us(world: World, monkeypatch):
    monkeypatch.setattr(fitness, "CHECK_INTERVAL_S", 0.05)
    routing = await Routing(world).start()
    stub = HealthStub(world.channel(routing.running))

    async def is_serving(expected: bool) -> bool:
        status = (await stub.Check(HealthCheckRequest())).status
        return (status == HealthCheckResponse.SERVING) is expected

    await eventually(lambda: is_serving(True))
    head = (await routing.rows("SELECT version_num FROM alembic_version"))[0][0]
    await routing.rows("UPDATE alembic_version SET version_num = '9999_post_newer'")
    await eventually(lambda: is_serving(False))
    await routing.rows("UPDATE alembic_version SET version_num = $1", head)
    await eventually(lambda: is_serving(True))


async def test_a_rotated_key_seals_the_sentinel_and_the_old_one_may_go(world: World, echo: Echo):
    running = await serve_echo(world, echo)
    folder = running.settings.keys_dir
    (old,) = folder.iterdir()
    make_key(folder)

    await Fitness(running.db, Encryptor(folder), None).check()
    old.unlink()
    await Fitness(running.db, Encryptor(folder), None).check()

    other = world.folder / "other"
    make_key(other)
    with pytest.raises(Unfit, match="keys_dir"):
        await Fitness(running.db, Encryptor(other), None).check()


async def test_the_first_sentinel_is_written_only_by_who_opens_what_is_there(world: World):
    routing = await Routing(world).start()
    await routing.send()
    await routing.rows("DELETE FROM key_sentinel")
    other = world.folder / "other"
    make_key(other)

    with pytest.raises(Unfit, match="keys_dir"):
        await Fitness(routing.running.db, Encryptor(other), None).check()
    assert await routing.rows("SELECT 1 FROM key_sentinel") == []
    await Fitness(routing.running.db, Encryptor(routing.running.settings.keys_dir), None).check()
    assert len(await routing.rows("SELECT 1 FROM key_sentinel")) == 1


async def test_an_event_that_a_replica_cannot_open_keeps_its_attempts_for_another(
    db: Database, tmp_path: Path
):
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    for folder in (right, wrong):
        make_key(folder)
    receiver, tries = Receiver(), []
    await send(db, Encryptor(right).encrypt(b"a slip"))

    async def without_the_key(event) -> None:
        tries.append(event.attempts)
        Encryptor(wrong).decrypt(event.payload)

    async def with_the_key(event) -> None:
        Encryptor(right).decrypt(event.payload)
        await receiver(event)

    async with relaying(db, told=without_the_key):
        await eventually(lambda: len(tries) >= 14)
    assert (set(tries), await column(db, "state")) == ({1}, ["waiting"])

    async with relaying(db, told=with_the_key):
        await eventually(lambda: receiver.taken)
