"""A run of the command that is killed at any point loses nothing: it is run again."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chassis import clock
from chassis.archives import catalogue, dropping, exporting, manifest, restoring, sources
from chassis.archives.archive_file import ArchiveWriter
from chassis.archives.kinds import ACCESS_LOG, Kind, add_months
from chassis.archives.refusal import ArchiveRefused
from chassis.archives.session import Files, Session, session, signer
from chassis.encryption import Encryptor
from services.routing.schema import ARCHIVED
from tests.contract.archives_env import (
    MONTH,
    accessed,
    accesses,
    acknowledged,
    age,
    command_line,
    done,
    environment,
    sent,
)
from tests.contract.routing_env import Routing
from tests.contract.test_archives import files_in
from tests.harness import World, eventually

[MESSAGES] = ARCHIVED


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is one block, or two rows."""
    monkeypatch.setattr(sources, "BLOCKS", 1)
    monkeypatch.setattr(sources, "ROWS", 2)


@asynccontextmanager
async def at_work(routing: Routing, folder: Path) -> AsyncIterator[Session]:
    settings = routing.running.settings
    files = Files(
        "routing", Encryptor(settings.keys_dir, "archives"), (settings.tls_dir / "ca.crt").read_bytes()
    )
    async with session(settings.database_url, files, folder) as work:
        yield work


async def export(routing: Routing, folder: Path, kind: Kind) -> None:
    async with at_work(routing, folder) as work:
        await exporting.export(work, kind, MONTH, signer({"tls_dir": routing.running.settings.tls_dir}))


async def drop(routing: Routing, folder: Path, kind: Kind) -> None:
    async with at_work(routing, folder) as work:
        await dropping.drop(work, kind, MONTH)


async def restore(routing: Routing, folder: Path, kind: Kind) -> None:
    async with at_work(routing, folder) as work:
        archive = work.files.verified(work.manifest_path(kind, MONTH, 1))
        await restoring.restore(work, kind, MONTH, archive)


