"""Certificates: who they name, what they are good for, and noticing that they changed."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from chassis.tls import TlsFolder
from laptop import authority
from tests.harness import spiffe_id


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_a_service_s_certificate_names_its_caller_and_where_it_serves(tmp_path: Path) -> None:
    ca = authority.make_ca(tmp_path / "ca")
    authority.issue(ca, tmp_path / "leaf", "service/identity", dns=["identity.lientuyen.svc"])

    leaf = certificate(tmp_path / "leaf/tls.crt")
    leaf.verify_directly_issued_by(ca.certificate)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert spiffe_id((tmp_path / "leaf/tls.crt").read_bytes()) == "spiffe://lientuyen.test/service/identity"
    assert names.get_values_for_type(x509.DNSName) == [
        "identity.service.lientuyen.test",
        "localhost",
        "identity.lientuyen.svc",
    ]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert set(purposes) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    assert leaf.not_valid_after_utc - datetime.now(UTC) <= timedelta(days=90)


@pytest.mark.parametrize(
    "identity", ["facility/01999", "pharmacy/NT00001", "authority/vneid", "operator/dev"]
)
def test_whoever_only_asks_is_given_nothing_to_answer_with(tmp_path: Path, identity: str) -> None:
    authority.issue(authority.make_ca(tmp_path / "ca"), tmp_path, identity, dns=["identity.lientuyen.svc"])

    leaf = certificate(tmp_path / "tls.crt").extensions
    names = list(leaf.get_extension_for_class(x509.SubjectAlternativeName).value)
    purposes = list(leaf.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert names == [x509.UniformResourceIdentifier(f"spiffe://lientuyen.test/{identity}")]
    assert purposes == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    ca = authority.make_ca(tmp_path)
    authority.issue(ca, tmp_path, "service/identity")
    authority.issue_signing(ca, tmp_path, "facility/01999")
    modes = {name.name: stat.S_IMODE(name.stat().st_mode) for name in tmp_path.glob("*.key")}
    assert modes == {"ca.key": 0o600, "tls.key": 0o600, "signing.key": 0o600}


def test_an_authority_is_made_once(tmp_path: Path) -> None:
    first, second = authority.make_ca(tmp_path), authority.make_ca(tmp_path)
    assert first.certificate == second.certificate


def test_an_authority_that_runs_out_before_its_leaves_is_replaced(tmp_path: Path) -> None:
    first = authority.make_ca(tmp_path, lifetime=timedelta(days=30))
    assert authority.make_ca(tmp_path).certificate != first.certificate


@pytest.mark.parametrize(("with_rsa", "kind"), [(False, ec.EllipticCurvePublicKey), (True, rsa.RSAPublicKey)])
def test_a_signing_certificate_names_the_facility(tmp_path: Path, with_rsa: bool, kind: type) -> None:
    ca = authority.make_ca(tmp_path)
    authority.issue_signing(ca, tmp_path, "facility/01999", with_rsa=with_rsa)
    signing = certificate(tmp_path / "signing.crt")
    signing.verify_directly_issued_by(ca.certificate)
    assert isinstance(signing.public_key(), kind)
    assert spiffe_id((tmp_path / "signing.crt").read_bytes()) == "spiffe://lientuyen.test/facility/01999"


def test_an_authority_is_nobody(tmp_path: Path) -> None:
    authority.make_ca(tmp_path)
    assert spiffe_id((tmp_path / "ca.crt").read_bytes()) is None


def test_a_folder_notices_a_new_certificate_once(tmp_path: Path) -> None:
    ca = authority.make_ca(tmp_path / "ca")
    authority.issue(ca, tmp_path, "service/identity")
    folder = TlsFolder(tmp_path)
    before = folder.read()
    assert not folder.changed()

    authority.issue(ca, tmp_path, "service/identity")

    assert folder.changed()
    assert folder.read().certificate != before.certificate
    assert not folder.changed()


def test_a_folder_notices_the_links_that_kubernetes_swaps(tmp_path: Path) -> None:
    ca = authority.make_ca(tmp_path / "ca")
    for version in ("first", "second"):
        authority.issue(ca, tmp_path / version, "service/identity")
    data, mount = tmp_path / "..data", tmp_path / "mount"
    data.symlink_to("first")
    mount.mkdir()
    for name in ("ca.crt", "tls.crt", "tls.key"):
        (mount / name).symlink_to(data / name)
    folder = TlsFolder(mount)
    folder.read()

    (tmp_path / "..next").symlink_to("second")
    (tmp_path / "..next").rename(data)

    assert folder.changed()
    assert folder.read().certificate == (tmp_path / "second/tls.crt").read_bytes()


def test_a_half_written_pair_is_refused_and_still_counts_as_changed(tmp_path: Path) -> None:
    ca = authority.make_ca(tmp_path / "ca")
    authority.issue(ca, tmp_path / "other", "service/identity")
    authority.issue(ca, tmp_path, "service/identity")
    folder = TlsFolder(tmp_path)
    folder.read()
    (tmp_path / "tls.key").write_bytes((tmp_path / "other/tls.key").read_bytes())
    with pytest.raises(ValueError, match="not the certificate's"):
        folder.read()
    assert folder.changed()
