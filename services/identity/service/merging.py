"""Joining two entries for one person, parting them again, and telling a person's names."""

from datetime import datetime
from uuid import UUID, uuid4

from chassis import audit, call_context, clock
from chassis.audit import END_OF_TIME, LAST_ID
from chassis.db import Database, Transaction
from chassis.errors import Conflict, FailedPrecondition, InvalidArgument, NotFound, ServiceError
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator, from_micros, to_micros
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import person_service_pb2 as pb
from lientuyen.identity.v1.person_pb2 import Person
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert.merges import merge_ids, merge_to_pb
from ..convert.names import last_uuid, person_full, person_name
from ..convert.persons import person_to_pb
from ..model.merges import MOST, Entry, Merge, Obstacle, Refused, join, part
from ..store import merging, persons
from .refusals import check_etag


class Merging:
    """Keeps the tree of entries of each person.  A change holds the row of the root (see the store)."""

    def __init__(self, db: Database, idempotency: Idempotency, paginator: Paginator) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator

    async def merge(self, request: pb.MergePersonsRequest) -> pb.MergePersonsResponse:
        """Answer MergePersons."""
        loser, winner = last_uuid(request.loser), last_uuid(request.winner)
        if loser == winner:
            raise InvalidArgument(reasons.PERSONS_SAME, name=person_name(loser))
        return await self._idempotency.run_once(
            request, pb.MergePersonsResponse, lambda tx: self._merge(tx, request, loser, winner)
        )

    async def _merge(
        self, tx: Transaction, request: pb.MergePersonsRequest, loser: UUID, winner: UUID
    ) -> pb.MergePersonsResponse:
        roots = await merging.lock_roots(tx, (loser, winner))
        for one, etag in ((loser, request.loser_etag), (winner, request.winner_etag)):
            check_known(roots, one)
            check_unmerged(roots[one])
            check_etag(person_name(one), etag, roots[one].version)
        entries = await merging.lock_trees(tx, (loser, winner))
        try:
            changed = join(entries, loser, winner)
        except Refused as refused:
            raise refusal(refused) from refused
        made = Merge(
            id=uuid4(),
            loser=loser,
            winner=winner,
            reason=request.reason,
            caller=str(call_context.caller()),
            merge_time=clock.now(),
            state_before=entries[loser].state,
        )
        await merging.place(tx, changed, made.merge_time)
        await merging.add_merge(tx, made)
        await self._log(tx, made, request.reason)
        return pb.MergePersonsResponse(merge=merge_to_pb(made), person=await shown(tx, winner))

    async def unmerge(self, request: pb.UnmergePersonsRequest) -> pb.UnmergePersonsResponse:
        """Answer UnmergePersons."""
        return await self._idempotency.run_once(
            request, pb.UnmergePersonsResponse, lambda tx: self._unmerge(tx, request)
        )

    async def _unmerge(self, tx: Transaction, request: pb.UnmergePersonsRequest) -> pb.UnmergePersonsResponse:
        loser, merge_id = merge_ids(request.name)
        entries = await self._tree_of(tx, loser)
        found = await merging.get_merge(tx, merge_id)
        if found is None or found.loser != loser or found.unmerge_time is not None:
            raise NotFound(reasons.MERGE_NOT_FOUND, name=request.name)
        at, by = clock.now(), str(call_context.caller())
        await merging.place(tx, part(entries, loser, found.state_before), at)
        await merging.end_merge(tx, found.id, at=at, by=by, why=request.reason)
        await self._log(tx, found, request.reason)
        undone = await merging.get_merge(tx, found.id)
        assert undone is not None  # links are never deleted
        return pb.UnmergePersonsResponse(merge=merge_to_pb(undone), person=await shown(tx, loser))

    async def _tree_of(self, tx: Transaction, person_id: UUID) -> dict[UUID, Entry]:
        """Return the tree that *person_id* is in, locked; empty when nobody is known so.

        Raises Conflict(WRITE_CONFLICT) when its root was merged, or it was parted from it,
        while this waited: to lock the next root then would be out of order.
        """
        root = await merging.root_of(tx, person_id)
        if root is None:
            return {}
        await merging.lock_roots(tx, [root])
        entries = await merging.lock_trees(tx, [root])
        if entries[root].merged_into is not None or person_id not in entries:
            raise Conflict(chassis_reasons.WRITE_CONFLICT)
        return entries

    async def _log(self, tx: Transaction, merge: Merge, reason: str) -> None:
        """Write down for both persons that an operator joined or parted them."""
        for person_id in (merge.loser, merge.winner):
            await audit.record(tx, subject=person_full(person_id), access=operators_act(reason))

    async def list_merges(self, request: pb.ListMergesRequest) -> pb.ListMergesResponse:
        """Answer ListMerges."""
        before = self._before(request)
        size = self._paginator.size(request.page_size)
        person_id = last_uuid(request.parent)
        async with self._db.transaction() as tx:
            entries = await merging.cluster(tx, person_id)
            if not entries:
                raise NotFound(reasons.PERSON_NOT_FOUND, name=request.parent)
            rows = await merging.list_merges(
                tx, entries, ended=not request.standing_only, before=before, limit=size + 1
            )
            await audit.record(tx, subject=person_full(person_id), access=request.access)
        page, next_token = self._paginator.cut(
            rows, size, lambda one: [to_micros(one.merge_time), str(one.id)], request
        )
        return pb.ListMergesResponse(merges=[merge_to_pb(one) for one in page], next_page_token=next_token)

    def _before(self, request: pb.ListMergesRequest) -> tuple[datetime, UUID]:
        position = self._paginator.position(request.page_token, request)
        if position is None:
            return END_OF_TIME, LAST_ID
        return from_micros(position[0]), UUID(str(position[1]))

    async def resolve(self, request: pb.ResolvePersonRequest) -> pb.ResolvePersonResponse:
        """Answer ResolvePerson."""
        async with self._db.connection() as tx:
            entries = await merging.cluster(tx, last_uuid(request.name))
        if not entries:
            raise NotFound(reasons.PERSON_NOT_FOUND, name=request.name)
        return pb.ResolvePersonResponse(persons=map(person_full, entries))


