"""
Authenticated encryption (AES-256-GCM) of what rests on disk or passes through a caller's hands.

Three things are encrypted, "sealed": originals (the signed files a hospital sent), first
answers kept for safe retries, and page tokens.  Each gets a key of its own,
derived by HKDF from the key in the folder (`encryptor.derive("pages")`), so that
a page token can never be opened as an original, whatever else goes wrong.

What it buys.  A copy of the database, or of its backups, shows no patient
data.  A value moved to another row does not open: the *associated data* given when
it was encrypted (the row's name) is authenticated with it.  A changed bit is seen.

Where the keys live.  One file a key, in a folder: the file's name is the key's
id, its content is 32 random bytes in base64.  In Kubernetes the folder is a
mounted Secret; on a laptop `make_key` fills it.  The key whose name sorts last
encrypts; every key still in the folder decrypts.  The folder is looked at on every
call (one `stat`) and read again when it changed, so a rotation needs no
restart.  A folder that is being written, and cannot be read whole, leaves the
keys as they were.

What happens when replicas race during a rotation.  One replica may seal with
the new key before another has seen it.  The other meets an unknown key id and
reads the folder again; if the file has not arrived there, the value is refused.
To rotate without one refusal: give every replica the new key as `<id>.next`,
which opens and does not seal yet; when all have it, rename it to `<id>`.

Why rotate.  AES-GCM with random 96-bit nonces is safe for 2³² values a key
(NIST SP 800-38D, 8.3); a year of a nation's writes stays below that.  And a
key that is deleted makes everything it sealed unreadable, backups included:
that is how old page tokens stop opening, and how old originals are erased.

The format: one byte 0x01 · one byte, the length of the key id · the key id ·
12 bytes nonce · ciphertext and 16 bytes tag.  30 bytes and the key id longer
than what was sealed.  The header is authenticated too.
"""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = 1
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
NEXT = ".next"
KEY_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")


class DecryptionError(Exception):
    """A value cannot be opened, or the keys cannot be read.

    The message names a key id or a file, never what was sealed.  For a value
    that came from a caller (a page token) it means a bad argument; for one of
    our own it is damage, and is not to be hidden.
    """


