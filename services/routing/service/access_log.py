"""The access log: who saw whose data."""

from collections.abc import Iterable

from chassis import audit
from chassis.db import Transaction
from lientuyen.type.v1.access_pb2 import AccessContext


async def log_access(tx: Transaction, person: str, access: AccessContext | None) -> None:
    """Write down that the caller saw data of *person*; an emergency (cấp cứu) is flagged for review.

    Nobody's, an empty name, leaves no row: what another node brought of whom our register does not know.
    """
    if not person:
        return
    flagged = access is not None and access.legal_basis == AccessContext.LEGAL_BASIS_EMERGENCY
    await audit.record(tx, subject=person, access=access, flagged=flagged)


async def log_accesses(tx: Transaction, persons: Iterable[str], access: AccessContext | None = None) -> None:
    """Write down that the caller saw data of *persons*, each once; an empty name is nobody's."""
    for person in sorted(set(persons) - {""}):
        await log_access(tx, person, access)
