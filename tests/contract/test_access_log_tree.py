"""The access log cannot be changed unseen, not by the owner of the database either."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import pytest

from chassis import access_log_tree
from chassis.access_log_tree import AccessLogTree
from chassis.signing import SigningFolder
from tests.contract import archives_env
from tests.contract.access_log_env import INSERT, LoggedRouting, faults_of
from tests.harness import World

Change: TypeAlias = Callable[[LoggedRouting, list[UUID]], Awaitable[Any]]


@pytest.fixture
async def routing(world: World) -> LoggedRouting:
    return await LoggedRouting(world).start()


async def three_hours(routing: LoggedRouting) -> list[UUID]:
    """Fill three hours with rows and return these in their order."""
    ids = []
    for _ in range(3):
        ids += await routing.look(4)
        await routing.look(3)
        await routing.round()
    rows = await routing.rows("SELECT id FROM audit ORDER BY transaction_id, id")
    return [row["id"] for row in rows]


async def test_a_log_that_nobody_touched_is_whole(routing: LoggedRouting):
    ids = await three_hours(routing)

    report = await routing.verify()
    assert faults_of(report) == []
    assert report.rows == len(ids) == 21
    assert report.heads >= 3


async def test_every_read_that_was_logged_is_in_the_tree(routing: LoggedRouting):
    sent = await routing.send(person="//identity.lientuyen/persons/5b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d11")
    await routing.get(sent.message.name)
    await routing.round()

    report = await routing.verify()
    assert report.faults == []
    assert report.rows == (await routing.rows("SELECT count(*) FROM audit"))[0][0] > 0


def row_change(statement: str) -> Change:
    async def change(routing: LoggedRouting, ids: list[UUID]) -> None:
        await routing.as_owner(statement.format(row=ids[9], other=ids[15]))

    return change


ALTERED = [
    row_change(f"UPDATE audit SET {column} = {value} WHERE id = '{{row}}'")
    for column, value in {
        "caller": "'facility/79999'",
        "practitioner": "'x'",
        "method": "'x'",
        "subject": "'nobody'",
        "purpose": "3",
        "legal_basis": "3",
        "reason": "''",
        "allowed": "false",
        "flagged": "true",
        "trace_id": "'x'",
        "access_time": "access_time + interval '1 microsecond'",
    }.items()
]


@pytest.mark.parametrize("change", ALTERED)
async def test_a_row_that_was_altered_in_whichever_field_is_named(routing: LoggedRouting, change: Change):
    ids = await three_hours(routing)
    await change(routing, ids)

    report = await routing.verify()
    assert faults_of(report) == [("ROW_ALTERED", ids[9])]


async def test_a_row_that_was_deleted_is_named(routing: LoggedRouting):
    ids = await three_hours(routing)
    await routing.as_owner(f"DELETE FROM audit WHERE id = '{ids[9]}'")

    assert faults_of(await routing.verify()) == [("ROW_DELETED", ids[9])]


async def test_a_row_that_was_put_between_others_is_named(routing: LoggedRouting):
    ids = await three_hours(routing)
    new = UUID(int=7)
    await routing.as_owner(
        "INSERT INTO audit (id, caller, practitioner, method, subject, purpose, legal_basis, reason, allowed,"
        " flagged, trace_id, transaction_id)"
        f" SELECT '{new}', caller, '', '', subject, 1, 1, '', true, false, '', transaction_id"
        f" FROM audit WHERE id = '{ids[9]}'"
    )

    assert faults_of(await routing.verify()) == [("ROW_ADDED", new)]


async def test_rows_that_changed_places_are_named(routing: LoggedRouting):
    ids = await three_hours(routing)
    await routing.as_owner(
        "UPDATE audit SET transaction_id = (SELECT sum(transaction_id) FROM audit"
        f" WHERE id IN ('{ids[8]}', '{ids[12]}')) - transaction_id WHERE id IN ('{ids[8]}', '{ids[12]}')"
    )

    faults = faults_of(await routing.verify())
    assert {row for _, row in faults} == {ids[8], ids[12]}


async def test_a_row_outside_the_tree_is_named(routing: LoggedRouting):
    await three_hours(routing)
    later, new = datetime.now(UTC) + timedelta(hours=2), UUID(int=8)
    await routing.as_owner(
        "INSERT INTO audit (id, access_time, caller, practitioner, method, subject, purpose, legal_basis,"
        f" reason, allowed, flagged, trace_id, transaction_id) VALUES ('{new}', '{later.isoformat()}',"
        " '', '', '', 'p1', 1, 1, '', true, false, '', NULL)"
    )

    assert ("ROW_OUTSIDE", new) in faults_of(await routing.verify(f"{later:%Y-%m}"))


async def test_an_end_that_was_cut_off_with_all_that_tells_of_it_is_found(routing: LoggedRouting):
    """Rows, leaves and head of the last hour are gone, as if it had never been: routing has its head."""
    ids = await three_hours(routing)
    (size,) = await routing.rows("SELECT tree_size FROM audit_heads ORDER BY hour_end DESC OFFSET 1 LIMIT 1")
    await routing.as_owner(
        f"DELETE FROM audit WHERE id = ANY ('{{{','.join(map(str, ids[14:]))}}}')",
        f"DELETE FROM audit_leaves WHERE first_leaf >= {size[0]}",
        f"DELETE FROM audit_heads WHERE tree_size > {size[0]}",
    )

    assert {reason for reason, _ in faults_of(await routing.verify())} == {"HEAD_MISSING"}


async def test_a_log_that_was_made_anew_with_its_own_key_is_found(routing: LoggedRouting):
    """Whoever has the database and the service's key leaves a row out and signs everything again."""
    ids = await three_hours(routing)
    await routing.as_owner(
        f"DELETE FROM audit WHERE id = '{ids[9]}'", "DELETE FROM audit_leaves", "DELETE FROM audit_heads"
    )
    await routing.round()

    reasons = {reason for reason, _ in faults_of(await routing.verify())}
    assert "HEAD_MISSING" in reasons
    assert await routing.rows("SELECT FROM witnessed_heads WHERE verdict = 'inconsistent'")


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            "UPDATE audit_leaves SET entries = set_byte(entries, 30, 1 - (get_byte(entries, 30) & 1))",
            "LIST_ALTERED",
        ),
        (
            "UPDATE audit_heads SET signature = set_byte(signature, 8, 255 - get_byte(signature, 8))",
            "HEAD_INVALID",
        ),
        ("UPDATE audit_heads SET peaks = set_byte(peaks, 0, 255 - get_byte(peaks, 0))", "HEAD_INVALID"),
        ("UPDATE audit_heads SET hour_end = hour_end + interval '3 hours'", "HEAD_INVALID"),
        ("DELETE FROM audit_heads", "HEAD_MISSING"),
        ("DELETE FROM audit_leaves", "HOUR_ALTERED"),
    ],
)
async def test_what_tells_of_the_rows_cannot_be_changed_either(
    routing: LoggedRouting, statement: str, reason: str
):
    await three_hours(routing)
    table = "audit_leaves" if "audit_leaves" in statement else "audit_heads"
    key = "first_leaf" if table == "audit_leaves" else "hour_end"
    await routing.as_owner(f"{statement} WHERE {key} = (SELECT max({key}) FROM {table})")

    assert reason in {found for found, _ in faults_of(await routing.verify())}


