"""
Health checks: every field of every module and form, each rule with a planted fault and a valid neighbour.

A fault is planted in a file that has none, and nothing else of the file may be refused for it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from kcb.ksk_catalogue import FORMS, KSK_RULES, KskField, ksk_catalogue
from kcb.ksk_report import KskReport
from kcb.ksk_validate import validate_ksk
from kcb.ksk_values import is_gln
from tests.samples.health_checks import CheckFile, adult_modules, form, right_value

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
UNSIGNED = {"signature-missing", "doctor-unsigned"}
CRITICAL = {"HO_TEN", "NGAY_SINH", "GIOI_TINH", "SO_CCCD", "MA_LK", "MA_CSKCB", "NGAY_VAO", "PHAN_LOAI_SK"}


def judged(file: CheckFile, now: datetime = NOW) -> KskReport:
    return validate_ksk(file.bytes(), now=now)


def rules_at(report: KskReport) -> set[tuple[str, str]]:
    """What was found but for the missing signatures."""
    return {(each.rule, each.path) for each in report.findings if each.rule not in UNSIGNED}


@pytest.mark.parametrize("file", [adult_modules(), form(1), form(2)], ids=["modules", "MAU1", "MAU2"])
def test_a_right_check_has_nothing_but_its_missing_signatures(file: CheckFile):
    report = judged(file)

    assert report.accepted
    assert rules_at(report) == set()


@pytest.mark.parametrize("number", FORMS)
def test_every_form_of_1551_is_read(number: int):
    report = judged(form(number))

    assert (report.accepted, report.form) == (True, number)
    assert rules_at(report) == (set() if number in (1, 2) else {("form-unread", f"MAU{number}")})


def wrong_values(field: KskField) -> Iterator[tuple[str, str]]:
    """Give values that break a rule of *field*, each with the rule."""
    refuses = field.critical
    if field.codes is not None:
        yield "77", "code-list" if refuses else "code-unlisted"
    elif field.kind == "number":
        yield "x", "number-format" if refuses else "number-doubt"
    if field.kind == "decimal":
        yield "hai", "number-doubt"
    if field.limits:
        yield "0", "value-doubt"
    if field.kind in ("date", "datetime"):
        yield "20261399", "date-format" if refuses else "date-unreal"
    shapes = {
        "facility": ("1999", "facility-code"),
        "gln": ("8930000000018", "gln-format"),
        "blood-pressure": ("76/118", "blood-pressure"),
        "icd10": ("I10;tăng huyết áp", "code-format"),
        "personal-id": ("12345", "personal-id-format"),
        "card": ("DN401", "card-format"),
        "year": ("20", "year-doubt"),
    }
    if field.shape in shapes:
        yield shapes[field.shape]
    if field.kind == "string" and not field.shape and field.codes is None and field.part != "signature":
        length = field.hard or 4000
        yield "x" * (length + 1), "max-length" if refuses and field.hard else "length-doubt"


def layouts() -> list[tuple[str, str, Callable[[], CheckFile]]]:
    """Give every field of every module and of the forms that are known."""
    catalogue = ksk_catalogue()
    modules = [
        (code, name, adult_modules) for code, each in catalogue.modules.items() for name in each.fields
    ]
    forms = [
        (f"MAU{number}", name, lambda number=number: form(number))
        for number in (1, 2)
        for name in catalogue.forms[f"MAU{number}"].fields
    ]
    return [*modules, *forms]


@pytest.mark.parametrize(("code", "name", "make"), layouts(), ids=[f"{c}.{n}" for c, n, _ in layouts()])
def test_a_wrong_value_is_named_at_its_field_and_its_neighbour_is_not(
    code: str, name: str, make: Callable[[], CheckFile]
):
    field = ksk_catalogue().fields[name]
    for value, rule in wrong_values(field):
        report = judged(make_with(make, code, name, value))
        path = f"{code}.{name}"
        assert (rule, path) in rules_at(report), value
        assert {each.path for each in report.refusals} <= {path}
        assert report.accepted != KSK_RULES[rule].refuses
    right = judged(make_with(make, code, name, right_of(make(), code, field)))
    assert right.accepted
    assert not {rule for rule, at in rules_at(right) if at == f"{code}.{name}"} - {"bmi-differs", "sex-doubt"}


def make_with(make: Callable[[], CheckFile], code: str, name: str, value: str) -> CheckFile:
    file = make()
    file.modules[code][name] = value
    return file


def right_of(file: CheckFile, code: str, field: KskField) -> str:
    return file.modules[code].get(field.name) or right_value(field)


def wanted(file: CheckFile) -> Iterator[tuple[str, str]]:
    """Give the fields that this check must or should have, with the rule of their absence."""
    catalogue = ksk_catalogue()
    for code, cells in file.modules.items():
        for name in cells:
            home = code.startswith("MAU") or catalogue.homes[name] == code
            if (
                not home
                or not cells[name]
                or name == "CHI_SO_BMI"
                or sum(name in each for each in file.modules.values()) > 1
            ):
                continue
            if name in CRITICAL:
                yield f"{code}.{name}", "required"
            elif name in (*catalogue.at_conclusion, *catalogue.of_adults):
                yield f"{code}.{name}", "required-doubt"


@pytest.mark.parametrize("make", [adult_modules, lambda: form(2)], ids=["modules", "MAU2"])
def test_what_is_wanted_and_empty_or_absent_is_named(make: Callable[[], CheckFile]):
    named = dict(wanted(make()))
    assert {path.split(".")[1] for path, rule in named.items() if rule == "required"} == CRITICAL
    for path, rule in named.items():
        name = path.split(".")[1]
        for file in (make().set(name, ""), make().drop(name)):
            report = judged(file)
            assert (rule, path) in rules_at(report)
            assert [each.path for each in report.refusals] == ([path] if rule == "required" else [])


def test_a_childs_form_asks_for_no_occupation():
    assert rules_at(judged(form(1).set("MA_NGHE_NGHIEP", ""))) == set()


@pytest.mark.parametrize("code", [*map(str, range(1, 17)), *(f"{number:02}" for number in range(1, 17))])
def test_every_subject_of_1551_and_2062_is_taken_with_and_without_a_leading_zero(code: str):
    assert rules_at(judged(adult_modules().set("DOI_TUONG", code))) == set()


@pytest.mark.parametrize("code", ["0", "00", "17", "99", "A"])
def test_a_subject_that_is_none_is_doubted(code: str):
    report = judged(adult_modules().set("DOI_TUONG", code))

    assert report.accepted
    assert ("code-unlisted", "XML2.DOI_TUONG") in rules_at(report)


def test_a_young_child_without_a_number_is_told_by_the_card_and_not_by_the_guardian():
    def child() -> CheckFile:
        file = adult_modules().set("NGAY_SINH", "202403120000").set("TUOI", "2").set("SO_CCCD", "")
        file.modules["XML1"]["SO_CCCD_NGH"] = "001385000017"
        return file

    with_guardian = judged(child())
    file = child()
    file.modules["XML1"]["MA_THE_BHYT"] = "TE1010000000000"
    with_card = judged(file)
    of_seven = judged(child().set("NGAY_SINH", "201903120000").set("TUOI", "7"))

    assert rules_at(with_guardian) == {("guardian-number", "XML1.SO_CCCD")}
    assert rules_at(with_card) == set()
    assert ("required", "XML1.SO_CCCD") in rules_at(of_seven)


def test_a_glns_last_digit_is_checked():
    assert is_gln("8930000000019")
    assert not is_gln("8930000000010")
    assert not is_gln("893000000001")


def test_every_rule_has_both_sentences():
    assert all(rule.vi and rule.en and rule.vi != rule.en for rule in KSK_RULES.values())