def kill_at(monkeypatch: pytest.MonkeyPatch, holder: Any, name: str, *, call: int = 1) -> Callable[[], int]:
    """Let the process be gone where *name* is called for the nth time; return how often it was called."""
    real, calls = getattr(holder, name), 0

    def or_die(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Killed
        return real(*arguments, **options)

    monkeypatch.setattr(holder, name, or_die)
    return lambda: calls


@pytest.mark.parametrize("kind", [ACCESS_LOG, MESSAGES], ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    ("holder", "name", "call"),
    [
        (ArchiveWriter, "append", 1),
        (ArchiveWriter, "append", 3),
        (exporting, "sync_folder", 1),
        (exporting, "write_manifest", 1),
        (manifest, "write_whole", 1),
        (catalogue, "write", 1),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
@pytest.mark.usefixtures("small_pages")
async def test_an_export_that_is_killed_is_run_again(
    routing: Routing,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
    holder: Any,
    name: str,
    call: int,
):
    before = await filled(routing)
    with monkeypatch.context() as patched:
        calls = kill_at(patched, holder, name, call=call)
        with pytest.raises(Killed):
            await export(routing, tmp_path, kind)
        assert calls() == call

    with pytest.raises(ArchiveRefused, match="was not exported"):
        await drop(routing, tmp_path, kind)
    await export(routing, tmp_path, kind)
    await drop(routing, tmp_path, kind)
    gone = await seen(routing, kind)
    await restore(routing, tmp_path, kind)

    assert gone == set()
    assert await seen(routing, kind) == before[kind.name]
    assert files_in(tmp_path) == [
        f"routing-{kind.name}-2023-05-1.json",
        f"routing-{kind.name}-2023-05-1.sealed",
    ]


async def filled(routing: Routing) -> dict[str, set[str]]:
    """Put accesses and messages into the month; return their names."""
    await accessed(routing, 200)
    await age(routing, await acknowledged(routing, 7), MONTH)
    return {kind.name: await seen(routing, kind) for kind in (ACCESS_LOG, MESSAGES)}


async def seen(routing: Routing, kind: Kind) -> set[str]:
    if kind is MESSAGES:
        return set(await sent(routing))
    return {
        access.name
        for access in await accesses(routing)
        if access.access_time.ToDatetime(UTC) < datetime(2024, 1, 1, tzinfo=UTC)
    }


@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.usefixtures("small_pages")
async def test_a_drop_of_messages_that_is_killed_is_run_to_its_end(
    routing: Routing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
):
    before = (await filled(routing))["messages"]
    await export(routing, tmp_path, MESSAGES)
    with monkeypatch.context() as patched:
        kill_at(patched, dropping, "_drop_batch", call=call)
        with pytest.raises(Killed):
            await drop(routing, tmp_path, MESSAGES)
    half = await seen(routing, MESSAGES)

    with pytest.raises(ArchiveRefused, match="run it to its end first"):
        await export(routing, tmp_path, MESSAGES)
    await drop(routing, tmp_path, MESSAGES)
    gone = await seen(routing, MESSAGES)
    await restore(routing, tmp_path, MESSAGES)

    assert (len(half), gone) == (7 - 2 * (call - 1), set())
    assert await seen(routing, MESSAGES) == before


@pytest.mark.parametrize(
    ("kind", "holder", "name", "call"),
    [
        (ACCESS_LOG, restoring, "_insert", 2),
        (ACCESS_LOG, restoring, "_note", 1),
        (MESSAGES, restoring, "_insert", 4),
        (MESSAGES, restoring, "_note", 1),
    ],
    ids=lambda value: getattr(value, "name", None) or getattr(value, "__name__", value),
)
@pytest.mark.usefixtures("small_pages")
async def test_a_restore_that_is_killed_is_run_again(
    routing: Routing,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
    holder: Any,
    name: str,
    call: int,
):
    before = await filled(routing)
    await export(routing, tmp_path, kind)
    await drop(routing, tmp_path, kind)
    with monkeypatch.context() as patched:
        kill_at(patched, holder, name, call=call)
        with pytest.raises(Killed):
            await restore(routing, tmp_path, kind)

    await restore(routing, tmp_path, kind)
    back = await seen(routing, kind)
    await drop(routing, tmp_path, kind)

    assert back == before[kind.name]
    assert await seen(routing, kind) == set()


async def test_an_export_that_the_system_kills_goes_on_where_it_was(routing: Routing, tmp_path: Path):
    await accessed(routing, 200_000)
    arguments = ("export", "access-log", "2023-05", "--folder", tmp_path)
    process = await asyncio.create_subprocess_exec(*command_line(*arguments), env=environment(routing))
    part = tmp_path / "routing-access-log-2023-05-1.part"
    await eventually(lambda: part.exists() and part.stat().st_size > 100_000)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    written = part.read_bytes()
    torn = part.open("ab")
    torn.write(b"\0\0\1\0half a chunk")
    torn.close()

    out = await done(routing, *arguments)
    await done(routing, "drop", "access-log", "2023-05", "--folder", tmp_path)

    assert "audit 200000;" in out
    sealed = (tmp_path / "routing-access-log-2023-05-1.sealed").read_bytes()
    assert sealed[:100_000] == written[:100_000]
    assert await routing.rows("SELECT 1 FROM audit WHERE access_time < '2024-01-01'") == []
    assert not part.exists()


async def test_a_second_run_beside_the_first_is_refused(routing: Routing, tmp_path: Path):
    async with at_work(routing, tmp_path):
        with pytest.raises(ArchiveRefused, match="Another run of this command"):
            await export(routing, tmp_path, ACCESS_LOG)


@pytest.mark.parametrize("kind", [ACCESS_LOG, MESSAGES], ids=lambda kind: kind.name)
async def test_a_command_whose_clock_is_ten_years_ahead_drops_nothing(
    routing: Routing, tmp_path: Path, kind: Kind
):
    month = add_months(datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0), -2)
    await accessed(routing, 1, month)
    await age(routing, await acknowledged(routing, 1), month)

    with clock.fixed(clock.now() + timedelta(days=3650)):
        async with at_work(routing, tmp_path) as work:
            await exporting.export(work, kind, month, signer({"tls_dir": routing.running.settings.tls_dir}))
            with pytest.raises(ArchiveRefused, match="has to stay until"):
                await dropping.drop(work, kind, month)


@pytest.mark.parametrize(
    ("kind", "scan"),
    [(ACCESS_LOG, "Tid Range Scan on audit_2023_05"), (MESSAGES, "messages_month")],
    ids=["access-log", "messages"],
)
async def test_a_page_is_read_without_the_rest_of_the_table(routing: Routing, kind: Kind, scan: str):
    await accessed(routing, 20_000)
    statements: list[tuple[str, tuple[object, ...]]] = []
    connection = await asyncpg.connect(routing.running.settings.database_url)
    await connection.execute("SET enable_seqscan = off")

    class Noting:
        async def fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
            statements.append((statement, arguments))
            return await connection.fetch(statement, *arguments)

        fetchval = staticmethod(connection.fetchval)

    async for _ in sources.pages(Noting(), kind, MONTH, None):
        break
    statement, arguments = statements[-1]
    plan = await connection.fetch(f"EXPLAIN {statement}", *arguments)
    await connection.close()

    assert scan in "\n".join(row[0] for row in plan)
