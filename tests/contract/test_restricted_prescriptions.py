"""Two persons alike in everything but hidden prescriptions: nothing that pharmacy does tells them apart."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from chassis import clock
from lientuyen.identity.v1.consent_pb2 import DATA_CLASS_HIV, DataClass
from lientuyen.identity.v1.consent_service_pb2 import AuthorizeRequest
from lientuyen.pharmacy.v1 import dispensing_pb2
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as dispensing
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescribing
from lientuyen.type.v1.coding_pb2 import Coding
from tests.fake_identity import CARE
from tests.harness import World, eventually, refused
from tests.metrics import Observed

from .pharmacy_env import PERSON, TREATMENT, Pharmacy, give, look, paper, sold

# Of one there are ordinary prescriptions only, of the other the same, and some for HIV; of one nothing,
# of the other nothing but HIV.
PLAIN, (HIDING, NOTHING, ALL_HIDDEN) = PERSON, (f"//identity.lientuyen/persons/{uuid4()}" for _ in range(3))
PERSONS = (PLAIN, HIDING, NOTHING, ALL_HIDDEN)
HOSPITAL, RECORDS = "facility/79999", "service/records"
HIV = Coding(system="ICD-10", code="B20")
WITHHELD = (dispensing_pb2.RESTRICTED_CLASS_HIV,)
CHANGING = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|01999[0-9a-f]{7}-c|(seconds|nanos): \d+|page_token: .*"
)

Answer = prescribing.ListPrescriptionsResponse | dispensing.ListDispensingsResponse
Page = Callable[[str, str], Awaitable[Answer]]


@pytest.fixture
async def pharmacy(world: World, observed: Observed) -> Pharmacy:
    """Two ordinary prescriptions; one for HIV between them and one after them; of each some was dispensed."""
    pharmacy = await Pharmacy(world).start()
    for person in PERSONS[1:]:
        pharmacy.identity.add_person(name=person)
    begin = clock.now() - timedelta(hours=4)
    for hour in range(4):
        await prescribe(pharmacy, begin + timedelta(hours=hour), restricted=bool(hour % 2))
    return pharmacy


async def prescribe(pharmacy: Pharmacy, time: datetime, *, restricted: bool) -> None:
    for person in (HIDING, ALL_HIDDEN) if restricted else (PLAIN, HIDING):
        diagnoses = {"diagnoses": [HIV]} if restricted else {}
        prescription = await pharmacy.issued(paper(time, person=person, **diagnoses))
        await sold(pharmacy.dispensings(), prescription, give(1, 20))


def lists(pharmacy: Pharmacy, caller: str) -> dict[str, Page]:
    """Each list of a person, page by page."""
    withheld = WITHHELD if caller == RECORDS else ()

    async def prescriptions(person: str, token: str) -> Answer:
        request = prescribing.ListPrescriptionsRequest(
            person=person, page_size=1, page_token=token, access=TREATMENT
        )
        return await pharmacy.prescriptions(caller).ListPrescriptions(request)

    async def dispensings(person: str, token: str) -> Answer:
        request = dispensing.ListDispensingsRequest(
            person=person, page_size=1, page_token=token, access=TREATMENT, withheld_classes=withheld
        )
        return await pharmacy.dispensings(caller).ListDispensings(request)

    return {"prescriptions": prescriptions, "dispensings": dispensings}


async def pages(page: Page, person: str) -> list[Answer]:
    answers = [await page(person, "")]
    while answers[-1].next_page_token:
        answers.append(await page(person, answers[-1].next_page_token))
    return answers


async def traces(pharmacy: Pharmacy, observed: Observed, page: Page, person: str) -> dict[str, object]:
    """What a list of *person* leaves to be counted."""
    questions = len(pharmacy.identity.requests)
    observed.exporter.clear()
    answers = await pages(page, person)
    spans = await eventually(lambda: spans_of(observed, len(answers)))
    return {
        "answers": [CHANGING.sub("…", str(answer)) for answer in answers],
        "tokens": [len(answer.next_page_token) for answer in answers],
        "questions": [type(request).__name__ for request in pharmacy.identity.requests[questions:]],
        "spans": Counter(spans),
    }


def spans_of(observed: Observed, calls: int) -> list[str]:
    """The names of all spans, once so many calls have ended."""
    names = [span.name for span in observed.exporter.get_finished_spans()]
    return names if sum("/List" in name for name in names) == calls else []


@pytest.mark.parametrize(
    ("name", "caller", "question"),
    [
        ("prescriptions", HOSPITAL, "Authorize"),
        ("dispensings", HOSPITAL, "Authorize"),
        ("dispensings", RECORDS, "ResolvePerson"),
    ],
)
@pytest.mark.parametrize(("plain", "hiding"), [(PLAIN, HIDING), (NOTHING, ALL_HIDDEN)], ids=["some", "none"])
async def test_a_reader_who_may_not_see_them_cannot_tell_whether_there_are_any(
    pharmacy: Pharmacy, observed: Observed, name: str, plain: str, hiding: str, caller: str, question: str
):
    for person in PERSONS:
        pharmacy.identity.add_consent(person)
    page = lists(pharmacy, caller)[name]

    seen = [await traces(pharmacy, observed, page, person) for person in (plain, hiding)]

    assert seen[0] == seen[1]
    assert seen[0]["questions"] == [f"{question}Request"] * (2 if plain == PLAIN else 1)


@pytest.mark.parametrize("name", ["prescriptions", "dispensings"])
@pytest.mark.parametrize("consents", [[[CARE, DATA_CLASS_HIV]], [[CARE], [DATA_CLASS_HIV]]])
async def test_whom_a_consent_names_them_to_is_shown_them(
    pharmacy: Pharmacy, name: str, consents: list[list[DataClass]]
):
    for person in (PLAIN, HIDING):
        for classes in consents:
            pharmacy.identity.add_consent(person, data_classes=classes)

    page = lists(pharmacy, HOSPITAL)[name]

    assert [len(await pages(page, person)) for person in (PLAIN, HIDING)] == [2, 4]


async def test_one_prescription_is_asked_about_as_every_other(pharmacy: Pharmacy):
    pharmacy.identity.add_consent(HIDING)
    rows = await pharmacy.rows(f"SELECT id, data_classes FROM prescriptions WHERE person = '{HIDING}'")
    stub = pharmacy.prescriptions(HOSPITAL)
    for id_, classes in rows:
        request = look(paper(name=f"//pharmacy.lientuyen/prescriptions/{id_}"))
        if DATA_CLASS_HIV in classes:
            assert (await refused(stub.GetPrescription(request))).reason == reasons.PRESCRIPTION_DENIED.name
        else:
            assert (await stub.GetPrescription(request)).prescription.name == request.name

    assert len(rows) == len(pharmacy.identity.asked(AuthorizeRequest)) == 4
    assert len({str(request) for request in pharmacy.identity.asked(AuthorizeRequest)}) == 1
