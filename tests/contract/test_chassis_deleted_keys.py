"""A sealing key that was deleted: a retry is told so, an outcome still says what was done; which may go."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from grpc import StatusCode

from chassis.encryption import make_key
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest, GetOutcomeResponse
from lientuyen.chassis.v1.outcome_service_pb2_grpc import OutcomeServiceStub
from tests.contract.routing_env import DISTRICT, Routing, upload
from tests.harness import World, refused


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


def rotate(folder: Path, *, delete: bool) -> str:
    """Add a key to *folder*, take the old one away if asked to, and return the old one's id."""
    (old,) = folder.iterdir()
    make_key(folder)
    if delete:
        old.unlink()
    return old.name


def delete(file: Path) -> None:
    file.unlink()


async def test_a_retry_whose_answer_was_sealed_under_a_deleted_key_is_told_so(routing: Routing):
    request_id = str(uuid4())
    await routing.mailbox().SendMessage(upload(b"<x/>", request_id=request_id, sender=DISTRICT))
    old = rotate(routing.running.settings.keys_dir, delete=True)

    refusal = await refused(
        routing.mailbox().SendMessage(upload(b"<x/>", request_id=request_id, sender=DISTRICT))
    )
    outcome = await routing.stub(OutcomeServiceStub).GetOutcome(GetOutcomeRequest(request_id=request_id))

    assert (refusal.code, refusal.reason) == (
        StatusCode.FAILED_PRECONDITION,
        reasons.ANSWER_UNREADABLE.name,
    )
    assert (refusal.metadata["request_id"], refusal.metadata["key"]) == (request_id, old)
    assert (outcome.state, outcome.response) == (GetOutcomeResponse.STATE_DONE, b"")
    assert len(await routing.rows("SELECT 1 FROM messages")) == 1


async def test_a_command_says_which_keys_are_still_in_use(routing: Routing):
    await routing.send(b"short")
    await routing.send(b"x" * 700_000)
    folder = routing.running.settings.keys_dir
    old = rotate(folder, delete=False)
    await routing.send(b"short")

    lines = await keys_in_use(routing)
    delete(folder / old)
    missing = await keys_in_use(routing)

    new = max(file.name for file in folder.iterdir())
    assert [line.split()[:2] for line in lines] == [[old, "opens"], [new, "seals"]]
    for column in ("messages.body 1", "pieces", "replies.reply 2", "key_sentinel.sealed 1"):
        assert column in lines[0]
    assert "messages.body 1" in lines[1]
    assert missing[0].split()[:2] == [old, "MISSING"]


async def test_a_key_under_which_nothing_is_sealed_may_go(routing: Routing):
    folder = routing.running.settings.keys_dir
    (folder / "00000000").write_bytes(next(folder.iterdir()).read_bytes())

    lines = await keys_in_use(routing)

    assert lines[0] == "00000000  opens  nothing is sealed under it"


async def keys_in_use(routing: Routing) -> list[str]:
    settings = routing.running.settings
    given = {"ROUTING_DATABASE_URL": settings.database_url, "ROUTING_KEYS_DIR": str(settings.keys_dir)}
    command = [sys.executable, "-m", "chassis.keys_in_use", "services.routing"]
    ended = await asyncio.to_thread(
        subprocess.run, command, env={**os.environ, **given}, capture_output=True, check=True, text=True
    )
    return ended.stdout.splitlines()
