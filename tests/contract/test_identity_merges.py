"""Merging and unmerging over a real channel and a real database: what everybody sees, and exactly back."""

import asyncio
import json
import random
from typing import Any
from uuid import UUID

import grpc
import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import audit_service_pb2, audit_service_pb2_grpc
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import person_pb2
from lientuyen.identity.v1 import person_service_pb2 as pb
from lientuyen.type.v1.date_pb2 import Date
from services.identity.model.merges import MergeRefused, PersonRecord, join, part
from services.identity.model.persons import PersonState
from tests.world import World, refused

from .identity_town import HOSPITAL, OURS, TREATMENT, Town, access, key, person_row, town_of

OPERATOR = "operator/index"
ADMIN = access("OPERATIONS", "LEGAL_DUTY")


@pytest.fixture
async def town(world: World) -> Town:
    return await town_of(world)


async def somebody(town: Town, **more: Any) -> person_pb2.Person:
    """Register somebody of whom nothing is known, and return their entry."""
    given = {"kind": pb.RegisterPersonRequest.KIND_UNKNOWN, "facility": "facilities/01999"}
    request = pb.RegisterPersonRequest(request_id=key(), access=TREATMENT, **{**given, **more})
    return (await town.persons().RegisterPerson(request)).person


async def people(town: Town, count: int) -> list[str]:
    return [(await somebody(town)).name for _ in range(count)]


async def merge(town: Town, loser: str, winner: str, **more: Any) -> pb.MergePersonsResponse:
    request = pb.MergePersonsRequest(
        request_id=key(), loser=loser, winner=winner, reason="cùng một người", **more
    )
    return await town.persons(OPERATOR).MergePersons(request)


async def unmerge(town: Town, name: str) -> pb.UnmergePersonsResponse:
    request = pb.UnmergePersonsRequest(request_id=key(), name=name, reason="nhầm người")
    return await town.persons(OPERATOR).UnmergePersons(request)


async def get(town: Town, name: str) -> person_pb2.Person:
    request = pb.GetPersonRequest(name=name, access=TREATMENT)
    return (await town.persons().GetPerson(request)).person


async def names(town: Town, name: str) -> list[str]:
    answer = await town.persons("service/records").ResolvePerson(pb.ResolvePersonRequest(name=name))
    return [one.removeprefix(OURS) for one in answer.persons]


async def everything(town: Town) -> dict[str, list[Any]]:
    """Every row of what identity keeps of people, but for what a merge moves on."""
    tables = ("identifiers", "person_sources", "coverages", "consents", "emergency_accesses")
    found: dict[str, list[Any]] = {}
    for table in tables:
        found[table] = await town.rows(f"SELECT to_jsonb(t) AS row FROM {table} t ORDER BY to_jsonb(t)::text")
    found["persons"] = await town.rows(
        "SELECT to_jsonb(t) - 'version' - 'update_time' AS row FROM persons t ORDER BY id"
    )
    return {table: [json.loads(row["row"]) for row in rows] for table, rows in found.items()}


async def two(town: Town) -> tuple[person_pb2.Person, person_pb2.Person]:
    """The same man twice: once by his personal ID, once by an old card."""
    first = await town.person()
    second = await town.person(
        personal_id="001485000024",
        old_id="987654321",
        social_insurance_number="0000000002",
        full_name="Tran Van Thu",
    )
    return first, second


async def test_the_loser_keeps_its_name_and_the_winner_has_the_numbers_of_both(town: Town):
    winner, loser = await two(town)

    answer = await merge(town, loser.name, winner.name)

    merged, root = await get(town, loser.name), await get(town, winner.name)
    assert (merged.state, merged.merged_into) == (person_pb2.Person.STATE_MERGED, winner.name)
    assert (root.state, root.merged_into) == (person_pb2.Person.STATE_ACTIVE, "")
    assert list(merged.identifiers) == list(loser.identifiers)
    both = {one.value for one in (*winner.identifiers, *loser.identifiers)}
    assert {one.value for one in root.identifiers} == both
    assert {one.value for one in answer.person.identifiers} == both
    assert (answer.merge.loser, answer.merge.winner) == (loser.name, winner.name)
    assert (answer.merge.caller, answer.merge.reason) == (OPERATOR, "cùng một người")


