"""`lientuyen events list|replay|stop`: the events that a service could not deliver, for operators."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import typer

from lientuyen.chassis.v1 import outbox_service_pb2 as pb

from .. import errors
from ..client import Client, connect
from ..clock import local
from ..running_stack import SERVICES
from .common import As, AsJson, out, print_json, run, show_failure
from .failures import DONE, CommandFailed

Service = Annotated[
    str, typer.Option(help=f"Sự kiện của dịch vụ nào: {', '.join(SERVICES)}; mặc định là tất cả.")
]
Name = Annotated[
    str, typer.Argument(metavar="SỰ_KIỆN", help="Tên mà `list` ghi: //records.lientuyen/events/…")
]

STATES = {
    pb.Event.STATE_WAITING: "chờ gửi",
    pb.Event.STATE_DONE: "đã gửi",
    pb.Event.STATE_DEAD: "không gửi được",
    pb.Event.STATE_STOPPED: "đã dừng",
}


def list_events(caller: As = "operator/dev", service: Service = "", as_json: AsJson = False) -> None:
    """Liệt kê sự kiện không gửi được, mới nhất trước."""
    run(show(caller, service, as_json=as_json))


def replay(name: Name, caller: As = "operator/dev", as_json: AsJson = False) -> None:
    """Gửi lại một sự kiện, với đủ số lần thử."""
    run(decide("ReplayEvent", pb.ReplayEventRequest(name=name), caller, as_json=as_json))


def stop(name: Name, caller: As = "operator/dev", as_json: AsJson = False) -> None:
    """Thôi không gửi một sự kiện nữa: đã hỏng, hoặc đang chờ."""
    run(decide("StopEvent", pb.StopEventRequest(name=name), caller, as_json=as_json))


async def show(caller: str, service: str, *, as_json: bool) -> int:
    """Print the dead events of *service*, or of all that answer; return the code of the last that did not."""
    code, count = DONE, 0
    async with connect(caller) as client:
        if service and service not in client.services:
            raise unknown(service, "--service")
        for name in (service,) if service else client.services:
            try:
                async for event in dead_events(client, name):
                    count += 1
                    print_event(event, as_json=as_json)
            except errors.ServiceError as error:
                code = show_failure(error, as_json=as_json)
    if not count and not code and not as_json:
        out.print("không có sự kiện nào bị bỏ lại")
    return code


async def dead_events(client: Client, service: str) -> AsyncIterator[pb.Event]:
    request = pb.ListDeadEventsRequest(page_size=500)
    while True:
        page = await client.outbox(service).ListDeadEvents(request)
        for event in page.events:
            yield event
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


async def decide(method: str, request: Any, caller: str, *, as_json: bool) -> int:
    service = service_of(request.name)
    async with connect(caller) as client:
        if service not in client.services:
            raise unknown(request.name, "name")
        reply = await getattr(client.outbox(service), method)(request)
    print_event(reply.event, as_json=as_json)
    return DONE


def unknown(name: str, field: str) -> CommandFailed:
    return CommandFailed(
        f"Không có dịch vụ này, hoặc chưa biết địa chỉ của nó: {name}.",
        f"There is no such service, or its address is not known: {name}.",
        reason="SERVICE_UNKNOWN",
        field=field,
    )


def service_of(name: str) -> str:
    """Return `records` of `//records.lientuyen/events/…`; nothing of another name."""
    host = name.removeprefix("//").partition("/")[0]
    return host.removesuffix(".lientuyen") if name.startswith("//") else ""


def print_event(event: pb.Event, *, as_json: bool) -> None:
    if as_json:
        print_json(as_object(event))
        return
    out.print(f"[bold]{event.name}[/]  {STATES.get(event.state, '')}")
    out.print(f"    {event.topic}  {event.attempts} lần, từ {local(event.create_time):%d/%m/%Y %H:%M}")
    if event.last_error:
        out.print(f"    lỗi cuối: {event.last_error}")
    for label, value in (("về", event.key), ("mã vết", event.trace_id)):
        if value:
            out.print(f"    {label}: {value}")


def as_object(event: pb.Event) -> dict[str, object]:
    return {
        "name": event.name,
        "state": pb.Event.State.Name(event.state),
        "topic": event.topic,
        "key": event.key,
        "attempts": event.attempts,
        "last_error": event.last_error,
        "create_time": event.create_time.ToJsonString(),
        "finish_time": event.finish_time.ToJsonString() if event.HasField("finish_time") else None,
        "trace_id": event.trace_id,
    }
