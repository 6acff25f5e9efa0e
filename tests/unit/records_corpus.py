"""
A corpus of faulty dossiers: every kind of fault in every field of every table, one at a time.

It reads the raw catalogue and judges by itself what must be refused: nothing of the
implementation but its path names is used here.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests.samples.files import sample

KCB = Path(__file__).parents[2] / "kcb"
TABLES = {one["loaihoso"]: one for one in json.loads((KCB / "tables.json").read_text("utf8"))["tables"]}
LISTS = json.loads((KCB / "codes.json").read_text("utf8"))["lists"]
# XML13 by its names of QĐ 4750: what kept its name may be as long as it is now.
NEWER_13 = {raw["name"]: raw for raw in TABLES["XML13"]["fields"]}
OLDER_13 = {
    **TABLES["XML13"],
    "fields": [{**NEWER_13.get(raw["name"], {}), **raw} for raw in TABLES["XML13"]["previous"]["fields"]],
}
SENT = [code for code in TABLES if code not in ("XML0", "XML12")]

Raw = dict[str, Any]
Row = dict[str, str]
Key = tuple[str, int, str]

BAD_NUMBERS = [
    *["1,5", "1e3", "abc", "1.", "0x1", "NaN", "+1", "--1", "1_0", "½", "١٢", "１", "1-2", "∞", ".5"],
    *["1 0", "1\u00a00"],
]
BAD_DAYS = [
    *["20260230", "20261301", "20260431", "2026112", "2026-11-20", "20/11/2026", "00000000", "00010101"],
    *["２０２６１１２０"],
]
BAD_TIMES = [
    *["202602300800", "202611202400", "202611200860", "20261120", "20261120080000", "2026-11-20T8"],
    *["20261120080O", "202613010000"],
]
BAD_BIRTHS = [
    *["198500120000", "198513010000", "198502300000", "19850312", "198503122500", "1985", "000000000000"],
]


# Values whose form is told by no length: the papers' numbers and words.
FORMED = {
    "MA_THE_TAM": "TE1010000000000",
    "MA_BHXH": "0100000000",
    "CHAN_DOAN_RV": "Nghỉ dưỡng thai",
    "MA_THE_BHYT": "DN4010000000000",
}


@dataclass
class Draft:
    """A dossier whose cells are pieces of XML, so that any of them can be spoilt."""

    tables: dict[str, list[Row]]
    shapes: dict[str, Raw]
    facility: str = "<MACSKCB>01999</MACSKCB>"
    date: str = "<NGAYLAP>20261120</NGAYLAP>"
    count: str = "<SOLUONGHOSO>1</SOLUONGHOSO>"
    bodies: dict[str, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def copy(self) -> "Draft":
        """Return a draft that can be changed; what is not changed is written once only."""
        made = Draft({code: list(rows) for code, rows in self.tables.items()}, self.shapes)
        made.bodies = dict(self.bodies)
        return made

    def put(self, key: Key, xml: str) -> None:
        """Write another piece of XML in place of a cell."""
        code, number, name = key
        self.tables[code][number - 1] = {**self.tables[code][number - 1], name: xml}
        self.bodies.pop(code, None)

    def set(self, key: Key, value: str) -> None:
        """Set a cell's value."""
        self.put(key, cell(key[2], value))

    def body(self, code: str) -> str:
        if code not in self.bodies:
            xml = self.shapes[code]["xml"]
            rows = ["".join(row.values()) for row in self.tables[code]]
            if xml["item"]:
                inside = "".join(f"<{xml['item']}>{row}</{xml['item']}>" for row in rows)
                rows = [f"<{xml['list']}>{inside}</{xml['list']}>"]
            self.bodies[code] = base64.b64encode(
                f"<{xml['root']}>{''.join(rows)}</{xml['root']}>".encode()
            ).decode()
        return self.bodies[code]

    def bytes(self) -> bytes:
        """Return the file."""
        files = "".join(
            f"<FILEHOSO><LOAIHOSO>{code}</LOAIHOSO><NOIDUNGFILE>{self.body(code)}</NOIDUNGFILE></FILEHOSO>"
            for code in self.tables
        )
        return (
            f"<GIAMDINHHS><THONGTINDONVI>{self.facility}</THONGTINDONVI><THONGTINHOSO>{self.date}{self.count}"
            f"<DANHSACHHOSO><HOSO>{files}</HOSO></DANHSACHHOSO></THONGTINHOSO><CHUKYDONVI/></GIAMDINHHS>"
        ).encode()


@dataclass(frozen=True)
class Fault:
    """One fault: where it goes, what it does, which rules may name it, and what must be right to see it."""

    path: str
    kind: str
    rules: frozenset[str]
    key: Key
    plant: Callable[[Draft], None]
    needs: frozenset[Key] = frozenset()


