"""One row played: messages flow, the fault is done again and again, all heals, all is read."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import grpc

from lientuyen.records.v1.dossier_pb2 import DossierSlip
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.message_pb2 import Message

from ...e2e import works
from ..calls import Channels, Worker
from ..final_reads import listed_dossiers, read_dossiers, read_slips
from ..history import History
from ..mailbox_workers import HOSPITALS, full, stub
from ..site import Site
from .hands import Order
from .load import DESKS, PAIRS, Desk, Sender
from .programs import Kept, Program

# Seconds for everything to be delivered once the load is over, and between two looks; and for a whole row.
QUIET_TIMEOUT_S = 240
QUIET_POLL_S = 0.5

# Between the end of one strike and the next: what was held up goes on.
MIN_CALM_S = 0.5

WAITING = (Message.STATE_ACCEPTED, Message.STATE_LEASED)


@dataclass
class Play:
    """What a row is played with: *messages* of it, over *seconds* at least, and *strikes* of its fault."""

    site: Site
    history: History
    channels: Channels
    tag: str
    seed: int
    messages: int
    seconds: float
    strikes: int
    folder: Path
    pairs: tuple[tuple[str, str], ...] = PAIRS
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    programs: list[Program] = field(default_factory=list)

    @property
    def per_pair(self) -> int:
        return -(-self.messages // len(self.pairs))

    def worker(self, name: str) -> Worker:
        return Worker(name, random.Random(f"{self.seed}/{name}"), self.history, self.channels, self.closing)

    def senders(self, poison: Callable[[int], dict[int, str]] = lambda pair: {}) -> list[Sender]:
        return [
            Sender(self.worker(f"{a}-{b}"), self.tag, (a, b), self.per_pair, self.seconds, poison(number))
            for number, (a, b) in enumerate(self.pairs)
        ]

    def desks(self, slow: dict[str, Callable[[], float]] | None = None) -> list[Desk]:
        slow = slow or {}
        return [
            Desk(self.worker(f"desk-{code}-{number}"), code, slow.get(code, lambda: 0.0))
            for code in HOSPITALS
            for number in range(DESKS)
        ]

    def programs_of(self, role: str) -> list[Program]:
        """Return a program for each hospital, which `kill_programs` may kill."""
        kept = Kept(self.history)
        self.programs = [
            Program(
                Order(
                    role=role,
                    tag=self.tag,
                    hospital=code,
                    seed=self.seed,
                    count=self.per_pair,
                    seconds=self.seconds,
                    addresses=dict(self.site.client_stack.addresses),
                    tls=str(self.site.home / "tls"),
                    journal=str(self.folder / f"{self.tag}-{role}-{code}.journal"),
                ),
                kept,
            )
            for code in HOSPITALS
        ]
        return self.programs

    def struck(self, action: str, target: str, seconds: float = 0.0) -> None:
        self.history.write("fault", action=action, value={"target": target, "seconds": seconds})

    async def strike(self, blow: Callable[[int], Awaitable[None]]) -> None:
        """Do *blow* as often as this row strikes, evenly over its time."""
        loop = asyncio.get_running_loop()
        begin, interval = loop.time(), self.seconds / (self.strikes + 1)
        for number in range(self.strikes):
            await asyncio.sleep(max(MIN_CALM_S, begin + (number + 1) * interval - loop.time()))
            await blow(number)

    async def run(
        self,
        sending: list[Coroutine[Any, Any, None]],
        receiving: list[Coroutine[Any, Any, None]],
        striking: Coroutine[Any, Any, None],
        *,
        dossiers: bool = False,
    ) -> bool:
        """Play it; tell whether everything had been taken when it was read.  *dossiers* are read too."""
        takers = [asyncio.create_task(work) for work in receiving]
        try:
            async with asyncio.TaskGroup() as group:
                for work in sending:
                    group.create_task(work)
                await striking
                await self.site.recover()
                self.closing.set()
            is_quiet = await self._until_quiet(dossiers=dossiers)
        finally:
            for task in takers:
                task.cancel()
            await asyncio.gather(*takers, return_exceptions=True)
        await read_messages(self.channels, self.history, self.tag)
        if dossiers:
            await read_dossiers(self.channels, self.history)
            await read_slips(self.channels, self.history)
        return is_quiet

    async def _until_quiet(self, *, dossiers: bool) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIET_TIMEOUT_S):
                while True:
                    if not await self._is_under_way(dossiers=dossiers):
                        return True
                    await asyncio.sleep(QUIET_POLL_S)
        return False

    async def _is_under_way(self, *, dossiers: bool) -> bool:
        try:
            return await self._waits(dossiers=dossiers)
        except grpc.aio.AioRpcError:  # nobody knows
            return True

    async def _waits(self, *, dossiers: bool) -> bool:
        for code in HOSPITALS:
            for state, side in product(WAITING, ("recipient", "sender")):
                party: dict[str, Any] = {side: full(code)}
                request = mailbox.ListMessagesRequest(**party, state=state, page_size=1)
                if (await stub(self.channels, code).ListMessages(request)).messages:
                    return True
        if not dossiers:
            return False
        return any(
            [
                slip.state == DossierSlip.STATE_PENDING
                async for dossier in listed_dossiers(self.channels)
                for slip in dossier.slips
            ]
        )


async def read_messages(channels: Channels, history: History, tag: str) -> None:
    """Read the messages of one row, as the recipients' lists show them."""
    for code in HOSPITALS:
        request = mailbox.ListMessagesRequest(recipient=full(code), page_size=500)
        async for page in works.pages(stub(channels, code).ListMessages, request):
            for message in page.messages:
                if message.correlation.partition(":")[0] in ("", tag):
                    value = {
                        "name": message.name,
                        "sender": message.sender,
                        "recipient": message.recipient,
                        "correlation": message.correlation,
                        "state": Message.State.Name(message.state),
                    }
                    history.write("read", action="message", value=value)
