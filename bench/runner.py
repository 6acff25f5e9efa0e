"""
The order of a run: what is needed, warm-up, then slices of each load between slices of its floors.

A load and its floors take turns, so that whatever else the machine does falls
on both.  A floor's own line is over all of its slices of the run.  The sizes of
the population are taken from the smallest: those who are there stay.  What
fails is told and loses its own figures only.
"""

import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

from . import catalogue  # noqa: F401  (declares the loads)
from .calling import sentence
from .figures import ECHO, ECHO_TLS, OTHERS, Figure, Slice, figure
from .floors import tables
from .loads import LOADS, Load, Need, WrongAnswer, conditions
from .machine import cores
from .processes import (
    Clients,
    backends,
    busy_seconds,
    clients,
    cpu_seconds,
    echo_server,
    forget_peak,
    peak_mib,
)
from .site import BenchFailed, Site

# Slices of a load, and how long one of a floor is beside one of the load.
ROUNDS = 8
FLOOR_SHARE = 0.4

# Seconds of calls that are thrown away first: connections, statements, caches; and for each
# million persons, whose rows are anywhere.
WARM_UP_S = 1.0
WARM_UP_PER_MILLION_S = 0.4


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for: which loads, how long each, among how many persons, from how many processes.

    When it is the *whole* bench, a load may have sizes of its own.
    """

    loads: Sequence[Load]
    seconds: float
    clients: int
    sizes: Sequence[int]
    whole: bool = False

    def sizes_of(self, load: Load) -> Sequence[int]:
        """Return among how many persons *load* is measured: once, at the smallest, if it looks nobody up."""
        if not load.sized:
            return [min(self.sizes)]
        return load.sizes if self.whole and load.sizes else self.sizes


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a load, with how many callers, and at which size; None where none matters."""

    name: str
    callers: int
    persons: int | None


