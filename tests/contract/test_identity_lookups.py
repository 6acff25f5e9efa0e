"""Look-ups made together: each has its own answer and its own row, and no answer comes before its row."""

import asyncio
from collections import Counter

import asyncpg
import pytest
from grpc import StatusCode

from chassis.sql import Sql
from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import person_pb2 as pb
from lientuyen.identity.v1 import person_service_pb2 as service
from lientuyen.type.v1.date_pb2 import Date
from services.identity.lookup.store import INSURED, LOOKUP_SESSION, PERSONS
from tests.contract.identity_env import (
    HOSPITAL,
    TREATMENT,
    Identity,
    access,
    coverage_row,
    id_of,
    person_row,
    stream,
)
from tests.harness import World, eventually, refused

PEOPLE = 40


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


def personal_id(number: int) -> str:
    return f"0014850{number:05d}"


def card_number(number: int) -> str:
    return f"DN401{number:010d}"


def find(number: int) -> service.FindPersonRequest:
    return service.FindPersonRequest(personal_id=personal_id(number), access=TREATMENT)


def check(number: int) -> eligibility.CheckEligibilityRequest:
    day = Date(year=2026, month=11, day=21)
    return eligibility.CheckEligibilityRequest(
        personal_id=personal_id(number), facility="facilities/01999", day=day, access=TREATMENT
    )


async def settled(identity: Identity) -> None:
    """Import `PEOPLE` with a card each."""
    await identity.import_persons(
        *(
            person_row(
                personal_id=personal_id(number),
                old_id="",
                social_insurance_number="",
                full_name=f"Người Mẫu {number}",
            )
            for number in range(PEOPLE)
        )
    )
    await identity.import_coverages(
        *(
            coverage_row(personal_id=personal_id(number), card_number=card_number(number))
            for number in range(PEOPLE)
        )
    )


async def merge(identity: Identity, loser: str, root: str) -> None:
    """Point *loser* at *root*, as a merge does."""
    await identity.rows(
        "UPDATE persons SET state = 2, merged_into = $2, merged_root = $2 WHERE id = $1",
        id_of(loser),
        id_of(root),
    )


async def test_many_at_once_each_get_their_own_answer_and_their_own_row(identity: Identity):
    await settled(identity)
    persons, covers = identity.persons(), identity.eligibility()

    found = await asyncio.gather(*(persons.FindPerson(find(number)) for number in range(PEOPLE)))
    checked = await asyncio.gather(*(covers.CheckEligibility(check(number)) for number in range(PEOPLE)))

    assert [one.person.full_name for one in found] == [f"Người Mẫu {number}" for number in range(PEOPLE)]
    assert [one.eligibility.card_number for one in checked] == [card_number(one) for one in range(PEOPLE)]
    assert [one.eligibility.person for one in checked] == [one.person.name for one in found]
    rows = await identity.rows(
        "SELECT subject, method FROM audit WHERE method ~ 'FindPerson|CheckEligibility$'"
    )
    assert Counter((row["subject"], row["method"].rpartition("/")[2]) for row in rows) == Counter(
        (one.person.name, method) for one in found for method in ("FindPerson", "CheckEligibility")
    )


async def test_strangers_and_poison_fail_alone(identity: Identity):
    await settled(identity)
    persons = identity.persons()
    poison = service.FindPersonRequest(
        personal_id=personal_id(0), access=access(reason="một ký tự \0 không có trong văn bản nào")
    )
    stranger = service.FindPersonRequest(personal_id="001485777777", access=TREATMENT)
    asked = [find(1), poison, find(2), stranger, find(3)]

    answers = await asyncio.gather(*(persons.FindPerson(one) for one in asked), return_exceptions=True)

    names = [one.person.full_name for one in answers if isinstance(one, service.FindPersonResponse)]
    assert names == ["Người Mẫu 1", "Người Mẫu 2", "Người Mẫu 3"]
    assert answers[1].code() is StatusCode.INVALID_ARGUMENT
    assert answers[3].code() is StatusCode.NOT_FOUND
    rows = await identity.rows("SELECT subject FROM audit WHERE method ~ 'FindPerson'")
    assert [row["subject"] == "" for row in rows].count(True) == 2
    assert len(rows) == 5


async def test_nothing_is_answered_whose_row_cannot_be_written(identity: Identity):
    await settled(identity)
    persons = identity.persons()
    await persons.FindPerson(find(0))
    await identity.rows("ALTER TABLE audit ADD CONSTRAINT none_more CHECK (method !~ 'FindPerson') NOT VALID")

    answers = await asyncio.gather(
        *(persons.FindPerson(find(number)) for number in range(5)), return_exceptions=True
    )

    assert {one.code() for one in answers} == {StatusCode.INTERNAL}
    assert len(await identity.rows("SELECT FROM audit WHERE method ~ 'FindPerson'")) == 1


async def test_a_statement_that_is_killed_answers_nobody(identity: Identity):
    await settled(identity)
    locked = asyncio.Event()

    async def hold() -> None:
        """Hold the access log until somebody waits for it, and kill whoever that is."""
        holder = await asyncpg.connect(identity.running.settings.database_url)
        try:
            async with holder.transaction():
                await holder.execute("LOCK TABLE audit IN ACCESS EXCLUSIVE MODE")
                locked.set()
                waits = "pid IN (SELECT pid FROM pg_locks WHERE NOT granted)"
                kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {waits}"
                await eventually(lambda: holder.fetch(kill))
        finally:
            await holder.close()

    holding = asyncio.create_task(hold())
    await locked.wait()
    refusal = await refused(identity.persons().FindPerson(find(1)))
    await holding

    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, "ERROR_REASON_STORE_UNAVAILABLE")
    assert await identity.rows("SELECT FROM audit WHERE method ~ 'FindPerson'") == []
    assert (await identity.persons().FindPerson(find(1))).person.full_name == "Người Mẫu 1"