async def test_a_number_of_either_finds_the_winner_and_parts_again(town: Town):
    winner, loser = await two(town)
    made = (await merge(town, loser.name, winner.name)).merge
    find = pb.FindPersonRequest(personal_id="001485000024", access=TREATMENT)

    found = (await town.persons().FindPerson(find)).person
    undone = await unmerge(town, made.name)
    parted = (await town.persons().FindPerson(find)).person

    assert (found.name, parted.name) == (winner.name, loser.name)
    assert (undone.merge.unmerger, undone.merge.unmerge_reason) == (OPERATOR, "nhầm người")
    assert undone.merge.HasField("unmerge_time")
    assert undone.person == parted
    assert [one.value for one in (await get(town, winner.name)).identifiers] == [
        one.value for one in winner.identifiers
    ]


async def test_two_entries_that_claim_one_number_are_no_riddle_once_they_are_merged(town: Town):
    child = {"kind": pb.RegisterPersonRequest.KIND_FOREIGNER, "nationality": "004"}
    first = await somebody(town, full_name="A Person", passport_number="X1234567", **child)
    second = await somebody(town, full_name="A Person", passport_number="X7654321", **child)
    await town.rows(
        "UPDATE identifiers SET kind = 2, value = '012345678' WHERE kind = $1 AND person_id = ANY ($2)",
        person_pb2.Identifier.KIND_PASSPORT,
        [id_of(first.name), id_of(second.name)],
    )
    find = pb.FindPersonRequest(old_id="012345678", access=TREATMENT)

    before = await refused(town.persons().FindPerson(find))
    await merge(town, first.name, second.name)
    after = await town.persons().FindPerson(find)

    assert before.reason == reasons.PERSON_AMBIGUOUS.name
    assert after.person.name == second.name


async def test_unmerge_gives_everything_back_as_it_was_and_what_came_between_stays(town: Town):
    winner, loser = await two(town)
    await town.consent(loser.name)
    before = await everything(town)

    made = (await merge(town, loser.name, winner.name)).merge
    between = await town.consent(winner.name)
    await unmerge(town, made.name)

    after = await everything(town)
    ours = between.name.rpartition("/")[2]
    assert [row for row in after["consents"] if row["id"] != ours] == before["consents"]
    assert [row["person_id"] for row in after["consents"] if row["id"] == ours] == [winner.name[8:]]
    assert {**after, "consents": []} == {**before, "consents": []}


async def test_an_old_etag_is_not_good_again_after_an_unmerge(town: Town):
    winner, loser = await two(town)
    made = (await merge(town, loser.name, winner.name, loser_etag=loser.etag, winner_etag=winner.etag)).merge
    await unmerge(town, made.name)

    by_loser = await refused(merge(town, loser.name, winner.name, loser_etag=loser.etag))
    by_winner = await refused(merge(town, loser.name, winner.name, winner_etag=winner.etag))
    fresh = await get(town, loser.name)

    assert (by_loser.code, by_loser.reason) == (StatusCode.ABORTED, reasons.ETAG_STALE.name)
    assert by_winner.reason == reasons.ETAG_STALE.name
    assert (await merge(town, loser.name, winner.name, loser_etag=fresh.etag)).merge.loser == loser.name


async def test_what_cannot_be_merged_is_refused_and_changes_nothing(town: Town):
    one, other, third = await people(town, 3)
    await merge(town, one, other)
    before = await everything(town)
    unknown = f"persons/{UUID(int=7)}"

    refusals = [
        await refused(merge(town, loser, winner))
        for loser, winner in ((third, third), (one, third), (third, one), (unknown, third), (third, unknown))
    ]

    assert [(refusal.code, refusal.reason) for refusal in refusals] == [
        (StatusCode.INVALID_ARGUMENT, reasons.PERSONS_SAME.name),
        (StatusCode.FAILED_PRECONDITION, reasons.PERSON_MERGED.name),
        (StatusCode.FAILED_PRECONDITION, reasons.PERSON_MERGED.name),
        (StatusCode.NOT_FOUND, reasons.PERSON_NOT_FOUND.name),
        (StatusCode.NOT_FOUND, reasons.PERSON_NOT_FOUND.name),
    ]
    assert await everything(town) == before


