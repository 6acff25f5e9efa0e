"""Sealing: what opens, what does not, and how keys come and go."""

import base64
import os
from pathlib import Path

import pytest

from chassis.encryption import DecryptionError, Encryptor, make_key


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with one key."""
    make_key(tmp_path / "keys")
    return tmp_path / "keys"


def mounted_secret(folder: Path, generation: str, names: list[str]) -> None:
    """Write *names* as Kubernetes does: files behind a `..data` link that is swapped at once."""
    (folder / generation).mkdir(parents=True)
    for name in names:
        (folder / generation / name).write_text(base64.b64encode(name.encode().ljust(32, b".")).decode())
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")
    (folder / "..data_tmp").symlink_to(generation)
    (folder / "..data_tmp").rename(folder / "..data")


@pytest.mark.parametrize("plain", [b"", b"x", "Hồ sơ".encode(), os.urandom(3_000_000)], ids=len)
def test_what_is_sealed_opens_and_shows_nothing(keys, plain):
    encryptor = Encryptor(keys)

    sealed = encryptor.encrypt(plain, associated_data=b"dossiers/1")

    assert encryptor.decrypt(sealed, associated_data=b"dossiers/1") == plain
    assert len(plain) < 4 or plain not in sealed


def test_sealing_twice_never_looks_the_same(keys):
    encryptor = Encryptor(keys)

    assert encryptor.encrypt(b"same") != encryptor.encrypt(b"same")


def test_a_value_moved_to_another_row_does_not_open(keys):
    sealed = Encryptor(keys).encrypt(b"original", associated_data=b"dossiers/1")

    with pytest.raises(DecryptionError):
        Encryptor(keys).decrypt(sealed, associated_data=b"dossiers/2")


def test_a_value_sealed_for_one_purpose_does_not_open_for_another(keys):
    encryptor = Encryptor(keys)
    sealed = encryptor.derive("pages").encrypt(b"position")

    assert encryptor.derive("pages").decrypt(sealed) == b"position"
    with pytest.raises(DecryptionError):
        encryptor.derive("replies").decrypt(sealed)


def test_any_changed_bit_is_seen(keys):
    encryptor = Encryptor(keys)
    sealed = encryptor.encrypt(b"original")

    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(DecryptionError):
            encryptor.decrypt(changed)


@pytest.mark.parametrize("rubbish", [b"", b"\x01", b"\x01\x05abcde", b"\x02" * 60, b"\x01\xff" + b"a" * 80])
def test_what_was_never_sealed_does_not_open(keys, rubbish):
    with pytest.raises(DecryptionError):
        Encryptor(keys).decrypt(rubbish)


def test_a_new_key_seals_at_once_and_the_old_one_still_opens(keys):
    encryptor = Encryptor(keys)
    old = encryptor.encrypt(b"before")
    key_id = make_key(keys)

    new = encryptor.encrypt(b"after")

    assert key_id.encode() in new
    assert (encryptor.decrypt(old), encryptor.decrypt(new)) == (b"before", b"after")


def test_a_key_named_next_opens_and_does_not_seal_until_it_is_renamed(keys):
    early, late = Encryptor(keys), Encryptor(keys)
    key_id = make_key(keys)
    (keys / key_id).rename(keys / f"{key_id}.next")
    before = late.encrypt(b"by the old key")

    (keys / f"{key_id}.next").rename(keys / key_id)
    after = early.encrypt(b"by the new key")

    assert (key_id.encode() in before, key_id.encode() in after) == (False, True)
    assert (early.decrypt(before), late.decrypt(after)) == (b"by the old key", b"by the new key")


def test_what_a_deleted_key_sealed_is_gone(keys):
    encryptor = Encryptor(keys)
    sealed = encryptor.encrypt(b"erase me")
    make_key(keys)
    min(keys.iterdir()).unlink()

    with pytest.raises(DecryptionError, match="is not in the folder"):
        encryptor.decrypt(sealed)


def test_a_key_that_another_replica_has_first_is_found_by_reading_again(keys):
    late = Encryptor(keys)
    stamp = keys.stat().st_mtime_ns
    make_key(keys)
    sealed = Encryptor(keys).encrypt(b"from the new key")
    os.utime(keys, ns=(stamp, stamp))  # as if both changes fell into one tick of the file system

    assert late.decrypt(sealed) == b"from the new key"


def test_a_mounted_secret_is_read_again_when_its_link_is_swapped(tmp_path):
    mounted_secret(tmp_path, "..1", ["2026a"])
    encryptor = Encryptor(tmp_path)
    old = encryptor.encrypt(b"before")

    mounted_secret(tmp_path, "..2", ["2026a", "2026b"])

    assert b"2026b" in encryptor.encrypt(b"after")
    assert encryptor.decrypt(old) == b"before"


def test_a_key_that_is_half_written_leaves_the_keys_as_they_were(keys):
    encryptor = Encryptor(keys)
    old = encryptor.encrypt(b"before")
    (keys / "99999999").write_text("c2hvcnQ=")

    assert encryptor.decrypt(old) == b"before"
    with pytest.raises(DecryptionError, match="99999999 is not 32 bytes"):
        Encryptor(keys)


def test_an_empty_or_missing_folder_is_refused_at_once(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(DecryptionError):
            Encryptor(folder)


def test_keys_are_readable_by_their_owner_only(keys):
    assert [oct(file.stat().st_mode & 0o777) for file in keys.iterdir()] == ["0o600"]
    assert oct(keys.stat().st_mode & 0o777) == "0o700"
