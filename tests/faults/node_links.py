"""
`python -m tests.faults.node_links`: three nodes under load while links between them break.

Every facility of every node writes to those of the others, one numbered message after the other, and takes
and acknowledges what comes.  Meanwhile links are cut, frozen and deafened, for seconds or minutes, and
routing of a node is killed.  Then all heals, what was begun is finished, and the history is judged by
itself: nothing lost, doubled to the application, or reordered.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.message_pb2 import Delivery, Message
from lientuyen_client.clock import today
from lientuyen_client.demo import people
from lientuyen_client.demo.nodes_journey import HOMES, Exchange, acquaint
from lientuyen_client.errors import ServiceError
from lientuyen_client.running_stack import Stack, read_stack

from ..e2e.wires import Wire
from .node_checks import check, table
from .site import kill

NAMES = tuple(HOMES)
HOME_OF = {code: node for node, codes in HOMES.items() for code in codes}
FACILITIES = "//identity.lientuyen/facilities/"

# Seconds between two messages of a pair in the mean, before another try, and until all has settled.
SEND_PAUSE_S = 0.4
RETRY_PAUSE_S = 0.5
START_TIMEOUT_S = 300
SETTLE_TIMEOUT_S = 400


class Run:
    def __init__(self, home: Path, exchange: Exchange, wires: dict[str, Wire], history: Path) -> None:
        self.home, self.exchange, self.wires = home, exchange, wires
        self.closing = asyncio.Event()
        self.sent = self.taken = 0
        self._history = history.open("w", encoding="utf8")

    def write(self, event: str, **more: object) -> None:
        self._history.write(json.dumps({"event": event, "time": time.time(), **more}) + "\n")
        self._history.flush()

    def mailbox(self, code: str) -> Any:
        return self.exchange.casts[HOME_OF[code]](f"facility/{code}").mailbox

    async def send_all(self, sender: str, recipient: str) -> None:
        number = 0
        while not self.closing.is_set():
            body = f"{sender} {recipient} {number}".encode().ljust(random.choice((30, 3_000, 300_000)))
            await self._send(sender, recipient, str(uuid4()), body)
            self.sent += 1
            self.write("sent", sender=sender, recipient=recipient, number=number)
            number += 1
            await asyncio.sleep(random.expovariate(1 / SEND_PAUSE_S))

    async def _send(self, sender: str, recipient: str, request_id: str, body: bytes) -> None:
        """Send until it is taken, under one request id."""
        header = mailbox.MessageHeader(
            sender=f"{FACILITIES}{sender}",
            recipient=f"{FACILITIES}{recipient}",
            kind=Message.KIND_DOCUMENT,
            media_type="text/plain",
            correlation=body.decode().strip().replace(" ", "-"),
        )
        while True:
            parts = [mailbox.SendMessageRequest(request_id=request_id, header=header)]
            parts += [mailbox.SendMessageRequest(chunk=body)]
            with suppress(ServiceError):
                await self.mailbox(sender).SendMessage(_stream(parts), timeout=20)
                return
            await asyncio.sleep(RETRY_PAUSE_S)

    async def take_all(self, code: str) -> None:
        """Take what comes, for ever; what is acknowledged is the application's."""
        request = mailbox.ReceiveMessagesRequest(recipient=f"{FACILITIES}{code}", max_outstanding=32)
        while True:
            with suppress(ServiceError):
                async for response in self.mailbox(code).ReceiveMessages(request):
                    await self._acknowledge(code, response.delivery)
            await asyncio.sleep(RETRY_PAUSE_S)

    async def _acknowledge(self, code: str, delivery: Delivery) -> None:
        request = mailbox.AcknowledgeMessageRequest(
            request_id=str(uuid4()), name=delivery.message.name, lease_token=delivery.lease_token
        )
        while True:
            try:
                await self.mailbox(code).AcknowledgeMessage(request, timeout=10)
            except ServiceError as error:
                if error.reason in ("ERROR_REASON_LEASE_STALE", "ERROR_REASON_MESSAGE_STATE"):
                    return  # it comes again
                await asyncio.sleep(RETRY_PAUSE_S)
            else:
                sender, recipient, number = delivery.message.correlation.split("-")
                self.taken += 1
                self.write("taken", sender=sender, recipient=recipient, number=int(number))
                return

    async def disturb(self, seconds: float, longest: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            node, action = random.choice(NAMES), random.choice(("cut", "frozen", "deaf", "kill"))
            lasts = min(random.uniform(1, longest), max(1.0, end - time.monotonic()))
            self.write("fault", node=node, action=action, seconds=lasts)
            if action == "kill":
                state = json.loads((self.home / node / "stack.json").read_text(encoding="utf8"))
                kill(int(state["processes"]["routing"]))
                lasts = random.uniform(1, 4)
                await asyncio.sleep(lasts)
                continue
            setattr(self.wires[node], action, True)
            if action == "cut":
                self.wires[node].drop()
            await asyncio.sleep(lasts)
            setattr(self.wires[node], action, False)
            self.wires[node].drop()

    async def settle(self) -> None:
        """Wait until everything that was sent was taken, or nothing more comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_TIMEOUT_S):
                while self.taken < self.sent:  # noqa: ASYNC110  others take
                    await asyncio.sleep(1)
        await asyncio.sleep(3)  # what would come twice

    async def go(self, seconds: float, longest: float) -> None:
        pairs = [(one, other) for one in HOME_OF for other in HOME_OF if HOME_OF[one] != HOME_OF[other]]
        taking = [asyncio.create_task(self.take_all(code)) for code in HOME_OF]
        sending = [asyncio.create_task(self.send_all(*pair)) for pair in pairs]
        await self.disturb(seconds, longest)
        self.closing.set()
        await asyncio.gather(*sending)
        await self.settle()
        for task in taking:
            task.cancel()
        await asyncio.gather(*taking, return_exceptions=True)
        self._history.close()


async def _stream(
    parts: Sequence[mailbox.SendMessageRequest],
) -> AsyncIterator[mailbox.SendMessageRequest]:
    for part in parts:
        yield part


async def play(home: Path, history: Path, seconds: float, longest: float) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "laptop.nodes", "--home", str(home), *NAMES),
        stdout=asyncio.subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "OTEL_TRACES_SAMPLER": "always_off"},
    )
    try:
        stacks = {name: (await _started(home / name), home / name) for name in NAMES}
        exchange = await Exchange.open(stacks)
        wires: dict[str, Wire] = {}
        for name, (stack, _) in stacks.items():  # in the place of the links of the demo, which cannot freeze
            wires[name] = await Wire(stack.addresses["federation"]).__aenter__()
            exchange.links[name].address = wires[name].address
        for cast in exchange.casts.values():
            await people.seed(cast("operator/dev"), cast("authority/bhxh"), today())
        await acquaint(exchange)
        await Run(home, exchange, wires, history).go(seconds, longest)
        await exchange.close()
    finally:
        process.terminate()
        await process.wait()


async def _started(home: Path) -> Stack:
    async with asyncio.timeout(START_TIMEOUT_S):
        while True:
            with suppress(Exception):
                return read_stack(home)
            await asyncio.sleep(0.3)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.node_links", description="Break links.")
    parser.add_argument("--seconds", type=float, default=300, help="of faults under load (default 300)")
    parser.add_argument("--longest", type=float, default=120, help="seconds of one fault (default 120)")
    parser.add_argument("--history", type=Path, default=Path("build/faults-nodes.jsonl"))
    parser.add_argument("--json", type=Path, default=Path("build/faults-nodes.json"))
    chosen = parser.parse_args()
    chosen.history.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lientuyen-nodes-") as folder:
        asyncio.run(play(Path(folder), chosen.history, chosen.seconds, chosen.longest))
    figures = check(chosen.history.read_text(encoding="utf8").splitlines())
    chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf8")
    sys.stdout.write(table(figures))
    return 0 if not (figures["lost"] or figures["doubled"] or figures["reordered"]) else 1


if __name__ == "__main__":
    sys.exit(main())
