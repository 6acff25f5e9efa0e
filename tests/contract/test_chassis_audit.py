"""The access log on a real PostgreSQL: complete, read by those who may, and only ever added to."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from grpc import StatusCode
from sqlalchemy import text

from chassis import audit, audit_partitions, clock, db_clock
from chassis.call_context import Call, Caller, calling
from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.pagination import NEWEST
from chassis.server import Server
from chassis.settings import ServiceSettings
from chassis.sql import sql
from lientuyen.chassis.v1 import audit_service_pb2 as pb
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.audit_service_pb2_grpc import AuditServiceStub
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.harness import Running, World, refused

PERSON = "//identity.lientuyen/persons/2c8f0f6e-51f5-4a53-9c57-1a4f6b0b8e01"
OTHER = "//identity.lientuyen/persons/2c8f0f6e-51f5-4a53-9c57-1a4f6b0b8e02"
METHOD = "lientuyen.records.v1.HealthBookService/GetHealthBook"
HOSPITAL = Call("HealthBookService/GetHealthBook", METHOD, Caller("facility", "01999"))
CARE = AccessContext(
    practitioner="012345/BYT-CCHN",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_EMERGENCY,
    reason="cấp cứu",
)

# So many rows at one time, of 2,000 persons.
INSERT = (
    "INSERT INTO audit (access_time, caller, practitioner, method, subject, purpose, legal_basis, reason,"
    " allowed, flagged, trace_id) SELECT $1, '', '', '', 'p' || n % 2000, 0, 0, '', true, false, ''"
    " FROM generate_series(1, $2::int) AS n"
)


@pytest.fixture
async def service(world: World, url: str) -> Running:
    """A service that serves nothing of its own."""

    async def build(settings: ServiceSettings) -> Server:
        db, encryptor = await Database.open(settings.database_url), Encryptor(settings.keys_dir)
        return Server(settings, service="records", db=db, encryptor=encryptor, rules={}, unimplemented={})

    return await world.serve(ServiceSettings(database_url=url, **world.common("service/records")), build)


async def looked(db: Database, subject: str = PERSON, **how: bool) -> None:
    """Record an access by a hospital."""
    with calling(HOSPITAL):
        async with db.transaction() as tx:
            await audit.record(tx, subject=subject, access=CARE, **how)


async def count(db: Database, table: str = "audit") -> int:
    async with db.connection() as tx:
        return await tx.fetchval(sql(text(f"SELECT count(*) FROM {table}")))


async def test_a_citizen_sees_who_looked_and_why(world, service, db):
    await looked(db, flagged=True)
    stub = AuditServiceStub(world.channel(service, "authority/vneid"))

    answer = await stub.ListAccesses(pb.ListAccessesRequest(subject=PERSON))

    [access] = answer.accesses
    assert abs(access.access_time.ToDatetime(UTC) - clock.now()) < timedelta(minutes=1)
    assert access.name.startswith("//records.lientuyen/accesses/")
    access.ClearField("name")
    access.ClearField("access_time")
    assert access == pb.Access(
        caller="facility/01999",
        practitioner="012345/BYT-CCHN",
        method=METHOD,
        subject=PERSON,
        purpose=AccessContext.PURPOSE_TREATMENT,
        legal_basis=AccessContext.LEGAL_BASIS_EMERGENCY,
        reason="cấp cứu",
        allowed=True,
        flagged=True,
    )


async def test_pages_go_from_the_newest_to_the_oldest_and_miss_none(world, service, db):
    for _ in range(7):
        await looked(db)
        await looked(db, OTHER)
    stub = AuditServiceStub(world.channel(service, "authority/vneid"))

    pages, token = [], ""
    while not pages or token:
        request = pb.ListAccessesRequest(subject=PERSON, page_size=3, page_token=token)
        answer = await stub.ListAccesses(request)
        pages.append(list(answer.accesses))
        token = answer.next_page_token

    times = [access.access_time.ToDatetime() for page in pages for access in page]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert times == sorted(times, reverse=True)
    assert {access.subject for page in pages for access in page} == {PERSON}


async def test_rows_of_one_moment_are_neither_skipped_nor_repeated(world, service, db):
    with calling(HOSPITAL):
        async with db.transaction() as tx:
            for _ in range(5):
                await audit.record(tx, subject=PERSON, access=CARE)
    stub = AuditServiceStub(world.channel(service, "authority/vneid"))

    names, token = [], ""
    for _ in range(3):
        request = pb.ListAccessesRequest(subject=PERSON, page_size=2, page_token=token)
        answer = await stub.ListAccesses(request)
        names += [access.name for access in answer.accesses]
        token = answer.next_page_token

    assert (len(names), len(set(names)), token) == (5, 5, "")


async def test_a_page_token_of_one_person_does_not_open_the_log_of_another(world, service, db):
    for _ in range(2):
        await looked(db)
    stub = AuditServiceStub(world.channel(service, "authority/vneid"))
    answer = await stub.ListAccesses(pb.ListAccessesRequest(subject=PERSON, page_size=1))

    refusal = await refused(
        stub.ListAccesses(pb.ListAccessesRequest(subject=OTHER, page_token=answer.next_page_token))
    )

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.PAGE_TOKEN_INVALID.name)


async def test_an_operators_look_at_the_log_is_in_the_log_and_a_citizens_is_not(world, service, db):
    citizen = AuditServiceStub(world.channel(service, "authority/vneid"))
    operator = AuditServiceStub(world.channel(service, "operator/dev"))
    request = pb.ListAccessesRequest(subject=PERSON)

    assert list((await operator.ListAccesses(request)).accesses) == []
    await citizen.ListAccesses(request)
    answer = await citizen.ListAccesses(request)

    [access] = answer.accesses
    assert (access.caller, access.purpose) == ("operator/dev", AccessContext.PURPOSE_OPERATIONS)
    assert access.method == "lientuyen.chassis.v1.AuditService/ListAccesses"


async def test_a_hospital_may_not_read_the_log_and_its_attempt_is_in_it(world, service, db):
    stub = AuditServiceStub(world.channel(service, "facility/01999"))

    refusal = await refused(stub.ListAccesses(pb.ListAccessesRequest(subject=PERSON)))

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, reasons.METHOD_DENIED.name)
    async with db.connection() as tx:
        rows = await tx.fetch(sql(text("SELECT caller, allowed FROM audit")))
    assert [tuple(row) for row in rows] == [("facility/01999", False)]


async def test_a_read_that_is_rolled_back_leaves_no_row(db):
    with suppress(ZeroDivisionError), calling(HOSPITAL):
        async with db.transaction() as tx:
            await audit.record(tx, subject=PERSON, access=CARE)
            raise ZeroDivisionError

    assert await count(db) == 0


@pytest.mark.parametrize("statement", ["UPDATE {} SET allowed = true", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_database_itself_refuses_to_change_the_log(url, db, statement):
    await looked(db)
    connection = await asyncpg.connect(url)
    partition = audit_partitions.partition_name(clock.now())

    for table in ("audit", partition):
        with pytest.raises(asyncpg.RaiseError, match="only ever added"):
            await connection.execute(statement.format(table))

    assert await connection.fetchval(f"SELECT count(*) FROM {partition}") == 1
    await connection.close()


async def test_a_partition_made_later_is_as_closed_as_the_first(url, db):
    month = datetime(2031, 12, 1, tzinfo=UTC)
    await audit_partitions.make_partition(db, month)
    connection = await asyncpg.connect(url)
    await connection.execute(INSERT, datetime(2031, 12, 31, 23, 59, tzinfo=UTC), 1)

    for statement in ("UPDATE {} SET allowed = false", "DELETE FROM {}", "TRUNCATE {}"):
        with pytest.raises(asyncpg.RaiseError):
            await connection.execute(statement.format("audit_2031_12"))

    assert await connection.fetchval("SELECT count(*) FROM audit_2031_12") == 1
    await connection.close()


async def test_replicas_that_make_the_same_partition_make_it_once(db):
    month = datetime(2032, 1, 1, tzinfo=UTC)

    await asyncio.gather(*(audit_partitions.make_partition(db, month) for _ in range(4)))

    assert await count(db, "audit_2032_01") == 0


async def test_a_replica_whose_clock_is_wrong_makes_the_months_of_the_database(db):
    last = audit_partitions.months(clock.now(), audit_partitions.PARTITIONS_AHEAD)[-1]
    async with db.transaction() as tx:
        await tx.execute(sql(text(f"DROP TABLE {audit_partitions.partition_name(last)}")))

    with clock.fixed(clock.now() + timedelta(days=400)), suppress(TimeoutError):
        await asyncio.wait_for(audit_partitions.keep_partitions(db), 2)

    assert await count(db, audit_partitions.partition_name(last)) == 0


async def test_a_month_without_a_partition_is_written_all_the_same_and_holds_up_no_other(
    db, url, monkeypatch
):
    late = datetime(2040, 6, 1, tzinfo=UTC)
    connection = await asyncpg.connect(url)
    await connection.execute(INSERT, late + timedelta(days=14), 1)
    await connection.close()

    async def at_that_time(_: Transaction) -> datetime:
        return late

    monkeypatch.setattr(db_clock, "db_now", at_that_time)
    await audit_partitions.make_partitions(db)

    assert await count(db, "audit_default") == 1
    async with db.connection() as tx:
        made = await tx.fetch(
            sql(text("SELECT relname FROM pg_class WHERE relname ~ '^audit_2040_..$' ORDER BY 1"))
        )
    assert [row[0] for row in made] == ["audit_2040_07", "audit_2040_08", "audit_2040_09"]


async def test_months_run_over_the_end_of_a_year():
    found = audit_partitions.months(datetime(2026, 11, 30, 23, tzinfo=UTC), 3)

    assert [f"{month:%Y-%m-%d}" for month in found] == [
        "2026-11-01",
        "2026-12-01",
        "2027-01-01",
        "2027-02-01",
    ]


async def test_a_page_reads_the_index_of_its_person(db):
    connection = await asyncpg.connect(db._url)
    await connection.execute(INSERT, clock.now(), 20_000)
    await connection.execute("ANALYZE audit")
    given = {"subjects": ["p7", "p8"], "before": NEWEST.time, "before_id": NEWEST.id, "limit": 50}
    plan = await connection.fetch(f"EXPLAIN {audit.LIST.text}", *audit.LIST.arguments(given))
    await connection.close()

    lines = "\n".join(row[0] for row in plan)
    assert "subject_access_time" in lines or "audit_subject" in lines
    assert f"Seq Scan on {audit_partitions.partition_name(clock.now())}" not in lines
