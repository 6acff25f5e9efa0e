"""
Bytes to an XML tree, safely: no entity, no network, no huge node, UTF-8 only.

A DOCTYPE is refused before any parser sees it, wherever it stands: without one there
are no entities, so neither bombs nor external files.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, cast

from lxml import etree

# A dossier of a long stay is a few megabytes; the portal's own limit is not published (docs/adr/0075).
MAX_FILE_BYTES = 64 * 1024 * 1024

# A text of more bytes, as the base64 of one table of a long stay, is read in libxml2's huge mode only,
# which also takes 2,048 levels: so no document that is smaller gets it.
MAX_PLAIN_BYTES = 10_000_000

# Bytes that are decoded at once, to see whether they are UTF-8.
DECODED_BYTES = 256 * 1024

BOM, NEWLINE = b"\xef\xbb\xbf", b"\n"

# 20,000 rows of XML3 are a million elements.  A tree takes some 130 bytes an element, and the
# parser never forgets a name: so both are bounded before it sees any.  No dossier has attributes
# but for its namespaces and its signature.
MAX_TAGS, MAX_ELEMENTS, MAX_NAMES, MAX_ATTRIBUTES = 2_000_000, 1_000_000, 1_000, 10_000

# Of an element that holds no rows so many children are looked at, and one that has as many is refused: none
# that may be there has more than 66, and a million would take half a minute.
MAX_CHILDREN = 1_000

_NAME = re.compile(rb"<\??([^\s/>?!<]+)")
_ATTRIBUTE = re.compile(rb"=\s*[\"']")
_DECLARED = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")


class Unreadable(Exception):
    """The bytes are no acceptable XML.

    *rule* says why; *detail* is the limit that was passed, or the line and the column, `12:30`.
    """

    def __init__(self, rule: str, detail: str = "") -> None:
        super().__init__(rule)
        self.rule, self.detail = rule, detail


def parse(content: bytes, *, instructions: bool = False) -> etree._Element:
    """Return the root element.  Comments are gone, and processing instructions unless they are wanted.

    Names keep their namespace.
    """
    check_bytes(content)
    return parse_utf8(content.removeprefix(BOM), instructions=instructions)


def check_bytes(content: bytes) -> None:
    """Refuse what no parser is given: too long, a DOCTYPE, another encoding than UTF-8, too much markup."""
    if len(content) > MAX_FILE_BYTES:
        raise Unreadable("too-large", f"{MAX_FILE_BYTES // 1024 // 1024} MiB")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Unreadable("doctype")
    if b"\0" in content[:4] and b"<" in content[:4]:  # UTF-16 or UTF-32
        raise Unreadable("encoding", "1:1")
    check_utf8(content)
    check_markup(content)


def check_utf8(content: bytes) -> None:
    """Refuse what is not UTF-8, a part after the other: as one text a file may take four times its size."""
    decoder, view = getincrementaldecoder("utf8")(), memoryview(content)
    for start in range(0, len(content), DECODED_BYTES):
        try:
            decoder.decode(view[start : start + DECODED_BYTES], start + DECODED_BYTES >= len(content))
        except UnicodeDecodeError as error:
            # The part was decoded behind the bytes of a letter that the part before had begun.
            begun = len(error.object) - len(view[start : start + DECODED_BYTES])
            wrong = start - begun + error.start
            raise Unreadable("encoding", line_and_column(content[:wrong])) from None


def check_markup(content: bytes) -> None:
    """Refuse more elements, names or attributes than any dossier has, before a tree is made of them."""
    tags = content.count(b"<")
    if tags > MAX_TAGS or tags - content.count(b"</") > MAX_ELEMENTS:
        raise Unreadable("too-many", f"{MAX_ELEMENTS:,}")
    if tags > MAX_NAMES and has_more_names(_NAME, content, MAX_NAMES):
        raise Unreadable("too-many", f"{MAX_NAMES:,}")
    if content.count(b"=") > MAX_ATTRIBUTES and sum(1 for _ in _ATTRIBUTE.finditer(content)) > MAX_ATTRIBUTES:
        raise Unreadable("too-many", f"{MAX_ATTRIBUTES:,}")


def has_more_names(pattern: re.Pattern[bytes], content: bytes, limit: int) -> bool:
    names: set[bytes] = set()
    for match in pattern.finditer(content):
        names.add(match[1])
        if len(names) > limit:
            return True
    return False


def misdeclared(content: bytes) -> bool:
    match = _DECLARED.match(content.removeprefix(BOM).lstrip())
    return match is not None and match[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii")


def line_and_column(before: bytes) -> str:
    """Return the place right behind *before*, the beginning of a document, as `12:30`."""
    last_line = before[before.rfind(b"\n") + 1 :]
    return f"{before.count(NEWLINE) + 1}:{len(last_line.decode('utf8', 'replace')) + 1}"


def parser_options(content: bytes) -> dict[str, Any]:
    """Return what every parser of ours is told: nothing is resolved, nothing fetched."""
    return {
        "encoding": "utf-8",
        "resolve_entities": False,
        "load_dtd": False,
        "no_network": True,
        "huge_tree": len(content) > MAX_PLAIN_BYTES,
        "remove_comments": True,
        "remove_pis": True,
    }


def parse_utf8(content: bytes, *, instructions: bool = False) -> etree._Element:
    document = content.strip()
    lines_before = content[: len(content) - len(content.lstrip())].count(NEWLINE)
    options = parser_options(document) | {"remove_pis": not instructions}
    try:
        root = etree.fromstring(document, etree.XMLParser(**options))
    except etree.XMLSyntaxError as error:
        if "depth" in (error.msg or "").lower():
            raise Unreadable("too-large", "256 levels") from None
        line, column = error.position
        raise Unreadable("not-xml", f"{line + lines_before}:{column}") from None
    except ValueError:
        raise Unreadable("not-xml", "1:1") from None
    check_root(root)
    return root


def check_root(root: etree._Element) -> None:
    """Refuse a document with a DOCTYPE that nothing showed, or with more parts than any has."""
    if has_too_many(root):
        raise Unreadable("too-many", f"{MAX_CHILDREN:,}")
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("doctype")


def begun_elements(content: bytes, root_name: str) -> list[etree._Element]:
    """Return the elements that a document which breaks off had begun last: root, its child, its child's …

    Empty when the root is another, or there are more elements than a tree may have.  Each stands in the
    tree as far as it was read.
    """
    document = content.removeprefix(BOM).strip()
    parser = etree.XMLPullParser(("start",), tag=f"{{*}}{root_name}", **parser_options(document))
    with suppress(etree.XMLSyntaxError, ValueError, Unreadable):
        check_markup(document)
        parser.feed(document)
        parser.close()
    begun: list[etree._Element] = []
    last = next((cast(etree._Element, element) for _, element in parser.read_events()), None)
    while last is not None:
        begun.append(last)
        last = last[-1] if len(last) else None
    return begun


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def text_of(element: etree._Element | None) -> str:
    """Return an element's text without surrounding white space; empty when there is no element."""
    return "" if element is None or element.text is None else element.text.strip()


def child(parent: etree._Element, name: str) -> etree._Element | None:
    return next((item for item in first_children(parent) if local(item.tag) == name), None)


def children(parent: etree._Element, name: str) -> list[etree._Element]:
    return [item for item in first_children(parent) if local(item.tag) == name]


def has_too_many(parent: etree._Element) -> bool:
    return len(parent) >= MAX_CHILDREN


def first_children(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield the elements in *parent*, so many as any may have."""
    return islice(parent.iterchildren(etree.Element), MAX_CHILDREN)
