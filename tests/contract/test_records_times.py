"""Records: nothing of the future is accepted, shown first or reused; a result has its own time or none."""

from datetime import UTC, datetime

import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import health_book_pb2 as books
from lientuyen.records.v1 import health_book_service_pb2 as pb
from lientuyen.records.v1.finding_pb2 import Finding
from tests.harness import World, eventually, refused
from tests.samples import files
from tests.samples.files import check_in, sample
from tests.unit.test_records_result_times import MORNING, X_RAY, file
from tests.unit.test_records_result_times import NOON as LATER

from .records_env import CARE, PERSON_NAME, Records, submission

NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
SERVICE, INDICATOR = "23.0075.1494", "XN0001"
AHEAD = "interval '10 years'"


@pytest.fixture
async def records(world: World) -> Records:
    records = await Records(world).start()
    records.identity.add_consent(PERSON_NAME)
    return records


async def reuse(records: Records, service: str = SERVICE) -> pb.ReuseAnswer:
    request = pb.FindReusableResultsRequest(
        person=PERSON_NAME, orders=[pb.OrderedTest(service_code=service)], access=CARE
    )
    with clock.fixed(NOON):
        return (await records.books().FindReusableResults(request)).answers[0]


async def listed(records: Records) -> list[books.Result]:
    request = pb.ListResultsRequest(person=PERSON_NAME, access=CARE)
    with clock.fixed(NOON):
        return list((await records.books().ListResults(request)).results)


async def book(records: Records) -> books.HealthBook:
    request = pb.GetHealthBookRequest(person=PERSON_NAME, access=CARE)
    with clock.fixed(NOON):
        return (await records.books().GetHealthBook(request)).health_book


def second_visit(**cells: str) -> bytes:
    given = sample().everywhere("MA_LK", "SECOND")
    for name, value in cells.items():
        given.set("XML4", 1, name, value)
    return given.bytes()


@pytest.mark.parametrize(
    ("table", "name", "rule"),
    [
        ("XML1", "NGAY_RA", "time-in-future"),
        ("XML1", "NGAY_SINH", "birth-after-arrival"),
        ("XML3", "NGAY_TH_YL", "time-in-future"),
        ("XML4", "NGAY_KQ", "time-in-future"),
    ],
)
async def test_a_dossier_of_the_future_is_refused_at_its_field(
    records: Records, table: str, name: str, rule: str
):
    content = sample().set(table, 1, name, "203611200930").bytes()

    with clock.fixed(NOON):
        refusal = await refused(records.dossiers().SubmitDossier(submission(content)))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.DOSSIER_REFUSED.name)
    path = f"{table}.{name}" if table == "XML1" else f"{table}[1].{name}"
    assert [(one.field, one.rule) for one in refusal.violations] == [(path, rule)]


async def test_a_file_is_judged_by_the_clock_of_the_exchange(records: Records):
    content = sample().set("XML1", 1, "NGAY_TTOAN", "202611251216").bytes()
    request = dossiers.ValidateDossierRequest(content=content)

    with clock.fixed(NOON):
        early = await records.dossiers().ValidateDossier(request)
    with clock.fixed(datetime(2026, 11, 25, 5, 1, tzinfo=UTC)):
        late = await records.dossiers().ValidateDossier(request)

    refusing = [one.path for one in early.findings if one.severity == Finding.SEVERITY_REFUSE]
    assert refusing == ["XML1.NGAY_TTOAN"]
    assert [one for one in late.findings if one.severity == Finding.SEVERITY_REFUSE] == []


async def test_a_slip_of_a_clock_that_runs_ahead_was_signed_when_it_came(records: Records):
    with clock.fixed(datetime(2026, 11, 20, 3, 20, tzinfo=UTC)):  # ten minutes before the discharge
        await records.submit(files.DOSSIER)
        await eventually(lambda: bool(records.sent_referrals.requests))

    (request,) = records.sent_referrals.requests
    assert request.referral.issue_time.ToDatetime(UTC) == datetime(2026, 11, 20, 3, 20, tzinfo=UTC)


async def test_a_check_in_of_the_future_is_refused_at_its_field(records: Records):
    request = dossiers.SubmitCheckInRequest(
        request_id=submission(b"").request_id, content=check_in(NGAY_VAO="203611200800")
    )

    with clock.fixed(NOON):
        refusal = await refused(records.dossiers().SubmitCheckIn(request))

    assert [(one.field, one.rule) for one in refusal.violations] == [("XML0[1].NGAY_VAO", "time-in-future")]


