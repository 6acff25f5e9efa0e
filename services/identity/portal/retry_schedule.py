"""When a person whose cards were told unconfirmed is asked about again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from ..model.staleness import StaleReason
from .model import FINAL, WAITING

# Tries that reached the portal and brought no answer, until the task is given up: the portal does
# not know the person, and a member of staff must look.  About five hours by the waits below.
MOST_ATTEMPTS: Final = 12

# The first wait after such a try, which doubles, and its bound.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)

# The wait after a try that did not reach the portal: it goes on when the portal is back.
AGAIN: Final = timedelta(seconds=1)

# Days that a task stays open at most.  The look-up must be made before the encounter closes
# (NĐ 188/2025/NĐ-CP Art. 38); an average stay in the ward is a week.
KEPT: Final = timedelta(days=7)

# Seconds that a replica holds a task before others may take it.
LEASE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Task:
    """Whom to ask about.  *attempts* counts the claims, this one included, less those that did not count."""

    person_id: UUID
    attempts: int


@dataclass(frozen=True, slots=True)
class Later:
    """When a task is tried again, and how many tries count by then."""

    wait: timedelta
    attempts: int


def after(task: Task, reason: StaleReason) -> Later | None:
    """Return when *task*, which found *reason* instead of an answer, is tried again; None to give it up."""
    if reason in WAITING:
        return Later(AGAIN, task.attempts - 1)
    if reason in FINAL or task.attempts >= MOST_ATTEMPTS:
        return None
    return Later(min(FIRST_WAIT * 2 ** (task.attempts - 1), LONGEST_WAIT), task.attempts)
