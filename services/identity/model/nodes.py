"""
The nodes of the exchange, and the directory: which facility lives on which (docs/adr/0085).

    version 1, signed by the node that it names  ──▶  version 2, signed by the node of version 1  ──▶  …

A facility moves when its home says so, and by nobody else's word; so entries may be passed on by anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from cryptography import x509

from common.faults import Fault


class NodeKind(IntEnum):
    LIENTUYEN = 1
    BATCH_API = 2


class Outcome(IntEnum):
    """What becomes of an entry that another node signed; as the contract has it."""

    ACCEPTED = 1
    KNOWN = 2
    UNPROVEN = 3
    NOT_RELEASED = 4
    EARLY = 5


@dataclass(frozen=True, slots=True)
class Node:
    """*ca_certificates* are X.509 in DER."""

    id: str
    display_name: str
    kind: int
    trust_domain: str
    ca_certificates: tuple[bytes, ...]
    address: str
    update_time: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class FacilityNode:
    """An entry of the directory: *facility* is a code, *node* and *signer* ids; *body* is what is signed."""

    facility: str
    version: int
    node: str
    signer: str
    body: bytes
    signature: bytes
    certificate: bytes
    algorithm: str
    sequence: int = 0


def node_faults(certificates: Sequence[bytes]) -> list[Fault]:
    """Return a fault for each of *certificates* that is no authority's."""
    return [
        Fault(
            f"node.ca_certificates[{index}]",
            "ca_certificates.form",
            "this is no certificate (X.509 in DER) of an authority",
            "Không phải chứng thư (X.509, DER) của một tổ chức cấp chứng thư.",
        )
        for index, der in enumerate(certificates)
        if not is_authority(der)
    ]


def is_authority(der: bytes) -> bool:
    try:
        constraints = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(
            x509.BasicConstraints
        )
    except (ValueError, x509.ExtensionNotFound):
        return False
    return constraints.value.ca


def judge(entry: FacilityNode, standing: FacilityNode | None) -> Outcome:
    """Return what becomes of a proven *entry* beside the *standing* one of its facility."""
    if standing is None:
        if entry.version > 1:
            return Outcome.EARLY
        return Outcome.ACCEPTED if entry.signer == entry.node else Outcome.NOT_RELEASED
    if entry.version < standing.version or entry.body == standing.body:
        return Outcome.KNOWN
    if entry.version == standing.version or entry.signer != standing.node:
        return Outcome.EARLY if entry.version > standing.version + 1 else Outcome.NOT_RELEASED
    return Outcome.ACCEPTED if entry.version == standing.version + 1 else Outcome.EARLY
