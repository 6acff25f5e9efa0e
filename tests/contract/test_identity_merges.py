"""Merging and unmerging over a real channel and a real database: what everybody sees, and exactly back."""

import asyncio
import json
import random
from typing import Any
from uuid import UUID

import grpc
import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import audit_service_pb2
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.chassis.v1.audit_service_pb2_grpc import AuditServiceStub
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import person_pb2
from lientuyen.identity.v1 import person_service_pb2 as pb
from lientuyen.type.v1.date_pb2 import Date
from services.identity.model.merges import MergeRefused, PersonRecord, join, part
from services.identity.model.persons import PersonState
from tests.harness import World, refused

from .identity_env import HOSPITAL, TREATMENT, Identity, access, id_of, key, person_row

OPERATOR = "operator/index"
ADMIN = access("OPERATIONS", "LEGAL_DUTY")


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


async def somebody(identity: Identity, **more: Any) -> person_pb2.Person:
    """Register somebody of whom nothing is known, and return their entry."""
    given = {"kind": pb.RegisterPersonRequest.KIND_UNKNOWN, "facility": "facilities/01999"}
    request = pb.RegisterPersonRequest(request_id=key(), access=TREATMENT, **{**given, **more})
    return (await identity.persons().RegisterPerson(request)).person


async def people(identity: Identity, count: int) -> list[str]:
    return [(await somebody(identity)).name for _ in range(count)]


async def merge(identity: Identity, loser: str, winner: str, **more: Any) -> pb.MergePersonsResponse:
    request = pb.MergePersonsRequest(
        request_id=key(), loser=loser, winner=winner, reason="cùng một người", **more
    )
    return await identity.persons(OPERATOR).MergePersons(request)


async def unmerge(identity: Identity, name: str) -> pb.UnmergePersonsResponse:
    request = pb.UnmergePersonsRequest(request_id=key(), name=name, reason="nhầm người")
    return await identity.persons(OPERATOR).UnmergePersons(request)


async def get(identity: Identity, name: str) -> person_pb2.Person:
    request = pb.GetPersonRequest(name=name, access=TREATMENT)
    return (await identity.persons().GetPerson(request)).person


async def names(identity: Identity, name: str) -> list[str]:
    answer = await identity.persons("service/records").ResolvePerson(pb.ResolvePersonRequest(name=name))
    return list(answer.persons)


async def everything(identity: Identity) -> dict[str, list[Any]]:
    """Every row of what identity keeps of people, but for what a merge moves on."""
    tables = ("identifiers", "person_sources", "coverages", "consents", "emergency_accesses")
    found: dict[str, list[Any]] = {}
    for table in tables:
        rows = f"SELECT to_jsonb(t) AS row FROM {table} t ORDER BY to_jsonb(t)::text"
        found[table] = await identity.rows(rows)
    persons = "SELECT to_jsonb(t) - 'version' - 'update_time' AS row FROM persons t ORDER BY id"
    found["persons"] = await identity.rows(persons)
    return {table: [json.loads(row["row"]) for row in rows] for table, rows in found.items()}


async def two(identity: Identity) -> tuple[person_pb2.Person, person_pb2.Person]:
    """The same man twice: once by his personal ID, once by an old card."""
    first = await identity.person()
    second = await identity.person(
        personal_id="001485000024",
        old_id="987654321",
        social_insurance_number="0000000002",
        full_name="Tran Van Thu",
    )
    return first, second


async def test_the_loser_keeps_its_name_and_the_winner_has_the_numbers_of_both(identity: Identity):
    winner, loser = await two(identity)

    answer = await merge(identity, loser.name, winner.name)

    merged, root = await get(identity, loser.name), await get(identity, winner.name)
    assert (merged.state, merged.merged_into) == (person_pb2.Person.STATE_MERGED, winner.name)
    assert (root.state, root.merged_into) == (person_pb2.Person.STATE_ACTIVE, "")
    assert list(merged.identifiers) == list(loser.identifiers)
    both = {one.value for one in (*winner.identifiers, *loser.identifiers)}
    assert {one.value for one in root.identifiers} == both
    assert {one.value for one in answer.person.identifiers} == both
    assert (answer.merge.loser, answer.merge.winner) == (loser.name, winner.name)
    assert (answer.merge.caller, answer.merge.reason) == (OPERATOR, "cùng một người")


