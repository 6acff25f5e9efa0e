"""Slips that are signed themselves: by the doctor, then by the facility, as XMLDSig within XML13 or XML14."""

import base64

from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner

from kcb.tables import tables

from .files import File, table_xml
from .signing import Signing

DS = "http://www.w3.org/2000/09/xmldsig#"


def slip(file: File, table: str = "XML13") -> bytes:
    return table_xml(tables()[table], file.tables[table]).encode()


def signed_slip(xml: bytes, *signers: Signing, place: str = "DU_PHONG", before: bool = False) -> bytes:
    """Return a slip that *signers* (ECDSA) signed one after the other, each over what stood there.

    *place* is the element that holds the signatures, empty for the slip's root; with *before*, the later
    signature stands before the earlier one.
    """
    for by in signers:
        root = etree.fromstring(xml)
        holder = root.find(place) if place else root
        assert holder is not None
        placeholder = etree.Element(f"{{{DS}}}Signature", Id="placeholder")
        holder.insert(0 if before else len(holder), placeholder)
        signer = XMLSigner(
            method=SignatureConstructionMethod.enveloped,
            signature_algorithm=SignatureMethod.ECDSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
        )
        made = signer.sign(root, key=by.key, cert=[by.certificate])
        xml = etree.tostring(made, xml_declaration=True, encoding="utf-8")
    return xml


def with_slip(file: File, xml: bytes, table: str = "XML13") -> bytes:
    """Return the file, unsigned, in which *xml* is the slip of *table*."""
    body = base64.b64encode(xml).decode()
    return file.bytes("".join(file.file(each, body if each == table else None) for each in file.tables))
