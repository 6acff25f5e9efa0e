"""
`python -m tests.faults.messages.hands`: a hospital's program as a process of its own, which is killed.

The one argument is JSON (`Order`).  What happens goes to standard output, a line at a time, as it goes into a
history; who started it writes it there.  A sender keeps a journal, as a program does that must not lose what
it has to send: before a message is sent its number and the ids of its request are there.  Started again it
sends again what was not answered, as the same request.
"""

import asyncio
import json
import os
import random
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lientuyen_client.running_stack import Stack

from ..calls import Channels, Worker, new_id
from ..history import History
from ..mailbox_workers import full, stub
from .load import DESKS, PAIRS, Desk, upload


@dataclass(frozen=True, slots=True)
class Order:
    """Who this is (`send` or `receive`), of which hospital, and where the stack is."""

    role: str
    tag: str
    hospital: str
    seed: int
    count: int
    seconds: float
    addresses: dict[str, str]
    tls: str
    journal: str

    def words(self) -> list[str]:
        return ["-m", "tests.faults.messages.hands", json.dumps(asdict(self))]


class Told(History):
    """A history that somebody else keeps: each line is written at once, whole."""

    def __init__(self) -> None:
        self.counts = Counter()
        self.codes = []

    def write(self, kind: str, **fields: Any) -> None:
        os.write(1, (json.dumps({"kind": kind, **fields}) + "\n").encode())


@dataclass
class Journal:
    """What is to be sent and what was answered, in a file that outlives us."""

    path: Path

    def read(self) -> tuple[dict[str, dict[str, Any]], Counter[str]]:
        """Return what was begun and not answered, by pair, and how many of each pair were accepted."""
        begun: dict[str, dict[str, Any]] = {}
        accepted: Counter[str] = Counter()
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        for line in lines:
            entry = json.loads(line)
            if entry.pop("accepted", False):
                begun.pop(entry["to"], None)
                accepted[entry["to"]] += 1
            else:
                begun[entry["to"]] = entry
        return begun, accepted

    def write(self, **entry: Any) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(entry) + "\n")


async def send_all(order: Order, worker: Worker) -> None:
    journal = Journal(Path(order.journal))
    begun, accepted = journal.read()
    async with asyncio.TaskGroup() as group:
        for sender, to in PAIRS:
            if sender == order.hospital:
                group.create_task(send(order, worker, journal, to, begun.get(to), accepted[to]))


async def send(
    order: Order, worker: Worker, journal: Journal, to: str, begun: dict[str, Any] | None, accepted: int
) -> None:
    """Send what is left of one pair, each until it is answered: who keeps a journal gives none up."""
    while accepted < order.count:
        entry = begun or {
            "to": to,
            "number": accepted + 1,
            "operation": new_id(),
            "request_id": new_id(),
        }
        if begun is None:
            journal.write(**entry)
        begun = None
        await send_one(order, worker, entry)
        journal.write(to=to, accepted=True)
        accepted += 1
        await worker.pause(order.seconds / order.count)


async def send_one(order: Order, worker: Worker, entry: dict[str, Any]) -> None:
    pair = (order.hospital, entry["to"])
    correlation = f"{order.tag}:{pair[0]}-{pair[1]}-{entry['number']}"
    value = {"sender": full(pair[0]), "recipient": full(pair[1]), "correlation": correlation}
    operation = entry["operation"]
    worker.history.write("invoke", id=operation, worker=worker.name, action="send", value=value)
    method = stub(worker.channels, pair[0]).SendMessage
    reply, outcome = await worker.until_answered(
        method, upload(entry["request_id"], pair, correlation), impatient=False
    )
    if reply is not None:
        outcome["value"] = {"message": reply.message.name}
    worker.history.write(**outcome, id=operation)


async def work(order: Order) -> None:
    channels = Channels(Stack(order.addresses, Path(order.tls)))
    chance = random.Random(f"{order.seed}/{order.role}/{os.getpid()}")
    worker = Worker(f"{order.role}-{order.hospital}", chance, Told(), channels, asyncio.Event())
    try:
        if order.role == "send":
            await send_all(order, worker)
        else:
            await asyncio.gather(*(Desk(worker, order.hospital).run() for _ in range(DESKS)))
    finally:
        await channels.close()


if __name__ == "__main__":
    asyncio.run(work(Order(**json.loads(sys.argv[1]))))