async def test_a_mother_and_her_newborn_are_not_merged(town: Town):
    mother = await somebody(town)
    today = Date(year=2026, month=11, day=20)
    newborn = pb.RegisterPersonRequest.KIND_NEWBORN
    child = await somebody(town, kind=newborn, birth_date=today, mother=mother.name)

    refusal = await refused(merge(town, child.name, mother.name))

    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.PERSONS_RELATED.name)


async def test_a_link_is_undone_once_and_by_its_own_name_only(town: Town):
    one, other = await people(town, 2)
    made = (await merge(town, one, other)).merge
    foreign = f"{other}/merges/{made.name.rpartition('/')[2]}"

    wrong = await refused(unmerge(town, foreign))
    await unmerge(town, made.name)
    again = await refused(unmerge(town, made.name))

    assert [(one.code, one.reason) for one in (wrong, again)] == [
        (StatusCode.NOT_FOUND, reasons.MERGE_NOT_FOUND.name)
    ] * 2


async def test_a_retry_gets_the_first_answer(town: Town):
    one, other = await people(town, 2)
    request = pb.MergePersonsRequest(request_id=key(), loser=one, winner=other, reason="một người")

    first, again = [await town.persons(OPERATOR).MergePersons(request) for _ in range(2)]

    assert first == again


async def test_the_dead_are_dead_again_when_they_are_parted(town: Town):
    winner, loser = await two(town)
    await town.import_persons(person_row(personal_id="001485000024", full_name="Tran Van Thu", deceased=True))
    made = (await merge(town, loser.name, winner.name)).merge

    parted = (await unmerge(town, made.name)).person

    assert parted.state == person_pb2.Person.STATE_DECEASED


async def test_only_operators_merge_and_see_merges_and_both_persons_logs_tell(town: Town):
    one, other = await people(town, 2)
    made = (await merge(town, one, other)).merge
    await unmerge(town, made.name)

    request = pb.ListMergesRequest(parent=one, access=TREATMENT)
    denied = await refused(town.persons(HOSPITAL).ListMerges(request))

    assert denied.code is StatusCode.PERMISSION_DENIED
    for name in (one, other):
        methods = [row[:2] for row in await town.audit(OURS + name) if row[0] == OPERATOR]
        assert methods == [
            (OPERATOR, "PersonService/MergePersons"),
            (OPERATOR, "PersonService/UnmergePersons"),
        ]


async def test_the_links_of_a_person_are_listed_by_any_of_their_names_standing_and_undone(town: Town):
    a, b, c, d = await people(town, 4)
    first = (await merge(town, a, b)).merge
    second = (await merge(town, d, b)).merge
    await unmerge(town, first.name)
    third = (await merge(town, b, c)).merge

    async def listed(parent: str, **more: Any) -> list[str]:
        request = pb.ListMergesRequest(parent=parent, access=ADMIN, **more)
        return [one.name for one in (await town.persons(OPERATOR).ListMerges(request)).merges]

    assert await listed(d) == await listed(c) == [third.name, second.name, first.name]
    assert await listed(OURS + b, standing_only=True) == [third.name, second.name]
    assert await listed(a) == [first.name]


async def test_the_list_of_links_goes_on_page_by_page(town: Town):
    root, *others = await people(town, 6)
    made = [(await merge(town, one, root)).merge.name for one in others]
    stub, found, token = town.persons(OPERATOR), [], ""
    for _ in range(3):
        request = pb.ListMergesRequest(parent=root, page_size=2, page_token=token, access=ADMIN)
        page = await stub.ListMerges(request)
        found += [one.name for one in page.merges]
        token = page.next_page_token

    foreign = pb.ListMergesRequest(parent=others[0], page_token="x" * 40, access=ADMIN)
    refusal = await refused(stub.ListMerges(foreign))

    assert (found, token) == (made[::-1], "")
    assert refusal.reason == chassis_reasons.PAGE_TOKEN_INVALID.name


async def test_every_name_of_a_person_resolves_to_all_of_them(town: Town):
    a, b, c, d = await people(town, 4)
    first = (await merge(town, a, b)).merge
    await merge(town, b, c)

    assert await names(town, a) == await names(town, b) == await names(town, c) == [c, *sorted((a, b))]
    assert await names(town, d) == [d]
    await unmerge(town, first.name)
    assert (await names(town, a), await names(town, c)) == ([a], [c, b])
    nobody = await refused(names(town, f"persons/{UUID(int=7)}"))
    assert nobody.reason == reasons.PERSON_NOT_FOUND.name


