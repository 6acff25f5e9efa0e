"""
Two persons alike in everything but hidden restricted data: nothing that can be counted tells them apart.

Not the answers, not the fullness of pages, not the questions to identity, not the statements; nor the
rows of the access log, but for the subject.
"""

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf.message import Message

from chassis import clock
from lientuyen.identity.v1.consent_pb2 import DATA_CLASS_CARE, DATA_CLASS_HIV, DataClass
from lientuyen.identity.v1.consent_service_pb2 import AuthorizeRequest
from lientuyen.pharmacy.v1 import dispensing_pb2
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import health_book_service_pb2 as pb
from lientuyen.type.v1.date_pb2 import Date
from tests.harness import World, eventually, refused
from tests.metrics import Observed
from tests.samples import files
from tests.samples.files import File, sample

from .records_env import (
    CARD,
    CARE,
    PERSON,
    PERSON_NAME,
    FakeAppointments,
    FakeDispensings,
    Records,
)

# One has ordinary data only; the other the same, and HIV.
PLAIN, HIDING = PERSON_NAME, "//identity.lientuyen/persons/6c1f68c2-7c2d-4d62-8d4f-1e9d1b7c5f22"
NUMBERS = {PLAIN: "001385000016", HIDING: "001385000024"}
CARDS = {PLAIN: CARD, HIDING: "DN4010000000001"}
HOSPITAL = "facility/79999"
HIV = [DATA_CLASS_CARE, DATA_CLASS_HIV]
NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
TIMES = ("0900", "0920", "0940")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Appointments(FakeAppointments):
    """One appointment; for `HIDING` one more, for HIV, at a hospital that is not the reader's."""

    async def ListAppointments(self, request: Any, context: Any) -> Any:
        answer = await super().ListAppointments(request, context)
        if request.person == HIDING:
            hidden = answer.appointments.add()
            hidden.CopyFrom(answer.appointments[0])
            hidden.diagnosis.system, hidden.diagnosis.code = "ICD-10", "B20.1"
        return answer


class Dispensings(FakeDispensings):
    """One dispensing; for `HIDING` one more, for HIV."""

    async def ListDispensings(self, request: Any, context: Any) -> Any:
        answer = await super().ListDispensings(request, context)
        if request.person == HIDING:
            hidden = answer.dispensings.add()
            hidden.CopyFrom(answer.dispensings[0])
            hidden.restricted_classes.append(dispensing_pb2.RESTRICTED_CLASS_HIV)
        return answer


def dossier(person: str, time: str, key: str) -> File:
    """An encounter of *person* with one result, of *time* of one day."""
    file = sample().everywhere("MA_LK", f"{NUMBERS[person]}-{key}").everywhere("SO_CCCD", NUMBERS[person])
    for table, row, field in (("XML3", 2, "NGAY_TH_YL"), ("XML3", 2, "NGAY_KQ"), ("XML4", 1, "NGAY_KQ")):
        file.set(table, row, field, f"20261120{time}")
    return file.everywhere("NGAY_VAO", f"20261120080{time[2]}")


def restricted(file: File) -> File:
    """Let *file* tell of HIV; its result is of an indicator that ordinary ones have too."""
    return file.set("XML1", 1, "MA_BENH_KT", "B20")


@pytest.fixture
async def records(world: World, observed: Observed) -> Records:
    """Each person has three ordinary encounters; one of them has one of HIV after each, the latest of all."""
    records = await Records(world, appointments=Appointments(), dispensings=Dispensings()).start()
    records.identity.add_person(NUMBERS[HIDING], CARDS[HIDING], name=HIDING, described=PERSON)
    for person in NUMBERS:
        for time in TIMES:
            await records.submit(dossier(person, time, time).bytes())
    for time in TIMES:
        later = str(int(time) + 10)
        await records.submit(restricted(dossier(HIDING, later.zfill(4), f"{time}-HIV")).bytes())
    with clock.fixed(datetime(2026, 11, 20, 5, tzinfo=UTC)):  # and one whose dossier has not come
        await records.check_in(files.check_in(MA_LK="HIV", SO_CCCD=NUMBERS[HIDING]))
    return records


