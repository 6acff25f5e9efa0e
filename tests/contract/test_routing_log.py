"""The log of receipts: everything signed enters it once, and whoever holds a head can hold us to it."""

import asyncio

import pytest
from google.protobuf.message import Message as ProtoMessage
from grpc import StatusCode

from chassis.tree_heads import head_from_pb, verify_head
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import receipt_service_pb2 as receipts_pb
from lientuyen.routing.v1 import transparency_service_pb2 as pb
from lientuyen.routing.v1.receipt_pb2 import Receipt, ReceiptBody
from tests.contract.routing_env import Routing
from tests.harness import Running, World, eventually, refused
from transparency.merkle import leaf_hash, verify_consistency, verify_inclusion
from transparency.tree_heads import TreeHead, signed_leaf


@pytest.fixture
async def routing(world: World) -> Routing:
    return (await Routing(world).start()).without_access_log()


async def newest(routing: Routing, size: int = 1) -> TreeHead:
    """Return the newest head, when it has at least *size* leaves."""

    async def large_enough() -> TreeHead | None:
        rows = await routing.rows("SELECT max(tree_size) FROM log_heads")
        if (rows[0][0] or 0) < size:
            return None
        answer = await routing.transparency().GetTreeHead(pb.GetTreeHeadRequest())
        return TreeHead.from_bytes(answer.tree_head.body)

    return await eventually(large_enough)


async def prove(routing: Routing, receipt: Receipt, head: TreeHead) -> int:
    """Return the place of *receipt* in the log, of which it is proved under *head*."""
    leaf = signed_leaf(receipt.body, receipt.signature, receipt.certificate)
    answer = await routing.transparency().GetInclusionProof(
        pb.GetInclusionProofRequest(leaf_hash=leaf, tree_size=head.size)
    )
    verify_inclusion(leaf, answer.leaf_index, head.size, head.root, answer.hashes)
    return answer.leaf_index


async def receipt_of(routing: Routing, message: str, kind: str) -> Receipt:
    request = receipts_pb.GetReceiptRequest(name=f"{message}/receipts/{kind}")
    return (await routing.receipts().GetReceipt(request)).receipt


async def test_each_step_is_signed_and_enters_the_log(routing: Routing):
    sent = await routing.send()
    name = sent.message.name
    async with routing.receiving() as inbox:
        delivery = await inbox.next()
        delivered = await receipt_of(routing, name, "delivery")
        await routing.acknowledge(delivery)
    acknowledged = await receipt_of(routing, name, "acknowledgement")

    head = await newest(routing, 3)
    places = [await prove(routing, receipt, head) for receipt in (sent.receipt, delivered, acknowledged)]
    bodies = [ReceiptBody.FromString(receipt.body) for receipt in (sent.receipt, delivered, acknowledged)]
    assert places == [0, 1, 2]
    assert [body.kind for body in bodies] == [1, 3, 2]
    assert {body.key_id for body in bodies} == {head.key_id}
    assert delivered.algorithm == Receipt.ALGORITHM_ED25519
    assert [body.HasField("deliver_time") for body in bodies] == [False, True, True]


async def test_a_message_handed_out_again_has_one_receipt_of_delivery(routing: Routing):
    sent = await routing.send()
    async with routing.receiving(lease=1) as inbox:
        await inbox.next()
        again = await inbox.next(20)
    receipt = await receipt_of(routing, sent.message.name, "delivery")

    assert again.message.name == sent.message.name
    assert await routing.rows("SELECT FROM receipts WHERE kind = 'delivery'") != []
    await prove(routing, receipt, await newest(routing, 2))


async def test_what_is_not_delivered_has_no_receipt_of_it(routing: Routing):
    sent = await routing.send()

    refusal = await refused(receipt_of(routing, sent.message.name, "delivery"))
    assert refusal.reason == reasons.RECEIPT_NOT_FOUND.name


async def test_every_head_goes_on_from_every_one_before(routing: Routing):
    for count in range(1, 5):
        await routing.send()
        await newest(routing, count)
    authority = routing.world.pki.folder("service/routing").read().ca

    listed = (await routing.transparency().ListTreeHeads(pb.ListTreeHeadsRequest(page_size=2))).tree_heads
    answer = await routing.transparency().ListTreeHeads(pb.ListTreeHeadsRequest())
    heads = [head_from_pb(head) for head in reversed(answer.tree_heads)]
    assert len(listed) == 2
    assert heads[-1].head.size == 4
    for signed in heads:
        verify_head(signed, authority)
        assert signed.head.origin == "lientuyen.test/routing/receipts"
        for earlier in heads:
            if earlier.head.size <= signed.head.size:
                await consistent(routing, earlier.head, signed.head)


async def consistent(routing: Routing, first: TreeHead, second: TreeHead) -> None:
    answer = await routing.transparency().GetConsistencyProof(
        pb.GetConsistencyProofRequest(first_size=first.size, second_size=second.size)
    )
    verify_consistency(first.size, second.size, first.root, second.root, answer.hashes)


