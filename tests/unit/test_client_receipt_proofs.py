"""`lientuyen verify-receipt`: a whole proof holds without a call; with any byte of it flipped it does not."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from google.protobuf.message import Message

from lientuyen.routing.v1.receipt_pb2 import Receipt, ReceiptBody
from lientuyen.routing.v1.receipt_proof_pb2 import ReceiptProof
from lientuyen_client.cli import main
from lientuyen_client.receipt_verification import (
    FAULTS,
    ReceiptInvalid,
    from_file,
    to_file,
    verify,
    verify_proof,
)
from tests.samples.receipt_proofs import SampleLog, signed_receipt

INDEX, EARLIER, SIZE = 5, 13, 37

# What the library says of a certificate with a flipped byte, before it refuses it.
DAMAGED_CERTIFICATES = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> SampleLog:
    return SampleLog(tmp_path_factory.mktemp("log"), 40)


@pytest.fixture
def file(log: SampleLog, tmp_path: Path) -> Path:
    path = tmp_path / "receipt.json"
    path.write_bytes(to_file(log.proof(INDEX, EARLIER, SIZE)))
    return path


def holds(content: bytes, authority: bytes) -> bool:
    try:
        verify_proof(from_file(content), authority)
    except ReceiptInvalid:
        return False
    return True


def test_a_whole_proof_holds(log: SampleLog):
    proof = log.proof(INDEX, EARLIER, SIZE)

    proved = verify_proof(from_file(to_file(proof)), log.authority)
    assert proved.body.size_bytes == INDEX + 1
    assert (proved.head.size, proved.earlier.size) == (SIZE, EARLIER)


@DAMAGED_CERTIFICATES
def test_every_byte_of_the_file_that_is_flipped_is_found(log: SampleLog, file: Path):
    content = file.read_bytes()

    for flip in (0x01, 0x80, 0x20):
        for place in range(len(content)):
            altered = content[:place] + bytes([content[place] ^ flip]) + content[place + 1 :]
            assert not holds(altered, log.authority), (place, flip)


def parts(message: Message) -> Iterator[tuple[Message, str, int | None]]:
    """Yield every place of bytes in *message*: whose, which field, and which of several."""
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            yield from parts(value)
        elif field.type == field.TYPE_BYTES and field.is_repeated:
            yield from ((message, field.name, place) for place in range(len(value)))
        elif field.type == field.TYPE_BYTES:
            yield message, field.name, None


@DAMAGED_CERTIFICATES
def test_every_byte_of_the_content_that_is_flipped_is_found_whoever_writes_the_file_anew(log: SampleLog):
    proof = log.proof(INDEX, EARLIER, SIZE)
    places = list(parts(proof))

    assert len(places) >= 15
    for owner, name, place in places:
        whole = getattr(owner, name) if place is None else getattr(owner, name)[place]
        for at in range(len(whole)):
            put(owner, name, place, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            assert not holds(to_file(proof), log.authority), (name, place, at)
        put(owner, name, place, whole)
    assert holds(to_file(proof), log.authority)


def put(owner: Message, name: str, place: int | None, value: bytes) -> None:
    if place is None:
        setattr(owner, name, value)
    else:
        getattr(owner, name)[place] = value


def change(field: str, value: object) -> Callable[[ReceiptProof, SampleLog], None]:
    def alter(proof: ReceiptProof, _: SampleLog) -> None:
        owner, _, name = field.rpartition(".")
        setattr(getattr(proof, owner) if owner else proof, name, value)

    return alter


def with_receipt(**fields: object) -> Callable[[ReceiptProof, SampleLog], None]:
    def alter(proof: ReceiptProof, log: SampleLog) -> None:
        proof.receipt.CopyFrom(signed_receipt(log.pair, INDEX, log.time, **fields))

    return alter


def late_receipt(proof: ReceiptProof, log: SampleLog) -> None:
    proof.receipt.CopyFrom(signed_receipt(log.pair, INDEX, log.time + timedelta(hours=1)))


def other_heads_root(proof: ReceiptProof, log: SampleLog) -> None:
    """The exchange itself signs a head that leaves something out."""
    other = log.head(12).body.split(b"\n")
    body = b"\n".join([log.head(EARLIER).body.split(b"\n")[0], b"13", *other[2:]])
    proof.earlier_head.body, proof.earlier_head.signature = body, log.pair.sign(body)


@pytest.mark.parametrize(
    ("alter", "reason"),
    [
        (change("receipt.name", "//routing.lientuyen/messages/x/receipts/acceptance"), "OTHER_NAME"),
        (change("receipt.algorithm", Receipt.ALGORITHM_ECDSA_P256_SHA256), "UNKNOWN_ALGORITHM"),
        (change("receipt.certificate", b"no certificate"), "CERTIFICATE_UNREADABLE"),
        (change("leaf_index", INDEX + 1), "NOT_IN_LOG"),
        (change("leaf_index", -1), "NOT_IN_LOG"),
        (with_receipt(trace_id="0" * 32), "NOT_IN_LOG"),
        (with_receipt(key_id=b"x" * 32), "OTHER_KEY"),
        (late_receipt, "HEAD_TOO_EARLY"),
        (other_heads_root, "LOG_REWRITTEN"),
    ],
)
def test_each_fault_has_its_word(
    log: SampleLog, alter: Callable[[ReceiptProof, SampleLog], None], reason: str
):
    proof = log.proof(INDEX, EARLIER, SIZE)
    alter(proof, log)

    with pytest.raises(ReceiptInvalid) as fault:
        verify_proof(from_file(to_file(proof)), log.authority)
    assert fault.value.reason == reason


def test_nobody_but_the_exchange_gives_receipts(log: SampleLog, tmp_path: Path):
    """A facility has a certificate of the same authority, and signs with it."""
    from chassis.signing import read_pair
    from laptop.authority import issue_signing, make_ca

    issue_signing(make_ca(log.authority_file.parent), tmp_path, "facility/01999")
    pair = read_pair(tmp_path / "signing.crt", tmp_path / "signing.key")

    with pytest.raises(ReceiptInvalid) as fault:
        verify(signed_receipt(pair, 1, log.time), log.authority)
    assert fault.value.reason == "NOT_THE_EXCHANGE"


@pytest.mark.parametrize(
    "origin",
    ["other.test/routing/receipts", "lientuyen.test/routing/access-log", "lientuyen.test/identity/receipts"],
)
def test_a_head_of_another_log_proves_nothing(tmp_path: Path, origin: str):
    log = SampleLog(tmp_path, 3, origin=origin)

    with pytest.raises(ReceiptInvalid) as fault:
        verify_proof(log.proof(1, 2, 3), log.authority)
    assert fault.value.reason in ("OTHER_LOG", "NOT_THE_EXCHANGE")


def test_a_certificate_that_has_ended_still_verifies_what_it_signed(log: SampleLog):
    """Of the time attested it was valid: nothing is held against the present."""
    proof = log.proof(INDEX, EARLIER, SIZE)

    assert verify_proof(proof, log.authority)
    late = signed_receipt(log.pair, INDEX, log.time + timedelta(days=4000))
    with pytest.raises(ReceiptInvalid) as fault:
        verify(late, log.authority)
    assert fault.value.reason == "OUTSIDE_VALIDITY"


def test_the_command_shows_what_is_proved(log: SampleLog, file: Path, capfd: pytest.CaptureFixture[str]):
    assert main(["verify-receipt", str(file), "--ca", str(log.authority_file)]) == 0
    text = capfd.readouterr().out
    assert "biên nhận hợp lệ" in text
    assert f"mục {INDEX} trong {SIZE}" in text

    assert main(["verify-receipt", str(file), "--ca", str(log.authority_file), "--json"]) == 0
    shown = json.loads(capfd.readouterr().out)
    assert (shown["kind"], shown["leaf_index"], shown["tree_size"]) == ("KIND_ACCEPTANCE", INDEX, SIZE)


def test_the_command_says_in_two_languages_what_is_wrong(
    log: SampleLog, file: Path, capfd: pytest.CaptureFixture[str]
):
    file.write_bytes(file.read_bytes().replace(b'"leaf_index": "5"', b'"leaf_index": "6"'))

    assert main(["verify-receipt", str(file), "--ca", str(log.authority_file), "--json"]) == 1
    shown = json.loads(capfd.readouterr().out)
    assert shown["reason"] == "NOT_IN_LOG"
    assert (shown["message_vi"], shown["message"]) == FAULTS["NOT_IN_LOG"]
    assert main(["verify-receipt", str(file), "--ca", str(log.authority_file)]) == 1
    assert "không chứng minh được" in capfd.readouterr().err.lower()


def test_without_an_authority_the_command_says_what_is_wanted(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("LIENTUYEN_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("LIENTUYEN_TLS", raising=False)

    assert main(["verify-receipt", str(file)]) == 2
    assert "--ca" in capfd.readouterr().err


def test_an_old_receipt_without_a_key_id_verifies_as_before(log: SampleLog):
    body = ReceiptBody(kind=ReceiptBody.KIND_ACCEPTANCE, message="//routing.lientuyen/messages/1")
    body.accept_time.FromDatetime(log.time)
    content = body.SerializeToString(deterministic=True)
    receipt = Receipt(
        body=content,
        signature=log.pair.sign(content),
        certificate=log.pair.certificate,
        algorithm=Receipt.ALGORITHM_ED25519,
    )

    assert verify(receipt, log.authority).message == "//routing.lientuyen/messages/1"
