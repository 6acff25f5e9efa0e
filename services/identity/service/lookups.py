"""
Finding who somebody is, and leaving the row of it; shared by persons and eligibility.

What is looked up at the same time is looked up together (docs/adr/0020): one statement
finds for all and writes the row of each.  An emergency goes alone, for it opens an
access to be reviewed in the same transaction.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar
from uuid import UUID

from chassis import audit
from chassis.batching import Batcher
from chassis.db import Database, Transaction
from chassis.errors import FailedPrecondition
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.lookups import FoundHolder, FoundPerson, Shown
from ..model.persons import Person
from ..store import persons
from ..store.lookups import Asked, find_holders, find_persons
from .decisions import Decisions, in_emergency
from .guard import Evenly

F = TypeVar("F", bound=FoundPerson | FoundHolder)

# Connections of their own: for the batches of both kinds, and some for emergencies.
CONNECTIONS: Final = 4

# For sessions that only look up.  The statements are planned once, not for each batch (which would cost as
# much again), and always by the indexes, however little was known of the tables when they were.
PLANS: Final = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
}


class Lookup(Generic[F]):
    """One kind of look-up, by the statement of *find*; *db* has sessions with the settings of `PLANS`."""

    def __init__(
        self,
        name: str,
        find: Callable[[Transaction, Sequence[Asked]], Awaitable[list[F]]],
        db: Database,
        decisions: Decisions,
    ) -> None:
        self._find = find
        self._db = db
        self._decisions = decisions
        self._batcher = Batcher(name, self._many, summary="SELECT persons", namespace=db.namespace)

    async def __call__(self, shown: Shown, access: AccessContext, even: Evenly | None = None) -> F:
        """Return who has what was *shown*; its row is in the access log when this returns.

        *even* then counts from when it went to the store, with those that went along.
        Raises FailedPrecondition(PERSON_AMBIGUOUS) when several entries claim it.
        """
        if in_emergency(access):
            found = await self._in_emergency(shown, access)
        else:
            found, began = await self._batcher.load(Asked(shown, audit.entry(access)))
            if even is not None:
                even.since(began)
        if found.entries > 1:
            raise FailedPrecondition(reasons.PERSON_AMBIGUOUS, count=str(found.entries))
        return found

    async def _many(self, asked: Sequence[Asked]) -> list[tuple[F, float]]:
        began = time.monotonic()
        async with self._db.connection() as tx:
            return [(found, began) for found in await self._find(tx, asked)]

    async def _in_emergency(self, shown: Shown, access: AccessContext) -> F:
        """Look up alone, flag the row, and open the emergency access (cấp cứu) that is to be reviewed."""
        async with self._db.transaction() as tx:
            [found] = await self._find(tx, [Asked(shown, audit.entry(access, flagged=True))])
            if found.id is not None:
                await self._decisions.emergency(tx, found.id, access)
        return found


class Lookups:
    """The two kinds: who somebody is, with their numbers; and whose insurance it is, with their cards."""

    def __init__(self, db: Database, decisions: Decisions) -> None:
        self.person = Lookup("persons", find_persons, db, decisions)
        self.holder = Lookup("holders", find_holders, db, decisions)


async def resolve(tx: Transaction, person_id: UUID) -> Person | None:
    """Return the entry that stands for a person: themself, or the one they were merged into."""
    return await persons.get_root(tx, person_id)
