"""Months leave a database as sealed, signed files, and come back for reading: by the command itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from chassis import audit_partitions
from chassis.keys_in_use import keys_in_use
from laptop.authority import make_ca
from tests.contract.archives_env import (
    MONTH,
    accessed,
    accesses,
    acknowledged,
    age,
    done,
    receipt,
    run,
    sent,
)
from tests.contract.routing_env import PERSON, Routing
from tests.harness import World, refused


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


async def test_a_month_of_the_access_log_leaves_and_comes_back_marked(routing: Routing, folder: Path):
    await accessed(routing, 3000)
    await accessed(routing, 2, datetime(2023, 6, 1, tzinfo=UTC))
    before = await accesses(routing)

    await done(routing, "export", "access-log", "2023-05", "--folder", folder)
    exported = await accesses(routing)
    await done(routing, "drop", "access-log", "2023-05", "--folder", folder)
    gone = await accesses(routing)
    manifest = folder / "routing-access-log-2023-05-1.json"
    await done(routing, "verify", manifest)
    await done(routing, "restore", manifest)
    await done(routing, "restore", manifest)
    back = await accesses(routing)
    await done(routing, "drop", "access-log", "2023-05", "--folder", folder)

    assert exported == before
    assert gone == before[3000:]
    assert [access.restored for access in back] == [True] * 3000 + [False] * 2
    for access in back:
        access.restored = False
    assert back == before
    assert await accesses(routing) == gone


async def test_rows_that_came_back_are_as_closed_as_the_others(routing: Routing, folder: Path):
    await accessed(routing, 1)
    for command in ("export", "drop"):
        await done(routing, command, "access-log", "2023-05", "--folder", folder)
    await done(routing, "restore", folder / "routing-access-log-2023-05-1.json")

    for statement in ("UPDATE {} SET allowed = false", "DELETE FROM {}", "TRUNCATE {}"):
        with pytest.raises(asyncpg.RaiseError, match="only ever added"):
            await routing.rows(statement.format("audit_2023_05_restored"))


async def test_messages_leave_with_their_receipts_and_come_back_marked(routing: Routing, folder: Path):
    names = await acknowledged(routing, 5)
    await age(routing, names[:4], MONTH + timedelta(days=3))
    before = await sent(routing)
    signatures = [await receipt(routing, names[0], kind) for kind in ("acceptance", "acknowledgement")]

    await done(routing, "export", "messages", "2023-05", "--folder", folder)
    dropped = await done(routing, "drop", "messages", "2023-05", "--folder", folder)
    gone = await sent(routing)
    missing = await refused(routing.get(names[0]))
    receipts = await routing.rows("SELECT DISTINCT message_id::text FROM receipts")
    await done(routing, "restore", folder / "routing-messages-2023-05-1.json")
    back = await sent(routing)

    assert dropped == "dropped 4 rows of messages 2023-05\n"
    assert set(gone) == {names[4]}
    assert missing.code.name == "PERMISSION_DENIED"  # as of one that never was
    assert [row[0] for row in receipts] == [names[4].rpartition("/")[2]]
    assert {name for name, message in back.items() if message.HasField("restore_time")} == set(names[:4])
    for message in back.values():
        message.ClearField("restore_time")
    assert back == before
    assert signatures == [
        await receipt(routing, names[0], kind) for kind in ("acceptance", "acknowledgement")
    ]

    await done(routing, "drop", "messages", "2023-05", "--folder", folder)
    assert await sent(routing) == gone


async def test_a_message_that_is_not_acknowledged_stays(routing: Routing, folder: Path):
    [finished] = await acknowledged(routing, 1)
    waiting = (await routing.send(b"nobody took it")).message.name
    dead = (await routing.send(b"rejected", caller="facility/79024")).message.name
    await routing.rows("UPDATE messages SET state = 'dead', dead_time = now() WHERE sender LIKE '%79024'")
    kept = (await acknowledged_with_body(routing))[0]
    await age(routing, [finished, waiting, dead], MONTH)

    await done(routing, "export", "messages", "2023-05", "--folder", folder)
    await done(routing, "drop", "messages", "2023-05", "--folder", folder)

    left = {f"//routing.lientuyen/messages/{row[0]}" for row in await routing.rows("SELECT id FROM messages")}
    assert left == {waiting, dead, kept}
    refusal = await run(routing, "export", "messages", "2023-05", "--folder", folder)
    assert (refusal.code, refusal.err.splitlines()) == (
        1,
        ["Tháng 05/2023 không có gì được phép đưa ra.", "There is nothing in 2023-05 that may leave."],
    )


async def acknowledged_with_body(routing: Routing) -> list[str]:
    """Return a message of the month whose body is still there: its time was not over."""
    await routing.rows("UPDATE messages SET recipient = 'nobody' WHERE state = 'accepted'")
    names = await acknowledged(routing, 1)
    await routing.rows(
        "UPDATE messages SET accept_time = $1 WHERE id = $2::uuid", MONTH, names[0].rpartition("/")[2]
    )
    return names


async def test_what_changed_after_the_export_stays(routing: Routing, folder: Path):
    names = await acknowledged(routing, 2)
    await age(routing, names, MONTH)
    await done(routing, "export", "messages", "2023-05", "--folder", folder)
    await routing.rows("UPDATE messages SET correlation = 'khác' WHERE id = $1::uuid", names[0][-36:])

    assert "dropped 1 rows" in await done(routing, "drop", "messages", "2023-05", "--folder", folder)

    assert set(await sent(routing)) == {names[0]}
    await done(routing, "export", "messages", "2023-05", "--folder", folder)
    assert "dropped 1 rows" in await done(routing, "drop", "messages", "2023-05", "--folder", folder)
    assert files_in(folder) == [
        f"routing-messages-2023-05-{number}.{suffix}" for number in (1, 2) for suffix in ("json", "sealed")
    ]


async def test_a_month_that_is_not_old_enough_stays(routing: Routing, folder: Path):
    now = datetime.now(UTC)
    young = (now.replace(day=1) - timedelta(days=45)).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    name = f"{young:%Y-%m}"
    await accessed(routing, 1, young)
    await done(routing, "export", "access-log", name, "--folder", folder)

    drop = await run(routing, "drop", "access-log", name, "--folder", folder)
    this = await run(routing, "export", "access-log", f"{now:%Y-%m}", "--folder", folder)

    assert drop.code == this.code == 1
    assert f"The month {name} has to stay until " in drop.err
    assert "phải được giữ đến" in drop.err
    assert this.err.splitlines() == [
        f"Tháng {now:%m/%Y} chưa kết thúc.",
        f"The month {now:%Y-%m} is not over.",
    ]
    assert len(await accesses(routing)) == 1


async def test_rows_that_never_left_stay_their_time_though_their_archive_was_restored_over_them(
    routing: Routing, folder: Path
):
    """So it is in a database that was brought back from before the export, and knows nothing of it."""
    month = (datetime.now(UTC).replace(day=1) - timedelta(days=45)).replace(day=1)
    name, names = f"{month:%Y-%m}", await acknowledged(routing, 2)
    await age(routing, names, month)
    await done(routing, "export", "messages", name, "--folder", folder)
    await routing.rows("DELETE FROM archives")
    await routing.rows("DELETE FROM messages WHERE id = $1::uuid", names[1][-36:])
    await done(routing, "restore", folder / f"routing-messages-{name}-1.json")
    assert set(await sent(routing)) == set(names)

    assert "dropped 1 rows" in await done(routing, "drop", "messages", name, "--folder", folder)

    assert set(await sent(routing)) == {names[0]}


async def test_what_was_not_exported_and_verified_stays(routing: Routing, folder: Path):
    await accessed(routing, 10)
    unexported = await run(routing, "drop", "access-log", "2023-05", "--folder", folder)
    await done(routing, "export", "access-log", "2023-05", "--folder", folder)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    without = await run(routing, "drop", "access-log", "2023-05", "--folder", elsewhere)
    sealed = folder / "routing-access-log-2023-05-1.sealed"
    flip(sealed, sealed.stat().st_size - 40)
    damaged = await run(routing, "drop", "access-log", "2023-05", "--folder", folder)

    assert [ran.code for ran in (unexported, without, damaged)] == [1, 1, 1]
    assert "The month 2023-05 was not exported." in unexported.err
    assert "There is no archive routing-access-log-2023-05-1.json" in without.err
    assert "is damaged or was altered (checksum)" in damaged.err
    assert len(await accesses(routing)) == 10


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


async def test_a_flipped_byte_is_found_wherever_it_is(routing: Routing, folder: Path):
    await accessed(routing, 100)
    await done(routing, "export", "access-log", "2023-05", "--folder", folder)
    manifest, sealed = (folder / f"routing-access-log-2023-05-1.{kind}" for kind in ("json", "sealed"))

    for path in (manifest, sealed):
        whole = path.read_bytes()
        for place in range(10, len(whole), len(whole) // 5):
            flip(path, place)
            ran = await run(routing, "verify", manifest)
            assert (ran.code, "bị hỏng hoặc đã bị sửa đổi" in ran.err) == (1, True), (path.name, place)
            path.write_bytes(whole)

    assert (await run(routing, "verify", manifest)).code == 0


async def test_a_manifest_that_another_authority_stands_for_is_refused(
    world: World, routing: Routing, folder: Path
):
    await accessed(routing, 1)
    await done(routing, "export", "access-log", "2023-05", "--folder", folder)
    manifest = folder / "routing-access-log-2023-05-1.json"
    stranger = await Routing(world).start()
    tls = stranger.running.settings.tls_dir
    (tls / "ca.crt").rename(tls / "kept")
    (tls / "ca.crt").write_bytes(other_authority(folder))

    ran = await run(stranger, "verify", manifest)

    (tls / "kept").replace(tls / "ca.crt")
    assert (ran.code, "not issued by this authority" in ran.err) == (1, True)


def other_authority(folder: Path) -> bytes:
    make_ca(folder / "other")
    return (folder / "other" / "ca.crt").read_bytes()


async def test_no_file_and_no_line_tells_of_a_person(routing: Routing, folder: Path):
    await accessed(routing, 20)
    told = [
        await done(routing, "list"),
        await done(routing, "export", "access-log", "2023-05", "--folder", folder),
        await done(routing, "list"),
    ]

    person = PERSON.rpartition("/")[2]
    for path in map(folder.joinpath, files_in(folder)):
        assert person not in path.name
        assert person.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
    assert not [line for line in told if person in line]


async def test_the_months_are_listed_with_what_became_of_them(routing: Routing, folder: Path):
    await accessed(routing, 7)
    names = await acknowledged(routing, 2)
    await age(routing, names[:1], MONTH)
    for command in ("export", "drop"):
        await done(routing, command, "access-log", "2023-05", "--folder", folder)
    await done(routing, "export", "messages", "2023-05", "--folder", folder)

    lines = (await done(routing, "list")).splitlines()

    [log] = [line for line in lines if line.startswith("access-log  2023-05")]
    [old] = [line for line in lines if line.startswith("messages  2023-05")]
    [young] = [line for line in lines if line.startswith("messages  ") and line != old]
    assert log == "access-log  2023-05  0 rows, 0 finished, 0 bytes  may leave  archives: 1 dropped (7 rows)"
    assert old.startswith("messages  2023-05  1 rows, 1 finished, ")
    assert old.endswith("may leave  archives: 1 exported (1 rows)")
    assert "1 rows, 0 finished" in young
    assert young.endswith("archives: none")


async def test_rows_in_the_default_partition_leave_with_their_month(routing: Routing, folder: Path):
    await routing.rows(
        "INSERT INTO audit (access_time, caller, practitioner, method, subject, purpose, legal_basis, reason,"
        " allowed, flagged, trace_id)"
        " VALUES ($1, 'facility/01999', '', 'x', $2, 1, 1, '', true, false, '')",
        MONTH,
        PERSON,
    )
    assert len(await routing.rows("SELECT 1 FROM audit_default")) == 1

    for command in ("export", "drop"):
        await done(routing, command, "access-log", "2023-05", "--folder", folder)
    gone = await accesses(routing)
    await done(routing, "restore", folder / "routing-access-log-2023-05-1.json")

    assert gone == []
    assert [access.restored for access in await accesses(routing)] == [True]
    with pytest.raises(asyncpg.RaiseError, match="only ever added"):
        await routing.rows("DELETE FROM audit")
    await routing.rows("INSERT INTO audit SELECT (audit).* FROM audit LIMIT 0")
    assert audit_partitions.partition_name(MONTH) == "audit_2023_05"


async def test_the_keys_in_use_name_what_an_archive_is_sealed_under(routing: Routing, folder: Path):
    await accessed(routing, 1)
    await done(routing, "export", "access-log", "2023-05", "--folder", folder)

    usage = await keys_in_use(routing.running.settings.database_url)

    assert [columns.get("archives.data_key") for columns in usage.values()] == [1]
