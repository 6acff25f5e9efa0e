"""Every field of every table, one fault planted at a time: exactly its path is refused, and nothing else."""

import pytest

from kcb.tables import Field, dossier_tables, tables
from kcb.validate import validate
from tests.samples.files import CHECK_IN, DOSSIER, File, check_in, sample, with_table

ROWS = [(code, number) for code, rows in sample().tables.items() for number in range(1, len(rows) + 1)]
OTHERS = [code for code in dossier_tables() if code not in sample().tables]


def refused(content: bytes) -> list[str]:
    return [finding.path for finding in validate(content).refusals]


def path(code: str, number: int, field: Field) -> str:
    return f"{code}.{field.name}" if tables()[code].single else f"{code}[{number}].{field.name}"


def wrong_type(field: Field) -> str | None:
    if field.kind in ("date", "datetime") or field.format.startswith("yyyyMMdd"):
        return "202613450000"[: 12 if field.kind == "datetime" else 8]
    return "x" if field.kind == "number" or field.format else None


def too_long(field: Field) -> str | None:
    if field.hard is None or field.kind in ("date", "datetime"):
        return None
    return ("9" if field.kind == "number" else "X") * (field.hard + 1)


def wrong_code(field: Field) -> str | None:
    return "@" if field.codes and not field.codes.open and field.kind == "string" else None


def check_every_fault(base: File, code: str, number: int) -> None:
    """Plant each fault the catalogue knows in each field of one row."""
    for field in tables()[code].fields:
        old, here = base.get(code, number, field.name), path(code, number, field)
        for value in ("", wrong_type(field), too_long(field), wrong_code(field)):
            if value is None:
                continue
            found = refused(base.set(code, number, field.name, value).bytes())
            base.set(code, number, field.name, old)
            if value or field.required == "always":
                assert found == [here], (here, value)
            else:
                assert found in ([], [here]), (here, value)


def test_both_samples_are_accepted():
    for content in (DOSSIER, CHECK_IN):
        report = validate(content)
        assert report.accepted
        assert report.refusals == ()


@pytest.mark.parametrize(("code", "number"), ROWS)
def test_one_planted_fault_in_the_sample_is_refused_at_exactly_its_path(code, number):
    check_every_fault(sample(), code, number)


@pytest.mark.parametrize("code", OTHERS)
def test_one_planted_fault_in_any_other_table_is_refused_at_exactly_its_path(code):
    base = with_table(code)
    assert refused(base.bytes()) == []
    for number in range(1, len(base.tables[code]) + 1):
        check_every_fault(base, code, number)


@pytest.mark.parametrize("code", list(dossier_tables()))
def test_an_element_left_out_is_refused_where_a_value_is_always_needed_and_doubted_elsewhere(code):
    for field in tables()[code].fields:
        report = validate(with_table(code).drop(code, 1, field.name).bytes())
        said = [finding.path for finding in report.findings if finding.path == path(code, 1, field)]
        assert len(said) == 1, field.name
        assert refused_or_not(report.refusals, field, path(code, 1, field)), field.name


def refused_or_not(refusals, field, here) -> bool:
    found = [finding.path for finding in refusals]
    return found == [here] if field.required == "always" else found in ([], [here])


def test_one_planted_fault_in_a_check_in_is_refused_at_exactly_its_path():
    for field in tables()["XML0"].fields:
        for value in ("", wrong_type(field), too_long(field), wrong_code(field)):
            if value is None:
                continue
            found = refused(check_in(2, **{field.name: value}))
            allowed = [[f"XML0[2].{field.name}"]] if value or field.required == "always" else []
            assert found in (allowed or [[], [f"XML0[2].{field.name}"]]), (field.name, value)


def test_faults_come_all_at_once_in_the_order_of_the_file():
    file = sample().set("XML1", 1, "NGAY_RA", "202611199999").set("XML3", 2, "NGAY_YL", "x")
    file.set("XML1", 1, "GIOI_TINH", "9").set("XML4", 1, "STT", "").set("XML2", 1, "MA_NHOM", "99")

    assert refused(file.bytes()) == [
        "XML1.GIOI_TINH",
        "XML1.NGAY_RA",
        "XML2[1].MA_NHOM",
        "XML3[2].NGAY_YL",
        "XML4[1].STT",
    ]


def test_no_sentence_holds_a_value_of_the_file():
    file = sample()
    for rows in file.tables.values():
        for row in rows:
            row[:] = [(name, f"SECRET-{name}-" + "Z" * 5000) for name, _ in row]
    report = validate(file.bytes())

    assert len(report.refusals) > 200
    assert not any("SECRET" in finding.vi + finding.en + finding.path for finding in report.findings)
