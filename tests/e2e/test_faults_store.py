"""
Faults below and above the services: PostgreSQL is killed, the whole stack is stopped; nothing is lost.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from lientuyen_client import DeadlineExceeded, Unavailable, connect
from tests.harness import eventually

from . import works
from .conftest import Live
from .faults import Clerk, answered, is_serving, kill, more, parent_of, writing
from .works import CALLER, WORKS

SERVICES = ("identity", "records", "routing", "pharmacy")


@pytest.fixture(scope="module")
def person(live: Live) -> str:
    """The name of the patient in identity."""
    return asyncio.run(works.seed(live.stack))


def postmaster(live: Live) -> int:
    """The process that all of the embedded PostgreSQL's are children of."""
    return int((live.home / "postgres" / "pg" / "postmaster.pid").read_text().split()[0])


def backends(live: Live, database: str) -> list[int]:
    """The processes of PostgreSQL that serve a session on *database*."""
    above, title = postmaster(live), f" {database} 127.0.0.1".encode()
    return [
        pid
        for pid in processes()
        if parent_of(pid) == above and title in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


async def all_serving(live: Live) -> bool:
    return all([await is_serving(live, service) for service in SERVICES])


async def none_serving(live: Live) -> bool:
    return not any([await is_serving(live, service) for service in SERVICES])


@asynccontextmanager
async def unsupervised(live: Live) -> AsyncIterator[None]:
    """Freeze the supervisor inside the block: nothing is started again meanwhile."""
    os.kill(live.supervisor.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(live.supervisor.pid, signal.SIGCONT)


async def test_postgresql_killed_is_told_by_every_service_comes_back_and_has_lost_nothing(
    live: Live, person: str
):
    async with connect(CALLER, live.stack) as client:
        clerks = [Clerk(client, work, person) for work in WORKS]
        async with writing(clerks):
            await more(clerks, 3)
            before = {service: live.pid(service) for service in SERVICES}
            async with unsupervised(live):
                os.kill(postmaster(live), signal.SIGKILL)
                await eventually(lambda: none_serving(live))
            await eventually(lambda: all_serving(live))
            await more(clerks, 3)

        assert {service: live.pid(service) for service in SERVICES} == before
        for clerk in clerks:
            await clerk.check()


@contextmanager
def frozen_store(live: Live) -> Iterator[None]:
    """Freeze every process of PostgreSQL inside the block, as a disk that hangs does."""
    above = postmaster(live)
    frozen = [above, *(pid for pid in processes() if parent_of(pid) == above)]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)


async def test_a_store_that_hangs_is_told_in_time_and_by_every_service(live: Live, person: str):
    async with connect(CALLER, live.stack) as client:
        create = client.appointments.CreateAppointment
        await create(works.appointment("01999-frz-warm"))
        with frozen_store(live):
            calls = [create(works.appointment(f"01999-frz-{number}"), timeout=4) for number in range(12)]
            told = await asyncio.gather(*calls, return_exceptions=True)
            await eventually(lambda: none_serving(live))
        await eventually(lambda: all_serving(live))

        reasons = {error.reason for error in told if isinstance(error, Unavailable | DeadlineExceeded)}
        assert len(told) == sum(isinstance(error, Unavailable | DeadlineExceeded) for error in told)
        assert reasons <= {"ERROR_REASON_DEADLINE_SPENT", "ERROR_REASON_STORE_UNAVAILABLE"}
        await answered(create, works.appointment("01999-frz-thaw"))


async def test_a_session_of_postgresql_killed_under_load_loses_nothing(live: Live, person: str):
    async with connect(CALLER, live.stack) as client:
        clerks = [Clerk(client, work, person) for work in WORKS]
        async with writing(clerks):
            await more(clerks, 3)
            os.kill(backends(live, "records")[0], signal.SIGKILL)
            await more(clerks, 3)

        await eventually(lambda: all_serving(live))
        for clerk in clerks:
            await clerk.check()


async def test_postgresql_and_a_service_killed_together_come_back(live: Live, person: str):
    async with connect(CALLER, live.stack) as client:
        clerks = [Clerk(client, work, person) for work in WORKS]
        async with writing(clerks):
            await more(clerks, 2)
            os.kill(postmaster(live), signal.SIGKILL)
            await kill(live, "routing")
            await more(clerks, 2)
        for clerk in clerks:
            await clerk.check()


async def write_until_stopped(live: Live, clerks: list[Clerk]) -> None:
    async with writing(clerks):
        await more(clerks, 3)
        live.supervisor.terminate()
        await asyncio.sleep(60)


async def test_a_full_stop_while_calls_run_keeps_what_was_acknowledged(live: Live, person: str):
    async with connect(CALLER, live.stack) as client:
        clerks = [Clerk(client, work, person, retrying=False) for work in WORKS for _ in range(2)]
        with pytest.raises(BaseExceptionGroup) as broken:
            await write_until_stopped(live, clerks)
        assert broken.group_contains(Unavailable)

    assert await asyncio.to_thread(live.supervisor.wait, 60) == 0
    assert not (live.home / "stack.json").exists()
    await asyncio.to_thread(live.start)
    async with connect(CALLER, live.stack) as client:
        for clerk in clerks:
            clerk.client = client
            await clerk.check()
