"""A message's way: sent, received on the recipient's stream, acknowledged; and the same in a bare table."""

import asyncio
import uuid
from dataclasses import dataclass

from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from lientuyen.routing.v1.message_pb2 import Delivery, Message

from . import people
from .calling import TIMEOUT_S, Caller, Wires
from .loads import bench, need
from .site import FLOORS, Site

BODY = bytes(range(256)) * 4

# Where the routing is called that the bench starts beside the stack's.
WITHOUT_RECEIPTS = "unsigned"

QUEUE = (
    "DROP TABLE IF EXISTS queue",
    """CREATE TABLE queue (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, recipient integer NOT NULL,
        state text NOT NULL DEFAULT 'waiting', lease_time timestamptz, body bytea NOT NULL)""",
    "CREATE INDEX queue_waiting ON queue (recipient, id) WHERE state = 'waiting'",
)
ENQUEUE = "INSERT INTO queue (recipient, body) VALUES ($1, $2) RETURNING id"
LEASE = """
    UPDATE queue SET state = 'leased', lease_time = now() WHERE id = (
        SELECT id FROM queue WHERE recipient = $1 AND state = 'waiting' ORDER BY id LIMIT 1
        FOR UPDATE SKIP LOCKED)
    RETURNING id, body
"""
ACKNOWLEDGE = "UPDATE queue SET state = 'acknowledged' WHERE id = $1 AND state = 'leased'"


class Mailbox:
    """The open stream of one hospital; what comes is given to whoever waits for it."""

    def __init__(self, wires: Wires, owner: "Party") -> None:
        self.stub = wires.stub(MailboxServiceStub, owner.place, owner.identity)
        self._waiting: dict[str, asyncio.Future[Delivery]] = {}
        self._reading = asyncio.create_task(self._read(full(owner.code)))
        wires.closing(self._close)

    def expect(self, correlation: str) -> "asyncio.Future[Delivery]":
        """Return what will be the delivery of the message marked so."""
        self._waiting[correlation] = asyncio.get_running_loop().create_future()
        return self._waiting[correlation]

    async def _read(self, recipient: str) -> None:
        request = mailbox.ReceiveMessagesRequest(recipient=recipient, max_outstanding=64)
        try:
            async for response in self.stub.ReceiveMessages(request):
                waiting = self._waiting.pop(response.delivery.message.correlation, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(response.delivery)
        except Exception as error:
            for waiting in self._waiting.values():
                waiting.set_exception(error)

    async def _close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


def full(code: str) -> str:
    """Return a hospital as messages name it."""
    return f"//identity.lientuyen/facilities/{code}"


@bench(stores=["insert"], needs=[people.registered], remote_calls=3)
async def send_receive_acknowledge(caller: Caller) -> None:
    """SendMessage of 1 KB → its delivery on the open stream → AcknowledgeMessage; durable; a mailbox each."""
    sent, done = await exchange(caller, *next_to(caller, "routing"))
    need(sent.receipt.signature, "the acceptance must be signed")
    need(done.receipt.signature, "the acknowledgement must be signed")


@bench(is_floor=True)
async def exchange_without_receipts(caller: Caller) -> None:
    """The same, through a routing that signs and keeps no receipts (bench.routing_without_receipts)."""
    await exchange(caller, *next_to(caller, WITHOUT_RECEIPTS))


@bench(is_floor=True)
async def exchange_between_nodes(caller: Caller) -> None:
    """The same, from a hospital of one node to one of another (bench.nodes)."""
    near, far = people.BENCH_HOSPITALS[caller.index], people.FAR_HOSPITALS[caller.index]
    sender = Party(near, "north", f"north-facility/{near}")
    await exchange(caller, sender, Party(far, "south", f"south-facility/{far}"))


@dataclass(frozen=True, slots=True)
class Party:
    """A hospital: its code, where it calls, and as whom."""

    code: str
    place: str
    identity: str


def next_to(caller: Caller, place: str) -> tuple[Party, Party]:
    """Return the hospital of *caller* and the next, both of which call *place*."""
    sender, recipient = (
        Party(code, place, f"facility/{code}")
        for code in people.BENCH_HOSPITALS[caller.index : caller.index + 2]
    )
    return sender, recipient


async def exchange(
    caller: Caller, sender: Party, recipient: Party
) -> tuple[mailbox.SendMessageResponse, mailbox.AcknowledgeMessageResponse]:
    """Send a message, receive it on the recipient's stream, acknowledge it; return both answers."""
    box = caller.wires.make_once(("mailbox", recipient), lambda: Mailbox(caller.wires, recipient))
    correlation = str(uuid.uuid4())
    coming = box.expect(correlation)
    sent = await caller.stub(MailboxServiceStub, sender.place, sender.identity).SendMessage(
        parts(sender.code, recipient.code, correlation), timeout=TIMEOUT_S
    )
    delivery = await asyncio.wait_for(coming, TIMEOUT_S)
    need(delivery.message.name == sent.message.name, "the message must be the one that was sent")
    need(delivery.body == BODY, "the body must be the one that was sent")
    request = mailbox.AcknowledgeMessageRequest(
        request_id=str(uuid.uuid4()), name=delivery.message.name, lease_token=delivery.lease_token
    )
    done = await box.stub.AcknowledgeMessage(request, timeout=TIMEOUT_S)
    need(done.message.state == Message.STATE_ACKNOWLEDGED, "the message must be acknowledged")
    return sent, done


async def queue(site: Site) -> None:
    """Make the table of the bare queue."""
    async with site.connection(FLOORS) as connection:
        for statement in QUEUE:
            await connection.execute(statement)


@bench(is_floor=True, needs=[queue])
async def skip_locked(caller: Caller) -> None:
    """Floor: a bare queue in PostgreSQL: INSERT of 1 KB, lease by SKIP LOCKED, acknowledge; durable."""
    connection = await caller.floor_database()
    sent = await connection.fetchval(ENQUEUE, caller.index, BODY, timeout=TIMEOUT_S)
    leased = await connection.fetchrow(LEASE, caller.index, timeout=TIMEOUT_S)
    need(leased and tuple(leased) == (sent, BODY), "the message must be the one that was sent")
    done = await connection.execute(ACKNOWLEDGE, sent, timeout=TIMEOUT_S)
    need(done == "UPDATE 1", "one message must be acknowledged")


def parts(sender: str, recipient: str, correlation: str) -> list[mailbox.SendMessageRequest]:
    """Return the header and the body of one message."""
    header = mailbox.MessageHeader(
        sender=full(sender),
        recipient=full(recipient),
        kind=Message.KIND_DOCUMENT,
        media_type="application/octet-stream",
        correlation=correlation,
    )
    request_id = str(uuid.uuid4())
    return [
        mailbox.SendMessageRequest(request_id=request_id, header=header),
        mailbox.SendMessageRequest(chunk=BODY),
    ]
