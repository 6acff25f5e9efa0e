"""A write with a `request_id` happens once, and GetOutcome tells what became of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import StringValue
from sqlalchemy import text

from chassis import call_context, clock, encryption, idempotency
from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.errors import Conflict, FailedPrecondition, InvalidArgument
from chassis.idempotency import Idempotency
from chassis.initial_ddl import OUTBOX, REPLIES
from chassis.outcome_service import OutcomeService
from chassis.sql import sql
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1 import outcome_service_pb2 as pb
from tests.databases import Databases

METHOD = "lientuyen.shop.v1.ShopService/CreateSale"
HOSPITAL = call_context.Caller("facility", "01999")
ANOTHER = call_context.Caller("facility", "79999")

SELL = sql(text("INSERT INTO sales (what) VALUES (:what)"))
SALES = sql(text("SELECT count(*) FROM sales"))
SEALED = sql(text("SELECT reply FROM replies"))
LOCK = sql(text("SELECT pg_advisory_xact_lock(:key)"))

State = pb.GetOutcomeResponse


def request_type() -> type[Message]:
    """Return a message of the contract's manner: `request_id`, and what is asked for."""
    file = descriptor_pb2.FileDescriptorProto(name="shop.proto", package="shop", syntax="proto3")
    message = file.message_type.add(name="CreateSaleRequest")
    for number, name in ((1, "what"), (7, "request_id")):
        message.field.add(name=name, number=number, type="TYPE_STRING", label="LABEL_OPTIONAL")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.CreateSaleRequest"))


Request: Any = request_type()


@dataclass
class Shop:
    """A service with one write, which answers with a number that grows."""

    db: Database
    encryptor: Encryptor
    runs: list[str] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.replies = Idempotency(self.db, self.encryptor)
        self.outcomes = OutcomeService(self.db, self.encryptor)
        self.gate.set()

    async def create(
        self, request_id: str, what: str = "bread", caller: call_context.Caller = HOSPITAL
    ) -> str:
        with call_context.calling(
            call_context.Call("ShopService/CreateSale", METHOD, caller, time.monotonic() + 60)
        ):
            request = Request(request_id=request_id, what=what)
            reply = await self.replies.run_once(request, StringValue, lambda tx: self._sell(tx, what))
        return reply.value

    async def _sell(self, tx: Transaction, what: str) -> StringValue:
        self.runs.append(what)
        self.begun.set()
        await tx.execute(SELL, what=what)
        await self.gate.wait()
        if what == "nothing":
            raise FailedPrecondition(reasons.WRITE_CONFLICT)
        return StringValue(value=f"sold {what} {len(self.runs)}")

    async def outcome(self, request_id: str, caller: call_context.Caller = HOSPITAL) -> pb.GetOutcomeResponse:
        with call_context.calling(
            call_context.Call("OutcomeService/GetOutcome", "lientuyen.chassis.v1.O/G", caller)
        ):
            return await self.outcomes.GetOutcome(pb.GetOutcomeRequest(request_id=request_id), None)

    async def sales(self) -> int:
        async with self.db.connection() as tx:
            return int(await tx.fetchval(SALES))


@pytest.fixture
async def shop(databases: Databases, tmp_path: Path) -> AsyncIterator[Shop]:
    encryption.make_key(tmp_path)
    db = await Database.open(databases.empty(), max_size=5)
    async with db.transaction() as tx:
        for statement in (*REPLIES, *OUTBOX, "CREATE TABLE sales (what text)"):
            await tx.execute(sql(text(statement)))
    yield Shop(db, Encryptor(tmp_path))
    await db.close()


async def test_fifty_duplicates_at_once_have_one_effect_and_one_answer(shop: Shop):
    request_id = str(uuid4())

    answers = await asyncio.gather(*(shop.create(request_id) for _ in range(50)))

    assert set(answers) == {"sold bread 1"}
    assert (shop.runs, await shop.sales()) == (["bread"], 1)


async def test_a_retry_later_returns_the_first_answer(shop: Shop):
    request_id = str(uuid4())

    first = await shop.create(request_id)
    await shop.create(str(uuid4()))

    assert await shop.create(request_id) == await shop.create(request_id.upper()) == first


async def test_the_same_id_with_another_body_is_refused(shop: Shop):
    request_id = str(uuid4())
    await shop.create(request_id)

    with pytest.raises(InvalidArgument) as refused:
        await shop.create(request_id, "cake")

    assert refused.value.reason == reasons.REQUEST_ID_REUSED
    assert refused.value.metadata == {"request_id": request_id}
    assert await shop.sales() == 1


async def test_the_same_id_with_another_method_is_refused(shop: Shop):
    request_id = str(uuid4())
    await shop.create(request_id)

    with (
        call_context.calling(
            call_context.Call("ShopService/Refund", "lientuyen.shop.v1.ShopService/Refund", HOSPITAL)
        ),
        pytest.raises(InvalidArgument),
    ):
        await shop.replies.run_once(
            Request(request_id=request_id, what="bread"), StringValue, lambda tx: never()
        )


async def never() -> StringValue:
    raise AssertionError("the work was done")


async def test_a_failed_write_leaves_nothing_and_may_be_sent_again(shop: Shop):
    request_id = str(uuid4())

    with pytest.raises(FailedPrecondition):
        await shop.create(request_id, "nothing")

    assert await shop.sales() == 0
    assert await shop.create(request_id, "bread") == "sold bread 2"


