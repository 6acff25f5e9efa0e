"""Certificates that claim more than their one URI, and grounds that the caller cannot have."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from grpc import StatusCode

from chassis.tls import TlsFolder
from laptop import authority
from lientuyen.chassis.v1 import error_reasons as reasons
from tests.contract.chassis_echo import GOOD, Echo, Stub
from tests.harness import Running, World, refused

URI = "spiffe://lientuyen.test/facility/01999"
KING = "spiffe://lientuyen.test/operator/an"


def certified(
    world: World,
    names: Sequence[x509.GeneralName],
    *,
    common_name: str = "facility/01999",
    lifetime: timedelta = timedelta(days=1),
) -> tuple[bytes, bytes]:
    """Return a key and a certificate of the world's authority with exactly these names."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    builder = authority._certificate(subject, world.pki.ca.certificate.subject, key, lifetime)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    certificate = builder.sign(world.pki.ca.key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


async def said_to(world: World, running: Running, pair: tuple[bytes, bytes]) -> StatusCode:
    """Return what the holder of a certificate is told."""
    ca = world.pki.folder("facility/01999").read().ca
    credentials = grpc.ssl_channel_credentials(ca, *pair)
    async with grpc.aio.secure_channel(running.address, credentials) as channel:
        return (await refused(Stub(channel).Say(GOOD, timeout=3))).code


@pytest.mark.parametrize(
    "names",
    [
        [x509.RFC822Name(URI)],
        [x509.DNSName(URI)],
        [x509.UniformResourceIdentifier(URI), x509.UniformResourceIdentifier(KING)],
        [x509.UniformResourceIdentifier(URI), x509.UniformResourceIdentifier("https://hospital.test/")],
        [x509.UniformResourceIdentifier(URI.upper())],
        [x509.UniformResourceIdentifier(f"{URI}/")],
        [x509.UniformResourceIdentifier(f"{URI}?as=operator")],
        [],
    ],
)
async def test_only_one_uri_and_no_name_of_another_type_makes_a_caller(
    world: World, running: Running, echo: Echo, names: list[x509.GeneralName]
):
    code = await said_to(world, running, certified(world, names, common_name=URI))

    assert (code, echo.seen) == (StatusCode.UNAUTHENTICATED, [])


async def test_an_expired_certificate_makes_no_connection(world: World, running: Running, echo: Echo):
    names = [x509.UniformResourceIdentifier(URI)]
    pair = certified(world, names, lifetime=timedelta(seconds=-1))

    assert (await said_to(world, running, pair), echo.seen) == (StatusCode.UNAVAILABLE, [])


async def test_a_certificate_of_another_authority_makes_no_connection(
    world: World, running: Running, echo: Echo, tmp_path: Path
):
    authority.issue(authority.make_ca(tmp_path / "ca"), tmp_path / "mine", "facility/01999")
    tls = TlsFolder(tmp_path / "mine").read()

    code = await said_to(world, running, (tls.key, tls.certificate))

    assert (code, echo.seen) == (StatusCode.UNAVAILABLE, [])


@pytest.mark.parametrize(
    "identity", ["service/records", "pharmacy/01999", "operator/01999", "authority/01999"]
)
async def test_the_number_of_a_facility_under_another_kind_is_not_that_facility(
    world: World, running: Running, echo: Echo, identity: str
):
    refusal = await refused(Stub(world.channel(running, identity)).Say(GOOD))

    assert (refusal.reason, echo.seen) == (reasons.METHOD_DENIED.name, [])
