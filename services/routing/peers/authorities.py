"""Whose certificates count for what is signed in a trust domain: our own authority's, for our own."""

from pathlib import Path


class Authorities:
    """The authorities (PEM) that certify signers, by trust domain; read anew, for authorities rotate."""

    def __init__(self, trust_domain: str, tls_dir: Path) -> None:
        self._files = {trust_domain: tls_dir / "ca.crt"}

    def of(self, trust_domain: str) -> bytes | None:
        """Return the authorities of *trust_domain*; None for one that is not known here."""
        file = self._files.get(trust_domain)
        return file.read_bytes() if file else None
