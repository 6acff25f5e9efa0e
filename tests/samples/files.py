"""
Files to test with: the two samples, and dossiers taken apart, changed and put together again.

No real person is in them: the facility 01999 and the person 001385000016 are invented.
"""

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

from kcb.tables import Field, Table, tables

HERE = Path(__file__).parent
# The day of the visit in both samples.
SAMPLE_DAY = "20261120"
DOSSIER = (HERE / "dossier-3176.synthetic.xml").read_bytes()
CHECK_IN = (HERE / "checkin.synthetic.xml").read_bytes()

Cells = list[tuple[str, str]]


def table_xml(table: Table, rows: Iterable[Cells]) -> str:
    """Return a table's document."""
    written = ["".join(f"<{name}>{escape(value)}</{name}>" for name, value in row) for row in rows]
    if table.single:
        body = "".join(written)
    else:
        body = "".join(f"<{table.item}>{row}</{table.item}>" for row in written)
        body = f"<{table.list}>{body}</{table.list}>"
    return f'<?xml version="1.0" encoding="utf-8"?>\r\n<{table.root}>{body}</{table.root}>'


@dataclass
class File:
    """A dossier as tables of rows of cells, to be changed and written again."""

    facility: str = "01999"
    tables: dict[str, list[Cells]] = field(default_factory=dict)
    date: str = "20261120"
    count: str = "1"

    def set(self, code: str, number: int, name: str, value: str) -> "File":
        """Set a value of row *number*, counted from 1."""
        row = self.tables[code][number - 1]
        at = [cell for cell, _ in row].index(name)
        row[at] = (name, value)
        return self

    def drop(self, code: str, number: int, name: str) -> "File":
        """Leave an element out."""
        row = self.tables[code][number - 1]
        row[:] = [cell for cell in row if cell[0] != name]
        return self

    def get(self, code: str, number: int, name: str) -> str:
        """Return a value."""
        return dict(self.tables[code][number - 1])[name]

    def everywhere(self, name: str, value: str) -> "File":
        """Set a field in every row that has it."""
        for rows in self.tables.values():
            for row in rows:
                row[:] = [(cell, value if cell == name else text) for cell, text in row]
        return self

    def on_day(self, day: str) -> "File":
        """Move the visit of the sample to that day, yyyyMMdd."""
        for rows in self.tables.values():
            for row in rows:
                row[:] = [(cell, text.replace(SAMPLE_DAY, day)) for cell, text in row]
        return self

    def left_for_home(self) -> "File":
        """Let the visit end at home: no transfer slip goes along."""
        self.tables.pop("XML13", None)
        return self.set("XML1", 1, "MA_LOAI_RV", "1").set("XML1", 1, "MA_NOI_DEN", "")

    def file(self, code: str, body: str | None = None) -> str:
        """Return one FILEHOSO; *body* stands in for the base64."""
        inner = table_xml(tables()[code], self.tables[code]) if body is None else ""
        text = base64.b64encode(inner.encode()).decode() if body is None else body
        return f"<FILEHOSO><LOAIHOSO>{code}</LOAIHOSO><NOIDUNGFILE>{text}</NOIDUNGFILE></FILEHOSO>"

    def bytes(self, files: str | None = None, signature: str = "") -> bytes:
        """Return the file; *files* stands in for the FILEHOSO elements."""
        inside = "".join(map(self.file, self.tables)) if files is None else files
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<GIAMDINHHS><THONGTINDONVI>'
            f"<MACSKCB>{self.facility}</MACSKCB></THONGTINDONVI><THONGTINHOSO><NGAYLAP>{self.date}</NGAYLAP>"
            f"<SOLUONGHOSO>{self.count}</SOLUONGHOSO><DANHSACHHOSO><HOSO>{inside}</HOSO></DANHSACHHOSO>"
            f"</THONGTINHOSO><CHUKYDONVI>{signature}</CHUKYDONVI></GIAMDINHHS>\n"
        ).encode()


def sample() -> File:
    """Return the sample dossier, taken apart."""
    root = etree.fromstring(DOSSIER)
    file = File()
    for entry in root.iter("FILEHOSO"):
        code, body = entry.findtext("LOAIHOSO"), entry.findtext("NOIDUNGFILE")
        assert code is not None
        assert body is not None
        inner = etree.fromstring(base64.b64decode(body))
        items = [inner] if tables()[code].single else list(inner[0])
        file.tables[code] = [[(cell.tag, (cell.text or "").strip()) for cell in item] for item in items]
    return file


