"""
A provincial axis (trục dữ liệu y tế) as a way out: files of facilities, in batches, a result each.

It takes XML files of dossiers and results (QĐ 3176/QĐ-BYT), and no other kind of message: nobody there would
accept a referral, or answer a request.  What waits of one facility goes together.  The axis tells at once
what became of each file, so a handover is final.

Where it takes the sender's own code of a file (`BatchAccount.code_field`), one whose answer was lost is
looked for before it is sent again, and is there once.  Where it does not, it may be there twice: that is
logged and counted, and the axis knows an encounter by its facility and MA_LK.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from chassis import telemetry
from chassis.byte_budget import ByteBudget
from chassis.errors import Unavailable
from chassis.logs import log
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.routing.v1 import error_reasons as reasons

from ..model.messages import Kind, Message
from ..peers.transports import Handover, TransportRefused
from .batch_account import BatchAccount
from .batch_client import BatchClient, BatchReply, Fault, File, TooLarge
from .batch_replies import reply_about

# What is carried: bodies that are XML, of these kinds.
KINDS: Final = frozenset({Kind.DOCUMENT, Kind.RESULT})
MEDIA_TYPES: Final = frozenset({"application/xml", "text/xml"})

# Bytes of files in hand, and of one batch unless a file alone is longer.  They are held some five times: as
# they are, in base64, in JSON, and as they leave; routing's pod has 512 MiB.
MAX_HELD_BYTES: Final = 32 * 1024 * 1024
MAX_BATCH_BYTES: Final = 8 * 1024 * 1024

# Bytes of a reply that are kept as the proof of a handover.
MAX_RECEIPT_BYTES: Final = 64 * 1024

# Messages of which is remembered that nobody answered for them.
MAX_OPEN: Final = 10_000

# Seconds between two sign-ins at an axis that did not answer last: first and longest.
FIRST_SIGN_IN_S: Final = 15.0
LONGEST_SIGN_IN_S: Final = 300.0

NOT_THERE: Final = (
    "Hệ thống nhận chỉ lấy tệp hồ sơ và kết quả (XML); loại thông điệp này không gửi tới đó được,"
    " hãy liên hệ trực tiếp cơ sở nhận."
)
NOT_XML: Final = "Hệ thống nhận chỉ lấy tệp XML theo QĐ 3176/QĐ-BYT."
TOO_LARGE: Final = "Hệ thống nhận không lấy tệp dài như vậy."
REFUSED: Final = "Hệ thống nhận từ chối tệp"


@dataclass(slots=True)
class Waiting:
    file: File
    answer: "asyncio.Future[Handover]"


@dataclass(slots=True)
class Line:
    """The files of one facility that wait, and the task that sends them."""

    waiting: deque[Waiting] = field(default_factory=deque)
    task: "asyncio.Task[None] | None" = None


class BatchApi:
    """The way to the axis that is the far node *node*."""

    keeps_order = False

    def __init__(self, node: str, account: BatchAccount, client: BatchClient) -> None:
        self._node = node
        self._account = account
        self._client = client
        self._bytes = ByteBudget(MAX_HELD_BYTES, max_waiting=MAX_HELD_BYTES * MAX_OPEN)
        self._lines: dict[str, Line] = {}
        # Messages that the axis may have though nobody said so, the oldest first.
        self._open: dict[UUID, None] = {}
        self._is_up = False

    @property
    def is_up(self) -> bool:
        return self._is_up

    async def run(self) -> None:
        """Sign in while the axis does not answer, so that it is known without a message when it does."""
        pause = FIRST_SIGN_IN_S
        try:
            while True:
                if not self._is_up:
                    await self._sign_in()
                    pause = FIRST_SIGN_IN_S if self._is_up else min(2 * pause, LONGEST_SIGN_IN_S)
                await asyncio.sleep(pause)
        finally:
            self._is_up = False

    async def _sign_in(self) -> None:
        try:
            await self._client.sign_in()
        except Fault as fault:
            self._unavailable(fault)
        else:
            self._is_up = True

    async def close(self) -> None:
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.close()

    async def deliver(self, message: Message, body: AsyncIterator[bytes]) -> Handover:
        self._require_carried(message)
        facility = message.sender.rpartition("/")[2]
        async with self._bytes.hold(facility, message.size):
            if self._account.code_field and self._may_be_there(message):
                known = await self._find(facility, message)
                if known is not None:
                    return known
            content = b"".join([piece async for piece in body])
            handover = await self._send(facility, message, content)
        if message.id in self._open:
            del self._open[message.id]
            self._tell_twice()
        return handover

    def _require_carried(self, message: Message) -> None:
        media_type = message.media_type.partition(";")[0].strip().lower()
        if message.kind not in KINDS:
            raise TransportRefused(reasons.KIND_STAYS_HERE, NOT_THERE)
        if media_type not in MEDIA_TYPES:
            raise TransportRefused(chassis_reasons.FIELDS_INVALID, NOT_XML)
        if message.size > self._account.max_file_bytes:
            raise TransportRefused(reasons.BODY_TOO_LARGE, TOO_LARGE)

    def _may_be_there(self, message: Message) -> bool:
        """Tell whether *message* may have been sent: by us, or before a restart, which its attempts tell."""
        return message.id in self._open or message.attempts > 1

    async def _find(self, facility: str, message: Message) -> Handover | None:
        """Return the handover of a message that is there already; None for one that is not."""
        try:
            reply = await self._client.find(facility, str(message.id))
        except Fault as fault:
            raise self._unavailable(fault) from None
        self._open.pop(message.id, None)
        self._is_up = True
        return None if reply is None else handover_of(reply, 0)

    async def _send(self, facility: str, message: Message, content: bytes) -> Handover:
        line = self._lines.setdefault(facility, Line())
        answer: asyncio.Future[Handover] = asyncio.get_running_loop().create_future()
        line.waiting.append(Waiting(File(str(message.id), content), answer))
        if line.task is None:
            line.task = asyncio.create_task(self._empty(facility, line))
        try:
            return await answer
        except Fault as fault:
            if fault.is_open:
                self._remember(message.id)
            raise self._unavailable(fault) from None
        except asyncio.CancelledError:
            self._remember(message.id)
            raise

    async def _empty(self, facility: str, line: Line) -> None:
        """Send what waits in *line*, batch after batch; what comes meanwhile goes with the next."""
        try:
            while line.waiting:
                await self._send_batch(facility, self._next_batch(line))
        finally:
            for waiting in line.waiting:
                waiting.answer.cancel()
            del self._lines[facility]

    def _next_batch(self, line: Line) -> list[Waiting]:
        batch, size = [line.waiting.popleft()], 0
        size = len(batch[0].file.content)
        while line.waiting and len(batch) < self._account.max_files:
            size += len(line.waiting[0].file.content)
            if size > MAX_BATCH_BYTES:
                break
            batch.append(line.waiting.popleft())
        return [waiting for waiting in batch if not waiting.answer.done()]

    async def _send_batch(self, facility: str, batch: Sequence[Waiting]) -> None:
        if not batch:
            return
        try:
            reply = await self._client.send(facility, [waiting.file for waiting in batch])
        except TooLarge as fault:
            await self._send_smaller(facility, batch, fault)
        except Fault as fault:
            settle(batch, [fault] * len(batch))
        except BaseException:
            settle(batch, [Fault("broken_off", is_open=True)] * len(batch))
            raise
        else:
            self._is_up = True
            settle(batch, [outcome_of(reply, index) for index in range(len(batch))])

    async def _send_smaller(self, facility: str, batch: Sequence[Waiting], fault: Fault) -> None:
        if len(batch) == 1:
            settle(batch, [TransportRefused(reasons.BODY_TOO_LARGE, TOO_LARGE)])
            return
        half = len(batch) // 2
        await self._send_batch(facility, batch[:half])
        await self._send_batch(facility, batch[half:])

    def _remember(self, message: UUID) -> None:
        self._open[message] = None
        if len(self._open) > MAX_OPEN:
            del self._open[next(iter(self._open))]

    def _tell_twice(self) -> None:
        log.warning("a far system may have a file twice", node=self._node)
        telemetry.count("lientuyen.adapter.sent_again", node=self._node, description="Files sent again.")

    def _unavailable(self, fault: Fault) -> Unavailable:
        self._is_up = False
        log.warning("a far system took no files", node=self._node, fault=fault.word)
        return Unavailable(chassis_reasons.PEER_UNAVAILABLE, peer=self._node)


def outcome_of(reply: BatchReply, index: int) -> Handover | TransportRefused:
    """Return what became of the file that was sent as number *index* of its batch."""
    result = reply.results[index]
    if result.is_taken:
        return handover_of(reply, index)
    code = f", mã {result.code}" if result.code else ""
    return TransportRefused(chassis_reasons.FIELDS_INVALID, f"{REFUSED}{code}.")


def handover_of(reply: BatchReply, index: int) -> Handover:
    """Return the handover of a file, with the reply as proof, which tells of this file alone."""
    proof = reply.body if len(reply.results) == 1 else reply_about(reply.body, index)
    receipt = proof if len(proof) <= MAX_RECEIPT_BYTES else b""
    return Handover(reference=reply.results[index].transaction, receipt=receipt, is_final=True)


def settle(batch: Sequence[Waiting], outcomes: Sequence[Handover | Exception]) -> None:
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if waiting.answer.done():
            continue
        if isinstance(outcome, Handover):
            waiting.answer.set_result(outcome)
        else:
            waiting.answer.set_exception(outcome)