@pytest.mark.parametrize("is_of_first_release", [True, False])
async def test_what_was_stored_of_the_future_is_never_the_latest(records: Records, is_of_first_release: bool):
    await records.submit(files.DOSSIER)
    await records.submit(second_visit(GIA_TRI="9.9"))
    times = ("NULL", "NULL") if is_of_first_release else (f"result_time + {AHEAD}", f"perform_time + {AHEAD}")
    await records.rows(
        f"UPDATE results SET given_time = {times[0]}, perform_time = {times[1]},"
        f" result_time = result_time + {AHEAD} WHERE value = '9.9'"
    )

    answer = await reuse(records)

    assert ([one.value for one in answer.results], answer.reusable) == (["5.4"], True)
    assert [one.value for one in await listed(records)] == ["5.4"]
    shown = (await book(records)).results
    assert [(one.value, one.HasField("result_time")) for one in shown] == [("5.4", True), ("9.9", False)]


async def test_the_only_result_is_of_the_future_and_is_not_reused(records: Records):
    await records.submit(files.DOSSIER)
    await records.rows(
        f"UPDATE results SET given_time = given_time + {AHEAD}, perform_time = perform_time + {AHEAD}"
    )

    answer = await reuse(records)

    assert (answer.reusable, answer.why_not) == (False, pb.ReuseAnswer.WHY_NOT_TIME_UNKNOWN)
    assert not answer.HasField("age")
    assert [one.time_basis for one in answer.results] == [books.Result.TIME_BASIS_UNKNOWN]


async def test_a_stored_encounter_of_the_future_does_not_lead_the_book(records: Records):
    await records.submit(files.DOSSIER)
    await records.submit(second_visit())
    await records.rows(
        f"UPDATE encounters SET arrival_time = arrival_time + {AHEAD} WHERE dossier ="
        " (SELECT id FROM dossiers WHERE link_key = 'SECOND')"
    )

    encounters = (await book(records)).encounters

    assert [one.arrival_time.ToDatetime(UTC) for one in encounters] == [
        datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    ]


async def test_a_stored_order_of_the_future_does_not_lead_the_medicines(records: Records):
    await records.submit(files.DOSSIER)
    await records.submit(second_visit())
    await records.rows(
        f"UPDATE medicines SET order_time = order_time + {AHEAD}, drug_name = 'x' WHERE dossier ="
        " (SELECT id FROM dossiers WHERE link_key = 'SECOND')"
    )

    assert [one.drug.display for one in (await book(records)).medicines] == ["Thuốc mẫu A 5mg", "x"]


async def test_a_result_says_when_it_was_performed_and_its_age_counts_from_then(records: Records):
    await records.submit(files.DOSSIER)

    answer = await reuse(records)
    (result,) = answer.results

    assert result.result_time.ToDatetime(UTC) == datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
    assert result.perform_time.ToDatetime(UTC) == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert result.time_basis == books.Result.TIME_BASIS_PERFORMED
    assert answer.age.ToTimedelta() == NOON - datetime(2026, 11, 20, 1, 30, tzinfo=UTC)


async def test_two_x_rays_of_one_stay_have_no_time_and_are_not_reused(records: Records):
    await records.submit(file([MORNING, LATER], [{}, {}]).bytes())

    answer, shown = await reuse(records, X_RAY), (await book(records)).results

    assert (answer.reusable, answer.why_not) == (False, pb.ReuseAnswer.WHY_NOT_TIME_UNKNOWN)
    assert answer.message_vi.endswith(".")
    assert len(shown) == 2
    for result in shown:
        assert result.time_basis == books.Result.TIME_BASIS_UNKNOWN
        assert not result.HasField("result_time")
        assert not result.HasField("perform_time")


async def test_the_x_ray_that_tells_its_time_is_reused_and_the_other_is_not(records: Records):
    results = [{"KET_LUAN": "Cũ"}, {"NGAY_KQ": "202611201020", "KET_LUAN": "Mới"}]
    await records.submit(file([MORNING, LATER], results).bytes())

    answer = await reuse(records, X_RAY)

    assert (answer.reusable, [one.conclusion for one in answer.results]) == (True, ["Mới"])
    assert answer.results[0].perform_time.ToDatetime(UTC) == datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


async def test_a_row_of_the_first_release_keeps_the_time_that_came_with_its_value(records: Records):
    await records.submit(files.DOSSIER)
    await records.rows("UPDATE results SET given_time = NULL, perform_time = NULL")

    (result,) = await listed(records)

    assert result.time_basis == books.Result.TIME_BASIS_RESULT
    assert result.result_time.ToDatetime(UTC) == datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
    answer = await reuse(records)
    assert (answer.reusable, answer.why_not) == (False, pb.ReuseAnswer.WHY_NOT_TIME_UNKNOWN)
