"""Health checks as they come: three age groups, every way to write one XML, and what breaks readers."""

import base64
import unicodedata
from collections.abc import Callable

import pytest

from kcb.ksk_validate import validate_ksk
from kcb.xml_parser import MAX_FILE_BYTES
from tests.samples.health_checks import CheckFile, adult_modules, form

from .test_kcb_ksk import NOW, judged, rules_at

GROUPS = {
    "under 6": {
        "NGAY_SINH": "202303120000",
        "TUOI": "3",
        "DOI_TUONG": "10",
        "MA_NGHE_NGHIEP": "",
        "CHIEU_DAI": "96",
    },
    "6 to 17": {"NGAY_SINH": "201503120000", "TUOI": "11", "DOI_TUONG": "11", "MA_NGHE_NGHIEP": ""},
    "18 and over": {},
    "elderly": {"NGAY_SINH": "194003120000", "TUOI": "86", "DOI_TUONG": "01"},
    "a birth year alone": {"NGAY_SINH": "194000000000", "TUOI": "86"},
    "a man": {"GIOI_TINH": "1"},
}
WOMEN = (
    "PARA", "CHU_KY_KINH", "LUONG_KINH", "DAU_BUNG_KINH", "DA_LAP_GIA_DINH", "TINH_CHAT_KINH_NGUYET",
    "CO_KINH_NGUYET_NAM_BAO_NHIEU_TUOI", "DA_TUNG_MO_SAN_PHU_KHOA_CHUA", "SO_LAN_MO_SAN_PHU_KHOA",
    "GHI_RO_MO_SAN_PHU_KHOA", "DANG_AP_DUNG_BPTT_KHONG", "BIEN_PHAP_TRANH_THAI",
    "KET_QUA_KHAM_SAN_PHU_KHOA", "KHAM_SAN_PHU_KHOA_PL",
)  # fmt: skip


@pytest.mark.parametrize("group", GROUPS)
def test_a_right_check_of_each_group_has_no_finding(group: str):
    file = adult_modules()
    for name, value in GROUPS[group].items():
        file.set(name, value)
    if group != "18 and over":
        for name in WOMEN:
            file.set(name, "")

    assert rules_at(judged(file)) == set()


def written(change: Callable[[str], str]) -> bytes:
    """A check whose modules are written another way."""
    file = adult_modules()
    file.documents = {code: change(file.document(code).decode()).encode() for code in file.modules}
    return file.bytes()


def plain(file: CheckFile) -> bytes:
    """A check whose modules are not in base64, as some exports have them."""
    content = file.bytes()
    for code in file.modules:
        document = file.document(code).partition(b"?>")[2]
        content = content.replace(base64.b64encode(file.document(code)), document)
    return content


def in_cdata(text: str) -> str:
    return text.replace("<HO_TEN>Trần Thị Mẫu<", "<HO_TEN><![CDATA[Trần Thị Mẫu]]><")


WAYS: dict[str, tuple[bytes, set[str]]] = {
    "CRLF": (adult_modules().bytes().replace(b"\n", b"\r\n"), set()),
    "namespaces": (
        adult_modules()
        .bytes()
        .replace(b"<KHAMSUCKHOE>", b'<KHAMSUCKHOE xmlns:xsi="http://x" xmlns:xsd="http://y">'),
        set(),
    ),
    "byte order mark": (b"\xef\xbb\xbf" + adult_modules().bytes(), {"byte-order-mark"}),
    "no declaration": (adult_modules().bytes().partition(b"?>")[2], set()),
    "decomposed letters": (written(lambda text: unicodedata.normalize("NFD", text)), set()),
    "CDATA": (written(in_cdata), set()),
    "white space": (written(lambda text: text.replace("><", ">\r\n  <").replace(">2<", "> 2 <")), set()),
    "comments": (written(lambda text: text.replace("<PHAN_LOAI_SK>", "<!-- x --><PHAN_LOAI_SK>")), set()),
    "not in base64": (plain(adult_modules()), {"not-encoded"}),
    "base64 in lines": (adult_modules().bytes().replace(b"PD94bWwg", b"PD94\r\nbWwg"), set()),
    "another order": (
        adult_modules().bytes("".join(map(adult_modules().file, reversed(adult_modules().modules)))),
        set(),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_one_check_is_taken_however_it_is_written(way: str):
    content, doubts = WAYS[way]
    report = validate_ksk(content, now=NOW)

    assert report.accepted, report.refusals
    assert {rule for rule, _ in rules_at(report)} == doubts
    assert report.get("PHAN_LOAI_SK") == "2"


@pytest.mark.parametrize("make", [adult_modules, lambda: form(2)], ids=["modules", "MAU2"])
def test_an_element_that_is_absent_is_as_one_that_is_empty(make: Callable[[], CheckFile]):
    for name in ("CHIEU_CAO", "NHOM_MAU", "KET_LUAN_BENH", "MA_GTIN_CSKCB"):
        assert rules_at(judged(make().drop(name))) == rules_at(judged(make().set(name, "")))


HOSTILE = {
    "entities": b'<!DOCTYPE a [<!ENTITY b "c">]><KHAMSUCKHOE>&b;</KHAMSUCKHOE>',
    "deep": b"<KHAMSUCKHOE>" + b"<a>" * 100_000,
    "many names": b"<KHAMSUCKHOE>"
    + b"".join(b"<a%d/>" % number for number in range(2_000))
    + b"</KHAMSUCKHOE>",
    "many elements": b"<KHAMSUCKHOE>" + b"<a/>" * 2_000_001 + b"</KHAMSUCKHOE>",
    "UTF-16": "<KHAMSUCKHOE/>".encode("utf-16"),
    "too large": b"<KHAMSUCKHOE>" + b" " * MAX_FILE_BYTES + b"</KHAMSUCKHOE>",
    "nothing": b"",
    "another root": b"<GIAMDINHHS/>",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_one_refusal(kind: str):
    report = validate_ksk(HOSTILE[kind], now=NOW)

    assert [finding.refuses for finding in report.findings] == [True]


@pytest.mark.parametrize("kind", ["entities", "deep", "many names"])
def test_a_hostile_module_is_refused_at_its_module(kind: str):
    file = adult_modules()
    file.documents["XML3"] = HOSTILE[kind]
    report = judged(file)

    assert [finding.path for finding in report.refusals] == ["XML3"]
