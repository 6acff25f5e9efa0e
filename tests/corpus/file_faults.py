"""Faults of the file, the envelope, the tables, single fields, and check-ins (XML0)."""

import base64
import random
from collections.abc import Callable

from kcb.xml_parser import MAX_FILE_BYTES

from .drafts import TABLES, Draft, blank
from .parts import at, card, person, start
from .planting import RAW_FAULTS, RawFault, cell_fault, fault, put
from .shapes import SHAPES

ROOT = "GIAMDINHHS"
HOSO = f"{ROOT}.THONGTINHOSO.DANHSACHHOSO.HOSO[1]"
FACILITY = f"{ROOT}.THONGTINDONVI.MACSKCB"

Make = Callable[[random.Random], tuple[bytes, str]]


def raw(rule: str) -> Callable[[Make], Make]:
    def register(make: Make) -> Make:
        RAW_FAULTS.append(RawFault(rule, make))
        return make

    return register


def whole(rng: random.Random) -> Draft:
    return SHAPES[rng.choice(("visit", "transfer", "stay"))](rng)


def changed(rule: str, path: str, *changes: tuple[str, str]) -> None:
    """Replace a piece of the envelope."""

    @raw(rule)
    def make(rng: random.Random) -> tuple[bytes, str]:
        before, after = rng.choice(changes)
        content = whole(rng).bytes()
        assert before.encode() in content
        return content.replace(before.encode(), after.encode(), 1), path


def body_changed(rule: str, path: str, code: str, *changes: tuple[str, str]) -> None:
    """Replace a piece of a table."""

    @raw(rule)
    def make(rng: random.Random) -> tuple[bytes, str]:
        draft = whole(rng)
        before, after = rng.choice(changes)
        xml = draft.xml(code)
        assert before in xml
        return with_body(draft, code, xml.replace(before, after, 1).encode()), path


def with_body(draft: Draft, code: str, xml: bytes) -> bytes:
    return draft.bytes().replace(draft.body(code).encode(), base64.b64encode(xml))


changed(
    "doctype",
    ROOT,
    ("<GIAMDINHHS>", "<!DOCTYPE a><GIAMDINHHS>"),
    ("<GIAMDINHHS>", '<!DOCTYPE a [<!ENTITY b "c">]><GIAMDINHHS>'),
)
changed("facility-code", FACILITY, ("<MACSKCB>01999", "<MACSKCB>1999"), ("<MACSKCB>01999", "<MACSKCB>0199x"))
changed("required", FACILITY, ("<MACSKCB>01999", "<MACSKCB>"))
changed("element-missing", FACILITY, ("<MACSKCB>01999</MACSKCB>", ""))
changed(
    "element-twice",
    FACILITY,
    ("<MACSKCB>01999</MACSKCB>", "<MACSKCB>01999</MACSKCB><MACSKCB>01999</MACSKCB>"),
)
changed("one-encounter", f"{ROOT}.THONGTINHOSO.DANHSACHHOSO.HOSO[2]", ("</HOSO>", "</HOSO><HOSO/>"))
changed(
    "table-unknown",
    f"{HOSO}.FILEHOSO[2].LOAIHOSO",
    ("<LOAIHOSO>XML2", "<LOAIHOSO>XML20"),
    ("<LOAIHOSO>XML2", "<LOAIHOSO>xml2"),
)
changed(
    "table-not-sent",
    f"{HOSO}.FILEHOSO[2].LOAIHOSO",
    ("<LOAIHOSO>XML2", "<LOAIHOSO>XML12"),
    ("<LOAIHOSO>XML2", "<LOAIHOSO>XML0"),
)
changed("table-twice", f"{HOSO}.FILEHOSO[3].LOAIHOSO", ("<LOAIHOSO>XML3", "<LOAIHOSO>XML2"))
changed("element-unknown", f"{ROOT}.LA", ("<CHUKYDONVI/>", "<LA/><CHUKYDONVI/>"))
changed("number-format", f"{ROOT}.THONGTINHOSO.SOLUONGHOSO", ("<SOLUONGHOSO>1", "<SOLUONGHOSO>một"))
body_changed("element-nested", "XML1.HO_TEN", "XML1", ("<HO_TEN>", "<HO_TEN><B/>"))
body_changed("element-twice", "XML1.HO_TEN", "XML1", ("<HO_TEN>", "<HO_TEN>A</HO_TEN><HO_TEN>"))
body_changed("element-absent", "XML1.DU_PHONG", "XML1", ("<DU_PHONG></DU_PHONG>", ""))
body_changed("element-unknown", "XML1.LA_LUNG", "XML1", ("<STT>", "<LA_LUNG/><STT>"))
body_changed("encoding-declared", "XML2", "XML2", ('encoding="utf-8"', 'encoding="utf-16"'))
body_changed("not-xml", "XML1.LY_DO_VV", "XML1", ("Mệt, đau", "Mệt < đau"))


