"""A message's way: sent, received on the recipient's stream, acknowledged."""

import asyncio
import uuid

from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from lientuyen.routing.v1.message_pb2 import Delivery, Message

from . import people
from .calling import TIMEOUT_S, Caller, Wires
from .loads import bench, need

BODY = bytes(range(256)) * 4


class Mailbox:
    """The open stream of one hospital; what comes is given to whoever waits for it."""

    def __init__(self, wires: Wires, code: str) -> None:
        self.stub = wires.stub(MailboxServiceStub, "routing", f"facility/{code}")
        self._waiting: dict[str, asyncio.Future[Delivery]] = {}
        self._reading = asyncio.create_task(self._read(full(code)))
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


def mine(job_process: int, processes: int) -> list[str]:
    """Return the hospitals whose mailboxes a client process reads: no other reads them."""
    return list(people.BENCH_HOSPITALS[job_process::processes])


@bench(stores=["insert"], needs=[people.registered], remote_calls=3)
async def send_receive_acknowledge(caller: Caller) -> None:
    """SendMessage of 1 KB → its delivery on the open stream → AcknowledgeMessage; durable; 8 mailboxes."""
    hospitals = mine(caller.job.process, caller.job.processes)
    to = hospitals[caller.index // caller.job.processes % len(hospitals)]
    sender = people.BENCH_HOSPITALS[(people.BENCH_HOSPITALS.index(to) + 1) % len(people.BENCH_HOSPITALS)]
    box = caller.wires.make_once(("mailbox", to), lambda: Mailbox(caller.wires, to))
    correlation = str(uuid.uuid4())
    coming = box.expect(correlation)
    sent = await caller.stub(MailboxServiceStub, "routing", f"facility/{sender}").SendMessage(
        parts(sender, to, correlation), timeout=TIMEOUT_S
    )
    need(sent.receipt.signature, "the acceptance must be signed")
    delivery = await asyncio.wait_for(coming, TIMEOUT_S)
    need(delivery.message.name == sent.message.name, "the message must be the one that was sent")
    need(delivery.body == BODY, "the body must be the one that was sent")
    request = mailbox.AcknowledgeMessageRequest(
        request_id=str(uuid.uuid4()), name=delivery.message.name, lease_token=delivery.lease_token
    )
    done = await box.stub.AcknowledgeMessage(request, timeout=TIMEOUT_S)
    need(done.receipt.signature, "the acknowledgement must be signed")
    need(done.message.state == Message.STATE_ACKNOWLEDGED, "the message must be acknowledged")


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
