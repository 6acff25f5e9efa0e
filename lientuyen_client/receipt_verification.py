"""
Proof without a call: does this receipt hold, and can the exchange not take it back?

A hospital keeps receipts for years and shows them to others, so they verify from their own bytes and the
authority's certificate alone.  A `ReceiptProof` shows besides that the receipt is in the log of the exchange,
whose heads many hold.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import DecodeError

from lientuyen.routing.v1.receipt_pb2 import Receipt, ReceiptBody
from lientuyen.routing.v1.receipt_proof_pb2 import ReceiptProof
from lientuyen.type.v1.tree_head_pb2 import TreeHead as SignedHead
from transparency.merkle import ProofInvalid, verify_consistency, verify_inclusion
from transparency.tree_heads import RECEIPTS, TreeHead, signed_leaf

# How far the clocks of the exchange and of its database may differ.
MAX_CLOCK_SKEW: Final = timedelta(minutes=15)

# What is wrong, in Vietnamese and in English.
FAULTS: Final = {
    "FILE_ALTERED": (
        "Tệp không còn nguyên như khi được ghi.",
        "The file is not as it was written.",
    ),
    "CERTIFICATE_UNREADABLE": ("Không đọc được chứng thư số.", "The certificate cannot be read."),
    "OTHER_AUTHORITY": (
        "Chứng thư số không do cơ quan chứng thực này cấp.",
        "The certificate was not issued by this authority.",
    ),
    "NOT_THE_EXCHANGE": (
        "Chứng thư số không phải của hệ thống điều phối.",
        "The certificate is not the exchange's.",
    ),
    "OUTSIDE_VALIDITY": (
        "Chứng thư số không có hiệu lực vào thời điểm được xác nhận.",
        "The certificate was not valid at the time attested.",
    ),
    "UNKNOWN_ALGORITHM": (
        "Thuật toán ký không rõ, hoặc không hợp với chứng thư số.",
        "The algorithm is unknown or does not fit the certificate.",
    ),
    "BAD_SIGNATURE": (
        "Chữ ký không khớp với nội dung.",
        "The signature does not fit the bytes.",
    ),
    "OTHER_KEY": (
        "Khóa ký không phải là khóa mà nội dung nêu.",
        "The key is not the one that the content names.",
    ),
    "BODY_UNREADABLE": ("Không đọc được nội dung đã ký.", "What is signed cannot be read."),
    "OTHER_NAME": (
        "Tên biên nhận không khớp với nội dung đã ký.",
        "The name of the receipt is not that of what is signed.",
    ),
    "OTHER_LOG": (
        "Mốc ký không phải của nhật ký biên nhận của hệ thống đã ký biên nhận này.",
        "The tree head is not of the log of receipts of the exchange that signed this one.",
    ),
    "HEAD_TOO_EARLY": (
        "Mốc ký có trước biên nhận mà nó bao gồm.",
        "The tree head is older than the receipt that it covers.",
    ),
    "NOT_IN_LOG": (
        "Không chứng minh được biên nhận nằm trong nhật ký minh bạch.",
        "The receipt is not proved to be in the log.",
    ),
    "LOG_REWRITTEN": (
        "Nhật ký minh bạch không nối tiếp mốc ký trước đó: nhật ký đã bị viết lại.",
        "The log does not go on from its earlier head: it was rewritten.",
    ),
}


class ReceiptInvalid(Exception):
    """The receipt proves nothing; the sentence says why, *reason* in a word."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.message_vi, self.message = FAULTS[reason]
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class Proved:
    """What a whole proof attests: the receipt, its place in the log, and two heads of it."""

    body: ReceiptBody
    leaf_index: int
    head: TreeHead
    earlier: TreeHead


def verify(receipt: Receipt, authority: bytes) -> ReceiptBody:
    """Return what *receipt* attests.

    *authority* is the authority's CA certificate in PEM (`ca.crt`); there may be several in it.  Raises
    `ReceiptInvalid` when the certificate is not the authority's or not the exchange's, was not valid
    at the time attested, or did not sign exactly these bytes.
    """
    signer = _signer(receipt.certificate, authority)
    _check_signature(signer, receipt.algorithm, receipt.body, receipt.signature)
    try:
        body = ReceiptBody.FromString(receipt.body)
    except DecodeError:
        raise ReceiptInvalid("BODY_UNREADABLE") from None
    _check_time(signer, attested_time(body))
    if body.key_id and body.key_id != _key_id(signer):
        raise ReceiptInvalid("OTHER_KEY")
    if not _identity(signer).endswith("/service/routing"):
        raise ReceiptInvalid("NOT_THE_EXCHANGE")
    return body


def verify_proof(proof: ReceiptProof, authority: bytes) -> Proved:
    """Return what *proof* attests; `ReceiptInvalid` unless the receipt, both heads and both proofs hold."""
    receipt = proof.receipt
    body = verify(receipt, authority)
    kind = ReceiptBody.Kind.Name(body.kind) if body.kind in ReceiptBody.Kind.values() else ""
    if receipt.name != f"{body.message}/receipts/{kind.removeprefix('KIND_').lower()}":
        raise ReceiptInvalid("OTHER_NAME")
    domain = _identity(_load(receipt.certificate)).split("/")[2]
    head, earlier = (
        verify_head(signed, domain, authority) for signed in (proof.tree_head, proof.earlier_head)
    )
    if head.time < attested_time(body) - MAX_CLOCK_SKEW:
        raise ReceiptInvalid("HEAD_TOO_EARLY")
    _check_proofs(proof, head, earlier)
    return Proved(body, proof.leaf_index, head, earlier)