class KeyMissing(DecryptionError):
    """The key that sealed a value is not in the folder: deleted, or this is another folder."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"The key {key_id} is not in the folder.")
        self.key_id = key_id


@dataclass(frozen=True)
class Keyset:
    """The keys of a folder as they were at one moment, and the ciphers derived from them."""

    keys: Mapping[str, bytes]
    active: str
    ciphers: dict[tuple[str, str], AESGCM] = field(default_factory=dict)

    def cipher(self, key_id: str, purpose: str) -> AESGCM:
        known = self.ciphers.get((key_id, purpose))
        if known is None:
            info = b"lientuyen sealed 1 " + purpose.encode()
            derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self.keys[key_id])
            known = self.ciphers[key_id, purpose] = AESGCM(derived)
        return known


class KeyFolder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stamp = self._look()
        self._keyset = read_keyset(folder)

    def keyset(self, *, afresh: bool = False) -> Keyset:
        """Return the keys; read them again when the folder changed, or when told to."""
        stamp = self._look()
        if afresh or stamp != self._stamp:
            try:
                self._keyset = read_keyset(self.folder)
                self._stamp = stamp
            except DecryptionError:
                pass  # being written: what we have still opens everything it opened before
        return self._keyset

    def _look(self) -> int:
        """Return what changes with the folder.

        A key that comes or goes, and Kubernetes swapping the `..data` link of a
        mounted Secret, both change the folder's own modification time.
        """
        try:
            return self.folder.stat().st_mtime_ns
        except OSError:
            return -1


class Encryptor:
    """Encrypts and decrypts bytes with the keys of a folder.

    Raises `DecryptionError` at once when the folder has no usable key.  Safe to use
    from several threads; values of some megabytes are best sealed in one.
    """

    def __init__(self, folder: Path | str, purpose: str = "originals") -> None:
        self._folder = KeyFolder(Path(folder))
        self._purpose = purpose

    def derive(self, purpose: str) -> "Encryptor":
        """Return an encryptor over the same folder whose keys serve *purpose* only."""
        other = object.__new__(Encryptor)
        other._folder, other._purpose = self._folder, purpose
        return other

    @property
    def active_key(self) -> str:
        """The id of the key that seals now."""
        return self._folder.keyset().active

    def opens(self, sealed: bytes, *, associated_data: bytes = b"") -> bool:
        try:
            self.decrypt(sealed, associated_data=associated_data)
        except DecryptionError:
            return False
        return True

    def encrypt(self, plain: bytes, *, associated_data: bytes = b"") -> bytes:
        """Return *plain* encrypted; it decrypts only with the same *associated_data*."""
        keyset = self._folder.keyset()
        key_id = keyset.active
        header = bytes([FORMAT, len(key_id)]) + key_id.encode("ascii")
        nonce = os.urandom(NONCE_BYTES)
        return (
            header
            + nonce
            + keyset.cipher(key_id, self._purpose).encrypt(nonce, plain, header + associated_data)
        )

    def decrypt(self, sealed: bytes, *, associated_data: bytes = b"") -> bytes:
        """Return what was encrypted, or raise `DecryptionError`."""
        key_id, header, body = split(sealed)
        keyset = self._folder.keyset()
        if key_id not in keyset.keys:
            keyset = self._folder.keyset(afresh=True)
        if key_id not in keyset.keys:
            raise KeyMissing(key_id)
        nonce, text = body[:NONCE_BYTES], body[NONCE_BYTES:]
        try:
            return keyset.cipher(key_id, self._purpose).decrypt(nonce, text, header + associated_data)
        except InvalidTag:
            raise DecryptionError(f"Altered, or sealed for another place, under the key {key_id}.") from None


def split(sealed: bytes) -> tuple[str, bytes, bytes]:
    """Return the key id, the header, and nonce with ciphertext; `DecryptionError` for none of ours."""
    if len(sealed) < 2 or sealed[0] != FORMAT:
        raise DecryptionError("Not a sealed value.")
    end = 2 + sealed[1]
    key_id = sealed[2:end].decode("ascii", "replace")
    if not KEY_ID.fullmatch(key_id) or len(sealed) < end + NONCE_BYTES + TAG_BYTES:
        raise DecryptionError("Not a sealed value.")
    return key_id, sealed[:end], sealed[end:]


def read_keyset(folder: Path) -> Keyset:
    """Return the keys of *folder*; raise `DecryptionError` when none can seal, or one cannot be read."""
    try:
        files = [file for file in folder.iterdir() if KEY_ID.fullmatch(file.name) and file.is_file()]
        keys = {file.name.removesuffix(NEXT): read_key(file) for file in files}
    except OSError as error:
        raise DecryptionError(f"The keys in {folder} cannot be read: {error.strerror}.") from error
    sealing = [file.name for file in files if not file.name.endswith(NEXT)]
    if not sealing:
        raise DecryptionError(f"There is no key in {folder}.")
    return Keyset(keys, active=max(sealing))


def read_key(file: Path) -> bytes:
    """Return the 32 bytes of one key file; raise `DecryptionError` when it holds something else."""
    try:
        key = base64.b64decode(file.read_bytes().strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise DecryptionError(f"The key {file.name} is not {KEY_BYTES} bytes in base64.")
    return key


def make_key(folder: Path | str) -> str:
    """Add a new key to *folder*, making the folder if need be, and return its id.

    The id is the moment in UTC, so that it sorts last and becomes the active
    key.  The file appears whole or not at all, readable by its owner only.
    """
    folder = Path(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_id = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    half = folder / f".{key_id}"
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    half.rename(folder / key_id)
    return key_id
