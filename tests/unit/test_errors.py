"""Errors and the statuses they become: one `ErrorInfo`, two languages, every fault, nothing private."""

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, LocalizedMessage
from google.rpc.status_pb2 import Status
from grpc.aio import AioRpcError, Metadata

from chassis import errors
from chassis.errors import (
    DETAILS_KEY,
    MAX_STATUS_BYTES,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ServiceError,
    Violation,
    from_status,
    to_status,
)
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.type.v1.reason import Reason

NOT_FOUND = Reason(
    "ERROR_REASON_THING_NOT_FOUND",
    "things.lientuyen",
    "No thing is named {name}.",
    "Không có thứ nào tên là {name}.",
)


def sent(error: ServiceError) -> AioRpcError:
    """Return what a client gets of *error*."""
    status = to_status(error)
    trailing = Metadata((DETAILS_KEY, status.SerializeToString()))
    return AioRpcError(error.code, Metadata(), trailing, status.message)


def details(status: Status) -> tuple[ErrorInfo, LocalizedMessage, BadRequest]:
    found = ErrorInfo(), LocalizedMessage(), BadRequest()
    for detail in status.details:
        assert sum(detail.Unpack(one) for one in found if detail.Is(one.DESCRIPTOR)) == 1
    return found


def test_a_sentence_is_filled_from_the_metadata_in_both_languages():
    error = NotFound(NOT_FOUND, name="things/7")

    assert (str(error), error.message_vi) == (
        "No thing is named things/7.",
        "Không có thứ nào tên là things/7.",
    )


def test_a_sentence_names_a_thing_without_its_service_and_the_metadata_in_full():
    error = NotFound(NOT_FOUND, name="//things.lientuyen/things/7")

    assert error.message_vi == "Không có thứ nào tên là things/7."
    assert error.public_metadata == {"name": "//things.lientuyen/things/7"}


def test_a_missing_key_stays_as_it_is_written_and_a_brace_in_a_value_is_only_a_value():
    assert str(NotFound(NOT_FOUND)) == "No thing is named {name}."
    assert str(NotFound(NOT_FOUND, name="{name}")) == "No thing is named {name}."


def test_metadata_may_be_named_like_the_arguments():
    assert NotFound(NOT_FOUND, reason="gone", self="x").metadata == {"reason": "gone", "self": "x"}


def test_a_status_carries_one_error_info_and_a_vietnamese_message():
    status = to_status(NotFound(NOT_FOUND, name="things/7"))

    info, local, bad = details(status)
    assert (status.code, status.message) == (5, "No thing is named things/7.")
    assert (info.reason, info.domain, dict(info.metadata)) == (
        NOT_FOUND.name,
        NOT_FOUND.domain,
        {"name": "things/7"},
    )
    assert (local.locale, local.message) == ("vi", "Không có thứ nào tên là things/7.")
    assert (len(status.details), len(bad.field_violations)) == (2, 0)


def test_the_subject_of_a_refusal_is_kept_for_the_log_and_not_sent():
    error = PermissionDenied(NOT_FOUND, name="dossiers/7", subject="//identity.lientuyen/persons/9")

    info, _, _ = details(to_status(error))
    assert error.metadata["subject"] == "//identity.lientuyen/persons/9"
    assert dict(info.metadata) == {"name": "dossiers/7"}


def test_violations_keep_path_rule_and_both_sentences():
    fault = Violation("XML3[2].NGAY_YL", "time.order", "is after NGAY_KQ", "sau NGAY_KQ")

    _, _, bad = details(to_status(InvalidArgument(reasons.FIELDS_INVALID, violations=[fault])))
    (one,) = bad.field_violations
    assert Violation(one.field, one.reason, one.description, one.localized_message.message) == fault


def test_hundreds_of_faults_stay_within_what_a_client_accepts_and_are_counted_truly():
    faults = [
        Violation(f"XML3[{n}].NGAY_YL", "time.order", "is after NGAY_KQ" * 3, "sau NGAY_KQ" * 3)
        for n in range(700)
    ]

    status = to_status(InvalidArgument(reasons.FIELDS_INVALID, violations=faults))

    info, _, bad = details(status)
    assert info.metadata["count"] == "700"
    assert status.message == "700 field(s) of the request break a rule of the contract."
    assert 20 < len(bad.field_violations) < 700
    assert MAX_STATUS_BYTES * 0.9 < status.ByteSize() <= MAX_STATUS_BYTES


def test_one_echoed_value_cannot_fill_the_status():
    assert to_status(NotFound(NOT_FOUND, name="x" * 100_000)).ByteSize() < 1024


KINDS = [kind for kind in ServiceError.__subclasses__() if kind is not Internal]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_peer_sent_is_the_same_error_here(kind: type[ServiceError]):
    fault = Violation("a.b[1]", "required", "value is required", "Bắt buộc phải có.")
    error = kind(NOT_FOUND, violations=[fault], name="things/7")

    again = from_status(sent(error))

    assert type(again) is kind
    assert again.reason == Reason(NOT_FOUND.name, NOT_FOUND.domain, str(error), error.message_vi)
    assert (str(again), again.message_vi) == (str(error), error.message_vi)
    assert (again.metadata, again.violations) == (error.metadata, error.violations)


def test_a_bug_of_a_peer_is_no_answer():
    assert from_status(sent(Internal(reasons.INTERNAL, trace_id="0af7"))) is None


@pytest.mark.parametrize("wire", [b"", b"\xff\xff", Status(code=5).SerializeToString()])
def test_a_status_without_an_error_info_is_no_answer(wire: bytes):
    trailing = Metadata((DETAILS_KEY, wire))
    assert from_status(AioRpcError(grpc.StatusCode.NOT_FOUND, Metadata(), trailing, "")) is None
    assert from_status(AioRpcError(grpc.StatusCode.NOT_FOUND, Metadata(), Metadata(), "")) is None


def test_every_code_belongs_to_one_kind_and_the_tree_in_the_docstring_names_all():
    kinds = ServiceError.__subclasses__()

    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert f"── {kind.__name__} " in (errors.__doc__ or "")
