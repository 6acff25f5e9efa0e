"""
A hospital's signature (chữ ký số) in CHUKYDONVI, as its signing tool makes it, and the certificate for it.

ECDSA on P-256, of an authority of its own, registered for the hospital in identity's directory.  The files of
the bench are written in canonical form (C14N 1.0), so that they are signed without a parser: a signing tool
has a token for it, and its time is not what is measured.
"""

import asyncio
import base64
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

from lientuyen.identity.v1 import signing_certificate_service_pb2 as certificates

from .site import Site

DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"

HOLDER = b"<CHUKYDONVI></CHUKYDONVI>"

# As it stands in the file, and as it is signed.
SIGNED_INFO = (
    f'<ds:SignedInfo xmlns:ds="{DS}">'
    f'<ds:CanonicalizationMethod Algorithm="{C14N}"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"></ds:SignatureMethod>'
    f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{DS}enveloped-signature"></ds:Transform>'
    f'<ds:Transform Algorithm="{C14N}"></ds:Transform></ds:Transforms>'
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
    "<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
)
SIGNATURE = (
    '<CHUKYDONVI><ds:Signature xmlns:ds="' + DS + '">{info}<ds:SignatureValue>{value}</ds:SignatureValue>'
    "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    "</ds:Signature></CHUKYDONVI>"
)

# A coordinate of a point on P-256.
COORDINATE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Signer:
    """A key, and its certificate in base64 of DER."""

    key: ec.EllipticCurvePrivateKey
    certificate: str

    def sign(self, document: bytes) -> bytes:
        """Return *document*, which is in canonical form with an empty `HOLDER`, signed."""
        info = SIGNED_INFO.format(digest=_base64(hashlib.sha256(document).digest()))
        # XMLDSig wants the two numbers side by side (RFC 4050), not in DER.
        r, s = decode_dss_signature(self.key.sign(info.encode(), ec.ECDSA(hashes.SHA256())))
        value = r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")
        signature = SIGNATURE.format(info=info, value=_base64(value), certificate=self.certificate)
        return document.replace(HOLDER, signature.encode())


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def read_signer(tls: Path, code: str) -> Signer:
    """Return the signer of hospital *code* from its folder."""
    key = serialization.load_pem_private_key((_folder(tls, code) / "signing.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Signer(key, _base64((_folder(tls, code) / "signing.der").read_bytes()))


def _folder(tls: Path, code: str) -> Path:
    return tls / f"facility-{code}"


async def register_certificates(site: Site, codes: Sequence[str]) -> None:
    """Give each of the hospitals a signing certificate, and register it; those that have one keep it."""
    async with site.client("operator/dev") as directory:
        for code in codes:
            der = await asyncio.to_thread(make_certificate, _folder(site.tls, code), code)
            request = certificates.RegisterSigningCertificateRequest(
                request_id=str(uuid.uuid5(uuid.NAMESPACE_OID, der.hex())),
                parent=f"//identity.lientuyen/facilities/{code}",
                der=der,
            )
            await directory.signing_certificates.RegisterSigningCertificate(request)


def make_certificate(folder: Path, code: str) -> bytes:
    """Return the certificate in *folder*, made with its key when there is none."""
    path = folder / "signing.der"
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "signing.key").write_bytes(pem)
        path.write_bytes(_issued(key, code).public_bytes(serialization.Encoding.DER))
    return path.read_bytes()


def _issued(key: ec.EllipticCurvePrivateKey, code: str) -> x509.Certificate:
    """Return a certificate of *key* by an authority that only this certificate ever saw."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(f"Bệnh viện Mẫu {code}"))
        .issuer_name(_name("CA Mẫu"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