def _check_proofs(proof: ReceiptProof, head: TreeHead, earlier: TreeHead) -> None:
    leaf = signed_leaf(proof.receipt.body, proof.receipt.signature, proof.receipt.certificate)
    try:
        verify_inclusion(leaf, proof.leaf_index, head.size, head.root, proof.inclusion_proof)
    except ProofInvalid:
        raise ReceiptInvalid("NOT_IN_LOG") from None
    try:
        verify_consistency(earlier.size, head.size, earlier.root, head.root, proof.consistency_proof)
    except ProofInvalid:
        raise ReceiptInvalid("LOG_REWRITTEN") from None
    if earlier.time > head.time:
        raise ReceiptInvalid("LOG_REWRITTEN")


def verify_head(signed: SignedHead, domain: str, authority: bytes) -> TreeHead:
    """Return the head of the log of receipts of *domain* that the exchange there signed."""
    head = signed_head(signed, authority)
    if head.origin != f"{domain}/routing/{RECEIPTS}":
        raise ReceiptInvalid("OTHER_LOG")
    return head


def signed_head(signed: SignedHead, authority: bytes) -> TreeHead:
    """Return a head, of whichever log, that the service whose log it is signed; else `ReceiptInvalid`."""
    signer = _signer(signed.certificate, authority)
    _check_signature(signer, signed.algorithm, signed.body, signed.signature)
    try:
        head = TreeHead.from_bytes(signed.body)
    except ValueError:
        raise ReceiptInvalid("BODY_UNREADABLE") from None
    _check_time(signer, head.time)
    if (head.key_id, head.certificate) != (_key_id(signer), sha256(signed.certificate).digest()):
        raise ReceiptInvalid("OTHER_KEY")
    if _identity(signer) != f"spiffe://{head.trust_domain}/service/{head.service}":
        raise ReceiptInvalid("NOT_THE_EXCHANGE")
    return head


def attested_time(body: ReceiptBody) -> datetime:
    """Return when what *body* attests happened."""
    field = {
        ReceiptBody.KIND_ACKNOWLEDGEMENT: "acknowledge_time",
        ReceiptBody.KIND_DELIVERY: "deliver_time",
    }.get(body.kind, "accept_time")
    time: datetime = getattr(body, field).ToDatetime(UTC)
    return time


def to_file(proof: ReceiptProof) -> bytes:
    """Return *proof* as a file holds it: JSON, in the one form in which it is ever written."""
    fields = MessageToDict(proof, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
    return (json.dumps(fields, indent=2, sort_keys=True) + "\n").encode()


def from_file(content: bytes) -> ReceiptProof:
    """Return the proof in a file; `ReceiptInvalid` unless every byte is as `to_file` writes it.

    Base64 and JSON write the same in many ways: with any other way than ours somebody was at the file.
    """
    try:
        proof = ParseDict(json.loads(content), ReceiptProof())
    except (ValueError, RecursionError, ParseError):
        raise ReceiptInvalid("FILE_ALTERED") from None
    if to_file(proof) != content:
        raise ReceiptInvalid("FILE_ALTERED")
    return proof


def _signer(certificate: bytes, authority: bytes) -> x509.Certificate:
    signer = _load(certificate)
    if not any(_issued(signer, issuer) for issuer in x509.load_pem_x509_certificates(authority)):
        raise ReceiptInvalid("OTHER_AUTHORITY")
    return signer


def _load(certificate: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(certificate)
    except (ValueError, x509.InvalidVersion):
        raise ReceiptInvalid("CERTIFICATE_UNREADABLE") from None


def _issued(signer: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        signer.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _check_signature(signer: x509.Certificate, algorithm: int, body: bytes, signature: bytes) -> None:
    try:
        key = signer.public_key()
        match algorithm, key:
            case Receipt.ALGORITHM_ECDSA_P256_SHA256, ec.EllipticCurvePublicKey():
                key.verify(signature, body, ec.ECDSA(hashes.SHA256()))
            case Receipt.ALGORITHM_ED25519, ed25519.Ed25519PublicKey():
                key.verify(signature, body)
            case _:
                raise ReceiptInvalid("UNKNOWN_ALGORITHM")
    except InvalidSignature:
        raise ReceiptInvalid("BAD_SIGNATURE") from None
    except ValueError:
        raise ReceiptInvalid("CERTIFICATE_UNREADABLE") from None


def _check_time(signer: x509.Certificate, time: datetime) -> None:
    if not signer.not_valid_before_utc <= time <= signer.not_valid_after_utc:
        raise ReceiptInvalid("OUTSIDE_VALIDITY")


def _key_id(signer: x509.Certificate) -> bytes:
    der = signer.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return sha256(der).digest()


def _identity(signer: x509.Certificate) -> str:
    """Return the one URI in the certificate, as `spiffe://lientuyen.test/service/routing`; else empty."""
    try:
        names = signer.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return ""
    uris: Sequence[str] = names.get_values_for_type(x509.UniformResourceIdentifier)
    return uris[0] if len(uris) == 1 else ""
