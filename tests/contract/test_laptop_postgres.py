"""The embedded PostgreSQL: it starts, stops, refuses a second run, and survives a kill."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from laptop.postgres_cluster import Cluster, PostgresFailed
from laptop.postgres_run_as import find_binaries
from tests.harness import eventually

ROOT = Path(__file__).parents[2]
FAST = {"fsync": "off", "max_connections": "20"}

# Another process that holds a cluster until it is killed, and says who serves it.
HOLDER = """
import sys, time
from pathlib import Path
from laptop.postgres_cluster import Cluster
cluster = Cluster(Path(sys.argv[1]), options={"fsync": "off", "max_connections": "20"})
cluster.start()
print(cluster._server.pid, cluster._guard.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a cluster that is stopped, and a database `kept` in it."""
    path = tmp_path_factory.mktemp("embedded") / "state"
    with Cluster(path, options=FAST) as cluster:
        cluster.create("kept")
    return path


@pytest.fixture
def running(folder: Path) -> Iterator[Cluster]:
    with Cluster(folder, options=FAST) as cluster:
        yield cluster


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def hold(folder: Path) -> tuple["subprocess.Popen[str]", int, int]:
    """Return a process that runs the cluster, the server's process id and the guard's."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"}
    command = [sys.executable, "-c", HOLDER, str(folder)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert holder.stdout is not None
    server, guard = map(int, holder.stdout.readline().split())
    return holder, server, guard


def kill(holder: "subprocess.Popen[str]") -> None:
    holder.kill()
    holder.communicate()


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not yet waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(
        ["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return state.stdout.strip() not in ("", "Z")


def bound(port: int) -> socket.socket | None:
    """Return a socket that listens on *port*; None while somebody else has it."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return None


async def test_it_keeps_its_databases_over_a_stop(folder: Path):
    with Cluster(folder, options=FAST) as cluster:
        assert await ask(cluster.url("kept"), "SELECT current_database()") == "kept"


async def test_it_is_never_root_and_listens_on_loopback_with_a_password(running: Cluster):
    url = running.url("kept")
    settings = "SELECT current_setting('listen_addresses') || current_setting('unix_socket_directories')"

    assert await ask(url, settings) == "127.0.0.1"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(url.replace("postgres:", "postgres:not"), "SELECT 1")


async def test_its_sort_order_and_settings_are_ours(running: Cluster):
    url = running.url("kept")

    assert await ask(url, "SELECT datlocale FROM pg_database WHERE datname = 'kept'") == "C.UTF-8"
    assert await ask(url, "SHOW log_error_verbosity") == "terse"
    assert await ask(url, "SHOW max_connections") == "20"


async def test_databases_are_made_copied_and_dropped(running: Cluster):
    running.create("first")
    running.create("first")
    connection = await asyncpg.connect(running.url("first"))
    await connection.execute("CREATE TABLE t AS SELECT 42 AS n")
    await connection.close()

    running.create("second", template="first")

    assert await ask(running.url("second"), "SELECT n FROM t") == 42
    running.drop("first")
    running.drop("second")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await ask(running.url("second"), "SELECT 1")


def test_a_second_run_on_the_same_folder_is_refused(running: Cluster, folder: Path):
    with pytest.raises(PostgresFailed, match="Another run uses the database"):
        Cluster(folder).start()

    assert running.url("kept").endswith("/kept")


def test_a_stopped_cluster_has_no_address(folder: Path):
    cluster = Cluster(folder)
    cluster.stop()

    with pytest.raises(PostgresFailed, match="not running"):
        cluster.url("kept")


async def test_a_killed_server_recovers_what_was_committed(folder: Path):
    cluster = Cluster(folder, options={"max_connections": "20"})
    cluster.start()
    await ask(cluster.url("kept"), "CREATE TABLE IF NOT EXISTS written AS SELECT 7 AS n")
    assert cluster._server is not None
    os.kill(cluster._server.pid, signal.SIGKILL)
    cluster.stop()

    cluster.start()

    assert await ask(cluster.url("kept"), "SELECT n FROM written") == 7
    cluster.stop()


async def test_a_server_that_died_is_revived_on_its_port_with_what_was_committed(folder: Path):
    with Cluster(folder, options={"max_connections": "20"}) as cluster:
        url = cluster.url("kept")
        await ask(url, "CREATE TABLE IF NOT EXISTS revived AS SELECT 8 AS n")
        assert cluster._server is not None
        assert not cluster.has_died()
        os.kill(cluster._server.pid, signal.SIGKILL)
        cluster._server.wait()
        assert cluster.has_died()

        cluster.revive()

        assert not cluster.has_died()
        assert await ask(url, "SELECT n FROM revived") == 8
    assert not cluster.has_died()


async def test_a_server_is_not_revived_on_another_port(folder: Path):
    with Cluster(folder, options=FAST) as cluster:
        assert cluster._server is not None
        cluster._server.kill()
        cluster._server.wait()
        port = cluster._port
        # The children of a killed server hold its port a little longer.
        with await eventually(lambda: bound(port)):
            with pytest.raises(PostgresFailed, match="could not bind"):
                cluster.revive()
            assert cluster.has_died()

        cluster.revive()

        assert not cluster.has_died()


async def test_the_server_does_not_outlive_a_killed_process(folder: Path):
    holder, server, guard = hold(folder)

    kill(holder)

    await eventually(lambda: not alive(server))
    await eventually(lambda: not alive(guard))


@pytest.mark.skipif(sys.platform != "linux", reason="finds what is left in /proc")
async def test_what_a_killed_run_left_behind_is_stopped_first(folder: Path):
    holder, server, guard = hold(folder)
    os.kill(guard, signal.SIGKILL)
    kill(holder)
    assert alive(server)

    with Cluster(folder, options=FAST) as cluster:
        assert not alive(server)
        assert await ask(cluster.url("kept"), "SELECT 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="finds what is left in /proc")
def test_a_pid_file_whose_number_is_a_strangers_is_no_hindrance(folder: Path):
    (folder / "pg" / "postmaster.pid").write_text(
        f"{os.getppid()}\n{folder}/pg\n1\n5432\n\n127.0.0.1\n\nready\n"
    )

    with Cluster(folder, options=FAST) as cluster:
        assert cluster.url("kept")


def test_nothing_outside_its_folder_changes(tmp_path: Path):
    above = tmp_path / "closed"
    above.mkdir(mode=0o700)
    before = [(path.stat().st_mode, path.stat().st_uid) for path in (above, *above.parents)]

    with Cluster(above / "state", options=FAST):
        pass

    assert [(path.stat().st_mode, path.stat().st_uid) for path in (above, *above.parents)] == before
    assert (above / "state" / "password").stat().st_mode & 0o077 == 0
    assert (above / "state" / "pg").stat().st_mode & 0o077 == 0


def test_half_a_cluster_is_made_anew(tmp_path: Path):
    (tmp_path / "pg.new").mkdir()
    (tmp_path / "pg.new" / "PG_VERSION").write_text("18")

    with Cluster(tmp_path, options=FAST) as cluster:
        assert cluster.url("postgres")


def test_a_setting_that_postgresql_refuses_is_shown(folder: Path):
    with pytest.raises(PostgresFailed, match="no_such_setting"):
        Cluster(folder, options={"no_such_setting": "1"}).start()


def test_binaries_that_cannot_run_are_said_so(tmp_path: Path):
    cluster = Cluster(tmp_path / "state", binaries=tmp_path / "nowhere")

    with pytest.raises(PostgresFailed, match="cannot run here"):
        cluster.start()
    assert not (tmp_path / "state" / "pg").exists()


def test_a_missing_wheel_is_said_so():
    with pytest.raises(PostgresFailed, match="extra `laptop`"):
        find_binaries("no_such_wheel")
