"""
The connections of a server, counted: as far as gRPC tells of them.

gRPC tells nobody of a TLS handshake that failed; its core writes a line to stderr (GRPC_VERBOSITY).
What is known: how many handshakes began, and on how many connections a call came.  The difference is
handshakes that failed, connections that were never used, and probes without TLS.
"""

from typing import Final

from .telemetry import count

# Peers remembered, each some 100 bytes.  One that was forgotten is counted once more.
MAX_PEERS: Final = 10_000


class Connections:
    def __init__(self) -> None:
        self._peers: dict[str, None] = {}

    def called_on(self, peer: str) -> None:
        """Count the connection of *peer* (`ipv4:10.0.0.7:40312`) at its first call."""
        if peer in self._peers:
            return
        self._peers[peer] = None
        if len(self._peers) > MAX_PEERS:
            del self._peers[next(iter(self._peers))]
        count("lientuyen.server.connections", description="Connections on which a call came.")


def handshake_began() -> None:
    count("lientuyen.server.handshakes", description="TLS handshakes that clients began.")
