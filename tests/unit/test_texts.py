"""What a text of a request may hold: nothing that is not seen."""

import unicodedata

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import InvalidArgument
from chassis.texts import escaped, make_plain, plain, strike_out, text_faults
from chassis.validate import check
from lientuyen.chassis.v1.audit_service_pb2 import ListAccessesRequest
from lientuyen.identity.v1.consent_service_pb2 import AuthorizeRequest, WithdrawConsentRequest
from lientuyen.identity.v1.person_service_pb2 import FindPersonRequest, ImportPersonsRequest, PersonRow
from lientuyen.pharmacy.v1.prescription_service_pb2 import IssuePrescriptionRequest
from lientuyen.routing.v1.mailbox_service_pb2 import SendMessageRequest

HIDDEN = "\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2066\u2069\u2060\ufeff\u00ad\u061c\U000e0041"
CONTROL = "\x00\x01\x08\x0b\x1b\x7f\x85\x9f"
PERSON = "//identity.lientuyen/persons/5b0e57b1-6b1c-4c51-9c3e-0d8c0a6b4e11"


def rules(message) -> list[tuple[str, str]]:
    return [(fault.field, fault.rule) for fault in text_faults(message)]


@pytest.mark.parametrize("character", [*CONTROL, *HIDDEN], ids=lambda c: f"U+{ord(c):04X}")
def test_what_is_not_seen_is_refused_with_the_path_of_its_field(character: str):
    rule = "text.control" if character in CONTROL else "text.hidden"
    request = AuthorizeRequest(requester=f"a{character}b", person=PERSON)
    request.access.reason = f"{character}ngừng tim"

    assert rules(request) == [("access.reason", rule), ("requester", rule)] or rules(request) == [
        ("requester", rule),
        ("access.reason", rule),
    ]


def test_a_fault_tells_which_character_and_where_and_no_more_of_the_text():
    (fault,) = text_faults(WithdrawConsentRequest(reason="Mẫu\u202eTrần"))

    assert fault.en == "has U+202E, which is not seen, at 4"
    assert fault.vi == "Có ký tự ẩn U+202E ở vị trí 4."


def test_words_of_staff_have_lines_and_names_and_references_have_not():
    assert rules(WithdrawConsentRequest(reason="một\r\n\thai")) == []
    assert rules(WithdrawConsentRequest(etag="1\n")) == [("etag", "text.control")]
    assert rules(ListAccessesRequest(subject=f"{PERSON}\n")) == [("subject", "text.control")]


def test_every_depth_is_looked_at():
    request = IssuePrescriptionRequest()
    request.prescription.lines.add().unit = "viên"
    request.prescription.lines.add().drug.inn = "Para\u200bcetamol"
    request.prescription.diagnoses.add().display = "\x00"
    free = Struct()
    free["a"] = {"b\x00": ["\u202e"]}

    assert sorted(rules(request)) == [
        ("prescription.diagnoses[0].display", "text.control"),
        ("prescription.lines[1].drug.inn", "text.hidden"),
    ]
    assert rules(ListAccessesRequest(merged=[PERSON, "\x00"])) == [("merged[1]", "text.control")]
    assert sorted(rule for _, rule in rules(free)) == ["text.control", "text.hidden"]


def test_rows_that_are_judged_apart_refuse_themselves_and_not_the_batch():
    row = PersonRow(full_name="Trần\u200bThị Mẫu")

    assert rules(ImportPersonsRequest(rows=[row])) == []
    assert rules(row) == [("full_name", "text.hidden")]


@pytest.mark.parametrize("field", ["media_type", "about", "correlation"])
@pytest.mark.parametrize("number", ["001485000016", "BA-0912345678", "DN4010000000000"])
def test_a_reference_with_a_number_of_a_person_is_refused(field: str, number: str):
    request = SendMessageRequest()
    setattr(request.header, field, number)

    assert rules(request) == [(f"header.{field}", "text.person_number")]


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("media_type", "application/xml", "application"),
        ("media_type", "text/plain; charset=utf-8", "Nguyễn Văn A"),
        ("media_type", "application/x-protobuf; message=lientuyen.routing.v1.RecordRequest", "a/b; c"),
        ("media_type", 'text/plain;charset="utf-8"', "text/plain of Mr A"),
        ("about", "", "Nguyễn Văn A"),
        ("about", "//routing.lientuyen/referrals/5b0e57b1-6b1c-4c51-9c3e-123456789012", "referrals/1"),
        ("correlation", "", "Nguyễn Văn A"),
        ("correlation", "5b0e57b1-6b1c-4c51-9c3e-123456789012", "BA 12"),
        ("correlation", "BA/2026-001:7", "Mẫu"),
    ],
)
def test_references_of_messages_are_tokens(field: str, good: str, bad: str):
    header = {"sender": "facilities/01999", "recipient": "facilities/79999", "kind": 1, "media_type": "a/b"}
    request_id = "5b0e57b1-6b1c-4c51-9c3e-0d8c0a6b4e11"

    check(SendMessageRequest(request_id=request_id, header={**header, field: good}))
    with pytest.raises(InvalidArgument) as refusal:
        check(SendMessageRequest(request_id=request_id, header={**header, field: bad}))
    assert [violation.field for violation in refusal.value.violations] == [f"header.{field}"]


def test_numbers_are_struck_out_of_words_of_staff_only():
    request = FindPersonRequest(personal_id="001485000016")
    request.access.reason = "tìm 001485000016\ncho bác sĩ"
    request.access.practitioner = "001485000016"

    strike_out(request)

    assert (request.personal_id, request.access.reason) == (
        "001485000016",
        "tìm [redacted]\ncho bác sĩ",
    )
    assert request.access.practitioner == "[redacted]"


def test_a_reason_that_is_struck_out_keeps_within_its_limit():
    request = WithdrawConsentRequest(reason="148500001 " * 50)

    strike_out(request)

    assert len(request.reason) <= 500
    assert "148500001" not in request.reason


@given(st.text())
def test_what_is_made_plain_or_escaped_has_no_fault(text: str):
    request = WithdrawConsentRequest(etag=text, reason=text)
    make_plain(request)

    assert rules(request) == []
    assert rules(WithdrawConsentRequest(reason=escaped(text), etag=escaped(text))) == []


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Cn", "Mn", "Zl", "Zp"])))
def test_what_is_seen_stays(text: str):
    seen = "".join(c for c in text if c not in "\u115f\u1160\u3164\uffa0")

    assert plain(seen) == escaped(seen) == seen


def test_vietnamese_is_seen_however_it_is_composed():
    name = "Nguyễn Thị Đặng Ngọc Ánh"

    for form in ("NFC", "NFD"):
        assert rules(PersonRow(full_name=unicodedata.normalize(form, name))) == []
