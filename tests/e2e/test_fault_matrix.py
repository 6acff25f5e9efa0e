"""A few rows of the fault matrix of messages, small: the whole of it is `make faults`."""

from pathlib import Path

from tests.faults.messages.matrix import play_all

# Messages of a row, and the seconds over which they are sent.
MESSAGES, SECONDS = 120, 6.0


async def test_no_message_is_lost_doubled_or_reordered_by_what_is_done_to_its_way(tmp_path: Path):
    names = ["sender", "receiver", "router", "poison"]

    rows = await play_all(names, MESSAGES, SECONDS, 20, tmp_path / "faults.json", lambda _: None)

    assert [(row.name, row.verdict, row.findings) for row in rows] == [(name, "held", ()) for name in names]
    assert all(row.messages >= MESSAGES and row.faults for row in rows)
