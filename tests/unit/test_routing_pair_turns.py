"""Whose messages go out next, over any holdings: bounded, fair, nobody's held pair, no window full of one."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.routing.model.pair_turns import FAILURES, Head, Holding, pair_window, share_out

NOW = datetime(2026, 11, 28, tzinfo=UTC)
MINE, OTHER = UUID(int=1), UUID(int=2)
SENDERS = [f"s{number:02}" for number in range(12)]

heads = st.lists(st.sampled_from(SENDERS), unique=True).flatmap(
    lambda names: st.tuples(*(st.builds(Head, st.just(name), st.integers(0, 4)) for name in names))
)
# Of a sender only one stream holds messages.
holdings = st.lists(
    st.builds(
        Holding,
        st.sampled_from(SENDERS),
        st.sampled_from([MINE, OTHER]),
        st.integers(1, 20),
        st.integers(1, 4),
        st.just(NOW),
    ),
    unique_by=lambda holding: holding.sender,
)


@given(heads, holdings, st.integers(1, 64), st.integers(0, 16))
def test_what_is_shared_out_is_bounded_and_in_turn(
    heads: tuple[Head, ...], holdings: list[Holding], window: int, limit: int
):
    shares = share_out(heads, holdings, MINE, window, limit)

    assert sum(share for _, share in shares) <= limit
    assert all(share > 0 for _, share in shares)
    order = [head.sender for head in heads]
    assert [order.index(sender) for sender, _ in shares] == sorted(
        order.index(sender) for sender, _ in shares
    )
    held = {holding.sender: holding for holding in holdings}
    for sender, share in shares:
        holding = held.get(sender)
        assert holding is None or holding.stream == MINE
        mine = holding.messages if holding else 0
        assert mine + share <= pair_window(window)
        if holding and holding.attempts > FAILURES:
            raise AssertionError("a second message of a pair that has failed")


@given(heads, holdings, st.integers(1, 64), st.integers(1, 16))
def test_every_pair_that_nobody_holds_has_a_message_while_there_is_room(
    heads: tuple[Head, ...], holdings: list[Holding], window: int, limit: int
):
    shares = dict(share_out(heads, holdings, MINE, window, limit))

    taken = {holding.sender for holding in holdings}
    free = [head.sender for head in heads if head.sender not in taken and head.attempts < FAILURES]
    assert sum(shares.values()) == limit or set(free) <= shares.keys()


def test_one_pair_alone_leaves_an_eighth_of_a_window_and_nothing_of_a_small_one():
    assert [pair_window(window) for window in (1, 2, 7, 8, 16, 256)] == [1, 2, 7, 7, 14, 224]
    assert share_out([Head("a", 0)], [], MINE, 16, 16) == [("a", 14)]


def test_what_one_pair_leaves_goes_to_those_behind_it():
    stuck = Head("a", FAILURES)

    assert share_out([stuck, Head("b", 0), Head("c", 0)], [], MINE, 16, 16) == [("a", 1), ("b", 8), ("c", 7)]


@given(st.integers(0, 11), st.integers(8, 32), st.integers(1, 5))
def test_what_kills_its_receiver_takes_few_leases_of_others(killer: int, window: int, length: int):
    """A receiver dies whenever it comes to one pair's message; of what it holds each pair's first counts."""
    lines = {sender: [0] * length for sender in SENDERS}
    deadly, after, most = SENDERS[killer], "", 0
    for _ in range(20 * len(SENDERS)):
        order = [name for name in SENDERS if name > after] + [name for name in SENDERS if name <= after]
        heads = [Head(name, lines[name][0]) for name in order if lines[name]]
        held = share_out(heads, (), MINE, window, 16)
        after, is_dead = held[-1][0], False
        for sender, share in held:
            is_dead = is_dead or sender == deadly
            if is_dead:
                lines[sender][0] += 1
            else:
                del lines[sender][:share]
        most = max([most, *(line[0] for name, line in lines.items() if line and name != deadly)])

    assert [name for name, line in lines.items() if line] == [deadly]
    assert most <= FAILURES + 1
