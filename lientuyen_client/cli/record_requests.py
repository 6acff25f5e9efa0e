"""`lientuyen record-requests`: ask other hospitals for a person's records, and answer those who ask."""

import mimetypes
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from google.protobuf.duration_pb2 import Duration
from rich.markup import escape

from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1 import record_request_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen.routing.v1.record_request_pb2 import HeldEncounter, RecordRequest
from lientuyen.type.v1.access_pb2 import AccessContext

from ..client import Client, connect
from ..clock import local
from .common import As, AsJson, Practitioner, check_regular, message_object, out, print_json, run
from .failures import DONE, CommandFailed, text_of
from .immunize import Number, day
from .inbox import facility_of
from .lookup import typed_number

CHUNK_BYTES = 256 * 1024

# A file's name and its bytes; a message has at most 64 MiB.
Content: TypeAlias = tuple[str, bytes]

STATES = {
    RecordRequest.STATE_REQUESTED: "đang chờ trả lời",
    RecordRequest.STATE_FULFILLED: "đã cung cấp đủ",
    RecordRequest.STATE_DECLINED: "bị từ chối",
    RecordRequest.STATE_PARTIAL: "cung cấp một phần, hết hạn",
    RecordRequest.STATE_EXPIRED: "hết hạn, không có hồ sơ",
    RecordRequest.STATE_CANCELLED: "đã hủy",
    RecordRequest.STATE_STOPPED: "đã dừng: không còn căn cứ",
}
HOLDER_STATES = {
    RecordRequest.Holder.STATE_ASKED: "chưa trả lời",
    RecordRequest.Holder.STATE_FULFILLED: "đã cung cấp",
    RecordRequest.Holder.STATE_DECLINED: "từ chối",
    RecordRequest.Holder.STATE_UNREACHABLE: "không gửi được",
    RecordRequest.Holder.STATE_EXPIRED: "quá hạn",
    RecordRequest.Holder.STATE_CANCELLED: "đã hủy",
    RecordRequest.Holder.STATE_STOPPED: "đã dừng",
}

Name = Annotated[
    str, typer.Argument(metavar="YÊU_CẦU", help="Tên mà `list` ghi: //routing.lientuyen/recordRequests/…")
]
Files = Annotated[list[Path], typer.Argument(metavar="TỆP", help="Các tệp hồ sơ, gửi theo thứ tự này.")]


def list_requests(
    caller: As = "facility/79999",
    sent: Annotated[
        bool, typer.Option("--sent", help="Những yêu cầu do cơ sở này gửi đi, thay vì nhận được.")
    ] = False,
    waiting: Annotated[bool, typer.Option("--open", help="Chỉ những yêu cầu đang chờ trả lời.")] = False,
    practitioner: Practitioner = "phòng hồ sơ",
    as_json: AsJson = False,
) -> None:
    """Liệt kê các yêu cầu cung cấp hồ sơ, mới nhất trước."""
    side: dict[str, Any] = {"requester" if sent else "holder": facility_of(caller)}
    request = pb.ListRecordRequestsRequest(
        **side,
        state=RecordRequest.STATE_REQUESTED if waiting else RecordRequest.STATE_UNSPECIFIED,
        page_size=500,
        access=ground(practitioner),
    )
    run(show_list(request, caller, as_json=as_json))


def show(
    name: Name,
    caller: As = "facility/01999",
    practitioner: Practitioner = "phòng hồ sơ",
    as_json: AsJson = False,
) -> None:
    """Xem một yêu cầu: ai đã trả lời, và hệ thống đang giữ những gì."""
    run(show_one(pb.GetRecordRequestRequest(name=name, access=ground(practitioner)), caller, as_json=as_json))


