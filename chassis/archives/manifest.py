"""The manifest of an archive: its totals and checksum, signed; and whether all of it holds."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ..encryption import Encryptor
from ..signing import KeyPair, Unverified, verify
from .archive_file import ArchiveReader, Damaged, Header, Totals, canonical, file_sha256, write_whole

SEALED: Final = ".sealed"
MANIFEST: Final = ".json"


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was verified: *path* is the manifest's."""

    path: Path
    header: Header
    rows: Mapping[str, int]
    digest: int
    sha256: bytes
    export_time: datetime

    @property
    def sealed_path(self) -> Path:
        return self.path.with_suffix(SEALED)

    @property
    def main_rows(self) -> int:
        return self.rows.get(self.header.main_table, 0)


def write_manifest(path: Path, header: Header, totals: Totals, export_time: datetime, pair: KeyPair) -> None:
    """Sign and write the manifest at *path* of the whole file beside it: with that the archive is there."""
    sealed = path.with_suffix(SEALED)
    words: dict[str, Any] = {
        **json.loads(header.to_bytes()),
        "chunks": totals.chunks,
        "rows": totals.rows,
        "digest": str(totals.digest),
        "bytes": sealed.stat().st_size,
        "sha256": file_sha256(sealed).hex(),
        "export_time": export_time.isoformat(),
        "certificate": b64encode(pair.certificate).decode(),
        "algorithm": pair.algorithm,
    }
    words["signature"] = b64encode(pair.sign(canonical(words))).decode()
    write_whole(path, json.dumps(words, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n")


def verified(path: Path, encryptor: Encryptor, authority: bytes) -> Archive:
    """Return the archive whose manifest is at *path*, all of it looked at.

    `Damaged` unless the signature is one that *authority* (PEM) stands for, the checksum holds, every chunk
    opens, and rows and digest are what the manifest says.  OSError when a file is not there.
    """
    words = _signed_words(path, authority)
    sealed = path.with_suffix(SEALED)
    if file_sha256(sealed).hex() != words["sha256"]:
        raise Damaged(sealed, "checksum")
    reader = ArchiveReader(sealed, encryptor)
    totals = reader.totals()
    if {**json.loads(reader.header.to_bytes()), **_words(totals)} != {key: words[key] for key in _KEYS}:
        raise Damaged(sealed, "totals")
    return Archive(
        path,
        reader.header,
        totals.rows,
        totals.digest,
        bytes.fromhex(words["sha256"]),
        datetime.fromisoformat(words["export_time"]),
    )


_KEYS: Final = (
    *("format", "service", "kind", "month", "number", "columns", "data_key"),
    *("chunks", "rows", "digest"),
)


def _words(totals: Totals) -> dict[str, object]:
    return {"chunks": totals.chunks, "rows": totals.rows, "digest": str(totals.digest)}


def _signed_words(path: Path, authority: bytes) -> dict[str, Any]:
    """Return what the manifest says, once its signature holds."""
    try:
        words: dict[str, Any] = json.loads(path.read_bytes())
        signature = b64decode(words.pop("signature"))
        verify(
            canonical(words),
            signature,
            b64decode(words["certificate"]),
            words["algorithm"],
            authority,
            datetime.fromisoformat(words["export_time"]),
        )
    except Unverified as error:
        raise Damaged(path, str(error)) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Damaged(path, "manifest") from None
    return words
