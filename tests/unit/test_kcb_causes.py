"""One cause is one finding: what follows from a value that was named is not named again."""

import random
from datetime import date

import pytest

from kcb.report import Finding
from kcb.validate import validate
from lientuyen_client.demo import sample_files, sandbox
from tests.corpus.drafts import Draft
from tests.corpus.run import NOW
from tests.corpus.shapes import OTHER, SHAPES, at, with_papers
from tests.samples.files import CHECK_IN, DOSSIER, check_in, sample

KNOWN = {"signature-missing", "personal-id-differs"}


def draft_of(shape: str) -> Draft:
    return SHAPES[shape](random.Random(7))


def findings(content: bytes) -> list[Finding]:
    return [each for each in validate(content, now=NOW).findings if each.rule not in KNOWN]


def named(content: bytes) -> list[tuple[str, str]]:
    return [(each.rule, each.path) for each in findings(content)]


def test_the_samples_and_the_papers_of_the_demo_and_the_sandbox_have_nothing_to_find():
    day = date(2026, 11, 20)
    papers = (DOSSIER, CHECK_IN, sample_files.dossier(day), sample_files.check_in(day))
    sandboxed = sandbox.dossier_of(sandbox.RESTRICTED, day, sandbox.HIV)

    assert [named(paper) for paper in (*papers, sandboxed)] == [[], [], [], [], []]


@pytest.mark.parametrize("name", ["NGAY_VAO", "NGAY_RA"])
def test_against_a_stay_that_is_wrong_itself_nothing_is_held(name: str):
    draft = draft_of("stay")
    draft.main[name] = "20261120"

    assert named(draft.bytes()) == [("date-format", f"XML1.{name}")]


def test_an_arrival_after_the_discharge_is_one_cause():
    draft = draft_of("stay")
    draft.made = draft.main["NGAY_RA"][:8]
    draft.main["NGAY_VAO"] = at(draft.main["NGAY_RA"], 60)

    assert named(draft.bytes()) == [("discharge-before-arrival", "XML1.NGAY_RA")]


def test_a_wrong_category_is_held_against_no_rate_and_no_amount():
    draft = draft_of("referred")
    draft.main.update(MA_DOITUONG_KCB="1.13", MA_NOI_DI="", GIAY_CHUYEN_TUYEN="")

    assert named(draft.bytes()) == [("category-outpatient-only", "XML1.MA_DOITUONG_KCB")]


def test_a_stay_in_the_wrong_form_is_told_by_its_days_or_by_its_form():
    draft = draft_of("short_stay")
    draft.main["MA_LOAI_KCB"] = "03"
    with_papers(draft)
    assert named(draft.bytes()) == [("days-stay", "XML1.SO_NGAY_DTRI")]
    draft.main["SO_NGAY_DTRI"] = "1"
    assert named(draft.bytes()) == [("form-under-4-hours", "XML1.MA_LOAI_KCB")]


def test_a_table_that_cannot_be_read_is_not_called_missing():
    draft = draft_of("stay")
    content = draft.bytes().replace(draft.body("XML7").encode(), b"@@@@")

    assert [rule for rule, _ in named(content)] == ["base64"]


def test_a_rule_is_judged_by_the_day_of_the_dossier():
    """Retired on 2025-12-31, by the discharge; a licence number since 2025."""
    old, new = draft_of("of_the_transition"), draft_of("by_oneself")
    new.main["MA_DOITUONG_KCB"] = old.main["MA_DOITUONG_KCB"]
    assert validate(old.bytes(), now=NOW).accepted
    assert [each.rule for each in validate(new.bytes(), now=NOW).refusals] == ["category-retired"]
    older = draft_of("in_2024")
    older.tables["XML2"][0]["MA_BAC_SI"] = "000001"
    assert "code-licence" not in [rule for rule, _ in named(older.bytes())]


def test_before_2026_a_file_need_not_be_signed():
    rules = [
        [each.rule for each in validate(draft_of(shape).bytes(), now=NOW).findings]
        for shape in ("in_2025", "visit")
    ]

    assert ["signature-missing" in each for each in rules] == [False, True]


def test_a_stay_that_ended_at_home_is_told_once_of_its_transfer_slip():
    draft = draft_of("transfer")
    draft.main["MA_LOAI_RV"] = "1"

    assert named(draft.bytes()) == [("sent-xml13-only", "XML13")]


def test_a_check_in_is_judged_by_the_day_of_its_arrival():
    times = {"NGAY_VAO": "202511200800", "NGAY_YL": "202511200800", "GT_THE_TU": "20250101"}

    assert ("category-retired", "XML0[1].MA_DOITUONG_KCB") in named(check_in(MA_DOITUONG_KCB="1.9"))
    rules = [rule for rule, _ in named(check_in(MA_DOITUONG_KCB="1.9", **times))]
    assert "category-retired" not in rules


def test_what_is_said_holds_no_value_of_the_file():
    draft = draft_of("transfer")
    draft.main.update(MA_DKBD=OTHER, SO_NGAY_DTRI="7")
    draft.tables["XML13"][0]["HO_TEN"] = "BÍ MẬT 0987654321"
    draft.tables["XML3"][1]["NGAY_KQ"] = at(draft.tables["XML3"][1]["NGAY_TH_YL"], -35)
    said = findings(draft.bytes())

    told = {each.rule: (each.expected, each.found) for each in said}
    assert told["result-before-done"] == ("NGAY_KQ ≥ NGAY_TH_YL", "-35 min")
    assert told["repeats-person"] == ("XML1.HO_TEN", "")
    assert not any("MẬT" in f"{each.vi}{each.en}{each.expected}{each.found}" for each in said)
    assert not any("2026" in f"{each.expected}{each.found}" for each in said)


def test_of_a_value_that_is_wrong_by_itself_only_a_count_is_told():
    draft = draft_of("visit")
    draft.main.update(MA_BN="X" * 101, MA_BENH_KT=";".join(f"Z{number}" for number in range(10, 23)))
    draft.tables["XML2"][0]["DON_GIA"] = "1.00001"

    told = {each.rule: (each.expected, each.found) for each in findings(draft.bytes())}

    assert told == {"max-length": ("100", "101"), "icd-secondary-12": ("12", "13"), "decimals": ("3", "5")}


def test_lost_letters_are_told_as_such_and_not_as_another_person():
    file = sample().set("XML1", 1, "HO_TEN", "TR?N TH? M?U")

    assert named(file.bytes()) == [("letters-lost", "XML1.HO_TEN")]
