"""Files that nobody meant well: always findings, never an exception, and soon."""

import base64
import gzip
import random
import re
import time

import pytest

from kcb.report import MAX_FINDINGS
from kcb.tables import tables
from kcb.validate import DOSSIER as DOSSIER_KIND
from kcb.validate import validate
from services.records.model.clinical_history import derive_history
from tests.samples.files import CHECK_IN, DOSSIER, sample, table_xml

HOSO = "GIAMDINHHS.THONGTINHOSO.DANHSACHHOSO.HOSO[1]"
TEXT = DOSSIER.decode()
INNER = {code: table_xml(tables()[code], rows) for code, rows in sample().tables.items()}
XML3 = INNER["XML3"]
LIST_END = "</DSACH_CHI_TIET_DVKT>"
PACKED = base64.b64encode(INNER["XML4"].encode()).decode()
SEED, FUZZED = 20261121, 600

# Seconds that no file may take; the slowest here takes a tenth on an idle machine.
SOON = 5


def with_body(code: str, body: str) -> bytes:
    """Return the sample with another body of a table."""
    file = sample()
    return file.bytes("".join(file.file(each, body if each == code else None) for each in file.tables))


def with_xml(code: str, xml: str | bytes) -> bytes:
    return with_body(code, base64.b64encode(xml if isinstance(xml, bytes) else xml.encode()).decode())


def said(content: bytes) -> list[tuple[str, str]]:
    return [(found.rule, found.path) for found in validate(content).refusals]


def doubted(content: bytes) -> list[tuple[str, str]]:
    known = {"signature-missing", "personal-id-differs"}
    return [(found.rule, found.path) for found in validate(content).warnings if found.rule not in known]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (TEXT.encode("utf-16"), "encoding"),
        (TEXT.encode("utf-16-le"), "encoding"),
        (TEXT.encode("utf-16-be"), "encoding"),
        (TEXT.encode("utf-32-be"), "encoding"),
        ("<GIAMDINHHS>ĐINH</GIAMDINHHS>".encode("cp1258"), "encoding"),
        (gzip.compress(DOSSIER, mtime=0), "encoding"),
        (b"<CHI_TIEU_TRANG_THAI_KCB>" + b"<a/>" * 2_000_001 + b"\xff", "encoding"),
        (b'<?xml version="1.0" encoding="utf-7"?>+ADw-GIAMDINHHS/+AD4-', "not-xml"),
        (b'<?xml version="9"?><GIAMDINHHS/>', "not-xml"),
        (b"<!doctype x><GIAMDINHHS/>", "not-xml"),
        (b"<GIAMDINHHS>&foo;</GIAMDINHHS>", "not-xml"),
        (b"<GIAMDINHHS>&#0;</GIAMDINHHS>", "not-xml"),
        (DOSSIER + b"<a/>", "not-xml"),
        (DOSSIER + b"\0", "not-xml"),
        (base64.b64encode(DOSSIER), "not-xml"),
        (b"PK\x03\x04", "not-xml"),
        (b"\xef\xbb\xbf", "not-xml"),
        (b"<GIAMDINHHS>" + b"<a/>" * 2_000_001 + b"</GIAMDINHHS>", "too-many"),
        (b"<GIAMDINHHS>" + b"".join(b"<a%x/>" % n for n in range(1500)) + b"</GIAMDINHHS>", "too-many"),
        (b"<GIAMDINHHS " + b" ".join(b"a%x=''" % n for n in range(10_500)) + b"/>", "too-many"),
        (b"<GIAMDINHHS>" + b"<a>" * 300 + b"</a>" * 300 + b"</GIAMDINHHS>", "too-large"),
    ],
    ids=lambda one: one if isinstance(one, str) else repr(one[:30]),
)
def test_what_no_parser_should_see_or_can_read_has_one_reason(content, rule):
    assert said(content) == [(rule, "GIAMDINHHS")]


