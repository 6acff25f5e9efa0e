"""`lientuyen lookup`: who is this, and are they covered today?  One screen for reception."""

import asyncio
import re
import sys
import time
import unicodedata
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import facility_service_pb2 as facilities
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.identity.v1 import place_service_pb2 as places
from lientuyen.identity.v1.coverage_pb2 import Eligibility, EligibilityReason
from lientuyen.identity.v1.person_pb2 import SEX_FEMALE, SEX_MALE, Address
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date

from ..client import Client, connect
from ..clock import as_date, iso_date, today
from ..errors import ServiceError
from ..register_files import UNREADABLE_DATE, parse_date
from ..typed_numbers import WANTED, clean, number_field
from .common import As, AsJson, Practitioner, out, print_json, run
from .failures import DONE, REFUSED, CommandFailed
from .lookup_candidates import MAX_CANDIDATES, candidates_screen
from .lookup_screen import View, screen

# Who has patients to look up.
RECEPTIONS = ("facility", "pharmacy")


class Came(StrEnum):
    """How and why the person came, as the clerk types it."""

    EMERGENCY = "cap-cuu"
    TRANSFER_SLIP = "phieu-chuyen"
    REEXAMINATION_SLIP = "phieu-hen"
    AWAY_FROM_HOME = "tam-tru"
    ORGAN_DONOR = "hien-tang"
    NEWBORN = "so-sinh"
    ANNEX_ONE_DISEASE = "benh-phu-luc-1"
    ANNEX_TWO_DISEASE = "benh-phu-luc-2"


class Sex(StrEnum):
    MALE = "nam"
    FEMALE = "nu"


