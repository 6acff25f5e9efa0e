"""The facility's signature: what holds, whose it is, and by which time a certificate is judged."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kcb.signed_file import SignedFile, read_signed_file
from kcb.signing_certificates import SigningCertificate, check_signer, find_certificate
from kcb.xml_parser import Unreadable
from kcb.xml_signature import Signature, SignatureFault, time_of
from tests.samples import files, xmlsec
from tests.samples.signing import NOW, Signing, public, signed

RSA, ECDSA = public(), public(kind="ecdsa")
SIGNED = signed(files.DOSSIER, RSA)
FIXTURES = Path(__file__).parents[1] / "samples" / "signatures"


def read(content: bytes) -> Signature:
    file = read_signed_file(content)
    if file.fault is not None:
        raise file.fault
    assert file.signature is not None
    return file.signature


def registered(by: Signing, code: str = "01999", **more: object) -> SigningCertificate:
    return SigningCertificate(code, by.der, **more)  # type: ignore[arg-type]


def judge(signature: Signature, *known: SigningCertificate, received: datetime = NOW) -> str:
    """Return the word for why a signature is refused, or `good`."""
    try:
        check_signer(signature, find_certificate(signature, known, "01999"), received)
    except SignatureFault as fault:
        return fault.cause
    return "good"


@pytest.mark.parametrize("by", [RSA, ECDSA], ids=["rsa", "ecdsa"])
@pytest.mark.parametrize("content", [files.DOSSIER, files.CHECK_IN], ids=["dossier", "check-in"])
def test_a_signed_file_tells_who_sends_it_and_what_was_signed(content: bytes, by: Signing):
    file = read_signed_file(signed(content, by))

    assert (file.facility, file.is_signed, file.fault) == ("01999", True, None)
    assert file.signature is not None
    assert judge(file.signature, registered(by)) == "good"


def test_a_file_without_a_signature_is_not_signed():
    assert read_signed_file(files.DOSSIER) == SignedFile("GIAMDINHHS", "01999")


def test_a_changed_byte_is_seen():
    file = read_signed_file(SIGNED.replace(b"<NGAYLAP>20261120", b"<NGAYLAP>20261121"))

    assert file.fault is not None
    assert (file.fault.cause, file.signature) == ("altered", None)


def test_a_certificate_counts_for_the_facility_that_registered_it_only():
    signature = read(SIGNED)

    assert judge(signature) == "unregistered"
    assert judge(signature, registered(public())) == "unregistered"
    assert judge(signature, registered(RSA, "79999")) == "wrong-facility"
    assert judge(signature, registered(RSA, "79999"), registered(RSA)) == "good"


def test_without_a_time_of_signing_a_certificate_is_judged_by_the_receipt():
    signature, known = read(SIGNED), registered(RSA)

    assert signature.signing_time is None
    assert judge(signature, known, received=NOW + timedelta(days=366)) == "expired"
    assert judge(signature, known, received=NOW - timedelta(days=401)) == "not-yet-valid"


def test_a_revoked_certificate_signs_nothing_from_then_on():
    known = registered(RSA, revoke_time=NOW)

    assert judge(read(SIGNED), known, received=NOW) == "revoked"
    assert judge(read(SIGNED), known, received=NOW - timedelta(seconds=1)) == "good"


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> Signature:
    """A signature that tells its time: the first of the samples' day, 20 November, 10:15 in Viet Nam."""
    return read((FIXTURES / "rsa-signing-time.xml").read_bytes())


SIGNED_AT = datetime(2026, 11, 20, 3, 15, tzinfo=UTC)


def fixture_certificate(**more: object) -> SigningCertificate:
    return SigningCertificate("01999", (FIXTURES / "rsa.crt.der").read_bytes(), **more)  # type: ignore[arg-type]


def test_a_signed_time_of_signing_decides_for_a_file_that_comes_late(timed: Signature):
    known = fixture_certificate()
    late = known.read().not_valid_after_utc + timedelta(days=3)

    assert timed.signing_time == SIGNED_AT
    assert judge(timed, known, received=late) == "good"
    assert judge(timed, known, received=SIGNED_AT - timedelta(minutes=16)) == "signing-time"


