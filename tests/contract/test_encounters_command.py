"""`lientuyen encounters`, as a hospital types it, beside records."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.harness import World, refused
from tests.samples import files

from .records_env import Records

COMMAND = str(Path(sys.executable).with_name("lientuyen"))


@pytest.fixture
async def records(world: World) -> Records:
    """Records with a dossier that was accepted, one that was refused, and somebody who was checked in."""
    records = await Records(world).start()
    await records.submit(files.sample().everywhere("MA_LK", "DONE").bytes())
    bad = files.sample().everywhere("MA_LK", "BAD").set("XML1", 1, "GIOI_TINH", "7")
    await refused(records.submit(bad.bytes()))
    await records.check_in(files.CHECK_IN.replace(b"20261120", b"20260901"))
    return records


async def run(records: Records, *arguments: str, caller: str = "facility/01999") -> tuple[int, str, str]:
    """Run the command; return its exit code, what it printed and what it complained of."""
    where = {
        "LIENTUYEN_RECORDS": records.running.address,
        "LIENTUYEN_TLS": str(records.world.pki.folder(caller).path),
    }
    process = await asyncio.create_subprocess_exec(
        *(COMMAND, "encounters", *arguments, "--as", caller),
        env={**os.environ, **where},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    stdout, stderr = await process.communicate()
    assert process.returncode is not None
    return process.returncode, stdout.decode(), stderr.decode()


async def test_the_screen_says_in_vietnamese_what_is_missing_and_late(records: Records):
    code, screen, _ = await run(records)

    late, bad, done = screen.splitlines()[1:]
    assert code == 0
    assert ("01999.SYN.000001" in late, "chưa có hồ sơ" in late, "quá hạn" in late) == (True, True, True)
    assert ("BAD" in bad, "hồ sơ sửa" in bad, "XML1.GIOI_TINH" in bad) == (True, True, True)
    assert ("DONE" in done, "đã nhận" in done, "tiếp đón (XML0)" in done) == (True, True, True)


async def test_what_is_late_or_in_a_state_is_told_apart_as_json(records: Records):
    _, late, _ = await run(records, "--late", "--json")
    _, bad, _ = await run(records, "--state", "refused", "--state", "withdrawn", "--json", "--all")

    assert [json.loads(line)["link_key"] for line in late.splitlines()] == ["01999.SYN.000001"]
    (encounter,) = map(json.loads, bad.splitlines())
    assert (encounter["link_key"], encounter["state"]) == ("BAD", "STATE_REFUSED")


async def test_what_was_due_long_ago_can_be_left_out(records: Records):
    _, recent, _ = await run(records, "--since", "20/11/2026", "--json")
    wrong, _, complaint = await run(records, "--since", "20/13/2026")

    assert [json.loads(line)["link_key"] for line in recent.splitlines()] == ["BAD", "DONE"]
    assert (wrong, bool(complaint)) == (2, True)


async def test_nothing_and_a_state_that_there_is_not_are_told(records: Records):
    code, screen, _ = await run(records, "--state", "withdrawn")
    wrong, _, complaint = await run(records, "--state", "lost")

    assert (code, screen.strip()) == (0, "không có lượt nào")
    assert (wrong, "--state" in complaint) == (2, True)


async def test_a_long_list_is_shown_a_page_at_a_time(records: Records):
    async def submit(number: int) -> None:
        bad = files.sample().everywhere("MA_LK", f"BAD-{number}").set("XML1", 1, "GIOI_TINH", "7")
        await refused(records.submit(bad.bytes()))

    for number in range(50):
        await submit(number)

    _, page, _ = await run(records)
    _, whole, _ = await run(records, "--all")

    assert ("50 lượt đầu" in page, page.count("BAD-")) == (True, 48)
    assert ("lượt đầu" in whole, whole.count("BAD-")) == (False, 50)