async def test_a_number_of_either_finds_the_winner_and_parts_again(identity: Identity):
    winner, loser = await two(identity)
    made = (await merge(identity, loser.name, winner.name)).merge
    find = pb.FindPersonRequest(personal_id="001485000024", access=TREATMENT)

    found = (await identity.persons().FindPerson(find)).person
    undone = await unmerge(identity, made.name)
    parted = (await identity.persons().FindPerson(find)).person

    assert (found.name, parted.name) == (winner.name, loser.name)
    assert (undone.merge.unmerger, undone.merge.unmerge_reason) == (OPERATOR, "nhầm người")
    assert undone.merge.HasField("unmerge_time")
    assert undone.person == parted
    assert [one.value for one in (await get(identity, winner.name)).identifiers] == [
        one.value for one in winner.identifiers
    ]


async def test_two_entries_that_claim_one_number_are_no_riddle_once_they_are_merged(identity: Identity):
    child = {"kind": pb.RegisterPersonRequest.KIND_FOREIGNER, "nationality": "004"}
    first = await somebody(identity, full_name="A Person", passport_number="X1234567", **child)
    second = await somebody(identity, full_name="A Person", passport_number="X7654321", **child)
    await identity.rows(
        "UPDATE identifiers SET kind = 2, value = '012345678' WHERE kind = $1 AND person_id = ANY ($2)",
        person_pb2.Identifier.KIND_PASSPORT,
        [id_of(first.name), id_of(second.name)],
    )
    find = pb.FindPersonRequest(old_id="012345678", access=TREATMENT)

    before = await refused(identity.persons().FindPerson(find))
    await merge(identity, first.name, second.name)
    after = await identity.persons().FindPerson(find)

    assert before.reason == reasons.PERSON_AMBIGUOUS.name
    assert after.person.name == second.name


async def test_unmerge_gives_everything_back_as_it_was_and_what_came_between_stays(identity: Identity):
    winner, loser = await two(identity)
    await identity.consent(loser.name)
    before = await everything(identity)

    made = (await merge(identity, loser.name, winner.name)).merge
    between = await identity.consent(winner.name)
    await unmerge(identity, made.name)

    after = await everything(identity)
    ours = between.name.rpartition("/")[2]
    assert [row for row in after["consents"] if row["id"] != ours] == before["consents"]
    assert [row["person_id"] for row in after["consents"] if row["id"] == ours] == [winner.name[-36:]]
    assert {**after, "consents": []} == {**before, "consents": []}


async def test_an_old_etag_is_not_good_again_after_an_unmerge(identity: Identity):
    winner, loser = await two(identity)
    etags = {"loser_etag": loser.etag, "winner_etag": winner.etag}
    made = (await merge(identity, loser.name, winner.name, **etags)).merge
    await unmerge(identity, made.name)

    by_loser = await refused(merge(identity, loser.name, winner.name, loser_etag=loser.etag))
    by_winner = await refused(merge(identity, loser.name, winner.name, winner_etag=winner.etag))
    fresh = await get(identity, loser.name)

    assert (by_loser.code, by_loser.reason) == (StatusCode.ABORTED, reasons.ETAG_STALE.name)
    assert by_winner.reason == reasons.ETAG_STALE.name
    assert (await merge(identity, loser.name, winner.name, loser_etag=fresh.etag)).merge.loser == loser.name


async def test_what_cannot_be_merged_is_refused_and_changes_nothing(identity: Identity):
    one, other, third = await people(identity, 3)
    await merge(identity, one, other)
    before = await everything(identity)
    unknown = f"persons/{UUID(int=7)}"

    refusals = [
        await refused(merge(identity, loser, winner))
        for loser, winner in ((third, third), (one, third), (third, one), (unknown, third), (third, unknown))
    ]

    assert [(refusal.code, refusal.reason) for refusal in refusals] == [
        (StatusCode.INVALID_ARGUMENT, reasons.PERSONS_SAME.name),
        (StatusCode.FAILED_PRECONDITION, reasons.PERSON_MERGED.name),
        (StatusCode.FAILED_PRECONDITION, reasons.PERSON_MERGED.name),
        (StatusCode.NOT_FOUND, reasons.PERSON_NOT_FOUND.name),
        (StatusCode.NOT_FOUND, reasons.PERSON_NOT_FOUND.name),
    ]
    assert await everything(identity) == before


