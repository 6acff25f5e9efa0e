"""Records asked for and sent by the command, as two offices of records do it, over a whole stack."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lientuyen_client import connect
from lientuyen_client.clock import today
from lientuyen_client.demo import people

from .conftest import Live

COMMAND = str(Path(sys.executable).with_name("lientuyen"))
ASKING, KEEPING = ("--as", "facility/79999"), ("--as", "facility/01999")
EMERGENCY = ("--emergency", "bất tỉnh khi đến")


def run(live: Live, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "record-requests", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=live.environment(),
    )


def taken(outcome: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the last object of an outcome that is good."""
    assert outcome.returncode == 0, outcome.stderr + outcome.stdout
    value: dict[str, Any] = json.loads(outcome.stdout.splitlines()[-1])
    return value


@pytest.fixture(scope="module")
def sample(live: Live) -> Path:
    """Seed the directory and let the keeping hospital have a dossier; return its file."""

    async def seed() -> None:
        async with (
            connect("operator/dev", live.stack) as directory,
            connect("authority/bhxh", live.stack) as insurance,
        ):
            await people.seed(directory, insurance, today())

    asyncio.run(seed())
    file = next(iter((Path(__file__).parents[1] / "samples").glob("dossier-3176*.xml")))
    subprocess.run([COMMAND, "submit", "--json", str(file)], env=live.environment(), timeout=120, check=False)
    return file


def test_two_offices_ask_and_answer(live: Live, sample: Path, tmp_path: Path):
    picture, report = tmp_path / "phim.dcm", tmp_path / "tom-tat.txt"
    picture.write_bytes(bytes(300_000))
    report.write_text("Không có gì bất thường.", encoding="utf8")
    denied = run(live, "ask", people.PATIENT_ID, *ASKING, "--of", "01999")
    asked = taken(run(live, "ask", people.PATIENT_ID, *ASKING, *EMERGENCY, "--of", "01999", "--json"))
    name = asked["record_request"]["name"]
    waiting = taken(run(live, "list", "--open", *KEEPING, "--json"))
    part = taken(run(live, "answer", name, str(picture), "--more", *KEEPING, "--json"))
    done = taken(run(live, "answer", name, str(report), *KEEPING, "--json"))
    screen = run(live, "show", name, *ASKING)
    late = run(live, "decline", name, "--reason", "đã gửi rồi", *KEEPING)
    mail = subprocess.run(
        [COMMAND, "inbox", *ASKING, "--take", str(tmp_path / "mail"), "--json"],
        capture_output=True,
        text=True,
        env=live.environment(),
        timeout=120,
        check=True,
    )

    assert denied.returncode == 1
    assert "NO_CONSENT" in denied.stderr
    assert waiting["name"] == name
    assert part["record_request"]["state"] == "STATE_REQUESTED"
    assert done["record_request"]["state"] == "STATE_FULFILLED"
    assert "đã cung cấp đủ" in screen.stdout
    assert "01999  đã cung cấp, 2 thông điệp" in screen.stdout
    assert (late.returncode, "FULFILLED" in late.stderr) == (1, True)
    bodies = {path.read_bytes() for path in (tmp_path / "mail").iterdir()}
    assert {picture.read_bytes(), report.read_bytes()} <= bodies
    kinds = [json.loads(line)["kind"] for line in mail.stdout.splitlines() if "REFERRAL" not in line]
    assert kinds == ["KIND_RECORD_RESPONSE", "KIND_RECORD_RESPONSE", "KIND_NOTICE"]


def test_what_the_exchange_holds_is_on_the_screen_at_once_and_a_request_is_cancelled(
    live: Live, sample: Path
):
    asked = run(live, "ask", people.PATIENT_ID, *ASKING, *EMERGENCY)
    name = asked.stdout.split()[0]
    cancelled = taken(run(live, "cancel", name, "--reason", "đã chuyển viện", *ASKING, "--json"))
    empty = run(live, "list", "--open", *KEEPING)

    assert asked.returncode == 0, asked.stderr
    assert "hệ thống có: 20/11/2026  01999" in asked.stdout
    assert "01999  chưa trả lời" in asked.stdout
    assert cancelled["state"] == "STATE_CANCELLED"
    assert "không có yêu cầu nào" in empty.stdout
