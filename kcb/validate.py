"""
The whole: bytes → Report.  All faults at once, in the order of the file.
"""

from lxml import etree

from .across import check_across
from .catalogue import CHECK_IN, tables
from .envelope import ROOT, Envelope, is_signed, read_envelope
from .report import Findings, Place, Report
from .rows import read_table
from .safe import BOM, Unreadable, local, misdeclared, parse

DOSSIER, CHECK_IN_KIND = "dossier", "check-in"
CHECK_IN_ROOT = "CHI_TIEU_TRANG_THAI_KCB"


def validate(content: bytes, kind: str = "") -> Report:
    """Return what is wrong with a file; *kind* says which one it must be, empty takes both."""
    found = Findings()
    expected = CHECK_IN_ROOT if kind == CHECK_IN_KIND else ROOT
    try:
        root = parse(content)
    except Unreadable as fault:
        found.add(fault.rule, expected, Place(0), fault.detail)
        return Report("", "", {}, found.in_order())
    if content.startswith(BOM):
        found.add("byte-order-mark", local(root.tag), Place(0))
    if misdeclared(content):
        found.add("encoding-declared", local(root.tag), Place(0))
    return read(root, kind, content, found)


def read(root: etree._Element, kind: str, content: bytes, found: Findings) -> Report:
    name = local(root.tag)
    if name == ROOT and kind in ("", DOSSIER):
        return finish(DOSSIER, read_envelope(root, found), found)
    if name == CHECK_IN_ROOT and kind in ("", CHECK_IN_KIND):
        return finish(CHECK_IN_KIND, read_check_in(root, content, found), found)
    wanted = {DOSSIER: ROOT, CHECK_IN_KIND: CHECK_IN_ROOT}.get(kind, f"{ROOT} / {CHECK_IN_ROOT}")
    found.add("root", CHECK_IN_ROOT if kind == CHECK_IN_KIND else ROOT, Place(0), wanted)
    return Report("", "", {}, found.in_order())


def read_check_in(root: etree._Element, content: bytes, found: Findings) -> Envelope:
    """Read a check-in (XML0): its rows, and the facility that they agree on."""
    sheet = read_table(tables()[CHECK_IN], root, 0, content, found)
    codes = {row.get("MA_CSKCB") for row in sheet.rows} - {""}
    facility = codes.pop() if len(codes) == 1 else ""
    return Envelope(facility, is_signed(root, found), {CHECK_IN: sheet})


def finish(kind: str, envelope: Envelope, found: Findings) -> Report:
    declared = envelope.facility if kind == DOSSIER else ""
    if not found.full:
        check_across(envelope.sheets, declared, found)
    return Report(kind, envelope.facility, envelope.sheets, found.in_order(), envelope.signed)
