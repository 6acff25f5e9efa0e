"""The files as they were sent, compressed and sealed in pieces; and in the forms of before."""

from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select

from chassis.db import Transaction
from chassis.sql import sql

from ..schema import file_pieces, original_pieces, originals

INSERT = sql(
    insert(file_pieces).values(
        {name: bindparam(name) for name in ("person", "owner", "ordinal", "sealed")},
    )
)
GET = sql(
    select(file_pieces.c.sealed).where(
        file_pieces.c.person == bindparam("person"),
        file_pieces.c.owner == bindparam("owner"),
        file_pieces.c.ordinal == bindparam("ordinal"),
    )
)
TAKE_WHOLE = sql(
    delete(originals).where(originals.c.dossier == bindparam("dossier")).returning(originals.c.sealed)
)
TAKE_PIECES = sql(
    delete(original_pieces)
    .where(original_pieces.c.dossier == bindparam("dossier"))
    .returning(original_pieces.c.ordinal, original_pieces.c.sealed)
)


async def insert_piece(tx: Transaction, person: UUID, owner: UUID, ordinal: int, sealed: bytes) -> None:
    """Keep one piece of the file of *owner*, a dossier or a check-in, which is *person*'s."""
    await tx.execute(INSERT, person=person, owner=owner, ordinal=ordinal, sealed=sealed)


async def get_piece(tx: Transaction, person: UUID, owner: UUID, ordinal: int) -> bytes | None:
    """Return one sealed piece of a file, or None."""
    sealed: bytes | None = await tx.fetchval(GET, person=person, owner=owner, ordinal=ordinal)
    return sealed


async def take_whole(tx: Transaction, dossier: UUID) -> bytes | None:
    """Delete a file of before that is kept whole and return it, sealed; None when there is none any more."""
    sealed: bytes | None = await tx.fetchval(TAKE_WHOLE, dossier=dossier)
    return sealed


async def take_pieces(tx: Transaction, dossier: UUID) -> list[tuple[int, bytes]]:
    """Delete a file of before that is kept in pieces; return them in their order, each with its ordinal."""
    return sorted(tuple(row) for row in await tx.fetch(TAKE_PIECES, dossier=dossier))