Call = Callable[[str], Awaitable[Message | list[Message]]]


async def pages(records: Records, person: str, caller: str = HOSPITAL) -> list[pb.ListResultsResponse]:
    """Every page of a person's results, two on each."""
    request = pb.ListResultsRequest(person=person, page_size=2, access=CARE)
    answers: list[pb.ListResultsResponse] = []
    while True:
        answer = await records.books(caller).ListResults(request)
        request.page_token = answer.next_page_token
        answers.append(answer)
        if not answer.next_page_token:
            return answers


def calls(records: Records, caller: str = HOSPITAL) -> dict[str, Call]:
    """Every way to read of a person."""
    books = records.books(caller)
    orders = [pb.OrderedTest(service_code="23.0075.1494")]

    async def book(person: str) -> Message:
        return await books.GetHealthBook(pb.GetHealthBookRequest(person=person, access=CARE))

    async def short_book(person: str) -> Message:
        return await books.GetHealthBook(
            pb.GetHealthBookRequest(person=person, encounter_limit=2, access=CARE)
        )

    async def book_of_a_day(person: str) -> Message:
        day = Date(year=2026, month=11, day=24)
        return await books.GetHealthBook(pb.GetHealthBookRequest(person=person, as_of=day, access=CARE))

    async def reuse(person: str) -> Message:
        return await books.FindReusableResults(
            pb.FindReusableResultsRequest(person=person, orders=orders, access=CARE)
        )

    async def results(person: str) -> list[Message]:
        return await pages(records, person, caller)

    async def summary(person: str) -> Message:
        return await books.GetPatientSummary(pb.GetPatientSummaryRequest(person=person, access=CARE))

    return {
        "book": book,
        "short book": short_book,
        "book of a day": book_of_a_day,
        "reuse": reuse,
        "results": results,
        "summary": summary,
    }


def told(answer: Message | list[Message]) -> str:
    """An answer as text, without the names of whom it is about, and without positions."""
    messages = answer if isinstance(answer, list) else [answer]
    for message in messages:
        if isinstance(message, pb.ListResultsResponse | pb.GetHealthBookResponse):
            message.next_page_token = str(len(message.next_page_token))
    text = "\n".join(str(message) for message in messages)
    for person, number in NUMBERS.items():
        text = text.replace(person, "person").replace(number, "number").replace(CARDS[person], "card")
    return UUID.sub("uuid", text)


def spans_of(observed: Observed, calls: int) -> list[str]:
    """The names of all spans of so many calls, statements and questions among them; none until they ended."""
    ended = observed.exporter.get_finished_spans()
    traces = [span.context.trace_id for span in ended if "HealthBookService" in span.name]
    return [span.name for span in ended if span.context.trace_id in traces] if len(traces) == calls else []


async def traces(records: Records, observed: Observed, call: Call, person: str) -> dict[str, object]:
    """What *call* for *person* leaves to be counted by somebody who is no party to it."""
    questions = len(records.identity.requests)
    rows = await records.rows("SELECT count(*) FROM audit")
    observed.exporter.clear()
    answer = await call(person)
    spans = await eventually(lambda: spans_of(observed, len(answer) if isinstance(answer, list) else 1))
    audit = await records.rows(
        "SELECT caller, practitioner, method, purpose, legal_basis, reason, flagged, allowed FROM audit "
        f"ORDER BY access_time OFFSET {rows[0][0]}"
    )
    return {
        "answer": told(answer),
        "questions": [type(request).__name__ for request in records.identity.requests[questions:]],
        "classes": [list(request.data_classes) for request in records.identity.asked(AuthorizeRequest)][-1:],
        "spans": Counter(spans),
        "access log": [tuple(row) for row in audit],
    }


