"""
Bytes to an XML tree, safely: no entity, no network, no huge node, UTF-8 only.

A DOCTYPE is refused before any parser sees it, wherever it stands: without one there
are no entities, so neither bombs nor external files.
"""

import re

from lxml import etree

# A dossier of a long stay is a few megabytes; the portal's own limit is not published.
MAX_FILE = 30 * 1024 * 1024

# libxml2's own limit for one text node (huge_tree off), so for one base64 table.
MAX_NODE = 10_000_000

BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*\?>")


class Unreadable(Exception):
    """The bytes are no acceptable XML.  *rule* says why; *detail* is the limit that was passed."""

    def __init__(self, rule: str, detail: str = "") -> None:
        super().__init__(rule)
        self.rule, self.detail = rule, detail


def parse(content: bytes) -> etree._Element:
    """Return the root element.  Comments and processing instructions are gone; names keep their namespace."""
    if len(content) > MAX_FILE:
        raise Unreadable("too-large", f"{MAX_FILE // 1024 // 1024} MiB")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Unreadable("doctype")
    try:
        content.decode("utf8")
    except UnicodeDecodeError:
        raise Unreadable("encoding") from None
    return parse_utf8(content.removeprefix(BOM).strip())


def parse_utf8(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        said = (error.msg or "").lower()
        if "huge" in said:
            raise Unreadable("too-large", "256 levels" if "depth" in said else f"{MAX_NODE:,}") from None
        raise Unreadable("not-xml") from None
    except ValueError:
        raise Unreadable("not-xml") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("doctype")
    return root


def local(tag: str) -> str:
    """Return an element's name without its namespace."""
    return tag.rpartition("}")[2]


def text_of(element: etree._Element | None) -> str:
    """Return an element's text without surrounding white space; empty when there is no element."""
    return "" if element is None or element.text is None else element.text.strip()


def child(parent: etree._Element, name: str) -> etree._Element | None:
    """Return the first child with that local name, or None."""
    return next((item for item in parent if local(item.tag) == name), None)


def children(parent: etree._Element, name: str) -> list[etree._Element]:
    """Return the children with that local name."""
    return [item for item in parent if local(item.tag) == name]
