"""The corpus: one fault is one refusal at its path by a fitting rule; several are exactly their union."""

import random
from collections.abc import Iterable

import pytest

from kcb.report import Finding
from kcb.validate import validate

from .records_corpus import (
    SENT,
    TABLES,
    Draft,
    Fault,
    base,
    cell,
    field_faults,
    longest,
    path_of,
    right,
    wrong_values,
)
from .records_together import CASES, case_of, emptied_faults, envelope_faults, together_faults

ABSENT = [code for code in SENT if code not in base().tables]
SEED, COMBINATIONS = 20261121, 300


def refusals(draft: Draft, *faults: Fault) -> list[Finding]:
    spoilt = draft.copy()
    for fault in faults:
        fault.plant(spoilt)
    return list(validate(spoilt.bytes()).refusals)


def astray(draft: Draft, faults: Iterable[Fault]) -> list[object]:
    """Return the faults that are not exactly one refusal at their path by one of their rules."""
    wrong: list[object] = []
    for fault in faults:
        said = [(found.rule, found.path) for found in refusals(draft, fault)]
        if len(said) != 1 or said[0][1] != fault.path or said[0][0] not in fault.rules:
            wrong.append((fault.kind, fault.path, sorted(fault.rules), said))
    return wrong


def of_tables(draft: Draft, codes: Iterable[str]) -> list[Fault]:
    return [
        fault
        for code in codes
        for number in range(1, len(draft.tables[code]) + 1)
        for fault in field_faults(draft.shapes[code], number)
    ]


def test_the_corpus_is_large_and_starts_from_files_without_a_fault():
    faults = of_tables(base(), base().tables)

    assert len(faults) > 1200
    assert {fault.kind.rstrip("012") for fault in faults} >= {
        *("empty", "absent", "twice", "nested", "long", "number", "decimals", "date", "code"),
    }
    for draft in (base(), base(older=True), *(base(code) for code in ABSENT)):
        assert refusals(draft) == []


def test_one_fault_in_any_field_of_the_sample_is_one_refusal():
    draft = base()

    assert astray(draft, of_tables(draft, draft.tables)) == []


@pytest.mark.parametrize("code", ABSENT)
def test_one_fault_in_any_field_of_a_table_that_the_sample_has_not_is_one_refusal(code):
    draft = base(code)

    assert astray(draft, of_tables(draft, [code])) == []


def test_one_fault_in_a_transfer_slip_with_the_older_names_is_one_refusal():
    draft = base(older=True)

    assert astray(draft, of_tables(draft, ["XML13"])) == []


@pytest.mark.parametrize(
    ("settings", "emptied"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_a_case_requires_is_refused_where_it_is_empty_alone_or_all_at_once(settings, emptied):
    draft = case_of(settings, emptied)
    faults = emptied_faults(emptied, draft)

    assert refusals(draft) == []
    assert astray(draft, faults) == []
    assert {found.path for found in refusals(draft, *faults)} == {fault.path for fault in faults}


def test_what_only_another_field_shows_and_what_is_wrong_in_the_envelope_is_one_refusal():
    assert astray(base(), together_faults()) == []
    assert astray(base(), envelope_faults()) == []


def test_several_faults_are_exactly_their_union():
    draft, chance = base(), random.Random(SEED)
    faults = [*of_tables(draft, draft.tables), *list(together_faults()) * 4, *list(envelope_faults()) * 3]
    wrong = []
    for _ in range(COMBINATIONS):
        chosen = independent(chance, faults, chance.randint(2, 6))
        said = {found.path for found in refusals(draft, *chosen)}
        if said != {fault.path for fault in chosen}:
            wrong.append(([(fault.kind, fault.path) for fault in chosen], sorted(said)))

    assert wrong == []


def independent(chance: random.Random, faults: list[Fault], count: int) -> list[Fault]:
    """Choose faults of different fields, none of which hides what shows another."""
    chosen: list[Fault] = []
    while len(chosen) < count:
        fault = chance.choice(faults)
        keys = {one.key for one in chosen}
        needs = set().union(*(one.needs for one in chosen))
        if fault.key not in keys | needs and not fault.needs & keys:
            chosen.append(fault)
    return chosen


def test_one_fault_in_any_field_of_a_check_in_is_one_refusal():
    wrong = []
    for turn, raw in enumerate(TABLES["XML0"]["fields"]):
        for kind, value, rules in wrong_values(raw, turn):
            said = [(one.rule, one.path) for one in validate(check_in(raw["name"], value)).refusals]
            if len(said) != 1 or said[0][1] != f"XML0[2].{raw['name']}" or said[0][0] not in rules.split():
                wrong.append((raw["name"], kind, said))
        if raw["required"] == "always":
            said = [(one.rule, one.path) for one in validate(check_in(raw["name"], " ")).refusals]
            if said != [("required", f"XML0[2].{raw['name']}")]:
                wrong.append((raw["name"], "empty", said))

    assert wrong == []


def check_in(name: str, value: str) -> bytes:
    """Return a check-in of two rows whose second has that value."""
    good = {raw["name"]: right(raw) for raw in TABLES["XML0"]["fields"]}
    good |= {"MA_VAT_TU": "", "TEN_VAT_TU": "", "GT_THE_TU": "20260101", "GT_THE_DEN": "20261231"}
    rows = [good | {"STT": "1"}, good | {"STT": "2", name: value}]
    body = "".join(
        f"<TRANG_THAI_KCB>{''.join(cell(*pair) for pair in row.items())}</TRANG_THAI_KCB>" for row in rows
    )
    return (
        f"<CHI_TIEU_TRANG_THAI_KCB><DSACH_TRANG_THAI_KCB>{body}</DSACH_TRANG_THAI_KCB>"
        "<CHUKYDONVI/></CHI_TIEU_TRANG_THAI_KCB>"
    ).encode()


def test_what_the_sources_leave_open_is_doubted_at_its_path_and_never_refused():
    draft, wrong = base(), []
    for code in draft.tables:
        for raw in TABLES[code]["fields"]:
            key = (code, 1, raw["name"])
            value = open_value(raw)
            if value is None or raw["name"] in ("MA_LK", "MA_THE_BHYT", "MA_DOITUONG_KCB"):
                continue
            spoilt = draft.copy()
            spoilt.set(key, value)
            report = validate(spoilt.bytes())
            if report.refusals or path_of(TABLES[code], key) not in {one.path for one in report.warnings}:
                wrong.append((key, value, [(one.rule, one.path) for one in report.refusals]))

    assert wrong == []


def open_value(raw: dict[str, object]) -> str | None:
    """Return a value that one source allows and another does not, where there is one."""
    known = {"MA_TAI_NAN": "9", "NGAY_HEN_KL": "202612040800", "SO_CCCD": "B-1"}
    if raw["name"] in known:
        return known[str(raw["name"])]
    shorter, limit = raw["max_length"], longest(raw)
    if raw["type"] != "string" or raw.get("codes") == "MA_LOAI_KCB" or raw.get("format"):
        return None
    if limit is None:
        return "Ữ" * 4001
    others = [raw[key] for key in ("max_length_3176", "portal_max_length") if isinstance(raw.get(key), int)]
    smallest = min([shorter, *others])  # type: ignore[type-var]
    settled = shorter < limit and any("confirmed_by" in change for change in raw.get("changes", []))  # type: ignore[attr-defined,operator]
    return None if smallest == limit or settled else "A" * limit
