"""`lientuyen encounters`: what is missing of this facility's encounters, and what is late."""

from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from rich.markup import escape
from rich.table import Table

from lientuyen.records.v1 import encounter_service_pb2 as pb
from lientuyen.records.v1.encounter_status_pb2 import EncounterStatus
from lientuyen.type.v1.access_pb2 import AccessContext

from ..client import Client, connect
from ..clock import VIETNAM, local
from .common import As, AsJson, Practitioner, message_object, out, print_json, run
from .failures import DONE
from .health_book import typed_day
from .inbox import facility_of

PAGE_SIZE = 50

# Paths of a refused file that are shown; the rest is counted.
SHOWN_PATHS = 3

STATES = {
    EncounterStatus.STATE_CHECKED_IN: "chưa có hồ sơ",
    EncounterStatus.STATE_ACCEPTED: "đã nhận",
    EncounterStatus.STATE_CORRECTED: "đã sửa, đã nhận",
    EncounterStatus.STATE_REFUSED: "bị từ chối",
    EncounterStatus.STATE_WITHDRAWN: "đã thu hồi",
}
MISSING = {
    EncounterStatus.MISSING_DOSSIER: "hồ sơ",
    EncounterStatus.MISSING_CORRECTION: "hồ sơ sửa",
    EncounterStatus.MISSING_CHECK_IN: "tiếp đón (XML0)",
    EncounterStatus.MISSING_SLIP: "phiếu chưa gửi được",
}


class State(StrEnum):
    """How far, as one types it; the names of the contract without their prefix."""

    CHECKED_IN = "checked-in"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def value_name(self) -> str:
        return f"STATE_{self.name}"


States = Annotated[
    list[State] | None,
    typer.Option(
        "--state",
        help="Chỉ những lượt: chưa có hồ sơ (checked-in), đã nhận (accepted), đã sửa (corrected), bị từ chối"
        " (refused), đã thu hồi (withdrawn). Ghi được nhiều lần.",
    ),
]
Late = Annotated[bool, typer.Option("--late", help="Chỉ những lượt đã quá hạn.")]
Since = Annotated[
    str, typer.Option(metavar="NGÀY", help="Chỉ những việc đến hạn từ ngày này: 20/11/2026 hoặc 2026-11-20.")
]
Every = Annotated[bool, typer.Option("--all", help=f"Tất cả, không chỉ {PAGE_SIZE} lượt đầu.")]


def encounters(
    caller: As = "facility/01999",
    states: States = None,
    late: Late = False,
    since: Since = "",
    every: Every = False,
    practitioner: Practitioner = "phòng kế hoạch tổng hợp",
    as_json: AsJson = False,
) -> None:
    """Liệt kê các lượt khám: còn thiếu gì, việc gì đến hạn trước, việc gì đã quá hạn."""
    day = typed_day(since, "--since")
    request = pb.ListEncountersRequest(
        due_since=datetime(day.year, day.month, day.day, tzinfo=VIETNAM) if day else None,
        facility=facility_of(caller),
        states=[state.value_name for state in states or []],
        late=late,
        page_size=PAGE_SIZE,
        access=AccessContext(
            practitioner=practitioner,
            purpose=AccessContext.PURPOSE_OPERATIONS,
            legal_basis=AccessContext.LEGAL_BASIS_OWN_RECORD,
        ),
    )
    run(show(request, caller, every=every, as_json=as_json))


async def show(request: pb.ListEncountersRequest, caller: str, *, every: bool, as_json: bool) -> int:
    count = 0
    async with connect(caller) as client:
        async for page in pages(client, request, every=every):
            count += len(page.encounters)
            if as_json:
                for encounter in page.encounters:
                    print_json(message_object(encounter))
            elif page.encounters:
                out.print(table_of(page))
            if page.next_page_token and not every and not as_json:
                out.print(f"[dim]{count} lượt đầu; thêm --all để xem hết[/]")
    if not count and not as_json:
        out.print("không có lượt nào")
    return DONE


async def pages(
    client: Client, request: pb.ListEncountersRequest, *, every: bool
) -> AsyncIterator[pb.ListEncountersResponse]:
    while True:
        page = await client.encounters.ListEncounters(request)
        yield page
        if not page.next_page_token or not every:
            return
        request.page_token = page.next_page_token


def table_of(page: pb.ListEncountersResponse) -> Table:
    table = Table(box=None, header_style="dim")
    for title in ("MA_LK", "tình trạng", "còn thiếu", "hạn", "vào viện", "ghi chú"):
        table.add_column(title, overflow="fold")
    for encounter in page.encounters:
        table.add_row(*as_row(encounter))
    return table


def as_row(encounter: EncounterStatus) -> tuple[str, ...]:
    due = moment(encounter.due_time) if encounter.HasField("due_time") else ""
    return (
        f"[bold]{escape(encounter.link_key)}[/]",
        STATES.get(encounter.state, ""),
        ", ".join(MISSING.get(each, "") for each in encounter.missing),
        f"[red]{due} quá hạn[/]" if encounter.late else due,
        moment(encounter.arrival_time) if encounter.HasField("arrival_time") else "",
        escape(note_of(encounter)),
    )


def note_of(encounter: EncounterStatus) -> str:
    """Return where a refused file is wrong, else how many warnings the dossier has."""
    if encounter.state != EncounterStatus.STATE_REFUSED:
        return f"{encounter.warning_count} cảnh báo" if encounter.warning_count else ""
    paths = [finding.path for finding in encounter.refusals[:SHOWN_PATHS]]
    more = encounter.refusal_count - len(paths)
    named = ", ".join(paths) or encounter.refuse_reason.removeprefix("ERROR_REASON_")
    return f"{named} và {more} lỗi khác" if more > 0 else named


def moment(time: Timestamp) -> str:
    return f"{local(time):%d/%m/%Y %H:%M}"
