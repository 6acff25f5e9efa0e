"""Who answers is checked as well as who asks: only a service's own certificate speaks for it (ADR 0047)."""

import ipaddress
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from chassis.errors import Unavailable
from chassis.peers import Peer
from chassis.tls import TlsFolder
from laptop import authority
from laptop.certificate_renewal import CALLERS, make_certificates
from laptop.home_folder import Home
from lientuyen.chassis.v1 import error_reasons as reasons
from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest
from lientuyen.records.v1.health_book_service_pb2 import GetHealthBookRequest
from lientuyen_client import errors
from lientuyen_client.client import Client
from lientuyen_client.running_stack import NoCertificate, Stack
from tests.contract.chassis_echo import GOOD, Echo, Stub, serve_echo
from tests.contract.records_env import CARE, PERSON_NAME, Records
from tests.fake_identity import FakeIdentity
from tests.harness import Pki, Running, World
from tests.samples import files

Issue = Callable[[authority.Authority, Path], None]

BOOK = GetHealthBookRequest(person=PERSON_NAME, access=CARE)
HOSPITAL = "facility/01999"


def issued_to(identity: str, trust_domain: str = authority.TRUST_DOMAIN) -> Issue:
    return lambda ca, folder: authority.issue(ca, folder, identity, trust_domain=trust_domain)


def issued_lightly(ca: authority.Authority, folder: Path) -> None:
    """Write what older releases gave a facility: good for a server, and for every address of this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [
        x509.UniformResourceIdentifier("spiffe://lientuyen.test/facility/79999"),
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = authority._leaf(
        ca, "facility/79999", key, x509.SubjectAlternativeName(names), authority.LEAF_LIFETIME
    )
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    authority._write(folder / "ca.crt", authority._pem(ca.certificate))
    authority._write_pair(folder, "tls", builder.sign(ca.key, hashes.SHA256()), key)


IMPOSTORS = [
    pytest.param(issued_to("facility/79999"), id="a facility's"),
    pytest.param(issued_lightly, id="a facility's that may serve"),
    pytest.param(issued_to("service/pharmacy"), id="another service's"),
    pytest.param(issued_to("service/identity", "other.test"), id="another trust domain's"),
]


class ImpostorPki(Pki):
    """Gives whoever serves the one certificate of the impostor."""

    def __init__(self, genuine: Pki, folder: Path, issue: Issue) -> None:
        self.path, self.ca = genuine.path, genuine.ca
        self._impostor = folder
        issue(self.ca, folder)

    def folder(self, identity: str, trust_domain: str = authority.TRUST_DOMAIN) -> TlsFolder:
        return TlsFolder(self._impostor)


@pytest.fixture(params=IMPOSTORS)
async def impostors(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> World:
    """A world where every server shows a certificate that is not its own."""
    pki = ImpostorPki(world.pki, tmp_path / "impostor", request.param)
    theirs = World(world.databases, pki, tmp_path)
    world.ending(theirs.close)
    return theirs


def peer(world: World, running: Running) -> Peer:
    asking = Peer("identity", running.address, world.pki.folder(HOSPITAL))
    world.ending(asking.close)
    return asking


async def test_a_peer_that_shows_no_certificate_of_its_own_hears_nothing(
    world: World, impostors: World, echo: Echo
):
    asking = peer(world, await serve_echo(impostors, echo))

    with pytest.raises(Unavailable) as unary:
        await asking.ask(Stub(asking.channel).Say, GOOD)
    with pytest.raises(Unavailable) as stream:
        _ = [answer async for answer in asking.stream(Stub(asking.channel).Split, GOOD)]

    assert {error.value.reason for error in (unary, stream)} == {reasons.PEER_UNAVAILABLE}
    assert [error.value.metadata for error in (unary, stream)] == [{"peer": "identity"}] * 2
    assert echo.seen == []


async def test_a_peer_that_shows_its_own_is_heard_wherever_it_runs(world: World, echo: Echo):
    tls = world.pki.folder("service/identity").path
    asking = peer(world, await serve_echo(world, echo, tls_dir=str(tls)))

    assert (await asking.ask(Stub(asking.channel).Say, GOOD)).next_page_token == "said"


async def test_the_operator_reads_in_the_log_that_somebody_else_answers(
    world: World, impostors: World, echo: Echo, capfd: pytest.CaptureFixture[str]
):
    asking = peer(world, await serve_echo(impostors, echo))

    with pytest.raises(Unavailable):
        await asking.ask(Stub(asking.channel).Say, GOOD)

    assert "a peer cannot prove who it is" in capfd.readouterr().err


async def test_a_false_identity_opens_no_health_book(world: World, impostors: World):
    false = FakeIdentity()
    false.add_person(name=PERSON_NAME)
    false.add_facility("79999")
    false.add_consent(PERSON_NAME)
    records = await Records(world).start()
    await records.submit(files.DOSSIER)
    url = records.running.settings.database_url
    deceived = await Records(world).start(identity_address=await false.serve(impostors), database_url=url)

    reply = await deceived.books("facility/79999").GetHealthBook(BOOK)

    assert list(reply.health_book.encounters) == []
    assert "identity" in reply.unreachable
    assert false.requests == []


async def test_the_client_speaks_to_no_impostor_and_says_so(world: World, impostors: World, echo: Echo):
    running = await serve_echo(impostors, echo)
    tls = world.pki.folder(HOSPITAL).path
    request = GetOutcomeRequest(request_id="7b1d7c1e-8f0e-4a68-9d4c-3f1fba4a7c11")

    async with Client(Stack({"identity": running.address}, tls, single_identity=True), HOSPITAL) as client:
        with pytest.raises(errors.Unavailable) as told:
            await client.outcomes("identity").GetOutcome(request, timeout=1)

    assert "chứng thư số của" in told.value.message_vi


def test_a_client_whose_certificate_names_nobody_is_told_so(world: World, tmp_path: Path):
    key = ec.generate_private_key(ec.SECP256R1())
    builder = authority._certificate(
        authority._subject("nobody"), world.pki.ca.certificate.subject, key, authority.LEAF_LIFETIME
    )
    authority._write_pair(tmp_path, "tls", builder.sign(world.pki.ca.key, hashes.SHA256()), key)
    authority._write(tmp_path / "ca.crt", authority._pem(world.pki.ca.certificate))

    with pytest.raises(NoCertificate) as told:
        Client(Stack({"identity": world.nowhere()}, tmp_path, single_identity=True), HOSPITAL)

    assert "SPIFFE" in told.value.message_vi


def certificate(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "tls.crt").read_bytes())


def test_a_home_of_an_older_release_is_given_certificates_that_hold(tmp_path: Path):
    home = Home(tmp_path)
    ca = authority.make_ca(home.path / "ca")
    for identity in CALLERS:
        issued_lightly(ca, home.tls_of(identity))

    make_certificates(home)

    for identity in CALLERS:
        extensions = certificate(home.tls_of(identity)).extensions
        purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        dns = names.get_values_for_type(x509.DNSName)
        if identity.startswith("service/"):
            assert f"{identity.partition('/')[2]}.service.lientuyen.test" in dns
        else:
            assert (dns, list(purposes)) == ([], [ExtendedKeyUsageOID.CLIENT_AUTH])


def test_certificates_that_hold_are_kept(tmp_path: Path):
    home = Home(tmp_path)
    make_certificates(home)
    before = [certificate(home.tls_of(identity)) for identity in CALLERS]

    make_certificates(home)

    assert [certificate(home.tls_of(identity)) for identity in CALLERS] == before
