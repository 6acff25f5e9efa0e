"""The files as they were sent: short ones whole, long ones in pieces."""

from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select

from chassis.db import Transaction
from chassis.sql import sql

from ..schema import original_pieces, originals

INSERT = sql(insert(originals).values(dossier=bindparam("dossier"), sealed=bindparam("sealed")))
GET = sql(select(originals.c.sealed).where(originals.c.dossier == bindparam("dossier")))
TAKE = sql(delete(originals).where(originals.c.dossier == bindparam("dossier")).returning(originals.c.sealed))
INSERT_PIECE = sql(
    insert(original_pieces).values(
        {name: bindparam(name) for name in ("dossier", "ordinal", "sealed")},
    )
)
GET_PIECE = sql(
    select(original_pieces.c.sealed).where(
        original_pieces.c.dossier == bindparam("dossier"), original_pieces.c.ordinal == bindparam("ordinal")
    )
)


async def insert_whole(tx: Transaction, dossier: UUID, sealed: bytes) -> None:
    await tx.execute(INSERT, dossier=dossier, sealed=sealed)


async def get_whole(tx: Transaction, dossier: UUID) -> bytes | None:
    """Return a sealed file that is kept whole, or None."""
    sealed: bytes | None = await tx.fetchval(GET, dossier=dossier)
    return sealed


async def take_whole(tx: Transaction, dossier: UUID) -> bytes | None:
    """Delete a file that is kept whole and return it, sealed; None when another transaction did."""
    sealed: bytes | None = await tx.fetchval(TAKE, dossier=dossier)
    return sealed


async def insert_piece(tx: Transaction, dossier: UUID, ordinal: int, sealed: bytes) -> None:
    await tx.execute(INSERT_PIECE, dossier=dossier, ordinal=ordinal, sealed=sealed)


async def get_piece(tx: Transaction, dossier: UUID, ordinal: int) -> bytes | None:
    """Return one sealed piece of a file, or None."""
    sealed: bytes | None = await tx.fetchval(GET_PIECE, dossier=dossier, ordinal=ordinal)
    return sealed
