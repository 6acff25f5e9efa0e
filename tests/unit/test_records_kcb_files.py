"""The file as a whole: what is no dossier, what is dangerous, what does not agree with itself."""

import base64
import random

import pytest

from kcb.required_when import DECIDED, ONLY_EXPECTED
from kcb.rule_catalogue import RULES
from kcb.tables import code_lists, dossier_tables, older_tables, tables
from kcb.validate import CHECK_IN_KIND, DOSSIER, validate
from kcb.xml_parser import MAX_FILE_BYTES
from tests.corpus.shapes import SHAPES
from tests.samples import files
from tests.samples.files import check_in, full_row, sample, table_xml

HOSO = "GIAMDINHHS.THONGTINHOSO.DANHSACHHOSO.HOSO"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><GIAMDINHHS>&c;</GIAMDINHHS>'
)
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><GIAMDINHHS>&a;</GIAMDINHHS>'


def said(content: bytes, kind: str = "") -> list[tuple[str, str]]:
    """Return the refusals as (rule, path)."""
    return [(finding.rule, finding.path) for finding in validate(content, kind).refusals]


def doubted(content: bytes) -> list[tuple[str, str]]:
    """Return the warnings but those of the sample itself."""
    known = {"signature-missing", "personal-id-differs"}
    return [(found.rule, found.path) for found in validate(content).warnings if found.rule not in known]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "not-xml"),
        (b"hello", "not-xml"),
        (b"<GIAMDINHHS>", "not-xml"),
        (b"\x00\x01", "not-xml"),
        (b"\xff\xfe<GIAMDINHHS/>", "encoding"),
        ("<GIAMDINHHS/>".encode("utf-16"), "encoding"),
        (BOMB, "doctype"),
        (EXTERNAL, "doctype"),
        (b"<!DOCTYPE GIAMDINHHS><GIAMDINHHS/>", "doctype"),
        (b"<HOSO/>", "root"),
        (b" " * (MAX_FILE_BYTES + 1), "too-large"),
        (b"<a>" + b"x" * 10_000_001 + b"</a>", "root"),
        (b"<a>" * 3000 + b"x" * 10_000_001 + b"</a>" * 3000, "too-large"),
        (b"<a>" * 400 + b"</a>" * 400, "too-large"),
    ],
)
def test_what_is_no_dossier_is_refused_once(content, rule):
    assert said(content) == [(rule, "GIAMDINHHS")]


def test_a_check_in_is_no_dossier_and_a_dossier_no_check_in():
    assert said(files.CHECK_IN, DOSSIER) == [("root", "GIAMDINHHS")]
    assert said(files.DOSSIER, CHECK_IN_KIND) == [("root", "CHI_TIEU_TRANG_THAI_KCB")]


def test_namespaces_spaces_cdata_comments_and_a_missing_declaration_are_no_fault():
    text = sample().bytes().decode().partition("?>")[2]
    text = text.replace("<GIAMDINHHS>", '<!-- x --><GIAMDINHHS xmlns="urn:x" xmlns:xsi="urn:y">')
    text = text.replace("<MACSKCB>01999", "<MACSKCB> <!-- a --><![CDATA[01999]]>\n")

    assert said(text.encode()) == []


def test_a_byte_order_mark_is_doubted():
    assert ("byte-order-mark", "GIAMDINHHS") in doubted(b"\xef\xbb\xbf" + files.DOSSIER)


@pytest.mark.parametrize(
    ("change", "rule", "path"),
    [
        ({"facility": ""}, "required", "GIAMDINHHS.THONGTINDONVI.MACSKCB"),
        ({"facility": "1999"}, "facility-code", "GIAMDINHHS.THONGTINDONVI.MACSKCB"),
        ({"facility": "01998"}, "one-facility", "GIAMDINHHS.THONGTINDONVI.MACSKCB"),
        ({"count": "2"}, "file-count", "GIAMDINHHS.THONGTINHOSO.SOLUONGHOSO"),
        ({"count": "x"}, "number-format", "GIAMDINHHS.THONGTINHOSO.SOLUONGHOSO"),
        ({"count": ""}, "required", "GIAMDINHHS.THONGTINHOSO.SOLUONGHOSO"),
        ({"date": "20261131"}, "date-format", "GIAMDINHHS.THONGTINHOSO.NGAYLAP"),
        ({"date": ""}, "required", "GIAMDINHHS.THONGTINHOSO.NGAYLAP"),
    ],
)
def test_a_fault_of_the_envelope_is_named_by_its_path(change, rule, path):
    file = sample()
    for name, value in change.items():
        setattr(file, name, value)

    assert said(file.bytes()) == [(rule, path)]