def long_stay(
    rows: int = 20_000,
    size: int = 29 * 1024 * 1024,
    padding: Callable[[int], bytes] = lambda size: bytes(size),
) -> bytes:
    """Return the sample with *rows* rows of XML3 in about *size* bytes; empty elements are written short.

    Rows are filled up with the hexadecimal digits of what *padding* returns for a number of bytes.
    """
    file, code = sample(), "XML3"
    (first, *_) = file.tables[code]
    file.tables[code] = [
        [(name, str(number) if name == "STT" else value) for name, value in first]
        for number in range(1, rows + 1)
    ]
    sum_up(file)
    inner = re.sub(r"<(\w+)></\1>", r"<\1/>", table_xml(tables()[code], file.tables[code]))
    length = max(0, (size * 3 // 4 - len(inner)) // rows - len("</DU_PHONG>"))
    inner = re.sub("<DU_PHONG/>", lambda _: f"<DU_PHONG>{padding(length // 2).hex()}</DU_PHONG>", inner)
    body = base64.b64encode(inner.encode()).decode()
    return file.bytes("".join(file.file(each, body if each == code else None) for each in file.tables))


def sum_up(file: File) -> File:
    """Write the totals of the lines into XML1."""

    def total(name: str, *codes: str) -> str:
        amounts = (Decimal(dict(row)[name]) for code in codes for row in file.tables[code])
        return f"{sum(amounts, Decimal()):.2f}"

    file.set("XML1", 1, "T_THUOC", total("THANH_TIEN_BV", "XML2"))
    supplies = [dict(row)["THANH_TIEN_BV"] for row in file.tables["XML3"] if dict(row)["MA_VAT_TU"]]
    file.set("XML1", 1, "T_VTYT", f"{sum(map(Decimal, supplies), Decimal()):.2f}")
    for name, column in (
        ("T_TONGCHI_BV", "THANH_TIEN_BV"),
        ("T_TONGCHI_BH", "THANH_TIEN_BH"),
        ("T_BHTT_GDV", "T_BHTT"),
    ):
        file.set("XML1", 1, name, total(column, "XML2", "XML3"))
    for name in ("T_BNTT", "T_BNCCT", "T_BHTT", "T_NGUONKHAC"):
        file.set("XML1", 1, name, total(name, "XML2", "XML3"))
    return file


def check_in(rows: int = 1, **changes: str) -> bytes:
    """Return the sample check-in with as many rows; the changes are made in the last."""
    item = etree.fromstring(CHECK_IN)[0][0]
    cells = [(cell.tag, (cell.text or "").strip()) for cell in item]
    items = [[(n, str(number) if n == "STT" else v) for n, v in cells] for number in range(1, rows + 1)]
    items[-1] = [(name, changes.get(name, value)) for name, value in items[-1]]
    return table_xml(tables()["XML0"], items).encode()


# What the sample tells and other tables repeat, and what has a form that its length does not tell.
REPEATED = (
    *("MA_LK", "MA_BN", "HO_TEN", "NGAY_SINH", "GIOI_TINH", "MA_THE_BHYT", "NGAY_VAO", "NGAY_RA"),
    *("MA_LOAI_RV", "KET_QUA_DTRI", "MA_LOAI_KCB", "MA_DOITUONG_KCB", "SO_NGAY_DTRI"),
)
KNOWN_VALUES = {
    "MA_CSKCB": "01999",
    "MA_CSKCB_DEN": "79999",
    "MA_NOI_DEN": "79999",
    "SO_CCCD": "001385000016",
    "MA_BENH_CHINH": "I10",
    "MA_BENH_KT": "I11",
    "GT_THE_TU": "20260101",
    "MA_THE_TAM": "TE1010000000000",
    "MA_BHXH": "0100000000",
    "MA_MAY": "CLS.1.01999.SYN",
}
# What would make another case of a line, or of a patient.
LEFT_EMPTY = frozenset(
    {"T_TRANTT", "MA_VAT_TU", "TEN_VAT_TU", "NGAY_MIEN_CCT", "MA_GIUONG", "MA_NOI_DI", "NGAY_TH_YL"}
)


def right_value(of: Field) -> str:
    """Return a value that breaks no rule of the field, nor between this row and the sample's others."""
    if of.name in REPEATED:
        return sample().get("XML1", 1, of.name)
    if of.name == "CHAN_DOAN_RV":
        return "Tăng huyết áp vô căn, nghỉ dưỡng thai"
    if of.name in KNOWN_VALUES:
        return KNOWN_VALUES[of.name]
    if of.codes:
        return min(of.codes.values - of.codes.doubtful - {""}, key=lambda code: (len(code), code))
    if of.kind == "datetime":
        return "202611200900"
    if of.kind == "date" or of.format.startswith("yyyyMMdd"):
        return "20261120"
    if of.kind == "number" or of.format:
        return "1"
    return "01999" if of.external == "FACILITY" else "X"


def full_row(table: Table) -> Cells:
    """Return a row of a table with a right value in every field."""
    return [(of.name, right_value(of)) for of in table.fields]


def filled(table: Table, row: Cells) -> Cells:
    """Return a row with a right value in every field that is empty."""
    values = dict(row)
    return [
        (of.name, values[of.name] or ("" if of.name in LEFT_EMPTY else right_value(of)))
        for of in table.fields
    ]


def with_table(code: str) -> File:
    """Return the sample with the rows of a table full; of one that it has not, two rows or one."""
    file = sample()
    table = tables()[code]
    if code in file.tables:
        file.tables[code] = [filled(table, row) for row in file.tables[code]]
        return file
    file.tables[code] = [full_row(table) for _ in range(1 if table.single else 2)]
    for number, row in enumerate(file.tables[code], 1):
        if "STT" in dict(row):
            file.set(code, number, "STT", str(number))
    return file
