"""Which encounter a dossier is about, read from a file that was refused: its XML1 alone is looked at."""

from typing import Final, NamedTuple

from lxml import etree

from .envelope import ROOT, read_encounters, read_facility, table_xml
from .report import Findings, Place, Row
from .table_reader import parse_table, read_table
from .tables import tables
from .xml_parser import Unreadable, child, children, local, parse, text_of

MAIN = "XML1"

# What is not read a second time, while what it took the first time may still be in memory: a file of more
# tags (one whose tables are in base64, as they should be, has hundreds), or of more bytes.
MAX_TAGS: Final = 500_000
MAX_BYTES: Final = 32 * 1024 * 1024


class StatedEncounter(NamedTuple):
    """MACSKCB and MA_LK; NGAY_VAO, NGAY_RA and MA_LOAI_KCB as written, empty where they are no such thing."""

    facility: str
    link_key: str
    arrival: str
    discharge: str
    form_of_care: str


def stated_encounter(content: bytes) -> StatedEncounter | None:
    """Return the encounter of a dossier; None of a file that names none, or cannot be read so far.

    Nor of one with more than `MAX_TAGS` tags or `MAX_BYTES` bytes.
    """
    if len(content) > MAX_BYTES or content.count(b"<") > MAX_TAGS:
        return None
    try:
        root = parse(content, instructions=True)
        row = main_row(root)
    except Unreadable:
        return None
    facility = read_facility(root, Findings()) if row else ""
    if row is None or not facility or not row.get("MA_LK"):
        return None
    fields = ("MA_LK", "NGAY_VAO", "NGAY_RA", "MA_LOAI_KCB")
    return StatedEncounter(facility, *(row.get(name) for name in fields))


def main_row(root: etree._Element) -> Row | None:
    """Return the row of the first XML1 of a dossier's only encounter."""
    if local(root.tag) != ROOT:
        return None
    encounters = read_encounters(child(root, "THONGTINHOSO"), Findings())
    for file in children(encounters[0], "FILEHOSO") if len(encounters) == 1 else []:
        body = child(file, "NOIDUNGFILE")
        if body is not None and text_of(child(file, "LOAIHOSO")) == MAIN:
            xml = table_xml(body, "", Place(1), Findings())
            sheet = read_table(tables()[MAIN], parse_table(tables()[MAIN], xml), 0, xml, Findings())
            return sheet.rows[0] if sheet.rows else None
    return None
