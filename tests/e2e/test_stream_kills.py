"""Records is killed at random points of streams: what was acknowledged is there once, and nothing else."""

from pathlib import Path

from tests.faults.history import History
from tests.faults.site import Site
from tests.faults.stream_kills.checker import Findings, check, parse
from tests.faults.stream_kills.run import kill_streams

from .conftest import Live

# `python -m tests.faults.stream_kills` does two hundred.
KILLS = 5


async def test_every_acknowledged_dossier_of_a_killed_stream_is_there_once(live: Live, tmp_path: Path):
    path = tmp_path / "history.jsonl"
    site = Site(live.home, live.stack.addresses, {})
    with History(path) as history:
        await kill_streams(site, live.stack, history, seed=73, kills=KILLS, say=lambda _: None)

    with path.open(encoding="utf8") as lines:
        story = parse(lines)

    assert check(story) == Findings()
    assert len(story.kills) == KILLS
    assert story.acknowledged
    assert story.refused
