"""What is told of the files of a stream: each by its own request_id, those refused with who and why."""

from collections.abc import AsyncIterator, Callable
from uuid import uuid4

from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from tests.harness import World, eventually
from tests.metrics import Observed, attributes
from tests.samples import files

from .records_env import Records

LogLines = Callable[[str], list[dict[str, object]]]


async def test_each_file_of_a_stream_shows_by_its_request_id_and_a_refused_one_by_its_reason(
    world: World, observed: Observed, log_lines: LogLines
):
    records = await Records(world).start()
    good, bad = str(uuid4()), str(uuid4())

    async def requests() -> AsyncIterator[pb.SubmitDossiersRequest]:
        yield pb.SubmitDossiersRequest(request_id=good, content=files.DOSSIER)
        yield pb.SubmitDossiersRequest(request_id=bad, content=b"hello")

    answers = [answer async for answer in records.dossiers().SubmitDossiers(requests())]

    assert len(answers) == 2
    (span,) = await eventually(lambda: observed.spans("/SubmitDossiers"))
    assert "lientuyen.request_id" not in attributes(span)
    events = [(event.name, dict(event.attributes or {})) for event in span.events]
    assert sorted(events[:2], key=str) == sorted(
        [("request received", {"lientuyen.request_id": request_id}) for request_id in (good, bad)], key=str
    )
    refusal = {"lientuyen.request_id": bad, "lientuyen.error.reason": reasons.DOSSIER_REFUSED.name}
    assert events[2:] == [("request refused", refusal)]
    (line,) = [each for each in log_lines("request refused") if each["caller"] != "service/records"]
    assert (line["caller"], line["request_id"], line["reason"]) == (
        "facility/01999",
        bad,
        reasons.DOSSIER_REFUSED.name,
    )
    method = "lientuyen.records.v1.DossierService/SubmitDossiers"
    points = observed.points("lientuyen.rpc.server.refusals")
    (point,) = [each for each in points if each.attributes["rpc.method"] == method]
    assert point.attributes["lientuyen.error.reason"] == reasons.DOSSIER_REFUSED.name


async def test_a_file_of_another_hospital_in_a_stream_is_told_by_its_request_id(
    world: World, observed: Observed, log_lines: LogLines
):
    records = await Records(world).start()
    request_id = str(uuid4())
    stream = iter([pb.SubmitDossiersRequest(request_id=request_id, content=files.DOSSIER)])

    assert [answer async for answer in records.dossiers("facility/79999").SubmitDossiers(stream)]

    (line,) = log_lines("request refused")
    assert (line["caller"], line["request_id"], line["reason"]) == (
        "facility/79999",
        request_id,
        chassis_reasons.FACILITY_MISMATCH.name,
    )
