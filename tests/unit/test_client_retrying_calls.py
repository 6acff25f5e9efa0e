"""The client sends again what nobody answered, and no more than that."""

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import Message
from grpc import StatusCode
from grpc.aio import AioRpcError, Metadata

from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest, GetOutcomeResponse
from lientuyen_client.client import streaming_methods
from lientuyen_client.errors import DeadlineExceeded, FailedPrecondition, Unavailable
from lientuyen_client.retrying_calls import RetryPolicy, unary_unary

REQUEST, REPLY = GetOutcomeRequest(), GetOutcomeResponse()


class Answers:
    """A method that answers as it is told, one after the other, and keeps what it was given."""

    def __init__(self, *answers: StatusCode | Message) -> None:
        self._answers = list(answers)
        self.requests: list[bytes] = []
        self.timeouts: list[float | None] = []

    async def __call__(self, request: Message, *, timeout: float | None, metadata: Any) -> Message:
        self.requests.append(request.SerializeToString())
        self.timeouts.append(timeout)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, StatusCode):
            raise AioRpcError(answer, Metadata(), Metadata(), "said so")
        return answer

    @property
    def call(self) -> Callable[..., Any]:
        return self.call_by(RetryPolicy(first_delay_s=0.01))

    def call_by(self, policy: RetryPolicy) -> Callable[..., Any]:
        return unary_unary("/lientuyen.chassis.v1.OutcomeService/GetOutcome", self, policy)


async def test_a_call_that_nobody_answered_is_sent_again_with_the_same_request_id():
    method = Answers(StatusCode.UNAVAILABLE, StatusCode.CANCELLED, REPLY)

    assert await method.call(GetOutcomeRequest()) == REPLY
    assert len(method.requests) == 3
    assert len(set(method.requests)) == 1
    assert method.timeouts == sorted(method.timeouts, reverse=True)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (StatusCode.FAILED_PRECONDITION, FailedPrecondition),
        (StatusCode.DEADLINE_EXCEEDED, DeadlineExceeded),
    ],
)
async def test_an_answer_is_never_asked_for_again(code: StatusCode, error: type[Exception]):
    method = Answers(code)

    with pytest.raises(error):
        await method.call(REQUEST)
    assert len(method.requests) == 1


async def test_who_did_not_answer_is_told_when_no_time_is_left_for_another_attempt():
    method = Answers(StatusCode.UNAVAILABLE)

    with pytest.raises(Unavailable):
        await method.call(REQUEST, timeout=0.3)
    assert len(method.requests) > 1


async def test_a_call_without_a_deadline_is_given_up_too():
    method = Answers(StatusCode.UNAVAILABLE)

    with pytest.raises(Unavailable):
        await method.call_by(RetryPolicy(retry_for_s=0.2, first_delay_s=0.01))(REQUEST, timeout=None)
    assert set(method.timeouts) == {None}


def test_grpc_itself_retries_the_methods_that_stream_and_no_other():
    methods = {(method["service"], method["method"]) for method in streaming_methods()}

    assert ("lientuyen.routing.v1.MailboxService", "SendMessage") in methods
    assert ("lientuyen.routing.v1.MailboxService", "ReceiveMessages") in methods
    assert ("lientuyen.routing.v1.MailboxService", "AcknowledgeMessage") not in methods
