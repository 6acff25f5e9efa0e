"""
What each of the four services is given on one machine: a migrated database, keys, a port, its settings.
"""

import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Final

from sqlalchemy.exc import DBAPIError

from chassis.encryption import make_key
from chassis.migrate import upgrade

from .home_folder import Home, StackFailed
from .postgres_cluster import Cluster
from .postgres_run_as import PostgresFailed

SERVICES: Final = ("identity", "records", "routing", "pharmacy")
HOST: Final = "127.0.0.1"

# MiB that each keeps for its access log, should the disk be full: enough to look at it on a laptop.
RESERVE_MIB: Final = "4"

# Who signs with a key of its own: identity its directory of nodes, routing its receipts.
SIGNING_SERVICES: Final = ("identity", "routing")

# What is told of a node of several: its name, and of routing where other nodes connect.
NODE_SERVICES: Final = ("identity", "routing")
FEDERATION: Final = "federation"


def open_databases(
    home: Home, environ: Mapping[str, str], closing: ExitStack
) -> tuple[dict[str, str], Cluster | None]:
    """Return the URL of each service's database, as given or one of an embedded cluster, and that cluster.

    The cluster is begun here, when it is needed, and ends with *closing*.
    """
    urls = {name: environ.get(f"{name.upper()}_DATABASE_URL", "") for name in SERVICES}
    missing = [name for name, url in urls.items() if not url]
    if not missing:
        return urls, None
    cluster = closing.enter_context(Cluster(home.path / "postgres"))
    for name in missing:
        cluster.create(name)
        urls[name] = cluster.url(name)
    return urls, cluster


def create_databases(cluster: Cluster, node: str) -> dict[str, str]:
    """Return the URLs of databases of its own for each service of a *node* of several, in one cluster."""
    for name in SERVICES:
        cluster.create(f"{node}_{name}")
    return {name: cluster.url(f"{node}_{name}") for name in SERVICES}


def migrate(databases: Mapping[str, str]) -> None:
    for name, url in databases.items():
        try:
            upgrade(f"services.{name}", url)
        except DBAPIError as error:  # the disk is full, the role may not: the first line says which
            reason = str(error.orig).partition("\n")[0].rpartition(">: ")[2]
            raise PostgresFailed(f"the database of {name} could not be migrated: {reason}") from error


def make_keys(home: Home) -> None:
    """Give each service its first encryption key; services never share one."""
    for name in SERVICES:
        folder = home.keys_of(name)
        if not folder.is_dir() or not any(folder.iterdir()):
            make_key(folder)


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def check_ports(ports: Sequence[int]) -> None:
    """Refuse a port that another program listens on, before anything is begun."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as a server does after a restart
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise StackFailed(
                    f"Port {port} cannot be used ({error.strerror}); choose another --port-base."
                ) from None


def service_environment(
    service: str, home: Home, database: str, addresses: Mapping[str, str], base: Mapping[str, str]
) -> dict[str, str]:
    settings = {
        "DATABASE_URL": database,
        "LISTEN": addresses[service],
        "TLS_DIR": str(home.tls_of(f"service/{service}")),
        "KEYS_DIR": str(home.keys_of(service)),
        "TRUST_DOMAIN": home.trust_domain,
        "REFLECTION": "true",
        "RESERVE_MIB": RESERVE_MIB,
        **{f"{peer.upper()}_ADDRESS": addresses[peer] for peer in SERVICES},
    }
    if home.node and service in NODE_SERVICES:
        settings["NODE"] = home.node
    if service == "routing" and FEDERATION in addresses:
        settings["FEDERATION_ADDRESS"] = addresses[FEDERATION]
    if service == "records":
        settings["SIGNING_CA"] = str(home.path / "ca" / "ca.crt")
    if service in SIGNING_SERVICES:
        settings["SIGNING_DIR"] = settings["TLS_DIR"]
    return {**base, **{f"{service.upper()}_{name}": value for name, value in settings.items()}}
