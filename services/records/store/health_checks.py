"""Health checks, a row a version, and the files as they were sent."""

import json
from dataclasses import asdict
from datetime import datetime
from itertools import accumulate, takewhile
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func, insert, literal, select, text, update

from chassis.db import Record, Transaction
from chassis.encryption import Encryptor
from chassis.sql import sql
from common.faults import Fault

from ..model.health_checks import CheckContent, CheckExamination, CheckResult, HealthCheck
from ..model.read_scope import ReadScope
from ..schema import health_checks

c = health_checks.c

# What is in the clear; what a check says is sealed beside it.
_PLAIN = tuple(
    name
    for name in (column.name for column in c)
    if name not in ("classes", "part_classes", "warnings", "sealed")
)

LOCK = sql(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("check"), literal(1)))))
LATEST = sql(
    select(*c)
    .where(c.facility == bindparam("facility"), c.link_key == bindparam("link_key"))
    .order_by(c.version.desc())
    .limit(literal(1))
)
HAS_VERSION = sql(
    select(
        exists().where(
            c.facility == bindparam("facility"),
            c.link_key == bindparam("link_key"),
            c.sha256 == bindparam("sha256"),
        )
    )
)
INSERT = sql(insert(health_checks).values({column.name: bindparam(column.name) for column in c}))
SUPERSEDE = sql(
    update(health_checks)
    .where(c.person == bindparam("of_person"), c.id == bindparam("of_id"))
    .values(state="superseded", superseded_by=bindparam("by"))
)


# How long those are that stand and that the reader may see, the latest first.
SIZES = sql(
    text("""
    SELECT id, octet_length(sealed) AS size FROM health_checks
    WHERE person = ANY (:persons) AND state = 'accepted' AND check_time < :before
        AND (facility = :reader OR classes & :hidden = 0)
        AND (cardinality(CAST(:confined_to AS text[])) = 0 OR facility = ANY (CAST(:confined_to AS text[])))
    ORDER BY check_time DESC, id DESC
    LIMIT :limit
    """),
    about="health_checks",
)
OF_PERSON = sql(
    text("""
    SELECT * FROM health_checks WHERE person = ANY (:persons) AND id = ANY (:ids)
    ORDER BY check_time DESC, id DESC
    """),
    about="health_checks",
)


async def lock_check(tx: Transaction, facility: str, link_key: str) -> None:
    """Wait until no other transaction works on this check, and hold it to the end of this one."""
    await tx.fetchval(LOCK, check=f"{facility}/{link_key}")


async def get_latest(
    tx: Transaction, encryptor: Encryptor, facility: str, link_key: str
) -> HealthCheck | None:
    row = await tx.fetchrow(LATEST, facility=facility, link_key=link_key)
    return _health_check(row, encryptor) if row else None


async def has_version(tx: Transaction, facility: str, link_key: str, sha256: bytes) -> bool:
    """Tell whether any version of a check has these very bytes."""
    known: bool = await tx.fetchval(HAS_VERSION, facility=facility, link_key=link_key, sha256=sha256)
    return known


async def insert_check(tx: Transaction, encryptor: Encryptor, check: HealthCheck) -> None:
    values = {name: getattr(check, name) for name in _PLAIN}
    written = json.dumps(asdict(check.content), ensure_ascii=False).encode()
    await tx.execute(
        INSERT,
        **values,
        classes=check.content.classes,
        part_classes=check.content.part_classes,
        warnings=[[fault.rule, fault.field, fault.vi, fault.en] for fault in check.warnings],
        sealed=encryptor.encrypt(written, associated_data=_context(check.id)),
    )


async def supersede(tx: Transaction, check: HealthCheck, by: UUID) -> None:
    await tx.execute(SUPERSEDE, of_person=check.person, of_id=check.id, by=by)


async def list_of_person(
    tx: Transaction, encryptor: Encryptor, scope: ReadScope, *, before: datetime, limit: int, max_bytes: int
) -> tuple[list[HealthCheck], bool]:
    """Return the latest, which at rest have *max_bytes* together, and one at least; tell if there are more.

    No more of them are opened, for each may have megabytes.
    """
    sizes = await tx.fetch(
        SIZES,
        persons=list(scope.persons),
        reader=scope.reader,
        confined_to=list(scope.confined_to),
        hidden=scope.hidden,
        before=before,
        limit=limit + 1,
    )
    totals = accumulate(row["size"] for row in sizes)
    fitting = max(1, sum(1 for _ in takewhile(lambda total: total <= max_bytes, totals)))
    ids = [row["id"] for row in sizes[: min(fitting, limit)]]
    rows = await tx.fetch(OF_PERSON, persons=list(scope.persons), ids=ids)
    return [_health_check(row, encryptor) for row in rows], len(sizes) > len(ids)


def _health_check(row: Record, encryptor: Encryptor) -> HealthCheck:
    written = json.loads(encryptor.decrypt(row["sealed"], associated_data=_context(row["id"])))
    return HealthCheck(
        **{name: row[name] for name in _PLAIN},
        content=_content(written),
        warnings=tuple(Fault(path, rule, en, vi, refuses=False) for rule, path, vi, en in row["warnings"]),
    )


def _content(written: dict[str, Any]) -> CheckContent:
    lists = {
        "diagnoses": tuple(written["diagnoses"]),
        "measurements": tuple((name, value) for name, value in written["measurements"]),
        "examinations": tuple(CheckExamination(**part) for part in written["examinations"]),
        "results": tuple(CheckResult(**part) for part in written["results"]),
    }
    return CheckContent(**written | lists)


def _context(check: UUID) -> bytes:
    return b"health check " + check.bytes
