"""
MatchPersons: who somebody may be.

Every candidate that is shown is a person looked at, and leaves a row in the access log; an answer
with nobody leaves one too.  A hospital must say enough to mean one person, and sees nobody who is
most likely somebody else.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from chassis import call_context
from chassis.db import Database, Transaction
from chassis.errors import InvalidArgument
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import person_service_pb2 as pb

from ..convert.matching import candidate_to_pb, description
from ..model.matching.candidates import LEAST_SHOWN, LIKELY, Candidate, limit, ranked, too_few, unreal_date
from ..model.matching.keys import keys_of
from ..model.matching.weights import Description, Scored, Table, scored
from ..store import matching
from .decisions import Decisions, in_emergency
from .guard import Guard
from .refusals import check_purpose, violations
from .turns import Turns

# Questions that the database works on at a time: each takes milliseconds where another look-up takes
# microseconds, and decisions (`Authorize`) need the same connections and processors.
AT_ONCE: Final = 4

# Candidates compared before whoever else waits for this process gets a turn: a millisecond or two.
AT_A_TIME: Final = 32


class Matching:
    """Scores candidates.  *table* says what each agreement is worth."""

    def __init__(self, db: Database, decisions: Decisions, guard: Guard, table: Table) -> None:
        self._db = db
        self._decisions = decisions
        self._guard = guard
        self._table = table
        self._turns = Turns(AT_ONCE)

    async def match(self, request: pb.MatchPersonsRequest) -> pb.MatchPersonsResponse:
        """Return who may be meant, best first."""
        check_purpose(request.access)
        asked = description(request.demographics)
        check_enough(asked)
        least = max(request.min_score, LEAST_SHOWN if call_context.caller().facility is not None else 0.0)
        turn = self._guard.turn(urgent=in_emergency(request.access))
        async with turn, self._place(), self._db.connection() as tx:
            found = await candidates(tx, asked, self._table, least=least, most=limit(request.max_candidates))
            known = await matching.persons_by_id(tx, [one.root for one in found])
        if sum(one.scored.score >= LIKELY for one in found) != 1:
            self._guard.missed()  # a list of people to choose from is what somebody who guesses gets
        async with self._db.transaction() as tx:
            await self._decisions.looked(tx, [one.root for one in found], request.access)
        return pb.MatchPersonsResponse(candidates=[candidate_to_pb(one, known[one.root]) for one in found])

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Hold one of the connections that comparing may take; callers that wait come in turn."""
        who = call_context.caller()
        await self._turns.enter(who)
        try:
            yield
        finally:
            self._turns.leave(who)


def check_enough(asked: Description) -> None:
    """Refuse a question that says too little of anybody, or names a day that there is none of."""
    if lacking := too_few(asked):
        raise InvalidArgument(
            reasons.DEMOGRAPHICS_TOO_FEW,
            violations=violations(lacking),
            missing=", ".join(one.field for one in lacking),
        )
    if wrong := unreal_date(asked.birth):
        raise InvalidArgument(chassis_reasons.FIELDS_INVALID, violations=violations(wrong))


async def candidates(
    tx: Transaction, asked: Description, table: Table, *, least: float, most: int
) -> list[Candidate]:
    """Return who may be meant: from the narrow blocks, and from the wide ones when nobody there is likely."""
    keys, persons = keys_of(asked), await matching.how_many(tx)

    async def score(near: Sequence[matching.Near]) -> list[tuple[UUID, Scored]]:
        found = []
        for first in range(0, len(near), AT_A_TIME):
            some = near[first : first + AT_A_TIME]
            found += [(one.root, scored(table, asked, one.told, persons)) for one in some]
            await asyncio.sleep(0)
        return found

    found = await score(await matching.narrow(tx, keys))
    if not any(one.score >= LIKELY for _, one in found):
        found += await score(await matching.wide(tx, keys))
    return ranked(found, least=least, most=most)
