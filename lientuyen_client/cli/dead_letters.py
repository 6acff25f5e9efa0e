"""`lientuyen dead-letters list|replay|stop`: what could not be delivered, one by one or many at once."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message

from ..client import connect
from .common import As, AsJson, out, run
from .failures import DONE, CommandFailed
from .message_screen import Reason, print_message
from .messages import FACILITIES

PAGE = 500

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="THÔNG_ĐIỆP…", help="Tên mà `list` ghi: //routing.lientuyen/messages/…"),
]
Sender = Annotated[str, typer.Option("--from", metavar="MÃ", help="Chỉ của cơ sở gửi này.")]
Recipient = Annotated[str, typer.Option("--to", metavar="MÃ", help="Chỉ gửi đến cơ sở này.")]
ReasonOption = Annotated[Reason | None, typer.Option(help="Chỉ vì lý do này.")]
Everything = Annotated[bool, typer.Option("--all", help="Mọi thông điệp hợp các điều kiện, không kể tên.")]


def list_dead(
    caller: As = "operator/dev",
    sender: Sender = "",
    recipient: Recipient = "",
    reason: ReasonOption = None,
    as_json: AsJson = False,
) -> None:
    """Liệt kê thông điệp không giao được, mới nhất trước."""
    if sender and recipient:
        raise CommandFailed(
            "Chỉ dùng một trong hai: --from hoặc --to.",
            "Use one of both: --from or --to.",
            reason="TOO_MANY_PARTIES",
            field="--to",
        )
    run(show(caller, own_sender(caller, sender, recipient), recipient, reason, as_json=as_json))


def replay(
    names: Names = None,
    caller: As = "operator/dev",
    everything: Everything = False,
    sender: Sender = "",
    recipient: Recipient = "",
    reason: ReasonOption = None,
    as_json: AsJson = False,
) -> None:
    """Gửi lại: thông điệp về cuối hàng của nó, đủ số lần giao và thêm 30 ngày."""
    filters = filters_of(names, everything, caller, sender, recipient, reason)
    run(decide("Replay", caller, names or [], filters, as_json=as_json))


def stop(
    names: Names = None,
    caller: As = "operator/dev",
    everything: Everything = False,
    sender: Sender = "",
    recipient: Recipient = "",
    reason: ReasonOption = None,
    as_json: AsJson = False,
) -> None:
    """Thôi không giao nữa: thông điệp kết thúc tại đây."""
    filters = filters_of(names, everything, caller, sender, recipient, reason)
    run(decide("Stop", caller, names or [], filters, as_json=as_json))


def own_sender(caller: str, sender: str, recipient: str = "") -> str:
    """Return whose letters are meant: of a facility its own, unless it looks at what was *recipient*'s."""
    kind, _, code = caller.partition("/")
    return sender or (code if kind in ("facility", "pharmacy") and not recipient else "")


def filters_of(
    names: list[str] | None, everything: bool, caller: str, sender: str, recipient: str, reason: Reason | None
) -> dict[str, Any] | None:
    """Return the fields of a request for many, None with names; CommandFailed for neither or both."""
    if bool(names) == everything:
        raise CommandFailed(
            "Hãy ghi tên thông điệp, hoặc --all với --from, --to, --reason.",
            "Give names of messages, or --all with --from, --to, --reason.",
            reason="NAMES_OR_ALL",
            field="THÔNG_ĐIỆP",
        )
    if names:
        return None
    parties = {"sender": own_sender(caller, sender), "recipient": recipient}
    if not any(parties.values()) and reason is None:
        raise CommandFailed(
            "--all cần ít nhất một trong --from, --to, --reason: không phải mọi thông điệp của cả nước.",
            "--all needs one of --from, --to, --reason at least: not all messages of the country.",
            reason="FILTER_MISSING",
            field="--all",
        )
    named = {field: full_name(code) for field, code in parties.items() if code}
    return {**named, "page_size": PAGE, **({"reason": reason.number} if reason else {})}


def full_name(code: str) -> str:
    return f"{FACILITIES}{code.strip().upper()}"


async def show(caller: str, sender: str, recipient: str, reason: Reason | None, *, as_json: bool) -> int:
    party = (
        {"recipient": full_name(recipient)} if recipient else {"sender": full_name(sender)} if sender else {}
    )
    request = pb.ListDeadLettersRequest(page_size=PAGE, **party)
    if reason:
        request.reason = reason.number
    async with connect(caller) as client:
        count = await pages(client.mailbox.ListDeadLetters, request, as_json=as_json)
    if not as_json:
        out.print(f"{count} thông điệp không giao được")
    return DONE


async def decide(
    action: str, caller: str, names: list[str], filters: dict[str, Any] | None, *, as_json: bool
) -> int:
    count = len(names)
    async with connect(caller) as client:
        if filters is None:
            request_type, method = getattr(pb, f"{action}MessageRequest"), f"{action}Message"
            for name in names:
                reply = await getattr(client.mailbox, method)(request_type(name=name))
                print_message(reply.message, as_json=as_json)
        else:
            request = getattr(pb, f"{action}DeadLettersRequest")(**filters)
            count = await pages(getattr(client.mailbox, f"{action}DeadLetters"), request, as_json=as_json)
    if not as_json:
        out.print(f"{count} thông điệp: {'đã gửi lại' if action == 'Replay' else 'đã dừng'}")
    return DONE


async def pages(method: Callable[[Any], Any], request: Any, *, as_json: bool) -> int:
    """Call *method* for page after page, print each message, and return how many there were."""
    count = 0
    while True:
        if "request_id" in request.DESCRIPTOR.fields_by_name:
            request.ClearField("request_id")  # a page is a request of its own
        page = await method(request)
        messages: list[Message] = list(page.messages)
        for message in messages:
            print_message(message, as_json=as_json)
        count += len(messages)
        if not page.next_page_token:
            return count
        request.page_token = page.next_page_token
