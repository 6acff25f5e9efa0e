"""When a person who got an unconfirmed answer is looked up again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from ..model.staleness import StaleReason

# Reasons that asking again does not change: somebody must look at the entry first.
FINAL_REASONS: Final = frozenset({StaleReason.UPSTREAM_MISMATCH, StaleReason.ENTRY_INCOMPLETE})

# Reasons that are no fault of this question: trying it again does not count as an attempt.
UNCOUNTED_REASONS: Final = frozenset(
    {
        StaleReason.UPSTREAM_TIMEOUT,
        StaleReason.UPSTREAM_DOWN,
        StaleReason.UPSTREAM_BUSY,
        StaleReason.BREAKER_OPEN,
        StaleReason.ACCOUNT_REFUSED,
    }
)

# Tries that reached the portal and brought no answer, until the task is given up: the portal does
# not know the person, and a member of staff must look.  About five hours by the delays below.
MAX_ATTEMPTS: Final = 12

# The first delay after such a try, which doubles, and its bound.
FIRST_DELAY, MAX_DELAY = timedelta(seconds=10), timedelta(hours=1)

# The delay after a try that did not reach the portal: it goes on when the portal is back.
UNCOUNTED_DELAY: Final = timedelta(seconds=1)

# How long a task stays open at most.  The look-up must be made before the encounter closes
# (NĐ 188/2025/NĐ-CP Art. 38); an average stay in the ward is a week.
RETENTION: Final = timedelta(days=7)

# How long a replica holds a task before others may take it.
LEASE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class VerificationTask:
    """Whom to ask about.  *attempts* counts the claims, this one included, less those that did not count."""

    person_id: UUID
    attempts: int


@dataclass(frozen=True, slots=True)
class Retry:
    """When a task is tried again, and how many tries count by then."""

    delay: timedelta
    attempts: int


def next_retry(task: VerificationTask, reason: StaleReason) -> Retry | None:
    """Return when *task*, which found *reason* instead of an answer, is tried again; None to give it up."""
    if reason in UNCOUNTED_REASONS:
        return Retry(UNCOUNTED_DELAY, task.attempts - 1)
    if reason in FINAL_REASONS or task.attempts >= MAX_ATTEMPTS:
        return None
    return Retry(min(FIRST_DELAY * 2 ** (task.attempts - 1), MAX_DELAY), task.attempts)
