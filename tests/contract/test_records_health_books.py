"""The health book and the reuse of results, over a real channel and a real database."""

from datetime import UTC, datetime

import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.chassis.v1 import audit_service_pb2, audit_service_pb2_grpc
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1.consent_pb2 import DATA_CLASS_CARE, DATA_CLASS_HIV
from lientuyen.identity.v1.consent_service_pb2 import AuthorizeRequest
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import health_book_service_pb2 as pb
from tests.harness import World, refused
from tests.samples import files
from tests.samples.files import full_row, sample

from .records_env import CARE, CITIZEN, PERSON_NAME, Records

GLUCOSE = pb.OrderedTest(service_code="23.0075.1494")
NOTHING = pb.OrderedTest(service_code="23.9999.9999")
NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)


@pytest.fixture
async def records(world: World) -> Records:
    made = await Records(world).start()
    await made.submit(files.DOSSIER)
    return made


def reuse(*orders: pb.OrderedTest) -> pb.FindReusableResultsRequest:
    return pb.FindReusableResultsRequest(person=PERSON_NAME, orders=orders, access=CARE)


def hiv_dossier() -> bytes:
    """Return another encounter of the person, at 01999, that tells of HIV."""
    file = sample().everywhere("MA_LK", "HIV-1").set("XML1", 1, "MA_BENH_KT", "B20")
    return file.set("XML4", 1, "MA_CHI_SO", "CD4").bytes()


async def test_a_result_made_elsewhere_is_reused_with_consent(records: Records):
    records.identity.add_consent(PERSON_NAME)
    with clock.fixed(NOON):
        reply = await records.books("facility/79999").FindReusableResults(reuse(GLUCOSE, NOTHING))

    first, second = reply.answers
    assert first.reusable
    assert [(one.value, one.unit, one.service.display) for one in first.results] == [
        ("5.4", "mmol/L", "Định lượng Glucose")
    ]
    assert first.age.seconds == int((NOON - datetime(2026, 11, 20, 1, 30, tzinfo=UTC)).total_seconds())
    assert (first.rule, first.allowed_age.seconds) == ("chemistry-14-days", 14 * 86_400)
    assert second.why_not == pb.ReuseAnswer.WHY_NOT_NONE_FOUND
    assert not reply.own_records_only


async def test_a_result_too_old_is_given_and_not_reused(records: Records):
    records.identity.add_consent(PERSON_NAME)
    with clock.fixed(datetime(2027, 1, 1, tzinfo=UTC)):
        reply = await records.books("facility/79999").FindReusableResults(reuse(GLUCOSE))

    assert (reply.answers[0].reusable, reply.answers[0].why_not) == (False, pb.ReuseAnswer.WHY_NOT_TOO_OLD)
    assert len(reply.answers[0].results) == 1


async def test_without_leave_a_facility_is_told_only_of_its_own(records: Records):
    with clock.fixed(NOON):
        own = await records.books("facility/01999").FindReusableResults(reuse(GLUCOSE))
        other = await records.books("facility/79999").FindReusableResults(reuse(GLUCOSE))

    assert (own.answers[0].reusable, own.own_records_only, own.denial) == (True, True, "NO_CONSENT")
    assert other.answers[0].why_not == pb.ReuseAnswer.WHY_NOT_NOT_SEARCHED
    assert len(other.answers[0].results) == 0


async def test_while_identity_is_silent_a_facility_is_told_of_its_own_and_who_was_not_heard(world: World):
    records = await Records(world).start()
    await records.submit(files.DOSSIER)
    url = records.running.settings.database_url
    lonely = await Records(world).start(identity_address=world.nowhere(), database_url=url)
    with clock.fixed(NOON):
        reply = await lonely.books().FindReusableResults(reuse(GLUCOSE))

    assert reply.answers[0].reusable
    assert (reply.own_records_only, reply.denial, list(reply.unreachable)) == (True, "", ["identity"])


async def test_restricted_results_are_left_out_unless_a_consent_names_them(records: Records):
    await records.submit(hiv_dossier())
    records.identity.add_consent(PERSON_NAME)
    order = reuse(pb.OrderedTest(indicator_code="CD4"))
    stub = records.books("facility/79999")

    hidden = await stub.FindReusableResults(order)
    own = await records.books("facility/01999").FindReusableResults(order)
    records.identity.add_consent(PERSON_NAME, data_classes=[DATA_CLASS_CARE, DATA_CLASS_HIV])
    shown = await stub.FindReusableResults(order)

    assert hidden.answers[0].why_not == pb.ReuseAnswer.WHY_NOT_NONE_FOUND
    assert len(own.answers[0].results) == 1
    assert len(shown.answers[0].results) == 1


