"""`lientuyen inbox`: what has come for this facility; take it with --take."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.message_pb2 import Delivery, Message

from ..client import Client, connect
from ..clock import local
from ..held_delivery import held
from .common import As, AsJson, out, print_json, run
from .failures import DONE

KINDS = {
    Message.KIND_DOCUMENT: "tài liệu",
    Message.KIND_RESULT: "kết quả",
    Message.KIND_REFERRAL: "phiếu chuyển",
    Message.KIND_RECORD_REQUEST: "yêu cầu hồ sơ",
    Message.KIND_RECORD_RESPONSE: "trả lời yêu cầu",
    Message.KIND_NOTICE: "thông báo",
    Message.KIND_CONSULTATION: "hội chẩn từ xa",
}


def inbox(
    caller: As = "facility/79999",
    take: Annotated[
        Path | None, typer.Option(metavar="THƯ MỤC", help="Lấy thư đang chờ vào thư mục này và xác nhận.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=0.0, help="Cùng với --take: dừng khi chừng này giây không có thư.")
    ] = 2.0,
    as_json: AsJson = False,
) -> None:
    """Liệt kê thư đang chờ cơ sở này, hoặc lấy về."""
    if take:
        take.mkdir(parents=True, exist_ok=True)
    run(collect(caller, take, seconds, as_json=as_json) if take else show(caller, as_json=as_json))


def facility_of(caller: str) -> str:
    return f"//identity.lientuyen/facilities/{caller.split('/')[-1]}"


async def show(caller: str, *, as_json: bool) -> int:
    table = Table(box=None, header_style="dim")
    for title in ("thư", "loại", "từ", "cỡ", "nhận lúc", "lần"):
        table.add_column(title)
    request = mailbox.ListMessagesRequest(
        recipient=facility_of(caller), state=Message.STATE_ACCEPTED, page_size=500
    )
    async with connect(caller) as client:
        while True:
            page = await client.mailbox.ListMessages(request)
            for message in page.messages:
                if as_json:
                    print_json(as_object(message))
                else:
                    table.add_row(*as_row(message))
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
    if not as_json:
        out.print(table if table.row_count else "hộp thư trống")
    return 0


async def collect(caller: str, folder: Path, seconds: float, *, as_json: bool) -> int:
    """Save each waiting message into *folder*, then acknowledge it; stop when none came for *seconds*."""
    async with connect(caller) as client:
        stream = client.mailbox.ReceiveMessages(mailbox.ReceiveMessagesRequest(recipient=facility_of(caller)))
        deliveries = aiter(stream)
        while True:
            try:
                async with asyncio.timeout(seconds):
                    reply = await anext(deliveries, None)
            except TimeoutError:
                return DONE
            if reply is None:  # the service ends its streams when it stops
                return DONE
            delivery = reply.delivery
            async with held(client.mailbox, delivery):
                await save(client, delivery, folder)
            if as_json:
                print_json(as_object(delivery.message))
            else:
                out.print(f"[green]✓[/] {'  '.join(as_row(delivery.message))}")


async def save(client: Client, delivery: Delivery, folder: Path) -> None:
    """Write the body to disk before acknowledging it: what is acknowledged is never lost."""
    target = folder / delivery.message.name.split("/")[-1]
    if delivery.inlined:
        target.write_bytes(delivery.body)
    else:
        with target.open("wb") as file:
            request = mailbox.DownloadMessageRequest(name=delivery.message.name)
            async for part in client.mailbox.DownloadMessage(request):
                file.write(part.chunk)
    acknowledge = mailbox.AcknowledgeMessageRequest(
        name=delivery.message.name, lease_token=delivery.lease_token
    )
    await client.mailbox.AcknowledgeMessage(acknowledge)


def as_row(message: Message) -> tuple[str, ...]:
    return (
        message.name,
        KINDS.get(message.kind, str(message.kind)),
        message.sender.split("/")[-1],
        f"{message.size_bytes} B",
        f"{local(message.accept_time):%d/%m %H:%M}",
        str(message.attempts),
    )


def as_object(message: Message) -> dict[str, object]:
    return {
        "name": message.name,
        "kind": Message.Kind.Name(message.kind),
        "sender": message.sender,
        "about": message.about,
        "size_bytes": message.size_bytes,
        "accept_time": message.accept_time.ToJsonString(),
    }
