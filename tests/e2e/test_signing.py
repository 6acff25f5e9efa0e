"""A public authority's certificate through real services: registered, signed with, and revoked."""

import asyncio
from datetime import UTC, datetime

import pytest

from lientuyen.identity.v1 import signing_certificate_service_pb2 as certificates
from lientuyen.identity.v1.signing_certificate_pb2 import SigningCertificate
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen_client import Client, connect
from lientuyen_client.errors import InvalidArgument
from tests.harness import eventually
from tests.samples.signing import NOW, Signing, public, signed

from .conftest import Live
from .works import CALLER, dossier, seed

# In force for a year around the present day, whatever day that is.
YEAR = 365 + (datetime.now(UTC) - NOW).days


def of_mark(mark: str, by: Signing) -> dossiers.SubmitDossierRequest:
    return dossiers.SubmitDossierRequest(content=signed(dossier(mark).content, by))


async def cause(hospital: Client, request: dossiers.SubmitDossierRequest) -> str:
    """Return the word for why a file's signature is refused; empty when it is taken."""
    try:
        reply = await hospital.dossiers.SubmitDossier(request)
    except InvalidArgument as refusal:
        return refusal.metadata["cause"]
    assert reply.dossier.signature_verified
    return ""


async def story(live: Live, by: Signing) -> list[str]:
    await seed(live.stack)
    async with connect(CALLER, live.stack) as hospital, connect("operator/dev", live.stack) as directory:
        before = await cause(hospital, of_mark("SIGN.1", by))
        enrol = certificates.RegisterSigningCertificateRequest(parent="facilities/01999", der=by.der)
        reply = await directory.signing_certificates.RegisterSigningCertificate(enrol)
        after = await cause(hospital, of_mark("SIGN.1", by))
        withdraw = certificates.RevokeSigningCertificateRequest(
            name=reply.signing_certificate.name, reason=SigningCertificate.REVOKE_REASON_KEY_COMPROMISED
        )
        await hospital.signing_certificates.RevokeSigningCertificate(withdraw)
        marks = iter(range(2, 10_000))
        lost = await eventually(lambda: cause(hospital, of_mark(f"SIGN.{next(marks)}", by)))
        return [before, after, lost]


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_certificate_signs_from_its_registration_to_its_revocation(live: Live, kind: str):
    assert asyncio.run(story(live, public(kind=kind, days=YEAR))) == ["unregistered", "", "revoked"]
