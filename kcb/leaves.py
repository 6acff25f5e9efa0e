"""
Rows without their tree: the names and texts of a row's elements.

A tree takes some 300 bytes an element, and a long stay has a million.  So a long document's rows are taken
out of it while it is read, and what is left is the tree around them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from .xml_parser import (
    BOM,
    check_bytes,
    check_root,
    child,
    first_children,
    local,
    parse,
    parser_options,
)

# Bytes above which a document's rows are taken out while it is read, and the bytes that are read at once.
MIN_STREAMED_BYTES, FEED_BYTES = 256 * 1024, 64 * 1024

# Most values of a long stay stand in many of its rows: so many are kept once.
MAX_SHARED_VALUES = 50_000


@dataclass(frozen=True, slots=True)
class Leaves:
    """The elements of one row: tags, texts (stripped), and the positions of those that hold elements."""

    tags: tuple[str, ...]
    texts: list[str]
    nested: tuple[int, ...]


@dataclass(slots=True)
class Document:
    """A document: its root, and the rows that were taken out of it, in order; None when they are in it."""

    root: etree._Element
    rows: list[Leaves] | None = None


@dataclass(slots=True)
class Gatherer:
    """Makes leaves; equal tags and equal texts are kept once."""

    _tags: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    def leaves_of(self, row: etree._Element) -> Leaves:
        tags, texts, nested = [], [], []
        for position, element in enumerate(first_children(row)):
            tags.append(element.tag)
            texts.append(self._shared((element.text or "").strip()))
            if len(element):
                nested.append(position)
        known = tuple(tags)
        return Leaves(self._tags.setdefault(known, known), texts, tuple(nested))

    def _shared(self, text: str) -> str:
        if len(self._texts) < MAX_SHARED_VALUES:
            return self._texts.setdefault(text, text)
        return self._texts.get(text, text)


def parse_rows(content: bytes, list_name: str, item_name: str) -> Document:
    """Return a document whose rows are the elements *item_name* of its first *list_name*.

    Raises what `parse` does.  Of a long document the rows are empty in the tree.
    """
    if len(content) <= MIN_STREAMED_BYTES or not item_name:
        return Document(parse(content))
    check_bytes(content)
    try:
        return _streamed(content.removeprefix(BOM).strip(), list_name, item_name)
    except (etree.XMLSyntaxError, ValueError):
        return Document(parse(content))  # which says what is wrong with it, and where


def _streamed(document: bytes, list_name: str, item_name: str) -> Document:
    parser = etree.XMLPullParser(("end",), tag=f"{{*}}{item_name}", **parser_options(document))
    gatherer, rows = Gatherer(), list[Leaves]()
    holder: etree._Element | None = None
    for start in range(0, len(document), FEED_BYTES):
        parser.feed(document[start : start + FEED_BYTES])
        for _, element in parser.read_events():
            assert isinstance(element, etree._Element)
            if holder is None:
                holder = child(element.getroottree().getroot(), list_name)
            if holder is not None and element.getparent() is holder:
                rows.append(gatherer.leaves_of(element))
                element.clear()
    root = parser.close()
    check_root(root)
    return Document(root, rows)


def rows_of(document: Document, items: Iterable[etree._Element], item_name: str) -> list[Leaves]:
    """Return the leaves of *items*, which are the rows of *document*: those called *item_name*, in order."""
    if document.rows is not None:
        return document.rows
    gatherer = Gatherer()
    return [gatherer.leaves_of(item) for item in items if not item_name or local(item.tag) == item_name]
