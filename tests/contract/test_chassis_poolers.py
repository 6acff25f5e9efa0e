"""A database behind a pooler that shares sessions: a service does not start there, and says why."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from chassis.db import SERVER_SETTINGS, Database
from chassis.migrate import upgrade
from chassis.session_check import UnsuitableDatabase
from tests.contract.poolers import POOLERS, Pooler, pgbouncer
from tests.databases import Databases
from tests.harness import World

LOST = ("statement_timeout", "idle_in_transaction_session_timeout", "jit")

Opened = Callable[[str], object]


@pytest.fixture(params=POOLERS, ids=lambda pooler: pooler.__name__)
def pooler(request: pytest.FixtureRequest) -> Pooler:
    chosen: Pooler = request.param
    return chosen


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.empty()


async def keep_settings(url: str) -> None:
    """Let the role have our settings by itself, so that no pooler can drop them."""
    connection = await asyncpg.connect(url)
    for name, value in SERVER_SETTINGS.items():
        database = url.rpartition("/")[2]
        await connection.execute(f"ALTER DATABASE \"{database}\" SET {name} = '{value}'")
    await connection.close()


async def test_a_pooler_that_refuses_our_settings_is_named_with_the_setting(
    url: str, pooler: Pooler, tmp_path: Path
):
    async with pooler(url, tmp_path, (), "transaction") as pooled:
        with pytest.raises(UnsuitableDatabase, match=r"refuses the setting [a-z_]+ of a session"):
            await Database.open(pooled)


async def test_a_pooler_that_drops_our_settings_is_named_with_the_settings(
    url: str, pooler: Pooler, tmp_path: Path
):
    async with pooler(url, tmp_path, LOST, "transaction") as pooled:
        with pytest.raises(UnsuitableDatabase, match="idle_in_transaction_session_timeout, jit, statement"):
            await Database.open(pooled)


async def test_a_pooler_that_shares_sessions_is_found_by_what_it_does(
    url: str, pooler: Pooler, tmp_path: Path
):
    await keep_settings(url)
    async with pooler(url, tmp_path, LOST, "transaction") as pooled:
        with pytest.raises(UnsuitableDatabase, match="pool_mode = transaction"):
            await Database.open(pooled)


async def test_a_pooler_that_leaves_us_our_sessions_is_used(url: str, tmp_path: Path):
    """PostgreSQL itself is the simplest of these; PgBouncer, where there is one, another."""
    await keep_settings(url)
    await (await Database.open(url)).close()
    if pgbouncer in POOLERS:
        async with pgbouncer(url, tmp_path, LOST, "session") as pooled:
            await (await Database.open(pooled)).close()


async def test_a_migration_does_not_begin_where_its_lock_would_hold_for_others(
    url: str, pooler: Pooler, tmp_path: Path
):
    async with pooler(url, tmp_path, LOST, "transaction") as pooled:
        with pytest.raises(UnsuitableDatabase, match="pool_mode = transaction"):
            await asyncio.to_thread(upgrade, "services.pharmacy", pooled)


@pytest.mark.parametrize("module", ["services.pharmacy", "chassis.migrate"])
async def test_a_process_names_the_variable_and_ends_as_wrongly_configured(
    world: World, pooler: Pooler, tmp_path: Path, module: str
):
    url = await asyncio.to_thread(world.databases.clone, "pharmacy")
    given = {f"PHARMACY_{key.upper()}": str(value) for key, value in world.common("service/pharmacy").items()}
    arguments = ["-m", module] + (["services.pharmacy"] if module == "chassis.migrate" else [])
    async with pooler(url, tmp_path, LOST, "transaction") as pooled:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            env={
                **os.environ,
                **given,
                "PHARMACY_DATABASE_URL": pooled,
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
            stderr=asyncio.subprocess.PIPE,
        )
        _, err = await process.communicate()

    assert process.returncode == 78
    lines = err.decode().splitlines()
    [line] = [line for line in lines if line.startswith("  ")]
    assert line.startswith("  PHARMACY_DATABASE_URL: a pooler ")
    assert "docs/howto/size-postgresql.md" in line
    assert "Traceback" not in err.decode()
