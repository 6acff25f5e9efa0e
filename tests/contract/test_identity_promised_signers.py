"""What identity promises of signing to records: kept by the service, and by the fake of its tests."""

from collections.abc import Sequence

import pytest

from lientuyen.identity.v1 import signing_certificate_service_pb2 as pb
from lientuyen.identity.v1.signing_certificate_pb2 import SigningCertificate
from lientuyen.identity.v1.signing_certificate_service_pb2_grpc import SigningCertificateServiceStub
from tests.harness import World
from tests.samples.signing import Signing, public

from .identity_env import key
from .identity_twice import Fake, PromisedIdentity, Real

OURS, STRANGER = public(kind="ecdsa"), public(kind="ecdsa")
EVERYBODYS = "//identity.lientuyen/facilities/-"


async def register(identity: PromisedIdentity, by: Signing, code: str) -> None:
    if isinstance(identity, Fake):
        identity.fake.add_certificate(code, by.der)
        return
    request = pb.RegisterSigningCertificateRequest(request_id=key(), parent=f"facilities/{code}", der=by.der)
    await identity.stub(SigningCertificateServiceStub, "authority/byt").RegisterSigningCertificate(request)


async def listed(identity: PromisedIdentity, **more: str) -> Sequence[SigningCertificate]:
    request = pb.ListSigningCertificatesRequest(parent=EVERYBODYS, page_size=500, **more)
    stub = identity.stub(SigningCertificateServiceStub, "service/records")
    return (await stub.ListSigningCertificates(request)).signing_certificates


@pytest.mark.parametrize("kind", [Real, Fake])
async def test_a_certificate_is_found_at_every_facility_by_digest_and_by_number(
    world: World, kind: type[Real] | type[Fake]
):
    identity = await kind(world).fill()
    for code in ("01999", "79999"):
        await register(identity, OURS, code)
    await register(identity, STRANGER, "01999")

    by_number = await listed(identity, serial_number=f"{OURS.certificate.serial_number:x}")
    by_digest = await listed(identity, sha256=by_number[0].name[-64:])

    assert [each.name.split("/")[-3] for each in by_number] == ["01999", "79999"]
    assert [each.name for each in by_digest] == [each.name for each in by_number]
    assert {each.der for each in by_number} == {OURS.der}
    assert not any(each.HasField("revoke_time") for each in by_number)
    assert list(await listed(identity, sha256="0f" * 32)) == []
