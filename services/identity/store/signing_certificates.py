"""The register of signing certificates."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import TEXT, insert

from chassis.db import Transaction
from chassis.sql import sql

from ..model.signing_certificates import RevokeReason, SigningCertificate
from ..schema import signing_certificates as table

_KEY = and_(table.c.facility == bindparam("of_facility"), table.c.sha256 == bindparam("of_sha256"))

GET = sql(select(*table.c).where(_KEY))

# For update, so that two revocations do not overtake each other.
LOCK = sql(select(*table.c).where(_KEY).with_for_update())

INSERT = sql(
    insert(table)
    .values({column.name: bindparam(column.name) for column in table.c})
    .on_conflict_do_nothing()
    .returning(table.c.sha256)
)

IN_ITS_WAY = sql(
    select(*table.c)
    .where(
        table.c.facility == bindparam("of_facility"),
        or_(
            table.c.sha256 == bindparam("of_sha256"),
            and_(table.c.serial_number == bindparam("serial_number"), table.c.issuer == bindparam("issuer")),
        ),
    )
    .limit(1)
)

REVOKE = sql(
    update(table)
    .where(_KEY)
    .values(revoke_time=bindparam("time"), revoke_reason=bindparam("reason"), version=table.c.version + 1)
    .returning(*table.c)
)


def _listing(*conditions: Any) -> Any:
    """Return the statement of a page; each of them has an index of its own."""
    return sql(
        select(*table.c)
        .where(
            *conditions,
            or_(
                table.c.facility > bindparam("after_facility"),
                and_(
                    table.c.facility == bindparam("after_facility"),
                    table.c.sha256 > bindparam("after_sha256"),
                ),
            ),
            or_(bindparam("active", type_=Integer) == 0, table.c.revoke_time.is_(None)),
        )
        .order_by(table.c.facility, table.c.sha256)
        .limit(bindparam("limit"))
    )


_OF_FACILITY = table.c.facility == bindparam("of_facility")
_ANY_SHA256 = or_(bindparam("sha256", type_=TEXT) == "", table.c.sha256 == bindparam("sha256"))
_ANY_SERIAL = or_(
    bindparam("serial_number", type_=TEXT) == "", table.c.serial_number == bindparam("serial_number")
)
_ANY_FACILITY = or_(bindparam("of_facility", type_=TEXT) == "", _OF_FACILITY)

LIST_OF_FACILITY = _listing(_OF_FACILITY, _ANY_SHA256, _ANY_SERIAL)
LIST_OF_SHA256 = _listing(table.c.sha256 == bindparam("sha256"), _ANY_SERIAL, _ANY_FACILITY)
LIST_OF_SERIAL = _listing(table.c.serial_number == bindparam("serial_number"), _ANY_SHA256, _ANY_FACILITY)


def _certificate(row: Any) -> SigningCertificate:
    facts = dict(row)
    return SigningCertificate(**facts | {"revoke_reason": RevokeReason(facts["revoke_reason"])})


async def get_certificate(
    tx: Transaction, facility: str, sha256: str, *, lock: bool = False
) -> SigningCertificate | None:
    row = await tx.fetchrow(LOCK if lock else GET, of_facility=facility, of_sha256=sha256)
    return _certificate(row) if row else None


async def insert_certificate(tx: Transaction, certificate: SigningCertificate) -> SigningCertificate | None:
    """Register a certificate; return the one in its way: the same, or of its issuer and serial number."""
    values = {column.name: getattr(certificate, column.name) for column in table.c}
    if await tx.fetchval(INSERT, **values) is not None:
        return None
    row = await tx.fetchrow(
        IN_ITS_WAY,
        of_facility=certificate.facility,
        of_sha256=certificate.sha256,
        issuer=certificate.issuer,
        serial_number=certificate.serial_number,
    )
    return _certificate(row)


async def revoke(
    tx: Transaction, certificate: SigningCertificate, time: datetime, reason: RevokeReason
) -> SigningCertificate:
    row = await tx.fetchrow(
        REVOKE,
        of_facility=certificate.facility,
        of_sha256=certificate.sha256,
        time=time,
        reason=int(reason),
    )
    return _certificate(row)


async def list_certificates(
    tx: Transaction,
    *,
    facility: str = "",
    sha256: str = "",
    serial_number: str = "",
    active: bool = False,
    after: Sequence[str] = ("", ""),
    limit: int = 500,
) -> list[SigningCertificate]:
    """Return up to *limit* certificates by facility and digest, after *after*; empty means any.

    One of *facility*, *sha256* and *serial_number* must be told.
    """
    listing = LIST_OF_SHA256 if sha256 else LIST_OF_SERIAL if serial_number else LIST_OF_FACILITY
    rows = await tx.fetch(
        listing,
        of_facility=facility,
        sha256=sha256,
        serial_number=serial_number,
        active=int(active),
        after_facility=after[0],
        after_sha256=after[1],
        limit=limit,
    )
    return [_certificate(row) for row in rows]