def ask(
    number: Number,
    scope: Annotated[str, typer.Option(help="Cần hồ sơ gì; không nêu danh tính người bệnh.")] = "",
    of: Annotated[
        list[str] | None,
        typer.Option(help="Mã cơ sở được hỏi; lặp lại được. Mặc định: mọi nơi đã khám người bệnh."),
    ] = None,
    since: Annotated[str, typer.Option(help="Từ ngày: 2026-01-31 hoặc 31/01/2026.")] = "",
    until: Annotated[str, typer.Option(help="Đến ngày.")] = "",
    within: Annotated[int, typer.Option(min=1, max=720, help="Hạn trả lời, tính bằng giờ.")] = 72,
    emergency: Annotated[
        str, typer.Option(metavar="LÝ DO", help="Cấp cứu, không chờ văn bản đồng ý; sẽ được hậu kiểm.")
    ] = "",
    caller: As = "facility/01999",
    practitioner: Practitioner = "phòng hồ sơ",
    as_json: AsJson = False,
) -> None:
    """Yêu cầu các cơ sở khác cung cấp hồ sơ của một người bệnh."""
    field, digits = typed_number(" ".join(number))
    wanted = RecordRequest(
        requester=facility_of(caller),
        scope=scope,
        holders=[RecordRequest.Holder(facility=facility_of(code)) for code in of or ()],
        records_since=day(since, "--since"),
        records_until=day(until, "--until"),
    )
    answer_within = Duration()
    answer_within.FromTimedelta(timedelta(hours=within))
    request = pb.RequestRecordsRequest(
        record_request=wanted, access=ground(practitioner, emergency), answer_within=answer_within
    )
    run(send(request, {field: digits}, caller, as_json=as_json))


def answer(
    name: Name,
    files: Files,
    more: Annotated[bool, typer.Option("--more", help="Còn gửi tiếp, chưa phải phần cuối.")] = False,
    caller: As = "facility/79999",
    practitioner: Practitioner = "phòng hồ sơ",
    as_json: AsJson = False,
) -> None:
    """Gửi hồ sơ cho nơi yêu cầu."""
    contents = [content_of(file) for file in files]
    run(send_answer(name, contents, caller, practitioner, more=more, as_json=as_json))


def decline(
    name: Name,
    reason: Annotated[str, typer.Option(help="Lý do, cho nhân viên nơi yêu cầu.")],
    caller: As = "facility/79999",
    as_json: AsJson = False,
) -> None:
    """Từ chối cung cấp hồ sơ."""
    request = pb.DeclineRecordRequestRequest(name=name, reason=reason)
    run(change("DeclineRecordRequest", request, caller, as_json=as_json))


def cancel(
    name: Name,
    reason: Annotated[str, typer.Option(help="Lý do, cho các nơi được hỏi.")] = "",
    caller: As = "facility/01999",
    as_json: AsJson = False,
) -> None:
    """Thôi không yêu cầu nữa; thư chưa giao được thu hồi."""
    request = pb.CancelRecordRequestRequest(name=name, reason=reason)
    run(change("CancelRecordRequest", request, caller, as_json=as_json))


def ground(practitioner: str, emergency: str = "") -> AccessContext:
    basis = AccessContext.LEGAL_BASIS_EMERGENCY if emergency else AccessContext.LEGAL_BASIS_CONSENT
    return AccessContext(
        practitioner=practitioner,
        purpose=AccessContext.PURPOSE_TREATMENT,
        legal_basis=basis,
        reason=emergency,
    )


async def show_list(request: pb.ListRecordRequestsRequest, caller: str, *, as_json: bool) -> int:
    count = 0
    async with connect(caller) as client:
        while True:
            page = await client.record_requests.ListRecordRequests(request)
            for record_request in page.record_requests:
                count += 1
                print_request(record_request, as_json=as_json)
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
    if not count and not as_json:
        out.print("không có yêu cầu nào")
    return DONE


async def show_one(request: pb.GetRecordRequestRequest, caller: str, *, as_json: bool) -> int:
    async with connect(caller) as client:
        reply = await client.record_requests.GetRecordRequest(request)
    if as_json:
        print_json(message_object(reply))
        return DONE
    print_request(reply.record_request, as_json=False)
    print_held(reply)
    return DONE


async def send(
    request: pb.RequestRecordsRequest, number: dict[str, str], caller: str, *, as_json: bool
) -> int:
    """Ask, and show at once what the exchange holds itself."""
    async with connect(caller) as client:
        find: dict[str, Any] = {**number, "access": request.access}
        person = (await client.persons.FindPerson(persons.FindPersonRequest(**find))).person
        request.record_request.person = person.name
        asked = (await client.record_requests.RequestRecords(request)).record_request
    question = pb.GetRecordRequestRequest(name=asked.name, access=request.access)
    return await show_one(question, caller, as_json=as_json)


