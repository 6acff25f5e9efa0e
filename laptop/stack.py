"""
The laptop's stack: what must exist before the four services can start.

Everything lies in one folder, the home:

    lock, stack.json         held, and written, by the supervisor that runs
    postgres/                the embedded cluster, when a service is given no database
    ca/                      the development authority
    tls/<kind>-<id>/         a TLS folder for each caller; a facility's holds its signing certificate too
    keys/<service>/          the sealing keys of a service
    logs/<program>.log       what a program said
    traces.db                the traces, kept by the collector

Nothing here is for production: there the deployment's own issuer, databases
and secrets take the place of all of it, and each service runs alone.
"""

import json
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

from cryptography import x509

from chassis.encryption import make_key
from chassis.migrate import upgrade
from laptop.authority import TRUST_DOMAIN, Authority, issue, issue_signing, make_ca
from laptop.postgres import Cluster

SERVICES: Final = ("identity", "records", "routing", "pharmacy")
HOST: Final = "127.0.0.1"

# Two district hospitals (invented), Bạch Mai and Chợ Rẫy; three pharmacies (invented).
FACILITIES: Final = ("facility/01999", "facility/79999", "facility/01929", "facility/79024")
PHARMACIES: Final = ("pharmacy/NT00001", "pharmacy/NT00002", "pharmacy/NT00003")
AUTHORITIES: Final = ("authority/vneid", "authority/bhxh")
OPERATOR: Final = "operator/dev"

CALLERS: Final = (*(f"service/{name}" for name in SERVICES), *FACILITIES, *PHARMACIES, *AUTHORITIES, OPERATOR)

# Who signs documents: the facilities their dossiers, routing its receipts.
SIGNERS: Final = (*FACILITIES, "service/routing")

# A certificate is renewed when so much of its life is left.
RENEW_AT: Final = 1 / 3


class StackFailed(Exception):
    """The stack cannot start; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one stack."""

    path: Path

    @property
    def tls(self) -> Path:
        """The folder of the TLS folders."""
        return self.path / "tls"

    @property
    def logs(self) -> Path:
        """The folder of the logs."""
        return self.path / "logs"

    @property
    def state(self) -> Path:
        """The file that says what runs here."""
        return self.path / "stack.json"

    def tls_of(self, identity: str) -> Path:
        """Return the TLS folder of *identity*: `tls/facility-01999`."""
        return self.tls / identity.replace("/", "-", 1)

    def keys_of(self, service: str) -> Path:
        """Return the folder of a service's sealing keys."""
        return self.path / "keys" / service

    def lock(self) -> IO[str]:
        """Hold this home; `StackFailed` when another supervisor does.

        The lock is the open file: it ends with us, even when we are killed.
        """
        import fcntl

        self.path.mkdir(mode=0o711, parents=True, exist_ok=True)
        file = (self.path / "lock").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise StackFailed(f"A stack runs in {self.path} already; stop it first.") from error
        return file

    def write_state(self, state: Mapping[str, object]) -> None:
        """Replace `stack.json` in one step."""
        half = self.state.with_suffix(".half")
        half.write_text(json.dumps(state, indent=2) + "\n", encoding="utf8")
        half.chmod(0o600)
        half.replace(self.state)


def default_home(environ: Mapping[str, str]) -> Path:
    """Return the state folder: LIENTUYEN_HOME, or `lientuyen` where XDG says that state is kept."""
    if given := environ.get("LIENTUYEN_HOME"):
        return Path(given)
    return Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "lientuyen"


def open_databases(
    home: Home, environ: Mapping[str, str], closing: ExitStack
) -> tuple[dict[str, str], Cluster | None]:
    """Return the URL of each service's database, as given or one of an embedded cluster, and that cluster.

    The cluster is begun here, when it is needed, and ends with *closing*.
    """
    given = {name: environ.get(f"{name.upper()}_DATABASE_URL", "") for name in SERVICES}
    missing = [name for name, url in given.items() if not url]
    if not missing:
        return given, None
    cluster = closing.enter_context(Cluster(home.path / "postgres"))
    for name in missing:
        cluster.create(name)
        given[name] = cluster.url(name)
    return given, cluster


def migrate(databases: Mapping[str, str]) -> None:
    """Bring each database to the newest schema."""
    for name, url in databases.items():
        upgrade(f"services.{name}", url)


def make_keys(home: Home) -> None:
    """Give each service its first sealing key; services never share one."""
    for name in SERVICES:
        folder = home.keys_of(name)
        if not folder.is_dir() or not any(folder.iterdir()):
            make_key(folder)


def make_certificates(home: Home, renew_at: float = RENEW_AT) -> None:
    """Issue what is missing, or has less than *renew_at* of its life left, or is of an older authority.

    Services and clients notice changed files by themselves.
    """
    ca = make_ca(home.path / "ca")
    for identity in CALLERS:
        folder = home.tls_of(identity)
        if not is_fresh(folder / "tls.crt", ca, renew_at):
            issue(ca, folder, identity)
    for identity in SIGNERS:
        folder = home.tls_of(identity)
        if not is_fresh(folder / "signing.crt", ca, renew_at):
            issue_signing(ca, folder, identity)


def is_fresh(path: Path, ca: Authority, renew_at: float = RENEW_AT) -> bool:
    """Whether the certificate at *path* is of this authority and need not be renewed yet."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        certificate.verify_directly_issued_by(ca.certificate)
    except Exception:  # missing, damaged, or signed by another: each is a reason to issue it anew
        return False
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return certificate.not_valid_after_utc - datetime.now(UTC) > lifetime * renew_at


def free_ports(count: int) -> list[int]:
    """Return *count* ports of loopback that are free now, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def environment(
    service: str, home: Home, database: str, addresses: Mapping[str, str], base: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment of one service: ours over *base*, all under the service's prefix."""
    ours = {
        "DATABASE_URL": database,
        "LISTEN": addresses[service],
        "TLS_DIR": str(home.tls_of(f"service/{service}")),
        "KEYS_DIR": str(home.keys_of(service)),
        "TRUST_DOMAIN": TRUST_DOMAIN,
        "REFLECTION": "true",
        **{f"{peer.upper()}_ADDRESS": address for peer, address in addresses.items()},
    }
    if service == "records":
        ours["SIGNING_CA"] = str(home.path / "ca" / "ca.crt")
    if f"service/{service}" in SIGNERS:
        ours["SIGNING_DIR"] = ours["TLS_DIR"]
    return {**base, **{f"{service.upper()}_{name}": value for name, value in ours.items()}}


def place(url: str) -> str:
    """Return where a database is, without who asks and the password: `127.0.0.1:5432/identity`."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 5432}{parts.path}"


def state_of(
    home: Home,
    addresses: Mapping[str, str],
    databases: Mapping[str, str],
    collector: str,
    processes: Mapping[str, int],
) -> dict[str, object]:
    """Return what `stack.json` says: enough to call every service, and no secret."""
    return {
        "pid": os.getpid(),
        "addresses": dict(addresses),
        "trust_domain": TRUST_DOMAIN,
        "tls": {identity: str(home.tls_of(identity)) for identity in CALLERS},
        "collector": collector,
        "databases": {name: place(url) for name, url in databases.items()},
        "logs": str(home.logs),
        "processes": dict(processes),
    }


def table(rows: Sequence[tuple[str, str]]) -> str:
    """Return *rows* as aligned lines."""
    return "\n".join(f"  {name:<10} {value}" for name, value in rows)