@dataclass
class Runner:
    """One run on one site.  *lost* are sentences: what could not be measured, and why."""

    site: Site
    plan: Plan
    calling: Clients
    echo_pid: int
    lost: list[str]
    _slices: dict[Line, list[Slice]] = field(default_factory=lambda: defaultdict(list))
    _beside: dict[Line, dict[str, list[Slice]]] = field(default_factory=dict)
    _warm: set[Line] = field(default_factory=set)
    _met: dict[tuple[str, int], str] = field(default_factory=dict)

    async def run(self) -> AsyncIterator[list[Figure]]:
        """Measure everything; give the lines so far after each load, floors first."""
        for size in sorted({size for load in self.plan.loads for size in self.plan.sizes_of(load)}):
            self.site.persons = size
            for load in self.plan.loads:
                if size in self.plan.sizes_of(load) and self._line(load) not in self._beside:
                    await self._try(load)
                    yield self.figures()

    async def _try(self, load: Load) -> None:
        """Measure *load*; tell what went wrong, and go on with new processes."""
        title = f"{load.name} at {self.site.persons:,} persons"
        with self.site.console.status(f"{title} …"):
            try:
                begun = self.site.state["processes"]
                await self._measure(load)
                if self.site.state["processes"] != begun:
                    raise BenchFailed("a service died meanwhile; --home keeps its log")
            except Exception as error:
                self.lost.append(f"{title}: {sentence(error)}")
                await self.calling.renew()

    async def _measure(self, load: Load) -> None:
        floors = floors_of(load)
        turns = [load, *(LOADS[name] for name in load.beside)]
        await self._prepare([*floors, *turns])
        for turn in turns:
            self._beside.setdefault(self._line(turn), {floor.name: [] for floor in floors})
        each = self.plan.seconds / ROUNDS
        for _ in range(ROUNDS):
            for floor in floors:
                taken = await self._slice(floor, each * FLOOR_SHARE)
                self._beside[self._line(load)][floor.name].append(taken)
                self._slices[self._line(floor)].append(taken)
            for turn in turns:
                self._slices[self._line(turn)].append(await self._slice(turn, each))

    def _line(self, load: Load) -> Line:
        return Line(load.name, load.callers, self.site.persons if load.sized else None)

    async def _prepare(self, loads: Sequence[Load]) -> None:
        """Put there what they need, and warm up what was not yet called."""
        for load in loads:
            for need in load.needs:
                await self._meet(need)
            if self._line(load) not in self._warm:
                self._warm.add(self._line(load))
                among = self.site.persons / 1e6 if load.sized else 0.0
                warm = await self._slice(load, WARM_UP_S + WARM_UP_PER_MILLION_S * among)
                # Only the times are thrown away.
                self._slices[self._line(load)].append(Slice(0.0, (), warm.errors, warm.failures))

    async def _meet(self, need: Need) -> None:
        """Put there what is needed, once a size; what failed once fails the others at once."""
        key = (need.__name__, self.site.persons)
        if key not in self._met:
            self._met[key] = "was broken off"
            try:
                await need(self.site)
            except Exception as error:
                self._met[key] = sentence(error)
                raise
            self._met[key] = ""
        if self._met[key]:
            raise BenchFailed(f"what it needs, {need.__name__}, could not be had: {self._met[key]}")

    async def _slice(self, load: Load, seconds: float) -> Slice:
        services = self.site.state["processes"]
        for pid in services.values():
            forget_peak(pid)
        before = self._cpu()
        taken = await self.calling.slice(load.name, seconds, callers=load.callers, persons=self.site.persons)
        if load.settle is not None:
            taken = await self._settled(load, taken)
        after = self._cpu()
        spent = {
            group: after[group] - before.get(group, 0.0)
            for group in after
            if after[group] > before.get(group, 0.0)
        }
        return replace(taken, cpu=spent, peak_mib={name: peak_mib(pid) for name, pid in services.items()})

    async def _settled(self, load: Load, taken: Slice) -> Slice:
        assert load.settle is not None
        begin = time.perf_counter()
        try:
            await load.settle(self.site)
        except WrongAnswer as error:
            return replace(taken, errors=taken.errors + 1, failures=[*taken.failures, str(error)])
        return replace(taken, settling=time.perf_counter() - begin)

    def _cpu(self) -> dict[str, float]:
        """Return the seconds of processor that each process, or group of them, has had.

        "others" is whatever else the machine did, the kernel's own threads among it: a figure with
        much of it says little.
        """
        ours = {
            "client": cpu_seconds(self.calling.pids),
            "echo": cpu_seconds([self.echo_pid]),
            **{name: cpu_seconds([pid]) for name, pid in self.site.state["processes"].items()},
            **{name: cpu_seconds(pids) for name, pids in backends(self.site.postmaster).items()},
        }
        return {**ours, OTHERS: busy_seconds() - sum(ours.values()) - cpu_seconds([os.getpid()])}

    def figures(self) -> list[Figure]:
        """Return a line for each load that was measured so far, floors first."""
        order = list(LOADS)
        measured = [line for line, slices in self._slices.items() if any(piece.seconds for piece in slices)]
        lines = sorted(
            measured,
            key=lambda line: (
                not LOADS[line.name].is_floor,
                order.index(line.name),
                line.callers,
                line.persons or 0,
            ),
        )
        return [self._figure(line, replace(LOADS[line.name], callers=line.callers)) for line in lines]

    def _figure(self, line: Line, load: Load) -> Figure:
        persons = line.persons or min(self.plan.sizes)
        return figure(
            load.name,
            conditions(load, persons=persons, clients=self.plan.clients, cores=cores()),
            self._slices[line],
            self._beside.get(line, {}) if load.compared else {},
            remote_calls=load.remote_calls,
            persons=line.persons,
            rows=load.rows,
        )


def floors_of(load: Load) -> list[Load]:
    """Return the floors that take turns with *load*: none when a ratio would say nothing.

    A load with more callers than its floors have by themselves is compared with floors that have as many.
    """
    if load.is_floor or not load.compared:
        return []
    if load.rows:  # a batch of thousands of rows is no echo of 64 bytes
        return [LOADS[name] for name in load.stores]
    floors = [LOADS[name] for name in [ECHO, ECHO_TLS, *load.stores]]
    return [replace(floor, callers=max(floor.callers, load.callers)) for floor in floors]


@asynccontextmanager
async def runner(site: Site, plan: Plan, lost: list[str]) -> AsyncIterator[Runner]:
    """Run the bench's own processes inside the block."""
    await site.check()
    await tables(site)
    async with AsyncExitStack() as closing:
        pid, echo = await closing.enter_async_context(echo_server(site))
        calling = await closing.enter_async_context(clients(site, echo, plan.clients))
        yield Runner(site, plan, calling, pid, lost)
