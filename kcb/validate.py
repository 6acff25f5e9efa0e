"""
The whole: bytes → Report.  All faults at once, in the order of the file.
"""

from datetime import datetime
from typing import NamedTuple

from .cross_table_rules import check_across_tables
from .envelope import ROOT, Envelope, is_signed, largest_table, note_encoding, read_envelope
from .leaves import Document
from .located_rows import every_row
from .lost_letters import check_letters
from .past_times import check_making, check_past, latest_time, present
from .registers import NOTHING, Registers
from .report import Findings, Place, Report
from .rule_catalogue import RULES
from .table_reader import LOCATED, locate, parse_table, read_table
from .tables import CHECK_IN, tables
from .xml_parser import Unreadable, local

DOSSIER, CHECK_IN_KIND = "dossier", "check-in"
CHECK_IN_ROOT = "CHI_TIEU_TRANG_THAI_KCB"
HOLDERS = {DOSSIER: ROOT, CHECK_IN_KIND: CHECK_IN_ROOT}


class Context(NamedTuple):
    """What a file is judged against: the last minute that may have happened, and the registers."""

    latest: str
    registers: Registers


def validate(
    content: bytes, kind: str = "", *, now: datetime | None = None, registers: Registers = NOTHING
) -> Report:
    """Return what is wrong with a file; *kind* says which one it must be, empty takes both.

    *now* is an aware instant, after which nothing can have happened; None is this machine's clock.
    *registers* are the lists that a dossier is held against, as far as there are any.
    """
    findings = Findings()
    expected = CHECK_IN_ROOT if kind == CHECK_IN_KIND else ROOT
    try:
        document = parse_table(tables()[CHECK_IN], content)
    except Unreadable as fault:
        detail = fault.detail + (largest_table(content) if fault.rule == "too-large" else "")
        path, place = (
            locate(tables()[CHECK_IN], 0, content) if fault.rule in LOCATED else (expected, Place(0))
        )
        findings.add(fault.rule, path if "." in path else expected, place, detail)
        return Report("", "", {}, findings.in_order())
    note_encoding(content, local(document.root.tag), Place(0), findings)
    context = Context(latest_time(now or present()), registers)
    return read_root(document, kind, content, context, findings)


def read_root(document: Document, kind: str, content: bytes, context: Context, findings: Findings) -> Report:
    root = document.root
    name = local(root.tag)
    if name == ROOT and kind in ("", DOSSIER):
        envelope = read_envelope(root, findings)
        check_making(root, context.latest, findings)
        return finish(DOSSIER, envelope, context, findings)
    if name == CHECK_IN_ROOT and kind in ("", CHECK_IN_KIND):
        return finish(CHECK_IN_KIND, read_check_in(document, content, findings), context, findings)
    root_name = {DOSSIER: ROOT, CHECK_IN_KIND: CHECK_IN_ROOT}.get(kind, f"{ROOT} / {CHECK_IN_ROOT}")
    findings.add("root", CHECK_IN_ROOT if kind == CHECK_IN_KIND else ROOT, Place(0), root_name)
    return Report("", "", {}, findings.in_order())


def read_check_in(document: Document, content: bytes, findings: Findings) -> Envelope:
    sheet = read_table(tables()[CHECK_IN], document, 0, content, findings)
    codes = {row.get("MA_CSKCB") for row in sheet.rows} - {""}
    facility = codes.pop() if len(codes) == 1 else ""
    return Envelope(facility, is_signed(document.root), {CHECK_IN: sheet})


def signing_day(envelope: Envelope, context: Context) -> str:
    """Return the day by which the duty of signing is judged; of a file that tells none it is today."""
    rows = [
        row for code in ("XML1", CHECK_IN) if code in envelope.sheets for row in envelope.sheets[code].rows
    ]
    days = [row.get("NGAY_RA") or row.get("NGAY_VAO") for row in rows]
    return max([day for day in days if day] or [context.latest])[:8]


def finish(kind: str, envelope: Envelope, context: Context, findings: Findings) -> Report:
    declared = envelope.facility if kind == DOSSIER else ""
    if not envelope.signed and RULES["signature-missing"].in_force(signing_day(envelope, context)):
        findings.add("signature-missing", f"{HOLDERS[kind]}.CHUKYDONVI", Place(2))
    if not findings.full:
        rows = list(every_row(envelope.sheets))
        check_past(rows, context.latest, findings)
        check_letters(rows, findings)
        check_across_tables(
            rows, envelope.sheets, declared, context.latest, findings, envelope.spoilt, context.registers
        )
    return Report(kind, envelope.facility, envelope.sheets, findings.in_order(), envelope.signed)
