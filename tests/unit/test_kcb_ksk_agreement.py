"""Health checks: what must agree between fields, what cannot have happened, and envelopes that are none."""

from datetime import UTC, datetime

import pytest

from kcb.ksk_catalogue import HERE, KSK_RULES
from kcb.ksk_validate import validate_ksk
from tests.samples.health_checks import CheckFile, adult_modules, form

from .test_kcb_ksk import NOW, judged, rules_at

AT_CHECK = "KHAMSUCKHOE.THONGTINHOSO.DANHSACHHOSO.HOSO[1]"


def adult(**changes: str) -> CheckFile:
    file = adult_modules()
    for name, value in changes.items():
        file.set(name, value)
    return file


# A fault, and beside it what is right: (changes, the rule and where, changes of the neighbour).
PAIRS = [
    ({"NGAY_VAO": "202611210800"}, ("time-in-future", "XML2.NGAY_VAO"), {"NGAY_VAO": "202611200859"}),
    ({"NGAYCAP_CCCD": "20261122"}, ("time-in-future", "XML1.NGAYCAP_CCCD"), {"NGAYCAP_CCCD": "20261120"}),
    ({"NGAY_RA": "202611200759"}, ("date-order", "XML2.NGAY_RA"), {"NGAY_RA": "202611200800"}),
    (
        {"NGAY_SINH": "202611210000", "TUOI": "0"},
        ("time-in-future", "XML1.NGAY_SINH"),
        {"NGAY_SINH": "198500000000"},
    ),
    ({"TUOI": "40"}, ("age-differs", "XML1.TUOI"), {"TUOI": "41"}),
    (
        {"TUOI": "43", "NGAY_SINH": "198500000000"},
        ("age-differs", "XML1.TUOI"),
        {"NGAY_SINH": "198500000000"},
    ),
    ({"GIOI_TINH": "1"}, ("sex-doubt", "XML5.PARA"), {"GIOI_TINH": "2"}),
    ({"CHI_SO_BMI": "25.0"}, ("bmi-differs", "XML10.CHI_SO_BMI"), {"CHI_SO_BMI": "21.03"}),
    ({"BMI": "11"}, ("bmi-differs", "XML4.BMI"), {"BMI": "21"}),
    ({"HO_TEN": "Tr?n Thị Mẫu"}, ("letters-lost", "XML1.HO_TEN"), {"HO_TEN": "Trần Thị Mẫu"}),
    (
        {"TSGD_MAC_BENH": "1", "TSGD_MA_BENH": ""},
        ("required-doubt", "XML5.TSGD_MA_BENH"),
        {"TSGD_MAC_BENH": "0"},
    ),
    ({"MA_TSBT": "1", "TSBT_MA_BENH": ""}, ("required-doubt", "XML5.TSBT_MA_BENH"), {"MA_TSBT": "1"}),
    ({"MA_CSKCB": "79999"}, ("one-facility", "XML2.MA_CSKCB"), {"MA_CSKCB": "01999"}),
    (
        {"TSBT_NAM_PHAT_HIEN_BENH": "2027"},
        ("year-doubt", "XML5.TSBT_NAM_PHAT_HIEN_BENH"),
        {"TSBT_NAM_PHAT_HIEN_BENH": "2026"},
    ),
    (
        {"NGAY_VAO": "202611190800", "NGAY_RA": "202611191859"},
        ("sent-late", "XML2.NGAY_RA"),
        {"NGAY_VAO": "202611191900", "NGAY_RA": "202611191901"},
    ),
]


@pytest.mark.parametrize(("wrong", "expected", "right"), PAIRS, ids=[f"{e[0]}-{e[1]}" for _, e, _ in PAIRS])
def test_a_fault_between_fields_is_named_and_its_neighbour_is_not(
    wrong: dict[str, str], expected: tuple[str, str], right: dict[str, str]
):
    report = judged(adult(**wrong))

    assert expected in rules_at(report)
    assert report.accepted != KSK_RULES[expected[0]].refuses
    assert expected not in rules_at(judged(adult(**right)))


def test_a_birth_after_the_check_is_refused():
    report = judged(adult(NGAY_SINH="202611200000", NGAY_VAO="202611190800", NGAY_RA="202611190900", TUOI=""))

    assert ("birth-after-arrival", "XML1.NGAY_SINH") in rules_at(report)
    assert not report.accepted


def test_a_form_for_another_age_is_doubted():
    report = judged(form(1).set("NGAY_SINH", "198503120000").set("TUOI", "41"))

    assert ("form-age", "MAU1.NGAY_SINH") in rules_at(report)
    assert report.accepted


def test_a_key_of_another_check_is_refused():
    file = adult_modules()
    file.modules["XML1"]["MA_LK"] = "another"
    assert ("element-unknown", "XML1.MA_LK") in rules_at(judged(file))
    assert judged(file).accepted


@pytest.mark.parametrize("code", ["XML1", "XML2", "XML8"])
def test_a_module_without_which_nothing_is_known_is_missed(code: str):
    report = judged(adult_modules().without(code))

    assert [(each.rule, each.path) for each in report.refusals] == [("module-missing", code)]


@pytest.mark.parametrize("code", ["XML3", "XML4"])
def test_a_module_that_is_usual_is_doubted_when_it_is_missing(code: str):
    report = judged(adult_modules().without(code))

    assert report.accepted
    assert ("module-expected", code) in rules_at(report)


@pytest.mark.parametrize("code", ["XML5", "XML6", "XML7", "XML9", "XML11"])
def test_a_module_that_is_optional_is_not_missed(code: str):
    assert rules_at(judged(adult_modules().without(code))) == set()


