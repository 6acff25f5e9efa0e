"""
Canonical XML (C14N 1.0, 1.1 and exclusive) as far as signatures need it: of a document, of a small part.

A document is digested while it is written, so that no canonical copy of a long one is held.  Comments are no
part of what a signature with an empty URI signs, so that the forms with and without them are one.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

from .xml_parser import parser_options

EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE: Final = ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2006/12/xml-c14n11")
XML: Final = "http://www.w3.org/XML/1998/namespace"

# Each form by its name → whether it is exclusive.
CANONICALISATIONS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(INCLUSIVE, False),
    **dict.fromkeys((f"{name}#WithComments" for name in INCLUSIVE), False),
    EXCLUSIVE: True,
    f"{EXCLUSIVE}WithComments": True,
}


class NotCanonical(Exception):
    """A canonicalisation is asked for that nobody here knows, or of something that has none here."""


class _Sink:
    """A file that keeps nothing: what is written goes into a digest."""

    def __init__(self, name: str) -> None:
        self.digest = hashlib.new(name)

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return len(data)


def digest_document(tree: "etree._ElementTree", hash_name: str, method: etree._Element | None) -> bytes:
    """Return the digest of a document's canonical form; *method* is the element that names the form."""
    is_exclusive, prefixes = form_of(method)
    sink = _Sink(hash_name)
    write: Any = tree.write_c14n  # whose stub is older than the method
    write(sink, exclusive=is_exclusive, with_comments=False, inclusive_ns_prefixes=prefixes)
    return sink.digest.digest()


def canonical_part(element: etree._Element, method: etree._Element | None) -> bytes:
    """Return a small element of a document in canonical form.

    The inclusive forms also write the namespaces that the element stands in, and attributes like `xml:lang`:
    of these no dossier has any, and NotCanonical is raised for one that has.
    """
    is_exclusive, prefixes = form_of(method)
    if any(str(name).startswith(f"{{{XML}}}") for above in element.iterancestors() for name in above.attrib):
        raise NotCanonical
    text = etree.tostring(element, with_tail=False)
    alone = etree.fromstring(text, etree.XMLParser(**parser_options(text) | {"remove_pis": False}))
    return bytes(
        etree.tostring(
            alone, method="c14n", exclusive=is_exclusive, with_comments=False, inclusive_ns_prefixes=prefixes
        )
    )


def form_of(method: etree._Element | None) -> tuple[bool, list[str] | None]:
    """Return whether the form that *method* names is exclusive, and its inclusive prefixes or None."""
    if method is None:
        return False, None
    algorithm, parameters = method.get("Algorithm", ""), list(method.iterchildren(etree.Element))
    if algorithm not in CANONICALISATIONS or len(parameters) > 1:
        raise NotCanonical
    if not CANONICALISATIONS[algorithm] and parameters:
        raise NotCanonical
    if any(item.tag != f"{{{EXCLUSIVE}}}InclusiveNamespaces" for item in parameters):
        raise NotCanonical
    prefixes = parameters[0].get("PrefixList", "").split() if parameters else None
    # lxml knows the default namespace, `#default`, by no other name than the empty one it cannot be told.
    if prefixes and "#default" in prefixes:
        raise NotCanonical
    return CANONICALISATIONS[algorithm], prefixes
