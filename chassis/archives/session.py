"""What one run of the command works with: the database, the keys, the signature, the folder of archives."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import asyncpg

from ..encryption import Encryptor
from ..signing import KeyPair, read_pair
from . import manifest
from .archive_file import archive_name
from .catalogue import Entry
from .kinds import Kind
from .manifest import Archive
from .refusal import ArchiveRefused

CONNECT_TIMEOUT_S: Final = 10.0

# One run on a database at a time: any number that no other lock has.
ARCHIVE_LOCK: Final = 5_417_002

# The text of a row is the same on every run: `row_to_json` writes by these.
SETTINGS: Final = {
    "application_name": "lientuyen archives",
    "timezone": "UTC",
    "datestyle": "ISO",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "jit": "off",
}


@dataclass(frozen=True, slots=True)
class Files:
    """What reads an archive: *encryptor* is for the purpose `archives`, *authority* is PEM."""

    service: str
    encryptor: Encryptor
    authority: bytes

    def verified(self, path: Path) -> Archive:
        """Return the archive whose manifest is at *path*, verified and this service's; or refuse."""
        archive = manifest.verified(path, self.encryptor, self.authority)
        if archive.header.service != self.service:
            raise ArchiveRefused(
                f"Tệp lưu trữ này là của dịch vụ {archive.header.service}, không phải {self.service}.",
                f"This archive is of {archive.header.service}, not of {self.service}.",
            )
        return archive


@dataclass(frozen=True, slots=True)
class Session:
    """A run that changes something, alone on its database until it ends."""

    connection: Any
    files: Files
    folder: Path

    async def now(self) -> datetime:
        """Return what time it is in the database, the only clock that counts here (docs/adr/0049)."""
        time: datetime = await self.connection.fetchval("SELECT clock_timestamp()")
        return time

    def manifest_path(self, kind: Kind, month: datetime, number: int) -> Path:
        name = archive_name(self.files.service, kind.name, f"{month:%Y-%m}", number)
        return self.folder / f"{name}{manifest.MANIFEST}"

    def verified(self, kind: Kind, month: datetime, entry: Entry) -> Archive:
        """Return the archive that *entry* tells of, verified; or refuse, when it is not in the folder."""
        path = self.manifest_path(kind, month, entry.number)
        try:
            archive = self.files.verified(path)
        except FileNotFoundError:
            raise ArchiveRefused(
                f"Không có tệp lưu trữ {path.name} trong thư mục {self.folder}.",
                f"There is no archive {path.name} in {self.folder}.",
            ) from None
        if archive.sha256 != entry.sha256:
            raise ArchiveRefused(
                f"Tệp {path.name} không phải là tệp mà cơ sở dữ liệu đã ghi nhận; hãy xuất lại.",
                f"{path.name} is not the file that the database knows of; export again.",
            )
        return archive


@asynccontextmanager
async def session(url: str, files: Files, folder: Path) -> AsyncIterator[Session]:
    """Give a run the database, alone; refuse while another run has it."""
    connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S, server_settings=SETTINGS)
    try:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", ARCHIVE_LOCK):
            raise ArchiveRefused(
                "Một lệnh lưu trữ khác đang chạy trên cơ sở dữ liệu này.",
                "Another run of this command is at work on this database.",
            )
        yield Session(connection, files, folder)
    finally:
        await connection.close()


def signer(settings: Mapping[str, Path]) -> KeyPair:
    """Return who signs: the pair in `signing_dir`, or the service's own TLS pair."""
    if "signing_dir" in settings:
        folder = settings["signing_dir"]
        return read_pair(folder / "signing.crt", folder / "signing.key")
    return read_pair(settings["tls_dir"] / "tls.crt", settings["tls_dir"] / "tls.key")
