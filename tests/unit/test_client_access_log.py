"""An hour of an access log, held between two heads: what each change of its rows or of its list is called."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lientuyen.chassis.v1.audit_service_pb2 import DownloadAccessLogHashesResponse as Piece
from lientuyen_client.access_log_verification import Fault, HourCheck, HourHead
from transparency.access_rows import Entry, entries_of, entry_of
from transparency.merkle import Tree
from transparency.tree_heads import TreeHead

END = datetime(2026, 12, 1, 1, tzinfo=UTC)
COUNT = 12

# The six texts of a row.
TEXTS = st.lists(st.text(max_size=5), min_size=6, max_size=6)


def entry(number: int, time: datetime = END - timedelta(minutes=9), reason: str = "") -> Entry:
    texts = ("facility/01999", "", "m", f"p{number}", reason, "")
    return entry_of(UUID(int=number), time, 7000 + number, texts, (1, 2, True, False))


def tree_of(entries: Sequence[Entry]) -> Tree:
    tree = Tree()
    tree.extend([one.hash for one in entries])
    return tree


def hour_of(entries: Sequence[Entry]) -> HourHead:
    tree = tree_of(entries)
    head = TreeHead("lientuyen.test/records/access-log", tree.size, tree.root(), END, b"k" * 32, b"c" * 32)
    return HourHead(END, head, head.to_bytes(), tuple(tree.peaks))


def faults(
    signed: Sequence[Entry],
    logged: Sequence[Entry],
    found: Sequence[Entry],
    *,
    before: int = 0,
    away: Sequence[str] = (),
    first_leaf: int | None = None,
) -> list[Fault]:
    """Return what is wrong of an hour of *signed* from *before* on, read as two lists."""
    check = HourCheck(tree_of(signed[:before]), hour_of(signed), away)
    check.read(
        Piece(
            first_leaf=before if first_leaf is None else first_leaf,
            as_logged=b"".join(one.to_bytes() for one in logged),
            as_found=b"".join(one.to_bytes() for one in found),
        )
    )
    return check.faults()


ROWS = [entry(number) for number in range(COUNT)]


@given(st.integers(0, COUNT))
def test_an_hour_that_nobody_touched_is_whole(before: int):
    assert faults(ROWS, ROWS[before:], ROWS[before:], before=before) == []


@given(st.sets(st.integers(0, COUNT - 1), min_size=1), st.sets(st.integers(0, COUNT - 1)))
def test_rows_that_are_gone_or_other_are_each_named(gone: set[int], other: set[int]):
    found = [
        entry(number, reason="x") if number in other else ROWS[number]
        for number in range(COUNT)
        if number not in gone
    ]

    expected = {("ROW_DELETED", number) for number in gone}
    expected |= {("ROW_ALTERED", number) for number in other - gone}
    named = {(fault.reason, fault.row.int) for fault in faults(ROWS, ROWS, found) if fault.row}
    assert named == expected


def test_a_row_that_was_added_is_named():
    assert faults(ROWS, ROWS, [*ROWS, entry(99)]) == [Fault("ROW_ADDED", END, UUID(int=99))]


def test_a_list_that_was_altered_alone_names_no_row():
    altered = [*ROWS[:3], entry(3, reason="x"), *ROWS[4:]]

    assert faults(ROWS, altered, ROWS) == [Fault("LIST_ALTERED", END)]
    assert faults(ROWS, altered, altered) == [Fault("HOUR_ALTERED", END)]
    assert faults(ROWS, ROWS[:-1], ROWS) == [Fault("LIST_ALTERED", END)]


def test_a_piece_that_is_missing_is_found():
    assert faults(ROWS, ROWS[4:], ROWS[4:], first_leaf=4) == [Fault("HOUR_ALTERED", END)]


@pytest.mark.parametrize(
    ("time", "away", "is_fault"),
    [
        (END - timedelta(minutes=70), ["2026-11"], False),
        (END - timedelta(minutes=70), [], True),
        (END - timedelta(minutes=70), ["2026-10"], True),
        (END - timedelta(minutes=9), ["2026-12"], True),  # its own month is here, or nobody would ask
        (END - timedelta(days=3), ["2026-11"], True),  # no transaction lasts so long
    ],
)
def test_a_row_of_a_month_that_has_left_may_lie_in_the_first_hours_after_it(
    time: datetime, away: list[str], is_fault: bool
):
    rows = [*ROWS, entry(50, time)]

    assert [fault.reason for fault in faults(rows, rows, ROWS, away=away)] == ["ROW_DELETED"] * is_fault


@given(
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)),
    st.binary(min_size=32, max_size=32),
)
def test_a_list_reads_as_it_was_written(row: UUID, time: datetime, digest: bytes):
    written = Entry(row, time, digest)

    assert list(entries_of(written.to_bytes() * 2)) == [written, written]


@given(
    st.lists(st.text(max_size=5), min_size=6, max_size=6),
    st.lists(st.text(max_size=5), min_size=6, max_size=6),
)
def test_rows_of_other_fields_have_other_leaves(ones: list[str], others: list[str]):
    """Whatever is in the fields: what ends one never begins the next."""
    left, right = (entry_of(UUID(int=1), END, 7, texts, (1, 2, 1, 0)).hash for texts in (ones, others))

    assert (left == right) == (ones == others)