@pytest.mark.parametrize("name", ["book", "short book", "book of a day", "reuse", "results", "summary"])
async def test_a_reader_who_may_not_see_them_cannot_tell_whether_there_are_any(
    records: Records, observed: Observed, name: str
):
    for person in NUMBERS:
        records.identity.add_consent(person)
    call = calls(records)[name]

    with clock.fixed(NOON):
        await call(PLAIN)  # what the directory says of the laboratory of a visible result is kept from here
        plain, hiding = [await traces(records, observed, call, person) for person in (PLAIN, HIDING)]

    assert plain == hiding
    assert set(plain["questions"]) - {"GetPersonRequest"} == {"AuthorizeRequest"}


@pytest.mark.parametrize("name", ["book", "short book", "book of a day", "reuse"])
async def test_a_read_is_one_question_whoever_may_see_what(records: Records, name: str):
    asked = []
    for person in NUMBERS:
        for classes in ([DATA_CLASS_CARE], HIV):
            records.identity.add_consent(person, data_classes=classes)
            before = len(records.identity.asked(AuthorizeRequest))
            await calls(records)[name](person)
            asked.append(records.identity.asked(AuthorizeRequest)[before:])

    assert [len(requests) for requests in asked] == [1] * 4
    assert len({str(list(requests[0].data_classes)) for requests in asked}) == 1


async def test_whom_a_consent_names_them_to_is_shown_them(records: Records):
    records.identity.add_consent(HIDING, data_classes=HIV)

    book = await records.books(HOSPITAL).GetHealthBook(pb.GetHealthBookRequest(person=HIDING, access=CARE))
    listed = await pages(records, HIDING)
    [answer] = [await calls(records)["reuse"](HIDING)]

    assert len(book.health_book.encounters) == len(book.health_book.results) == 6
    assert len(book.health_book.dispensed_medicines) == len(book.health_book.appointments) == 2
    assert [len(page.results) for page in listed] == [2, 2, 2]
    assert answer.answers[0].results[0].result_time.ToJsonString()[:16] == "2026-11-20T02:50"


async def test_behind_a_hidden_result_the_latest_that_may_be_seen_is_found(records: Records):
    records.identity.add_consent(HIDING)

    answer = await calls(records)["reuse"](HIDING)

    assert [one.result_time.ToJsonString()[:16] for one in answer.answers[0].results] == ["2026-11-20T02:40"]


async def test_whose_own_they_are_is_shown_them(records: Records):
    records.identity.add_consent(HIDING)

    assert [len(page.results) for page in await pages(records, HIDING, "facility/01999")] == [2, 2, 2]


async def test_two_consents_open_what_each_names(records: Records):
    records.identity.add_consent(HIDING)
    records.identity.add_consent(HIDING, data_classes=[DATA_CLASS_HIV])

    assert [len(page.results) for page in await pages(records, HIDING)] == [2, 2, 2]


async def test_a_dossier_is_asked_about_as_every_other(records: Records):
    records.identity.add_consent(HIDING)
    ids = await records.rows(f"SELECT id, classes FROM dossiers WHERE person = '{HIDING[-36:]}'")
    stub = records.dossiers(HOSPITAL)
    for id_, classes in ids:
        request = dossiers.GetDossierRequest(name=f"//records.lientuyen/dossiers/{id_}", access=CARE)
        if classes:
            assert (await refused(stub.GetDossier(request))).reason == reasons.DOSSIER_DENIED.name
        else:
            assert (await stub.GetDossier(request)).dossier.name == request.name

    assert len(ids) == len(records.identity.asked(AuthorizeRequest)) == 6
    assert len({str(request) for request in records.identity.asked(AuthorizeRequest)}) == 1


@pytest.mark.parametrize(
    ("consents", "shown"),
    [([], None), ([[DATA_CLASS_CARE]], 3), ([HIV], 6), ([[DATA_CLASS_CARE], [DATA_CLASS_HIV]], 3)],
)
async def test_an_identity_of_the_last_release_is_asked_again_and_opens_what_it_did(
    records: Records, consents: list[list[DataClass]], shown: int | None
):
    records.identity.is_older = True
    for classes in consents:
        records.identity.add_consent(HIDING, data_classes=classes)

    answers = await pages(records, HIDING)

    if shown is None:
        assert [(len(answer.results), answer.own_records_only) for answer in answers] == [(0, True)]
    else:
        assert sum(len(answer.results) for answer in answers) == shown