@asynccontextmanager
async def transaction(routing: LoggedRouting) -> AsyncIterator[Any]:
    """Hold a transaction open; it is committed at the end."""
    connection = await asyncpg.connect(routing.running.settings.database_url)
    try:
        async with connection.transaction():
            yield connection
    finally:
        await connection.close()


async def test_a_row_whose_transaction_ends_after_the_hour_is_under_the_next_head(routing: LoggedRouting):
    async with transaction(routing) as slow:
        late = [row["id"] for row in await slow.fetch(INSERT, 1)]
        await routing.look(3)
        await routing.round(is_settled=False)
        # What began after it waits for it: nothing can come before what is in the tree.
        assert (await routing.verify()).rows == 0
    assert (await routing.verify()).faults == []
    await routing.round()

    report = await routing.verify()
    assert (report.rows, report.faults) == (4, [])
    await routing.as_owner(f"DELETE FROM audit WHERE id = '{late[0]}'")
    assert faults_of(await routing.verify()) == [("ROW_DELETED", late[0])]


async def test_a_transaction_that_only_read_until_the_hour_was_over_may_still_add_a_row(
    routing: LoggedRouting,
):
    """It began in the hour, and its rows say so; the database numbers it when it first writes."""
    async with transaction(routing) as slow:
        await slow.fetch("SELECT now()")
        await routing.look(3)
        await routing.round()
        assert (await routing.verify()).rows == 3
        await slow.fetch(INSERT, 1)
    await routing.round()

    report = await routing.verify()
    assert (report.rows, report.faults) == (4, [])