ENVELOPES = [
    (b"<MACSKCB>01999<", b"<MACSKCB>019<", "facility-code", "KHAMSUCKHOE.THONGTINDONVI.MACSKCB"),
    (b"<MACSKCB>01999<", b"<MACSKCB><", "required", "KHAMSUCKHOE.THONGTINDONVI.MACSKCB"),
    (b"<SOLUONGHOSO>1<", b"<SOLUONGHOSO>2<", "file-count", "KHAMSUCKHOE.THONGTINHOSO.SOLUONGHOSO"),
    (b"<LOAIHOSO>XML5<", b"<LOAIHOSO>XML12<", "module-unknown", f"{AT_CHECK}.FILEHOSO[5].LOAIHOSO"),
    (b"<LOAIHOSO>XML5<", b"<LOAIHOSO>XML4<", "module-twice", f"{AT_CHECK}.FILEHOSO[5].LOAIHOSO"),
    (b"<LOAIHOSO>XML5<", b"<LOAIHOSO>MAU2<", "form-and-modules", "MAU2"),
    (b"<LOAIHOSO>XML9<", b"<LOAIHOSO><", "required", f"{AT_CHECK}.FILEHOSO[9].LOAIHOSO"),
    (b"<HOSO>", b"<HOSO/><HOSO>", "one-check", "KHAMSUCKHOE.THONGTINHOSO.DANHSACHHOSO.HOSO[2]"),
    (b"KHAMSUCKHOE>", b"GIAMDINHHS>", "root", "KHAMSUCKHOE"),
    (b"<HOSO>", b"<!DOCTYPE x><HOSO>", "doctype", "KHAMSUCKHOE"),
    (b"<NOIDUNGFILE>", b"<NOIDUNGFILE>*", "base64", f"{AT_CHECK}.FILEHOSO[1].NOIDUNGFILE"),
]


@pytest.mark.parametrize(
    ("old", "new", "rule", "path"), ENVELOPES, ids=[f"{e[2]}-{e[3][-20:]}" for e in ENVELOPES]
)
def test_an_envelope_that_is_none_is_refused_at_its_place(old: bytes, new: bytes, rule: str, path: str):
    report = validate_ksk(adult_modules().bytes().replace(old, new), now=NOW)

    assert not report.accepted
    assert (rule, path) in rules_at(report)


def test_elements_that_come_twice_hold_others_or_are_unknown_are_named():
    file = adult_modules()
    document = file.document("XML8").replace(
        b"<PHAN_LOAI_SK>2</PHAN_LOAI_SK>",
        b"<PHAN_LOAI_SK>2</PHAN_LOAI_SK><PHAN_LOAI_SK>3</PHAN_LOAI_SK><KHAC>1</KHAC>",
    )
    file.documents["XML8"] = document
    twice = judged(file)
    file.documents["XML8"] = (
        adult_modules().document("XML8").replace(b">2</PHAN_LOAI_SK>", b"><b/></PHAN_LOAI_SK>")
    )
    nested = judged(file)

    assert rules_at(twice) >= {("element-twice", "XML8.PHAN_LOAI_SK"), ("element-unknown", "XML8.KHAC")}
    assert ("element-nested", "XML8.PHAN_LOAI_SK") in rules_at(nested)


def test_a_result_is_named_by_its_row_with_and_without_a_list_around():
    file = adult_modules()
    file.items[1]["MA_CHI_SO"] = "x" * 256
    report = judged(file)
    document = file.document("XML11").replace(b"<CHI_TIET_CLS>", b"<DS><CHI_TIET_CLS>", 1)
    file.documents["XML11"] = document.replace(b"</KHAM_CAN_LAM_SANG>", b"</DS></KHAM_CAN_LAM_SANG>")
    in_list = judged(file)
    of_form = form(2)
    of_form.items[0]["MA_DICH_VU"] = "x" * 51

    assert rules_at(report) == rules_at(in_list) == {("length-doubt", "XML11[2].MA_CHI_SO")}
    assert len(in_list.items) == 2
    assert ("length-doubt", "MAU2.CHI_TIET_CLS[1].MA_DICH_VU") in rules_at(judged(of_form))


def test_more_results_than_any_check_has_are_refused():
    file = adult_modules()
    file.items = [file.items[0]] * 2_001

    assert ("too-many", "XML11") in rules_at(judged(file))


def test_findings_come_in_the_order_of_the_file_and_hold_no_value():
    file = adult(HO_TEN="", GIOI_TINH="mật", HUYET_AP="bí mật", PHAN_LOAI_SK="9", NGAY_VAO="bí mật")
    report = judged(file)
    paths = [each.path for each in report.refusals]

    assert paths == ["XML1.HO_TEN", "XML1.GIOI_TINH", "XML2.NGAY_VAO", "XML8.PHAN_LOAI_SK"]
    assert not any("mật" in each.vi or "mật" in each.en for each in report.findings)


def test_every_rule_of_health_checks_is_planted_somewhere():
    """Every rule of ksk_rules.json stands in a test of its own as a quoted name."""
    folder = HERE.parent / "tests"
    texts = "".join(path.read_text("utf8") for path in folder.rglob("test_*ksk*.py"))
    texts += "".join(path.read_text("utf8") for path in folder.rglob("test_records_health_check*.py"))
    own = [name for name in KSK_RULES if f'"{name}"' in (HERE / "ksk_rules.json").read_text("utf8")]

    assert len(own) > 20
    assert [name for name in own if f'"{name}"' not in texts] == []


def test_now_is_this_machines_clock_where_none_is_told():
    assert validate_ksk(adult(NGAY_VAO=f"{datetime.now(UTC).year + 2}01010000").bytes()).accepted is False