async def test_whoever_waits_for_a_write_that_fails_does_it_itself(shop: Shop):
    request_id = str(uuid4())
    shop.gate.clear()
    first = asyncio.create_task(shop.create(request_id))
    await shop.begun.wait()
    second = asyncio.create_task(shop.create(request_id))
    await asyncio.sleep(0.1)

    first.cancel()
    shop.gate.set()

    assert await second == "sold bread 2"
    assert await shop.sales() == 1


async def test_two_callers_may_use_one_id(shop: Shop):
    request_id = str(uuid4())

    answers = [await shop.create(request_id), await shop.create(request_id, "cake", ANOTHER)]

    assert answers == ["sold bread 1", "sold cake 2"]


async def test_the_stored_answer_cannot_be_read_without_the_key(shop: Shop):
    await shop.create(str(uuid4()))

    async with shop.db.connection() as tx:
        stored = await tx.fetchval(SEALED)

    assert b"sold" not in stored
    with pytest.raises(encryption.DecryptionError):
        shop.encryptor.decrypt(stored, associated_data=b"reply of another row")


async def test_a_write_that_was_overtaken_is_done_again_as_a_whole(shop: Shop):
    order = {"a": (1, 2), "b": (2, 1)}
    tries: list[str] = []
    both_locked = asyncio.Barrier(2)

    async def cross(tx: Transaction, name: str) -> StringValue:
        tries.append(name)
        await tx.execute(SELL, what=name)
        first, second = order[name]
        await tx.fetchval(LOCK, key=first)
        if len(tries) <= 2:
            await both_locked.wait()
        await tx.fetchval(LOCK, key=second)
        return StringValue(value=name)

    async def write(name: str) -> str:
        with call_context.calling(call_context.Call("S/M", METHOD, HOSPITAL, time.monotonic() + 60)):
            request = Request(request_id=str(uuid4()), what=name)
            return (await shop.replies.run_once(request, StringValue, lambda tx: cross(tx, name))).value

    assert await asyncio.gather(write("a"), write("b")) == ["a", "b"]
    assert (len(tries), await shop.sales()) == (3, 2)


async def test_a_write_that_is_overtaken_for_ever_is_given_up_after_three_tries(shop: Shop):
    tries: list[int] = []

    async def hopeless(tx: Transaction) -> StringValue:
        tries.append(1)
        raise Conflict(reasons.WRITE_CONFLICT) from asyncpg.DeadlockDetectedError()

    with (
        call_context.calling(call_context.Call("S/M", METHOD, HOSPITAL, time.monotonic() + 60)),
        pytest.raises(Conflict),
    ):
        await shop.replies.run_once(Request(request_id=str(uuid4())), StringValue, hopeless)

    assert len(tries) == 3


async def test_a_streamed_upload_is_told_by_its_fingerprint(shop: Shop):
    request_id = str(uuid4())

    async def upload(fingerprint: bytes) -> str:
        with call_context.calling(call_context.Call("S/Upload", "lientuyen.shop.v1.S/Upload", HOSPITAL)):
            reply = await shop.replies.run_once_for(
                request_id, fingerprint, StringValue, lambda tx: shop._sell(tx, "bread")
            )
        return reply.value

    assert await upload(b"one") == await upload(b"one")
    with pytest.raises(InvalidArgument):
        await upload(b"two")


async def test_the_outcome_of_an_unknown_id_is_unknown_and_leaves_nothing(shop: Shop):
    request_id = str(uuid4())

    assert await shop.outcome(request_id) == pb.GetOutcomeResponse(state=State.STATE_UNKNOWN)
    assert await shop.create(request_id) == "sold bread 1"


async def test_the_outcome_of_a_write_under_way_is_in_progress_and_then_done(shop: Shop):
    request_id = str(uuid4())
    shop.gate.clear()
    writing = asyncio.create_task(shop.create(request_id))
    await shop.begun.wait()

    assert await shop.outcome(request_id) == pb.GetOutcomeResponse(state=State.STATE_IN_PROGRESS)

    shop.gate.set()
    answer = await writing
    done = await shop.outcome(request_id)
    assert (done.state, done.method) == (State.STATE_DONE, METHOD)
    assert StringValue.FromString(done.response).value == answer
    assert abs(done.finish_time.ToDatetime(clock.now().tzinfo) - clock.now()) < timedelta(minutes=1)


async def test_asking_for_the_outcome_never_stops_the_write(shop: Shop):
    request_id = str(uuid4())

    results = await asyncio.gather(*(shop.outcome(request_id) for _ in range(10)), shop.create(request_id))

    assert results[-1] == "sold bread 1"
    assert (await shop.outcome(request_id)).state == State.STATE_DONE


async def test_the_outcome_of_a_failed_write_is_unknown(shop: Shop):
    request_id = str(uuid4())
    with pytest.raises(FailedPrecondition):
        await shop.create(request_id, "nothing")

    assert (await shop.outcome(request_id)).state == State.STATE_UNKNOWN


async def test_a_caller_sees_its_own_outcomes_only(shop: Shop):
    request_id = str(uuid4())
    await shop.create(request_id)

    assert (await shop.outcome(request_id, ANOTHER)).state == State.STATE_UNKNOWN


async def test_answers_are_swept_after_thirty_days(shop: Shop):
    old, new = str(uuid4()), str(uuid4())
    await shop.create(old)
    async with shop.db.transaction() as tx:
        await tx.execute(sql(text("UPDATE replies SET claim_time = now() - interval '31 days'")))
    await shop.create(new)

    assert await idempotency.sweep_batch(shop.db) == 1

    assert (await shop.outcome(old)).state == State.STATE_UNKNOWN
    assert (await shop.outcome(new)).state == State.STATE_DONE
