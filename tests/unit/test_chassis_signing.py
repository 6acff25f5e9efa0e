"""Signatures verify with the authority alone, and not when anything was altered."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from chassis import signing
from laptop.authority import issue_signing, make_ca

CONTENT = b"what happened"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signing")
    issue_signing(make_ca(folder / "ca"), folder, "service/routing")
    return folder


@pytest.fixture(scope="module")
def pair(folder: Path) -> signing.KeyPair:
    return signing.read_pair(folder / "signing.crt", folder / "signing.key")


@pytest.mark.parametrize("altered", ["", "content", "authority", "time", "algorithm"])
def test_what_was_signed_verifies_with_the_authority_alone_and_nothing_altered(
    folder: Path, pair: signing.KeyPair, altered: str, tmp_path_factory: pytest.TempPathFactory
):
    content, algorithm, at = CONTENT, pair.algorithm, datetime.now(UTC)
    authority = (folder / "ca" / "ca.crt").read_bytes()
    if altered == "content":
        content = b"What happened"
    if altered == "authority":
        other = tmp_path_factory.mktemp("other")
        make_ca(other)
        authority = (other / "ca.crt").read_bytes()
    if altered == "time":
        at += timedelta(days=400)
    if altered == "algorithm":
        algorithm = signing.ECDSA

    try:
        signing.verify(content, pair.sign(CONTENT), pair.certificate, algorithm, authority, at)
        verified = True
    except signing.Unverified:
        verified = False

    assert verified is not bool(altered)


def test_an_authority_that_is_being_replaced_stands_beside_the_next(
    folder: Path, pair: signing.KeyPair, tmp_path: Path
):
    make_ca(tmp_path)
    both = (tmp_path / "ca.crt").read_bytes() + (folder / "ca" / "ca.crt").read_bytes()

    signing.verify(CONTENT, pair.sign(CONTENT), pair.certificate, pair.algorithm, both, datetime.now(UTC))


def test_an_ed25519_key_signs_too(pair: signing.KeyPair):
    key = ed25519.Ed25519PrivateKey.generate()

    other = signing.KeyPair(key, pair.certificate, signing.algorithm_of(key))

    key.public_key().verify(other.sign(CONTENT), CONTENT)
    assert other.algorithm == signing.ED25519
