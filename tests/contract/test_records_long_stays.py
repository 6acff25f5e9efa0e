"""A stay of months: 20,000 rows of one table in 30 MiB are taken; what is larger is refused by its name."""

import pytest

from chassis import clock
from kcb.xml_parser import MAX_FILE_BYTES
from lientuyen.records.v1 import dossier_service_pb2 as pb
from tests.harness import World, refused
from tests.samples.files import long_stay
from tests.samples.signing import NOW, authority, facility, signed

from .records_env import CARE, Records

ROWS = 20_000

# Seconds for 30 MiB there and back, on a machine that has other things to do.
TIMEOUT_S = 100


@pytest.mark.timeout(300)
async def test_a_stay_of_20000_rows_and_30_mib_is_taken_signed_and_comes_back(world: World):
    ca = authority()
    (world.folder / "signing-ca.crt").write_bytes(ca.pem)
    records = await Records(world).start(signing_ca=world.folder / "signing-ca.crt")
    content = signed(long_stay(ROWS), facility(ca, "01999"))

    with clock.fixed(NOW):
        request = pb.SubmitDossierRequest(request_id="3b9d7a52-6f5e-4d0c-9d0e-4b7c3f6a1e55", content=content)
        reply = await records.dossiers().SubmitDossier(request, timeout=TIMEOUT_S)
        original = pb.GetOriginalRequest(name=reply.dossier.name, access=CARE)
        back = b"".join([part.chunk async for part in records.dossiers().GetOriginal(original)])

    assert 29 * 2**20 < len(content) <= MAX_FILE_BYTES
    assert ("XML3", ROWS) in [(table.table, table.rows) for table in reply.dossier.tables]
    assert reply.dossier.signature_verified
    assert (await records.counts_without_audit())["services"] == ROWS
    assert back == content


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
    assert "30 MiB" in refusal.violations[0].vi
    assert "XML3" in refusal.violations[0].vi