async def test_the_list_of_heads_goes_on_where_a_page_ends(routing: Routing):
    for count in range(1, 4):
        await routing.send()
        await newest(routing, count)
    sizes, token = [], ""
    while True:
        request = pb.ListTreeHeadsRequest(page_size=1, page_token=token)
        page = await routing.transparency().ListTreeHeads(request)
        sizes += [TreeHead.from_bytes(head.body).size for head in page.tree_heads]
        token = page.next_page_token
        if not token:
            break

    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 3


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (pb.GetInclusionProofRequest(leaf_hash=leaf_hash(b"?"), tree_size=1), reasons.NOT_IN_LOG),
        (
            pb.GetInclusionProofRequest(leaf_hash=leaf_hash(b"?"), tree_size=9999),
            reasons.TREE_HEAD_NOT_FOUND,
        ),
        (pb.GetTreeHeadRequest(min_size=9999), reasons.TREE_HEAD_NOT_FOUND),
        (pb.GetConsistencyProofRequest(first_size=1, second_size=9999), reasons.TREE_HEAD_NOT_FOUND),
    ],
)
async def test_what_the_log_has_not_is_not_found(routing: Routing, request_: ProtoMessage, reason: object):
    await routing.send()
    await newest(routing)
    method = type(request_).__name__.removesuffix("Request")

    refusal = await refused(getattr(routing.transparency(), method)(request_))
    assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, reason.name)  # type: ignore[attr-defined]


async def test_many_senders_at_once_and_replicas_that_race_give_each_receipt_one_place(world: World):
    routing = (await Routing(world).start()).without_access_log()
    for _ in range(2):
        await another(routing)
    sent = await asyncio.gather(
        *(routing.send(caller=f"facility/{code}") for code in ["01999", "79999"] * 40)
    )

    head = await newest(routing, 80)
    places = [await prove(routing, answer.receipt, head) for answer in sent]
    assert sorted(places) == list(range(80))
    rows = await routing.rows("SELECT index FROM log_nodes WHERE level = 0 ORDER BY index")
    assert [row[0] for row in rows] == list(range(80))


async def test_a_round_that_is_broken_off_leaves_the_log_as_it_was(world: World):
    routing = (await Routing(world).start(log_seconds=3600)).without_access_log()
    sent = await routing.send()
    # The head cannot be written: everything of the round is undone, and nothing is lost.
    await routing.rows("ALTER TABLE log_heads ADD CONSTRAINT broken CHECK (tree_size < 0) NOT VALID")
    await another(routing)
    await asyncio.sleep(1.5)
    assert await routing.rows("SELECT FROM log_nodes") == []
    await routing.rows("ALTER TABLE log_heads DROP CONSTRAINT broken")

    assert await prove(routing, sent.receipt, await newest(routing)) == 0


async def another(routing: Routing) -> Running:
    """Start another replica, which gives places often."""
    running = await routing.world.start(
        "routing",
        database_url=routing.running.settings.database_url,
        signing_dir=routing.world.folder / "signing",
        identity_address=routing.running.settings.identity_address,
        log_seconds=0.2,
    )
    running.server.access_log.submit = None
    return running


async def test_a_log_that_was_changed_is_not_signed_any_more_and_receipts_go_on(world: World):
    routing = (await Routing(world).start(log_seconds=3600)).without_access_log()
    for _ in range(3):
        await routing.send()
    first = await another(routing)
    await newest(routing, 3)
    await first.server.stop(0)
    await routing.rows("ALTER TABLE log_nodes DISABLE TRIGGER USER")
    await routing.rows("UPDATE log_nodes SET hash = sha256('x') WHERE index = 1 AND level = 0")

    await another(routing)
    sent = await routing.send()
    await asyncio.sleep(1)
    assert sent.receipt.signature
    assert (await routing.rows("SELECT count(*) FROM log_queue"))[0][0] == 1
    assert (await newest(routing)).size == 3


@pytest.mark.parametrize("table", ["log_nodes", "log_heads", "signing_keys"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET {} = {}"])
async def test_sql_changes_nothing_of_the_log(routing: Routing, table: str, statement: str):
    await routing.send()
    await newest(routing)
    column = {"log_nodes": "hash", "log_heads": "body", "signing_keys": "certificate"}[table]

    with pytest.raises(Exception, match="only ever added"):
        await routing.rows(statement.format(table, column, column))


async def test_old_keys_are_listed_and_what_they_signed_still_verifies(world: World):
    from laptop.authority import issue_signing

    routing = (await Routing(world).start()).without_access_log()
    before = (await routing.send()).receipt
    await newest(routing, 1)
    issue_signing(world.pki.ca, world.folder / "signing", "service/routing")
    after = (await routing.send()).receipt
    head = await newest(routing, 2)

    keys = (await routing.transparency().ListSigningKeys(pb.ListSigningKeysRequest())).signing_keys
    ids = [ReceiptBody.FromString(receipt.body).key_id for receipt in (after, before)]
    assert [key.key_id for key in keys] == ids
    assert [key.certificate for key in keys] == [after.certificate, before.certificate]
    assert head.key_id == ids[0]
    await prove(routing, before, head)
