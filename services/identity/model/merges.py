"""
Merges (hợp nhất hồ sơ định danh): the tree of links between records of one person, and its two moves.

A merge is one link, from the loser to the winner.  Nothing is copied or moved, so that an unmerge
has nothing to give back: it takes the link away, and each record has what it always had, with what
was added to it meanwhile.  The records of one person are a tree; its root, the survivor, stands for
them all, and every other record keeps the survivor's id beside its own winner's, so that a look-up
goes one step however deep the tree is.

The moves are exact inverses: after a merge and its unmerge every record is as it was, but for its
version, which only ever grows.  An etag that was read before the merge must not be good again
after the unmerge: between the two the record was something else, and its reader has not seen it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final, TypeAlias
from uuid import UUID

from .persons import PersonState

# Records that may stand for one person.  Real duplicates are two or three; the names of one person
# go with every decision to let somebody read, so there must be an end to them.
MAX_RECORDS: Final = 64


class Obstacle(Enum):
    SAME = "a record is not merged with itself"
    MERGED = "only a record that stands for itself is merged"
    FULL = "more records than may stand for one person"
    RELATED = "a mother and her child are two people"
    NOT_MERGED = "there is no link to undo"


class MergeRefused(Exception):
    """A move that is not made; *record* is the one in the way."""

    def __init__(self, obstacle: Obstacle, record: UUID) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle
        self.record = record


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What a merge knows of a person's record: the two ids of its place in the tree are None at a root."""

    id: UUID
    state: PersonState
    merged_into: UUID | None
    merged_root: UUID | None
    mother: UUID | None
    version: int

    @property
    def survivor(self) -> UUID:
        return self.merged_root or self.id

    @property
    def is_survivor(self) -> bool:
        return self.merged_into is None


@dataclass(frozen=True, slots=True)
class Merge:
    """A link.  It stands until *unmerge_time*; *state_before* is what the loser was: active or deceased."""

    id: UUID
    loser: UUID
    winner: UUID
    reason: str
    caller: str
    merge_time: datetime
    state_before: PersonState
    unmerge_time: datetime | None = None
    unmerger: str = ""
    unmerge_reason: str = ""


Records: TypeAlias = Mapping[UUID, PersonRecord]


def join(records: Records, loser: UUID, winner: UUID) -> list[PersonRecord]:
    """Return the records that a merge of *loser* into *winner* changes, as they are then.

    *records* are all that stand for either of the two; others do no harm.  Raises `MergeRefused`.
    """
    if loser == winner:
        raise MergeRefused(Obstacle.SAME, loser)
    for person_id in (loser, winner):
        if not records[person_id].is_survivor:
            raise MergeRefused(Obstacle.MERGED, person_id)
    losers, winners = cluster(records, loser), cluster(records, winner)
    if len(losers) + len(winners) > MAX_RECORDS:
        raise MergeRefused(Obstacle.FULL, winner)
    if _has_mother_in(losers, winners) or _has_mother_in(winners, losers):
        raise MergeRefused(Obstacle.RELATED, loser)
    joined = {record.id: replace(record, merged_root=winner) for record in losers}
    joined[loser] = replace(joined[loser], state=PersonState.MERGED, merged_into=winner)
    return _changed({**joined, winner: records[winner]})


def part(records: Records, loser: UUID, state_before: PersonState) -> list[PersonRecord]:
    """Return the records that change when the link of *loser* is undone, as they are then.

    *records* are all that stand for the same person.  What was merged into the loser goes
    with it.  Raises `MergeRefused` when it is not merged.
    """
    record = records[loser]
    if record.merged_into is None or record.merged_root is None:
        raise MergeRefused(Obstacle.NOT_MERGED, loser)
    left = {person_id: records[person_id] for person_id in (record.merged_into, record.merged_root)}
    parted = {lower.id: replace(lower, merged_root=loser) for lower in below(records, loser)}
    alone = replace(record, state=state_before, merged_into=None, merged_root=None)
    return _changed({**left, **parted, loser: alone})


def cluster(records: Records, survivor: UUID) -> list[PersonRecord]:
    return [record for record in records.values() if record.survivor == survivor]


def below(records: Records, top: UUID) -> list[PersonRecord]:
    """Return the records that were merged into *top*, straight or through others; not itself."""
    losers: dict[UUID, list[PersonRecord]] = {}
    for record in records.values():
        if record.merged_into is not None:
            losers.setdefault(record.merged_into, []).append(record)
    lower = list(losers.get(top, ()))
    for record in lower:  # grows while it is read
        lower += losers.get(record.id, ())
    return lower


def _has_mother_in(children: Iterable[PersonRecord], mothers: Iterable[PersonRecord]) -> bool:
    ids = {mother.id for mother in mothers}
    return any(child.mother in ids for child in children)


def _changed(records: Records) -> list[PersonRecord]:
    """Return *records* with new versions, in the order in which rows are locked and written."""
    return [replace(records[id_], version=records[id_].version + 1) for id_ in sorted(records)]
