"""A stay of months: what is larger than 20,000 rows or 64 MiB is refused by its name."""

from kcb.xml_parser import MAX_FILE_BYTES
from lientuyen.records.v1 import dossier_service_pb2 as pb
from tests.harness import World, refused
from tests.samples.files import long_stay

from .records_env import Records

ROWS = 20_000

# Seconds for 64 MiB there and back, on a machine that has other things to do.
TIMEOUT_S = 100


async def test_a_row_more_is_refused_naming_the_table(world: World):
    records = await Records(world).start()
    request = pb.SubmitDossierRequest(
        request_id="3b9d7a52-6f5e-4d0c-9d0e-4b7c3f6a1e55", content=long_stay(ROWS + 1, 0)
    )

    refusal = await refused(records.dossiers().SubmitDossier(request, timeout=TIMEOUT_S))

    assert [(violation.rule, violation.field) for violation in refusal.violations] == [("too-many", "XML3")]
    assert "20,000" in refusal.violations[0].vi


async def test_a_file_that_is_too_large_is_refused_naming_its_largest_table(world: World):
    records = await Records(world).start()
    request = pb.SubmitDossierRequest(
        request_id="3b9d7a52-6f5e-4d0c-9d0e-4b7c3f6a1e55", content=long_stay(ROWS, MAX_FILE_BYTES + 500_000)
    )

    refusal = await refused(records.dossiers().SubmitDossier(request, timeout=TIMEOUT_S))

    assert [violation.rule for violation in refusal.violations] == ["too-large"]
    assert "64 MiB" in refusal.violations[0].vi
    assert "XML3" in refusal.violations[0].vi
