"""What is told of the batches of an import and of the questions of a stream: each by itself."""

from collections.abc import Callable

from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import person_service_pb2 as pb
from tests.contract.identity_env import OURS, TREATMENT, Identity, key, person_row, stream
from tests.harness import World, eventually
from tests.metrics import Observed, attributes

LogLines = Callable[[str], list[dict[str, object]]]


async def test_each_batch_of_an_import_shows_by_its_request_id(world: World, observed: Observed):
    identity = await Identity(world).start()
    rows = [person_row()]
    requests = [pb.ImportPersonsRequest(request_id=key(), first_row=1, rows=rows) for _ in range(3)]

    answers = [answer async for answer in identity.persons("authority/bhxh").ImportPersons(stream(*requests))]

    assert len(answers) == 3
    (span,) = await eventually(lambda: observed.spans("/ImportPersons"))
    events = [(event.name, dict(event.attributes or {})) for event in span.events]
    assert events == [
        ("request received", {"lientuyen.request_id": request.request_id}) for request in requests
    ]
    assert attributes(span)["enduser.id"] == "authority/bhxh"
    assert "lientuyen.request_id" not in attributes(span)


async def test_a_question_of_a_stream_that_is_refused_is_counted_and_logged(
    world: World, observed: Observed, log_lines: LogLines
):
    identity = await Identity(world).start()
    question = eligibility.CheckEligibilityRequest(
        person=f"persons/{key()}", facility=f"{OURS}facilities/01999", access=TREATMENT
    )
    request = eligibility.CheckEligibilitiesRequest(tag="a", question=question)

    answers = [answer async for answer in identity.eligibility().CheckEligibilities(stream(request))]

    assert answers[0].fault.reason == reasons.PERSON_NOT_FOUND.name
    (span,) = await eventually(lambda: observed.spans("/CheckEligibilities"))
    refusal = {"lientuyen.error.reason": reasons.PERSON_NOT_FOUND.name}
    assert [(event.name, dict(event.attributes or {})) for event in span.events] == [
        ("request refused", refusal)
    ]
    (line,) = log_lines("request refused")
    assert (line["caller"], line["reason"]) == ("facility/01999", reasons.PERSON_NOT_FOUND.name)
    (point,) = observed.points("lientuyen.rpc.server.refusals")
    assert point.attributes["lientuyen.error.reason"] == reasons.PERSON_NOT_FOUND.name