async def test_a_clock_that_is_set_back_raises_no_false_alarm(routing: LoggedRouting):
    await three_hours(routing)
    await routing.rows(
        "INSERT INTO audit (access_time, caller, practitioner, method, subject, purpose, legal_basis, reason,"
        " allowed, flagged, trace_id)"
        " VALUES (now() - interval '1 hour', '', '', '', 'p', 1, 1, '', true, false, '')"
    )
    await routing.round()

    report = await routing.verify()
    assert (report.rows, report.faults) == (22, [])


async def test_rows_that_many_add_at_once_and_replicas_that_race_make_one_whole_tree(routing: LoggedRouting):
    running = routing.running
    folder = SigningFolder.of(None, running.settings.tls_dir)
    others = [
        AccessLogTree(
            running.db, lambda: folder, "lientuyen.test/routing/access-log", hour=timedelta(days=365)
        )
        for _ in range(2)
    ]

    async def hashing(tree: AccessLogTree) -> None:
        for _ in range(20):
            await tree._append()
            await asyncio.sleep(0.01)

    await asyncio.gather(*(routing.look(40) for _ in range(60)), *map(hashing, others))
    await routing.round()

    report = await routing.verify()
    assert (report.rows, report.faults) == (2400, [])


async def test_a_round_that_is_broken_off_leaves_a_whole_tree(
    routing: LoggedRouting, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(access_log_tree, "PAGE_ROWS", 10)
    monkeypatch.setattr(access_log_tree, "MAX_PAGES", 1)
    await routing.look(35)
    await routing.rows("ALTER TABLE audit_leaves ADD CONSTRAINT broken CHECK (first_leaf < 20) NOT VALID")
    with pytest.raises(asyncpg.CheckViolationError):
        await routing.round()
    await routing.rows("ALTER TABLE audit_leaves DROP CONSTRAINT broken")
    await routing.round()

    report = await routing.verify()
    assert (report.rows, report.faults) == (35, [])


async def test_rows_from_before_the_tree_are_no_fault(routing: LoggedRouting):
    await routing.look(2)
    await routing.as_owner(
        "UPDATE audit SET transaction_id = NULL",
        *(f"DELETE FROM audit_{what}" for what in ("heads", "leaves")),
    )
    await three_hours(routing)

    report = await routing.verify()
    assert {reason for reason, _ in faults_of(report)} <= {"HEAD_MISSING"}
    assert report.rows == 21


async def test_a_database_that_counts_anew_stops_the_tree_and_says_so(routing: LoggedRouting):
    await three_hours(routing)
    await routing.as_owner("UPDATE audit_leaves SET last_transaction = last_transaction + 1000000")
    before = await routing.rows("SELECT count(*) FROM audit_leaves")
    await routing.look(3)
    await routing.round()

    assert await routing.rows("SELECT count(*) FROM audit_leaves") == before


async def test_a_month_that_came_back_from_its_archive_is_whole_again(routing: LoggedRouting, tmp_path: Path):
    await archives_env.accessed(routing, 20)
    await three_hours(routing)
    month = ("access-log", "2023-05", "--folder", tmp_path)
    await archives_env.done(routing, "export", *month)
    await archives_env.done(routing, "drop", *month)
    gone = await routing.verify()
    await archives_env.done(routing, "restore", tmp_path / "routing-access-log-2023-05-1.json")
    await routing.round()

    assert {reason for reason, _ in faults_of(gone)} == {"ROW_DELETED"}
    report = await routing.verify()
    assert (report.rows, report.faults) == (41, [])


async def test_rows_of_an_archive_from_before_the_tree_come_back_without_entering_it(
    routing: LoggedRouting, tmp_path: Path
):
    await archives_env.accessed(routing, 20)
    await routing.round()
    await routing.as_owner("UPDATE audit SET transaction_id = NULL WHERE access_time < '2024-01-01'")
    month = ("access-log", "2023-05", "--folder", tmp_path)
    await archives_env.done(routing, "export", *month)
    await archives_env.done(routing, "drop", *month)
    before = await routing.rows("SELECT max(tree_size) FROM audit_leaves")
    await archives_env.done(routing, "restore", tmp_path / "routing-access-log-2023-05-1.json")
    await routing.round()

    assert await routing.rows("SELECT max(tree_size) FROM audit_leaves") == before
    assert (await routing.rows("SELECT count(*) FROM audit WHERE transaction_id IS NULL"))[0][0] == 20