@raw("root")
def other_root(rng: random.Random) -> tuple[bytes, str]:
    return whole(rng).bytes().replace(b"GIAMDINHHS>", b"HOSO_LA>"), ROOT


@raw("element-order")
def order(rng: random.Random) -> tuple[bytes, str]:
    draft = whole(rng)
    main = draft.main
    moved = rng.choice(("STT", "MA_BN", "HO_TEN"))
    draft.tables["XML1"][0] = {name: value for name, value in main.items() if name != moved} | {
        moved: main[moved]
    }
    return draft.bytes(), f"XML1.{moved}"


@raw("table-root")
def table_root(rng: random.Random) -> tuple[bytes, str]:
    draft = whole(rng)
    return with_body(
        draft, "XML2", draft.xml("XML2").replace("CHITIEU_CHITIET_THUOC>", "THUOC>").encode()
    ), "XML2"


@raw("table-list")
def table_list(rng: random.Random) -> tuple[bytes, str]:
    draft = whole(rng)
    return with_body(
        draft, "XML2", draft.xml("XML2").replace("DSACH_CHI_TIET_THUOC>", "DSACH>").encode()
    ), "XML2"


@raw("row-element")
def row_element(rng: random.Random) -> tuple[bytes, str]:
    draft = whole(rng)
    xml = draft.xml("XML3").replace("<CHI_TIET_DVKT>", "<DVKT>", 1).replace("</CHI_TIET_DVKT>", "</DVKT>", 1)
    return with_body(draft, "XML3", xml.encode()), "XML3[1]"


@raw("rows-none")
def no_rows(rng: random.Random) -> tuple[bytes, str]:
    draft = SHAPES["visit"](rng)
    draft.tables["XML5"] = []
    return draft.bytes(), "XML5"


@raw("older-names")
def older(rng: random.Random) -> tuple[bytes, str]:
    return SHAPES["older_transfer"](rng).bytes(), "XML13"


@raw("base64")
def not_base64(rng: random.Random) -> tuple[bytes, str]:
    draft = whole(rng)
    body = draft.body("XML2").encode()
    return draft.bytes().replace(
        body, rng.choice((body[:-1], b"*" + body[1:], body + b"=="))
    ), f"{HOSO}.FILEHOSO[2].NOIDUNGFILE"


@raw("not-encoded")
def not_encoded(rng: random.Random) -> tuple[bytes, str]:
    draft = whole(rng)
    xml = draft.xml("XML2").partition("?>")[2].encode()
    return draft.bytes().replace(draft.body("XML2").encode(), xml), f"{HOSO}.FILEHOSO[2].NOIDUNGFILE"


@raw("byte-order-mark")
def byte_order_mark(rng: random.Random) -> tuple[bytes, str]:
    return b"\xef\xbb\xbf" + whole(rng).bytes(), ROOT


@raw("encoding")
def other_encoding(rng: random.Random) -> tuple[bytes, str]:
    draft = whole(rng)
    xml = draft.xml("XML1").replace("Mệt, đau", "M\udcd6t").encode("utf8", "surrogateescape")
    return with_body(draft, "XML1", xml), "XML1.LY_DO_VV"


@raw("too-many")
def too_many(rng: random.Random) -> tuple[bytes, str]:
    content = whole(rng).bytes()
    return content.replace(b"</HOSO>", b"<FILEHOSO/>" * 50 + b"</HOSO>"), HOSO


@raw("too-large")
def too_large(rng: random.Random) -> tuple[bytes, str]:
    return b"<GIAMDINHHS>" + b" " * MAX_FILE_BYTES + b"</GIAMDINHHS>", ROOT


@raw("signature-missing")
def unsigned(rng: random.Random) -> tuple[bytes, str]:
    return whole(rng).bytes(), f"{ROOT}.CHUKYDONVI"


