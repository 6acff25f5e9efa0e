"""`lientuyen health-book`: the citizen's health book (Sổ sức khỏe điện tử), and who looked."""

from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lientuyen.chassis.v1.audit_service_pb2 import Access, ListAccessesRequest
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.records.v1.health_book_pb2 import HealthBook
from lientuyen.type.v1.access_pb2 import AccessContext

from ..exchange import Exchange, connect
from ..stack import SERVICES
from .common import As, AsJson, out, print_json, run

OWN = AccessContext(
    practitioner="VNeID",
    purpose=AccessContext.PURPOSE_PATIENT_REQUEST,
    legal_basis=AccessContext.LEGAL_BASIS_DATA_SUBJECT,
)


def health_book(
    personal_id: Annotated[str, typer.Argument(help="Số định danh cá nhân (12 digits).")],
    caller: As = "authority/vneid",
    accesses: Annotated[bool, typer.Option(help="Also list who looked, and why.")] = True,
    as_json: AsJson = False,
) -> None:
    """Read a person's health book as they read it through VNeID."""
    run(read(personal_id, caller, accesses, as_json=as_json), as_json=as_json)


async def read(personal_id: str, caller: str, accesses: bool, *, as_json: bool) -> int:
    async with connect(caller) as exchange:
        find = persons.FindPersonRequest(personal_id=personal_id, access=OWN)
        person = (await exchange.persons.FindPerson(find)).person
        subject = f"//identity.lientuyen/{person.name}"
        reply = await exchange.health_book.GetHealthBook(
            books.GetHealthBookRequest(person=subject, access=OWN)
        )
        looked = await who_looked(exchange, subject) if accesses else []
    if as_json:
        print_json(
            {
                "health_book": MessageToDict(reply.health_book, preserving_proto_field_name=True),
                "unreachable": list(reply.unreachable),
                "accesses": [MessageToDict(one, preserving_proto_field_name=True) for one in looked],
            }
        )
        return 0
    out.print(Text(f"Sổ sức khỏe điện tử: {person.full_name}", style="bold"))
    out.print(pages(reply.health_book, looked))
    for name in reply.unreachable:
        out.print(f"[yellow]chưa lấy được dữ liệu từ {name}[/]")
    return 0


async def who_looked(exchange: Exchange, subject: str) -> list[Access]:
    """Return the newest accesses in all services, newest first."""
    found: list[Access] = []
    for service in SERVICES:
        found += (await exchange.audit(service).ListAccesses(ListAccessesRequest(subject=subject))).accesses
    return sorted(found, key=lambda one: one.access_time.ToNanoseconds(), reverse=True)


def pages(book: HealthBook, looked: list[Access]) -> RenderableType:
    """Return the book as tables, empty ones left out."""
    tables = [
        listing(
            "Lượt khám",
            ("cơ sở", "đến", "chẩn đoán", "kết quả"),
            (
                (
                    code(one.facility),
                    one.arrival_time.ToDatetime().date(),
                    one.discharge_diagnosis,
                    one.outcome.display,
                )
                for one in book.encounters
            ),
        ),
        listing(
            "Kết quả cận lâm sàng",
            ("chỉ số", "giá trị", "cơ sở", "ngày"),
            (
                (
                    one.indicator.display,
                    f"{one.value} {one.unit}",
                    code(one.facility),
                    one.result_time.ToDatetime().date(),
                )
                for one in book.results
            ),
        ),
        listing(
            "Thuốc trong đợt điều trị",
            ("thuốc", "số lượng", "cách dùng"),
            ((one.drug.display, f"{one.quantity} {one.unit}", one.dosage) for one in book.medicines),
        ),
        listing(
            "Thuốc đã được cấp phát",
            ("thuốc", "số lượng", "nhà thuốc", "lô"),
            (
                (one.drug_name, f"{one.quantity} {one.unit}", code(one.pharmacy), one.lot)
                for one in book.dispensed_medicines
            ),
        ),
        listing(
            "Lịch hẹn khám lại",
            ("ngày", "cơ sở"),
            (
                (f"{one.day.day:02}/{one.day.month:02}/{one.day.year}", code(one.facility))
                for one in book.appointments
            ),
        ),
        listing(
            "Ai đã xem",
            ("lúc (UTC)", "ai", "người", "việc", "kết quả"),
            (
                (
                    one.access_time.ToDatetime().strftime("%d/%m %H:%M:%S"),
                    one.caller,
                    one.practitioner,
                    one.method.rsplit(".", 1)[-1],
                    "được" if one.allowed else "từ chối",
                )
                for one in looked
            ),
        ),
    ]
    return Group(*(table for table in tables if table.row_count))


def listing(title: str, columns: tuple[str, ...], rows: object) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:  # type: ignore[attr-defined]
        table.add_row(*map(str, row))
    return table


def code(facility: str) -> str:
    return facility.split("/")[-1]
