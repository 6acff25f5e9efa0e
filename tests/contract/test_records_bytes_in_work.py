"""Files in work are bounded in bytes: who comes beyond waits, and is refused when too many wait."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.identity.v1 import person_service_pb2 as persons_pb
from lientuyen.records.v1 import dossier_service_pb2 as pb
from services.records.service import submission_checks
from tests.harness import World, eventually, refused
from tests.samples import files

from .records_env import Records, submission

LARGE = files.long_stay(200, 300_000)


class Closed(Records):
    """Records whose identity answers nobody until its door is opened."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.door = asyncio.Event()
        answer = self.identity.FindPerson

        async def find(request: persons_pb.FindPersonRequest, context: object) -> Any:
            self.identity.requests.append(request)
            await self.door.wait()
            return await answer(request, context)

        self.identity.FindPerson = find  # type: ignore[method-assign]

    async def in_work(self) -> asyncio.Task[Any]:
        """Begin a submission of a large file, and return when identity is asked about it."""
        task = asyncio.create_task(self.submit(LARGE))
        await eventually(lambda: self.identity.asked(persons_pb.FindPersonRequest))
        return task


@pytest.fixture
async def records(world: World, monkeypatch: pytest.MonkeyPatch) -> Closed:
    """Records that takes one large file at a time, and lets none wait."""
    monkeypatch.setattr(submission_checks, "MAX_LARGE_BYTES", 400_000)
    monkeypatch.setattr(submission_checks, "MAX_LARGE_WAITING_BYTES", 0)
    return await Closed(world).start()


Ask = Callable[[Records], Coroutine[Any, Any, object]]


async def validate(records: Records) -> object:
    return await records.dossiers().ValidateDossier(pb.ValidateDossierRequest(content=LARGE))


async def submit(records: Records) -> object:
    return await records.submit(LARGE)


async def check_in(records: Records) -> object:
    return await records.check_in(files.check_in(1) + b" " * 300_000)


@pytest.mark.parametrize("ask", [validate, submit, check_in])
async def test_a_file_beyond_what_may_wait_is_refused_and_told_when_to_come_again(records: Closed, ask: Ask):
    first = await records.in_work()

    refusal = await refused(ask(records))

    assert (refusal.code, refusal.reason) == (
        StatusCode.RESOURCE_EXHAUSTED,
        reasons.TOO_MANY_BYTES.name,
    )
    assert int(refusal.metadata["retry_after_seconds"]) > 0
    records.door.set()
    assert (await first).dossier.version == 1


async def test_a_small_file_never_waits_for_a_large_one(records: Closed):
    first = await records.in_work()

    report = await records.dossiers().ValidateDossier(pb.ValidateDossierRequest(content=files.DOSSIER))

    assert report.accepted
    assert not first.done()
    records.door.set()
    await first


async def test_a_file_that_waits_is_taken_when_the_one_before_it_is_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(submission_checks, "MAX_LARGE_BYTES", 400_000)
    records = await Closed(world).start()
    first = await records.in_work()
    second = asyncio.create_task(validate(records))
    await records.dossiers().ValidateDossier(pb.ValidateDossierRequest(content=files.DOSSIER))
    assert not second.done()

    records.door.set()

    assert (await first).dossier.version == 1
    assert (await second).accepted  # type: ignore[attr-defined]


async def test_a_stream_reads_no_other_file_while_a_large_one_of_its_own_is_in_work(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """Otherwise every stream holds as many large files as it has places, all but one of them waiting."""
    monkeypatch.setattr("services.records.service.dossiers.MAX_STREAM_BYTES", 100_000)
    records = await Closed(world).start()
    identifiers = [str(uuid4()) for _ in range(3)]

    async def requests() -> AsyncIterator[pb.SubmitDossiersRequest]:
        for identifier in identifiers:
            content = submission(files.long_stay(200, 300_000 + int(identifier[0], 16))).content
            yield pb.SubmitDossiersRequest(request_id=identifier, content=content)

    stream = records.dossiers().SubmitDossiers(requests())
    await eventually(lambda: records.identity.asked(persons_pb.FindPersonRequest))
    for _ in range(3):  # time for a second to come, were it read
        await records.dossiers().ValidateDossier(pb.ValidateDossierRequest(content=files.DOSSIER))
    assert len(records.identity.asked(persons_pb.FindPersonRequest)) == 1

    records.door.set()

    answers = [answer async for answer in stream]
    assert [answer.request_id for answer in answers] == identifiers
    assert all(answer.HasField("accepted") for answer in answers)