def test_a_signed_time_of_signing_helps_against_a_revocation_unless_the_key_was_lost(timed: Signature):
    later = SIGNED_AT + timedelta(days=1)
    received = later + timedelta(days=1)

    assert judge(timed, fixture_certificate(revoke_time=later), received=received) == "good"
    assert (
        judge(timed, fixture_certificate(revoke_time=later, compromised=True), received=received) == "revoked"
    )
    assert judge(timed, fixture_certificate(revoke_time=SIGNED_AT), received=received) == "revoked"


@given(st.text(max_size=60))
def test_whatever_stands_for_a_time_is_one_or_refused(text: str):
    try:
        time = time_of(text)
    except SignatureFault:
        return
    assert time.tzinfo is UTC


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_no_changed_byte_of_a_signed_file_is_taken_for_the_same_file(at: int, change: int):
    changed = SIGNED[:at] + bytes([SIGNED[at] ^ change]) + SIGNED[at + 1 :]
    try:
        file = read_signed_file(changed)
    except Unreadable:
        return
    if file.signature is not None and judge(file.signature, registered(RSA)) == "good":
        assert canonical(changed) == canonical(SIGNED)


def canonical(content: bytes) -> bytes:
    """Return what a signature covers, without the signature itself."""
    root = etree.fromstring(content, etree.XMLParser(encoding="utf-8"))
    holder = root.find("CHUKYDONVI")
    assert holder is not None
    holder.clear()
    return bytes(etree.tostring(root, method="c14n", with_comments=False))


@pytest.mark.parametrize("name", sorted(path.name for path in FIXTURES.glob("*.xml")))
def test_a_file_that_xmlsec1_signed_holds(name: str):
    signature = read((FIXTURES / name).read_bytes())
    known = SigningCertificate("01999", (FIXTURES / f"{name.partition('-')[0]}.crt.der").read_bytes())

    assert judge(signature, known, received=SIGNED_AT + timedelta(days=1)) == "good"


needs_xmlsec1 = pytest.mark.skipif(xmlsec.TOOL is None, reason="xmlsec1 is not installed")


@needs_xmlsec1
@pytest.mark.parametrize("by", [RSA, ECDSA], ids=["rsa", "ecdsa"])
def test_xmlsec1_verifies_what_the_samples_sign(tmp_path: Path, by: Signing):
    content = signed(files.DOSSIER, by)

    assert xmlsec.verifies(tmp_path, content, by)
    assert not xmlsec.verifies(tmp_path, content.replace(b"<NGAYLAP>20261120", b"<NGAYLAP>20261121"), by)


@needs_xmlsec1
@pytest.mark.parametrize("digest", ["sha256", "sha512"])
@pytest.mark.parametrize(
    "c14n", [xmlsec.C14N, xmlsec.C14N_11, xmlsec.EXCLUSIVE, f"{xmlsec.C14N}#WithComments"]
)
@pytest.mark.parametrize("by", [RSA, ECDSA], ids=["rsa", "ecdsa"])
@pytest.mark.parametrize(
    "time",
    ["", xmlsec.SIGNING_TIME, xmlsec.XADES_TIME, xmlsec.VIETNAMESE_TIME],
    ids=["bare", "time", "xades", "vietnamese"],
)
def test_what_xmlsec1_signs_holds(tmp_path: Path, by: Signing, c14n: str, digest: str, time: str):
    kind = "rsa" if by is RSA else "ecdsa"
    signature = xmlsec.template(
        kind=kind,
        c14n=c14n,
        of_document=c14n if time else "",
        digest=digest,
        more=xmlsec.reference("#time", [c14n]) if time else "",
        item=time.format("2026-11-20T10:15:00+07:00"),
    )
    commented = files.DOSSIER.replace(b"<HOSO>", b"<!-- a note --><HOSO>")
    content = xmlsec.sign(tmp_path, xmlsec.put(commented, signature), by, *xmlsec.IDS)

    read_back = read(content)

    assert judge(read_back, registered(by)) == "good"
    assert read_back.signing_time == (SIGNED_AT if time else None)
