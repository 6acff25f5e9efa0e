"""
The signatures on a slip itself (TT 06/2026 Art. 5.2): the doctor's and the facility's, in place of the stamp.

Where they stand in XML13 and XML14 no published text says; DU_PHONG is told of one.  So they are taken
wherever they are, each over the whole slip as it was when it was made: whoever signs second signs the first
signature too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lxml import etree

from .xml_parser import Unreadable, parse
from .xml_signature import DS, Signature, SignatureFault, read_enveloped, take_out

SIGNED_TABLES: Final = ("XML13", "XML14")

# A doctor, the facility, and whoever signs for them.
MAX_SIGNATURES: Final = 4

_MARK: Final = DS.encode()


@dataclass(frozen=True, slots=True)
class SignedSlip:
    """A slip's XML without its *signatures*, to be read; each of them holds, or is why it does not."""

    xml: bytes
    signatures: tuple[Signature | SignatureFault, ...] = ()


def read_slip(xml: bytes) -> SignedSlip:
    """Return a slip and its signatures.  What cannot be read is left as it is, for the table's own reader."""
    if _MARK not in xml:
        return SignedSlip(xml)
    try:
        root = parse(xml, instructions=True)
    except Unreadable:
        return SignedSlip(xml)
    elements = signatures_of(root)
    if not elements:
        return SignedSlip(xml)
    if len(elements) > MAX_SIGNATURES:
        return SignedSlip(_without(root, elements), (SignatureFault("unreadable"),))
    # The second one usually stands behind the first, which it signs; a tool may have put it before.
    signatures = _read(elements[::-1])
    if any(isinstance(each, SignatureFault) for each in signatures) and len(elements) > 1:
        other = _read(signatures_of(parse(xml, instructions=True)))
        signatures = other if not any(isinstance(each, SignatureFault) for each in other) else signatures
    again = parse(xml, instructions=True)
    return SignedSlip(_without(again, signatures_of(again)), tuple(signatures))


def signatures_of(root: etree._Element) -> list[etree._Element]:
    """Return the signatures in a slip, in its order; those within others are a matter of these."""
    every = root.iterdescendants(f"{{{DS}}}Signature")
    return [item for item in every if next(item.iterancestors(f"{{{DS}}}Signature"), None) is None]


def _read(elements: Iterable[etree._Element]) -> list[Signature | SignatureFault]:
    """Return what each signature is, and take it out of the slip before the next is looked at."""
    signatures: list[Signature | SignatureFault] = []
    for element in elements:
        try:
            signatures.append(read_enveloped(element))
        except SignatureFault as fault:
            signatures.append(fault)
            if element.getparent() is not None:
                take_out(element)
    return signatures


def _without(root: etree._Element, elements: Iterable[etree._Element]) -> bytes:
    for element in elements:
        take_out(element)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))
