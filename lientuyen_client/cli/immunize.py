"""`lientuyen immunize`: record a dose of a vaccine, as a commune's health station does; or correct one."""

from datetime import datetime
from typing import Annotated, Any

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from rich.markup import escape

from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.records.v1 import immunization_service_pb2 as pb
from lientuyen.records.v1.immunization_pb2 import Immunization, ImmunizationReaction
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.coding_pb2 import Coding
from lientuyen.type.v1.date_pb2 import Date

from ..client import connect
from ..clock import VIETNAM
from ..register_files import UNREADABLE_DATE, parse_date
from .common import As, AsJson, Practitioner, message_object, out, print_json, run
from .failures import CommandFailed
from .lookup import typed_number

# Numbers that a dose is compared by; others only find the person.
SHOWN = ("personal_id", "social_insurance_number", "card_number")
TIME_FORMS = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M")

Number = Annotated[
    list[str],
    typer.Argument(metavar="SỐ", help="CCCD, mã số BHXH, thẻ BHYT hoặc nội dung mã QR của người được tiêm."),
]
Reactions = Annotated[
    list[str] | None, typer.Option("--reaction", help="Mã ICD-10 của phản ứng sau tiêm; lặp lại được.")
]


def immunize(
    number: Number,
    vaccine: Annotated[str, typer.Option(help="Mã vắc-xin: số đăng ký hoặc mã của chương trình tiêm chủng.")],
    dose: Annotated[int, typer.Option(min=1, max=99, help="Mũi số mấy.")],
    system: Annotated[str, typer.Option(help="Danh mục của mã vắc-xin.")] = "SDK",
    title: Annotated[str, typer.Option("--vaccine-name", help="Tên vắc-xin.")] = "",
    lot: Annotated[str, typer.Option(help="Số lô.")] = "",
    expiry: Annotated[str, typer.Option(help="Hạn dùng của lô: 2027-06-30 hoặc 30/06/2027.")] = "",
    at: Annotated[str, typer.Option(help="Lúc tiêm, ví dụ 2026-11-27T09:30; mặc định là bây giờ.")] = "",
    site: Annotated[str, typer.Option(help="Vị trí tiêm, ví dụ bắp tay trái.")] = "",
    name: Annotated[str, typer.Option(help="Họ tên trên giấy tờ, để đối chiếu với số.")] = "",
    birth: Annotated[str, typer.Option(help="Ngày sinh trên giấy tờ, để đối chiếu.")] = "",
    reaction: Reactions = None,
    replaces: Annotated[str, typer.Option(help="Mũi tiêm đã ghi mà lần này sửa lại (tên tài nguyên).")] = "",
    caller: As = "facility/01999",
    practitioner: Practitioner = "điểm tiêm",
    as_json: AsJson = False,
) -> None:
    """Ghi nhận một mũi tiêm chủng vào sổ sức khỏe của người được tiêm."""
    field, digits = typed_number(" ".join(number))
    message = Immunization(
        facility=f"facilities/{caller.split('/')[-1]}",
        vaccine=Coding(system=system, code=vaccine, display=title),
        dose_number=dose,
        immunize_time=moment(at),
        lot=lot,
        lot_expiry=day(expiry, "--expiry"),
        body_site=Coding(display=site) if site else None,
        practitioner=practitioner,
        reactions=[ImmunizationReaction(kind=Coding(system="ICD-10", code=code)) for code in reaction or ()],
    )
    request = pb.RecordImmunizationRequest(immunization=message, replaces=replaces)
    if field in SHOWN:
        request.shown.CopyFrom(paper(field, digits, name, birth))
    run(record(request, {field: digits}, caller, practitioner, as_json=as_json))


def paper(field: str, digits: str, name: str, birth: str) -> pb.ShownPerson:
    values: dict[str, Any] = {field: digits}
    return pb.ShownPerson(full_name=name, birth_date=day(birth, "--birth"), **values)


async def record(
    request: pb.RecordImmunizationRequest,
    number: dict[str, str],
    caller: str,
    practitioner: str,
    *,
    as_json: bool,
) -> int:
    access = AccessContext(
        practitioner=practitioner,
        purpose=AccessContext.PURPOSE_TREATMENT,
        legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
    )
    async with connect(caller) as client:
        find: dict[str, Any] = {**number, "access": access}
        person = (await client.persons.FindPerson(persons.FindPersonRequest(**find))).person
        request.immunization.person = person.name
        taken = await client.immunizations.RecordImmunization(request)
    if as_json:
        print_json(message_object(taken))
    else:
        show(taken, person.full_name)
    return 0


def show(taken: pb.RecordImmunizationResponse, full_name: str) -> None:
    dose = taken.immunization
    done = "đã có, không ghi lại" if taken.unchanged else "đã ghi"
    title = dose.vaccine.display or dose.vaccine.code
    out.print(
        f"[green]✓ {done}[/]  {escape(full_name)}  mũi {dose.dose_number}  {escape(title)}",
        soft_wrap=True,
    )
    out.print(f"  [dim]{dose.name}[/]", soft_wrap=True)
    for warning in taken.warnings:
        out.print(f"  [yellow]{warning.path}: {warning.message_vi}[/]", soft_wrap=True)


def moment(text: str) -> Timestamp:
    """Return the time that was typed, of Viet Nam; now for an empty text."""
    time = Timestamp()
    time.FromDatetime(
        typed_time(text.strip()) if text.strip() else datetime.now(VIETNAM).replace(microsecond=0)
    )
    return time


def typed_time(text: str) -> datetime:
    for form in TIME_FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=VIETNAM)
        except ValueError:
            continue
    raise CommandFailed(
        "Thời điểm ghi 2026-11-27T09:30 hoặc 27/11/2026 09:30.",
        "A time is written 2026-11-27T09:30 or 27/11/2026 09:30.",
        reason="DATE_FORM",
        field="--at",
    )


def day(text: str, option: str) -> Date | None:
    """Return the date that was typed; None for an empty text."""
    if not text.strip():
        return None
    date = parse_date(text.strip())
    if date == UNREADABLE_DATE:
        raise CommandFailed(
            "Ngày ghi 2027-06-30 hoặc 30/06/2027.",
            "A date is written 2027-06-30 or 30/06/2027.",
            reason="DATE_FORM",
            field=option,
        )
    return date
