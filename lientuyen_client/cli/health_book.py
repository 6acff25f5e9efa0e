"""`lientuyen health-book`: the citizen's health book (Sổ sức khỏe điện tử), and who looked."""

import asyncio
import os
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from lientuyen.chassis.v1.audit_service_pb2 import Access, ListAccessesRequest
from lientuyen.identity.v1 import facility_service_pb2 as facilities
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.records.v1.health_book_pb2 import HealthBook
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date

from ..client import Client, connect
from ..clock import VIETNAM
from ..errors import ServiceError
from ..register_files import parse_date
from ..running_stack import SERVICES
from ..typed_numbers import number_field
from .common import As, AsJson, message_object, out, print_json, run
from .failures import CommandFailed, text_of
from .health_book_html import page
from .health_book_screen import screen
from .health_book_view import Source, view_of, written_date

OWN_ACCESS = AccessContext(
    practitioner="VNeID",
    purpose=AccessContext.PURPOSE_PATIENT_REQUEST,
    legal_basis=AccessContext.LEGAL_BASIS_DATA_SUBJECT,
)

# Encounters of one page, and of who looked the rows of each service.
PAGE_SIZE, ACCESSES = 50, 200


def health_book(
    personal_id: Annotated[list[str], typer.Argument(metavar="SỐ", help="Số định danh cá nhân (12 chữ số).")],
    caller: As = "authority/vneid",
    accesses: Annotated[bool, typer.Option(help="Liệt kê cả ai đã xem.")] = True,
    as_of: Annotated[str, typer.Option(help="Sổ như vào cuối ngày này: 20/11/2026 hoặc 2026-11-20.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Mọi lượt khám, không chỉ 50 lượt gần nhất.")] = False,
    html: Annotated[Path | None, typer.Option(help="Ghi thành một tệp HTML để xem, in, hoặc gửi đi.")] = None,
    as_json: AsJson = False,
) -> None:
    """Xem sổ sức khỏe điện tử như người dân xem qua VNeID."""
    number, day = typed_personal_id(" ".join(personal_id)), typed_day(as_of)
    run(show(number, caller, accesses, day=day, every=every, html=html, as_json=as_json))


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


def typed_day(text: str, option: str = "--as-of") -> Date | None:
    """Return the whole day that was typed; None for nothing, CommandFailed at *option* for what is none."""
    if not text.strip():
        return None
    typed = parse_date(unicodedata.normalize("NFKC", text).strip())
    try:
        date(typed.year, typed.month, typed.day)
    except ValueError:
        raise CommandFailed(
            "Ngày ghi 20/11/2026 hoặc 2026-11-20.",
            "A day is written 20/11/2026 or 2026-11-20.",
            reason="DATE_FORM",
            field=option,
        ) from None
    return typed


async def show(
    personal_id: str,
    caller: str,
    accesses: bool,
    *,
    day: Date | None = None,
    every: bool = False,
    html: Path | None = None,
    as_json: bool = False,
) -> int:
    async with connect(caller) as client:
        find = persons.FindPersonRequest(personal_id=personal_id, access=OWN_ACCESS)
        person = (await client.persons.FindPerson(find)).person
        reply = await read_book(client, person.name, day, every=every)
        listed = await list_accesses(client, person.name) if accesses else []
        source = Source(
            book=reply.health_book,
            person=person,
            personal_id=personal_id,
            unreachable=reply.unreachable,
            accesses=listed,
            names={} if as_json else await facility_names(client, reply.health_book, listed),
            day=written_date(day) if day else "",
            now=f"{datetime.now(VIETNAM):%d/%m/%Y %H:%M}",
        )
    if as_json:
        print_json(
            {
                "health_book": message_object(reply.health_book),
                "unreachable": list(reply.unreachable),
                "accesses": [message_object(access) for access in listed],
            }
        )
    if html is not None:
        write_private(html, page(view_of(source)))
    if html is not None and not as_json:
        out.print(f"Đã ghi sổ sức khỏe vào {text_of(html)}", markup=False)
    elif not as_json:
        out.print(screen(view_of(source)))
    return 0


async def read_book(
    client: Client, person: str, day: Date | None, *, every: bool
) -> books.GetHealthBookResponse:
    """Return the latest page of a book, or all of them put together."""
    request = books.GetHealthBookRequest(person=person, page_size=PAGE_SIZE, as_of=day, access=OWN_ACCESS)
    reply = page_reply = await client.health_book.GetHealthBook(request)
    while every and page_reply.next_page_token:
        request.page_token = page_reply.next_page_token
        page_reply = await client.health_book.GetHealthBook(request)
        reply.health_book.MergeFrom(page_reply.health_book)
        reply.health_book.older_encounters = page_reply.health_book.older_encounters
    return reply


async def list_accesses(client: Client, subject: str) -> list[Access]:
    accesses: list[Access] = []
    request = ListAccessesRequest(subject=subject, page_size=ACCESSES)
    for service in SERVICES:
        accesses += (await client.audit(service).ListAccesses(request)).accesses
    return sorted(accesses, key=lambda access: access.access_time.ToNanoseconds(), reverse=True)


async def facility_names(client: Client, book: HealthBook, accesses: Iterable[Access]) -> dict[str, str]:
    """Return the names of the facilities in a book by their codes; of one that nobody knows there is none."""
    codes = sorted({each.rpartition("/")[2] for each in _facilities(book, accesses)} - {""})
    names = await asyncio.gather(*(_name_of(client, code) for code in codes))
    return {code: name for code, name in zip(codes, names, strict=True) if name}


def _facilities(book: HealthBook, accesses: Iterable[Access]) -> Iterable[str]:
    parts = (book.encounters, book.appointments, book.missing_encounters, book.history.allergies)
    yield from (each.facility for part in parts for each in part)
    yield from (each.pharmacy for each in book.dispensed_medicines)
    callers = (access.caller.partition(" via ")[0] for access in accesses)
    yield from (caller for caller in callers if caller.startswith(("facility/", "pharmacy/")))


async def _name_of(client: Client, code: str) -> str:
    """Return a facility's name; empty when it is not known: a book is read without."""
    request = facilities.GetFacilityRequest(name=f"facilities/{code}")
    try:
        return (await client.facilities.GetFacility(request)).facility.display_name
    except ServiceError:
        return ""


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads: whole, or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.touch(mode=0o600, exist_ok=False)
        unfinished.write_text(text, encoding="utf8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