@pytest.mark.parametrize(
    ("code", "body", "rule", "path"),
    [
        ("XML2", "@@@", "base64", f"{HOSO}[1].FILEHOSO[2].NOIDUNGFILE"),
        ("XML1", "abc", "base64", f"{HOSO}[1].FILEHOSO[1].NOIDUNGFILE"),
        ("XML2", "", "required", f"{HOSO}[1].FILEHOSO[2].NOIDUNGFILE"),
        ("XML2", base64.b64encode(b"<a").decode(), "not-xml", "XML2"),
        ("XML1", base64.b64encode(b"<a").decode(), "not-xml", "XML1"),
        ("XML2", base64.b64encode(BOMB).decode(), "doctype", "XML2"),
        ("XML2", base64.b64encode("é".encode("latin1")).decode(), "encoding", "XML2"),
        ("XML2", base64.b64encode(b"<TONG_HOP/>").decode(), "table-root", "XML2"),
        ("XML2", base64.b64encode(b"<CHITIEU_CHITIET_THUOC/>").decode(), "table-list", "XML2"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_fault(code, body, rule, path):
    file = sample()
    inside = "".join(file.file(each, body if each == code else None) for each in file.tables)

    assert said(file.bytes(inside)) == [(rule, path)]


@pytest.mark.parametrize(
    ("name", "rule"),
    [("XML99", "table-unknown"), ("XML12", "table-not-sent"), ("XML0", "table-not-sent"), ("", "required")],
)
def test_a_table_that_may_not_be_there_is_named(name, rule):
    file = sample()
    inside = file.bytes().replace(b"<LOAIHOSO>XML3</", f"<LOAIHOSO>{name}</".encode())

    assert said(inside) == [(rule, f"{HOSO}[1].FILEHOSO[3].LOAIHOSO")]


def test_a_wrong_row_element_a_second_table_and_a_second_encounter_are_named():
    file = sample()
    twice = "".join(file.file(code) for code in [*file.tables, "XML4"])
    two = file.bytes().replace(b"</HOSO>", b"</HOSO><HOSO/>")
    plain = table_xml(tables()["XML4"], file.tables["XML4"]).replace("CHI_TIET_CLS>", "DONG>")
    body = base64.b64encode(plain.replace("DSACH_DONG>", "DSACH_CHI_TIET_CLS>").encode()).decode()
    odd = "".join(file.file(code, body if code == "XML4" else None) for code in file.tables)

    assert said(file.bytes(twice)) == [("table-twice", f"{HOSO}[1].FILEHOSO[7].LOAIHOSO")]
    assert said(file.bytes(odd)) == [("row-element", "XML4[1]")]
    assert said(two) == [("one-encounter", f"{HOSO}[2]")]


def test_without_xml1_only_that_is_said():
    file = sample()
    del file.tables["XML1"]

    assert said(file.bytes()) == [("sent-xml1", "XML1")]


def test_inner_xml_that_is_not_encoded_is_read_and_doubted():
    file = sample()
    plain = table_xml(tables()["XML4"], file.tables["XML4"]).partition("?>")[2]
    inside = "".join(file.file(code, plain if code == "XML4" else None) for code in file.tables)
    cdata = "".join(
        file.file(code, f"<![CDATA[{plain}]]>" if code == "XML4" else None) for code in file.tables
    )

    for content in (file.bytes(inside), file.bytes(cdata)):
        assert said(content) == []
        assert doubted(content) == [("not-encoded", f"{HOSO}[1].FILEHOSO[4].NOIDUNGFILE")]


@pytest.mark.parametrize(
    ("code", "number", "path"), [("XML1", 1, "XML1"), ("XML3", 2, "XML3[2]"), ("XML14", 1, "XML14")]
)
def test_a_link_key_that_one_row_has_alone_is_that_rows_fault(code, number, path):
    assert said(sample().set(code, number, "MA_LK", "OTHER").bytes()) == [("one-key", f"{path}.MA_LK")]


@pytest.mark.parametrize("code", ["XML1", "XML13", "XML14"])
def test_a_facility_that_one_table_has_alone_is_that_tables_fault(code):
    content = sample().set(code, 1, "MA_CSKCB", "79999").bytes()

    assert said(content) == [("one-facility", f"{code}.MA_CSKCB")]


def test_of_two_that_differ_the_envelope_is_believed():
    file = sample()
    file.tables = {code: file.tables[code] for code in ("XML1", "XML2", "XML3")}
    file.set("XML1", 1, "MA_LOAI_RV", "1").set("XML1", 1, "MA_CSKCB", "79999")

    assert said(file.bytes()) == [("one-facility", "XML1.MA_CSKCB")]


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("GT_THE_DEN", "20261119", "card-ended"),
        ("GT_THE_DEN", "20251231", "card-ended"),
        ("GT_THE_TU", "20261121", "card-not-begun"),
        ("NGAY_RA", "202611200759", "discharge-before-arrival"),
        ("NGAY_RA", "202602300900", "date-format"),
        ("NGAY_VAO", "202611200860", "date-format"),
        ("NGAY_SINH", "198500120000", "date-format"),
        ("NGAY_SINH", "198513120000", "date-format"),
        ("MA_NOI_DEN", "", "receiving-facility"),
        ("GT_THE_DEN", "", "required-when"),
        ("MA_BENH_CHINH", "I10;I11", "icd-main-one"),
        ("MA_BENH_KT", ";".join(["I10"] * 13), "icd-secondary-12"),
        ("T_THUOC", "330000.005", "decimals"),
        ("T_THUOC", "30,000", "number-format"),
        ("T_THUOC", "1e5", "number-format"),
        ("T_THUOC", "３０", "number-format"),
        ("CAN_NANG", "54.555", "decimals"),
        ("GIOI_TINH", "4", "code-list"),
        ("MA_LOAI_KCB", "1", "code-list"),
        ("MA_KHUVUC", "K9", "code-list"),
        ("GT_THE_TU", "20260101;2026", "date-format"),
        ("MA_DOITUONG_KCB", "1.9", "category-retired"),
        ("MA_THE_BHYT", "XX", "card-form"),
        ("T_THUOC", "-1", "amount-negative"),
    ],
)
def test_a_wrong_value_in_xml1_is_one_fault(name, value, rule):
    assert said(sample().set("XML1", 1, name, value).bytes()) == [(rule, f"XML1.{name}")]


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("MA_DOITUONG_KCB", "7.1", "code-doubt"),
        ("MA_TAI_NAN", "77", "length-doubt"),
        ("MA_NGHE_NGHIEP", "00000", "length-doubt"),
        ("SO_CCCD", "AB-1", "personal-id-format"),
        ("MA_BENH_CHINH", "hello", "code-format"),
        ("T_THUOC", "330000.000", "decimals-doubt"),
        ("GHI_CHU", "x" * 4001, "length-doubt"),
        ("NGAY_TTOAN", "", None),
    ],
)
def test_what_sources_do_not_settle_is_only_doubted(name, value, rule):
    content = sample().set("XML1", 1, name, value).bytes()

    assert said(content) == []
    assert rule is None or rule in [found for found, _ in doubted(content)]


