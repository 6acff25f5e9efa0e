"""A receipt verifies from its own bytes and the authority's certificate, or not at all."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from laptop.authority import issue_signing, make_ca
from lientuyen.routing.v1.receipt_pb2 import Receipt, ReceiptBody
from lientuyen_client.receipt_verification import ReceiptInvalid, verify


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    issue_signing(make_ca(folder / "ca"), folder, "service/routing")
    make_ca(folder / "other")
    return folder


def signed(folder: Path, when: datetime) -> Receipt:
    body = ReceiptBody(kind=ReceiptBody.KIND_ACCEPTANCE, message="messages/1")
    body.accept_time.FromDatetime(when)
    data = body.SerializeToString(deterministic=True)
    key = load_pem_private_key((folder / "signing.key").read_bytes(), password=None)
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    certificate = x509.load_pem_x509_certificate((folder / "signing.crt").read_bytes())
    return Receipt(
        name="messages/1/receipts/acceptance",
        body=data,
        signature=key.sign(data),
        certificate=certificate.public_bytes(Encoding.DER),
        algorithm=Receipt.ALGORITHM_ED25519,
    )


def test_a_receipt_proves_what_it_attests(authority: Path):
    receipt = signed(authority, datetime.now(UTC))

    assert verify(receipt, (authority / "ca/ca.crt").read_bytes()).message == "messages/1"


def test_no_byte_of_the_body_may_change(authority: Path):
    ca, receipt = (authority / "ca/ca.crt").read_bytes(), signed(authority, datetime.now(UTC))
    whole = receipt.body

    for place in range(len(whole)):
        receipt.body = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        with pytest.raises((ReceiptInvalid, ValueError)):
            verify(receipt, ca)


def test_another_authority_proves_nothing(authority: Path):
    with pytest.raises(ReceiptInvalid, match="authority"):
        verify(signed(authority, datetime.now(UTC)), (authority / "other/ca.crt").read_bytes())


def test_a_time_outside_the_certificates_life_proves_nothing(authority: Path):
    receipt = signed(authority, datetime.now(UTC) + timedelta(days=4000))

    with pytest.raises(ReceiptInvalid, match="valid"):
        verify(receipt, (authority / "ca/ca.crt").read_bytes())


def test_an_unknown_algorithm_proves_nothing(authority: Path):
    receipt = signed(authority, datetime.now(UTC))
    receipt.algorithm = 99  # type: ignore[assignment]

    with pytest.raises(ReceiptInvalid, match="algorithm"):
        verify(receipt, (authority / "ca/ca.crt").read_bytes())
