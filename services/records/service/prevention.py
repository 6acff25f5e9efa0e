"""What a health book shows of prevention: health checks (khám sức khỏe) and vaccinations (tiêm chủng)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from google.protobuf.message import Message

from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.pagination import Cursor
from lientuyen.records.v1.health_book_pb2 import HealthBook

from ..convert.health_checks import health_check_to_pb
from ..convert.immunizations import immunization_to_pb
from ..model.read_scope import ReadScope
from ..store import health_checks, immunizations

M = TypeVar("M", bound=Message)

# Bytes of the checks of one book, and of its doses: long ones are the fewer.
MAX_BYTES: Final = 1024 * 1024

# Below every id: a list that begins before an instant has nothing of that instant.
LEAST = UUID(int=0)


class Prevention:
    def __init__(self, db: Database, encryptor: Encryptor) -> None:
        self._db = db
        self._encryptor = encryptor

    async def add_to(
        self, book: HealthBook, tx: Transaction, scope: ReadScope, *, before: datetime, limit: int
    ) -> None:
        """Add what the reader may see of the time before *before*, *limit* of each, the latest first."""
        checks, are_more = await health_checks.list_of_person(
            tx, self._encryptor, scope, before=before, limit=limit, max_bytes=MAX_BYTES
        )
        doses = await immunizations.list_of_person(
            tx, self._encryptor, scope, before=Cursor(before, LEAST), limit=limit + 1
        )
        book.health_checks.extend(within((health_check_to_pb(check, scope) for check in checks), MAX_BYTES))
        book.immunizations.extend(within(map(immunization_to_pb, doses[:limit]), MAX_BYTES))
        book.older_health_checks = are_more or len(checks) > len(book.health_checks)
        book.older_immunizations = len(doses) > len(book.immunizations)


def within(messages: Iterable[M], max_bytes: int) -> Iterator[M]:
    """Give the first of *messages* that have *max_bytes* together, and one at least."""
    size = 0
    for message in messages:
        if size and size + message.ByteSize() > max_bytes:
            return
        size += message.ByteSize()
        yield message
