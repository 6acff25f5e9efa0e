"""The rows of the matrix: what is done to whom while messages flow; a function a row, and their table."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..dossier_workers import submit_dossiers
from ..mailbox_workers import HOSPITALS
from ..nemesis import break_link
from ..plan import Fault
from .load import DEADLY, LEASE_S, REJECTED
from .play import Play

Works = list[Coroutine[Any, Any, None]]


def sending(play: Play) -> Works:
    return [sender.run() for sender in play.senders()]


def receiving(play: Play) -> Works:
    return [desk.run() for desk in play.desks()]


async def kill_service(play: Play, service: str, *, dossiers: bool = False) -> bool:
    async def blow(_: int) -> None:
        if play.site.kill(service):
            play.struck("kill", service)

    works = [*sending(play), *(_clerks(play) if dossiers else [])]
    return await play.run(works, receiving(play), play.strike(blow), dossiers=dossiers)


def _clerks(play: Play) -> Works:
    """Return clerks whose dossiers have slips, which records relays to the mailboxes."""
    return [submit_dossiers(play.worker(f"clerk-{number}"), f"ca{number}") for number in range(4)]


async def router(play: Play) -> bool:
    return await kill_service(play, "routing")


async def relay(play: Play) -> bool:
    return await kill_service(play, "records", dossiers=True)


async def database(play: Play) -> bool:
    async def blow(_: int) -> None:
        if play.site.kill_postgresql():
            play.struck("kill_postgresql", "postgresql")

    return await play.run(sending(play), receiving(play), play.strike(blow))


async def sender(play: Play) -> bool:
    programs = play.programs_of("send")
    return await play.run([each.run() for each in programs], receiving(play), play.strike(_killing(play)))


async def receiver(play: Play) -> bool:
    programs = play.programs_of("receive")
    return await play.run(sending(play), [each.run() for each in programs], play.strike(_killing(play)))


def _killing(play: Play) -> Callable[[int], Awaitable[None]]:
    """Kill the programs in turn; the first one not before it has begun."""

    async def blow(number: int) -> None:
        program = play.programs[number % len(play.programs)]
        for _ in range(50):
            if program.kill():
                play.struck("kill", f"{program.order.role} {program.order.hospital}")
                return
            await asyncio.sleep(0.1)

    return blow


async def partition(play: Play) -> bool:
    drawing = random.Random(play.seed)
    links = (("client", "routing"), ("routing", "identity"))

    async def blow(number: int) -> None:
        action = ("cut", "deaf", "freeze")[number % 3]
        link = links[number // 3 % 2]
        seconds = drawing.uniform(1.0, 3.0)
        play.struck(action, " to ".join(link), seconds)
        await break_link(play.site, Fault(0.0, action, link, seconds))

    return await play.run(sending(play), receiving(play), play.strike(blow))


async def slow_receiver(play: Play) -> bool:
    """One hospital takes its time for each message, and now and then longer than its lease."""
    slow, drawing = HOSPITALS[-1], random.Random(play.seed)
    every = max(1, 3 * play.per_pair // max(1, 2 * play.strikes))
    counted = iter(range(1, 10_000_000))

    def seconds() -> float:
        if next(counted) % every == 0:
            play.struck("slow", slow, LEASE_S + 1.0)
            return LEASE_S + 1.0
        return drawing.uniform(0.0, 0.01)

    desks = [desk.run() for desk in play.desks({slow: seconds})]
    return await play.run(sending(play), desks, play.strike(_nothing))


async def _nothing(_: int) -> None:
    return


async def poison(play: Play) -> bool:
    """In each pair some messages are rejected; in some pairs one kills each desk that gets it."""
    per_pair = play.per_pair

    def poisoned(pair: int) -> dict[int, str]:
        rejected = dict.fromkeys(range(per_pair // 4, per_pair, max(1, per_pair // 4)), REJECTED)
        deadly = {per_pair // 2: DEADLY} if pair % 3 == 0 else {}
        play.struck("poison", f"pair {pair}: {len(rejected | deadly)}")
        return rejected | deadly

    works = [sender.run() for sender in play.senders(poisoned)]
    return await play.run(works, receiving(play), play.strike(_nothing))


async def clock(play: Play) -> bool:
    """The clocks of all servers jump an hour ahead, and back."""

    async def blow(number: int) -> None:
        ahead = number % 2 == 0
        play.site.set_clock(3600 if ahead else 0)
        play.struck("clock", "+1 h" if ahead else "back")

    with suppress(OSError):
        return await _with_clock_healed(play, blow)
    return False


async def _with_clock_healed(play: Play, blow: Callable[[int], Awaitable[None]]) -> bool:
    try:
        return await play.run(sending(play), receiving(play), play.strike(blow))
    finally:
        play.site.set_clock(0)


async def full_disk(play: Play) -> bool:
    """The disk of the database is full for some seconds, again and again."""

    async def blow(_: int) -> None:
        play.struck("full_disk", "postgresql", FULL_S)
        with play.site.full_disk():
            await asyncio.sleep(FULL_S)

    return await play.run(sending(play), receiving(play), play.strike(blow))


FULL_S = 3.0


async def link(play: Play, action: str) -> bool:
    """The link between two nodes breaks under what is sent across it, both ways."""
    drawing = random.Random(play.seed)

    async def blow(_: int) -> None:
        seconds = drawing.uniform(1.0, 4.0)
        play.struck(action, "the link", seconds)
        faults = [Fault(0.0, action, way, seconds) for way in play.site.wires]
        await asyncio.gather(*(break_link(play.site, fault) for fault in faults))

    return await play.run(sending(play), receiving(play), play.strike(blow))


async def slow_link(play: Play) -> bool:
    """Each read of bytes takes longer: tens of milliseconds, as over half a country and a bad line."""
    wires = play.site.wires.values()

    async def blow(number: int) -> None:
        delay_s = (0.02, 0.1, 0.3)[number % 3]
        for wire in wires:
            wire.delay_s = delay_s
        play.struck("slow", "the link", delay_s)
        await asyncio.sleep(play.seconds / (2 * play.strikes))
        for wire in wires:
            wire.delay_s = 0.0

    return await play.run(sending(play), receiving(play), play.strike(blow))


@dataclass(frozen=True, slots=True)
class Scenario:
    """A row: its fault in words, how it is played, how often it strikes, and which stack it needs."""

    fault: str
    play: Callable[[Play], Awaitable[bool]]
    strikes: int
    stack: str = "plain"


SCENARIOS: dict[str, Scenario] = {
    "sender": Scenario("kill -9 of a sender", sender, 8),
    "receiver": Scenario("kill -9 of a receiver", receiver, 8),
    "router": Scenario("kill -9 of routing", router, 5),
    "relay": Scenario("kill -9 of the relay of slips (records)", relay, 5),
    "database": Scenario("kill -9 of PostgreSQL", database, 4),
    "partition": Scenario("a link cut, deaf or frozen", partition, 9),
    "slow": Scenario("a receiver slower than its lease", slow_receiver, 10),
    "poison": Scenario("messages that are rejected, or kill who takes them", poison, 1),
    "clock": Scenario("the clocks jump an hour ahead, and back", clock, 6, "clock"),
    "link-cut": Scenario("the link between two nodes is cut", partial(link, action="cut"), 6, "links"),
    "link-slow": Scenario("the link between two nodes is slow", slow_link, 6, "links"),
    "link-twice": Scenario(
        "the link between two nodes loses answers: all comes twice", partial(link, action="deaf"), 6, "links"
    ),
    "disk": Scenario("the disk of PostgreSQL is full", full_disk, 4, "disk"),
}
