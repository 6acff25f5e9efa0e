"""docs/howto/connect-a-provincial-axis.md, from registering the axis to the first file, as it says."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.harness import World, eventually

from .nodes_env import Node
from .test_nodes_axis import AXIS, NEIGHBOUR, SENDER, THERE, Site, dossier, server_context

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/howto/axis"


@pytest.fixture
async def site(world: World) -> Site:
    """A node with an account at an axis that identity does not know."""
    site = Site(world)
    world.ending(site.axis.stop)
    await site.axis.start(server_context(site.authority))
    site.account()
    await site.node.start_identity()
    await site.node.lists(SENDER, THERE, NEIGHBOUR)
    await site.node.knows(site.node)
    await site.node.move(SENDER)
    await site.route()
    return site


async def run(node: Node, caller: str, script: str, *arguments: str) -> tuple[int, str]:
    tls = node.pki.folder(caller, node.trust_domain).path
    addresses = {f"LIENTUYEN_{name.upper()}": at.address for name, at in node.running.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(FOLDER / script),
        *arguments,
        cwd=ROOT,
        env={**os.environ, **addresses, "LIENTUYEN_TLS": str(tls), "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_an_axis_is_registered_and_the_first_file_arrives(site: Site, tmp_path: Path) -> None:
    authorities = site.authority.pki.path / "ca" / "ca.crt"
    registering = (AXIS, site.axis.url, str(authorities))
    for code in (THERE, NEIGHBOUR):
        outcome = await run(site.node, "operator/dev", "register_axis.py", *registering, code)
        assert outcome == (0, f"{code} → {AXIS}\n")
    await eventually(site.stands)

    file = tmp_path / "dossier.xml"
    file.write_bytes(dossier(1))
    code, output = await run(site.node, f"facility/{SENDER}", "send_file.py", str(file), SENDER, THERE)

    assert code == 0, output
    assert "STATE_ACKNOWLEDGED" in output
    assert '"maGiaoDich": "GD-1"' in output
    assert [file.content for file in site.axis.files] == [dossier(1)]
    site.axis.refused.add(dossier(2))
    file.write_bytes(dossier(2))
    code, output = await run(site.node, f"facility/{SENDER}", "send_file.py", str(file), SENDER, THERE)
    assert code == 1
    assert "mã 205" in output