async def test_a_merged_entry_leads_to_the_one_that_stands_and_brings_its_numbers_and_cards(
    identity: Identity,
):
    await settled(identity)
    first, second, third = [(await identity.persons().FindPerson(find(number))).person for number in range(3)]
    await merge(identity, second.name, first.name)
    await merge(identity, third.name, first.name)

    found = await identity.persons().FindPerson(find(1))
    checked = (await identity.eligibility().CheckEligibility(check(2))).eligibility
    named = eligibility.CheckEligibilityRequest(
        person=second.name, facility="facilities/01999", access=TREATMENT
    )
    by_name = (await identity.eligibility().CheckEligibility(named)).eligibility
    itself = await identity.persons().GetPerson(service.GetPersonRequest(name=second.name, access=TREATMENT))

    assert (found.person.name, found.entry) == (first.name, second.name)
    assert found.identifier_state == pb.Identifier.STATE_CURRENT
    numbers = [one.value for one in found.person.identifiers if one.kind == pb.Identifier.KIND_PERSONAL_ID]
    assert sorted(numbers) == [personal_id(number) for number in range(3)]
    assert (checked.person, by_name.person) == (first.name, first.name)
    assert sorted(one.card_number for one in checked.coverages) == [card_number(one) for one in range(3)]
    assert (itself.person.name, itself.person.merged_into) == (second.name, first.name)
    assert personal_id(0) not in [one.value for one in itself.person.identifiers]
    subjects = await identity.rows("SELECT DISTINCT subject FROM audit WHERE method ~ 'CheckEligibility$'")
    assert [row["subject"] for row in subjects] == [first.name]


async def test_entries_of_one_person_that_claim_a_number_are_not_in_doubt_about_it(identity: Identity):
    await identity.import_persons(
        *(
            person_row(personal_id=personal_id(number), old_id="012345678", social_insurance_number="")
            for number in range(7)
        )
    )
    old = service.FindPersonRequest(old_id="012345678", access=TREATMENT)
    entries = [(await identity.persons().FindPerson(find(number))).person.name for number in range(7)]

    for loser in entries[1:6]:
        await merge(identity, loser, entries[0])
    doubtful = await refused(identity.persons().FindPerson(old))
    await merge(identity, entries[6], entries[0])

    assert (doubtful.reason, doubtful.metadata) == ("ERROR_REASON_PERSON_AMBIGUOUS", {"count": "2"})
    assert (await identity.persons().FindPerson(old)).person.name == entries[0]


async def test_a_doubt_leaves_a_row_that_names_nobody(identity: Identity):
    await identity.import_persons(
        *(
            person_row(personal_id=personal_id(number), old_id="012345678", social_insurance_number="")
            for number in range(2)
        )
    )
    before = len(await identity.audit(""))

    for ground in (TREATMENT, access(basis="EMERGENCY", reason="cấp cứu")):
        request = service.FindPersonRequest(old_id="012345678", access=ground)
        refusal = await refused(identity.persons().FindPerson(request))
        assert refusal.code is StatusCode.FAILED_PRECONDITION

    row = (HOSPITAL, "PersonService/FindPerson", True, False)
    assert (await identity.audit(""))[before:] == [row, row]
    assert await identity.rows("SELECT FROM emergency_accesses") == []


async def test_an_emergency_among_others_is_flagged_and_they_are_not(identity: Identity):
    await settled(identity)
    persons = identity.persons()
    urgent = service.FindPersonRequest(
        personal_id=personal_id(1), access=access(basis="EMERGENCY", reason="cấp cứu")
    )

    answers = await asyncio.gather(*(persons.FindPerson(one) for one in (find(0), urgent, find(2))))

    rows = [await identity.audit(one.person.name) for one in answers]
    assert [[flagged for *_, flagged in row] for row in rows] == [[False], [True], [False]]
    opened = await identity.rows("SELECT person_id FROM emergency_accesses")
    assert [row["person_id"] for row in opened] == [id_of(answers[1].person.name)]


async def test_a_long_stream_is_answered_in_order(identity: Identity):
    await settled(identity)
    questions = [
        eligibility.CheckEligibilitiesRequest(tag=str(number), question=check(number % (PEOPLE + 1)))
        for number in range(60)
    ]

    answers = [one async for one in identity.eligibility().CheckEligibilities(stream(*questions))]

    assert [one.tag for one in answers] == [str(number) for number in range(60)]
    cards = [card_number(number) if (number := at % (PEOPLE + 1)) < PEOPLE else "" for at in range(60)]
    assert [one.eligibility.card_number for one in answers] == cards


@pytest.mark.parametrize(("statement", "facts"), [(PERSONS, "identifiers_pkey"), (INSURED, "coverages_pkey")])
async def test_every_part_of_a_look_up_walks_an_index(identity: Identity, statement: Sql, facts: str):
    connection = await asyncpg.connect(
        identity.running.settings.database_url, server_settings=dict(LOOKUP_SESSION)
    )
    try:
        await connection.execute("PREPARE look_up AS " + statement.text)
        nothing = ", ".join(["NULL"] * len(statement.names))
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE look_up({nothing})"))
    finally:
        await connection.close()

    indexes = ["identifiers_value", "persons_pkey", "persons_merged_root", facts]
    assert "Seq Scan" not in plan
    assert [index for index in indexes if index not in plan] == []