@pytest.mark.parametrize("value", ["198500000000", "198503000000", "198503121530"])
def test_a_birth_date_may_be_known_in_part(value):
    assert said(sample().everywhere("NGAY_SINH", value).bytes()) == []


def test_several_cards_are_read_and_one_that_covers_the_day_is_enough():
    file = (
        sample()
        .set("XML1", 1, "MA_THE_BHYT", "DN4010000000000;DN4010000000001")
        .set("XML1", 1, "MA_DKBD", "01999;01999")
        .set("XML1", 1, "GT_THE_TU", "20250101; 20260101")
        .set("XML1", 1, "GT_THE_DEN", "20251231;20261231")
    )

    assert said(file.bytes()) == []


def test_a_person_who_is_not_insured_needs_no_card():
    draft = SHAPES["uninsured"](random.Random(1))

    assert draft.main["MA_THE_BHYT"] == ""
    assert said(draft.bytes()) == []


def test_both_the_older_and_the_newer_names_of_the_transfer_slip_are_read():
    older = older_tables()["XML13"]
    file = sample()
    file.tables["XML13"] = [full_row(older)]
    file.set("XML13", 1, "MA_LOAI_RV", "2")

    assert said(file.bytes()) == []
    assert ("older-names", "XML13") in doubted(file.bytes())
    assert said(file.set("XML13", 1, "TEN_DICH_VU", "").bytes()) == [("required", "XML13.TEN_DICH_VU")]


