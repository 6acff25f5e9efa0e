"""The directory of facilities."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import and_, any_, bindparam, delete, insert, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from chassis.db import Transaction
from chassis.sql import sql

from ..model.facilities import Certificate, Facility, FacilityRow, FacilityState
from ..schema import facilities, facility_certificates
from .bulk_upsert import put, staging

_COLUMNS = [column for column in facilities.c if column.name != "create_time"]
_FACTS = tuple(column.name for column in _COLUMNS if column.name not in ("update_time", "version"))

GET = sql(select(*_COLUMNS).where(facilities.c.code == bindparam("code")))

LIST = sql(
    select(*_COLUMNS)
    .where(
        and_(
            facilities.c.code > bindparam("after"),
            facilities.c.code >= bindparam("first"),
            facilities.c.code < bindparam("end"),
            or_(bindparam("kind", type_=facilities.c.kind.type) == 0, facilities.c.kind == bindparam("kind")),
            or_(bindparam("node", type_=TEXT) == "", facilities.c.node == bindparam("node")),
            or_(
                bindparam("closed", type_=facilities.c.kind.type) == 1,
                facilities.c.state != int(FacilityState.CLOSED),
            ),
        )
    )
    .order_by(facilities.c.code)
    .limit(bindparam("limit"))
)

FACILITIES = staging(facilities, _FACTS, "code")

CERTIFICATES = sql(
    select(*(column for column in facility_certificates.c if column.name != "facility"))
    .where(facility_certificates.c.facility == bindparam("code"))
    .order_by(
        facility_certificates.c.revoke_time.desc().nulls_first(), facility_certificates.c.valid_to.desc()
    )
)

DELETE_CERTIFICATES = sql(
    delete(facility_certificates).where(
        facility_certificates.c.facility == any_(bindparam("codes", type_=ARRAY(TEXT)))
    )
)

INSERT_CERTIFICATE = sql(
    insert(facility_certificates).values(
        {column.name: bindparam(column.name) for column in facility_certificates.c}
    )
)


async def get_facility(tx: Transaction, code: str) -> Facility | None:
    row = await tx.fetchrow(GET, code=code)
    return Facility(*row) if row else None


async def list_certificates(tx: Transaction, code: str) -> list[Certificate]:
    return [Certificate(*row) for row in await tx.fetch(CERTIFICATES, code=code)]


async def list_facilities(
    tx: Transaction, *, after: str, prefix: str, kind: int, node: str, closed: bool, limit: int
) -> list[Facility]:
    """Return up to *limit* facilities by code, after *after*; 0 and empty mean any."""
    rows = await tx.fetch(
        LIST,
        after=after,
        first=prefix,
        # Codes are capital letters and digits: `~` comes after all of them.
        end=prefix + "~",
        kind=kind,
        node=node,
        closed=int(closed),
        limit=limit,
    )
    return [Facility(*row) for row in rows]


async def put_facilities(tx: Transaction, rows: Sequence[FacilityRow]) -> None:
    """Write a batch of the directory.  No code may come twice."""
    await put(tx, FACILITIES, (tuple(getattr(row, name) for name in _FACTS) for row in rows))
    renewed = [row for row in rows if row.certificates]
    if not renewed:
        return
    await tx.execute(DELETE_CERTIFICATES, codes=[row.code for row in renewed])
    await tx.executemany(
        INSERT_CERTIFICATE,
        (
            {"facility": row.code, **asdict(certificate)}
            for row in renewed
            for certificate in row.certificates
        ),
    )
