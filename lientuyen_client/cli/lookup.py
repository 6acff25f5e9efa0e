"""`lientuyen lookup`: who is this, and are they covered today?  One screen for reception."""

import asyncio
import re
import sys
import time
from dataclasses import replace
from datetime import date
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

from ..clock import today
from ..errors import ServiceError
from ..exchange import Exchange, connect
from .common import As, AsJson, Practitioner, out, print_json, run
from .lookup_candidates import MOST, candidates_screen
from .lookup_screen import View, screen, written

# What a clerk types or scans, and which field of the contract it is.
KINDS = [
    (re.compile(r"\d{12}"), "personal_id"),
    (re.compile(r"\d{10}"), "social_insurance_number"),
    (re.compile(r"\d{9}"), "old_id"),
    (re.compile(r"[A-Z]{2}\d[0-9A-Z]{12}"), "card_number"),
    (re.compile(r".*\|.*", re.DOTALL), "card_qr"),
]
# 1985-03-12 or 12/03/1985, the month and the day may be missing.
BIRTHS = [
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
    """The sex, as the clerk types it."""

    MALE = "nam"
    FEMALE = "nu"


def lookup(
    number: Annotated[
        str | None,
        typer.Argument(help="CCCD (12), CMND (9), mã BHXH (10), thẻ BHYT (15), or the QR text."),
    ] = None,
    name: Annotated[str, typer.Option(help="Without a number: the full name (họ tên).")] = "",
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
        circumstances=dict.fromkeys(f"CIRCUMSTANCE_{one.name}" for one in came or ()),
        access=AccessContext(
            practitioner=practitioner,
            purpose=AccessContext.PURPOSE_TREATMENT,
            legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
        ),
    )
    if number is None:
        run(choose(described(name, birth, sex), check, caller, as_json=as_json), as_json=as_json)
    kind = next((field for pattern, field in KINDS if pattern.fullmatch(number)), None)
    if kind is None:
        raise typer.BadParameter("không phải số CCCD, CMND, BHXH, thẻ BHYT hay mã QR")
    run(ask(kind, number, check, caller, as_json=as_json), as_json=as_json)


def described(name: str, birth: str, sex: Sex | None) -> persons.Demographics:
    """Return who is described; refuse a name that is missing or a date that cannot be read."""
    if not name.strip():
        raise typer.BadParameter("cần một số giấy tờ, hoặc --name và --birth")
    told = persons.Demographics(full_name=name.strip())
    if sex:
        told.sex = {Sex.MALE: SEX_MALE, Sex.FEMALE: SEX_FEMALE}[sex]
    if birth:
        read = next((match for form in BIRTHS if (match := form.fullmatch(birth.strip()))), None)
        if read is None:
            raise typer.BadParameter("ngày sinh ghi 1985-03-12, 12/03/1985 hoặc 1985")
        told.birth_date.MergeFrom(Date(**{part: int(value) for part, value in read.groupdict("0").items()}))
    return told


async def ask(
    kind: str, number: str, check: eligibility.CheckEligibilityRequest, caller: str, *, as_json: bool
) -> int:
    """Find by a number, and show."""
    async with connect(caller) as exchange:
        begin = time.perf_counter()
        view = await viewed(exchange, kind, number, check)
        show(replace(view, milliseconds=since(begin)), as_json=as_json)
    return 0


async def viewed(
    exchange: Exchange, kind: str, number: str, check: eligibility.CheckEligibilityRequest
) -> View:
    """Ask who has the number and whether they are covered at once; then for the names of the places."""
    find = persons.FindPersonRequest(access=check.access)
    setattr(find, kind, number)
    setattr(check, kind, number)
    finding = asyncio.ensure_future(exchange.persons.FindPerson(find))
    checking = asyncio.ensure_future(exchange.eligibility.CheckEligibility(check))
    await asyncio.wait((finding, checking))
    # Who it is comes first: a number that nobody has is refused as such.
    for task in (finding, checking):
        if error := task.exception():
            raise error
    found, said = finding.result(), checking.result().eligibility
    view = View(
        person=found.person,
        said=said,
        day=today(),
        number_state=found.identifier_state,
        warnings=tuple(found.plausibilities),
    )
    return await named(exchange, view)


async def named(exchange: Exchange, view: View) -> View:
    """Return *view* with the names of the facility of first care and of the province."""
    facility, province = await asyncio.gather(
        facility_name(exchange, view.said), province_name(exchange, view.person.address)
    )
    return replace(view, initial_facility=facility, province=province)


async def facility_name(exchange: Exchange, said: Eligibility) -> str:
    """Return what the facility of first care is called; empty when the directory does not know it."""
    if not said.initial_facility:
        return ""
    try:
        request = facilities.GetFacilityRequest(name=said.initial_facility)
        return (await exchange.facilities.GetFacility(request)).facility.display_name
    except ServiceError:
        return ""


async def province_name(exchange: Exchange, address: Address) -> str:
    """Return what the province of an address is called today; empty when its code says nothing."""
    if not address.province_code:
        return ""
    asked = places.ResolvePlaceRequest(province_code=address.province_code)
    if address.HasField("as_of"):
        asked.as_of.CopyFrom(address.as_of)
    try:
        return (await exchange.places.ResolvePlace(asked)).today.display_name
    except ServiceError:
        return ""


async def choose(
    told: persons.Demographics, check: eligibility.CheckEligibilityRequest, caller: str, *, as_json: bool
) -> int:
    """Show who it may be; let the clerk choose where there is somebody to choose."""
    async with connect(caller) as exchange:
        begin = time.perf_counter()
        request = persons.MatchPersonsRequest(demographics=told, access=check.access)
        candidates = (await exchange.persons.MatchPersons(request)).candidates
        if as_json:
            for one in candidates:
                print_json(candidate_object(one))
            return 0 if candidates else 1
        out.print(candidates_screen(candidates, since(begin)))
        picked = pick(min(len(candidates), MOST)) if sys.stdin.isatty() else 0
        if not picked:
            return 0 if candidates else 1
        begin = time.perf_counter()
        check.person = candidates[picked - 1].person.name
        said = (await exchange.eligibility.CheckEligibility(check)).eligibility
        view = await named(exchange, View(candidates[picked - 1].person, said, today()))
        show(replace(view, milliseconds=since(begin)), as_json=False)
    return 0


def pick(most: int) -> int:
    """Return which candidate the clerk chose, from 1; 0 for none."""
    if not most:
        return 0
    said = typer.prompt(f"Chọn số 1–{most}, Enter để thôi", default="", show_default=False)
    return int(said) if re.fullmatch(r"\d", said) and 1 <= int(said) <= most else 0


def show(view: View, *, as_json: bool) -> None:
    """Print the view."""
    if as_json:
        print_json(as_object(view))
    else:
        out.print(screen(view))


def as_object(view: View) -> dict[str, object]:
    """Return what a program reads: one object."""
    person, said = view.person, view.said
    return {
        "person": person.name,
        "full_name": person.full_name,
        "birth_date": written(person.birth_date),
        "warnings": [one.message_vi for one in view.warnings],
        "covered": said.covered,
        "result_code": said.result_code,
        "rate_known": said.rate_known,
        "payment_rate_percent": said.payment_rate_percent,
        "payment_rate_basis_points": said.payment_rate_basis_points,
        "care_category": said.care_category,
        "proposed_care_category": said.proposed_care_category,
        "valid_to": written(said.valid_to),
        "initial_facility": said.initial_facility,
        "message_vi": said.message_vi,
        "reasons": [
            {
                "code": EligibilityReason.Code.Name(one.code)
                if one.code in EligibilityReason.Code.values()
                else one.code,
                "message_vi": one.message_vi,
                "source": one.source,
            }
            for one in said.reasons
        ],
        "stale": said.stale,
        "milliseconds": round(view.milliseconds, 1),
    }


def candidate_object(one: persons.Candidate) -> dict[str, object]:
    """Return a candidate as a program reads it."""
    return {
        "person": one.person.name,
        "full_name": one.person.full_name,
        "birth_date": written(one.person.birth_date),
        "score": round(one.score, 4),
        "weights": {weight.field: round(weight.weight, 2) for weight in one.weights},
        "notes": {weight.field: weight.note for weight in one.weights if weight.note},
    }


def as_date(day: date) -> Date:
    """Return *day* as the contract writes it."""
    return Date(year=day.year, month=day.month, day=day.day)


def since(begin: float) -> float:
    """Return the milliseconds since *begin*, a `perf_counter`."""
    return (time.perf_counter() - begin) * 1000
