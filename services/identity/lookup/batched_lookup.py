"""
Finding who somebody is, and leaving the row of it; shared by persons and eligibility.

What is looked up at the same time is looked up in one batch (docs/adr/0020): one statement
finds for all and writes the row of each.  An emergency goes alone, for it opens an
access to be reviewed in the same transaction.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from chassis import audit
from chassis.batching import Batcher
from chassis.call_context import Caller
from chassis.db import Database, Transaction
from chassis.errors import FailedPrecondition
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.type.v1.access_pb2 import AccessContext

from ..policies.read_decisions import Decisions, in_emergency
from .model import FoundInsured, FoundPerson, LookupKey
from .store import Lookup, find_insured, find_persons

F = TypeVar("F", bound=FoundPerson | FoundInsured)

# One for the batch of each kind that is under way, and some for emergencies.
MAX_CONNECTIONS: Final = 4


class BatchedLookup(Generic[F]):
    """One kind of look-up, by the statement of *find*; *db* has sessions with `store.LOOKUP_SESSION`."""

    def __init__(
        self,
        name: str,
        find: Callable[[Transaction, Sequence[Lookup]], Awaitable[list[F]]],
        db: Database,
        decisions: Decisions,
    ) -> None:
        self._find = find
        self._db = db
        self._decisions = decisions
        self._batches = Batcher(name, self._find_batch, summary="SELECT persons", namespace=db.namespace)

    async def find(self, key: LookupKey, access: AccessContext, acting_for: Caller | None = None) -> F:
        """Return who has what *key* says; its row is in the access log when this returns.

        The row names the facility that one of our own services is *acting_for*.
        Raises FailedPrecondition(PERSON_AMBIGUOUS) when several persons claim it.
        """
        if in_emergency(access):
            result = await self._find_in_emergency(key, access, acting_for)
        else:
            result = await self._batches.load(Lookup(key, audit.entry(access, acting_for=acting_for)))
        if result.claimed_by > 1:
            raise FailedPrecondition(reasons.PERSON_AMBIGUOUS, count=str(result.claimed_by))
        return result

    async def _find_batch(self, lookups: Sequence[Lookup]) -> list[F]:
        async with self._db.connection() as tx:
            return await self._find(tx, lookups)

    async def _find_in_emergency(self, key: LookupKey, access: AccessContext, acting_for: Caller | None) -> F:
        """Look up alone, flag the row, and open the emergency access (cấp cứu) that is to be reviewed."""
        async with self._db.transaction() as tx:
            entry = audit.entry(access, flagged=True, acting_for=acting_for)
            [result] = await self._find(tx, [Lookup(key, entry)])
            if result.id is not None:
                await self._decisions.open_emergency_access(tx, result.id, access)
        return result


class Lookups:
    """The two kinds: who somebody is, with their numbers; and whose insurance it is, with their cards."""

    def __init__(self, db: Database, decisions: Decisions) -> None:
        self.persons = BatchedLookup("persons", find_persons, db, decisions)
        self.insured = BatchedLookup("holders", find_insured, db, decisions)