@pytest.mark.parametrize(
    ("content", "rule", "path"),
    [
        (with_body("XML4", PACKED[:8] + "\u00a0" + PACKED[8:]), "base64", f"{HOSO}.FILEHOSO[4].NOIDUNGFILE"),
        (with_body("XML4", PACKED[:-1] + "-"), "base64", f"{HOSO}.FILEHOSO[4].NOIDUNGFILE"),
        (with_body("XML4", PACKED.rstrip("=")[:-1]), "base64", f"{HOSO}.FILEHOSO[4].NOIDUNGFILE"),
        (with_body("XML4", PACKED + "===="), "base64", f"{HOSO}.FILEHOSO[4].NOIDUNGFILE"),
        (with_body("XML4", base64.b64encode(PACKED.encode()).decode()), "not-xml", "XML4"),
        (with_body("XML4", "<a/><b/>"), "not-xml", "XML4"),
        (with_xml("XML4", gzip.compress(INNER["XML4"].encode(), mtime=0)), "encoding", "XML4"),
        (with_xml("XML4", INNER["XML4"].encode("utf-16")), "encoding", "XML4"),
        (with_xml("XML3", XML3.lower()), "table-root", "XML3"),
        (with_xml("XML3", b"<a>" * 300 + b"</a>" * 300), "too-large", "XML3"),
        (with_xml("XML3", XML3.replace(LIST_END, LIST_END + "<DSACH_CHI_TIET_DVKT/>")),
         "element-twice", "XML3.DSACH_CHI_TIET_DVKT"),
        (sample().bytes("<FILEHOSO/>" * 100), "too-many", HOSO),
        (TEXT.replace("</HOSO>", "</HOSO>" + "<HOSO/>" * 5000).encode(), "one-encounter", HOSO[:-3] + "[2]"),
        (TEXT.replace("</THONGTINDONVI>", "</THONGTINDONVI><THONGTINDONVI/>").encode(),
         "element-twice", "GIAMDINHHS.THONGTINDONVI"),
        (TEXT.replace("</DANHSACHHOSO>", "</DANHSACHHOSO><DANHSACHHOSO/>").encode(),
         "element-twice", "GIAMDINHHS.THONGTINHOSO.DANHSACHHOSO"),
        (TEXT.replace("<CHUKYDONVI/>", "<CHUKYDONVI/><CHUKYDONVI/>").encode(),
         "element-twice", "GIAMDINHHS.CHUKYDONVI"),
        (TEXT.replace("<SOLUONGHOSO>1<", f"<SOLUONGHOSO>{'9' * 1_000_000}<").encode(),
         "file-count", "GIAMDINHHS.THONGTINHOSO.SOLUONGHOSO"),
        (CHECK_IN.replace(b"</DSACH_TRANG_THAI_KCB>", b"</DSACH_TRANG_THAI_KCB><DSACH_TRANG_THAI_KCB/>"),
         "element-twice", "XML0.DSACH_TRANG_THAI_KCB"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_what_one_reader_takes_so_and_another_otherwise_has_one_reason(content, rule, path):
    assert said(content) == [(rule, path)]


@pytest.mark.parametrize(
    ("content", "doubts"),
    [
        (with_body("XML4", re.sub("(.{60})", "\\1\r\n ", PACKED)), []),
        (with_body("XML4", f"<![CDATA[{PACKED}]]>"), []),
        (with_xml("XML3", XML3.replace("202611200815", "20261120<!-- x -->0815")), []),
        (with_xml("XML3", XML3.replace("202611200815", "20261120<?x y?>0815")), []),
        (with_xml("XML3", XML3.replace("202611200815", "<![CDATA[202611]]>&#50;00815")), []),
        (with_xml("XML4", INNER["XML4"].replace("LAMSANG>", 'LAMSANG xmlns="u">', 1)), []),
        (b"\xef\xbb\xbf" + DOSSIER, [("byte-order-mark", "GIAMDINHHS")]),
        (with_xml("XML4", "\ufeff" + INNER["XML4"]), [("byte-order-mark", "XML4")]),
        (TEXT.replace("utf-8", "windows-1258", 1).encode(), [("encoding-declared", "GIAMDINHHS")]),
        (with_xml("XML4", INNER["XML4"].replace("utf-8", "utf-16")), [("encoding-declared", "XML4")]),
        (TEXT.replace("</HOSO>", "<FileHoSo/></HOSO>").encode(), [("element-unknown", f"{HOSO}.FileHoSo")]),
        (with_xml("XML3", XML3.replace("<MA_LK>", "<ID001485000016/><MA_LK>", 1)),
         [("element-unknown", "XML3[1]")]),
    ],
    ids=lambda one: "" if isinstance(one, bytes) else repr(one),
)  # fmt: skip
def test_what_is_only_unusual_is_read_and_told(content, doubts):
    assert (said(content), doubted(content)) == ([], doubts)


def test_an_element_that_is_no_row_keeps_its_number_and_the_rows_after_it_theirs():
    xml = XML3.replace("<DSACH_CHI_TIET_DVKT>", "<DSACH_CHI_TIET_DVKT><ODD/>").replace("202611200815", "bad")

    assert said(with_xml("XML3", xml)) == [("row-element", "XML3[1]"), ("date-format", "XML3[3].NGAY_YL")]


def test_no_number_of_doubts_hides_a_refusal():
    file = sample()
    row = [pair for pair in file.tables["XML4"][0] if pair[0] != "DU_PHONG"]
    file.tables["XML4"] = [list(row) for _ in range(MAX_FINDINGS + 100)]
    file.set("XML4", MAX_FINDINGS + 50, "TEN_CHI_SO", "")

    assert len(validate(file.bytes()).warnings) == MAX_FINDINGS
    assert said(file.bytes()) == [("required", f"XML4[{MAX_FINDINGS + 50}].TEN_CHI_SO")]


@pytest.mark.parametrize("row", ["<CHI_TIET_DVKT/>", "<CHI_TIET_DVKT><A/></CHI_TIET_DVKT>", "<ODD/>"])
def test_a_file_of_nothing_but_faults_is_told_soon(row):
    xml = f"<CHITIEU_CHITIET_DVKT_VTYT><DSACH_CHI_TIET_DVKT>{row * 20_000}</DSACH_CHI_TIET_DVKT>"
    begun = time.monotonic()
    report = validate(with_xml("XML3", f"{xml}</CHITIEU_CHITIET_DVKT_VTYT>"))

    assert time.monotonic() - begun < SOON
    assert len(report.refusals) == MAX_FINDINGS


def test_random_damage_gives_findings_and_what_is_accepted_can_be_kept():
    chance, begun, accepted = random.Random(SEED), time.monotonic(), 0
    for _ in range(FUZZED):
        report = validate(damaged(chance))
        assert all(found.path and found.vi and found.en for found in report.findings)
        if report.accepted and report.kind == DOSSIER_KIND:
            derive_history(report)
            accepted += 1

    assert 0 < accepted < FUZZED
    assert time.monotonic() - begun < 12 * SOON


PIECES = [
    *["\u00a0", "\u202e", "１", "٣", "<", "&", "&#0;", "&x;", "]]>", "<!--", "-->", "<![CDATA[", "<?pi ?>"],
    *["\ufffe", "<a>", "</a>", " xmlns:x='u'", ";", ",", "-", "", "999999999999", "1e9", "NaN", "<!DOCTYPE"],
    *["=", "/>", "<MA_LK>", "</MA_LK>", "\x00", "\x0b", "-1", "0", "00000000", "999912312359"],
]


def damaged(chance: random.Random) -> bytes:
    """Return a sample, a table of it, or a value of it, cut, doubled or overwritten in a few places."""
    kind = chance.randrange(5)
    if kind == 0:
        return DOSSIER[: chance.randrange(len(DOSSIER))]
    if kind == 1:
        return struck(chance, chance.choice([DOSSIER, CHECK_IN]))
    if kind == 2:
        code = chance.choice(list(INNER))
        return with_xml(code, struck(chance, INNER[code].encode()))
    file = sample()
    for _ in range(chance.randint(1, 6)):
        row = chance.choice(file.tables[chance.choice(list(file.tables))])
        at = chance.randrange(len(row))
        value = "".join(chance.choices([*PIECES, row[at][1]], k=chance.randint(0, 3)))
        row[at] = (row[at][0], re.sub("[\x00\x0b\ufffe]", "", value))
    return file.bytes()


def struck(chance: random.Random, content: bytes) -> bytes:
    made = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(made))
        end = at + chance.choice([0, 1, 8, 64])
        made[at:end] = chance.choice(
            [b"", made[at:end] * 2, chance.randbytes(3), chance.choice(PIECES).encode()]
        )
    return bytes(made)