def cell(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"


def path_of(shape: Raw, key: Key) -> str:
    code, number, name = key
    return f"{code}[{number}].{name}" if shape["xml"]["item"] else f"{code}.{name}"


def base(*extra: str, older: bool = False) -> Draft:
    """Return the sample as a draft, with made-up rows of other tables."""
    taken = {code: [dict(row) for row in rows] for code, rows in sample().tables.items()}
    shapes = {**TABLES, "XML13": OLDER_13} if older else TABLES
    if older:
        taken["XML13"] = [made_row(OLDER_13, taken["XML1"][0], 1)]
    for code in extra:
        count = 2 if TABLES[code]["xml"]["item"] else 1
        taken[code] = [made_row(TABLES[code], taken["XML1"][0], number) for number in range(1, count + 1)]
    rows = {code: [{n: cell(n, v) for n, v in row.items()} for row in given] for code, given in taken.items()}
    draft = Draft(rows, shapes)
    draft.bytes()
    return draft


def made_row(shape: Raw, main: Row, number: int) -> Row:
    """Return a row with a right value in every field that XML1 does not tell."""
    made = {raw["name"]: main.get(raw["name"]) or right(raw) for raw in shape["fields"]}
    if shape["loaihoso"] == "XML10":
        made["CHAN_DOAN_RV"] = FORMED["CHAN_DOAN_RV"]
    if "STT" in made:
        made["STT"] = str(number)
    return made


def right(raw: Raw) -> str:
    """Return a value that nobody could object to."""
    codes = raw.get("codes", "")
    if raw["name"] in FORMED:
        return FORMED[raw["name"]]
    if codes in LISTS:
        return str(next(code for code in LISTS[codes]["values"] if code))
    if raw["type"] == "datetime":
        return "202611200900"
    if raw["type"] == "date" or raw.get("format"):
        return "20261120"
    if raw["type"] == "number":
        return "1"
    return {"external:FACILITY": "01999", "external:ICD10": "I10"}.get(codes, "A")


def longest(raw: Raw) -> int | None:
    """Return the longest value that any source allows; None when one of them sets no limit."""
    stated = [raw[key] for key in ("max_length", "max_length_3176", "portal_max_length") if key in raw]
    for change in raw.get("changes", []):
        found = re.match(r"max length \d+ -> (\d+|unlimited)", change["change"])
        stated += [None if found[1] == "unlimited" else int(found[1])] if found else []
    return None if None in stated else max(stated)


def field_faults(shape: Raw, number: int) -> Iterator[Fault]:
    """Give every fault that one row's fields can have by themselves."""
    for at, raw in enumerate(shape["fields"]):
        key = (shape["loaihoso"], number, raw["name"])
        path = path_of(shape, key)
        for kind, xml, rules in spoilt(raw, at):
            yield Fault(path, kind, frozenset(rules.split()), key, writer(key, xml))


def writer(key: Key, xml: str) -> Callable[[Draft], None]:
    return lambda draft: draft.put(key, xml)


def spoilt(raw: Raw, turn: int) -> Iterator[tuple[str, str, str]]:
    """Give (kind, the cell's XML, the rules that may name it); *turn* rotates through the bad values."""
    name, good = raw["name"], right(raw)
    yield "twice", cell(name, good) * 2, "element-twice"
    yield "nested", f"<{name}>{good}<B>1</B></{name}>", "element-nested"
    if raw["required"] == "always":
        yield "empty", cell(name, ("", "  ", "\n", "\u00a0")[turn % 4]), "required"
        yield "absent", "", "element-missing"
    for kind, value, rules in wrong_values(raw, turn):
        yield kind, cell(name, value), rules


def wrong_values(raw: Raw, turn: int) -> Iterator[tuple[str, str, str]]:
    """Give (kind, value, rules) for the values that are wrong whatever the other fields say."""
    limit, kind = longest(raw), raw["type"]
    if kind in ("date", "datetime") or raw.get("format"):
        for step in range(2):
            yield f"date{step}", bad_date(raw, turn + step), "date-format"
        return
    if limit is not None:
        yield "long", ("9" if kind == "number" else "Ữ") * (limit + 1), "max-length"
    if kind == "number" or raw.get("pattern"):
        value = BAD_NUMBERS[turn % len(BAD_NUMBERS)]
        yield "number", value, "number-format" if limit is None or len(value) <= limit else "max-length"
        fraction = f"0.{'0' * (raw.get('decimals') or (2 if raw.get('pattern') else 0))}1"
        if raw.get("codes") not in LISTS and (limit is None or len(fraction) <= limit):
            yield "decimals", fraction, "decimals"
    yield from wrong_codes(raw, turn)


def wrong_codes(raw: Raw, turn: int) -> Iterator[tuple[str, str, str]]:
    codes = LISTS.get(raw.get("codes", ""), {})
    if codes and codes.get("unconfirmed") is not True:
        allowed = {*codes["values"], *codes.get("retired", {})}
        limit = longest(raw) or 99
        bad = [
            code
            for code in ("77", "9.9", "@", "X", "99", "0", "9", "٧")
            if code not in allowed and len(code) <= limit
        ]
        yield "code", bad[turn % len(bad)], "code-list number-format decimals"
    if raw["name"] == "MA_BENH_CHINH" and longest(raw) == raw["max_length"]:
        yield "icd-main-one", "I10;I11", "icd-main-one"
    if raw["name"] == "MA_BENH_KT":
        yield "codes", ";".join(f"I{number}" for number in range(10, 23)), "icd-secondary-12"


def bad_date(raw: Raw, turn: int) -> str:
    if raw["name"] == "NGAY_SINH" and raw["type"] == "datetime":
        return BAD_BIRTHS[turn % len(BAD_BIRTHS)]
    if "each value" in raw.get("format", ""):
        return "20260101;" + BAD_DAYS[turn % len(BAD_DAYS)]
    if " or " in raw.get("format", ""):
        return ["20260230", "2026112", "202611202400"][turn % 3]
    bad = BAD_TIMES if raw["type"] == "datetime" else BAD_DAYS
    return bad[turn % len(bad)]


def field_of(code: str, name: str) -> Raw:
    return next(raw for raw in TABLES[code]["fields"] if raw["name"] == name)
