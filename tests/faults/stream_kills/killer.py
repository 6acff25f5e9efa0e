"""Who kills records, and now and then PostgreSQL, at random points of the streams."""

import asyncio
import random
from dataclasses import dataclass

from tests.harness import eventually

from ..history import History
from ..site import Site
from .sender import Progress, Sender

# Of a hundred kills: of PostgreSQL.
POSTGRESQL = 10

# Answers after which it is killed, counted from the first of a stream, and seconds after the last of them.
MAX_ANSWERS, MAX_DELAY_S = 24, 0.12

# Seconds in which a stream must be open again and answered.
PATIENCE_S = 300.0


@dataclass
class Killer:
    site: Site
    history: History
    chance: random.Random
    progress: Progress
    senders: list[Sender]

    async def kill(self, times: int) -> None:
        """Kill so many times; return when the streams go on after the last."""
        while self.history.counts["kill"] < times:
            await self._reach(self.chance.randint(0, MAX_ANSWERS))
            await asyncio.sleep(self.chance.uniform(0, MAX_DELAY_S))
            self._strike()
        await self._reach(1)

    async def _reach(self, answers: int) -> None:
        """Wait until something was sent, and then until *answers* have come."""
        sent, wanted = self.progress.sent, self.progress.answers + answers
        await eventually(
            lambda: self.progress.sent > sent and self.progress.answers >= wanted, within=PATIENCE_S
        )

    def _strike(self) -> None:
        target = "postgresql" if self.chance.randrange(100) < POSTGRESQL else "records"
        in_flight = sum(len(sender.in_flight) for sender in self.senders)
        done = self.site.kill_postgresql() if target == "postgresql" else self.site.kill(target)
        if done:  # else it was dead already
            value = {"target": target, "in_flight": in_flight, "answers": self.progress.answers}
            self.history.write("kill", value=value)