async def test_a_mother_and_her_newborn_are_not_merged(identity: Identity):
    mother = await somebody(identity)
    today = Date(year=2026, month=11, day=20)
    newborn = pb.RegisterPersonRequest.KIND_NEWBORN
    child = await somebody(identity, kind=newborn, birth_date=today, mother=mother.name)

    refusal = await refused(merge(identity, child.name, mother.name))

    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.PERSONS_RELATED.name)


async def test_a_link_is_undone_once_and_by_its_own_name_only(identity: Identity):
    one, other = await people(identity, 2)
    made = (await merge(identity, one, other)).merge
    foreign = f"{other}/merges/{made.name.rpartition('/')[2]}"

    wrong = await refused(unmerge(identity, foreign))
    await unmerge(identity, made.name)
    again = await refused(unmerge(identity, made.name))

    assert [(one.code, one.reason) for one in (wrong, again)] == [
        (StatusCode.NOT_FOUND, reasons.MERGE_NOT_FOUND.name)
    ] * 2


async def test_a_retry_gets_the_first_answer(identity: Identity):
    one, other = await people(identity, 2)
    request = pb.MergePersonsRequest(request_id=key(), loser=one, winner=other, reason="một người")

    first, again = [await identity.persons(OPERATOR).MergePersons(request) for _ in range(2)]

    assert first == again


async def test_the_dead_are_dead_again_when_they_are_parted(identity: Identity):
    winner, loser = await two(identity)
    await identity.import_persons(
        person_row(personal_id="001485000024", full_name="Tran Van Thu", deceased=True)
    )
    made = (await merge(identity, loser.name, winner.name)).merge

    parted = (await unmerge(identity, made.name)).person

    assert parted.state == person_pb2.Person.STATE_DECEASED


async def test_only_operators_merge_and_see_merges_and_both_persons_logs_tell(identity: Identity):
    one, other = await people(identity, 2)
    made = (await merge(identity, one, other)).merge
    await unmerge(identity, made.name)

    request = pb.ListMergesRequest(parent=one, access=TREATMENT)
    denied = await refused(identity.persons(HOSPITAL).ListMerges(request))

    assert denied.code is StatusCode.PERMISSION_DENIED
    for name in (one, other):
        methods = [row[:2] for row in await identity.audit(name) if row[0] == OPERATOR]
        assert methods == [
            (OPERATOR, "PersonService/MergePersons"),
            (OPERATOR, "PersonService/UnmergePersons"),
        ]


async def test_the_links_of_a_person_are_listed_by_any_of_their_names_standing_and_undone(identity: Identity):
    a, b, c, d = await people(identity, 4)
    first = (await merge(identity, a, b)).merge
    second = (await merge(identity, d, b)).merge
    await unmerge(identity, first.name)
    third = (await merge(identity, b, c)).merge

    async def listed(parent: str, **more: Any) -> list[str]:
        request = pb.ListMergesRequest(parent=parent, access=ADMIN, **more)
        return [one.name for one in (await identity.persons(OPERATOR).ListMerges(request)).merges]

    assert await listed(d) == await listed(c) == [third.name, second.name, first.name]
    assert await listed(b, standing_only=True) == [third.name, second.name]
    assert await listed(a) == [first.name]


async def test_the_list_of_links_goes_on_page_by_page(identity: Identity):
    root, *others = await people(identity, 6)
    made = [(await merge(identity, one, root)).merge.name for one in others]
    stub, found, token = identity.persons(OPERATOR), [], ""
    for _ in range(3):
        request = pb.ListMergesRequest(parent=root, page_size=2, page_token=token, access=ADMIN)
        page = await stub.ListMerges(request)
        found += [one.name for one in page.merges]
        token = page.next_page_token

    foreign = pb.ListMergesRequest(parent=others[0], page_token="x" * 40, access=ADMIN)
    refusal = await refused(stub.ListMerges(foreign))

    assert (found, token) == (made[::-1], "")
    assert refusal.reason == chassis_reasons.PAGE_TOKEN_INVALID.name


async def test_every_name_of_a_person_resolves_to_all_of_them(identity: Identity):
    a, b, c, d = await people(identity, 4)
    first = (await merge(identity, a, b)).merge
    await merge(identity, b, c)

    assert [await names(identity, name) for name in (a, b, c)] == [[c, *sorted((a, b))]] * 3
    assert await names(identity, d) == [d]
    await unmerge(identity, first.name)
    assert (await names(identity, a), await names(identity, c)) == ([a], [c, b])
    nobody = await refused(names(identity, f"persons/{UUID(int=7)}"))
    assert nobody.reason == reasons.PERSON_NOT_FOUND.name


