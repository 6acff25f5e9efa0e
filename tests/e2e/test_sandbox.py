"""What `lientuyen up` brings in answers as docs/howto/sandbox.md says, and comes in once."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from lientuyen.identity.v1 import consent_service_pb2 as consents
from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.identity.v1.consent_pb2 import Guardian
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescriptions
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.records.v1 import immunization_service_pb2 as immunizations
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1.message_pb2 import Message
from lientuyen_client.clock import as_date, today
from lientuyen_client.demo import sandbox
from lientuyen_client.demo.hospital_steps import RECEIVER, RECEIVER_NAME, SENDER, SENDER_NAME
from lientuyen_client.demo.journey import DOCTOR, Cast, care, own_view

from .conftest import Live

DOCUMENT = Path(__file__).parents[2] / "docs/howto/sandbox.md"
LIKE_A_READER = care(DOCTOR)


@pytest.fixture
async def cast(live: Live) -> AsyncIterator[Cast]:
    """The seeded stack."""
    await sandbox.seed(live.stack, today(), lambda _: None)
    cast = Cast(live.stack)
    yield cast
    await cast.close()


async def rows(cast: Cast) -> dict[str, int]:
    """How many there are of what the sandbox makes."""
    person = await sandbox.found(cast, sandbox.IN_TREATMENT)
    child = await sandbox.found(cast, sandbox.CHILD)
    sent = mailbox.ListMessagesRequest(sender=SENDER_NAME, page_size=500)
    issued = prescriptions.ListPrescriptionsRequest(
        person=person.name, facility=RECEIVER_NAME, access=sandbox.OWN
    )
    given = consents.ListConsentsRequest(parent=child.name, access=LIKE_A_READER)
    merges = persons.ListMergesRequest(
        parent=(await sandbox.found(cast, sandbox.STANDING)).name, access=LIKE_A_READER
    )
    return {
        "messages": len((await cast(SENDER).mailbox.ListMessages(sent)).messages),
        "prescriptions": len((await cast(RECEIVER).prescriptions.ListPrescriptions(issued)).prescriptions),
        "consents": len((await cast(SENDER).consents.ListConsents(given)).consents),
        "merges": len((await cast("operator/dev").persons.ListMerges(merges)).merges),
    }


async def test_each_number_answers_as_the_table_says(cast: Cast):
    wrong = []
    for answer in sandbox.answers():
        question: dict[str, Any] = {answer.kind: answer.number}
        request = eligibility.CheckEligibilityRequest(
            facility=SENDER_NAME, day=as_date(today()), access=LIKE_A_READER, **question
        )
        told = (await cast(SENDER).eligibility.CheckEligibility(request)).eligibility
        if told.result_code != answer.result_code or answer.percent not in (None, told.payment_rate_percent):
            wrong.append((answer.number, told.result_code, told.payment_rate_percent))

    assert wrong == []


async def test_the_document_has_the_table(cast: Cast):
    lines = re.findall(r"^\| (\w+) \| (\d{3}) \| (?:(\d+) %)? ?\| (.+) \|$", DOCUMENT.read_text("utf8"), re.M)

    assert lines == [
        (answer.number, answer.result_code, "" if answer.percent is None else str(answer.percent), answer.who)
        for answer in sandbox.answers()
    ]


async def test_a_second_start_brings_nothing_twice(live: Live, cast: Cast):
    before = await rows(cast)

    await sandbox.seed(live.stack, today(), lambda _: None)

    assert await rows(cast) == before == {"messages": 1, "prescriptions": 1, "consents": 1, "merges": 1}


async def test_a_mistyped_number_finds_the_person_it_was_merged_into(cast: Cast):
    names = {(await sandbox.found(cast, number)).name for number in (sandbox.MISTYPED, sandbox.STANDING)}

    assert len(names) == 1


async def test_the_twins_are_two_and_differ_by_one_letter(cast: Cast):
    twins = [await sandbox.found(cast, number) for number in ("001816900019", "001816900020")]

    assert twins[0].name != twins[1].name
    assert [twin.full_name for twin in twins] == ["TRẦN BẢO AN", "TRẦN BẢO ÂN"]
    assert twins[0].birth_date == twins[1].birth_date


async def test_the_mother_consented_for_her_child(cast: Cast):
    child, mother = [await sandbox.found(cast, number) for number in (sandbox.CHILD, sandbox.MOTHER)]

    listing = consents.ListConsentsRequest(parent=child.name, access=LIKE_A_READER)
    [consent] = (await cast(SENDER).consents.ListConsents(listing)).consents

    assert (consent.guardian.person, consent.guardian.relation) == (mother.name, Guardian.RELATION_PARENT)


async def test_the_dossier_that_tells_of_hiv_is_the_persons_and_its_makers_own(cast: Cast):
    person = (await sandbox.found(cast, sandbox.RESTRICTED)).name
    readers = [("authority/vneid", own_view()), (RECEIVER, LIKE_A_READER)]
    own = dossiers.ListDossiersRequest(facility=SENDER_NAME, access=sandbox.OWN)

    encounters = []
    for reader, access in readers:
        request = books.GetHealthBookRequest(person=person, access=access)
        encounters.append(len((await cast(reader).health_book.GetHealthBook(request)).health_book.encounters))

    listed = (await cast(SENDER).dossiers.ListDossiers(own)).dossiers

    assert encounters == [1, 0]
    assert [dossier.person for dossier in listed] == [person]


async def test_the_childs_vaccination_is_recorded_once(live: Live, cast: Cast):
    await sandbox.seed(live.stack, today(), lambda _: None)
    child = (await sandbox.found(cast, sandbox.CHILD)).name
    listing = immunizations.ListImmunizationsRequest(person=child, access=own_view())

    [dose] = (await cast("authority/vneid").immunizations.ListImmunizations(listing)).immunizations

    assert (dose.vaccine.display, dose.dose_number, dose.lot) == ("Vắc-xin mẫu", 1, "LO-MAU-2")


async def test_a_message_waits_for_the_other_hospital(cast: Cast):
    listing = mailbox.ListMessagesRequest(recipient=RECEIVER_NAME, state=Message.STATE_ACCEPTED)

    [waiting] = (await cast(RECEIVER).mailbox.ListMessages(listing)).messages

    assert waiting.person == (await sandbox.found(cast, sandbox.AWAITED)).name


async def test_ten_tablets_are_left_of_thirty(cast: Cast):
    person = await sandbox.found(cast, sandbox.IN_TREATMENT)
    listing = prescriptions.ListPrescriptionsRequest(
        person=person.name, facility=RECEIVER_NAME, access=sandbox.OWN
    )

    [prescription] = (await cast(RECEIVER).prescriptions.ListPrescriptions(listing)).prescriptions

    assert prescription.state == Prescription.STATE_PARTLY_DISPENSED
    assert prescription.lines[0].remaining.thousandths == 10_000


async def test_near_names_are_all_shown(cast: Cast):
    described = persons.Demographics(full_name="Nguyen Van A", birth_date={"year": 1985})
    request = persons.MatchPersonsRequest(demographics=described, access=LIKE_A_READER)

    candidates = (await cast(SENDER).persons.MatchPersons(request)).candidates

    names = {candidate.person.full_name for candidate in candidates}
    assert {"NGUYỄN VĂN A", "NGUYỄN VÂN A", "NGUYỄN VĂN Á"} <= names


async def test_a_message_that_was_taken_is_sent_anew_at_the_next_start(live: Live, cast: Cast):
    stream = cast(RECEIVER).mailbox.ReceiveMessages(mailbox.ReceiveMessagesRequest(recipient=RECEIVER_NAME))
    taken = (await anext(aiter(stream))).delivery
    await cast(RECEIVER).mailbox.AcknowledgeMessage(
        mailbox.AcknowledgeMessageRequest(name=taken.message.name, lease_token=taken.lease_token)
    )

    await sandbox.seed(live.stack, today(), lambda _: None)

    # It waits, or our own stream has it already.
    listing = mailbox.ListMessagesRequest(recipient=RECEIVER_NAME)
    messages = (await cast(RECEIVER).mailbox.ListMessages(listing)).messages
    states = {message.name: message.state for message in messages}
    assert states.pop(taken.message.name) == Message.STATE_ACKNOWLEDGED
    assert list(states.values()) in ([Message.STATE_ACCEPTED], [Message.STATE_LEASED])
