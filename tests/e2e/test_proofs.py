"""`lientuyen receipt`, `verify-receipt` and `verify-log` on a stack that runs, as one types them."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen_client import connect
from lientuyen_client.clock import today
from lientuyen_client.demo import people
from lientuyen_client.running_stack import SERVICES

from .conftest import Live

COMMAND = str(Path(sys.executable).with_name("lientuyen"))
DISTRICT, PROVINCIAL = "facility/01999", "facility/79999"


def run(live: Live | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = live.environment() if live else {**os.environ, "LIENTUYEN_HOME": "/nonexistent"}
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, timeout=90, check=False, env=environment
    )


async def delivered(live: Live) -> str:
    """Send a message that is handed out and acknowledged, and return its name."""
    header = mailbox.MessageHeader(
        sender="//identity.lientuyen/facilities/01999",
        recipient="//identity.lientuyen/facilities/79999",
        kind=Message.KIND_DOCUMENT,
        media_type="application/xml",
    )
    parts = [mailbox.SendMessageRequest(header=header), mailbox.SendMessageRequest(chunk=b"<x/>")]

    async def upload():
        for part in parts:
            yield part

    async with connect(DISTRICT, live.stack) as sender, connect(PROVINCIAL, live.stack) as receiver:
        name = (await sender.mailbox.SendMessage(upload())).message.name
        request = mailbox.ReceiveMessagesRequest(recipient=header.recipient)
        async for reply in receiver.mailbox.ReceiveMessages(request):
            await receiver.mailbox.AcknowledgeMessage(
                mailbox.AcknowledgeMessageRequest(
                    name=reply.delivery.message.name, lease_token=reply.delivery.lease_token
                )
            )
            if reply.delivery.message.name == name:
                return name
    raise AssertionError("the message did not come")


@pytest.fixture(scope="module", autouse=True)
def directory(live: Live) -> None:
    async def seed() -> None:
        async with (
            connect("operator/dev", live.stack) as directory,
            connect("authority/bhxh", live.stack) as insurance,
        ):
            await people.seed(directory, insurance, today())

    asyncio.run(seed())


@pytest.fixture
def ca(live: Live) -> str:
    return str(live.stack.tls_folder(DISTRICT) / "ca.crt")


async def test_each_receipt_is_fetched_and_verified_without_a_stack(live: Live, ca: str, tmp_path: Path):
    name = await delivered(live)
    before = tmp_path / "acceptance.json"

    for kind in ("acceptance", "delivery", "acknowledgement"):
        file = tmp_path / f"{kind}.json"
        since = [] if file == before else ["--since", str(before)]
        fetched = run(live, "receipt", name, "--kind", kind, "-o", str(file), "--as", DISTRICT, *since)
        assert fetched.returncode == 0, fetched.stderr
        verified = run(None, "verify-receipt", str(file), "--ca", ca, "--json")
        assert verified.returncode == 0, verified.stdout
        assert json.loads(verified.stdout)["message"] == name
    content = before.read_bytes()
    middle = len(content) // 2
    before.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    assert run(None, "verify-receipt", str(before), "--ca", ca).returncode == 1


async def test_the_receipt_of_somebody_elses_message_is_not_given(live: Live, tmp_path: Path):
    name = await delivered(live)

    refused = run(live, "receipt", name, "-o", str(tmp_path / "x.json"), "--as", "facility/01929")
    assert refused.returncode == 1
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize("service", SERVICES)
def test_the_access_log_of_every_service_is_whole(live: Live, service: str):
    month = f"{datetime.now(UTC):%Y-%m}"

    outcome = run(live, "verify-log", service, month, "--as", "operator/dev")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "nguyên vẹn" in outcome.stdout


@pytest.mark.parametrize("arguments", [("pharmacies", "2026-11"), ("records", "11/2026")])
def test_what_is_mistyped_is_said(live: Live, arguments: tuple[str, str]):
    outcome = run(live, "verify-log", *arguments)

    assert outcome.returncode == 2
    assert "2026-11" in outcome.stderr
