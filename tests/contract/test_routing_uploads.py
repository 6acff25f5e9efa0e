"""Sending over a real channel: uploads in chunks, bodies at rest, what is refused and what is swept."""

import hashlib
from uuid import uuid4

import pytest
from grpc import StatusCode

from chassis.encryption import Encryptor
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen.routing.v1.receipt_service_pb2 import GetReceiptRequest
from tests.contract.routing_env import (
    DISTRICT,
    Routing,
    upload,
)
from tests.harness import World, eventually, refused


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


async def finds_nothing(routing: Routing, statement: str) -> bool:
    return not await routing.rows(statement)


async def test_a_body_of_five_megabytes_arrives_whole_and_rests_sealed(routing: Routing):
    body = hashlib.shake_128(b"x-ray").digest(5 * 1024 * 1024 + 17)
    sent = await routing.send(body, media_type="application/dicom", sha256=hashlib.sha256(body).digest())

    async with routing.receiving() as inbox:
        delivery = await inbox.next()
    request = pb.DownloadMessageRequest(name=sent.message.name)
    parts = [part.chunk async for part in routing.mailbox("facility/79999").DownloadMessage(request)]

    assert (delivery.inlined, delivery.body, delivery.message.size_bytes) == (False, b"", len(body))
    assert b"".join(parts) == body
    assert max(map(len, parts)) == 256 * 1024
    rows = await routing.rows("SELECT sealed FROM pieces ORDER BY ordinal")
    assert len(rows) == 21
    assert not any(body[:64] in row["sealed"] for row in rows)


async def test_a_short_body_rests_sealed_for_its_own_message_only(world: World, routing: Routing):
    sent = await routing.send(b"Tran Van Thu")
    (row,) = await routing.rows("SELECT id, body FROM messages")
    encryptor = Encryptor(world.keys())

    assert b"Thu" not in row["body"]
    assert encryptor.decrypt(row["body"], associated_data=row["id"].bytes + bytes(4)) == b"Tran Van Thu"
    assert sent.message.name.endswith(str(row["id"]))


async def test_a_body_beyond_the_limit_is_refused(routing: Routing):
    refusal = await refused(routing.send(bytes(64 * 1024 * 1024 + 1)))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.BODY_TOO_LARGE.name)
    assert refusal.metadata == {"limit_bytes": "67108864"}
    assert await routing.rows("SELECT 1 FROM messages") == []


async def test_a_sender_that_is_refused_early_hears_why_however_long_its_upload(routing: Routing):
    refusal = await refused(routing.send(bytes(8 * 1024 * 1024), caller="facility/79024", sender=DISTRICT))

    assert refusal.reason == chassis_reasons.FACILITY_MISMATCH.name


@pytest.mark.parametrize(
    ("requests", "reason"),
    [
        ([], reasons.UPLOAD_MALFORMED),
        ([pb.SendMessageRequest(chunk=b"x")], reasons.UPLOAD_MALFORMED),
        ([*upload(b"x"), *upload(b"x")], reasons.UPLOAD_MALFORMED),
        ([*upload(b"")], reasons.BODY_EMPTY),
        ([*upload(b"x", sha256=bytes(32))], reasons.BODY_ALTERED),
        ([*upload(b"x", kind=Message.KIND_REFERRAL)], chassis_reasons.FIELDS_INVALID),
    ],
)
async def test_an_upload_that_is_not_a_header_and_its_body_is_refused(
    routing: Routing, requests: list[pb.SendMessageRequest], reason: tuple[str, ...]
):
    refusal = await refused(routing.mailbox().SendMessage(iter(requests)))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reason[0])


@pytest.mark.parametrize("size", [10, 600_000])
async def test_the_same_upload_again_gets_the_first_answer_and_another_body_is_refused(
    routing: Routing, size: int
):
    request_id = str(uuid4())
    first = await routing.send(bytes(size), request_id=request_id)
    second = await routing.send(bytes(size), request_id=request_id)
    other = await refused(routing.send(b"1" * size, request_id=request_id))

    assert first == second
    assert (other.code, other.reason) == (StatusCode.INVALID_ARGUMENT, chassis_reasons.REQUEST_ID_REUSED.name)
    (row,) = await routing.rows("SELECT count(*) AS messages FROM messages")
    assert row["messages"] == 1


async def test_nobody_sends_in_anothers_name_or_to_one_that_is_not_there(routing: Routing):
    forged = await refused(routing.send(caller="facility/79024", sender=DISTRICT))
    unknown = await refused(routing.send(recipient="//identity.lientuyen/facilities/00000"))

    assert (forged.code, forged.reason) == (
        StatusCode.PERMISSION_DENIED,
        chassis_reasons.FACILITY_MISMATCH.name,
    )
    assert (unknown.code, unknown.reason) == (StatusCode.NOT_FOUND, reasons.RECIPIENT_UNKNOWN.name)


async def test_pieces_of_an_upload_that_broke_off_are_swept(world: World):
    routing = await Routing(world).start(sweep_seconds=0.2)
    await routing.send(bytes(600_000))
    assert await routing.rows("SELECT 1 FROM pieces")
    await routing.rows("DELETE FROM messages")
    await routing.rows("UPDATE pieces SET create_time = create_time - interval '2 hours'")

    await eventually(lambda: finds_nothing(routing, "SELECT 1 FROM pieces"))


async def test_the_body_of_a_finished_message_is_removed_when_its_time_is_over(world: World):
    routing = await Routing(world).start(sweep_seconds=0.2)
    sent = await routing.send()
    async with routing.receiving() as inbox:
        await routing.acknowledge(await inbox.next())
    await routing.rows("UPDATE messages SET accept_time = accept_time - interval '61 days'")

    await eventually(lambda: finds_nothing(routing, "SELECT 1 FROM messages WHERE body IS NOT NULL"))
    refusal = await refused(
        routing.mailbox().DownloadMessage(pb.DownloadMessageRequest(name=sent.message.name))
    )

    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.BODY_REMOVED.name)
    receipt = await routing.receipts().GetReceipt(GetReceiptRequest(name=sent.receipt.name))
    assert receipt.receipt == sent.receipt
