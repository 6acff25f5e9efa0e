"""A long document's rows, taken out while it is read, are those that a tree of the whole would give."""

import re
from collections.abc import Callable

import pytest

from kcb import leaves
from kcb.report import Report
from kcb.validate import validate
from tests.samples import files

TABLE, LIST, ITEM = "XML3", "DSACH_CHI_TIET_DVKT", "CHI_TIET_DVKT"


def inner(change: Callable[[str], str]) -> bytes:
    """Return the sample with the document of XML3 changed."""
    file = files.sample()
    xml = change(files.table_xml(files.tables()[TABLE], file.tables[TABLE]))
    body = files.base64.b64encode(xml.encode()).decode()
    return file.bytes("".join(file.file(code, body if code == TABLE else None) for code in file.tables))


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda xml: re.sub(old, new, xml, count=1)


CHANGES: dict[str, Callable[[str], str]] = {
    "nothing": lambda xml: xml,
    "an element within an element": replaced(r"<MA_DICH_VU>[^<]*<", "<MA_DICH_VU><A>1</A><"),
    "a row within a row": replaced("<STT>", f"<{ITEM}><STT>9</STT></{ITEM}><STT>"),
    "an unknown element": replaced("<STT>", "<LA>x</LA><STT>"),
    "an element that is no row": replaced(f"<{LIST}>", f"<{LIST}><LA/>"),
    "an empty list before": replaced(f"<{LIST}>", f"<{LIST}/><{LIST}>"),
    "a second list": replaced(f"</{LIST}>", f"</{LIST}><{LIST}><{ITEM}><STT>1</STT></{ITEM}></{LIST}>"),
    "a row beside the list": replaced(f"</{LIST}>", f"</{LIST}><{ITEM}><STT>1</STT></{ITEM}>"),
    "another namespace": replaced(f"<{ITEM}>", f'<{ITEM} xmlns="urn:x">'),
    "an attribute": replaced(f"<{ITEM}>", f'<{ITEM} a="b">'),
    "a comment": replaced("<STT>", "<!-- x --><STT>"),
    "no list": replaced(f"<{LIST}>.*</{LIST}>", ""),
    "it breaks off": lambda xml: xml[:-300],
    "something behind": lambda xml: xml + "<a/>",
    "a control character": replaced("<STT>", "<STT>\x01"),
    "white space around": lambda xml: f"\n \n{xml.partition('?>')[2]}\n",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_report_is_the_same(change: Callable[[str], str], monkeypatch: pytest.MonkeyPatch):
    content = inner(change)
    whole = validate(content)

    monkeypatch.setattr(leaves, "MIN_STREAMED_BYTES", 0)

    assert told(validate(content)) == told(whole)


def test_a_check_in_is_read_the_same(monkeypatch: pytest.MonkeyPatch):
    content = files.check_in(3)
    whole = validate(content)

    monkeypatch.setattr(leaves, "MIN_STREAMED_BYTES", 0)

    assert told(validate(content)) == told(whole)


def told(report: Report) -> object:
    rows = {
        code: [(row.number, dict(row.values), row.faulty) for row in sheet.rows]
        for code, sheet in report.sheets.items()
    }
    return report.kind, report.facility, report.signed, report.findings, rows
