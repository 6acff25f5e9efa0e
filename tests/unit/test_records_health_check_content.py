"""What a health check says, taken out of a file: nothing lost, nobody named, restricted kinds masked."""

import json
from dataclasses import asdict
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from common.restricted import DataClass, classes_in
from kcb.ksk_catalogue import ksk_catalogue
from kcb.ksk_validate import validate_ksk
from services.records.convert.health_checks import health_check_to_pb
from services.records.model.health_checks import (
    CheckContent,
    HealthCheck,
    derive_content,
    restricted_mask,
)
from services.records.model.identifying_fields import IDENTIFYING_FIELDS
from services.records.model.read_scope import ReadScope
from services.records.store.health_checks import _content
from tests.samples.health_checks import CheckFile, adult_modules, form

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FREE = sorted(
    name for name, field in ksk_catalogue().fields.items() if field.part in ("measurement", "examination")
)
# Letters that XML can hold, with marks, emoji and what nobody sees among them.
TEXT = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"), max_size=60
)
ICD10 = st.lists(st.from_regex(r"[A-Z][0-9]{2}(\.[0-9])?", fullmatch=True), max_size=5)
CHECKS = st.sampled_from([adult_modules, lambda: form(2), lambda: form(5)])


def content_of(file: CheckFile) -> CheckContent:
    report = validate_ksk(file.bytes(), now=NOW)
    assert report.accepted, report.refusals
    return derive_content(report)


@settings(max_examples=150, deadline=None)
@given(CHECKS, st.dictionaries(st.sampled_from(FREE), TEXT, max_size=12), ICD10, TEXT)
def test_whatever_is_written_is_told_as_it_was_and_comes_back_from_rest(make, values, diagnoses, problems):
    file = make().set("KET_LUAN_BENH", ";".join(diagnoses))
    file.set("CAC_VAN_DE_SUC_KHOE", problems).set("CAC_BENH_TAT_NEU_CO", "")
    for name, value in values.items():
        file.set(name, value)
    content = content_of(file)
    told = dict(content.measurements) | {each.field: each.finding for each in content.examinations}

    for cells in file.modules.values():
        for name in FREE:
            if value := cells.get(name, "").strip():
                assert name in told, value
    assert content.diagnoses == tuple(diagnoses)
    assert _content(json.loads(json.dumps(asdict(content)))) == content


@settings(max_examples=60, deadline=None)
@given(CHECKS, st.sets(st.sampled_from(sorted(IDENTIFYING_FIELDS))))
def test_nothing_that_says_who_it_is_about_is_taken_out(make, names):
    file = make()
    for name in names & {cell for cells in file.modules.values() for cell in cells}:
        field = ksk_catalogue().fields[name]
        if field.kind == "string" and not field.shape:
            file.set(name, "NGUOI-DUOC-KHAM")

    assert "NGUOI-DUOC-KHAM" not in repr(content_of(file))
    assert "Trần Thị Mẫu" not in repr(content_of(file))


@settings(max_examples=60, deadline=None)
@given(ICD10, st.integers(min_value=0, max_value=31))
def test_no_examination_of_a_hidden_kind_is_in_the_message(diagnoses, hidden):
    check = check_of(content_of(adult_modules().set("KET_LUAN_BENH", ";".join(diagnoses))))
    message = health_check_to_pb(check, ReadScope((), hidden=hidden))
    whole = health_check_to_pb(check, ReadScope((), reader="01999", hidden=hidden))

    assert not any(restricted_mask(each.kind.code) & hidden for each in message.examinations)
    missing = len(check.content.examinations) - len(message.examinations)
    assert missing == sum(bool(restricted_mask(each.field) & hidden) for each in check.content.examinations)
    assert len(whole.examinations) == len(check.content.examinations)


def check_of(content: CheckContent) -> HealthCheck:
    from uuid import uuid4

    return HealthCheck(
        uuid4(), uuid4(), "01999", "K", 1, "accepted", 0, NOW, NOW, b"", 1, "absent", "absent", content
    )


def test_the_masks_tell_of_diagnoses_and_of_single_examinations_apart():
    plain = adult_modules().set("KET_LUAN_BENH", "I10")
    for name in ("NOI_KHOA_TAM_THAN", "NHI_KHOA_TAM_THAN", "KET_QUA_KHAM_SAN_PHU_KHOA"):
        plain.set(name, "")
    examined, ill = content_of(adult_modules()), content_of(adult_modules().set("KET_LUAN_BENH", "I10; B20"))

    assert (content_of(plain).classes, content_of(plain).part_classes) == (0, 0)
    assert classes_in(examined.part_classes) == {
        DataClass.CARE,
        DataClass.MENTAL_HEALTH,
        DataClass.REPRODUCTIVE_HEALTH,
    }
    assert examined.classes == 0
    assert classes_in(ill.classes) == {DataClass.CARE, DataClass.HIV}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_file_that_is_broken_anywhere_is_judged_and_never_breaks_the_judge(data):
    content = bytearray(adult_modules().bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    report = validate_ksk(bytes(content), now=NOW)

    assert report.findings
    assert all(finding.vi and finding.en and finding.path for finding in report.findings)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_module_that_is_broken_anywhere_is_judged_and_never_breaks_the_judge(data):
    file = adult_modules()
    code = data.draw(st.sampled_from(sorted(file.modules)))
    document = bytearray(file.document(code))
    at = data.draw(st.integers(0, len(document) - 1))
    document[at : at + data.draw(st.integers(0, 60))] = data.draw(st.binary(max_size=20))
    file.documents[code] = bytes(document)
    report = validate_ksk(file.bytes(), now=NOW)

    if report.accepted:
        derive_content(report)
