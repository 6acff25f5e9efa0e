"""The tree of merges: joined and parted in any order, and always exactly back."""

import random
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.identity.model.merges import (
    MAX_RECORDS,
    MergeRefused,
    Obstacle,
    PersonRecord,
    below,
    cluster,
    join,
    part,
)
from services.identity.model.persons import PersonState

ACTIVE, MERGED, DECEASED = PersonState.ACTIVE, PersonState.MERGED, PersonState.DECEASED
PEOPLE = 8

Forest = dict[UUID, PersonRecord]


def entry(number: int, state: PersonState = ACTIVE, mother: int = 0) -> PersonRecord:
    return PersonRecord(UUID(int=number), state, None, None, UUID(int=mother) if mother else None, 1)


def forest(*entries: PersonRecord) -> Forest:
    return {one.id: one for one in entries}


def bare(entries: Forest) -> Forest:
    """The entries without their versions, which never go back."""
    return {id_: replace(one, version=0) for id_, one in entries.items()}


def walked(entries: Forest, id_: UUID) -> UUID:
    """The root by the links alone; fails when they go round."""
    for _ in entries:
        into = entries[id_].merged_into
        if into is None:
            return id_
        id_ = into
    raise AssertionError("the links go round")


class World:
    """A few entries, the links that stand, and every earlier picture of both."""

    def __init__(self, dead: set[int], children: dict[int, int]) -> None:
        entries = [
            entry(n, DECEASED if n in dead else ACTIVE, children.get(n, 0)) for n in range(1, PEOPLE + 1)
        ]
        self.entries = forest(*entries)
        self.standing: dict[UUID, PersonState] = {}

    def merge(self, loser: UUID, winner: UUID) -> None:
        changed = join(self.entries, loser, winner)
        self.standing[loser] = self.entries[loser].state
        self.entries |= forest(*changed)

    def unmerge(self, loser: UUID) -> None:
        changed = part(self.entries, loser, self.standing.get(loser, ACTIVE))
        del self.standing[loser]
        self.entries |= forest(*changed)

    def holds(self) -> None:
        """Everything that must be true of a forest at any time."""
        for id_, one in self.entries.items():
            root = walked(self.entries, id_)
            assert one.survivor == root
            assert (one.merged_root is None) == (one.merged_into is None) == (id_ == root)
            assert (one.state is MERGED) == (id_ in self.standing) == (id_ != root)

    def clusters_hold(self) -> None:
        """The two ways to find the entries of one person agree."""
        for root in {one.survivor for one in self.entries.values()}:
            together = {one.id for one in cluster(self.entries, root)}
            assert together == {root, *(one.id for one in below(self.entries, root))}


def told(byte: int) -> tuple[int, UUID, UUID]:
    """A move, out of one byte: hypothesis draws a string of them far faster than as many tuples."""
    return byte >> 6, UUID(int=(byte >> 3 & 7) + 1), UUID(int=(byte & 7) + 1)


@settings(max_examples=10_000, deadline=None, database=None)
@given(st.binary(min_size=2, max_size=14))
def test_what_was_joined_is_parted_exactly_in_any_order(drawn: bytes):
    _, mother, child = told(drawn[1])
    world = World({n for n in range(PEOPLE) if drawn[0] >> n & 1}, {child.int: mother.int})
    chance = random.Random(drawn)
    start = bare(world.entries)
    for kind, one, other in map(told, drawn[2:]):
        before, standing = dict(world.entries), dict(world.standing)
        try:
            world.unmerge(one) if kind == 0 else world.merge(one, other)
        except MergeRefused:
            assert (world.entries, world.standing) == (before, standing)
            continue
        world.holds()
        changed = {id_ for id_ in before if before[id_] != world.entries[id_]}
        assert all(world.entries[id_].version == before[id_].version + 1 for id_ in changed)
        if kind:  # the merge and its unmerge are nothing
            after, links = dict(world.entries), dict(world.standing)
            world.unmerge(one)
            assert (bare(world.entries), world.standing) == (bare(before), standing)
            world.entries, world.standing = after, links
    world.clusters_hold()
    while world.standing:
        world.unmerge(chance.choice(sorted(world.standing)))
        world.holds()

    assert bare(world.entries) == start


def merged(*pairs: tuple[int, int], entries: Forest | None = None) -> Forest:
    """A forest in which each loser was merged into its winner, in this order."""
    made = dict(entries or forest(*(entry(n) for n in range(1, PEOPLE + 1))))
    for loser, winner in pairs:
        made |= forest(*join(made, UUID(int=loser), UUID(int=winner)))
    return made


def refusal(entries: Forest, loser: int, winner: int) -> Obstacle:
    with pytest.raises(MergeRefused) as caught:
        join(entries, UUID(int=loser), UUID(int=winner))
    return caught.value.obstacle


def test_a_part_of_the_tree_goes_with_its_own_root():
    chain = merged((1, 2), (2, 3), (3, 4))

    chain |= forest(*part(chain, UUID(int=3), ACTIVE))

    assert {one.id.int: one.survivor.int for one in chain.values() if one.id.int < 5} == {
        1: 3,
        2: 3,
        3: 3,
        4: 4,
    }
    assert [chain[UUID(int=n)].state for n in (1, 2, 3, 4)] == [MERGED, MERGED, ACTIVE, ACTIVE]


def test_only_roots_that_differ_are_joined():
    some = merged((1, 2))

    assert refusal(some, 3, 3) is Obstacle.SAME
    assert refusal(some, 1, 3) is Obstacle.MERGED
    assert refusal(some, 3, 1) is Obstacle.MERGED
    assert refusal(some, 1, 2) is Obstacle.MERGED


def test_sixty_four_entries_and_no_more_stand_for_one_person():
    many = forest(*(entry(n) for n in range(1, MAX_RECORDS + 3)))
    full = merged(*((n, 1) for n in range(2, MAX_RECORDS + 1)), entries=many)

    assert len(cluster(full, UUID(int=1))) == MAX_RECORDS
    assert refusal(full, MAX_RECORDS + 1, 1) is Obstacle.FULL
    assert refusal(full, 1, MAX_RECORDS + 1) is Obstacle.FULL


def test_a_mother_and_her_child_stay_two_people_whatever_was_merged_into_them():
    family = forest(entry(1), entry(2, mother=1), entry(3), entry(4))
    wide = merged((1, 3), (2, 4), entries=family)

    assert refusal(family, 1, 2) is refusal(family, 2, 1) is Obstacle.RELATED
    assert refusal(wide, 3, 4) is refusal(wide, 4, 3) is Obstacle.RELATED


def test_what_is_not_merged_is_not_parted():
    with pytest.raises(MergeRefused) as caught:
        part(forest(entry(1)), UUID(int=1), ACTIVE)

    assert caught.value.obstacle is Obstacle.NOT_MERGED


def test_the_dead_stay_dead_when_they_are_parted():
    two = merged((1, 2), entries=forest(entry(1, DECEASED), entry(2, DECEASED)))

    parted = forest(*part(two, UUID(int=1), DECEASED))

    assert (parted[UUID(int=1)].state, parted[UUID(int=2)].state) == (DECEASED, DECEASED)
