"""
The envelope GIAMDINHHS (letter 1245/BHXH-CNTT): who sends, how many, and the tables within.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree

from .field_formats import is_day, is_facility_code
from .report import Findings, Place, Sheet
from .slip_signatures import SIGNED_TABLES, SignedSlip, read_slip
from .table_reader import LOCATED, locate, note_strays, parse_table, read_table, unknown_path
from .tables import CHECK_IN, NEVER_SENT, Table, dossier_tables
from .xml_parser import (
    BOM,
    MAX_CHILDREN,
    Unreadable,
    child,
    children,
    first_children,
    has_too_many,
    local,
    misdeclared,
    parse,
    text_of,
)

ROOT = "GIAMDINHHS"
FACILITY = f"{ROOT}.THONGTINDONVI.MACSKCB"
INFO = f"{ROOT}.THONGTINHOSO"
LIST = f"{INFO}.DANHSACHHOSO"

# There are 14 tables; more files than this in one HOSO is no dossier.
MAX_TABLES = 40

_SPACE = b" \t\r\n"
_LOAIHOSO = re.compile(rb"<LOAIHOSO>\s*(XML\d{1,2})\s*</LOAIHOSO>")


@dataclass(slots=True)
class Envelope:
    """What the envelope says: the facility, whether a signature is there, and the tables."""

    facility: str = ""
    signed: bool = False
    sheets: dict[str, Sheet] = field(default_factory=dict)
    spoilt: set[str] = field(default_factory=set)


def read_envelope(root: etree._Element, findings: Findings) -> Envelope:
    note_strays(root, ("THONGTINDONVI", "THONGTINHOSO", "CHUKYDONVI"), ROOT, Place(0), findings)
    envelope = Envelope(facility=read_facility(root, findings))
    holder = child(root, "THONGTINHOSO")
    encounters = read_encounters(holder, findings)
    if len(encounters) == 1:
        read_files(encounters[0], envelope, findings)
    envelope.signed = is_signed(root)
    return envelope


def read_facility(root: etree._Element, findings: Findings) -> str:
    unit = child(root, "THONGTINDONVI")
    element = child(unit, "MACSKCB") if unit is not None else None
    value, place = text_of(element), Place(0, 0, 0, 1)
    if unit is not None:
        note_strays(unit, ("MACSKCB",), f"{ROOT}.THONGTINDONVI", place, findings)
    if element is None:
        findings.add("element-missing", FACILITY, place)
    elif len(element):
        findings.add("element-nested", FACILITY, place)
    elif not value:
        findings.add("required", FACILITY, place)
    elif not is_facility_code(value):
        findings.add("facility-code", FACILITY, place)
    return value if is_facility_code(value) else ""


def read_encounters(holder: etree._Element | None, findings: Findings) -> list[etree._Element]:
    if holder is None:
        findings.add("element-missing", INFO, Place(0, 0, 0, 2))
        return []
    note_strays(holder, ("NGAYLAP", "SOLUONGHOSO", "DANHSACHHOSO"), INFO, Place(0, 0, 0, 2), findings)
    check_date(holder, findings)
    dossiers = child(holder, "DANHSACHHOSO")
    encounters = children(dossiers, "HOSO") if dossiers is not None else []
    if not encounters:
        findings.add("element-missing", f"{LIST}.HOSO" if dossiers is not None else LIST, Place(0, 0, 0, 4))
    elif len(encounters) > 1:
        findings.add("one-encounter", f"{LIST}.HOSO[2]", Place(0, 0, 0, 4))
    else:
        check_count(holder, findings)
    if dossiers is not None:
        note_unknown(dossiers, "HOSO", LIST, findings)
    return encounters


def note_unknown(parent: etree._Element, known: str, here: str, findings: Findings) -> None:
    """Doubt elements that are unknown; with too many of these beside others it is refused."""
    unknown = [name for element in first_children(parent) if (name := local(element.tag)) != known]
    if unknown and has_too_many(parent):
        findings.add("too-many", here, Place(0, 0, 0, 4), f"{MAX_CHILDREN:,}")
    for name in unknown:
        findings.add("element-unknown", unknown_path(here, name), Place(0, 0, 0, 4))


def check_date(holder: etree._Element, findings: Findings) -> None:
    element, place = child(holder, "NGAYLAP"), Place(0, 0, 0, 2)
    if element is None:
        findings.add("element-missing", f"{INFO}.NGAYLAP", place)
    elif not text_of(element):
        findings.add("required", f"{INFO}.NGAYLAP", place)
    elif not is_day(text_of(element)):
        findings.add("date-format", f"{INFO}.NGAYLAP", place, "yyyyMMdd")


def check_count(holder: etree._Element, findings: Findings) -> None:
    element, place, path = child(holder, "SOLUONGHOSO"), Place(0, 0, 0, 3), f"{INFO}.SOLUONGHOSO"
    value = text_of(element)
    if element is None:
        findings.add("element-missing", path, place)
    elif not value:
        findings.add("required", path, place)
    elif not (value.isascii() and value.isdigit()):
        findings.add("number-format", path, place)
    elif value.lstrip("0") != "1":
        findings.add("file-count", path, place)


def read_files(encounter: etree._Element, envelope: Envelope, findings: Findings) -> None:
    """Read each FILEHOSO; a table that cannot be read is spoilt, not missing."""
    files = children(encounter, "FILEHOSO")
    note_unknown(encounter, "FILEHOSO", f"{LIST}.HOSO[1]", findings)
    if len(files) > MAX_TABLES:
        findings.add("too-many", f"{LIST}.HOSO[1]", Place(0, 0, 0, 5), f"{MAX_TABLES} FILEHOSO")
        return
    for index, file in enumerate(files):
        read_file(file, index, envelope, findings)
    if "XML1" not in envelope.sheets and "XML1" not in envelope.spoilt:
        findings.add("sent-xml1", "XML1", Place(1, 0))


def read_file(file: etree._Element, index: int, envelope: Envelope, findings: Findings) -> None:
    here, place = f"{LIST}.HOSO[1].FILEHOSO[{index + 1}]", Place(1, index)
    note_strays(file, ("LOAIHOSO", "NOIDUNGFILE"), here, place, findings)
    table = known_table(file, f"{here}.LOAIHOSO", place, envelope, findings)
    body = child(file, "NOIDUNGFILE")
    if table is None:
        return
    envelope.spoilt.add(table.code)
    if body is None:
        findings.add("element-missing", f"{here}.NOIDUNGFILE", place)
        return
    xml = b""
    try:
        xml = table_xml(body, f"{here}.NOIDUNGFILE", place, findings)
        body.clear()  # the longest table is most of the file
        slip = read_slip(xml) if table.code in SIGNED_TABLES else SignedSlip(xml)
        document = parse_table(table, slip.xml)
    except Unreadable as fault:
        path = f"{here}.NOIDUNGFILE" if fault.rule in ("base64", "required") else table.code
        if fault.rule in LOCATED:
            path, place = locate(table, index, xml)
        findings.add(fault.rule, path, place, fault.detail)
        return
    note_encoding(xml, table.code, place, findings)
    sheet = read_table(table, document, index, xml, findings)
    sheet.signatures = slip.signatures
    envelope.sheets[table.code] = sheet


def largest_table(content: bytes) -> str:
    """Return ` (XML3)`, the table of a dossier that takes most of its bytes; empty when it names none."""
    begins = {match.end(): match[1].decode() for match in _LOAIHOSO.finditer(content)}
    places = [*begins, len(content)]
    sizes = {
        begins[begin]: end - begin for begin, end in pairwise(places) if begins[begin] in dossier_tables()
    }
    return f" ({max(sizes, key=sizes.__getitem__)})" if sizes else ""


def note_encoding(xml: bytes, path: str, place: Place, findings: Findings) -> None:
    if xml.startswith(BOM):
        findings.add("byte-order-mark", path, place)
    if misdeclared(xml):
        findings.add("encoding-declared", path, place)


def known_table(
    file: etree._Element, path: str, place: Place, envelope: Envelope, findings: Findings
) -> Table | None:
    """Return the table that LOAIHOSO names, or None when it names none that may be here."""
    element = child(file, "LOAIHOSO")
    code = text_of(element)
    if element is None or not code:
        findings.add("element-missing" if element is None else "required", path, place)
        spoil_unnamed(file, envelope)
    elif code in (CHECK_IN, NEVER_SENT):
        findings.add("table-not-sent", path, place)
    elif code not in dossier_tables():
        findings.add("table-unknown", path, place)
        spoil_unnamed(file, envelope)
    elif code in envelope.sheets or code in envelope.spoilt:
        findings.add("table-twice", path, place)
    else:
        return dossier_tables()[code]
    return None


def spoil_unnamed(file: etree._Element, envelope: Envelope) -> None:
    """A table whose name is wrong is known by its root, so that it is not called missing as well."""
    body = child(file, "NOIDUNGFILE")
    try:
        root = parse(table_xml(body, "", Place(1), Findings())) if body is not None else None
    except Unreadable:
        return
    roots: Mapping[str, str] = {table.root: code for code, table in dossier_tables().items()}
    if root is not None and local(root.tag) in roots:
        envelope.spoilt.add(roots[local(root.tag)])


def table_xml(body: etree._Element, path: str, place: Place, findings: Findings) -> bytes:
    """Return a table's XML: base64, or unencoded as some exports have it (read, with a doubt)."""
    if len(body) > 1:
        raise Unreadable("not-xml", "1:1")
    if len(body):
        findings.add("not-encoded", path, place)
        return bytes(etree.tostring(body[0], encoding="utf-8", with_tail=False))
    packed = (body.text or "").strip().encode()
    if not packed:
        raise Unreadable("required")
    if packed.startswith(b"<"):
        findings.add("not-encoded", path, place)
        return packed
    packed = packed.translate(None, _SPACE)
    if len(packed) % 4 or packed.count(b"=") > 2:
        raise Unreadable("base64")
    try:
        return base64.b64decode(packed, validate=True)
    except binascii.Error:
        raise Unreadable("base64") from None


def is_signed(root: etree._Element) -> bool:
    """Whether CHUKYDONVI holds a signature."""
    holder = child(root, "CHUKYDONVI")
    return holder is not None and len(holder) > 0
