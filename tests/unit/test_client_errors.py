"""What the exchange refuses arrives typed, whole, and never breaks the reader."""

import grpc
import pytest
from google.rpc.status_pb2 import Status
from grpc.aio import AioRpcError, Metadata

from chassis.errors import InvalidArgument as Refusal
from chassis.errors import Violation, to_status
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen_client import errors


def received(code: grpc.StatusCode, status: Status | None, text: str = "") -> AioRpcError:
    pairs = [("grpc-status-details-bin", status.SerializeToString())] if status else []
    return AioRpcError(code, Metadata(), Metadata(*pairs), details=status.message if status else text)


def test_a_refusal_arrives_with_reason_metadata_sentences_and_every_path():
    fault = Violation("XML3[2].NGAY_YL", "date-format", "is not a date", "không phải ngày")
    status = to_status(Refusal(reasons.FIELDS_INVALID, violations=[fault], count="1"))

    error = errors.from_rpc(received(grpc.StatusCode.INVALID_ARGUMENT, status))

    assert isinstance(error, errors.InvalidArgument)
    assert (error.reason, error.domain) == ("ERROR_REASON_FIELDS_INVALID", "chassis.lientuyen")
    assert error.metadata["count"] == "1"
    assert error.message_vi == "Yêu cầu có 1 trường không hợp lệ."
    assert error.violations == (
        errors.Violation("XML3[2].NGAY_YL", "date-format", "is not a date", "không phải ngày"),
    )


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
def test_every_code_arrives_even_without_details(code: grpc.StatusCode):
    error = errors.from_rpc(received(code, None, "no more is known"))

    assert (error.code, error.message, error.reason) == (code, "no more is known", "")


def test_what_no_service_said_has_a_vietnamese_sentence_too():
    error = errors.from_rpc(
        received(grpc.StatusCode.UNAVAILABLE, None, "connections to all backends failing")
    )

    assert error.message == "connections to all backends failing"
    assert "trả lời" in error.message_vi
