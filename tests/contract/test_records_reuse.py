"""Reuse by the law: from whom, since when, and what doctors did with it, over real channels and databases."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1.facility_pb2 import LaboratoryRecognition
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.records.v1 import reuse_service_pb2 as pb
from lientuyen.records.v1.reuse_pb2 import ReuseDecision, ReuseReport
from tests.fake_identity import quality_level
from tests.harness import World, refused
from tests.samples import files
from tests.samples.files import sample

from .records_env import CARE, PERSON_NAME, Records

GLUCOSE, PRICE = "23.0075.1494", 21_500
NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
READER, OPERATOR = "facility/79999", "operator/an"
USED, REPEATED = ReuseDecision.KIND_USED, ReuseDecision.KIND_REPEATED
CHANGED, OTHER = ReuseDecision.REPEAT_REASON_CLINICAL_CHANGE, ReuseDecision.REPEAT_REASON_OTHER


@pytest.fixture
async def records(world: World) -> Records:
    records = await Records(world).start()
    records.identity.add_consent(PERSON_NAME)
    await records.submit(files.DOSSIER)
    return records


async def answer(records: Records, caller: str = READER) -> books.ReuseAnswer:
    order = books.OrderedTest(service_code=GLUCOSE)
    request = books.FindReusableResultsRequest(person=PERSON_NAME, orders=[order], access=CARE)
    with clock.fixed(NOON):
        return (await records.books(caller).FindReusableResults(request)).answers[0]


async def decision(records: Records, kind: int = USED, **more: Any) -> pb.RecordReuseDecisionRequest:
    result = (await answer(records)).results[0].name
    fields = {"request_id": str(uuid4()), "person": PERSON_NAME, "result": result, "access": CARE}
    return pb.RecordReuseDecisionRequest(**{**fields, "kind": kind, **more})


async def decide(records: Records, when: datetime = NOON, **fields: Any) -> ReuseDecision:
    request = await decision(records, **fields)
    with clock.fixed(when):
        return (await records.reuse(READER).RecordReuseDecision(request)).decision


async def reports(records: Records, caller: str = READER, facility: str = "79999") -> list[ReuseReport]:
    name = f"facilities/{facility}" if facility else ""
    request = pb.ListReuseReportsRequest(facility=name, page_size=1)
    pages = []
    while True:
        response = await records.reuse(caller).ListReuseReports(request)
        pages += response.reports
        if not response.next_page_token:
            return pages
        request.page_token = response.next_page_token


@pytest.mark.parametrize(
    ("source", "reader", "why_not"),
    [
        (3, 3, books.ReuseAnswer.WHY_NOT_UNSPECIFIED),
        (3, 2, books.ReuseAnswer.WHY_NOT_UNSPECIFIED),
        (3, 0, books.ReuseAnswer.WHY_NOT_UNSPECIFIED),
        (2, 3, books.ReuseAnswer.WHY_NOT_LOWER_QUALITY),
        (0, 0, books.ReuseAnswer.WHY_NOT_QUALITY_UNKNOWN),
    ],
)
async def test_levels_of_laboratories_say_whose_results_are_reused(
    records: Records, source: int, reader: int, why_not: int
):
    records.identity.add_facility("01999", level=source)
    records.identity.add_facility("79999", level=reader)

    elsewhere, own = await answer(records), await answer(records, "facility/01999")

    assert (elsewhere.reusable, elsewhere.why_not) == (not why_not, why_not)
    assert [result.value for result in elsewhere.results] == ["5.4"]
    assert own.reusable


async def test_an_accredited_test_of_a_lower_level_is_reused(records: Records):
    records.identity.laboratories["79999"] = [quality_level(5)]
    records.identity.laboratories["01999"] = [
        quality_level(1),
        LaboratoryRecognition(
            scheme=LaboratoryRecognition.SCHEME_ISO_15189,
            service_prefixes=["23.0075."],
            valid_from={"year": 2026, "month": 11, "day": 20},
            valid_to={"year": 2026, "month": 11, "day": 20},
        ),
    ]

    told = await answer(records)

    assert (told.reusable, told.laboratory_level, told.laboratory_accredited) == (True, 1, True)


async def test_a_directory_that_does_not_answer_is_named_and_nothing_of_others_is_reused(records: Records):
    records.identity.is_directory_silent = True
    request = books.FindReusableResultsRequest(
        person=PERSON_NAME, orders=[books.OrderedTest(service_code=GLUCOSE)], access=CARE
    )
    with clock.fixed(NOON):
        reply = await records.books(READER).FindReusableResults(request)

    (told,) = reply.answers
    assert list(reply.unreachable) == ["identity"]
    assert (told.reusable, told.why_not) == (False, books.ReuseAnswer.WHY_NOT_QUALITY_UNKNOWN)
    assert [result.value for result in told.results] == ["5.4"]
    assert (await answer(records, "facility/01999")).reusable


async def test_a_result_of_which_only_the_time_of_the_result_is_known_is_not_reused(records: Records):
    await records.rows("UPDATE results SET perform_time = NULL")

    told = await answer(records)

    assert (told.reusable, told.why_not) == (False, books.ReuseAnswer.WHY_NOT_TIME_UNKNOWN)
    assert told.HasField("age")


async def test_an_answer_says_where_its_rule_comes_from(records: Records):
    told = await answer(records)

    assert told.rule == "chemistry-14-days"
    assert told.rule_certainty == books.RULE_CERTAINTY_CHOSEN
    assert "draft" in told.rule_source.lower()


async def test_of_two_dossiers_of_one_time_every_indicator_comes_from_the_same(records: Records):
    await records.rows("DELETE FROM results")
    for number in range(8):
        file = sample().everywhere("MA_LK", f"TIE-{number}")
        (row,) = file.tables["XML4"]
        second = [(name, {"STT": "2", "MA_CHI_SO": "XN0002"}.get(name, value)) for name, value in row]
        file.tables["XML4"] = (
            [row, second]
            if number % 2
            else [
                [(name, "XN0002" if name == "MA_CHI_SO" else value) for name, value in row],
                [(name, {"STT": "2"}.get(name, value)) for name, value in row],
            ]
        )
        await records.submit(file.bytes())

    told = await answer(records)

    assert len({result.indicator.code for result in told.results}) == 2
    assert len({result.dossier for result in told.results}) == 1


async def test_a_picture_names_its_study_where_the_file_does(records: Records):
    uid = "1.2.840.113619.2.55.3.604688119.971.1"
    file = sample().everywhere("MA_LK", "STUDY")
    await records.submit(file.set("XML4", 1, "DU_PHONG", uid).bytes())

    request = books.ListResultsRequest(person=PERSON_NAME, access=CARE)
    listed = (await records.books().ListResults(request)).results

    assert {result.study for result in listed} == {"", f"urn:oid:{uid}"}


async def test_a_used_result_is_a_repeat_avoided_at_the_price_of_its_line(records: Records):
    kept = await decide(records)

    assert (kept.reusable, kept.price.dong, kept.service_code) == (True, PRICE, GLUCOSE)
    assert (kept.facility[-5:], kept.source_facility[-5:]) == ("79999", "01999")
    (report,) = await reports(records)
    assert (report.avoided_repeats, report.saved.dong, report.unpriced) == (1, PRICE, 0)
    assert (report.month.year, report.month.month, report.month.day) == (2026, 11, 0)
    assert list(report.repeats) == []
    assert await reports(records, "facility/01999", "01999") == []


async def test_nothing_is_counted_twice_and_the_last_decision_of_a_day_counts(records: Records):
    request = await decision(records)
    with clock.fixed(NOON):
        first = await records.reuse(READER).RecordReuseDecision(request)
        assert await records.reuse(READER).RecordReuseDecision(request) == first
    await decide(records)
    (report,) = await reports(records)
    assert (report.avoided_repeats, report.saved.dong) == (1, PRICE)

    await decide(records, kind=REPEATED, repeat_reason=CHANGED)

    (report,) = await reports(records)
    assert (report.avoided_repeats, report.saved.dong) == (0, 0)
    assert [(repeat.reason, repeat.count) for repeat in report.repeats] == [(CHANGED, 1)]


async def test_a_result_that_the_rule_refuses_is_recorded_and_not_counted(records: Records):
    records.identity.add_facility("01999", level=1)

    assert not (await decide(records)).reusable

    (report,) = await reports(records)
    assert (report.avoided_repeats, report.saved.dong) == (0, 0)


async def test_without_a_price_in_the_line_the_latest_known_one_counts_or_it_is_told(records: Records):
    await records.rows("UPDATE services SET unit_price = NULL")
    assert not (await decide(records)).HasField("price")
    (report,) = await reports(records)
    assert (report.avoided_repeats, report.saved.dong, report.unpriced) == (1, 0, 1)

    file = sample().everywhere("MA_LK", "LATER").set("XML4", 1, "NGAY_KQ", "202611200835")
    later = (await records.submit(file.bytes())).dossier.name.rpartition("/")[2]
    await records.rows("DELETE FROM results WHERE dossier = $1", later)

    assert (await decide(records)).price.dong == PRICE


async def test_a_repeat_has_a_reason_and_another_one_words(records: Records):
    for fields in (
        {"kind": REPEATED},
        {"kind": USED, "repeat_reason": CHANGED},
        {"kind": REPEATED, "repeat_reason": OTHER, "repeat_text": "  "},
        {"kind": 0},
    ):
        refusal = await refused(records.reuse(READER).RecordReuseDecision(await decision(records, **fields)))
        assert refusal.code == StatusCode.INVALID_ARGUMENT

    await decide(records, kind=REPEATED, repeat_reason=OTHER, repeat_text="Máy hỏng")
    assert await records.rows("SELECT repeat_text FROM reuse_decisions") == [("Máy hỏng",)]


async def test_a_result_that_may_not_be_seen_is_not_there(records: Records):
    request = await decision(records)
    nobody = pb.RecordReuseDecisionRequest()
    nobody.CopyFrom(request)
    nobody.result = f"//records.lientuyen/results/{uuid4()}"
    none = await refused(records.reuse(READER).RecordReuseDecision(nobody))
    records.identity.withdraw_consents(PERSON_NAME)

    hidden = await refused(records.reuse(READER).RecordReuseDecision(request))

    assert (none.code, none.reason) == (StatusCode.NOT_FOUND, reasons.RESULT_NOT_FOUND.name)
    assert (hidden.code, hidden.reason) == (StatusCode.NOT_FOUND, reasons.RESULT_NOT_FOUND.name)
    assert await records.rows("SELECT * FROM reuse_decisions") == []


async def test_reports_are_paged_by_month_and_facility_and_each_sees_its_own(records: Records):
    result = (await answer(records)).results[0].name
    for when in (NOON, datetime(2026, 11, 30, 17, 0, tzinfo=UTC)):  # the second is December in Viet Nam
        for caller in (READER, "facility/01929"):
            request = await decision(records, result=result)
            with clock.fixed(when):
                await records.reuse(caller).RecordReuseDecision(request)

    everywhere = await reports(records, OPERATOR, "")
    own = await reports(records)
    denied = [
        await refused(records.reuse(READER).ListReuseReports(pb.ListReuseReportsRequest(facility=facility)))
        for facility in ("facilities/01929", "")
    ]

    assert [(report.month.month, report.facility[-5:]) for report in everywhere] == [
        (12, "01929"),
        (12, "79999"),
        (11, "01929"),
        (11, "79999"),
    ]
    assert [report.month.month for report in own] == [12, 11]
    assert {refusal.reason for refusal in denied} == {chassis_reasons.FACILITY_MISMATCH.name}
    assert await reports(records, OPERATOR, "79999") == own
