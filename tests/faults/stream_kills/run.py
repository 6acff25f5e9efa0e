"""One run: hospitals stream, records is killed; then everything is answered, and all is read."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

from lientuyen_client.running_stack import Stack

from ...e2e import works
from ..calls import Channels
from ..history import History
from ..site import Site
from .killer import Killer
from .sender import Progress, Sender
from .stored import read_stored

# Streams at once, by the tags of their encounters.
TAGS = ("sta", "stb")

PROGRESS_INTERVAL_S = 20.0

Say = Callable[[str], None]


async def kill_streams(site: Site, stack: Stack, history: History, seed: int, kills: int, say: Say) -> None:
    """Stream dossiers to *stack*, which runs in *site*, through so many kills, and read what is there."""
    await works.seed(stack)
    channels = Channels(stack)
    try:
        senders = await _stream_and_kill(site, channels, history, seed, kills, say)
        say("everything is answered; reading")
        given_up = [request for sender in senders for request in sender.given_up]
        await read_stored(channels, Path(site.home), history, given_up)
    finally:
        await channels.close()


async def _stream_and_kill(
    site: Site, channels: Channels, history: History, seed: int, kills: int, say: Say
) -> list[Sender]:
    progress, closing = Progress(), asyncio.Event()
    senders = [
        Sender(tag, random.Random(f"{seed}/{tag}"), history, channels, progress, closing) for tag in TAGS
    ]
    await senders[0].submit_first()
    killer = Killer(site, history, random.Random(seed), progress, senders)
    async with asyncio.TaskGroup() as group:
        for sender in senders:
            group.create_task(sender.run())
        telling = group.create_task(_tell(history, progress, say))
        await killer.kill(kills)
        closing.set()
        telling.cancel()
    return senders


async def _tell(history: History, progress: Progress, say: Say) -> None:
    while True:
        await asyncio.sleep(PROGRESS_INTERVAL_S)
        say(
            f"{history.counts['kill']} kills, {progress.streams} streams, {history.counts['ok']} acknowledged"
        )