async def shown(tx: Transaction, person_id: UUID) -> Person:
    """Return the entry as it is now; a root with the numbers of all that it stands for."""
    person = await persons.get_person(tx, person_id)
    assert person is not None  # persons are never deleted
    entries = await merging.cluster(tx, person_id)
    return person_to_pb(person, await merging.numbers_of(tx, entries))


def check_known(entries: dict[UUID, Entry], person_id: UUID) -> None:
    """Refuse an entry that is not there."""
    if person_id not in entries:
        raise NotFound(reasons.PERSON_NOT_FOUND, name=person_name(person_id))


def check_unmerged(entry: Entry) -> None:
    """Refuse an entry that does not stand for itself, before its etag says that it has changed."""
    if entry.merged_into is not None:
        raise FailedPrecondition(reasons.PERSON_MERGED, name=person_name(entry.id))


def refusal(refused: Refused) -> ServiceError:
    """Return the error for a merge that the model refuses."""
    name = person_name(refused.entry)
    if refused.obstacle is Obstacle.FULL:
        return FailedPrecondition(reasons.CLUSTER_FULL, name=name, most=str(MOST))
    if refused.obstacle is Obstacle.RELATED:
        return FailedPrecondition(reasons.PERSONS_RELATED, name=name)
    return FailedPrecondition(reasons.PERSON_MERGED, name=name)


def operators_act(reason: str) -> AccessContext:
    """Return the ground of an operator who mends the index, for the access log."""
    return AccessContext(
        purpose=AccessContext.PURPOSE_OPERATIONS,
        legal_basis=AccessContext.LEGAL_BASIS_LEGAL_DUTY,
        reason=reason,
    )
