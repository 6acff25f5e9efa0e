"""A file that is too large is refused as a file is: by its field, in two languages, and alone."""

from collections.abc import AsyncIterator
from uuid import uuid4

from grpc import StatusCode

from kcb.xml_parser import MAX_FILE_BYTES
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from tests.contract.records_env import Records
from tests.harness import World, refused
from tests.samples import files

TOO_LARGE = b" " * (MAX_FILE_BYTES + 8 * 1024 * 1024)


async def test_one_file_too_large_is_one_answer_and_the_stream_goes_on(world: World):
    records = await Records(world).start()
    large, good = str(uuid4()), str(uuid4())

    async def requests() -> AsyncIterator[pb.SubmitDossiersRequest]:
        yield pb.SubmitDossiersRequest(request_id=large, content=TOO_LARGE)
        yield pb.SubmitDossiersRequest(request_id=good, content=files.DOSSIER)

    answers = {answer.request_id: answer async for answer in records.dossiers().SubmitDossiers(requests())}

    assert set(answers) == {large, good}
    assert answers[good].HasField("accepted")
    refusal = answers[large].refusal
    assert refusal.reason == reasons.DOSSIER_REFUSED.name
    assert [finding.rule for finding in refusal.findings] == ["too-large"]
    assert "64 MiB" in refusal.findings[0].message_vi


async def test_a_file_too_large_alone_is_told_the_limit(world: World):
    records = await Records(world).start()
    request = pb.SubmitDossierRequest(request_id=str(uuid4()), content=TOO_LARGE)

    refusal = await refused(records.dossiers().SubmitDossier(request))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.DOSSIER_REFUSED.name)
    assert [violation.rule for violation in refusal.violations] == ["too-large"]
