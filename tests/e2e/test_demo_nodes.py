"""`lientuyen demo --nodes 3`: three nodes, a referral over a cut link, one trace of all of them."""

import subprocess
import sys
from pathlib import Path

import pytest

NODES = ("north", "south", "province")


@pytest.mark.timeout(400)
def test_the_demo_of_three_nodes_shows_all_of_them_in_one_trace() -> None:
    command = [str(Path(sys.executable).with_name("lientuyen")), "demo", "--nodes", "3"]

    played = subprocess.run(command, capture_output=True, text=True, timeout=380, check=False)

    assert played.returncode == 0, played.stdout[-3000:] + played.stderr[-3000:]
    assert "7 steps, 3 nodes, 1 trace" in played.stdout
    for node in NODES:
        assert f"{node}/routing" in played.stdout
    assert "province/routing relay" in played.stdout
    assert "north/routing arrive" in played.stdout
