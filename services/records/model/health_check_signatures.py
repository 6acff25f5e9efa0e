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

from kcb.ksk_catalogue import DOCTOR_SIGNATURE
from kcb.ksk_envelope import SIGNATURE
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


def verify_facility(content: bytes, authorities: bytes, trust_domain: str, now: datetime) -> Signer:
    """Return which facility signed the file; SignatureFault when the signature does not hold.

    Without *authorities* (PEM) it is only checked to fit the file, and nobody vouches for the signer.
    """
    certificate = signer_certificate(_only_signature(parse(content), SIGNATURE))
    if authorities:
        check_authority(certificate, authorities, now)
    _check_digest(content, SIGNATURE, certificate)
    return Signer(facility_of(certificate, trust_domain), bool(authorities))


def verify_doctor(document: bytes, authorities: bytes, now: datetime) -> bool:
    """Tell whether an authority known here vouches for who signed the module *document*.

    SignatureFault when the signature does not fit it.  False for a certificate of any other authority, and
    for a signature of another shape than is read: a form may have those of the specialities beside it.
    """
    try:
        certificate = signer_certificate(_only_signature(parse(document), DOCTOR_SIGNATURE))
        _check_digest(document, DOCTOR_SIGNATURE, certificate)
        check_authority(certificate, authorities, now)
    except SignatureFault as fault:
        if fault.cause not in ("shape", "authority", "certificate-time"):
            raise
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
