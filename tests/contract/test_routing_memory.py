"""What a process of routing takes while bodies of 64 MiB go through it, several at once, both ways."""

import asyncio
import hashlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from tests.harness import PATIENCE, World

from .routing_env import Routing, upload

if TYPE_CHECKING:
    from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceAsyncStub

MIB = 1024 * 1024
BODY = 64 * MIB
CHUNK = bytes(range(256)) * 4096
AT_ONCE = 8

# MiB beyond what the idle process has, while 512 go in, and while 512 go out: with what gRPC reads ahead
# unbounded it were 160 and more.
MOST = 128
DIGEST = hashlib.sha256(CHUNK * 64).digest()


class Process:
    """A process of routing, and what the kernel says of its memory."""

    def __init__(self, pid: int, address: str) -> None:
        self._folder = Path(f"/proc/{pid}")
        self.address = address

    def resident(self, line: str) -> int:
        """Return `VmRSS`, what is in memory now, or `VmHWM`, what was at most, in MiB."""
        status = (self._folder / "status").read_text()
        (size,) = (words.split()[1] for words in status.splitlines() if words.startswith(f"{line}:"))
        return int(size) // 1024

    def forget_peak(self) -> int:
        """Let the peak begin at what is in memory now, and return that."""
        (self._folder / "clear_refs").write_text("5")
        return self.resident("VmRSS")


@asynccontextmanager
async def process_of_routing(world: World) -> AsyncIterator[Process]:
    identity = await Routing(world).identity.serve(world)
    listen = world.nowhere()
    # Two calls at once: the other uploads wait for their turn, and what they send ahead is in memory.
    settings = await world.settings("routing", listen=listen, identity_address=identity, calls_at_once=2)
    environment = {
        f"ROUTING_{name.upper()}": str(value)
        for name, value in settings.model_dump(exclude_unset=True).items()
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.routing"), env={**os.environ, **environment}
    )
    try:
        yield Process(process.pid, listen)
    finally:
        process.terminate()
        await process.wait()


async def sent(mailbox: "MailboxServiceAsyncStub") -> str:
    """Send 64 MiB in parts of 1 MiB, the same bytes each time, and return the name."""

    async def parts() -> AsyncIterator[pb.SendMessageRequest]:
        (header,) = upload(b"")
        yield header
        for _ in range(BODY // len(CHUNK)):
            yield pb.SendMessageRequest(chunk=CHUNK)

    reply = await mailbox.SendMessage(parts())
    return reply.message.name


async def downloaded(mailbox: "MailboxServiceAsyncStub", name: str) -> bytes:
    """Return the SHA-256 of a body, read by one who is not there for a second, and then as it comes."""
    digest = hashlib.sha256()
    call = mailbox.DownloadMessage(pb.DownloadMessageRequest(name=name))
    await asyncio.sleep(1)
    async for part in call:
        digest.update(part.chunk)
    return digest.digest()


async def test_bodies_of_64_mib_go_in_and_out_several_at_once_in_bounded_memory(world: World):
    async with process_of_routing(world) as process:
        channel = world.channel(process.address, "facility/01999")
        mailbox: MailboxServiceAsyncStub = MailboxServiceStub(channel)
        await asyncio.wait_for(channel.channel_ready(), PATIENCE)
        idle = process.forget_peak()
        names = await asyncio.gather(*(sent(mailbox) for _ in range(AT_ONCE)))
        while_sending = process.resident("VmHWM") - idle
        process.forget_peak()
        digests = await asyncio.gather(*(downloaded(mailbox, name) for name in names))
        while_reading = process.resident("VmHWM") - idle

    assert digests == [DIGEST] * AT_ONCE
    assert max(while_sending, while_reading) < MOST, (while_sending, while_reading)
