"""`lientuyen lookup`: who is this, and are they covered today?  One screen for reception."""

import re
import time
from typing import Annotated

import typer
from rich.panel import Panel
from rich.table import Table

from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.identity.v1.coverage_pb2 import Eligibility
from lientuyen.identity.v1.person_pb2 import SEX_FEMALE, SEX_MALE, Person
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date

from ..clock import today
from ..exchange import connect
from .common import As, AsJson, Practitioner, out, print_json, run

# What a clerk types or scans, and which field of the contract it is.
KINDS = [
    (re.compile(r"\d{12}"), "personal_id"),
    (re.compile(r"\d{10}"), "social_insurance_number"),
    (re.compile(r"\d{9}"), "old_id"),
    (re.compile(r"[A-Z]{2}\d{13}"), "card_number"),
    (re.compile(r".*\|.*"), "card_qr"),
]
SEXES = {SEX_MALE: "Nam", SEX_FEMALE: "Nữ"}


def lookup(
    number: Annotated[
        str, typer.Argument(help="CCCD (12), CMND (9), mã BHXH (10), thẻ BHYT (15), or the QR text.")
    ],
    caller: As = "facility/01999",
    practitioner: Practitioner = "tiếp đón",
    category: Annotated[str, typer.Option(help="MA_DOITUONG_KCB, such as 1.1.")] = "1.1",
    as_json: AsJson = False,
) -> None:
    """Look a patient up at reception: who, covered or not, at which rate."""
    kind = next((name for pattern, name in KINDS if pattern.fullmatch(number)), None)
    if kind is None:
        raise typer.BadParameter("không phải số CCCD, CMND, BHXH, thẻ BHYT hay mã QR")
    run(ask(kind, number, caller, practitioner, category, as_json=as_json), as_json=as_json)


async def ask(kind: str, number: str, caller: str, practitioner: str, category: str, *, as_json: bool) -> int:
    access = AccessContext(
        practitioner=practitioner,
        purpose=AccessContext.PURPOSE_TREATMENT,
        legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
    )
    day = today()
    async with connect(caller) as exchange:
        begin = time.perf_counter()
        find = persons.FindPersonRequest(access=access)
        setattr(find, kind, number)
        person = (await exchange.persons.FindPerson(find)).person
        check = eligibility.CheckEligibilityRequest(
            person=person.name,
            facility=f"facilities/{caller.split('/')[-1]}",
            day=Date(year=day.year, month=day.month, day=day.day),
            care_category=category,
            access=access,
        )
        said = (await exchange.eligibility.CheckEligibility(check)).eligibility
        took = (time.perf_counter() - begin) * 1000
    if as_json:
        print_json(as_object(person, said, took))
    else:
        out.print(screen(person, said, took))
    return 0


def as_object(person: Person, said: Eligibility, took: float) -> dict[str, object]:
    return {
        "person": person.name,
        "full_name": person.full_name,
        "birth_date": written(person.birth_date),
        "covered": said.covered,
        "result_code": said.result_code,
        "payment_rate_percent": said.payment_rate_percent,
        "valid_to": written(said.valid_to),
        "message_vi": said.message_vi,
        "stale": said.stale,
        "milliseconds": round(took, 1),
    }


def screen(person: Person, said: Eligibility, took: float) -> Panel:
    """Return the one screen."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    table.add_row("Họ và tên", f"[bold]{person.full_name}[/]")
    table.add_row(
        "Ngày sinh, giới tính", f"{written(person.birth_date)}, {SEXES.get(person.sex, 'Chưa xác định')}"
    )
    table.add_row("Thẻ BHYT", f"{said.card_number}  {written(said.valid_from)} – {written(said.valid_to)}")
    table.add_row("Nơi ĐKBĐ", said.initial_facility.split("/")[-1])
    table.add_row("Kết quả tra cứu", f"{said.result_code}: {said.message_vi}")
    rate = f"{said.payment_rate_percent}%" if said.rate_known else "chưa xác định"
    table.add_row("Mức hưởng", f"[bold]{rate}[/]")
    for reason in said.reasons:
        table.add_row("", f"[dim]{reason.message_vi}[/]")
    if said.stale:
        table.add_row("Lưu ý", f"[yellow]dữ liệu cũ: {said.stale_reason}[/]")
    colour = "green" if said.covered else "red"
    title = "được BHYT chi trả" if said.covered else "chưa được BHYT chi trả"
    return Panel(table, title=f"[{colour}]{title}[/]", subtitle=f"[dim]{took:.0f} ms[/]", expand=False)


def written(day: Date) -> str:
    """Return `12/03/2085`, unknown parts left out."""
    parts = [f"{day.day:02}" if day.day else "", f"{day.month:02}" if day.month else "", str(day.year or "")]
    return "/".join(part for part in parts if part)
