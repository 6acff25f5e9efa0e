"""Signed files over a real channel: the signer must be the sender; bytes come back as they were signed."""

from grpc import StatusCode

from chassis import clock
from kcb.signed_file import read_signed_file
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from tests.harness import World, refused
from tests.samples import files
from tests.samples.signing import NOW, authority, facility, signed

from .records_env import CARE, Records

CA = authority()


async def started(world: World) -> Records:
    path = world.folder / "signing-ca.crt"
    path.write_bytes(CA.pem)
    return await Records(world).start(signing_ca=path)


async def test_a_signed_file_is_verified_and_verifies_again_when_it_comes_back(world: World):
    records = await started(world)
    content = signed(files.DOSSIER, facility(CA, "01999"))
    with clock.fixed(NOW):
        taken = await records.submit(content)
        request = pb.GetOriginalRequest(name=taken.dossier.name, access=CARE)
        back = b"".join([piece.chunk async for piece in records.dossiers().GetOriginal(request)])

    assert taken.dossier.signature_verified
    assert "signature-missing" not in [found.rule for found in taken.warnings]
    assert back == content
    assert read_signed_file(back).fault is None


async def test_a_file_changed_after_signing_is_refused(world: World):
    records = await started(world)
    before = await records.counts_without_audit()
    content = signed(files.DOSSIER, facility(CA, "01999")).replace(b"<NGAYLAP>20261120", b"<NGAYLAP>20261121")
    with clock.fixed(NOW):
        refusal = await refused(records.submit(content))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.SIGNATURE_INVALID.name)
    assert (refusal.fields, refusal.metadata["cause"]) == (["GIAMDINHHS.CHUKYDONVI"], "altered")
    assert await records.counts_without_audit() == before


async def test_another_facilitys_signature_is_refused_and_so_is_another_authoritys(world: World):
    records = await started(world)
    with clock.fixed(NOW):
        other = await refused(records.submit(signed(files.DOSSIER, facility(CA, "79999"))))
        stranger = await refused(records.submit(signed(files.DOSSIER, facility(authority(), "01999"))))

    assert (other.code, other.reason) == (StatusCode.PERMISSION_DENIED, reasons.SIGNER_MISMATCH.name)
    assert other.metadata["signer"] == "79999"
    assert (stranger.reason, stranger.metadata["cause"]) == (
        reasons.SIGNATURE_INVALID.name,
        "unregistered",
    )


async def test_certificate_declaration_and_signature_must_all_agree(world: World):
    records = await started(world)
    with clock.fixed(NOW):
        refusal = await refused(
            records.submit(signed(files.DOSSIER, facility(CA, "01999")), "facility/79999")
        )

    assert refusal.reason == chassis_reasons.FACILITY_MISMATCH.name
