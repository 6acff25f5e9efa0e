"""Messages on the screen: what they are called in Vietnamese, their times, their receipts; and as JSON."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from rich.markup import escape

from lientuyen.routing.v1.message_pb2 import Message
from lientuyen.routing.v1.receipt_pb2 import Receipt, ReceiptBody

from ..clock import local
from .common import message_object, out, print_json
from .inbox import KINDS


class State(StrEnum):
    """The states as they are typed."""

    ACCEPTED = "cho"
    LEASED = "dang-giao"
    ACKNOWLEDGED = "da-nhan"
    DEAD = "khong-giao-duoc"
    STOPPED = "da-dung"

    @property
    def number(self) -> Message.State:
        return Message.State.Value(f"STATE_{self.name}")  # type: ignore[return-value]


class Reason(StrEnum):
    """What a dead letter died of, as it is typed."""

    REJECTED = "tu-choi"
    ATTEMPTS_SPENT = "het-lan-giao"
    UNCOLLECTED = "khong-ai-lay"

    @property
    def number(self) -> Message.DeadReason:
        return Message.DeadReason.Value(f"DEAD_REASON_{self.name}")  # type: ignore[return-value]


STATES = {
    Message.STATE_ACCEPTED: "chờ bên nhận",
    Message.STATE_LEASED: "đang giao",
    Message.STATE_ACKNOWLEDGED: "bên nhận đã lấy",
    Message.STATE_DEAD: "không giao được",
    Message.STATE_STOPPED: "đã dừng",
}
REASONS = {
    Message.DEAD_REASON_REJECTED: "bên nhận từ chối",
    Message.DEAD_REASON_ATTEMPTS_SPENT: "giao nhiều lần mà bên nhận không xác nhận",
    Message.DEAD_REASON_UNCOLLECTED: "30 ngày không ai lấy",
}
TIMES = (
    ("accept_time", "tiếp nhận"),
    ("lease_time", "giao lần đầu"),
    ("notice_time", "báo bên gửi: chưa ai lấy"),
    ("acknowledge_time", "bên nhận xác nhận"),
    ("dead_time", "không giao được"),
    ("replay_time", "gửi lại"),
    ("stop_time", "dừng"),
    ("restore_time", "đưa về từ kho lưu trữ"),
)
RECEIPTS = {
    ReceiptBody.KIND_ACCEPTANCE: "biên nhận tiếp nhận",
    ReceiptBody.KIND_DELIVERY: "biên nhận đã giao lần đầu",
    ReceiptBody.KIND_ACKNOWLEDGEMENT: "biên nhận bên nhận đã lấy",
}


def code_of(name: str) -> str:
    return name.rpartition("/")[2]


def print_message(message: Message, *, as_json: bool) -> None:
    """Print a message in a line or two: its name, where it is, from whom to whom."""
    if as_json:
        print_json(message_object(message))
        return
    out.print(f"[bold]{message.name}[/]  {state_of(message)}", soft_wrap=True)
    kind = KINDS.get(message.kind, str(message.kind))
    out.print(
        f"    {kind}  {code_of(message.sender)} → {code_of(message.recipient)}"
        f"  {message.size_bytes} B  tiếp nhận {moment(message.accept_time)}  {message.attempts} lần giao"
    )
    if message.dead_note:
        out.print(f"    lời bên nhận: {escape(message.dead_note)}", soft_wrap=True)


def state_of(message: Message) -> str:
    """Return where a message is, and of a dead one why: `không giao được: 30 ngày không ai lấy`."""
    state, reason = STATES.get(message.state, ""), REASONS.get(message.dead_reason, "")
    return f"{state}: {reason}" if reason and message.state == Message.STATE_DEAD else state


def moment(time: Timestamp) -> str:
    return f"{local(time):%d/%m/%Y %H:%M:%S}"


def times_of(message: Message) -> Iterator[tuple[Timestamp, str]]:
    """Return what happened to a message and when, the first first."""
    events = [(getattr(message, field), word) for field, word in TIMES if message.HasField(field)]
    return iter(sorted(events, key=lambda event: event[0].ToNanoseconds()))


def print_story(message: Message, receipts: Iterable[Receipt], *, as_json: bool) -> None:
    """Print a message with its times and receipts."""
    if as_json:
        print_json({**message_object(message), "receipts": [message_object(each) for each in receipts]})
        return
    print_message(message, as_json=False)
    for time, word in times_of(message):
        out.print(f"    {moment(time)}  {word}")
    for receipt in receipts:
        out.print(f"    {receipt_word(receipt)}: {receipt.name}", soft_wrap=True)
    for label, value in (
        ("về", message.about),
        ("mã bên gửi", message.correlation),
        ("vết", trace_of(message)),
    ):
        if value:
            out.print(f"    {label}: {escape(value)}", soft_wrap=True)


def receipt_word(receipt: Receipt) -> str:
    kind = ReceiptBody.FromString(receipt.body).kind
    return RECEIPTS.get(kind, "biên nhận")


def trace_of(message: Message) -> str:
    """Return the trace id of the call that sent a message, for `lientuyen trace`; empty without one."""
    parts = message.traceparent.split("-")
    return parts[1] if len(parts) == 4 else ""


def json_changes(message: Message) -> dict[str, Any]:
    """Return what `follow` tells a program of each change."""
    return {
        "name": message.name,
        "state": Message.State.Name(message.state),
        "attempts": message.attempts,
        "dead_reason": Message.DeadReason.Name(message.dead_reason),
    }