async def test_the_citizen_reads_a_whole_book(records: Records):
    file = sample().everywhere("MA_LK", "SURGERY").set("XML3", 1, "MA_NHOM", "8")
    file.set("XML3", 1, "MA_PTTT_QT", "47.01").set("XML3", 1, "NGUOI_THUC_HIEN", "x")
    file.tables["XML8"] = [full_row_of("XML8")]
    await records.submit(file.everywhere("MA_LK", "SURGERY").bytes())

    reply = await records.books("authority/vneid").GetHealthBook(
        pb.GetHealthBookRequest(person=PERSON_NAME, access=CITIZEN)
    )

    book = reply.health_book
    assert len(book.encounters) == 2
    assert book.encounters[0].discharge_diagnosis == "Tăng huyết áp vô căn"
    assert [(one.coding.code, one.main) for one in book.encounters[0].diagnoses] == [("I10", True)]
    assert (len(book.results), len(book.medicines), len(book.procedures), len(book.summaries)) == (2, 2, 1, 1)
    assert book.medicines[0].drug.display == "Thuốc mẫu A 5mg"
    assert book.summaries[0].course == "X"
    assert (book.dispensed_medicines[0].quantity, book.dispensed_medicines[0].lot) == ("12.5", "L1")
    assert (book.appointments[0].day.day, book.appointments[0].state) == (4, "STATE_BOOKED")
    assert list(reply.unreachable) == []
    assert records.identity.asked(AuthorizeRequest) == []


def full_row_of(code: str) -> list[tuple[str, str]]:
    from kcb.tables import tables

    return full_row(tables()[code])


async def test_a_book_names_the_peers_that_did_not_answer(world: World):
    records = await Records(world).start(pharmacy_address=world.nowhere(), routing_address="")
    await records.submit(files.DOSSIER)

    reply = await records.books("authority/vneid").GetHealthBook(
        pb.GetHealthBookRequest(person=PERSON_NAME, access=CITIZEN)
    )

    assert list(reply.unreachable) == ["pharmacy", "routing"]
    assert len(reply.health_book.encounters) == 1


async def test_a_facility_reads_a_book_with_consent_and_is_refused_without(records: Records):
    stub, request = records.books("facility/79999"), pb.GetHealthBookRequest(person=PERSON_NAME, access=CARE)

    refusal = await refused(stub.GetHealthBook(request))
    records.identity.add_consent(PERSON_NAME)
    reply = await stub.GetHealthBook(request)

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, reasons.ACCESS_DENIED.name)
    assert len(reply.health_book.encounters) == 1


async def test_vneid_reads_for_the_person_only(records: Records):
    refusal = await refused(
        records.books("authority/vneid").GetHealthBook(
            pb.GetHealthBookRequest(person=PERSON_NAME, access=CARE)
        )
    )

    assert refusal.reason == chassis_reasons.GROUND_DENIED.name


async def test_results_are_listed_latest_first_page_by_page(records: Records):
    records.identity.add_consent(PERSON_NAME)
    file = sample().everywhere("MA_LK", "SECOND").set("XML4", 1, "NGAY_KQ", "202611201000")
    await records.submit(file.set("XML4", 1, "GIA_TRI", "6.1").bytes())
    stub = records.books("facility/79999")
    request = pb.ListResultsRequest(person=PERSON_NAME, page_size=1, access=CARE)

    first = await stub.ListResults(request)
    request.page_token = first.next_page_token
    second = await stub.ListResults(request)
    filtered = await stub.ListResults(
        pb.ListResultsRequest(person=PERSON_NAME, indicator_code="NONE", access=CARE)
    )

    assert [one.value for one in first.results] == ["6.1"]
    assert [one.value for one in second.results] == ["5.4"]
    assert second.next_page_token == ""
    assert list(filtered.results) == []


async def test_every_access_leaves_a_row_that_the_citizen_can_read(records: Records):
    await refused(
        records.books("facility/79999").GetHealthBook(
            pb.GetHealthBookRequest(person=PERSON_NAME, access=CARE)
        )
    )
    await records.books("facility/01999").FindReusableResults(reuse(GLUCOSE))
    audit = records.stub(audit_service_pb2_grpc.AuditServiceStub, "authority/vneid")

    rows = (await audit.ListAccesses(audit_service_pb2.ListAccessesRequest(subject=PERSON_NAME))).accesses

    told = [(row.caller, row.method.rpartition("/")[2], row.allowed) for row in rows]
    assert told == [
        ("facility/01999", "FindReusableResults", True),
        ("facility/79999", "GetHealthBook", False),
        ("facility/01999", "SubmitDossier", True),
    ]
