"""A signing authority, the certificates of facilities under it, and files signed as hospitals sign them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass(frozen=True)
class Signing:
    """A key and its certificate."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate as DER."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(Encoding.PEM)


def authority(name: str = "Signing authority") -> Signing:
    """Return a new signing authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Signing(key, certificate(name, key, name, key, ca=True))


def facility(of: Signing, code: str, *, days: int = 365, domain: str = "lientuyen.test") -> Signing:
    """Return a facility's signing certificate, issued by *of*."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = of.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    uri = f"spiffe://{domain}/facility/{code}"
    return Signing(key, certificate(code, key, str(issuer), of.key, ca=False, days=days, uri=uri))


def public(code: str = "BENH VIEN MAU", *, kind: str = "rsa", days: int = 365, bits: int = 2048) -> Signing:
    """Return a certificate as a licensed public authority issues them: it names no exchange."""
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    key = rsa.generate_private_key(65537, bits) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    authority_key = ec.generate_private_key(ec.SECP256R1())
    return Signing(key, certificate(code, key, "Public CA", authority_key, ca=False, days=days))


def certificate_like(other: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """Return a certificate of *key* with the names, number and times of *other*, signed by itself."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(other.subject)
        .issuer_name(other.issuer)
        .public_key(key.public_key())
        .serial_number(other.serial_number)
        .not_valid_before(other.not_valid_before_utc)
        .not_valid_after(other.not_valid_after_utc)
    )
    return builder.sign(key, hashes.SHA256())


def certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    *,
    ca: bool,
    days: int = 365,
    uri: str = "",
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    builder = (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=400))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if uri:
        name = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)])
        builder = builder.add_extension(name, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def signed(content: bytes, by: Signing) -> bytes:
    """Return *content* with an enveloped signature over the whole document in CHUKYDONVI."""
    return signed_in(content, by, "CHUKYDONVI")


def signed_in(content: bytes, by: Signing, holder_name: str) -> bytes:
    """Return *content* with such a signature in the element *holder_name*, wherever that stands."""
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA256
        if isinstance(by.key, rsa.RSAPrivateKey)
        else SignatureMethod.ECDSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    signer._default_parser = etree.XMLParser(resolve_entities=False, huge_tree=True)
    root = etree.fromstring(content, signer._default_parser)
    holder = root.find(f".//{holder_name}")
    assert holder is not None
    holder.text = None
    placeholder = etree.SubElement(holder, "{http://www.w3.org/2000/09/xmldsig#}Signature", Id="placeholder")
    placeholder.tail = None
    made = signer.sign(root, key=by.key, cert=[by.certificate])
    return etree.tostring(made, xml_declaration=True, encoding="utf-8")
