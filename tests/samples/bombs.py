"""Files that are meant to take a machine's memory or time: each with the rule that refuses it."""

import base64
from collections.abc import Callable, Mapping

from .files import sample

# The largest that is read.
SIZE = 64 * 1024 * 1024

ENTITIES = b"".join(b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10))
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">%s]>' % ENTITIES


def in_xml3(document: bytes) -> bytes:
    """Return the sample with *document* for its table XML3."""
    file, body = sample(), base64.b64encode(document).decode()
    return file.bytes("".join(file.file(code, body if code == "XML3" else None) for code in file.tables))


def xml3(rows: bytes) -> bytes:
    return (
        b"<CHITIEU_CHITIET_DVKT_VTYT><DSACH_CHI_TIET_DVKT>%s</DSACH_CHI_TIET_DVKT></CHITIEU_CHITIET_DVKT_VTYT>"
        % rows
    )


def in_root(inside: bytes) -> bytes:
    return b"<GIAMDINHHS>%s</GIAMDINHHS>" % inside


# Each by what it does → the rule that refuses it, and how it is made.
BOMBS: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "a million rows": ("too-many", lambda: in_xml3(xml3(b"<CHI_TIET_DVKT></CHI_TIET_DVKT>" * 1_000_000))),
    "rows of one letter": ("too-many", lambda: in_xml3(xml3(b"<a/>" * 990_000))),
    "a row of a million fields": (
        "too-many",
        lambda: in_xml3(xml3(b"<CHI_TIET_DVKT>%s</CHI_TIET_DVKT>" % (b"<a/>" * 990_000))),
    ),
    "a million files in one encounter": (
        "too-many",
        lambda: sample().bytes("<FILEHOSO></FILEHOSO>" * 999_000),
    ),
    "two million elements": ("too-many", lambda: in_root(b"<b/>" * 1_990_000)),
    "a million elements in the root": ("too-many", lambda: in_root(b"<b/>" * 990_000)),
    "a million elements in the head": (
        "too-many",
        lambda: in_root(b"<THONGTINHOSO>%s</THONGTINHOSO>" % (b"<b/>" * 990_000)),
    ),
    "a million elements a thousand a level": (
        "element-missing",
        lambda: in_root((b"<b>%s</b>" % (b"<c/>" * 999)) * 990),
    ),
    "deep nesting": ("too-large", lambda: in_root(b"<a>" * 900_000)),
    "deep nesting in a long file": ("too-large", lambda: in_root(b"<a>" * 900_000 + b" " * 20_000_000)),
    "deep nesting in a table": ("too-large", lambda: in_xml3(xml3(b"<CHI_TIET_DVKT>" * 900_000))),
    "entities": ("doctype", lambda: LAUGHS + in_root(b"&l9;")),
    "entities in a table": ("doctype", lambda: in_xml3(LAUGHS + xml3(b"&l9;"))),
    "an attribute of 60 MiB": (
        "element-missing",
        lambda: b'<GIAMDINHHS a="%s"/>' % (b"x" * (SIZE - 4_000_000)),
    ),
    "a name of 60 MiB": ("not-xml", lambda: b"<%s/>" % (b"x" * (SIZE - 4_000_000))),
    "64 MiB of opening brackets": ("too-many", lambda: b"<" * SIZE),
    "64 MiB of base64": ("base64", lambda: sample().bytes(_file("XML1", "A" * (SIZE - 2_000_001)))),
    "64 MiB of letters outside the first plane": (
        "element-missing",
        lambda: in_root("𠀀".encode() * (SIZE // 4 - 1000)),
    ),
    "64 MiB of character references": ("element-missing", lambda: in_root(b"&#65;" * (SIZE // 5 - 1000))),
}


def _file(code: str, body: str) -> str:
    return f"<FILEHOSO><LOAIHOSO>{code}</LOAIHOSO><NOIDUNGFILE>{body}</NOIDUNGFILE></FILEHOSO>"