cell_fault("required", "visit stay", "XML1", "MA_BN", "", "  ")
cell_fault("required", "visit stay", "XML2", "TEN_THUOC", "")
cell_fault("required-when", "stay", "XML1", "LY_DO_VNT", "")
cell_fault("required-when", "visit", "XML1", "MA_DKBD", "")
cell_fault("required-when", "visit", "XML4", "NGAY_KQ", "")
cell_fault("expected-when", "birth", "XML1", "CAN_NANG_CON", "")
cell_fault("max-length", "visit stay", "XML1", "MA_BN", "X" * 101)
cell_fault("max-length", "visit stay", "XML3", "DON_VI_TINH", "Ữ" * 51)
cell_fault("length-doubt", "visit", "XML1", "MA_BENH_YHCT", "U50.1;" * 26)
cell_fault("number-format", "visit stay", "XML2", "SO_LUONG", "1,5", "một", "1e3", "１")
cell_fault("decimals", "visit stay", "XML2", "DON_GIA", "1.00001")
cell_fault("decimals-doubt", "visit", "XML1", "CAN_NANG", "54.500")
cell_fault(
    "date-format",
    "visit stay",
    "XML2",
    "NGAY_YL",
    "202611310800",
    "20261120",
    "2026-11-20 08:00",
    "202611202460",
)
cell_fault("code-list", "visit stay", "XML1", "KET_QUA_DTRI", "9", "0")
cell_fault("code-list", "visit stay", "XML3", "PHAM_VI", "7")
cell_fault("code-doubt", "visit", "XML3", "MA_NHOM", "9", "11", where={"MA_NHOM": "1"})
cell_fault("code-format", "visit", "XML1", "MA_BENH_KT", "i10", "10.5")
cell_fault("personal-id-format", "visit stay", "XML1", "SO_CCCD", "12345", "B123")


@fault("date-doubt", "appointment")
def with_a_time(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML14", 0, "NGAY_HEN_KL", draft.tables["XML14"][0]["NGAY_HEN_KL"] + "0900")


@fault("number-negative", "stay")
def negative_rest(draft: Draft, rng: random.Random) -> str:
    return put(draft, "XML7", 0, "SO_NGAY_NGHI", "-1")


@fault("time-ahead-doubt", "hiv", "tuberculosis")
def planned(draft: Draft, rng: random.Random) -> str:
    code = "XML6" if "XML6" in draft.tables else "XML15"
    return put(draft, code, 0, "NGAY_BAT_DAU_DT_CTX", "20270301")


def check_in(rng: random.Random, **changes: str) -> bytes:
    """Return a check-in (XML0) of one row."""
    arrival = start(rng)
    known = {
        name: value for name, value in (person(rng) | card(rng, arrival)).items() if name in blank("XML0")
    }
    row = blank("XML0") | known | {
        "MA_LK": f"01999.SYN.{rng.randrange(10**6):06}", "STT": "1", "MA_DOITUONG_KCB": "1.1",
        "NGAY_VAO": arrival,
        "MA_LOAI_KCB": "01", "MA_CSKCB": "01999", "MA_DICH_VU": "02.1897", "TEN_DICH_VU": "Khám",
        "NGAY_YL": at(arrival, 5),
    } | changes  # fmt: skip
    shape = TABLES["XML0"]["xml"]
    cells = "".join(f"<{name}>{value}</{name}>" for name, value in row.items())
    for name in ("item", "list", "root"):
        cells = f"<{shape[name]}>{cells}</{shape[name]}>"
    return cells.encode()


def check_in_fault(rule: str, name: str, *values: str, **changes: str) -> None:
    @raw(rule)
    def make(rng: random.Random) -> tuple[bytes, str]:
        return check_in(rng, **changes, **{name: rng.choice(values)}), f"XML0[1].{name}"


check_in_fault("checkin-order-before-arrival", "NGAY_YL", "202611010000", "202611012359")
check_in_fault(
    "checkin-admission-before-arrival",
    "NGAY_VAO_NOI_TRU",
    "202611010000",
    "202610010000",
    MA_LOAI_KCB="03",
    LY_DO_VNT="Mổ",
)
check_in_fault("birth-after-arrival", "NGAY_SINH", "202611250000", "203000000000")
check_in_fault("card-ended", "GT_THE_DEN", "20261101", GT_THE_TU="20260101")
check_in_fault("card-not-begun", "GT_THE_TU", "20261201")
check_in_fault("card-form", "MA_THE_BHYT", "DN401", "dn4010000000000")
check_in_fault("category-retired", "MA_DOITUONG_KCB", "1.8", "3.7")
check_in_fault("time-in-future", "NGAY_YL", "203001010000")


@raw("rows-missing")
def empty_check_in(rng: random.Random) -> tuple[bytes, str]:
    return b"<CHI_TIEU_TRANG_THAI_KCB><DSACH_TRANG_THAI_KCB/></CHI_TIEU_TRANG_THAI_KCB>", "XML0"


@raw("signature-missing")
def unsigned_check_in(rng: random.Random) -> tuple[bytes, str]:
    return check_in(rng), "CHI_TIEU_TRANG_THAI_KCB.CHUKYDONVI"
