"""Background tasks: started again whatever ends them, counted, and part of health."""

import asyncio
import io
import sys

import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from chassis import background
from chassis.background import BackgroundTasks, Run
from chassis.db import Database
from chassis.encryption import Encryptor
from chassis.errors import NotFound
from chassis.server import Server
from chassis.settings import ServiceSettings
from tests.contract.chassis_echo import RULES, SECRET
from tests.contract.outbox_relay import NOTHING_THERE, Receiver, is_all, relaying, send
from tests.harness import Running, World, eventually


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a task be started again at once, and count as steady soon."""
    monkeypatch.setattr(background, "LONGEST_DELAY_S", 0.01)
    monkeypatch.setattr(background, "STEADY_S", 0.5)


class Task:
    """Ends as often as it is told to, each time as it is told to; then it runs."""

    def __init__(self, *ends: BaseException | None) -> None:
        self.ends = list(ends)
        self.runs = 0

    async def run(self) -> None:
        self.runs += 1
        if self.ends:
            end = self.ends.pop(0)
            if end is not None:
                raise end
            return
        await asyncio.Event().wait()


async def test_a_task_is_started_again_whatever_ended_it(impatient, observed, log_lines):
    task = Task(ValueError(SECRET), None, asyncio.CancelledError())
    tasks = BackgroundTasks(task.run)
    tasks.start()

    await eventually(lambda: task.runs == 4)
    await tasks.stop()

    lines = log_lines("a background task failed")
    assert [line["task"] for line in lines] == ["test_chassis_background.Task.run"] * 3
    assert SECRET not in str(lines)


async def test_a_server_whose_task_does_not_run_does_not_serve_until_it_does(world: World, impatient):
    task, broken = Task(), True

    async def run() -> None:
        if broken:
            raise ValueError(SECRET)
        await task.run()

    running = await serve_with(world, run)
    stub = HealthStub(world.channel(running))

    async def status() -> HealthCheckResponse.ServingStatus:
        return (await stub.Check(HealthCheckRequest())).status

    async def is_serving() -> bool:
        return await status() == HealthCheckResponse.SERVING

    async def is_not_serving() -> bool:
        return not await is_serving()

    await eventually(is_not_serving)
    broken = False
    await eventually(is_serving)


async def serve_with(world: World, run: Run) -> Running:
    """Serve nothing but what every server does, beside the background task *run*."""
    url = await asyncio.to_thread(world.databases.bare)

    async def build(given: ServiceSettings) -> Server:
        db = await Database.open(given.database_url)
        encryptor = Encryptor(given.keys_dir)
        server = Server(given, service="echo", db=db, encryptor=encryptor, rules=RULES, unimplemented={})
        server.background(run)
        return server

    return await world.serve(ServiceSettings(database_url=url, **world.common("service/echo")), build)


async def test_a_relay_whose_log_cannot_be_written_goes_on(db: Database, monkeypatch: pytest.MonkeyPatch):
    receiver = Receiver(ValueError(SECRET), ValueError(SECRET))
    poisoned = Receiver(*[NotFound(NOTHING_THERE, name="x")] * 9)
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    await send(db, b"first", b"second")

    async with relaying(db, told=receiver, other=poisoned):
        await eventually(lambda: is_all(db, "done"))

    assert sorted(receiver.payloads) == [b"first", b"second"]
