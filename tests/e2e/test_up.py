"""`lientuyen up` and `lientuyen demo` where something is in the way: said in a line, and nothing is left."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lientuyen_client.clock import today
from lientuyen_client.demo import people
from lientuyen_client.demo.journey import visit_day
from lientuyen_client.demo.sample_files import dossier
from lientuyen_client.running_stack import NoStack, read_stack
from tests.harness import eventually

COMMAND = str(Path(sys.executable).with_name("lientuyen"))


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env={**os.environ, **environment},
    )


def ports_in_a_row(count: int) -> int:
    """Return the first of *count* free ports in a row."""
    for first in range(20_000, 30_000, count):
        if all(is_free(port) for port in range(first, first + count)):
            return first
    raise AssertionError("no ports are free")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def is_running(home: Path) -> bool:
    try:
        read_stack(home)
    except NoStack:
        return False
    return True


@pytest.fixture(scope="module")
def base() -> int:
    return ports_in_a_row(5)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, base: int) -> Iterator[Path]:
    """A stack that runs at *base*, with nobody in it."""
    folder = tmp_path_factory.mktemp("up") / "home"
    command = [COMMAND, "up", "--no-seed", "--home", str(folder), "--port-base", str(base)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        asyncio.run(eventually(lambda: is_running(folder), 200))
        yield folder
    finally:
        process.terminate()
        assert process.wait(timeout=60) == 0


def test_the_services_listen_at_the_ports_in_a_row(home: Path, base: int):
    addresses = read_stack(home).addresses

    assert list(addresses.values()) == [f"127.0.0.1:{port}" for port in range(base, base + 4)]


def test_a_second_up_says_first_that_one_runs_and_where_and_touches_nothing(home: Path):
    state = (home / "stack.json").read_bytes()

    second = run("up", "--home", str(home))

    assert second.returncode == 1
    assert str(json.loads(state)["pid"]) in second.stderr
    assert str(home) in second.stderr
    assert json.loads(state)["addresses"]["identity"] in second.stderr
    assert second.stdout == ""
    assert (home / "stack.json").read_bytes() == state
    lookup = run("lookup", people.PATIENT_ID, LIENTUYEN_HOME=str(home))
    assert "PERSON_NOT_FOUND" in lookup.stderr, "a second start must not bring people into the first"


def test_a_port_that_is_taken_is_named_before_anything_is_begun(home: Path, base: int, tmp_path: Path):
    second = run("up", "--home", str(tmp_path / "other"), "--port-base", str(base))

    assert second.returncode == 1
    assert f"Port {base}" in second.stderr
    assert "Traceback" not in second.stderr
    assert not (tmp_path / "other" / "postgres").exists()


def unshared() -> list[str]:
    """Return the words before a command that give it mounts of its own; none where that is not allowed."""
    words = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-Umc", "--keep-caps"]
    probe = [*words, "sh", "-c", 'mount -t tmpfs tmpfs "$0"', "/tmp"]
    allowed = (
        shutil.which("unshare") and not subprocess.run(probe, capture_output=True, check=False).returncode
    )
    return words if allowed else []


@pytest.fixture(scope="module")
def own_mounts() -> list[str]:
    words = unshared()
    if not words:
        pytest.skip("mounting is not allowed here")
    return words


@pytest.mark.parametrize("size", ["1m", "60m", "66m"])
def test_a_disk_that_is_full_at_the_start_is_said_in_a_line(own_mounts: list[str], tmp_path: Path, size: str):
    script = 'mount -t tmpfs -o "size=$1,mode=755" tmpfs "$2" && exec "$3" up --no-seed --home "$2/home"'

    done = subprocess.run(
        [*own_mounts, "sh", "-c", script, "sh", size, str(tmp_path), COMMAND],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert done.returncode == 3
    assert "The stack cannot run: " in done.stderr
    assert "Traceback" not in done.stderr


# The stack runs, the disk becomes full, a service is killed; there is room again, it is killed once more.
# The service is the child of the supervisor ($up's) that was started for it.
FILLING = """
mount -t tmpfs -o size=150m,mode=755 tmpfs "$1"
export LIENTUYEN_HOME="$1/home"
"$2" up & up=$!
answers() { for i in $(seq 30); do "$2" lookup 001385000016 >/dev/null 2>&1 && return; sleep 1; done; false; }
child() { for i in $(seq 100); do pgrep -P "$1" -f "$2" && return; sleep 0.2; done; false; }
answers "$@" || exit
supervisor=$(child $up laptop)
cat /dev/zero >"$1/filler" 2>/dev/null
"$2" submit "$3"; echo "full: $?"
kill -9 $(child $supervisor services.identity)
sleep 1
rm "$1/filler"
answers "$@"; echo "free: $?"
kill -9 $(child $supervisor services.identity)
answers "$@"; echo "again: $?"
kill -TERM $up; wait $up; echo "end: $?"
"""


def test_a_stack_survives_a_disk_that_is_full_for_a_while(own_mounts: list[str], tmp_path: Path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "dossier.xml").write_bytes(dossier(visit_day(today())))
    words = [str(tmp_path / "disk"), COMMAND, str(tmp_path / "dossier.xml")]

    done = subprocess.run(
        [*own_mounts, "sh", "-c", FILLING, "sh", *words],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )

    assert "free: 0" in done.stdout, done.stdout + done.stderr
    assert "again: 0" in done.stdout, done.stdout + done.stderr
    assert "end: 0" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def processes_of(folder: Path) -> list[int]:
    """Return the processes that have *folder* in their command line or work in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
            if str(folder).encode() in line or str(folder) in str((entry / "cwd").readlink()):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("seconds", [0.0, 4.0])
def test_a_demo_that_is_told_to_end_leaves_nothing_behind(tmp_path: Path, seconds: float):
    process = subprocess.Popen(
        [COMMAND, "demo"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    asyncio.run(eventually(lambda: list(tmp_path.glob("lientuyen-demo-*/up.log"))))
    time.sleep(seconds)  # at the beginning, and in the middle of the start

    process.send_signal(signal.SIGTERM)

    _, complaint = process.communicate(timeout=100)
    assert process.returncode == 128 + signal.SIGTERM
    assert b"Traceback" not in complaint
    assert list(tmp_path.iterdir()) == []
    assert processes_of(tmp_path) == []


def test_a_demo_draws_its_own_trace_wherever_traces_go_otherwise():
    done = run(
        "demo",
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="http://127.0.0.1:1",
        OTEL_SDK_DISABLED="true",
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 services, 1 trace, 0 lost" in done.stdout
    assert "Traceback" not in done.stderr
