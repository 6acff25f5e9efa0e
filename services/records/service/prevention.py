"""What a health book shows of prevention: health checks (khám sức khỏe) and vaccinations (tiêm chủng)."""

from datetime import datetime
from uuid import UUID

from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.pagination import Cursor
from lientuyen.records.v1.health_book_pb2 import HealthBook

from ..convert.health_checks import health_check_to_pb
from ..convert.immunizations import immunization_to_pb
from ..model.read_scope import ReadScope
from ..store import health_checks, immunizations

# Below every id: a list that begins before an instant has nothing of that instant.
LEAST = UUID(int=0)


class Prevention:
    def __init__(self, db: Database, encryptor: Encryptor) -> None:
        self._db = db
        self._encryptor = encryptor

    async def classes_of(self, scope: ReadScope) -> int:
        """Return the mask of restricted kinds that a person's checks and doses tell of."""
        async with self._db.connection() as tx:
            mask = await health_checks.classes_of_person(tx, scope.persons)
            return mask | await immunizations.classes_of_person(tx, scope.persons)

    async def add_to(
        self, book: HealthBook, tx: Transaction, scope: ReadScope, *, before: datetime, limit: int
    ) -> None:
        """Add what the reader may see of the time before *before*, *limit* of each, the latest first."""
        checks = await health_checks.list_of_person(
            tx, self._encryptor, scope, before=before, limit=limit + 1
        )
        doses = await immunizations.list_of_person(
            tx, self._encryptor, scope, before=Cursor(before, LEAST), limit=limit + 1
        )
        book.health_checks.extend(health_check_to_pb(check, scope) for check in checks[:limit])
        book.immunizations.extend(map(immunization_to_pb, doses[:limit]))
        book.older_health_checks = len(checks) > limit
        book.older_immunizations = len(doses) > limit
