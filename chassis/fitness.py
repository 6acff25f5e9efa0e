"""
Whether this replica can do its work, looked at before it serves and every few seconds while it does.

    files      the TLS folder, the signing certificates, the sealing keys: there, whole, and not ended
    schema     the database has been migrated far enough for this code, and not beyond it
    keys       the sealing keys open what the database holds (`sentinel`)

At the start each fault ends the process with 78 and names the variable; later it makes health
NOT_SERVING.  A release whose `pre` migrations ran before its code is nothing to an older replica, which
they suit; one whose `post` migrations ran is (docs/adr/0050).
"""

import asyncio
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy import text

from . import sentinel
from .certificate_watch import ended_certificates
from .db import Database
from .encryption import DecryptionError, Encryptor, read_keyset
from .errors import ServiceError
from .settings import ServiceSettings
from .sql import sql
from .tls import TlsFolder

CHECK_INTERVAL_S: Final = 10.0

GET_HEAD = sql(text("SELECT version_num FROM alembic_version"), about="alembic_version")


class Unfit(Exception):
    """This replica cannot do its work: *field* of the settings is at fault, and *fault* says how."""

    def __init__(self, field: str, fault: str) -> None:
        super().__init__(f"{field}: {fault}")
        self.field = field
        self.fault = fault


def check_files(settings: ServiceSettings) -> None:
    """Raise `Unfit` unless all that *settings* name is there, whole and not ended."""
    for field, paths in settings.certificates().items():
        for path in paths:
            try:
                ended = ended_certificates(path)
            except (OSError, ValueError) as error:
                raise Unfit(field, f"{path.name} cannot be read: {_words(error)}") from None
            if ended:
                raise Unfit(field, f"{path.name} ended on {ended:%Y-%m-%d %H:%M} UTC")
    try:
        TlsFolder(settings.tls_dir).read()
    except (OSError, ValueError, TypeError) as error:
        raise Unfit("tls_dir", _words(error)) from None
    try:
        read_keyset(settings.keys_dir)
    except DecryptionError as error:
        raise Unfit("keys_dir", str(error)) from None


def _words(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)


class Fitness:
    """Looks at the database of one replica; *package* holds its migrations, empty where it has none."""

    def __init__(self, db: Database, encryptor: Encryptor, package_folder: Path | None) -> None:
        self._db = db
        self._encryptor = encryptor
        self._revisions = revisions(package_folder) if package_folder else []
        self._fault = ""

    def faults(self) -> list[str]:
        """Return what was at fault when last looked at; empty when nothing was."""
        return [self._fault] if self._fault else []

    async def check(self) -> None:
        """Raise `Unfit` when the database is not one that this replica can work on."""
        async with self._db.transaction() as tx:
            if self._revisions:
                try:
                    head = await tx.fetchval(GET_HEAD)
                except asyncpg.UndefinedTableError:
                    head = None
                if fault := schema_fault(head, self._revisions):
                    raise Unfit("database_url", fault)
        async with self._db.transaction() as tx:
            if fault := await sentinel.check(tx, self._encryptor):
                raise Unfit("keys_dir", fault)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_S)
            try:
                await self.check()
                self._fault = ""
            except Unfit as error:
                self._fault = error.fault
            except ServiceError:
                pass  # health asks the database itself


def revisions(package_folder: Path) -> list[str]:
    """Return the migrations of a service, oldest first, as their files are named."""
    return sorted(path.stem for path in (package_folder / "migrations" / "versions").glob("[0-9]*_*.py"))


def schema_fault(head: str | None, known: list[str]) -> str:
    """Return what is wrong with a database at *head* for code that knows the revisions *known*."""
    needed = next((revision for revision in reversed(known) if "_pre_" in revision), "")
    if head in known:
        if known.index(head) >= known.index(needed):
            return ""
        return f"the database is at {head} and this release needs {needed}: run chassis.migrate"
    if head is None:
        return f"the database has never been migrated and this release needs {needed}: run chassis.migrate"
    if "_pre_" in head and head > known[-1]:
        return ""
    return f"the database is at {head}, of a newer release than this one, which knows {known[-1]}"
