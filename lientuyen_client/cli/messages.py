"""`lientuyen messages mailboxes|list|show|follow`: where messages are, since when, and what proves it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import typer
from rich.table import Table

from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen.routing.v1.receipt_pb2 import Receipt, ReceiptBody
from lientuyen.routing.v1.receipt_service_pb2 import GetReceiptRequest

from .. import errors
from ..client import Client, connect
from .common import As, AsJson, message_object, out, print_json, run
from .failures import DONE, REFUSED, CommandFailed
from .message_screen import State, code_of, json_changes, moment, print_message, print_story, state_of

FACILITIES = "//identity.lientuyen/facilities/"
FINAL = (Message.STATE_ACKNOWLEDGED, Message.STATE_STOPPED)

Name = Annotated[
    str, typer.Argument(metavar="THÔNG_ĐIỆP", help="Tên thông điệp: //routing.lientuyen/messages/…")
]
Facility = Annotated[
    str, typer.Option(metavar="MÃ", help="Hộp thư của cơ sở nào (cho người vận hành); mặc định là bên gọi.")
]
Sent = Annotated[bool, typer.Option("--sent", help="Thông điệp cơ sở đã gửi, thay vì được nhận.")]
StateOption = Annotated[State | None, typer.Option(help="Chỉ ở trạng thái này.")]
Everything = Annotated[bool, typer.Option("--all", help="Mọi trang, không chỉ trang đầu (50 dòng).")]


def list_mailboxes(
    caller: As = "operator/dev", everything: Everything = False, as_json: AsJson = False
) -> None:
    """Liệt kê hộp thư còn thông điệp (cho người vận hành), chờ lâu nhất trước."""
    run(show_mailboxes(caller, everything=everything, as_json=as_json))


def list_messages(
    caller: As = "facility/79999",
    facility: Facility = "",
    sent: Sent = False,
    state: StateOption = None,
    everything: Everything = False,
    as_json: AsJson = False,
) -> None:
    """Liệt kê thông điệp của một cơ sở, mới nhất trước."""
    request = pb.ListMessagesRequest()
    setattr(request, "sender" if sent else "recipient", facility_name(caller, facility))
    if state:
        request.state = state.number
    run(show_list(caller, request, everything=everything, as_json=as_json))


def show(name: Name, caller: As = "facility/79999", as_json: AsJson = False) -> None:
    """Xem một thông điệp: trạng thái, từng mốc thời gian, các biên nhận."""
    run(show_one(caller, name, as_json=as_json))


def follow(
    name: Name,
    caller: As = "facility/79999",
    seconds: Annotated[
        float, typer.Option(min=0, help="Theo dõi nhiều nhất chừng này giây; hết giờ thì mã thoát là 1.")
    ] = 600,
    as_json: AsJson = False,
) -> None:
    """Theo dõi một thông điệp cho đến khi bên nhận đã lấy, hoặc nó đã dừng."""
    run(watch(caller, name, seconds, as_json=as_json))


def facility_name(caller: str, facility: str) -> str:
    """Return the full name of *facility*, or of the *caller* when it is one; CommandFailed without either."""
    kind, _, code = caller.partition("/")
    if not facility and kind not in ("facility", "pharmacy"):
        raise CommandFailed(
            "Cần --facility: mã cơ sở có thông điệp.",
            "--facility is needed: whose messages.",
            reason="FACILITY_MISSING",
            field="--facility",
        )
    return f"{FACILITIES}{(facility or code).strip().upper()}"


async def show_mailboxes(caller: str, *, everything: bool, as_json: bool) -> int:
    table = Table(box=None, header_style="dim")
    for title in ("cơ sở", "chờ", "chờ từ", "MB", "đang giao", "không giao được"):
        table.add_column(title)
    request = pb.ListMailboxesRequest()
    async with connect(caller) as client:
        while True:
            page = await client.mailbox.ListMailboxes(request)
            for box in page.mailboxes:
                if as_json:
                    print_json(message_object(box))
                else:
                    table.add_row(*mailbox_row(box))
            request.page_token = page.next_page_token
            if not request.page_token or not everything:
                break
    if not as_json:
        out.print(table if table.row_count else "không hộp thư nào còn thông điệp")
        if request.page_token:
            out.print("còn nữa: thêm --all")
    return DONE


def mailbox_row(box: pb.Mailbox) -> tuple[str, ...]:
    return (
        code_of(box.recipient),
        str(box.waiting_messages),
        moment(box.oldest_time) if box.HasField("oldest_time") else "",
        f"{box.waiting_bytes / 1e6:.1f}",
        str(box.held_messages),
        str(box.dead_messages),
    )


async def show_list(caller: str, request: pb.ListMessagesRequest, *, everything: bool, as_json: bool) -> int:
    count = 0
    async with connect(caller) as client:
        while True:
            page = await client.mailbox.ListMessages(request)
            for message in page.messages:
                count += 1
                print_message(message, as_json=as_json)
            request.page_token = page.next_page_token
            if not request.page_token or not everything:
                break
    if not as_json:
        out.print("còn nữa: thêm --all" if request.page_token else f"{count} thông điệp")
    return DONE


async def show_one(caller: str, name: str, *, as_json: bool) -> int:
    async with connect(caller) as client:
        message = (await client.mailbox.GetMessage(pb.GetMessageRequest(name=name))).message
        receipts = [receipt async for receipt in receipts_of(client, message)]
    print_story(message, receipts, as_json=as_json)
    return DONE


async def receipts_of(client: Client, message: Message) -> AsyncIterator[Receipt]:
    """Yield the receipts that there are of *message*, of every kind."""
    for kind in ReceiptBody.Kind.keys()[1:]:
        name = f"{message.name}/receipts/{kind.removeprefix('KIND_').lower()}"
        try:
            reply = await client.receipts.GetReceipt(GetReceiptRequest(name=name))
        except errors.NotFound:
            continue
        yield reply.receipt


async def watch(caller: str, name: str, seconds: float, *, as_json: bool) -> int:
    """Print each change of a message; return DONE at its end, REFUSED when it is dead or the time is over."""
    last: tuple[object, ...] = ()
    try:
        async with asyncio.timeout(seconds), connect(caller) as client:
            while True:
                message = (await client.mailbox.GetMessage(pb.GetMessageRequest(name=name))).message
                now = (message.state, message.attempts, message.dead_reason)
                if now != last:
                    print_change(message, as_json=as_json)
                last = now
                if message.state in FINAL:
                    return DONE
                await asyncio.sleep(1)
    except TimeoutError:
        return REFUSED


def print_change(message: Message, *, as_json: bool) -> None:
    if as_json:
        print_json(json_changes(message))
        return
    out.print(f"{state_of(message)}  ({message.attempts} lần giao, tiếp nhận {moment(message.accept_time)})")
