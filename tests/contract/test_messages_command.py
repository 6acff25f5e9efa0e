"""`lientuyen messages` and `lientuyen dead-letters`, as they are typed at three in the morning."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen_client.client import connect
from lientuyen_client.held_delivery import held
from lientuyen_client.running_stack import find_stack
from tests.harness import World, eventually

from .routing_env import PERSON, Routing

COMMAND = str(Path(sys.executable).with_name("lientuyen"))
OPERATOR, SENDER = "operator/an", "facility/01999"
SECRET = "Trần Văn Thử".encode()


@pytest.fixture
async def routing(world: World) -> Routing:
    return await Routing(world).start()


def environment(routing: Routing, caller: str) -> dict[str, str]:
    return {
        "LIENTUYEN_ROUTING": routing.running.address,
        "LIENTUYEN_TLS": str(routing.world.pki.folder(caller).path),
    }


async def typed(routing: Routing, *arguments: str, caller: str = OPERATOR) -> tuple[int, str, str]:
    """Run the command as *caller* and return its exit code and what it wrote to stdout and stderr."""
    process = await asyncio.create_subprocess_exec(
        *(COMMAND, *arguments, "--as", caller),
        env={**os.environ, **environment(routing, caller)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    stdout, stderr = await process.communicate()
    assert process.returncode is not None
    return process.returncode, stdout.decode(), stderr.decode()


async def objects(routing: Routing, *arguments: str, caller: str = OPERATOR) -> list[dict[str, Any]]:
    """Run it with `--json` and return what it printed."""
    code, stdout, stderr = await typed(routing, *arguments, "--json", caller=caller)
    assert (code, stderr) == (0, "")
    return [json.loads(line) for line in stdout.splitlines()]


async def rejected(routing: Routing, count: int) -> list[str]:
    names = [(await routing.send(SECRET, person=PERSON)).message.name for _ in range(count)]
    async with routing.receiving() as inbox:
        for delivery in await inbox.take(count):
            await routing.reject(delivery, "thiếu chữ ký")
    return names


async def test_an_operator_finds_where_a_message_is_since_when_and_its_receipts(routing: Routing):
    name = (await routing.send(SECRET, person=PERSON, correlation="PC-17")).message.name
    async with routing.receiving() as inbox:
        await routing.acknowledge(await inbox.next())

    code, screen, _ = await typed(routing, "messages", "show", name)
    listed = await objects(routing, "messages", "list", "--facility", "79999", "--state", "da-nhan")
    none = await objects(routing, "messages", "list", "--facility", "79999", "--state", "cho")

    assert code == 0
    for part in (
        f"{name}  bên nhận đã lấy",
        "tài liệu  01999 → 79999",
        "tiếp nhận",
        "giao lần đầu",
        "bên nhận xác nhận",
        f"biên nhận tiếp nhận: {name}/receipts/acceptance",
        f"biên nhận bên nhận đã lấy: {name}/receipts/acknowledgement",
        "mã bên gửi: PC-17",
    ):
        assert part in screen
    assert [message["name"] for message in listed] == [name]
    assert none == []
    assert "Thử" not in screen


async def test_an_operator_sees_which_mailbox_has_waited_longest(routing: Routing):
    await rejected(routing, 1)
    await routing.send(bytes(1000), recipient="//identity.lientuyen/facilities/79024")
    await routing.rows(
        "UPDATE messages SET enqueue_time = enqueue_time - interval '2 days' WHERE size = 1000"
    )
    async with routing.receiving("facility/01999") as inbox:
        await inbox.next()  # the notice of the rejection, and keep it

    boxes = await objects(routing, "messages", "mailboxes")
    code, screen, _ = await typed(routing, "messages", "mailboxes")
    stranger = await typed(routing, "messages", "mailboxes", caller=SENDER)

    assert [(box["recipient"][-5:], box.get("waiting_messages", "0")) for box in boxes] == [
        ("79024", "1"),
        ("01999", "0"),
        ("79999", "0"),
    ]
    assert (boxes[0]["waiting_bytes"], boxes[1]["held_messages"], boxes[2]["dead_messages"]) == (
        "1000",
        "1",
        "1",
    )
    assert (code, stranger[0]) == (0, 1)
    assert "79024" in screen.splitlines()[1]


async def test_a_message_is_followed_until_its_recipient_has_it(routing: Routing):
    name = (await routing.send()).message.name
    following = asyncio.create_task(objects(routing, "messages", "follow", name, caller=SENDER))
    async with routing.receiving() as inbox:
        await asyncio.sleep(2)
        await routing.acknowledge(await inbox.next())
    changes = await following
    given_up = await typed(
        routing, "messages", "follow", (await routing.send()).message.name, "--seconds", "3", caller=SENDER
    )

    assert changes[-1]["state"] == "STATE_ACKNOWLEDGED"
    assert given_up[0] == 1


async def test_dead_letters_are_listed_with_their_cause_and_words(routing: Routing):
    names = await rejected(routing, 2)

    code, screen, _ = await typed(routing, "dead-letters", "list", "--reason", "tu-choi")
    other = await typed(routing, "dead-letters", "list", "--reason", "khong-ai-lay")
    own = await objects(routing, "dead-letters", "list", caller=SENDER)
    of_recipient = await objects(routing, "dead-letters", "list", "--to", "79999", caller="facility/79999")

    assert code == 0
    for part in (*names, "không giao được: bên nhận từ chối", "thiếu chữ ký", "2 thông điệp không giao được"):
        assert part in screen
    assert other[1] == "0 thông điệp không giao được\n"
    assert (
        [message["name"] for message in own] == [message["name"] for message in of_recipient] == names[::-1]
    )


async def test_dead_letters_are_replayed_and_stopped_by_name_and_in_bulk(routing: Routing):
    names = await rejected(routing, 4)

    by_name = await objects(routing, "dead-letters", "replay", names[0])
    elsewhere = await objects(routing, "dead-letters", "replay", "--all", "--to", "79024")
    in_bulk = await typed(routing, "dead-letters", "replay", "--all", "--to", "79999", "--reason", "tu-choi")
    again = await typed(routing, "dead-letters", "stop", names[0], "--json")

    assert [(message["name"], message["state"]) for message in by_name] == [(names[0], "STATE_ACCEPTED")]
    assert elsewhere == []
    assert in_bulk[1].endswith("3 thông điệp: đã gửi lại\n")
    assert (again[0], json.loads(again[1])["reason"]) == (1, "ERROR_REASON_MESSAGE_STATE")
    async with routing.receiving() as inbox:
        for delivery in await inbox.take(4):
            await routing.reject(delivery)
    stopped = await objects(routing, "dead-letters", "stop", "--all", caller=SENDER)
    assert sorted(message["name"] for message in stopped) == sorted(names)


async def test_a_delivery_is_held_while_the_work_on_it_takes_long(
    routing: Routing, monkeypatch: pytest.MonkeyPatch
):
    caller = "facility/79999"
    for name, value in environment(routing, caller).items():
        monkeypatch.setenv(name, value)
    await routing.send()
    expiry = "SELECT lease_expire_time FROM messages WHERE state = 'leased'"
    async with connect(caller, find_stack()) as client, routing.receiving(lease=5) as inbox:
        delivery = await inbox.next()
        before = await routing.rows(expiry)
        async with held(client.mailbox, delivery, every_s=0.2):
            await eventually(lambda: _later(routing, expiry, before))
        await client.mailbox.AcknowledgeMessage(
            pb.AcknowledgeMessageRequest(
                request_id=str(uuid4()), name=delivery.message.name, lease_token=delivery.lease_token
            )
        )


async def _later(routing: Routing, statement: str, before: list[Any]) -> bool:
    return await routing.rows(statement) > before
