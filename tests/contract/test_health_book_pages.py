"""A health book page by page, as of a day, and what it says that it lacks."""

from datetime import UTC, datetime, timedelta

import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1.consent_pb2 import DATA_CLASS_CARE, DATA_CLASS_HIV
from lientuyen.identity.v1.consent_pb2 import DATA_CLASS_MENTAL_HEALTH as MENTAL
from lientuyen.identity.v1.consent_pb2 import DATA_CLASS_REPRODUCTIVE_HEALTH as REPRODUCTIVE
from lientuyen.records.v1 import health_book_service_pb2 as pb
from lientuyen.records.v1.health_book_pb2 import HealthBook, MissingEncounters
from lientuyen.type.v1.date_pb2 import Date
from tests.harness import World, refused
from tests.samples import files
from tests.samples.files import File, sample

from .records_env import CARE, CITIZEN, PERSON_NAME, Records
from .test_records_withdrawal import current, withdrawal

NOT_SENT, WITHDRAWN, REPLACED = (
    MissingEncounters.REASON_NOT_SENT,
    MissingEncounters.REASON_WITHDRAWN,
    MissingEncounters.REASON_REPLACED,
)
DAY_BY_DAY = [datetime(2026, 11, day, 5, 0, tzinfo=UTC) for day in (21, 23, 25, 27)]


@pytest.fixture
async def records(world: World) -> Records:
    return await Records(world).start()


def encounter(key: str, minute: int = 0, **changes: str) -> File:
    file = sample().everywhere("MA_LK", key).everywhere("NGAY_VAO", f"2026112008{minute:02}")
    for name, value in changes.items():
        file.set("XML1", 1, name, value)
    return file


async def read(records: Records, caller: str = "authority/vneid", **request: object) -> HealthBook:
    return (await answer(records, caller, **request)).health_book


async def answer(
    records: Records, caller: str = "authority/vneid", **request: object
) -> pb.GetHealthBookResponse:
    access = CITIZEN if caller == "authority/vneid" else CARE
    return await records.books(caller).GetHealthBook(
        pb.GetHealthBookRequest(person=PERSON_NAME, access=access, **request)  # type: ignore[arg-type]
    )


def lacks(book: HealthBook) -> list[tuple[str, int, int]]:
    return [(each.facility.rpartition("/")[2], each.reason, each.count) for each in book.missing_encounters]


