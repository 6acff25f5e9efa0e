"""`lientuyen events`, as an operator types it, beside a service that has dead events."""

import asyncio
import json
import os
import sys
from pathlib import Path
from uuid import UUID

import pytest

from chassis import outbox
from tests.contract.records_env import Records
from tests.harness import World

COMMAND = str(Path(sys.executable).with_name("lientuyen"))
SECRET = b"Nguyen Van A 001885000016"
GIVE_UP = """
    UPDATE outbox SET state = 'dead', attempts = 12, finish_time = now(),
    last_error = 'NotFound ERROR_REASON_FACILITY_NOT_FOUND' RETURNING id
"""


@pytest.fixture
async def records(world: World) -> Records:
    return await Records(world).start()


async def events(records: Records, *arguments: str, caller: str = "operator/an") -> tuple[int, str, str]:
    """Run the command as *caller* and return its exit code and what it wrote to stdout and stderr."""
    where = {
        "LIENTUYEN_RECORDS": records.running.address,
        "LIENTUYEN_TLS": str(records.world.pki.folder(caller).path),
    }
    process = await asyncio.create_subprocess_exec(
        *(COMMAND, "events", *arguments),
        env={**os.environ, **where},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    stdout, stderr = await process.communicate()
    assert process.returncode is not None
    return process.returncode, stdout.decode(), stderr.decode()


async def dead(records: Records) -> str:
    """Leave a dead event in the outbox and return its name."""
    async with records.running.db.transaction() as tx:
        await outbox.publish(tx, "nobody.handles", SECRET, key="dossiers/1/XML13")
    [row] = await records.rows(GIVE_UP)
    return f"//records.lientuyen/events/{UUID(str(row['id']))}"


async def test_dead_events_are_listed_for_people_and_for_machines(records: Records):
    name = await dead(records)

    code, screen, _ = await events(records, "list")
    _, lines, _ = await events(records, "list", "--service", "records", "--json")

    assert code == 0
    for part in (
        name,
        "nobody.handles",
        "12 lần",
        "NotFound ERROR_REASON_FACILITY_NOT_FOUND",
        "không gửi được",
    ):
        assert part in screen
    [event] = [json.loads(line) for line in lines.splitlines()]
    assert (event["name"], event["state"], event["key"]) == (name, "STATE_DEAD", "dossiers/1/XML13")
    assert "Nguyen" not in screen + lines


async def test_nothing_left_behind_is_said_in_words(records: Records):
    assert await events(records, "list") == (0, "không có sự kiện nào bị bỏ lại\n", "")


async def test_an_event_is_replayed_then_stopped_and_then_neither(records: Records):
    name = await dead(records)

    replayed = await events(records, "replay", name, "--json")
    stopped = await events(records, "stop", name, "--json")
    again = await events(records, "replay", name, "--json")

    states = [json.loads(stdout)["state"] for _, stdout, _ in (replayed, stopped)]
    assert states == ["STATE_WAITING", "STATE_STOPPED"]
    assert (again[0], json.loads(again[1])["reason"]) == (1, "ERROR_REASON_EVENT_STATE")


async def test_mistakes_and_strangers_end_in_words_and_codes(records: Records):
    misnamed = await events(records, "stop", "events/7b1d7c1e-8f0e-4a68-9d4c-3f1fba4a7c11")
    unknown = await events(records, "stop", "//records.lientuyen/events/1")
    elsewhere = await events(records, "list", "--service", "routing")
    stranger = await events(records, "list", caller="facility/01999")

    assert [outcome[0] for outcome in (misnamed, unknown, elsewhere, stranger)] == [2, 1, 2, 4]
    for outcome in (misnamed, unknown, elsewhere, stranger):
        assert "Traceback" not in outcome[2]
        assert outcome[2]
