"""
A dossier as tables of values: its money computed from quantities, prices and rates, and written as a file.

Nothing here is of the implementation: the tables are read as data.
"""

import base64
import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

KCB = Path(__file__).parents[2] / "kcb"
TABLES: dict[str, dict[str, Any]] = {
    raw["loaihoso"]: raw for raw in json.loads((KCB / "tables.json").read_text("utf8"))["tables"]
}
OLDER = [raw["name"] for raw in TABLES["XML13"]["previous"]["fields"]]

Row = dict[str, str]

CENT = Decimal("0.01")
SOURCES = ("T_NGUONKHAC_NSNN", "T_NGUONKHAC_VTNN", "T_NGUONKHAC_VTTN", "T_NGUONKHAC_CL")


def names_of(code: str, *, older: bool = False) -> list[str]:
    return OLDER if older and code == "XML13" else [raw["name"] for raw in TABLES[code]["fields"]]


def blank(code: str, **values: str) -> Row:
    """Return a row of a table with every field, empty but for *values*."""
    row = dict.fromkeys(names_of(code), "")
    unknown = set(values) - set(row)
    assert not unknown, (code, unknown)
    return row | values


def money(amount: Decimal) -> str:
    return str(amount.quantize(CENT, ROUND_HALF_UP))


def number(value: str) -> Decimal:
    return Decimal(value or "0")


@dataclass
class Draft:
    """A dossier.  *finish* is how its file is written: plain, cdata, nfd, crlf, spaced, pretty."""

    tables: dict[str, list[Row]]
    facility: str = "01999"
    made: str = ""
    count: str = "1"
    finish: str = "plain"
    older: bool = False
    bodies: dict[str, Callable[[str], bytes]] = field(default_factory=dict)

    @property
    def main(self) -> Row:
        return self.tables["XML1"][0]

    def rows(self, code: str) -> list[Row]:
        return self.tables.get(code, [])

    def line(self, code: str, **wanted: str) -> int:
        """Return the index of the first row of *code* with those values."""
        return next(
            index for index, row in enumerate(self.rows(code)) if all(row[k] == v for k, v in wanted.items())
        )

    def settle(self) -> "Draft":
        """Compute the amounts of all lines and the totals, and number the rows."""
        for code in ("XML2", "XML3"):
            for row in self.rows(code):
                settle_line(code, row)
        return self.total()

    def total(self) -> "Draft":
        """Number the rows and sum the lines, as they stand."""
        for rows in self.tables.values():
            for index, row in enumerate(rows, 1):
                if "STT" in row:
                    row["STT"] = str(index)
        lines = [*self.rows("XML2"), *self.rows("XML3")]

        def sum_of(rows: list[Row], name: str) -> str:
            return money(sum((number(row[name]) for row in rows), Decimal()))

        self.main.update(
            T_THUOC=sum_of(self.rows("XML2"), "THANH_TIEN_BV"),
            T_VTYT=sum_of([row for row in self.rows("XML3") if row["MA_VAT_TU"]], "THANH_TIEN_BV"),
            T_TONGCHI_BV=sum_of(lines, "THANH_TIEN_BV"),
            T_TONGCHI_BH=sum_of(lines, "THANH_TIEN_BH"),
            T_BHTT_GDV=sum_of([row for row in lines if row["MA_PTTT"] == "1"], "T_BHTT"),
            **{name: sum_of(lines, name) for name in ("T_BNTT", "T_BNCCT", "T_BHTT", "T_NGUONKHAC")},
        )
        return self

    def bytes(self) -> bytes:
        files = "".join(
            f"<FILEHOSO><LOAIHOSO>{code}</LOAIHOSO><NOIDUNGFILE>{self.body(code)}</NOIDUNGFILE></FILEHOSO>"
            for code in self.tables
        )
        made = self.made or self.main["NGAY_RA"][:8]
        return (
            f"<GIAMDINHHS><THONGTINDONVI><MACSKCB>{self.facility}</MACSKCB></THONGTINDONVI><THONGTINHOSO>"
            f"<NGAYLAP>{made}</NGAYLAP><SOLUONGHOSO>{self.count}</SOLUONGHOSO><DANHSACHHOSO><HOSO>{files}</HOSO>"
            f"</DANHSACHHOSO></THONGTINHOSO><CHUKYDONVI/></GIAMDINHHS>"
        ).encode()

    def body(self, code: str) -> str:
        return base64.b64encode(self.xml(code).encode()).decode()

    def xml(self, code: str) -> str:
        shape = TABLES[code]["xml"]
        space = {"spaced": "\n  ", "crlf": "\r\n", "pretty": "\n    "}.get(self.finish, "")
        rows = [
            "".join(space + self.cell(name, value) for name, value in row.items())
            for row in self.tables[code]
        ]
        inside = (
            rows[0]
            if rows and not shape["item"]
            else "".join(f"{space}<{shape['item']}>{row}{space}</{shape['item']}>" for row in rows)
        )
        if shape["item"]:
            inside = f"{space}<{shape['list']}>{inside}{space}</{shape['list']}>"
        return (
            f'<?xml version="1.0" encoding="utf-8"?>{space}<{shape["root"]}>{inside}{space}</{shape["root"]}>'
        )

    def cell(self, name: str, value: str) -> str:
        if self.finish == "cdata" and value and "]]>" not in value:
            return f"<{name}><![CDATA[{value}]]></{name}>"
        if self.finish == "nfd":
            value = unicodedata.normalize("NFD", value)
        if self.finish == "pretty" and value:
            return f"<{name}>\n      {escape(value)}\n    </{name}>"
        if self.finish == "crlf" and not value:
            return f"<{name}/>"
        return f"<{name}>{escape(value)}</{name}>"


def settle_line(code: str, row: Row) -> None:
    """Compute the amounts of a line.  What other sources pay is taken off the patient's part first."""
    share = number(row["TYLE_TT_BH"]) / 100
    if code == "XML2":
        hospital = number(row["SO_LUONG"]) * number(row["DON_GIA"])
        insured = hospital * share
    else:
        used = number(row["SO_LUONG"]) * number(row["TYLE_TT_DV"]) / 100
        hospital, insured = used * number(row["DON_GIA_BV"]), used * number(row["DON_GIA_BH"]) * share
    hospital, insured = (amount.quantize(CENT, ROUND_HALF_UP) for amount in (hospital, insured))
    if row["PHAM_VI"] == "2":
        insured = Decimal()
    fund = (insured * number(row["MUC_HUONG"]) / 100).quantize(CENT, ROUND_HALF_UP)
    if code == "XML3" and row["T_TRANTT"]:
        fund = min(fund, number(row["T_TRANTT"]))
    others = sum((number(row[name]) for name in SOURCES), Decimal())
    shared, patient = insured - fund, hospital - insured
    of_patient = min(patient, others)
    row.update(
        THANH_TIEN_BV=money(hospital),
        THANH_TIEN_BH=money(insured),
        T_NGUONKHAC=money(others),
        T_BHTT=money(fund),
        T_BNCCT=money(shared - (others - of_patient)),
        T_BNTT=money(patient - of_patient),
    )
