"""Doses of vaccines over a real channel and a real database: recorded once, corrected by name, listed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1.consent_pb2 import DATA_CLASS_CARE, DATA_CLASS_MENTAL_HEALTH
from lientuyen.identity.v1.consent_service_pb2 import AuthorizeRequest
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.records.v1 import immunization_service_pb2 as pb
from lientuyen.records.v1.immunization_pb2 import Immunization, ImmunizationReaction
from lientuyen.type.v1.coding_pb2 import Coding
from lientuyen.type.v1.date_pb2 import Date
from tests.harness import World, refused

from .records_env import CARE, CITIZEN, NUMBER, PERSON_NAME, Records

NOON = datetime(2026, 11, 25, 5, tzinfo=UTC)
STATION = "//identity.lientuyen/facilities/01999"
VACCINE = Coding(system="SDK", code="893310000126", display="Vắc-xin mẫu")
BIRTH = Date(year=1985, month=3, day=12)


@pytest.fixture
async def records(world: World) -> AsyncIterator[Records]:
    with clock.fixed(NOON):
        yield await Records(world).start()


def dose(**changes: Any) -> Immunization:
    message = Immunization(
        person=PERSON_NAME,
        facility=STATION,
        vaccine=VACCINE,
        dose_number=1,
        lot="LO-1",
        lot_expiry=Date(year=2027, month=6, day=30),
        body_site=Coding(system="LIENTUYEN", code="LEFT_ARM", display="Bắp tay trái"),
        practitioner="000001/HNO-GPHN",
    )
    message.immunize_time.FromDatetime(NOON - timedelta(hours=1))
    for name, value in changes.items():
        field = getattr(message, name)
        if hasattr(field, "CopyFrom"):
            field.CopyFrom(value)
        elif hasattr(field, "extend"):
            field.extend(value)
        else:
            setattr(message, name, value)
    return message


def reaction(code: str, after: timedelta = timedelta(minutes=10)) -> ImmunizationReaction:
    message = ImmunizationReaction(
        kind=Coding(system="ICD-10", code=code), severity=ImmunizationReaction.SEVERITY_COMMON
    )
    message.onset_time.FromDatetime(NOON - timedelta(hours=1) + after)
    return message


def shown(**changes: Any) -> pb.ShownPerson:
    values = {"personal_id": NUMBER, "full_name": "Trần Thị Mẫu", "birth_date": BIRTH, **changes}
    return pb.ShownPerson(**values)


async def record(
    records: Records,
    message: Immunization,
    caller: str = "facility/01999",
    *,
    paper: pb.ShownPerson | None = None,
    replaces: str = "",
) -> pb.RecordImmunizationResponse:
    request = pb.RecordImmunizationRequest(
        request_id=str(uuid4()), immunization=message, replaces=replaces, shown=paper
    )
    return await records.immunizations(caller).RecordImmunization(request)


async def listed(
    records: Records, caller: str = "authority/vneid", **more: Any
) -> pb.ListImmunizationsResponse:
    access = CITIZEN if caller == "authority/vneid" else CARE
    request = pb.ListImmunizationsRequest(person=PERSON_NAME, access=access, **more)
    return await records.immunizations(caller).ListImmunizations(request)


async def test_a_dose_is_recorded_and_the_citizen_sees_it(records: Records):
    message = dose(reactions=[reaction("R50.9")])
    taken = await record(records, message, paper=shown())
    (seen,) = (await listed(records)).immunizations
    request = books.GetHealthBookRequest(person=PERSON_NAME, access=CITIZEN)
    book = (await records.books("authority/vneid").GetHealthBook(request)).health_book

    assert (taken.unchanged, len(taken.warnings)) == (False, 0)
    assert taken.immunization.state == Immunization.STATE_RECORDED
    for field in (
        "vaccine",
        "dose_number",
        "lot",
        "lot_expiry",
        "body_site",
        "immunize_time",
        "practitioner",
    ):
        assert getattr(taken.immunization, field) == getattr(message, field), field
    assert list(taken.immunization.reactions) == list(message.reactions)
    assert seen == taken.immunization == book.immunizations[0]
    assert not book.older_immunizations
    assert records.identity.asked(AuthorizeRequest) == []


async def test_the_same_dose_again_changes_nothing_and_another_content_must_say_what_it_corrects(
    records: Records,
):
    first = await record(records, dose())
    again = await record(records, dose())
    other = await refused(record(records, dose(lot="LO-2")))
    corrected = await record(records, dose(lot="LO-2"), replaces=first.immunization.name)
    retried = await record(records, dose(lot="LO-2"), replaces=first.immunization.name)
    late = await refused(record(records, dose(lot="LO-3"), replaces=first.immunization.name))

    assert (again.unchanged, again.immunization) == (True, first.immunization)
    assert (other.code, other.reason) == (StatusCode.ALREADY_EXISTS, reasons.IMMUNIZATION_EXISTS.name)
    assert other.metadata["name"] == first.immunization.name
    assert corrected.immunization.supersedes == first.immunization.name
    assert (retried.unchanged, retried.immunization.name) == (True, corrected.immunization.name)
    assert (late.code, late.reason) == (StatusCode.FAILED_PRECONDITION, reasons.IMMUNIZATION_STATE.name)
    assert late.metadata["superseded_by"] == corrected.immunization.name
    assert [each.lot for each in (await listed(records)).immunizations] == ["LO-2"]


async def test_the_same_request_has_its_first_answer(records: Records):
    request = pb.RecordImmunizationRequest(request_id=str(uuid4()), immunization=dose())
    first = await records.immunizations().RecordImmunization(request)
    again = await records.immunizations().RecordImmunization(request)
    request.immunization.lot = "other"
    reused = await refused(records.immunizations().RecordImmunization(request))

    assert again == first
    assert reused.reason == chassis_reasons.REQUEST_ID_REUSED.name


async def test_of_many_that_record_one_dose_at_once_one_does(records: Records):
    answers = await asyncio.gather(*(record(records, dose()) for _ in range(8)))

    assert sum(not answer.unchanged for answer in answers) == 1
    assert len({answer.immunization.name for answer in answers}) == 1


async def test_a_person_is_known_and_is_who_the_paper_shows(records: Records):
    other = records.identity.add_person("001385000099")
    nobody = await refused(record(records, dose(person=f"//identity.lientuyen/persons/{uuid4()}")))
    unknown = await refused(record(records, dose(), paper=shown(personal_id="001385000088")))
    another = await refused(record(records, dose(), paper=shown(personal_id="001385000099")))
    differs = await refused(
        record(records, dose(), paper=shown(full_name="Lê Văn Khác", birth_date=Date(year=1970)))
    )
    doubtful = await record(records, dose(), paper=shown(birth_date=Date(year=1990, month=8, day=7)))
    merged = records.identity.add_person("001385000077")
    records.identity.merge(merged, into=PERSON_NAME)
    by_merged = await record(records, dose(dose_number=2), paper=shown(personal_id="001385000077"))

    assert other
    for refusal, rule, field in (
        (nobody, "person-unknown", "immunization.person"),
        (unknown, "person-unknown", "shown.personal_id"),
        (another, "person-differs", "shown.personal_id"),
        (differs, "person-differs", "shown.personal_id"),
    ):
        assert (refusal.code, refusal.reason) == (
            StatusCode.INVALID_ARGUMENT,
            reasons.IMMUNIZATION_REFUSED.name,
        )
        assert [(each.rule, each.field) for each in refusal.violations] == [(rule, field)]
    assert [(each.rule, each.path) for each in doubtful.warnings] == [
        ("differs-from-person", "shown.birth_date")
    ]
    assert by_merged.immunization.person == PERSON_NAME


async def test_every_fault_of_a_dose_is_named_and_nothing_is_kept(records: Records):
    before = await records.counts_without_audit()
    message = dose(vaccine=Coding(system="SDK"), reactions=[reaction("R50.9", -timedelta(hours=2))])
    message.immunize_time.FromDatetime(NOON + timedelta(hours=1))
    message.reactions[0].kind.Clear()
    message.reactions[0].kind.system = "ICD-10"
    refusal = await refused(record(records, message))

    assert [(each.rule, each.field) for each in refusal.violations] == [
        ("required", "immunization.vaccine.code"),
        ("time-in-future", "immunization.immunize_time"),
        ("required", "immunization.reactions[0].kind"),
        ("date-order", "immunization.reactions[0].onset_time"),
    ]
    assert await records.counts_without_audit() == before


async def test_an_expired_lot_is_doubted(records: Records):
    taken = await record(records, dose(lot_expiry=Date(year=2026, month=11, day=24)))
    right = await record(records, dose(dose_number=2, lot_expiry=Date(year=2026, month=11, day=25)))

    assert [(each.rule, each.path) for each in taken.warnings] == [("lot-expired", "immunization.lot_expiry")]
    assert len(right.warnings) == 0


async def test_another_facilitys_dose_is_not_corrected_nor_recorded(records: Records):
    first = await record(records, dose())
    elsewhere = dose(facility="//identity.lientuyen/facilities/79999")
    mine = await refused(record(records, dose(), "facility/79999"))
    theirs = await refused(record(records, elsewhere, "facility/79999", replaces=first.immunization.name))
    none = await refused(
        record(
            records,
            elsewhere,
            "facility/79999",
            replaces=f"//records.lientuyen/immunizations/{uuid4()}",
        )
    )

    assert mine.reason == chassis_reasons.FACILITY_MISMATCH.name
    assert theirs.code == none.code == StatusCode.PERMISSION_DENIED
    assert theirs.reason == none.reason == reasons.IMMUNIZATION_DENIED.name
    assert theirs.metadata.keys() == none.metadata.keys()


async def test_a_dose_of_somebody_else_is_taken_out_of_their_book(records: Records):
    other = records.identity.add_person("001385000099")
    wrong = await record(records, dose())
    right = await record(records, dose(person=other), replaces=wrong.immunization.name)

    assert right.immunization.person == other
    assert len((await listed(records)).immunizations) == 0


async def test_a_facility_lists_with_consent_by_one_decision_and_its_own_without(records: Records):
    await record(records, dose())
    await record(
        records,
        dose(facility="//identity.lientuyen/facilities/79999", dose_number=2),
        "facility/79999",
    )
    own = await listed(records, "facility/79999")
    records.identity.add_consent(PERSON_NAME)
    asked = len(records.identity.asked(AuthorizeRequest))
    allowed = await listed(records, "facility/79999")

    assert [each.dose_number for each in own.immunizations] == [2]
    assert own.own_records_only
    assert {each.dose_number for each in allowed.immunizations} == {1, 2}
    assert not allowed.own_records_only
    assert len(records.identity.asked(AuthorizeRequest)) == asked + 1


async def test_a_reaction_of_a_restricted_kind_hides_the_dose_unless_a_consent_names_it(records: Records):
    await record(records, dose())
    await record(records, dose(dose_number=2, reactions=[reaction("F41.0")]))
    records.identity.add_consent(PERSON_NAME)
    hidden = await listed(records, "facility/79999")
    records.identity.add_consent(PERSON_NAME, data_classes=[DATA_CLASS_CARE, DATA_CLASS_MENTAL_HEALTH])
    seen = await listed(records, "facility/79999")

    assert [each.dose_number for each in hidden.immunizations] == [1]
    assert {each.dose_number for each in seen.immunizations} == {1, 2}


async def test_pages_go_from_the_latest_to_the_first_with_none_twice(records: Records):
    for number in range(1, 8):
        message = dose(dose_number=number)
        message.immunize_time.FromDatetime(NOON - timedelta(days=30 * number % 97))
        await record(records, message)
    times, token = [], ""
    while True:
        page = await listed(records, page_size=3, page_token=token)
        times += [(each.immunize_time.seconds, each.dose_number) for each in page.immunizations]
        if not (token := page.next_page_token):
            break

    assert len({number for _, number in times}) == len(times) == 7
    assert [seconds for seconds, _ in times] == sorted((s for s, _ in times), reverse=True)


async def test_what_was_given_rests_sealed(records: Records):
    await record(records, dose(note="sốt nhẹ", reactions=[reaction("R50.9")]), paper=shown())
    stored = await records.everything_stored()

    for word in ("893310000126", "LO-1", "sốt nhẹ", "R50.9", NUMBER, "Trần Thị Mẫu"):
        assert word not in stored


async def test_a_facility_that_guesses_numbers_is_stopped(records: Records):
    records.identity.max_failures = 2
    for number in ("001385000091", "001385000092"):
        await refused(record(records, dose(), paper=shown(personal_id=number)))
    refusal = await refused(record(records, dose(), paper=shown()))

    assert refusal.code == StatusCode.RESOURCE_EXHAUSTED


async def test_a_paper_of_the_future_or_of_no_day_is_named(records: Records):
    future = await refused(record(records, dose(), paper=shown(birth_date=Date(year=2026, month=11, day=27))))
    none = await refused(record(records, dose(), paper=shown(birth_date=Date(year=2026, month=2, day=30))))

    assert [(each.rule, each.field) for each in future.violations] == [("time-in-future", "shown.birth_date")]
    assert [(each.rule, each.field) for each in none.violations] == [("date-format", "shown.birth_date")]


async def test_while_identity_is_silent_no_dose_is_taken_and_a_facility_lists_its_own(
    records: Records, world: World
):
    await record(records, dose())
    url = records.running.settings.database_url
    lonely = await Records(world).start(identity_address=world.nowhere(), database_url=url)
    refusal = await refused(record(lonely, dose(dose_number=2)))
    own = await listed(lonely, "facility/01999")

    assert refusal.code == StatusCode.UNAVAILABLE
    assert [each.dose_number for each in own.immunizations] == [1]
    assert (own.own_records_only, list(own.unreachable)) == (True, ["identity"])
