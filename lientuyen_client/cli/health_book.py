"""`lientuyen health-book`: the citizen's health book (Sổ sức khỏe điện tử), and who looked."""

from collections.abc import Iterable
from typing import Annotated

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lientuyen.chassis.v1.audit_service_pb2 import Access, ListAccessesRequest
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.records.v1.health_book_pb2 import HealthBook, Result
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date

from ..client import Client, connect
from ..clock import local
from ..running_stack import SERVICES
from ..typed_numbers import number_field
from .common import As, AsJson, message_object, out, print_json, run
from .failures import CommandFailed

OWN_ACCESS = AccessContext(
    practitioner="VNeID",
    purpose=AccessContext.PURPOSE_PATIENT_REQUEST,
    legal_basis=AccessContext.LEGAL_BASIS_DATA_SUBJECT,
)


def health_book(
    personal_id: Annotated[list[str], typer.Argument(metavar="SỐ", help="Số định danh cá nhân (12 chữ số).")],
    caller: As = "authority/vneid",
    accesses: Annotated[bool, typer.Option(help="Liệt kê cả ai đã xem.")] = True,
    as_json: AsJson = False,
) -> None:
    """Xem sổ sức khỏe điện tử như người dân xem qua VNeID."""
    run(show(typed_personal_id(" ".join(personal_id)), caller, accesses, as_json=as_json))


def typed_personal_id(text: str) -> str:
    field, number = number_field(text) or ("", "")
    if field != "personal_id":
        raise CommandFailed(
            "Số định danh cá nhân gồm 12 chữ số.",
            "A personal ID has 12 digits.",
            reason="NUMBER_FORM",
            field="personal_id",
        )
    return number


async def show(personal_id: str, caller: str, accesses: bool, *, as_json: bool) -> int:
    async with connect(caller) as client:
        find = persons.FindPersonRequest(personal_id=personal_id, access=OWN_ACCESS)
        person = (await client.persons.FindPerson(find)).person
        subject = person.name
        reply = await client.health_book.GetHealthBook(
            books.GetHealthBookRequest(person=subject, access=OWN_ACCESS)
        )
        listed = await list_accesses(client, subject) if accesses else []
    if as_json:
        print_json(
            {
                "health_book": message_object(reply.health_book),
                "unreachable": list(reply.unreachable),
                "accesses": [message_object(access) for access in listed],
            }
        )
        return 0
    out.print(Text(f"Sổ sức khỏe điện tử: {person.full_name}", style="bold"))
    out.print(book_tables(reply.health_book, listed))
    for name in reply.unreachable:
        out.print(f"[yellow]chưa lấy được dữ liệu từ {name}[/]")
    return 0


async def list_accesses(client: Client, subject: str) -> list[Access]:
    accesses: list[Access] = []
    for service in SERVICES:
        accesses += (await client.audit(service).ListAccesses(ListAccessesRequest(subject=subject))).accesses
    return sorted(accesses, key=lambda access: access.access_time.ToNanoseconds(), reverse=True)


def book_tables(book: HealthBook, accesses: list[Access]) -> RenderableType:
    tables = [
        encounters(book),
        results(book),
        medicines(book),
        dispensed(book),
        appointments(book),
        health_checks(book),
        immunizations(book),
        accesses_table(accesses),
    ]
    return Group(*(table for table in tables if table.row_count))


def encounters(book: HealthBook) -> Table:
    rows = (
        (
            code(encounter.facility),
            day(encounter.arrival_time),
            encounter.discharge_diagnosis,
            encounter.outcome.display,
        )
        for encounter in book.encounters
    )
    return listing("Lượt khám", ("cơ sở", "đến", "chẩn đoán", "kết quả"), rows)


def results(book: HealthBook) -> Table:
    rows = (
        (
            result.indicator.display,
            f"{result.value} {result.unit}",
            code(result.facility),
            day_of(result),
        )
        for result in book.results
    )
    return listing("Kết quả cận lâm sàng", ("chỉ số", "giá trị", "cơ sở", "ngày"), rows)


def day_of(result: Result) -> str:
    """Return the day of a result as it is known; a dossier need not tell it."""
    if result.HasField("result_time"):
        return day(result.result_time)
    return day(result.perform_time) if result.HasField("perform_time") else "không rõ"


def medicines(book: HealthBook) -> Table:
    rows = (
        (medicine.drug.display, f"{medicine.quantity} {medicine.unit}", medicine.dosage)
        for medicine in book.medicines
    )
    return listing("Thuốc trong đợt điều trị", ("thuốc", "số lượng", "cách dùng"), rows)


def dispensed(book: HealthBook) -> Table:
    rows = (
        (medicine.drug_name, f"{medicine.quantity} {medicine.unit}", code(medicine.pharmacy), medicine.lot)
        for medicine in book.dispensed_medicines
    )
    return listing("Thuốc đã được cấp phát", ("thuốc", "số lượng", "nhà thuốc", "lô"), rows)


def appointments(book: HealthBook) -> Table:
    rows = ((written_date(appointment.day), code(appointment.facility)) for appointment in book.appointments)
    return listing("Lịch hẹn khám lại", ("ngày", "cơ sở"), rows)


def health_checks(book: HealthBook) -> Table:
    rows = (
        (
            day(check.check_time),
            code(check.facility),
            check.health_class.display or check.health_class.code,
            ", ".join(coding.code for coding in check.diagnoses),
            check.problems,
        )
        for check in book.health_checks
    )
    return listing("Khám sức khỏe", ("ngày", "cơ sở", "phân loại", "bệnh", "cần theo dõi"), rows)


def immunizations(book: HealthBook) -> Table:
    rows = (
        (
            day(dose.immunize_time),
            dose.vaccine.display or dose.vaccine.code,
            str(dose.dose_number),
            dose.lot,
            code(dose.facility),
        )
        for dose in book.immunizations
    )
    return listing("Tiêm chủng", ("ngày", "vắc-xin", "mũi", "lô", "cơ sở"), rows)


def accesses_table(accesses: list[Access]) -> Table:
    rows = (
        (
            f"{local(access.access_time):%d/%m %H:%M:%S}",
            access.caller,
            access.practitioner,
            access.method.rsplit(".", 1)[-1],
            "được" if access.allowed else "từ chối",
        )
        for access in accesses
    )
    return listing("Ai đã xem", ("lúc", "ai", "người", "việc", "kết quả"), rows)


def listing(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def written_date(date: Date) -> str:
    return f"{date.day:02}/{date.month:02}/{date.year}"


def day(time: Timestamp) -> str:
    return f"{local(time):%d/%m/%Y}"


def code(facility: str) -> str:
    return facility.split("/")[-1]
