"""
Signatures checked on this machine: against a folder of certificates, for there is no directory to ask.

    certificates/signing.crt          counts for every facility
    certificates/01999/signing.pem    counts for 01999 only

A file is taken as received now.  Revocations are in the directory of the exchange, and not known here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kcb.field_formats import is_facility_code
from kcb.report import Finding, Report
from kcb.signed_file import read_signed_file, signature_finding
from kcb.signing_certificates import SigningCertificate, check_signer, find_certificate
from kcb.xml_parser import Unreadable
from kcb.xml_signature import Signature, SignatureFault

ENDINGS: Final = (".pem", ".crt", ".cer", ".der")

# Files of one folder, and bytes of each: a facility has a handful of certificates.
MAX_FILES: Final = 10_000
MAX_BYTES: Final = 1024 * 1024

State = Literal["good", "bad", "none", "not-checked"]


class NoCertificates(Exception):
    """The folder has none, or something in it is none: *place* is the folder, or that file."""

    def __init__(self, place: Path, message: str, message_vi: str) -> None:
        super().__init__(message)
        self.place, self.message_vi = place, message_vi


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """What is known of a file's signature: `good`, `bad` and why, `none`, or `not-checked`.

    *findings* are also of the signatures on its slips, which only warn.
    """

    state: State
    findings: tuple[Finding, ...] = ()

    def added_to(self, report: Report) -> Report:
        """Return *report* with what is wrong with the signatures."""
        return replace(report, findings=(*report.findings, *self.findings))


def read_certificates(folder: Path) -> list[SigningCertificate]:
    """Return the certificates in *folder* and in its folders that are named like facilities.

    Raises NoCertificates, and OSError for what cannot be read.
    """
    certificates = list(_of_folder(folder, ""))
    for inner in sorted(folder.iterdir()):
        if inner.is_dir() and is_facility_code(inner.name):
            certificates += _of_folder(inner, inner.name)
    if not certificates:
        raise NoCertificates(
            folder,
            f"No certificate in {folder} ({', '.join(ENDINGS)}).",
            f"Không có chứng thư số nào trong {folder} ({', '.join(ENDINGS)}).",
        )
    return certificates


def _of_folder(folder: Path, facility: str) -> Iterator[SigningCertificate]:
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and path.is_file())
    for path in paths[:MAX_FILES]:
        for der in certificates_of_file(path):
            yield SigningCertificate(facility, der)


def certificates_of_file(path: Path) -> list[bytes]:
    """Return the certificates in a PEM file, or the one in a DER file, as DER; NoCertificates for another."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES)
    try:
        if b"-----BEGIN CERTIFICATE" in content:
            certificates = x509.load_pem_x509_certificates(content)
        else:
            certificates = [x509.load_der_x509_certificate(content)]
        return [each.public_bytes(Encoding.DER) for each in certificates]
    except ValueError:
        raise NoCertificates(
            path, f"{path} is no certificate in PEM or DER.", f"{path} không phải chứng thư số PEM hoặc DER."
        ) from None


def check_signature(
    content: bytes, report: Report, certificates: Sequence[SigningCertificate] | None
) -> SignatureVerdict:
    """Return what is known of a file's signature; without *certificates* only whether it has one."""
    if certificates is None or not report.kind:
        return SignatureVerdict("not-checked" if report.signed else "none")
    receive_time = datetime.now(UTC)
    slips = tuple(_slip_findings(report, certificates, receive_time))
    try:
        file = read_signed_file(content)
    except Unreadable:
        return SignatureVerdict("none", slips)
    if not file.is_signed:
        return SignatureVerdict("none", slips)
    fault = file.fault or _fault_of(file.signature, certificates, file.facility, receive_time)
    if fault is None:
        return SignatureVerdict("good", slips)
    return SignatureVerdict("bad", (signature_finding(fault.rule, file.path), *slips))


def _slip_findings(
    report: Report, certificates: Sequence[SigningCertificate], receive_time: datetime
) -> Iterator[Finding]:
    """Yield what is wrong with the signatures on slips (XML13, XML14)."""
    for sheet in report.sheets.values():
        for each in sheet.signatures:
            fault = _fault_of(each, certificates, report.facility, receive_time)
            if fault is not None:
                yield signature_finding("slip-signature-invalid", sheet.code, fault.cause)


def _fault_of(
    signature: Signature | SignatureFault | None,
    certificates: Sequence[SigningCertificate],
    facility: str,
    receive_time: datetime,
) -> SignatureFault | None:
    if not isinstance(signature, Signature):
        return signature
    try:
        check_signer(signature, find_certificate(signature, certificates, facility), receive_time)
    except SignatureFault as fault:
        return fault
    return None
