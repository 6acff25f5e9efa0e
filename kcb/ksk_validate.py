"""The whole of a health check (khám sức khỏe): bytes → KskReport, with all faults at once."""

from datetime import datetime

from .envelope import note_encoding
from .ksk_catalogue import ksk_catalogue
from .ksk_checks import (
    check_agreement,
    check_child,
    check_facilities,
    check_keys,
    check_presence,
    check_sending,
    check_signatures,
    check_times,
    check_values,
)
from .ksk_envelope import ROOT, read_ksk
from .ksk_report import KskFindings, KskReport
from .past_times import latest_time, present
from .report import Place
from .xml_parser import Unreadable, local, parse


def validate_ksk(content: bytes, *, now: datetime | None = None) -> KskReport:
    """Return what is wrong with a file, root KHAMSUCKHOE.

    *now* is an aware instant, after which nothing can have happened; None is this machine's clock.
    """
    findings = KskFindings()
    try:
        root = parse(content)
    except Unreadable as fault:
        findings.add(fault.rule, ROOT, Place(0), fault.detail)
        return KskReport(findings=findings.in_order())
    note_encoding(content, ROOT, Place(0), findings)
    if local(root.tag) != ROOT:
        findings.add("root", ROOT, Place(0), ROOT)
        return KskReport(findings=findings.in_order())
    report = read_ksk(root, findings)
    judge(report, now or present(), findings)
    report.findings = findings.in_order()
    return report


def judge(report: KskReport, now: datetime, findings: KskFindings) -> None:
    if not report.sheets:
        return
    catalogue = ksk_catalogue()
    for code in report.sheets:
        if code in catalogue.forms and code not in catalogue.form_ages:
            findings.add("form-unread", code, Place(1, report.sheets[code].index))
    check_values(report, findings)
    check_times(report, latest_time(now), findings)
    check_presence(report, findings)
    check_child(report, findings)
    check_facilities(report, findings)
    check_keys(report, findings)
    check_agreement(report, findings)
    check_sending(report, now, findings)
    check_signatures(report, findings)
