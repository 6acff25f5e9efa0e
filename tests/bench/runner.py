"""
The order of a run: what is needed, warm-up, then slices of each load between slices of its floors.

A load and its floors take turns, so that whatever else the machine does falls
on both.  A floor's own line is over all of its slices of the run.
"""

import os
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

from . import catalogue  # noqa: F401  (declares the loads)
from .figures import ECHO, ECHO_TLS, OTHERS, Figure, Slice, figure
from .floors import tables
from .loads import LOADS, Load, WrongAnswer, conditions
from .machine import cores
from .processes import Clients, busy_seconds, clients, cpu_seconds, echo_server, with_children
from .site import BenchFailed, Site

# Slices of a load, and how long one of a floor is beside one of the load.
ROUNDS = 4
FLOOR_SHARE = 0.4

# Seconds of calls that are thrown away first: connections, statements, caches.
WARM_UP = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for: which loads, how long each, from how many processes."""

    loads: Sequence[Load]
    seconds: float
    clients: int


@dataclass
class Runner:
    """One run on one site."""

    site: Site
    plan: Plan
    calling: Clients
    echo_pid: int
    _slices: dict[str, list[Slice]] = field(default_factory=lambda: defaultdict(list))
    _beside: dict[str, dict[str, list[Slice]]] = field(default_factory=dict)
    _warm: set[str] = field(default_factory=set)
    _begun: set[str] = field(default_factory=set)

    async def run(self) -> list[Figure]:
        """Measure everything; return the lines of the table, floors first."""
        begun = self.site.state["processes"]
        for load in self.plan.loads:
            with self.site.said.status(f"{load.name} …"):
                await self._measure(load)
        if self.site.state["processes"] != begun:
            raise BenchFailed(f"a service died during the run; its log is in {self.site.home / 'logs'}")
        return self._figures()

    async def _measure(self, load: Load) -> None:
        floors = [] if load.is_floor else floors_of(load)
        await self._prepare([*floors, load])
        beside = self._beside.setdefault(load.name, {floor.name: [] for floor in floors})
        each = self.plan.seconds / ROUNDS
        for _ in range(ROUNDS):
            for floor in floors:
                taken = await self._slice(floor, each * FLOOR_SHARE)
                beside[floor.name].append(taken)
                self._slices[floor.name].append(taken)
            self._slices[load.name].append(await self._slice(load, each))

    async def _prepare(self, loads: Sequence[Load]) -> None:
        """Put there what they need, and warm up what was not yet called."""
        for load in loads:
            for need in load.needs:
                if need.__name__ not in self._begun:
                    self._begun.add(need.__name__)
                    await need(self.site)
            if load.name not in self._warm:
                self._warm.add(load.name)
                warm = await self._slice(load, WARM_UP)
                # Only the times are thrown away.
                self._slices[load.name].append(Slice(0.0, (), warm.errors, warm.failures))

    async def _slice(self, load: Load, seconds: float) -> Slice:
        before = self._cpu()
        taken = await self.calling.slice(load.name, seconds)
        after = self._cpu()
        spent = {group: after[group] - before[group] for group in after if after[group] > before[group]}
        if load.settle is not None:
            taken = await self._settled(load, taken)
        return replace(taken, cpu=spent)

    async def _settled(self, load: Load, taken: Slice) -> Slice:
        assert load.settle is not None
        try:
            await load.settle(self.site)
        except WrongAnswer as error:
            return replace(taken, errors=taken.errors + 1, failures=[*taken.failures, str(error)])
        return taken

    def _cpu(self) -> dict[str, float]:
        """Return the seconds of processor that each process, or group of them, has had.

        "others" is whatever else the machine did, the kernel's own threads among it: a figure with
        much of it says little.
        """
        ours = {
            "client": cpu_seconds(self.calling.pids),
            "echo": cpu_seconds([self.echo_pid]),
            **{name: cpu_seconds([pid]) for name, pid in self.site.state["processes"].items()},
            "database": cpu_seconds(with_children(self.site.postmaster)),
        }
        return {**ours, OTHERS: busy_seconds() - sum(ours.values()) - cpu_seconds([os.getpid()])}

    def _figures(self) -> list[Figure]:
        measured = sorted(
            (LOADS[name] for name in self._slices),
            key=lambda load: (not load.is_floor, list(LOADS).index(load.name)),
        )
        return [
            figure(
                load.name,
                conditions(load, persons=self.site.persons, clients=self.plan.clients, cores=cores()),
                self._slices[load.name],
                self._beside.get(load.name, {}) if load.compared else {},
                remote_calls=load.remote_calls,
            )
            for load in measured
        ]


def floors_of(load: Load) -> list[Load]:
    """Return the floors that take turns with *load*: none when a ratio would say nothing."""
    names = [ECHO, ECHO_TLS, *load.stores] if load.compared else []
    return [LOADS[name] for name in names]


@asynccontextmanager
async def runner(site: Site, plan: Plan) -> AsyncIterator[Runner]:
    """Run the bench's own processes inside the block."""
    await site.check()
    await tables(site)
    async with AsyncExitStack() as closing:
        pid, echo = await closing.enter_async_context(echo_server(site))
        calling = await closing.enter_async_context(clients(site, echo, plan.clients))
        yield Runner(site, plan, calling, pid)
