"""The contract works from another language, straight from protos/: the Node example of docs/howto."""

import asyncio
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lientuyen_client import connect
from lientuyen_client.demo import people

from .conftest import Live

EXAMPLE = Path(__file__).parents[2] / "docs/howto/node"
NODE, NPM = shutil.which("node"), shutil.which("npm")


@pytest.mark.skipif(not (NODE and NPM), reason="Node.js is not installed")
def test_a_node_client_looks_a_patient_up(live: Live):
    assert NODE
    assert NPM
    installed = subprocess.run(
        [NPM, "ci", "--no-audit", "--no-fund"], cwd=EXAMPLE, capture_output=True, timeout=100
    )
    if installed.returncode:
        pytest.skip("the Node packages cannot be installed here")

    async def seed() -> None:
        async with (
            connect("operator/dev", live.stack) as directory,
            connect("authority/bhxh", live.stack) as insurance,
        ):
            await people.seed(directory, insurance, datetime.now(UTC).date())

    asyncio.run(seed())
    outcome = subprocess.run(
        [NODE, "lookup.mjs", people.PATIENT_ID],
        cwd=EXAMPLE,
        env=live.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert outcome.returncode == 0, outcome.stderr
    said = json.loads(outcome.stdout)
    assert (said["result_code"], said["payment_rate_percent"]) == ("000", 80)
