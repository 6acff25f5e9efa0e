"""The file of an archive: written chunk by chunk, gone on with after a kill, read with bounded memory."""

import hashlib
import json
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..encryption import KEY_BYTES, NONCE_BYTES, DecryptionError, Encryptor
from .refusal import ArchiveRefused

FORMAT: Final = "lientuyen archive 1"

# No frame is longer: a damaged length must not take all memory.
MAX_FRAME_BYTES: Final = 64 * 1024 * 1024


class Damaged(ArchiveRefused):
    """The file is not what was written; *fault* says where, never what was in it."""

    def __init__(self, path: Path, fault: str) -> None:
        super().__init__(
            f"Tệp lưu trữ {path.name} bị hỏng hoặc đã bị sửa đổi ({fault}).",
            f"The archive {path.name} is damaged or was altered ({fault}).",
        )


@dataclass(frozen=True, slots=True)
class Header:
    """What a file is; *columns* by table; *data_key* is sealed, in base64."""

    service: str
    kind: str
    month: str
    number: int
    columns: Mapping[str, Sequence[str]]
    data_key: str

    @classmethod
    def new(
        cls,
        encryptor: Encryptor,
        service: str,
        kind: str,
        month: str,
        number: int,
        columns: Mapping[str, Sequence[str]],
    ) -> "Header":
        """Return a header with a new data key."""
        bare = cls(service, kind, month, number, columns, "")
        sealed = encryptor.encrypt(os.urandom(KEY_BYTES), associated_data=bare.context)
        return cls(service, kind, month, number, columns, b64encode(sealed).decode())

    @property
    def name(self) -> str:
        return archive_name(self.service, self.kind, self.month, self.number)

    @property
    def main_table(self) -> str:
        """The table whose rows the kind is of: called as the kind where there are others beside it."""
        return self.kind if self.kind in self.columns else next(iter(self.columns))

    @property
    def context(self) -> bytes:
        return f"archive {self.service} {self.kind} {self.month} {self.number}".encode()

    def to_bytes(self) -> bytes:
        return canonical({"format": FORMAT, **asdict(self)})


@dataclass(slots=True)
class Totals:
    """What a file holds: chunks, rows by table, the main table's digest; *position* is of the last chunk."""

    main_table: str
    chunks: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    digest: int = 0
    position: object = None

    def add(self, position: object, lines: Sequence[bytes]) -> None:
        self.chunks += 1
        self.position = position
        for line in lines:
            table, _, row = line.partition(b"\t")
            name = table.decode()
            self.rows[name] = self.rows.get(name, 0) + 1
            if name == self.main_table:
                self.digest += row_digest(row)


def row_digest(row: bytes) -> int:
    return int.from_bytes(hashlib.sha256(row).digest()[:7], "big")


def archive_name(service: str, kind: str, month: str, number: int) -> str:
    return f"{service}-{kind}-{month}-{number}"


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Chunks:
    """Seals and opens the chunks of the file with *header*."""

    def __init__(self, header: Header, encryptor: Encryptor) -> None:
        key = encryptor.decrypt(b64decode(header.data_key), associated_data=header.context)
        self._cipher = AESGCM(key)
        self._header_digest = hashlib.sha256(header.to_bytes()).digest()

    def seal(self, ordinal: int, position: object, lines: Sequence[bytes]) -> bytes:
        plain = b"".join(line + b"\n" for line in (canonical(position), *lines))
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, zlib.compress(plain), self._place(ordinal))

    def open(self, ordinal: int, sealed: bytes) -> tuple[object, list[bytes]]:
        """Return the position and the rows' lines; InvalidTag when it is not the chunk that was written."""
        plain = zlib.decompress(
            self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._place(ordinal))
        )
        position, *lines = plain.removesuffix(b"\n").split(b"\n")
        return json.loads(position), lines

    def _place(self, ordinal: int) -> bytes:
        return self._header_digest + ordinal.to_bytes(8, "big")


class ArchiveReader:
    """Reads the file at *path*; raises `Damaged` for what is not as it was written."""

    def __init__(self, path: Path, encryptor: Encryptor) -> None:
        self.path = path
        with path.open("rb") as file:
            self.header = read_header(path, next(_frames(file), b""))
        self._chunks = Chunks(self.header, encryptor)

    def __iter__(self) -> Iterator[tuple[object, list[bytes]]]:
        """Yield the position and the lines of each chunk."""
        with self.path.open("rb") as file:
            frames = _frames(file)
            next(frames)
            for ordinal, sealed in enumerate(frames):
                try:
                    yield self._chunks.open(ordinal, sealed)
                except (InvalidTag, zlib.error, ValueError):
                    raise Damaged(self.path, f"chunk {ordinal}") from None
            if file.tell() != self.path.stat().st_size:
                raise Damaged(self.path, "torn end")

    def totals(self) -> Totals:
        totals = Totals(self.header.main_table)
        for position, lines in self:
            totals.add(position, lines)
        return totals


def read_header(path: Path, frame: bytes) -> Header:
    try:
        words = json.loads(frame)
        if words.pop("format") != FORMAT:
            raise ValueError
        b64decode(words["data_key"], validate=True)
        return Header(**words)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Damaged(path, "header") from None


class ArchiveWriter:
    """Writes the file at *path*; goes on with what a killed run left there, but for a torn end."""

    def __init__(self, path: Path, header: Header, encryptor: Encryptor) -> None:
        if valid := _valid_bytes(path, header, encryptor):
            os.truncate(path, valid)
        else:
            write_whole(path, _frame(header.to_bytes()))
        reader = ArchiveReader(path, encryptor)
        self.header = reader.header
        self.totals = reader.totals()
        self._chunks = Chunks(self.header, encryptor)
        self._path = path
        self._file = path.open("ab")

    def append(self, position: object, lines: Sequence[bytes]) -> None:
        """Write one chunk, durably."""
        self._file.write(_frame(self._chunks.seal(self.totals.chunks, position, lines)))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.totals.add(position, lines)

    def close(self) -> None:
        self._file.close()

    def discard(self) -> None:
        """Delete what was written."""
        self.close()
        self._path.unlink()


def _valid_bytes(path: Path, header: Header, encryptor: Encryptor) -> int:
    """Return how long the part of the file is that can be gone on with; 0 where there is none."""
    try:
        reader = ArchiveReader(path, encryptor)
        chunks = Chunks(reader.header, encryptor)
    except (FileNotFoundError, Damaged, DecryptionError):
        return 0
    if replace(reader.header, data_key="") != replace(header, data_key=""):
        return 0
    valid = 0
    with path.open("rb") as file:
        for ordinal, sealed in enumerate(_frames(file), start=-1):
            try:
                if ordinal >= 0:
                    chunks.open(ordinal, sealed)
            except (InvalidTag, zlib.error, ValueError):
                break
            valid = file.tell()
    return valid


def _frame(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def _frames(file: BinaryIO) -> Iterator[bytes]:
    """Yield the frames that are whole; leave *file* behind the last of them."""
    while True:
        begin = file.tell()
        size = int.from_bytes(file.read(4), "big")
        body = file.read(size) if size <= MAX_FRAME_BYTES else b""
        if not size or len(body) < size:
            file.seek(begin)
            return
        yield body


def write_whole(path: Path, content: bytes) -> None:
    """Write the file so that it is there whole or not at all, readable by its owner only."""
    new = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