def lookup(
    number: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SỐ",
            help="CCCD (12 chữ số), CMND (9), mã số BHXH (10), thẻ BHYT (15 ký tự) hoặc nội dung mã QR; "
            "có dấu cách, dấu chấm, chữ thường cũng được.",
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="Họ tên: để tìm khi không có số, hoặc để đối chiếu với số.")] = "",
    birth: Annotated[str, typer.Option(help="Cùng với --name: 1985-03-12, 12/03/1985 hoặc 1985.")] = "",
    sex: Annotated[Sex | None, typer.Option(help="Cùng với --name.")] = None,
    caller: As = "facility/01999",
    practitioner: Practitioner = "tiếp đón",
    category: Annotated[str, typer.Option(help="MA_DOITUONG_KCB, ví dụ 1.3.")] = "",
    form: Annotated[str, typer.Option(help="MA_LOAI_KCB, ví dụ 03.")] = "",
    came: Annotated[list[Came] | None, typer.Option(help="Người bệnh đến thế nào; lặp lại được.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tra cứu người bệnh khi tiếp đón: là ai, BHYT chi trả không, mức nào, cần làm gì."""
    check_reception(caller)
    check = eligibility.CheckEligibilityRequest(
        facility=f"facilities/{caller.split('/')[-1]}",
        day=as_date(today()),
        care_category=category,
        care_form=form,
        circumstances=dict.fromkeys(f"CIRCUMSTANCE_{circumstance.name}" for circumstance in came or ()),
        access=AccessContext(
            practitioner=practitioner,
            purpose=AccessContext.PURPOSE_TREATMENT,
            legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
        ),
    )
    if number is None:
        run(lookup_by_name(described(name, birth, sex), check, caller, as_json=as_json))
    if name or birth or sex:
        check.stated.CopyFrom(described(name, birth, sex))
    run(lookup_by_number(*typed_number(" ".join(number)), check, caller, as_json=as_json))


def check_reception(caller: str) -> None:
    if not caller.startswith(tuple(f"{kind}/" for kind in RECEPTIONS)):
        raise CommandFailed(
            "Chỉ cơ sở KCB hoặc nhà thuốc tra cứu người bệnh: --as facility/… hoặc pharmacy/….",
            "Only a facility or a pharmacy looks patients up: --as facility/… or pharmacy/….",
            reason="CALLER_KIND",
            field="--as",
        )


def typed_number(text: str) -> tuple[str, str]:
    """Return the field and the number of what a clerk typed or scanned; CommandFailed says what is wanted."""
    field_and_number = number_field(text)
    if field_and_number is None:
        length = len(clean(text))
        raise CommandFailed(
            f"Số có {length} ký tự, không đúng dạng nào.  Cần {WANTED}; hoặc nội dung mã QR.",
            f"A number of {length} characters has none of the forms: personal ID 12 digits, social insurance "
            "10, old card 9, insurance card 2 letters, 1 digit and 12 characters; or the text of a QR code.",
            reason="NUMBER_FORM",
            field="number",
        )
    return field_and_number


def described(name: str, birth: str, sex: Sex | None) -> persons.Demographics:
    if not name.strip():
        raise CommandFailed(
            "Cần một số giấy tờ, hoặc --name và --birth.",
            "A number is wanted, or --name and --birth.",
            reason="NUMBER_MISSING",
            field="number",
        )
    demographics = persons.Demographics(full_name=name.strip())
    if sex:
        demographics.sex = {Sex.MALE: SEX_MALE, Sex.FEMALE: SEX_FEMALE}[sex]
    if birth:
        demographics.birth_date.CopyFrom(typed_date(birth))
    return demographics


def typed_date(text: str) -> Date:
    date = parse_date(unicodedata.normalize("NFKC", text).strip())
    if date == UNREADABLE_DATE:
        raise CommandFailed(
            "Ngày sinh ghi 1985-03-12, 12/03/1985 hoặc 1985.",
            "A birth date is written 1985-03-12, 12/03/1985 or 1985.",
            reason="DATE_FORM",
            field="--birth",
        )
    return date


async def lookup_by_number(
    field: str, number: str, check: eligibility.CheckEligibilityRequest, caller: str, *, as_json: bool
) -> int:
    async with connect(caller) as client:
        begin = time.perf_counter()
        view = await view_of_number(client, field, number, check)
        show(replace(view, milliseconds=since(begin)), as_json=as_json)
    return 0


async def view_of_number(
    client: Client, field: str, number: str, check: eligibility.CheckEligibilityRequest
) -> View:
    """Ask who has the number and whether they are covered at once; then for the names of the places."""
    find = persons.FindPersonRequest(access=check.access)
    if check.HasField("stated"):
        find.stated.CopyFrom(check.stated)
    setattr(find, field, number)
    setattr(check, field, number)
    match, answer = await asyncio.gather(
        client.persons.FindPerson(find), client.eligibility.CheckEligibility(check), return_exceptions=True
    )
    # Who it is comes first: a number that nobody has is refused as such.
    if isinstance(match, BaseException):
        raise match
    if isinstance(answer, BaseException):
        raise answer
    view = View(
        person=match.person,
        eligibility=answer.eligibility,
        day=today(),
        number_state=match.identifier_state,
        warnings=tuple(match.plausibilities),
    )
    return await with_names(client, view)


async def with_names(client: Client, view: View) -> View:
    facility, province = await asyncio.gather(
        facility_name(client, view.eligibility), province_name(client, view.person.address)
    )
    return replace(view, initial_facility=facility, province=province)


async def facility_name(client: Client, answer: Eligibility) -> str:
    """Return what the facility of first care is called; empty when the directory does not know it."""
    if not answer.initial_facility:
        return ""
    try:
        request = facilities.GetFacilityRequest(name=answer.initial_facility)
        return (await client.facilities.GetFacility(request)).facility.display_name
    except ServiceError:
        return ""


async def province_name(client: Client, address: Address) -> str:
    """Return what the province of an address is called today; empty when its code says nothing."""
    if not address.province_code:
        return ""
    request = places.ResolvePlaceRequest(province_code=address.province_code)
    if address.HasField("as_of"):
        request.as_of.CopyFrom(address.as_of)
    try:
        return (await client.places.ResolvePlace(request)).today.display_name
    except ServiceError:
        return ""


async def lookup_by_name(
    demographics: persons.Demographics,
    check: eligibility.CheckEligibilityRequest,
    caller: str,
    *,
    as_json: bool,
) -> int:
    async with connect(caller) as client:
        begin = time.perf_counter()
        request = persons.MatchPersonsRequest(demographics=demographics, access=check.access)
        candidates = (await client.persons.MatchPersons(request)).candidates
        if as_json:
            for candidate in candidates:
                print_json(candidate_object(candidate))
            return DONE if candidates else REFUSED
        out.print(candidates_screen(candidates, since(begin)))
        choice = prompt_choice(min(len(candidates), MAX_CANDIDATES))
        if not choice:
            return DONE if candidates else REFUSED
        begin = time.perf_counter()
        check.person = candidates[choice - 1].person.name
        answer = (await client.eligibility.CheckEligibility(check)).eligibility
        view = await with_names(client, View(candidates[choice - 1].person, answer, today()))
        show(replace(view, milliseconds=since(begin)), as_json=False)
    return 0


def prompt_choice(count: int) -> int:
    """Return which candidate the clerk chose, from 1; 0 for none, or when there is nobody to ask."""
    if not count or sys.stdin is None or not sys.stdin.isatty():
        return 0
    try:
        reply = typer.prompt(f"Chọn số 1–{count}, Enter để thôi", default="", show_default=False)
    except typer.Abort:
        return 0
    return int(reply) if re.fullmatch(r"\d", reply) and 1 <= int(reply) <= count else 0


def show(view: View, *, as_json: bool) -> None:
    if as_json:
        print_json(as_object(view))
    else:
        out.print(screen(view))


def as_object(view: View) -> dict[str, object]:
    person, answer = view.person, view.eligibility
    return {
        "person": person.name,
        "full_name": person.full_name,
        "birth_date": iso(person.birth_date),
        "warnings": [warning.message_vi for warning in view.warnings],
        "covered": answer.covered,
        "result_code": answer.result_code,
        "rate_known": answer.rate_known,
        "payment_rate_percent": answer.payment_rate_percent,
        "payment_rate_basis_points": answer.payment_rate_basis_points,
        "care_category": answer.care_category,
        "proposed_care_category": answer.proposed_care_category,
        "candidate_care_categories": list(answer.candidate_care_categories),
        "full_payment_below": answer.full_payment_below.dong,
        "valid_to": iso(answer.valid_to),
        "initial_facility": answer.initial_facility,
        "message_vi": answer.message_vi,
        "reasons": [
            {
                "code": EligibilityReason.Code.Name(reason.code)
                if reason.code in EligibilityReason.Code.values()
                else reason.code,
                "message_vi": reason.message_vi,
                "source": reason.source,
            }
            for reason in answer.reasons
        ],
        "stale": answer.stale,
        "milliseconds": round(view.milliseconds, 1),
    }


def candidate_object(candidate: persons.Candidate) -> dict[str, object]:
    return {
        "person": candidate.person.name,
        "full_name": candidate.person.full_name,
        "birth_date": iso(candidate.person.birth_date),
        "score": round(candidate.score, 4),
        "weights": {weight.field: round(weight.weight, 2) for weight in candidate.weights},
        "notes": {weight.field: weight.note for weight in candidate.weights if weight.note},
    }


def iso(date: Date) -> str:
    return iso_date(date.year, date.month, date.day)


def since(begin: float) -> float:
    """Return the milliseconds since *begin*, a `perf_counter`."""
    return (time.perf_counter() - begin) * 1000