async def send_answer(
    name: str, contents: list[Content], caller: str, practitioner: str, *, more: bool, as_json: bool
) -> int:
    async with connect(caller) as client:
        question = pb.GetRecordRequestRequest(name=name, access=ground(practitioner))
        asked = (await client.record_requests.GetRecordRequest(question)).record_request
        sent = [await send_file(client, asked, content, caller) for content in contents]
        if not more:
            fulfilment = pb.FulfilRecordRequestRequest(name=name, message=sent[-1].name)
            asked = (await client.record_requests.FulfilRecordRequest(fulfilment)).record_request
    if as_json:
        print_json({"record_request": message_object(asked), "messages": [message.name for message in sent]})
        return DONE
    for (file, _), message in zip(contents, sent, strict=True):
        out.print(f"[green]✓ đã gửi[/]  {escape(file)}  [dim]{message.name}[/]", soft_wrap=True)
    print_request(asked, as_json=False)
    return DONE


async def send_file(client: Client, asked: RecordRequest, content: Content, caller: str) -> Message:
    file, body = content
    header = mailbox.MessageHeader(
        sender=facility_of(caller),
        recipient=asked.requester,
        kind=Message.KIND_RECORD_RESPONSE,
        media_type=mimetypes.guess_type(file)[0] or "application/octet-stream",
        about=asked.name,
        person=asked.person,
    )
    return (await client.mailbox.SendMessage(upload(header, body))).message


def content_of(file: Path) -> Content:
    """Return the name and the bytes of a file; CommandFailed for one that is not there, or empty."""
    check_regular(file)
    body = file.read_bytes()
    if not body:
        raise CommandFailed(
            f"Tệp rỗng: {text_of(file)}.",
            f"An empty file: {text_of(file)}.",
            reason="FILE_EMPTY",
            field=text_of(file),
        )
    return text_of(file.name), body


async def upload(header: mailbox.MessageHeader, body: bytes) -> AsyncIterator[mailbox.SendMessageRequest]:
    yield mailbox.SendMessageRequest(header=header)
    for start in range(0, len(body), CHUNK_BYTES):
        yield mailbox.SendMessageRequest(chunk=body[start : start + CHUNK_BYTES])


async def change(method: str, request: Any, caller: str, *, as_json: bool) -> int:
    async with connect(caller) as client:
        reply = await getattr(client.record_requests, method)(request)
    print_request(reply.record_request, as_json=as_json)
    return DONE


def print_request(request: RecordRequest, *, as_json: bool) -> None:
    if as_json:
        print_json(message_object(request))
        return
    until = f", hạn {local(request.deadline):%d/%m/%Y %H:%M}" if request.HasField("deadline") else ""
    state = STATES.get(request.state, str(request.state))
    out.print(f"[bold]{request.name}[/]  {state}", soft_wrap=True)
    out.print(
        f"    {code_of(request.requester)} hỏi lúc {local(request.create_time):%d/%m/%Y %H:%M}{until}"
        f"  {escape(request.scope)}",
        soft_wrap=True,
    )
    for holder in request.holders:
        held = HOLDER_STATES.get(holder.state, str(holder.state))
        parts = f", {len(holder.messages)} thông điệp" if holder.messages else ""
        note = f": {escape(holder.note)}" if holder.note else ""
        out.print(f"    {code_of(holder.facility)}  {held}{parts}{note}", soft_wrap=True)


def print_held(reply: pb.GetRecordRequestResponse) -> None:
    for held in reply.held_encounters:
        out.print(held_line(held), soft_wrap=True)
    if reply.older_encounters:
        out.print("    [yellow]còn đợt cũ hơn: hỏi lại với --until[/]")
    for service in reply.unreachable:
        out.print(f"    [yellow]{service} không trả lời, danh sách có thể thiếu[/]")


def held_line(held: HeldEncounter) -> str:
    results = f", {held.result_count} kết quả" if held.result_count else ""
    arrived = f"{local(held.arrive_time):%d/%m/%Y}"
    return f"    hệ thống có: {arrived}  {code_of(held.facility)}{results}  [dim]{held.dossier}[/]"


def code_of(facility: str) -> str:
    return facility.rpartition("/")[2]