async def test_a_book_is_read_page_by_page_each_encounter_once(records: Records):
    for number in range(5):
        await records.submit(encounter(f"PAGE-{number}", minute=number // 2).bytes())

    pages = [await answer(records, page_size=2)]
    while pages[-1].next_page_token:
        pages.append(await answer(records, page_size=2, page_token=pages[-1].next_page_token))

    shown = [each.dossier for page in pages for each in page.health_book.encounters]
    arrivals = [each.arrival_time.ToNanoseconds() for page in pages for each in page.health_book.encounters]
    assert [len(page.health_book.encounters) for page in pages] == [2, 2, 1]
    assert len(set(shown)) == 5
    assert arrivals == sorted(arrivals, reverse=True)
    assert [page.health_book.older_encounters for page in pages] == [True, True, False]
    assert [len(page.health_book.results) for page in pages] == [2, 2, 1]
    # What is of a life, and others' parts, come once.
    assert [len(page.health_book.history.conditions) for page in pages] == [1, 0, 0]
    assert [len(page.health_book.dispensed_medicines) for page in pages] == [1, 0, 0]
    assert [len(page.health_book.appointments) for page in pages] == [1, 0, 0]


async def test_the_limit_and_the_time_of_before_go_on_working(records: Records):
    for number in range(3):
        await records.submit(encounter(f"LIMIT-{number}", minute=number).bytes())

    book = await read(records, encounter_limit=2)
    older = await read(records, encounter_limit=2, arrived_before=book.encounters[-1].arrival_time)

    assert (len(book.encounters), book.older_encounters) == (2, True)
    assert (len(older.encounters), older.older_encounters) == (1, False)
    assert not {each.dossier for each in book.encounters} & {each.dossier for each in older.encounters}


async def test_a_token_is_of_one_book_and_one_day(records: Records):
    for number in range(2):
        await records.submit(encounter(f"TOKEN-{number}", minute=number).bytes())
    token = (await answer(records, page_size=1)).next_page_token

    refusal = await refused(
        answer(records, page_size=1, page_token=token, as_of=Date(year=2026, month=11, day=27))
    )

    assert (refusal.code, refusal.reason) == (
        StatusCode.INVALID_ARGUMENT,
        chassis_reasons.PAGE_TOKEN_INVALID.name,
    )


async def test_a_book_as_of_a_day_has_what_had_been_received_by_its_end(records: Records):
    for number, time in enumerate(DAY_BY_DAY):
        with clock.fixed(time):
            await records.submit(
                encounter(f"DAY-{number}", minute=number, MA_BENH_CHINH=f"J0{number}").bytes()
            )
    with clock.fixed(DAY_BY_DAY[-1]):
        days = [await read(records, as_of=Date(year=2026, month=11, day=day)) for day in (20, 21, 24, 25, 27)]
        ahead = await read(records, as_of=Date(year=9999, month=12, day=31))

    assert [len(day.encounters) for day in days] == [0, 1, 2, 3, 4]
    assert [len(day.results) for day in days] == [0, 1, 2, 3, 4]
    assert [len(day.history.conditions) for day in days] == [0, 1, 2, 3, 4]
    assert len(ahead.encounters) == 4
    assert [lacks(day) for day in days] == [[]] * 5


async def test_the_pages_of_a_day_are_those_of_that_day(records: Records):
    for number, time in enumerate(DAY_BY_DAY):
        with clock.fixed(time):
            await records.submit(encounter(f"DAY-{number}", minute=number).bytes())
    day = Date(year=2026, month=11, day=25)
    with clock.fixed(DAY_BY_DAY[-1]):
        first = await answer(records, page_size=2, as_of=day)
        second = await answer(records, page_size=2, as_of=day, page_token=first.next_page_token)

    assert [len(page.health_book.encounters) for page in (first, second)] == [2, 1]
    assert second.next_page_token == ""


async def test_what_stood_then_and_was_replaced_is_told_and_not_shown(records: Records):
    with clock.fixed(DAY_BY_DAY[0]):
        await records.submit(encounter("CORRECTED").bytes())
    with clock.fixed(DAY_BY_DAY[2]):
        await records.submit(encounter("CORRECTED", GHI_CHU="đã sửa").bytes())
        then = await read(records, as_of=Date(year=2026, month=11, day=22))
        today = await read(records)

    assert ([each.note for each in then.encounters], lacks(then)) == ([], [("01999", REPLACED, 1)])
    assert ([each.note for each in today.encounters], lacks(today)) == (["đã sửa"], [])


@pytest.mark.parametrize(
    "day", [{"year": 2026}, {"year": 2026, "month": 2, "day": 29}, {"year": 2026, "month": 11}]
)
async def test_a_day_that_is_none_is_refused(records: Records, day: dict[str, int]):
    refusal = await refused(answer(records, as_of=Date(**day)))

    assert (refusal.code, refusal.reason) == (
        StatusCode.INVALID_ARGUMENT,
        chassis_reasons.FIELDS_INVALID.name,
    )


async def test_encounters_without_their_dossiers_are_counted_by_facility_with_since_when(records: Records):
    arrival = datetime(2026, 11, 20, 8, 0, tzinfo=clock.VIETNAM)
    with clock.fixed(DAY_BY_DAY[0]):
        for number in range(3):
            came = arrival + timedelta(minutes=number)
            stamp = f"{came:%Y%m%d%H%M}"
            await records.check_in(files.check_in(MA_LK=f"CAME-{number}", NGAY_VAO=stamp, NGAY_YL=stamp))
        early = await read(records)
    with clock.fixed(DAY_BY_DAY[2]):
        due = await read(records)
        await records.submit(encounter("CAME-0").bytes())
        one_came = await read(records)
        before = await read(records, as_of=Date(year=2026, month=11, day=24))

    assert lacks(early) == []
    assert (lacks(due), due.missing_known) == ([("01999", NOT_SENT, 3)], True)
    assert due.missing_encounters[0].since.ToJsonString()[:16] == "2026-11-20T01:00"
    assert lacks(one_came) == [("01999", NOT_SENT, 2)]
    assert one_came.missing_encounters[0].since.ToJsonString()[:16] == "2026-11-20T01:01"
    assert lacks(before) == [("01999", NOT_SENT, 3)]


async def test_a_stay_is_waited_for_longer_than_a_visit(records: Records):
    with clock.fixed(DAY_BY_DAY[0]):
        await records.check_in(files.check_in(MA_LK="STAY"))
        admitted = {"MA_LOAI_KCB": "03", "NGAY_VAO_NOI_TRU": "202611200900", "LY_DO_VNT": "Theo dõi"}
        await records.check_in(files.check_in(MA_LK="STAY", **admitted))  # again, under the same key
    with clock.fixed(DAY_BY_DAY[0] + timedelta(days=20)):
        inside = await read(records)
    with clock.fixed(DAY_BY_DAY[0] + timedelta(days=40)):
        due = await read(records)

    assert (lacks(inside), lacks(due)) == ([], [("01999", NOT_SENT, 1)])


async def test_a_withdrawn_dossier_is_missing_until_another_comes(records: Records):
    await records.check_in(files.check_in(MA_LK="BACK"))
    sent = (await records.submit(encounter("BACK").bytes())).dossier
    await records.dossiers().WithdrawDossier(withdrawal(await current(records, sent)))
    withdrawn = await read(records)
    await records.submit(encounter("BACK", GHI_CHU="gửi lại").bytes())

    assert lacks(withdrawn) == [("01999", WITHDRAWN, 1)]
    assert lacks(await read(records)) == []


async def test_who_may_not_see_every_kind_is_told_of_its_own_encounters_only(records: Records):
    with clock.fixed(DAY_BY_DAY[0]):
        await records.check_in(files.check_in(MA_LK="AWAITED"))
    records.identity.add_consent(PERSON_NAME)
    with clock.fixed(DAY_BY_DAY[3]):
        other, own = await read(records, "facility/79999"), await read(records, "facility/01999")
        every = [DATA_CLASS_CARE, DATA_CLASS_HIV, MENTAL, REPRODUCTIVE]
        records.identity.add_consent(PERSON_NAME, data_classes=every)
        trusted = await read(records, "facility/79999")

    assert (lacks(other), other.missing_known) == ([], False)
    assert (lacks(own), own.missing_known) == ([("01999", NOT_SENT, 1)], False)
    assert (lacks(trusted), trusted.missing_known) == ([("01999", NOT_SENT, 1)], True)


async def test_a_book_of_a_day_is_logged_as_every_other(records: Records):
    await read(records, as_of=Date(year=2026, month=11, day=24))

    assert await records.rows("SELECT count(*) FROM audit WHERE method LIKE '%GetHealthBook'") == [(1,)]