def test_unknown_elements_and_a_wrong_order_are_doubted_and_twice_is_refused():
    file = sample()
    file.tables["XML1"][0].append(("EXTRA", "1"))
    file.tables["XML4"][0].reverse()
    assert said(file.bytes()) == []
    assert ("element-unknown", "XML1.EXTRA") in doubted(file.bytes())
    assert "element-order" in [rule for rule, _ in doubted(file.bytes())]

    file = sample()
    file.tables["XML1"][0].insert(1, ("MA_LK", "again"))
    assert said(file.bytes()) == [("element-twice", "XML1.MA_LK")]


def test_a_field_with_elements_in_it_is_refused():
    file = sample()
    plain = table_xml(tables()["XML4"], file.tables["XML4"]).replace("5.4", "<b>5.4</b>")
    inside = "".join(
        file.file(code, base64.b64encode(plain.encode()).decode() if code == "XML4" else None)
        for code in file.tables
    )

    assert said(file.bytes(inside)) == [("element-nested", "XML4[1].GIA_TRI")]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"MA_NHOM": "8"}, ["MA_PTTT_QT", "NGUOI_THUC_HIEN"]),
        ({"MA_NHOM": "10"}, ["TT_THAU"]),
        ({"MA_NHOM": "12"}, ["MA_XANG_DAU"]),
        ({"MA_NHOM": "15"}, ["MA_GIUONG"]),
        ({"MA_DICH_VU": ""}, ["MA_DICH_VU"]),
        ({"TEN_DICH_VU": ""}, ["TEN_DICH_VU"]),
        ({"MA_NHOM": "99"}, ["MA_NHOM"]),
    ],
)
def test_what_a_service_line_needs_depends_on_its_group(changes, name):
    file = sample()
    for field, value in changes.items():
        file.set("XML3", 1, field, value)

    assert [path for _, path in said(file.bytes())] == [f"XML3[1].{field}" for field in name]


def test_a_check_in_needs_one_of_three_codes_and_says_which():
    assert said(check_in(2, MA_DICH_VU="", TEN_DICH_VU="")) == [("required-when", "XML0[2].MA_DICH_VU")]
    named = check_in(1, MA_DICH_VU="", TEN_DICH_VU="", TEN_THUOC="A")
    assert said(named) == [("required-when", "XML0[1].MA_THUOC")]
    assert said(check_in(1, MA_CSKCB="")) == [("required", "XML0[1].MA_CSKCB")]
    assert said(check_in(1, GT_THE_DEN="20251231")) == [("card-ended", "XML0[1].GT_THE_DEN")]


def test_the_same_row_number_twice_is_doubted():
    assert ("row-number-twice", "XML3[2].STT") in doubted(sample().set("XML3", 2, "STT", "1").bytes())


def test_tables_that_must_come_and_do_not_are_refused_by_their_names():
    draft = SHAPES["stay"](random.Random(1))
    for code in ("XML5", "XML7", "XML8"):
        del draft.tables[code]

    assert said(draft.bytes()) == [("sent-xml5", "XML5"), ("sent-xml7", "XML7"), ("sent-xml8", "XML8")]


def test_every_phrase_that_is_decided_is_a_phrase_of_the_catalogue():
    phrases = {field.when for table in tables().values() for field in table.fields}

    assert set(DECIDED) <= phrases
    assert set(ONLY_EXPECTED) <= set(DECIDED)


def test_the_catalogue_is_whole():
    assert len(tables()) == 16
    assert sum(len(table.fields) for table in tables().values()) == 479
    assert len(dossier_tables()) == 14
    assert {field.codes.name for table in tables().values() for field in table.fields if field.codes} <= set(
        code_lists()
    )


def test_every_rule_has_two_sentences_and_a_name_in_kebab_case():
    for rule in RULES.values():
        assert rule.name == rule.name.lower().replace("_", "-")
        assert rule.vi.endswith(".")
        assert rule.en.endswith(".")
