"""Registers that come in batches: nothing lost, nothing doubled, whoever breaks off and whoever races."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import grpc
import pytest

from lientuyen.identity.v1 import person_pb2
from lientuyen.identity.v1 import person_service_pb2 as pb
from lientuyen.type.v1.date_pb2 import Date
from lientuyen_client import errors
from lientuyen_client.cli.import_register import import_file as bring
from lientuyen_client.csv_files import UnreadableCsv
from lientuyen_client.import_stream import send_batches as sending
from services.identity.imports.store.staged_persons import IMPORT_LOCK
from tests.contract.identity_env import (
    TREATMENT,
    Identity,
    coverage_row,
    key,
    person_row,
    stream,
)
from tests.harness import World, eventually, refused

Number = person_pb2.Identifier


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


def stranger(number: int, **more: Any) -> pb.PersonRow:
    """A person of whom only the number is known."""
    return person_row(personal_id=f"0014851{number:05}", old_id="", social_insurance_number="", **more)


def batch(first: int, rows: Sequence[pb.PersonRow]) -> pb.ImportPersonsRequest:
    return pb.ImportPersonsRequest(request_id=key(), first_row=first, rows=rows)


async def find(identity: Identity, personal_id: str) -> person_pb2.Person:
    request = pb.FindPersonRequest(personal_id=personal_id, access=TREATMENT)
    return (await identity.persons().FindPerson(request)).person


async def each_once(identity: Identity) -> int:
    """How many persons there are, if each has a number of their own."""
    [row] = await identity.rows(
        "SELECT (SELECT count(*) FROM persons) AS persons, count(*) AS numbers,"
        " count(DISTINCT value) AS values,"
        " count(DISTINCT person_id) AS holders FROM identifiers WHERE kind = 1 AND state = 1"
    )
    assert len(set(row)) == 1, dict(row)
    return int(row["persons"])


async def test_three_registers_that_bring_the_same_new_people_at_once_make_one_entry_each(identity: Identity):
    people = [stranger(number) for number in range(300)]
    registers = {
        "authority/bhxh": people,
        "authority/vneid": people[::-1],
        "authority/byt": people[100:] + people[:100],
    }

    async def bring_in(caller: str, rows: Sequence[pb.PersonRow]) -> int:
        requests = [batch(first + 1, rows[first : first + 60]) for first in range(0, 300, 60)]
        answers = identity.persons(caller).ImportPersons(stream(*requests))
        return sum([one.progress.rows_stored async for one in answers])

    stored = await asyncio.gather(*(bring_in(caller, rows) for caller, rows in registers.items()))

    assert stored == [300, 300, 300]
    assert await each_once(identity) == 300


@pytest.mark.parametrize("shifts", [(0, 20, 40), (0, 30, 45), (10, 20, 50)])
async def test_registers_whose_batches_overlap_make_one_entry_each(
    identity: Identity, shifts: tuple[int, ...]
):
    people = [stranger(number) for number in range(900)]

    async def bring_in(caller: str, shift: int) -> int:
        parts = [people[:shift], *(people[first : first + 60] for first in range(shift, 900, 60))]
        answers = identity.persons(caller).ImportPersons(stream(*(batch(1, rows) for rows in parts if rows)))
        return sum([one.progress.rows_stored async for one in answers])

    whose = ("authority/bhxh", "authority/vneid", "authority/byt")
    stored = await asyncio.gather(*map(bring_in, whose, shifts))

    assert (stored, await each_once(identity)) == ([900] * 3, 900)


async def test_of_batches_that_are_in_work_at_once_the_later_one_counts(identity: Identity):
    crowd = [stranger(number) for number in range(2, 1000)]
    requests = [
        batch(1, [stranger(1, full_name=f"Tên {number}"), *(crowd if number % 2 == 0 else ())])
        for number in range(6)
    ]

    answers = [one async for one in identity.persons("authority/bhxh").ImportPersons(stream(*requests))]

    assert [one.progress.request_id for one in answers] == [one.request_id for one in requests]
    assert (await find(identity, "001485100001")).full_name == "Tên 5"
    assert await each_once(identity) == 999


@pytest.mark.parametrize("known", [0, 250, 299, 300, 599])
async def test_a_stream_of_new_people_that_comes_to_known_ones_enters_nobody_again(
    identity: Identity, known: int
):
    """Whether they came with an earlier batch or with the one before, which is still being written."""
    parts = [range(first, first + 100) for first in range(0, 600, 100)]
    last = [*range(600, 650), known]
    requests = [batch(1, [stranger(one) for one in part]) for part in (*parts, last, range(650, 700))]

    answers = [one async for one in identity.persons("authority/bhxh").ImportPersons(stream(*requests))]

    assert sum(one.progress.rows_stored for one in answers) == 701
    assert await each_once(identity) == 700


async def test_people_whom_the_batch_before_brought_under_a_key_are_not_entered_again(identity: Identity):
    requests = [
        batch(1, [stranger(one, source_key=f"k{one}", full_name=f"Tên {number}") for one in range(500)])
        for number in range(4)
    ]

    answers = [one async for one in identity.persons("authority/bhxh").ImportPersons(stream(*requests))]

    assert [one.progress.rows_stored for one in answers] == [500] * 4
    assert (await find(identity, "001485100001")).full_name == "Tên 3"
    assert await each_once(identity) == 500
    [row] = await identity.rows("SELECT count(DISTINCT (key, person_id)) FROM person_sources")
    assert row[0] == 500


async def test_a_stream_that_broke_goes_on_and_loses_and_doubles_nothing(identity: Identity):
    requests = [
        batch(1 + 50 * number, [stranger(50 * number + place) for place in range(50)]) for number in range(6)
    ]
    call = identity.persons("authority/bhxh").ImportPersons(stream(*requests))
    first = await call.read()
    call.cancel()

    answers = [one async for one in identity.persons("authority/bhxh").ImportPersons(stream(*requests))]

    assert answers[0].progress == first.progress
    assert [one.progress.rows_stored for one in answers] == [50] * 6
    assert await each_once(identity) == 300


async def test_a_service_that_dies_in_a_batch_is_followed_by_one_that_goes_on(identity: Identity):
    requests = [
        batch(1 + 50 * number, [stranger(50 * number + place) for place in range(50)]) for number in range(4)
    ]
    holder = await asyncpg.connect(identity.running.settings.database_url)
    go_on = asyncio.Event()
    call = identity.persons("authority/bhxh").ImportPersons(held_after(requests, 2, go_on))
    answered = [await call.read(), await call.read()]
    await holder.execute(f"SELECT pg_advisory_lock({IMPORT_LOCK})")
    go_on.set()
    await eventually(lambda: is_import_waiting(holder))

    await identity.running.server.stop(grace=0)
    await holder.close()
    again = await identity.replica()
    answers = [one async for one in again.persons("authority/bhxh").ImportPersons(stream(*requests))]

    assert [one.progress for one in answers[:2]] == [one.progress for one in answered]
    assert [one.progress.rows_stored for one in answers] == [50] * 4
    assert await each_once(again) == 200


async def held_after(
    requests: Sequence[pb.ImportPersonsRequest], many: int, go_on: asyncio.Event
) -> AsyncIterator[pb.ImportPersonsRequest]:
    """Give *many* of *requests*, and the others when they may *go_on*."""
    for number, request in enumerate(requests):
        if number == many:
            await go_on.wait()
        yield request


async def is_import_waiting(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    """Tell whether an import waits for its turn to write."""
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    return bool(await connection.fetchval(waiting))


async def test_a_sender_opens_a_broken_stream_again_with_what_was_not_answered():
    sent: list[list[int]] = []

    async def breaking(requests: AsyncIterator[pb.ImportPersonsRequest]) -> AsyncIterator[Any]:
        sent.append([])
        async for request in requests:
            sent[-1].append(request.first_row)
            if len(sent) < 3 and len(sent[-1]) == 3:
                raise errors.Unavailable(grpc.StatusCode.UNAVAILABLE, "gone")
            answer = pb.ImportPersonsResponse()
            answer.progress.rows_received = request.first_row
            yield answer

    requests = iter([pb.ImportPersonsRequest(first_row=number) for number in range(1, 8)])
    told = [one.rows_received async for one in sending(breaking, requests, retry_delay_s=0)]

    assert told == [1, 2, 3, 4, 5, 6, 7]
    assert sent == [[1, 2, 3], [3, 4, 5], [5, 6, 7]]


async def test_rows_that_no_table_can_keep_are_refused_and_hold_up_no_other(identity: Identity):
    progress = await identity.import_persons(
        stranger(1, full_name="a\0b"), stranger(2), stranger(3, source_key="k"), stranger(4, source_key="k")
    )

    assert [(one.row, one.rule) for one in progress.refusals] == [(1, "text.control"), (4, "row.duplicate")]
    assert progress.rows_stored == 2


async def test_a_cancelled_number_finds_nobody_and_may_be_somebody_elses(identity: Identity):
    history = [
        pb.IdentifierRow(
            kind=Number.KIND_PERSONAL_ID,
            value="001485000099",
            state=Number.STATE_CANCELLED,
            valid_to=Date(year=2024, month=7, day=1),
        ),
        pb.IdentifierRow(kind=Number.KIND_PERSONAL_ID, value="001485000098", state=Number.STATE_SUPERSEDED),
        pb.IdentifierRow(
            kind=Number.KIND_PASSPORT, value="B1234567", state=Number.STATE_CURRENT, country="000"
        ),
    ]
    person = await identity.person(source_key="a", identifiers=history)

    lost = await refused(find(identity, "001485000099"))
    replaced = await find(identity, "001485000098")
    progress = await identity.import_persons(
        stranger(7, source_key="b"),
        person_row(source_key="c", personal_id="001485000099", old_id="", social_insurance_number=""),
    )

    assert lost.reason == "ERROR_REASON_PERSON_NOT_FOUND"
    assert replaced.name == person.name
    assert {(one.value, one.state) for one in person.identifiers} >= {
        ("001485000099", Number.STATE_CANCELLED),
        ("001485000098", Number.STATE_SUPERSEDED),
        ("B1234567", Number.STATE_CURRENT),
    }
    assert progress.rows_refused == 0
    assert (await find(identity, "001485000099")).name != person.name


async def test_a_register_that_cancels_a_number_in_use_takes_it_from_whom_it_finds(identity: Identity):
    await identity.person(source_key="a")

    cancelled = pb.IdentifierRow(
        kind=Number.KIND_PERSONAL_ID, value="001485000016", state=Number.STATE_CANCELLED
    )
    await identity.import_persons(
        person_row(source_key="a", personal_id="001485000024", identifiers=[cancelled])
    )

    assert (await refused(find(identity, "001485000016"))).reason == "ERROR_REASON_PERSON_NOT_FOUND"
    assert len(await identity.rows("SELECT id FROM persons")) == 1


async def test_a_replaced_number_is_not_taken_again_unless_it_was_a_mistake(identity: Identity):
    await identity.person(source_key="a")
    await identity.import_persons(person_row(source_key="a", personal_id="001485000024"))

    same = await identity.import_persons(person_row(), caller="authority/vneid")
    other = await identity.import_persons(
        person_row(old_id="", social_insurance_number="", birth_date=Date(year=1990, month=1, day=1)),
        caller="authority/vneid",
    )

    assert [one.rule for one in same.refusals] == ["personal_id.superseded"]
    assert other.rows_stored == 1
    assert len(await identity.rows("SELECT id FROM persons")) == 2


async def merged(identity: Identity) -> tuple[person_pb2.Person, person_pb2.Person]:
    """Two entries of one person: the one that was merged, and the one that stands for both."""
    loser = await identity.person(source_key="a")
    winner = await identity.person(
        source_key="b", personal_id="001485000024", old_id="", social_insurance_number=""
    )
    ids = [one.name.rpartition("/")[2] for one in (loser, winner)]
    await identity.rows(
        "WITH link AS (INSERT INTO merges (id, loser, winner, reason, caller, merge_time, state_before)"
        " VALUES (gen_random_uuid(), $1, $2, 'test', 'operator/dev', now(), 1))"
        " UPDATE persons SET state = 2, merged_into = $2, merged_root = $2 WHERE id = $1",
        *ids,
    )
    return loser, winner


async def test_a_register_goes_on_correcting_an_entry_that_is_merged(identity: Identity):
    loser, winner = await merged(identity)

    by_key = await identity.import_persons(person_row(source_key="a", full_name="Tên Mới", deceased=True))
    by_number = await identity.import_persons(person_row(full_name="Tên Mới"), caller="authority/vneid")

    assert (by_key.rows_stored, by_number.rows_stored) == (1, 1)
    rows = await identity.rows("SELECT id, state, full_name FROM persons ORDER BY state DESC")
    assert [(f"//identity.lientuyen/persons/{row[0]}", row[1], row[2]) for row in rows] == [
        (loser.name, 2, "Tên Mới"),
        (winner.name, 1, winner.full_name),
    ]
    [link] = await identity.rows("SELECT state_before FROM merges")
    assert link["state_before"] == 3


async def test_a_card_told_by_the_number_of_a_merged_entry_finds_its_owner(identity: Identity):
    await merged(identity)

    progress = await identity.import_coverages(coverage_row())

    assert progress.rows_stored == 1


async def test_of_a_cards_two_numbers_the_personal_id_counts_if_anybody_has_it(identity: Identity):
    await identity.import_persons(person_row(), stranger(2))

    progress = await identity.import_coverages(
        coverage_row(personal_id="001485199999"),
        coverage_row(personal_id="001485100002"),
        coverage_row(personal_id="001485199998", card_number="DN4010000000009"),
    )

    assert [(one.row, one.rule) for one in progress.refusals] == [(3, "person.unknown")]
    owners = await identity.rows(
        "SELECT i.value FROM coverages JOIN identifiers i USING (person_id) WHERE i.kind = 1 ORDER BY 1"
    )
    assert [row[0] for row in owners] == ["001485000016", "001485100002"]


async def test_an_exemption_is_stored_and_a_card_brought_again_changes(identity: Identity):
    await identity.person()
    await identity.import_coverages(coverage_row())

    await identity.import_coverages(
        coverage_row(exempt_from=Date(year=2026, month=5, day=4), initial_facility_code="79999")
    )

    [row] = await identity.rows("SELECT exempt_from, initial_facility FROM coverages")
    assert (str(row[0]), row[1]) == ("2026-05-04", "79999")


CSV = """\
personal_id,full_name,birth_date,sex,address.line,address.province_code
001485000016,Trần Văn Thử,1985-03-09,1,Số 0 đường Mẫu,01
001485000024,Trần Thị Thử,09/03/1985,2,,
001485000032,Lê Văn Thử,hôm qua,x,,
001485000040,Lê Thị Thử,1985,2,,
"""


async def test_a_csv_file_is_brought_in_with_a_list_of_refusals_and_once(
    identity: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("LIENTUYEN_IDENTITY", identity.running.address)
    monkeypatch.setenv("LIENTUYEN_TLS", str(identity.world.pki.folder("authority/bhxh").path))
    file = tmp_path / "people.csv"
    file.write_text(CSV, encoding="utf8")

    code = await bring("persons", file, "authority/bhxh", afresh=False, as_json=True)
    again = await bring("persons", file, "authority/bhxh", afresh=False, as_json=True)

    assert (code, again) == (1, 1)
    assert (tmp_path / "people.refused.csv").read_text(encoding="utf8").splitlines() == [
        "row,field,rule,message_vi",
        "3,birth_date,birth_date.form,Không đúng định dạng; cần ngày có thật: 1985-03-12 hoặc 12/03/1985.",
        '3,sex,sex.form,"Không đúng định dạng; cần 1 (nam), 2 (nữ) hoặc 3 (chưa xác định)."',
    ]
    people = await identity.rows("SELECT full_name, birth_day, address_line FROM persons ORDER BY full_name")
    assert [tuple(row) for row in people] == [
        ("Lê Thị Thử", 0, ""),
        ("Trần Thị Thử", 9, ""),
        ("Trần Văn Thử", 9, "Số 0 đường Mẫu"),
    ]
    batches = await identity.rows("SELECT request_id FROM replies WHERE method LIKE '%ImportPersons'")
    assert len(batches) == 1
    assert '"stored": 3' in capsys.readouterr().out


async def test_a_file_with_a_column_that_no_row_has_is_not_sent(identity: Identity, tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text("personal_id,ghi_chú\n001485000016,Thử\n", encoding="utf8")

    with pytest.raises(UnreadableCsv, match=r"ghi_chú.*line 1, column 2"):
        await bring("persons", file, "authority/bhxh", afresh=False, as_json=True)
    assert not (tmp_path / "people.refused.csv").exists()
