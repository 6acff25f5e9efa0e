"""
The development authority: certificates for callers, services and signers on one machine and in tests.

In production the folders come from the deployment's own issuer and none of this is used
(`chassis/tls.py` reads them).  The authority lasts a year and its leaves 90 days; keys are on
P-256, those with which services sign receipts and tree heads are Ed25519.  A facility's signing
certificate (chữ ký số), for the signatures inside its dossiers, comes from the same authority as
`signing.crt` and `signing.key`.

Services alone are issued what a server is known by: the purpose serverAuth, and DNS names, of
which `identity.service.<trust domain>` is the one that callers demand (docs/adr/0047).
"""

import ipaddress
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chassis.tls import SPIFFE, server_name

TRUST_DOMAIN = "lientuyen.test"
CA_LIFETIME = timedelta(days=365)
LEAF_LIFETIME = timedelta(days=90)

# A certificate begins a little before now, for peers whose clocks run behind.
_CLOCK_SKEW = timedelta(minutes=5)

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_ca(folder: Path, lifetime: timedelta = CA_LIFETIME) -> Authority:
    existing = _load_valid(folder)
    if existing is not None:
        return existing
    key = ec.generate_private_key(ec.SECP256R1())
    name = _subject("Liên Tuyến development authority")
    builder = _certificate(name, name, key, lifetime)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    authority = Authority(builder.sign(key, hashes.SHA256()), key)
    _write_pair(folder, "ca", authority.certificate, key)
    return authority


def issue(
    ca: Authority,
    folder: Path,
    identity: str,
    *,
    dns: Sequence[str] = (),
    trust_domain: str = TRUST_DOMAIN,
    lifetime: timedelta = LEAF_LIFETIME,
) -> None:
    """Write a TLS folder for *identity* (`service/identity`, `facility/01999`), over any that is there.

    Everybody's is good for a client; a service's also for the server of its own name, of `localhost`,
    127.0.0.1 and the names in *dns*.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _leaf(ca, identity, key, names_of(identity, trust_domain, dns), lifetime)
    builder = builder.add_extension(_usage(digital_signature=True), critical=True)
    builder = builder.add_extension(purposes_of(identity), critical=False)
    _write(folder / "ca.crt", _pem(ca.certificate))
    _write_pair(folder, "tls", builder.sign(ca.key, hashes.SHA256()), key)


def names_of(
    identity: str, trust_domain: str = TRUST_DOMAIN, dns: Sequence[str] = ()
) -> x509.SubjectAlternativeName:
    """Return the names in the TLS certificate of *identity*."""
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(f"{SPIFFE}{trust_domain}/{identity}")]
    kind, _, service = identity.partition("/")
    if kind == "service":
        own = server_name(service, trust_domain)
        names += [x509.DNSName(name) for name in dict.fromkeys((own, "localhost", *dns))]
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    return x509.SubjectAlternativeName(names)


def purposes_of(identity: str) -> x509.ExtendedKeyUsage:
    """Return what the TLS certificate of *identity* is good for."""
    serves = [ExtendedKeyUsageOID.SERVER_AUTH] if identity.startswith("service/") else []
    return x509.ExtendedKeyUsage([*serves, ExtendedKeyUsageOID.CLIENT_AUTH])


def issue_signing(
    ca: Authority,
    folder: Path,
    identity: str,
    *,
    with_rsa: bool = False,
    trust_domain: str = TRUST_DOMAIN,
    lifetime: timedelta = LEAF_LIFETIME,
) -> None:
    """Write `signing.crt` and `signing.key`, with which a facility signs its documents (XMLDSig).

    The key is on P-256, or RSA of 2048 bits *with_rsa*, as most hospitals hold today.  A service's, with
    which it signs receipts and tree heads, is Ed25519.
    """
    key = _signing_key(identity, with_rsa=with_rsa)
    names = [x509.UniformResourceIdentifier(f"{SPIFFE}{trust_domain}/{identity}")]
    builder = _leaf(ca, identity, key, x509.SubjectAlternativeName(names), lifetime)
    usage = _usage(digital_signature=True, content_commitment=True)
    builder = builder.add_extension(usage, critical=True)
    _write_pair(folder, "signing", builder.sign(ca.key, hashes.SHA256()), key)


def _signing_key(identity: str, *, with_rsa: bool) -> PrivateKey:
    if identity.startswith("service/"):
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, 2048) if with_rsa else ec.generate_private_key(ec.SECP256R1())


def _load_valid(folder: Path) -> Authority | None:
    """Return the authority in *folder*, or None when there is none or its leaves would outlive it."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    except FileNotFoundError:
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"the authority in {folder} is not one of ours")
    lasts = certificate.not_valid_after_utc - datetime.now(UTC) > LEAF_LIFETIME
    return Authority(certificate, key) if lasts and certificate.public_key() == key.public_key() else None


def _leaf(
    ca: Authority, identity: str, key: PrivateKey, names: x509.SubjectAlternativeName, lifetime: timedelta
) -> x509.CertificateBuilder:
    builder = _certificate(_subject(identity), ca.certificate.subject, key, lifetime)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key())
    return (
        builder.add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(issuer, critical=False)
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, lifetime: timedelta
) -> x509.CertificateBuilder:
    # The system's time and not `chassis.clock`: TLS libraries look at nothing else.
    begin = datetime.now(UTC) - _CLOCK_SKEW
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + _CLOCK_SKEW + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_pair(folder: Path, stem: str, certificate: x509.Certificate, key: PrivateKey) -> None:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(folder / f"{stem}.key", private, mode=0o600)
    _write(folder / f"{stem}.crt", _pem(certificate), mode=0o644)


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace *path* in one step, so that a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, mode)
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
