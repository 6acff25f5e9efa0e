"""What the tests of archives share: a mailbox with months in it, and the command as an operator runs it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chassis import audit_partitions
from lientuyen.chassis.v1 import audit_service_pb2 as audit_pb
from lientuyen.chassis.v1.audit_service_pb2_grpc import AuditServiceStub
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen.routing.v1.receipt_service_pb2 import GetReceiptRequest
from tests.contract.routing_env import DISTRICT, PERSON, Routing

# A month that is old enough for both kinds, whenever this runs.
MONTH = datetime(2023, 5, 1, tzinfo=UTC)

ACCESSES = """
    INSERT INTO audit (access_time, caller, practitioner, method, subject, purpose, legal_basis, reason,
        allowed, flagged, trace_id)
    SELECT $1::timestamptz + n * interval '1 second', 'facility/01999', '012345/BYT-CCHN', 'x.v1.S/Get', $2,
        1, 1, 'khám bệnh — “cấp cứu” \\ ' || n, true, false, ''
    FROM generate_series(1, $3::int) AS n
"""
# As if it had been sent in the month, and its body removed when that was due.
AGE = """
    UPDATE messages SET accept_time = $2, enqueue_time = $2, body = NULL, remove_time = $2
    WHERE id = ANY ($1::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run of the command ended."""

    code: int
    out: str
    err: str


def environment(routing: Routing) -> Mapping[str, str]:
    settings = routing.running.settings
    return {
        **os.environ,
        "ROUTING_DATABASE_URL": settings.database_url,
        "ROUTING_KEYS_DIR": str(settings.keys_dir),
        "ROUTING_TLS_DIR": str(settings.tls_dir),
        "ROUTING_SIGNING_DIR": str(routing.world.folder / "signing"),
    }


def command_line(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "chassis.archives", "services.routing", *map(str, arguments)]


async def run(routing: Routing, *arguments: str | Path) -> Ran:
    """Run the command to its end."""
    ended = await asyncio.to_thread(
        subprocess.run,
        command_line(*arguments),
        env=environment(routing),
        capture_output=True,
        check=False,
        text=True,
    )
    return Ran(ended.returncode, ended.stdout, ended.stderr)


async def done(routing: Routing, *arguments: str | Path) -> str:
    """Run the command, which must succeed, and return what it says."""
    ran = await run(routing, *arguments)
    assert ran.code == 0, ran.err
    return ran.out


async def accesses(routing: Routing) -> list[audit_pb.Access]:
    """Return the log of PERSON as the citizen reads it, page after page, oldest first."""
    stub, rows, token = routing.stub(AuditServiceStub, "authority/vneid"), [], ""
    while True:
        request = audit_pb.ListAccessesRequest(subject=PERSON, page_size=500, page_token=token)
        answer = await stub.ListAccesses(request)
        rows += answer.accesses
        token = answer.next_page_token
        if not token:
            return rows[::-1]


async def accessed(routing: Routing, count: int, month: datetime = MONTH) -> None:
    """Let PERSON have been looked at so often in *month*."""
    await audit_partitions.make_partition(routing.running.db, month)
    await routing.rows(ACCESSES, month, PERSON, count)


async def acknowledged(routing: Routing, count: int) -> list[str]:
    """Send, take and acknowledge so many messages; return their names."""
    names = []
    async with routing.receiving() as inbox:
        for number in range(count):
            await routing.send(f"<HoSo>{number}</HoSo>".encode(), person=PERSON, correlation=f"so-{number}")
            delivery = await inbox.next()
            await routing.acknowledge(delivery)
            names.append(delivery.message.name)
    return names


async def age(routing: Routing, names: list[str], time: datetime) -> None:
    """Let messages have been sent at *time*, and their bodies gone."""
    await routing.rows(AGE, [name.rpartition("/")[2] for name in names], time)


async def sent(routing: Routing) -> dict[str, Message]:
    """Return what the sender sees of its messages, by name."""
    answer = await routing.mailbox().ListMessages(pb.ListMessagesRequest(sender=DISTRICT))
    return {message.name: message for message in answer.messages}


async def receipt(routing: Routing, name: str, kind: str) -> bytes:
    """Return the signature of a receipt of the message called *name*."""
    request = GetReceiptRequest(name=f"{name}/receipts/{kind}")
    return (await routing.receipts().GetReceipt(request)).receipt.signature
