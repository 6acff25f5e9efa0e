"""`lientuyen lookup`: who is this, and are they covered today?  One screen for reception."""

import asyncio
import re
import sys
import time
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
from ..clock import as_date, today
from ..errors import ServiceError
from .common import As, AsJson, Practitioner, out, print_json, run
from .lookup_candidates import MAX_CANDIDATES, candidates_screen
from .lookup_screen import View, screen, written_date

# What a clerk types or scans, and which field of the contract it is.
NUMBER_PATTERNS = [
    (re.compile(r"\d{12}"), "personal_id"),
    (re.compile(r"\d{10}"), "social_insurance_number"),
    (re.compile(r"\d{9}"), "old_id"),
    (re.compile(r"[A-Z]{2}\d[0-9A-Z]{12}"), "card_number"),
    (re.compile(r".*\|.*", re.DOTALL), "card_qr"),
]
# 1985-03-12 or 12/03/1985, the month and the day may be missing.
BIRTH_DATE_PATTERNS = [
    re.compile(r"(?P<year>\d{4})(-(?P<month>\d{1,2})(-(?P<day>\d{1,2}))?)?"),
    re.compile(r"((?P<day>\d{1,2})/)?(?P<month>\d{1,2})/(?P<year>\d{4})"),
]


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
        str | None,
        typer.Argument(help="CCCD (12), CMND (9), mã BHXH (10), thẻ BHYT (15), or the QR text."),
    ] = None,
    name: Annotated[str, typer.Option(help="The full name (họ tên): to find, or to compare.")] = "",
    birth: Annotated[str, typer.Option(help="With --name: 1985-03-12, 12/03/1985 or 1985.")] = "",
    sex: Annotated[Sex | None, typer.Option(help="With --name.")] = None,
    caller: As = "facility/01999",
    practitioner: Practitioner = "tiếp đón",
    category: Annotated[str, typer.Option(help="MA_DOITUONG_KCB, such as 1.3.")] = "",
    form: Annotated[str, typer.Option(help="MA_LOAI_KCB, such as 03.")] = "",
    came: Annotated[list[Came] | None, typer.Option(help="How the person came; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look a patient up at reception: who, covered or not, at which rate, what to do."""
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
        run(lookup_by_name(described(name, birth, sex), check, caller, as_json=as_json), as_json=as_json)
    if name or birth or sex:
        check.stated.CopyFrom(described(name, birth, sex))
    field = next((field for pattern, field in NUMBER_PATTERNS if pattern.fullmatch(number)), None)
    if field is None:
        raise typer.BadParameter("không phải số CCCD, CMND, BHXH, thẻ BHYT hay mã QR")
    run(lookup_by_number(field, number, check, caller, as_json=as_json), as_json=as_json)


def described(name: str, birth: str, sex: Sex | None) -> persons.Demographics:
    if not name.strip():
        raise typer.BadParameter("cần một số giấy tờ, hoặc --name và --birth")
    demographics = persons.Demographics(full_name=name.strip())
    if sex:
        demographics.sex = {Sex.MALE: SEX_MALE, Sex.FEMALE: SEX_FEMALE}[sex]
    if birth:
        match = next(filter(None, (form.fullmatch(birth.strip()) for form in BIRTH_DATE_PATTERNS)), None)
        if match is None:
            raise typer.BadParameter("ngày sinh ghi 1985-03-12, 12/03/1985 hoặc 1985")
        parts = {part: int(value) for part, value in match.groupdict("0").items()}
        demographics.birth_date.MergeFrom(Date(**parts))
    return demographics


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
    finding = asyncio.ensure_future(client.persons.FindPerson(find))
    checking = asyncio.ensure_future(client.eligibility.CheckEligibility(check))
    await asyncio.wait((finding, checking))
    # Who it is comes first: a number that nobody has is refused as such.
    for task in (finding, checking):
        if error := task.exception():
            raise error
    match = finding.result()
    view = View(
        person=match.person,
        eligibility=checking.result().eligibility,
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
            return 0 if candidates else 1
        out.print(candidates_screen(candidates, since(begin)))
        choice = prompt_choice(min(len(candidates), MAX_CANDIDATES)) if sys.stdin.isatty() else 0
        if not choice:
            return 0 if candidates else 1
        begin = time.perf_counter()
        check.person = candidates[choice - 1].person.name
        answer = (await client.eligibility.CheckEligibility(check)).eligibility
        view = await with_names(client, View(candidates[choice - 1].person, answer, today()))
        show(replace(view, milliseconds=since(begin)), as_json=False)
    return 0


def prompt_choice(count: int) -> int:
    """Return which candidate the clerk chose, from 1; 0 for none."""
    if not count:
        return 0
    reply = typer.prompt(f"Chọn số 1–{count}, Enter để thôi", default="", show_default=False)
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
        "birth_date": written_date(person.birth_date),
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
        "valid_to": written_date(answer.valid_to),
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
        "birth_date": written_date(candidate.person.birth_date),
        "score": round(candidate.score, 4),
        "weights": {weight.field: round(weight.weight, 2) for weight in candidate.weights},
        "notes": {weight.field: weight.note for weight in candidate.weights if weight.note},
    }


def since(begin: float) -> float:
    """Return the milliseconds since *begin*, a `perf_counter`."""
    return (time.perf_counter() - begin) * 1000
