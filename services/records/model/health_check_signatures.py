"""
The two signatures of a health check, which go in order: the concluding doctor's in the module that concludes
(CKS_NGUOI_KET_LUAN), then the facility's over the whole file, with the doctor's in it (CHUKYDONVI).

So the facility's cannot hold when the doctor signed, or changed anything, after it.  Each is exactly one
XMLDSig over the whole of its document; whatever else could sign one part and let another be read.
"""

from datetime import datetime

from cryptography import x509
from lxml import etree
from signxml.exceptions import InvalidSignature as XmlSignatureInvalid
from signxml.verifier import SignatureConfiguration, XMLVerifier

from kcb.xml_parser import local, parse

from .xml_signature import (
    CANONICALISATIONS,
    DS,
    ENVELOPED,
    SignatureFault,
    Signer,
    check_authority,
    facility_of,
    signature_parser,
    signer_certificate,
)


def verify_whole(content: bytes, holder: str, authorities: bytes, domain: str, now: datetime) -> Signer:
    """Return who signed the document *content* in its element *holder*; SignatureFault when it does not hold.

    `vouched` is whether one of *authorities* (PEM) issued the certificate and it is in its time.
    """
    certificate = signer_certificate(_only_signature(parse(content), holder))
    _check_digest(content, holder, certificate)
    return Signer(facility_of(certificate, domain), _is_vouched(certificate, authorities, now))


def _is_vouched(certificate: x509.Certificate, authorities: bytes, now: datetime) -> bool:
    if not authorities:
        return False
    try:
        check_authority(certificate, authorities, now)
    except SignatureFault:
        return False
    return True


def _only_signature(root: etree._Element, holder: str) -> etree._Element:
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    parent = signatures[0].getparent() if len(signatures) == 1 else None
    if parent is None or local(parent.tag) != holder:
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


def _check_digest(content: bytes, holder: str, certificate: x509.Certificate) -> None:
    expected = SignatureConfiguration(expect_references=1, location=f".//{{*}}{holder}/")
    try:
        XMLVerifier().verify(
            content, x509_cert=certificate, parser=signature_parser(content), expect_config=expected
        )
    except XmlSignatureInvalid:
        raise SignatureFault("digest") from None
    except Exception:
        # The library raises whatever its parts raise on hostile input; all of it means "does not hold".
        raise SignatureFault("unreadable") from None