async def test_the_log_of_a_person_shows_the_accesses_to_each_of_their_entries(town: Town):
    one, other = await people(town, 2)
    await get(town, one)
    await get(town, other)
    await merge(town, one, other)
    stub = audit_service_pb2_grpc.AuditServiceStub(town.world.channel(town.running, "authority/vneid"))
    request = audit_service_pb2.ListAccessesRequest(subject=OURS + other, merged=[OURS + one], page_size=3)

    first = await stub.ListAccesses(request)
    request.page_token = first.next_page_token
    second = await stub.ListAccesses(request)

    found = [*first.accesses, *second.accesses]
    assert {one.subject for one in found} == {OURS + one, OURS + other}
    assert len({one.name for one in found}) == len(found) == 6  # registered, got, merged: each twice
    times = [one.access_time.ToNanoseconds() for one in found]
    assert times == sorted(times, reverse=True)


def id_of(name: str) -> UUID:
    return UUID(name.rpartition("/")[2])


async def trees(town: Town) -> dict[UUID, PersonRecord]:
    rows = await town.rows("SELECT id, state, merged_into, merged_root, mother, version FROM persons")
    return {row["id"]: PersonRecord(row[0], PersonState(row[1]), *row[2:]) for row in rows}


def walked(entries: dict[UUID, PersonRecord], id_: UUID) -> UUID:
    for _ in entries:
        into = entries[id_].merged_into
        if into is None:
            return id_
        id_ = into
    raise AssertionError("the links go round")


async def test_hundreds_of_random_moves_do_in_postgresql_what_the_model_says(town: Town):
    chance = random.Random(20261121)
    ids = [id_of(name) for name in await people(town, 7)]
    model, links = await trees(town), {}
    start = await everything(town)
    pictures: list[tuple[str, Any]] = []
    for _ in range(150):
        one, other = chance.choice(ids), chance.choice(ids)
        if links and chance.random() < 0.4:
            loser = chance.choice(sorted(links))
            changed = part(model, loser, PersonState.ACTIVE)
            await unmerge(town, links.pop(loser))
            pictures.clear()
        else:
            try:
                changed = join(model, one, other)
            except MergeRefused:
                await refused(merge(town, f"persons/{one}", f"persons/{other}"))
                changed = []
            else:
                before = await everything(town)
                name = (await merge(town, f"persons/{one}", f"persons/{other}")).merge.name
                links[one] = name
                pictures.append((name, before))
        model |= {entry.id: entry for entry in changed}
        assert await trees(town) == model
    for name, before in reversed(pictures):
        await unmerge(town, name)
        del links[id_of(name.split("/merges/")[0])]
        assert await everything(town) == before
    for name in links.values():
        await unmerge(town, name)
    assert await everything(town) == start


async def test_merges_and_unmerges_at_once_lose_no_link_and_make_no_loop(town: Town):
    ids = await people(town, 5)
    chance = random.Random(5)
    standing = [
        (await merge(town, ids[0], ids[1])).merge.name,
        (await merge(town, ids[2], ids[1])).merge.name,
    ]
    pairs = [chance.sample(ids, 2) for _ in range(20)]

    outcomes = await asyncio.gather(
        *(merge(town, loser, winner) for loser, winner in pairs),
        *(unmerge(town, name) for name in standing),
        return_exceptions=True,
    )

    lost = [one for one in outcomes if isinstance(one, grpc.aio.AioRpcError)]
    won = [one for one in outcomes if isinstance(one, pb.MergePersonsResponse)]
    undone = [one for one in outcomes if isinstance(one, pb.UnmergePersonsResponse)]
    assert len(lost) + len(won) + len(undone) == len(outcomes)
    assert {one.code() for one in lost} <= {StatusCode.FAILED_PRECONDITION, StatusCode.ABORTED}
    entries = await trees(town)
    assert all(entry.survivor == walked(entries, id_) for id_, entry in entries.items())
    rows = await town.rows("SELECT loser, winner FROM merges WHERE unmerge_time IS NULL")
    links = {(row["loser"], row["winner"]) for row in rows}
    assert links == {(id_, entry.merged_into) for id_, entry in entries.items() if entry.merged_into}
    assert len(links) == 2 + len(won) - len(undone)