async def test_the_log_of_a_person_shows_the_accesses_to_each_of_their_entries(identity: Identity):
    one, other = await people(identity, 2)
    await get(identity, one)
    await get(identity, other)
    await merge(identity, one, other)
    stub = identity.stub(AuditServiceStub, "authority/vneid")
    request = audit_service_pb2.ListAccessesRequest(subject=other, merged=[one], page_size=3)

    first = await stub.ListAccesses(request)
    request.page_token = first.next_page_token
    second = await stub.ListAccesses(request)

    found = [*first.accesses, *second.accesses]
    assert {one.subject for one in found} == {one, other}
    assert len({one.name for one in found}) == len(found) == 6  # registered, got, merged: each twice
    times = [one.access_time.ToNanoseconds() for one in found]
    assert times == sorted(times, reverse=True)


async def trees(identity: Identity) -> dict[UUID, PersonRecord]:
    rows = await identity.rows("SELECT id, state, merged_into, merged_root, mother, version FROM persons")
    return {row["id"]: PersonRecord(row[0], PersonState(row[1]), *row[2:]) for row in rows}


def walked(entries: dict[UUID, PersonRecord], id_: UUID) -> UUID:
    for _ in entries:
        into = entries[id_].merged_into
        if into is None:
            return id_
        id_ = into
    raise AssertionError("the links go round")


async def test_hundreds_of_random_moves_do_in_postgresql_what_the_model_says(identity: Identity):
    chance = random.Random(20261121)
    ids = [id_of(name) for name in await people(identity, 7)]
    model, links = await trees(identity), {}
    start = await everything(identity)
    pictures: list[tuple[str, Any]] = []
    for _ in range(150):
        one, other = chance.choice(ids), chance.choice(ids)
        if links and chance.random() < 0.4:
            loser = chance.choice(sorted(links))
            changed = part(model, loser, PersonState.ACTIVE)
            await unmerge(identity, links.pop(loser))
            pictures.clear()
        else:
            try:
                changed = join(model, one, other)
            except MergeRefused:
                await refused(merge(identity, f"persons/{one}", f"persons/{other}"))
                changed = []
            else:
                before = await everything(identity)
                name = (await merge(identity, f"persons/{one}", f"persons/{other}")).merge.name
                links[one] = name
                pictures.append((name, before))
        model |= {entry.id: entry for entry in changed}
        assert await trees(identity) == model
    for name, before in reversed(pictures):
        await unmerge(identity, name)
        del links[id_of(name.split("/merges/")[0])]
        assert await everything(identity) == before
    for name in links.values():
        await unmerge(identity, name)
    assert await everything(identity) == start


async def test_merges_and_unmerges_at_once_lose_no_link_and_make_no_loop(identity: Identity):
    ids = await people(identity, 5)
    chance = random.Random(5)
    standing = [
        (await merge(identity, ids[0], ids[1])).merge.name,
        (await merge(identity, ids[2], ids[1])).merge.name,
    ]
    pairs = [chance.sample(ids, 2) for _ in range(20)]

    outcomes = await asyncio.gather(
        *(merge(identity, loser, winner) for loser, winner in pairs),
        *(unmerge(identity, name) for name in standing),
        return_exceptions=True,
    )

    lost = [one for one in outcomes if isinstance(one, grpc.aio.AioRpcError)]
    won = [one for one in outcomes if isinstance(one, pb.MergePersonsResponse)]
    undone = [one for one in outcomes if isinstance(one, pb.UnmergePersonsResponse)]
    assert len(lost) + len(won) + len(undone) == len(outcomes)
    assert {one.code() for one in lost} <= {StatusCode.FAILED_PRECONDITION, StatusCode.ABORTED}
    entries = await trees(identity)
    assert all(entry.survivor == walked(entries, id_) for id_, entry in entries.items())
    rows = await identity.rows("SELECT loser, winner FROM merges WHERE unmerge_time IS NULL")
    links = {(row["loser"], row["winner"]) for row in rows}
    assert links == {(id_, entry.merged_into) for id_, entry in entries.items() if entry.merged_into}
    assert len(links) == 2 + len(won) - len(undone)
