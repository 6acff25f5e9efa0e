"""
Merges (hợp nhất hồ sơ định danh): the tree of links between entries for one person, and its two moves.

A merge is one link, from the loser to the winner.  Nothing is copied or moved, so that an unmerge
has nothing to give back: it takes the link away, and each entry has what it always had, with what
was added to it meanwhile.  The entries of one person are a tree; its root is the entry that stands
for them all, and every other entry keeps the root's id beside its own winner's, so that a look-up
goes one step however deep the tree is.

The moves are exact inverses: after a merge and its unmerge every entry is as it was, but for its
version, which only ever grows.  An etag that was read before the merge must not be good again
after the unmerge: between the two the entry was something else, and its reader has not seen it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final, TypeAlias
from uuid import UUID

from .persons import PersonState

# Entries that may stand for one person.  Real duplicates are two or three; the names of one person
# go with every decision to let somebody read, so there must be an end to them.
MOST: Final = 64


class Obstacle(Enum):
    """Why two entries cannot be joined, or parted."""

    SAME = "an entry is not merged with itself"
    MERGED = "only an entry that stands for itself is merged"
    FULL = "more entries than may stand for one person"
    RELATED = "a mother and her child are two people"
    NOT_MERGED = "there is no link to undo"


class Refused(Exception):
    """A move that is not made; *entry* is the one in the way."""

    def __init__(self, obstacle: Obstacle, entry: UUID) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle
        self.entry = entry


@dataclass(frozen=True, slots=True)
class Entry:
    """What a merge knows of a person's entry: the two ids of its place in the tree are None at a root."""

    id: UUID
    state: PersonState
    merged_into: UUID | None
    merged_root: UUID | None
    mother: UUID | None
    version: int

    @property
    def root(self) -> UUID:
        """The entry that stands for this one in the end: itself, when it is not merged."""
        return self.merged_root or self.id


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


Entries: TypeAlias = Mapping[UUID, Entry]


def join(entries: Entries, loser: UUID, winner: UUID) -> list[Entry]:
    """Return the entries that a merge of *loser* into *winner* changes, as they are then.

    *entries* are all that stand for either of the two; others do no harm.  Raises `Refused`.
    """
    if loser == winner:
        raise Refused(Obstacle.SAME, loser)
    for one in (loser, winner):
        if entries[one].merged_into is not None:
            raise Refused(Obstacle.MERGED, one)
    losers, winners = cluster(entries, loser), cluster(entries, winner)
    if len(losers) + len(winners) > MOST:
        raise Refused(Obstacle.FULL, winner)
    if _has_mother_in(losers, winners) or _has_mother_in(winners, losers):
        raise Refused(Obstacle.RELATED, loser)
    joined = {one.id: replace(one, merged_root=winner) for one in losers}
    joined[loser] = replace(joined[loser], state=PersonState.MERGED, merged_into=winner)
    return _changed({**joined, winner: entries[winner]})


def part(entries: Entries, loser: UUID, state_before: PersonState) -> list[Entry]:
    """Return the entries that change when the link of *loser* is undone, as they are then.

    *entries* are all that stand for the same person.  What was merged into the loser goes
    with it.  Raises `Refused` when it is not merged.
    """
    it = entries[loser]
    if it.merged_into is None or it.merged_root is None:
        raise Refused(Obstacle.NOT_MERGED, loser)
    left = {one: entries[one] for one in (it.merged_into, it.merged_root)}
    parted = {one.id: replace(one, merged_root=loser) for one in below(entries, loser)}
    alone = replace(it, state=state_before, merged_into=None, merged_root=None)
    return _changed({**left, **parted, loser: alone})


def cluster(entries: Entries, root: UUID) -> list[Entry]:
    """Return the entries that *root* stands for, itself among them."""
    return [one for one in entries.values() if one.root == root]


def below(entries: Entries, top: UUID) -> list[Entry]:
    """Return the entries that were merged into *top*, straight or through others; not itself."""
    losers: dict[UUID, list[Entry]] = {}
    for one in entries.values():
        if one.merged_into is not None:
            losers.setdefault(one.merged_into, []).append(one)
    found = list(losers.get(top, ()))
    for one in found:  # grows while it is read
        found += losers.get(one.id, ())
    return found


def _has_mother_in(children: Iterable[Entry], mothers: Iterable[Entry]) -> bool:
    ids = {one.id for one in mothers}
    return any(child.mother in ids for child in children)


def _changed(entries: Entries) -> list[Entry]:
    """Return *entries* with new versions, in the order in which rows are locked and written."""
    return [replace(entries[id_], version=entries[id_].version + 1) for id_ in sorted(entries)]
