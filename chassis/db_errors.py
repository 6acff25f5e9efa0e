"""
What the faults of PostgreSQL (by SQLSTATE, its Appendix A) and of its driver are to a caller: one table.

A transaction that lost against another becomes `Conflict`; a database that does not answer, is stopping
or cannot read its disk becomes `Unavailable`, and one that is full or has been made read-only the kind of
it that says so, `StoreUnwritable`; a statement that was prepared before a migration becomes
`StaleStatement`, and the call is run again.  The rest passes through: a service may catch
`asyncpg.UniqueViolationError`, and what nobody catches is a bug.
"""

import re
from typing import Final, NoReturn

import asyncpg

from lientuyen.chassis.v1 import error_reasons as reasons

from .errors import Conflict, DeadlineExceeded, InvalidArgument, ServiceError, Unavailable, Violation
from .write_gate import DISK_FULL, READ_ONLY, StoreUnwritable

# Classes of SQLSTATE, or whole ones, by their beginnings.
STORE_DOWN: Final = (
    "08",  # the connection
    "25P03",  # a transaction stood idle beyond our own limit
    "28",  # who we are: a password that is being changed
    "3D000",  # no such database
    "53",  # resources: memory, connections; the disk is below
    "57P",  # an operator: the server is stopping, starting, or drops the database
    "58",  # the system under the server: the disk cannot be read or written
)
UNWRITABLE: Final = {
    "25006": READ_ONLY,  # a standby, or a server that a full disk has been closed for
    "53100": DISK_FULL,  # the room for a row, an index, a file of a sort; at COMMIT too
}
LOST: Final = ("40",)
NO_TEXT: Final = ("22021", "22P05")
TIMED_OUT: Final = ("57014",)

# What asyncpg says of a connection that broke under its user, and was taken back by the pool.
_CONNECTION_GONE: Final = re.compile("closed|released back")

# Texts come from callers; the one character that PostgreSQL keeps in none is theirs to leave out.
NUL: Final = Violation("", "string.nul", "a text holds the character U+0000", "Văn bản chứa ký tự U+0000.")


class StaleStatement(Unavailable):
    """A statement that was prepared before a migration met its table after it, inside a transaction.

    Nothing of the transaction is left, and all statements will be prepared anew: it is to be run again.
    """


def translated(error: Exception) -> Exception:
    """Return what *error*, a fault of the driver, is to the exchange; *error* itself when nothing."""
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return StaleStatement(reasons.STORE_UNAVAILABLE)
    sqlstate = _sqlstate(error)
    if sqlstate.startswith(LOST):
        return Conflict(reasons.WRITE_CONFLICT)
    if sqlstate.startswith(NO_TEXT):
        return InvalidArgument(reasons.FIELDS_INVALID, violations=[NUL])
    if sqlstate.startswith(TIMED_OUT) or isinstance(error, TimeoutError):
        return DeadlineExceeded(reasons.DEADLINE_SPENT)
    if cause := UNWRITABLE.get(sqlstate):
        return StoreUnwritable(cause)
    if sqlstate.startswith(STORE_DOWN) or is_connection_lost(error):
        return Unavailable(reasons.STORE_UNAVAILABLE)
    return error


def is_connection_lost(error: Exception) -> bool:
    """Whether *error* is the driver's word for a connection that broke, or its confusion when it did.

    The confusion comes when the server goes in the middle of a message.
    """
    if isinstance(error, asyncpg.InterfaceError):
        return _CONNECTION_GONE.search(str(error)) is not None
    return isinstance(error, OSError | asyncpg.PostgresConnectionError | asyncpg.InternalClientError)


def was_overtaken(error: Exception) -> bool:
    """Whether *error* is this database's refusal of a transaction that another one overtook."""
    return isinstance(error, Conflict) and _sqlstate(error.__cause__).startswith(LOST)


def overtaken() -> Conflict:
    """Return what to raise in a transaction that is to be run again, as if PostgreSQL had refused it."""
    conflict = Conflict(reasons.WRITE_CONFLICT)
    conflict.__cause__ = asyncpg.SerializationError()
    return conflict


def _sqlstate(error: BaseException | None) -> str:
    """Return PostgreSQL's code, five characters; nothing for what is not PostgreSQL's."""
    return str(getattr(error, "sqlstate", None) or "")


def reraise(error: Exception) -> NoReturn:
    known = translated(error)
    if known is error:
        raise error
    raise known from error


def unreached(error: Exception) -> NoReturn:
    """Raise *error*, of a connection that was not had; waiting in vain is the store's fault."""
    if isinstance(error, TimeoutError):
        raise Unavailable(reasons.STORE_UNAVAILABLE) from error
    reraise(error)
