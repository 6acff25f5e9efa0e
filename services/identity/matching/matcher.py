"""
MatchPersons: who somebody may be.

Every candidate that is shown is a person looked at, and leaves a row in the access log; an answer
with nobody leaves one too.  A hospital must say enough to mean one person, and sees nobody who is
most likely somebody else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias
from uuid import UUID

from chassis import call_context, clock
from chassis.db import Database, Transaction
from chassis.errors import InvalidArgument
from chassis.fair_semaphore import FairSemaphore
from chassis.rate_limiter import RateLimiter
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import person_service_pb2 as pb

from ..policies.read_decisions import Decisions, in_emergency
from ..policies.request_checks import check_purpose
from . import store
from .convert import candidate_to_pb, description_from_pb
from .model.blocking_keys import keys_of
from .model.candidate_ranking import (
    LIKELY,
    MIN_SHOWN_SCORE,
    Candidate,
    limit,
    missing_facts,
    ranked,
    wrong_dates,
)
from .model.weights import Description, Scored, Table, scored

# Questions that the database works on at a time: each takes milliseconds where another look-up takes
# microseconds, and decisions (`Authorize`) need the same connections and processors.
MAX_CONCURRENCY: Final = 4

# Candidates compared before whoever else waits for this process gets a turn: a millisecond or two.
COMPARISONS_PER_TURN: Final = 32

Compare: TypeAlias = Callable[[Table, Description, Description, int], Scored]


async def find_candidates(
    tx: Transaction,
    description: Description,
    table: Table,
    *,
    least: float,
    most: int,
    compare: Compare = scored,
) -> list[Candidate]:
    keys, persons = keys_of(description), await store.estimate_count(tx)

    async def score(near: Sequence[store.Near]) -> list[tuple[UUID, Scored]]:
        scores = []
        for first in range(0, len(near), COMPARISONS_PER_TURN):
            for record in near[first : first + COMPARISONS_PER_TURN]:
                scores.append((record.survivor, compare(table, description, record.description, persons)))
            await asyncio.sleep(0)
        return scores

    scores = await score(await store.narrow(tx, keys))
    if not any(result.score >= LIKELY for _, result in scores):
        scores += await score(await store.wide(tx, keys))
    return ranked(scores, least=least, most=most)


class Matcher:
    def __init__(
        self,
        db: Database,
        decisions: Decisions,
        rate_limiter: RateLimiter,
        table: Table,
        *,
        find: Callable[..., Awaitable[list[Candidate]]] = find_candidates,
    ) -> None:
        self._db = db
        self._decisions = decisions
        self._rate_limiter = rate_limiter
        self._table = table
        self._find = find
        self._slots = FairSemaphore(MAX_CONCURRENCY)

    async def match(self, request: pb.MatchPersonsRequest) -> pb.MatchPersonsResponse:
        check_purpose(request.access)
        description = description_from_pb(request.demographics)
        check_enough(description)
        caller = call_context.caller()
        min_score = max(request.min_score, MIN_SHOWN_SCORE if caller.facility is not None else 0.0)
        admitted = self._rate_limiter.admit(urgent=in_emergency(request.access))
        async with admitted, self._slots.hold(caller), self._db.connection() as tx:
            candidates = await self._find(
                tx, description, self._table, least=min_score, most=limit(request.max_candidates)
            )
            survivors = [candidate.survivor for candidate in candidates]
            persons = await store.persons_by_id(tx, survivors)
        if sum(candidate.scored.score >= LIKELY for candidate in candidates) != 1:
            # A list of people to choose from is what somebody who guesses gets.
            self._rate_limiter.count_failure()
        async with self._db.transaction() as tx:
            await self._decisions.record_reads(tx, survivors, request.access)
        messages = [candidate_to_pb(candidate, persons[candidate.survivor]) for candidate in candidates]
        return pb.MatchPersonsResponse(candidates=messages)


def check_enough(description: Description) -> None:
    """Refuse a question that says too little of anybody, or names a day that there is none of, or not yet."""
    if missing := missing_facts(description):
        raise InvalidArgument(
            reasons.DEMOGRAPHICS_TOO_FEW,
            violations=missing,
            missing=", ".join(fault.field for fault in missing),
        )
    if faults := wrong_dates(description, clock.now()):
        raise InvalidArgument(chassis_reasons.FIELDS_INVALID, violations=faults)
