"""What a slip of a dossier made, told with the refusal of a correction: it may stand all the same."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from chassis.db import Database, Transaction
from chassis.errors import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound

from ..model.appointments import Appointment
from ..model.referrals import Referral
from .authorization import is_records

# Returns the latest that a facility's slip, by its full name, made.
Latest: TypeAlias = Callable[[Transaction, str, str], Awaitable[Referral | Appointment | None]]


@asynccontextmanager
async def naming_latest_of_source(
    db: Database, get_latest: Latest, facility: str, source_slip: str
) -> AsyncIterator[None]:
    """Add to a refusal inside the block, for `service/records`, what the slip made last.

    In the metadata it is `in_force`, or `ended`.
    """
    try:
        yield
    except (AlreadyExists, InvalidArgument, FailedPrecondition, NotFound) as error:
        if is_records() and source_slip:
            async with db.connection() as tx:
                latest = await get_latest(tx, facility, source_slip)
            if latest is not None:
                error.metadata["in_force" if latest.is_in_force else "ended"] = latest.name
        raise
