"""`lientuyen events list|replay|stop`: the events that a service could not deliver, for operators."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import typer

from lientuyen.chassis.v1 import outbox_service_pb2 as pb

from .. import errors
from ..client import Client, connect
from ..clock import local
from ..running_stack import SERVICES
from .common import MISUSE, AsJson, err, exit_code, out, print_json, run, show_error

app = typer.Typer(help="Các sự kiện không gửi được (cho người vận hành).", no_args_is_help=True)

Operator = Annotated[str, typer.Option("--as", envvar="LIENTUYEN_AS", help="Who calls: operator/dev.")]
Service = Annotated[str, typer.Option(help=f"Whose events: {', '.join(SERVICES)}; all when not given.")]
Name = Annotated[str, typer.Argument(help="The event, as `list` names it: //records.lientuyen/events/…")]

STATES = {
    pb.Event.STATE_WAITING: "chờ gửi",
    pb.Event.STATE_DONE: "đã gửi",
    pb.Event.STATE_DEAD: "không gửi được",
    pb.Event.STATE_STOPPED: "đã dừng",
}


@app.command("list")
def list_events(caller: Operator = "operator/dev", service: Service = "", as_json: AsJson = False) -> None:
    """List the dead events, the last given up first."""
    run(show(caller, service, as_json=as_json), as_json=as_json)


@app.command()
def replay(name: Name, caller: Operator = "operator/dev", as_json: AsJson = False) -> None:
    """Deliver a dead event anew, with all its attempts."""
    run(decide("ReplayEvent", pb.ReplayEventRequest(name=name), caller, as_json=as_json), as_json=as_json)


@app.command()
def stop(name: Name, caller: Operator = "operator/dev", as_json: AsJson = False) -> None:
    """Give an event up for good: a dead one, or one that waits."""
    run(decide("StopEvent", pb.StopEventRequest(name=name), caller, as_json=as_json), as_json=as_json)


async def show(caller: str, service: str, *, as_json: bool) -> int:
    """Print the dead events of *service*, or of all that answer; return the code of the last that did not."""
    code = count = 0
    async with connect(caller) as client:
        if service and service not in client.services:
            return unknown(service)
        for name in (service,) if service else client.services:
            try:
                async for event in dead_events(client, name):
                    count += 1
                    print_event(event, as_json=as_json)
            except errors.ServiceError as error:
                show_error(error, as_json=as_json)
                code = exit_code(error)
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
            return unknown(request.name)
        reply = await getattr(client.outbox(service), method)(request)
    print_event(reply.event, as_json=as_json)
    return 0


def unknown(name: str) -> int:
    err.print(f"[red]Không có dịch vụ này, hoặc chưa biết địa chỉ của nó:[/] {name}")
    return MISUSE


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
