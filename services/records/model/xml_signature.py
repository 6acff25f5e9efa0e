"""
The facility's signature in CHUKYDONVI (XMLDSig, letter 1245/BHXH-CNTT): who signed, or why it does not hold.

What is accepted is exactly one signature, in CHUKYDONVI, over the whole document: one
reference with the empty URI, the enveloped-signature transform and at most a plain
canonicalisation.  Anything else could sign one part and let another be read (signature
wrapping), so it is refused before any cryptography.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtensionOID
from lxml import etree
from signxml.exceptions import InvalidSignature as XmlSignatureInvalid
from signxml.verifier import SignatureConfiguration, XMLVerifier

from kcb.xml_parser import child, local, parse, parser_options

DS = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED = f"{DS}enveloped-signature"
CANONICALISATIONS = frozenset(
    [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
    ]
)


class SignatureFault(Exception):
    """The signature does not hold.  *cause* is one word: `shape`, `certificate`, `authority`, `digest`, …"""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed: the facility's code in the certificate, and whether an authority vouches for it."""

    facility: str
    vouched: bool


def verify(content: bytes, authorities: bytes, trust_domain: str, now: datetime) -> Signer:
    """Return who signed the file; raise SignatureFault when the signature does not hold.

    *authorities* are the certificates (PEM) of the signing authority; without any the
    signature is only checked to fit the document, and nobody vouches for the signer.
    """
    certificate = signer_certificate(only_signature(parse(content)))  # whose tree is gone by the next line
    vouched = bool(authorities)
    if vouched:
        check_authority(certificate, authorities, now)
    check_digest(content, certificate)
    return Signer(facility_of(certificate, trust_domain), vouched)


def only_signature(root: etree._Element) -> etree._Element:
    """Return the one signature, in its place and of the only shape that covers the whole document."""
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    holder = child(root, "CHUKYDONVI")
    if len(signatures) != 1 or holder is None or signatures[0].getparent() is not holder:
        raise SignatureFault("shape")
    references = list(signatures[0].iter(f"{{{DS}}}Reference"))
    if len(references) != 1 or references[0].get("URI") != "":
        raise SignatureFault("shape")
    transforms = [item.get("Algorithm") for item in references[0].iter(f"{{{DS}}}Transform")]
    if transforms[:1] != [ENVELOPED] or not set(transforms[1:]) <= CANONICALISATIONS or len(transforms) > 2:
        raise SignatureFault("shape")
    if any(local(item.tag) == "Object" for item in signatures[0]):
        raise SignatureFault("shape")
    return signatures[0]


def signer_certificate(signature: etree._Element) -> x509.Certificate:
    element = next(signature.iter(f"{{{DS}}}X509Certificate"), None)
    if element is None or not element.text:
        raise SignatureFault("certificate")
    body = "".join(element.text.split())
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    pem = "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise SignatureFault("certificate") from None


def check_authority(certificate: x509.Certificate, authorities: bytes, now: datetime) -> None:
    """Refuse a certificate that no given authority issued directly, or that is out of its time."""
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise SignatureFault("certificate-time")
    for authority in x509.load_pem_x509_certificates(authorities):
        try:
            certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature):
            continue
        if is_authority(authority) and authority.not_valid_before_utc <= now <= authority.not_valid_after_utc:
            return
    raise SignatureFault("authority")


def is_authority(certificate: x509.Certificate) -> bool:
    try:
        value = certificate.extensions.get_extension_for_oid(ExtensionOID.BASIC_CONSTRAINTS).value
    except x509.ExtensionNotFound:
        return False
    return isinstance(value, x509.BasicConstraints) and value.ca


def check_digest(content: bytes, certificate: x509.Certificate) -> None:
    expected = SignatureConfiguration(expect_references=1, location="./{*}CHUKYDONVI/")
    try:
        XMLVerifier().verify(
            content, x509_cert=certificate, parser=signature_parser(content), expect_config=expected
        )
    except XmlSignatureInvalid:
        raise SignatureFault("digest") from None
    except Exception:
        # The library raises whatever its parts raise on hostile input; all of it means "does not hold".
        raise SignatureFault("unreadable") from None


def signature_parser(content: bytes) -> etree.XMLParser:
    """Return the parser of what `parse` took; comments and instructions stay, for they may be signed."""
    return etree.XMLParser(**parser_options(content) | {"remove_comments": False, "remove_pis": False})


def facility_of(certificate: x509.Certificate, trust_domain: str) -> str:
    """Return the facility in the certificate's one SPIFFE URI, or an empty string."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return ""
    uris = [
        uri for uri in names.get_values_for_type(x509.UniformResourceIdentifier) if uri.startswith("spiffe:")
    ]
    start = f"spiffe://{trust_domain}/facility/"
    return uris[0].removeprefix(start) if len(uris) == 1 and uris[0].startswith(start) else ""
