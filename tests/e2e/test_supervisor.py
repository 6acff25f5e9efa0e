"""`python -m laptop`: the whole stack on one machine starts, heals, and leaves nothing behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from laptop.certificate_renewal import CALLERS, is_fresh, make_certificates
from laptop.home_folder import Home, StackFailed
from laptop.service_settings import SERVICES
from laptop.supervisor import EX_CONFIG, Child, Program
from tests.harness import eventually

START = [sys.executable, "-m", "laptop"]


@dataclass
class Running:
    """A stack that runs."""

    home: Home
    process: "subprocess.Popen[str]"

    @property
    def state(self) -> dict[str, Any]:
        return dict(json.loads(self.home.state.read_text(encoding="utf8")))

    def is_serving(self, service: str) -> bool:
        """Whether the service answers the operator over mutual TLS."""
        tls = self.home.tls_of("operator/dev")
        parts = [(tls / name).read_bytes() for name in ("ca.crt", "tls.key", "tls.crt")]
        with grpc.secure_channel(
            self.state["addresses"][service], grpc.ssl_channel_credentials(*parts)
        ) as channel:
            try:
                answer = HealthStub(channel).Check(HealthCheckRequest(), timeout=2)
            except grpc.RpcError:
                return False
        return answer.status == HealthCheckResponse.SERVING


def start(home: Path) -> Running:
    """Start a stack in *home* and wait until it says that it runs."""
    environ = {key: value for key, value in os.environ.items() if not key.endswith("_DATABASE_URL")}
    process = subprocess.Popen(
        [*START, "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environ,
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "Ctrl-C" in line:
            return Running(Home(home), process)
    raise AssertionError("".join(said))


def end(running: Running) -> int:
    """Ask the stack to stop, and return its exit code."""
    running.process.send_signal(signal.SIGTERM)
    try:
        return running.process.wait(60)
    finally:
        assert running.process.stdout is not None
        running.process.stdout.close()


def is_alive(pid: int) -> bool:
    """Whether a process with this number runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def working_in(folder: Path) -> list[int]:
    """The processes whose working folder is *folder*: those of its PostgreSQL."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One stack for the tests that leave it running."""
    running = start(tmp_path_factory.mktemp("stack"))
    yield running
    end(running)


def test_every_service_serves_and_the_state_says_where(stack):
    assert {service: stack.is_serving(service) for service in SERVICES} == dict.fromkeys(SERVICES, True)
    state = stack.state
    assert state["pid"] == stack.process.pid
    assert set(state["processes"]) == {*SERVICES, "collector"}
    assert all(Path(state["tls"][caller], "tls.crt").exists() for caller in CALLERS)
    assert "password" not in json.dumps(state)
    assert "@" not in json.dumps(state["databases"])


async def test_a_service_that_is_killed_comes_back_on_its_port(stack):
    before = stack.state
    os.kill(before["processes"]["identity"], signal.SIGKILL)

    await eventually(lambda: stack.state["processes"]["identity"] != before["processes"]["identity"])
    await eventually(lambda: stack.is_serving("identity"))
    assert stack.state["addresses"] == before["addresses"]


def test_a_second_stack_in_the_same_home_is_refused(stack):
    second = subprocess.run(
        [*START, "--home", str(stack.home.path)], capture_output=True, text=True, timeout=60, check=False
    )

    assert second.returncode == 1
    assert "already" in second.stderr
    assert stack.home.state.exists()


def test_what_a_clean_stop_leaves_starts_again_with_the_same_papers(tmp_path):
    first = start(tmp_path)
    processes = list(first.state["processes"].values())
    papers = (first.home.tls_of("facility/01999") / "tls.crt").read_bytes()
    keys = sorted(path.name for path in first.home.keys_of("identity").iterdir())

    assert end(first) == 0
    assert not first.home.state.exists()
    assert [pid for pid in processes if is_alive(pid)] == []
    assert working_in(tmp_path / "postgres" / "pg") == []

    second = start(tmp_path)
    assert end(second) == 0
    assert (first.home.tls_of("facility/01999") / "tls.crt").read_bytes() == papers
    assert sorted(path.name for path in first.home.keys_of("identity").iterdir()) == keys


async def test_nothing_outlives_a_killed_supervisor_and_the_home_starts_again(tmp_path):
    killed = start(tmp_path)
    processes = list(killed.state["processes"].values())

    killed.process.kill()
    killed.process.wait()
    assert killed.process.stdout is not None
    killed.process.stdout.close()

    await eventually(lambda: not any(is_alive(pid) for pid in processes))
    await eventually(lambda: working_in(tmp_path / "postgres" / "pg") == [])
    again = start(tmp_path)
    assert again.is_serving("identity")
    assert end(again) == 0


async def never() -> bool:
    return False


def program(tmp_path: Path, code: str, ready: Callable[[], Any] = never) -> Program:
    """A program of one line."""
    return Program("tiny", ["-c", code], dict(os.environ), tmp_path / "tiny.log", ready)


async def test_a_program_that_dies_at_once_is_reported_with_its_last_words(tmp_path):
    child = Child(program(tmp_path, "import sys; print('the port is taken'); sys.exit(1)"), print, list)

    with pytest.raises(StackFailed, match="the port is taken"):
        await child.start()
    await child.stop()


async def test_a_program_with_wrong_settings_is_not_started_again(tmp_path):
    said: list[str] = []
    child = Child(program(tmp_path, f"raise SystemExit({EX_CONFIG})"), said.append, list)

    with pytest.raises(StackFailed):
        await child.start()
    await asyncio.sleep(0.5)
    await child.stop()

    assert child.deaths == 1
    assert "not started again" in said[0]


async def test_a_long_log_is_set_aside_when_its_program_starts(tmp_path):
    (tmp_path / "tiny.log").write_text("old" * 100)
    tiny = program(tmp_path, "print('new'); raise SystemExit(78)")
    child = Child(replace(tiny, max_log=100), print, list)

    with pytest.raises(StackFailed):
        await child.start()
    await child.stop()

    assert (tmp_path / "tiny.log").read_text() == "new\n"
    assert (tmp_path / "tiny.log.1").read_text() == "old" * 100


def test_certificates_are_renewed_when_they_near_their_end_or_the_authority_changed(tmp_path):
    home = Home(tmp_path)
    make_certificates(home)
    path = home.tls_of("service/records") / "tls.crt"
    first = path.read_bytes()

    make_certificates(home)
    assert path.read_bytes() == first

    make_certificates(home, renew_at=1.0)
    second = path.read_bytes()
    assert second != first

    (tmp_path / "ca" / "ca.crt").unlink()
    make_certificates(home)
    assert path.read_bytes() != second


def test_a_damaged_certificate_is_not_fresh(tmp_path):
    home = Home(tmp_path)
    make_certificates(home)
    path = home.tls_of("operator/dev") / "tls.crt"
    path.write_text("damaged")

    make_certificates(home)

    assert b"BEGIN CERTIFICATE" in path.read_bytes()
    assert not is_fresh(tmp_path / "nothing.crt", None)
