"""Merging two records of one person (hợp nhất hồ sơ định danh), and parting them again.

A change holds the row of the survivor (see `store/merging.py`).
"""

from uuid import UUID, uuid4

from chassis import audit, call_context, clock
from chassis.db import Transaction
from chassis.errors import Conflict, FailedPrecondition, InvalidArgument, NotFound, ServiceError
from common.names import id_of, person_name
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import person_service_pb2 as pb
from lientuyen.identity.v1.person_pb2 import Person
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert.merges import merge_to_pb
from ..convert.names import ids_of_child
from ..convert.persons import person_to_pb
from ..model.merges import MAX_RECORDS, Merge, MergeRefused, Obstacle, PersonRecord, join, part
from ..store import merging, persons
from .request_checks import check_etag


async def merge_persons(tx: Transaction, request: pb.MergePersonsRequest) -> pb.MergePersonsResponse:
    """Link the loser to the winner; the winner's record, if it is a survivor, then stands for both."""
    loser, winner = id_of(request.loser), id_of(request.winner)
    if loser == winner:
        raise InvalidArgument(reasons.PERSONS_SAME, name=person_name(loser))
    locked = await merging.lock_records(tx, (loser, winner))
    for person_id, etag in ((loser, request.loser_etag), (winner, request.winner_etag)):
        _check_may_merge(locked.get(person_id), person_id, etag)
    records = await merging.lock_trees(tx, (loser, winner))
    try:
        changed = join(records, loser, winner)
    except MergeRefused as refused:
        raise _refusal(refused) from refused
    merge = Merge(
        id=uuid4(),
        loser=loser,
        winner=winner,
        reason=request.reason,
        caller=str(call_context.caller()),
        merge_time=clock.now(),
        state_before=records[loser].state,
    )
    await merging.update_links(tx, changed, merge.merge_time)
    await merging.insert_merge(tx, merge)
    await _record_access(tx, merge, request.reason)
    return pb.MergePersonsResponse(merge=merge_to_pb(merge), person=await _read_person(tx, winner))


async def unmerge_persons(tx: Transaction, request: pb.UnmergePersonsRequest) -> pb.UnmergePersonsResponse:
    """Undo one link: each record has again what it always had."""
    loser, merge_id = ids_of_child(request.name)
    records = await _lock_tree_of(tx, loser)
    merge = await merging.get_merge(tx, merge_id)
    if merge is None or merge.loser != loser or merge.unmerge_time is not None:
        raise NotFound(reasons.MERGE_NOT_FOUND, name=request.name)
    now, caller = clock.now(), str(call_context.caller())
    await merging.update_links(tx, part(records, loser, merge.state_before), now)
    await merging.end_merge(tx, merge.id, at=now, by=caller, reason=request.reason)
    await _record_access(tx, merge, request.reason)
    undone = await merging.get_merge(tx, merge.id)
    assert undone is not None  # links are never deleted
    return pb.UnmergePersonsResponse(merge=merge_to_pb(undone), person=await _read_person(tx, loser))


async def _lock_tree_of(tx: Transaction, person_id: UUID) -> dict[UUID, PersonRecord]:
    """Return the tree that *person_id* is in, locked; empty when nobody is known so.

    Raises Conflict(WRITE_CONFLICT) when its survivor was merged, or it was parted from it,
    while this waited: to lock the next survivor then would be out of order.
    """
    survivor = await merging.survivor_of(tx, person_id)
    if survivor is None:
        return {}
    await merging.lock_records(tx, [survivor])
    records = await merging.lock_trees(tx, [survivor])
    if not records[survivor].is_survivor or person_id not in records:
        raise Conflict(chassis_reasons.WRITE_CONFLICT)
    return records


async def _record_access(tx: Transaction, merge: Merge, reason: str) -> None:
    access = AccessContext(
        purpose=AccessContext.PURPOSE_OPERATIONS,
        legal_basis=AccessContext.LEGAL_BASIS_LEGAL_DUTY,
        reason=reason,
    )
    for person_id in (merge.loser, merge.winner):
        await audit.record(tx, subject=person_name(person_id), access=access)


async def _read_person(tx: Transaction, person_id: UUID) -> Person:
    """Return the record as it is now; a survivor with the numbers of all that it stands for."""
    person = await persons.get_person(tx, person_id)
    assert person is not None  # persons are never deleted
    records = await merging.cluster(tx, person_id)
    return person_to_pb(person, await merging.list_identifiers(tx, records))


def _check_may_merge(record: PersonRecord | None, person_id: UUID, etag: str) -> None:
    name = person_name(person_id)
    if record is None:
        raise NotFound(reasons.PERSON_NOT_FOUND, name=name)
    if not record.is_survivor:  # before its etag says that it has changed
        raise FailedPrecondition(reasons.PERSON_MERGED, name=name)
    check_etag(name, etag, record.version)


def _refusal(refused: MergeRefused) -> ServiceError:
    name = person_name(refused.record)
    match refused.obstacle:
        case Obstacle.FULL:
            return FailedPrecondition(reasons.CLUSTER_FULL, name=name, most=str(MAX_RECORDS))
        case Obstacle.RELATED:
            return FailedPrecondition(reasons.PERSONS_RELATED, name=name)
    return FailedPrecondition(reasons.PERSON_MERGED, name=name)
