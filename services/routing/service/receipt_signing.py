"""The signature on receipts (chữ ký số của hệ thống điều phối): where its key is, and what it signs."""

from contextlib import suppress
from pathlib import Path

from chassis import spans
from chassis.signing import KeyPair, read_pair

from ..convert.messages import receipt_body
from ..model.messages import Message
from ..model.receipts import Algorithm, Kind, Receipt


class ReceiptSigner:
    """Signs receipts with the key in a folder; reads it again when an issuer has renewed it.

    Raises OSError or ValueError at once when the folder has no usable pair;
    while a pair is being renewed the old one goes on.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self._modified = self._modification_times()
        self._pair = read_pair(*self._files)

    @classmethod
    def from_folders(cls, signing_dir: Path | None, tls_dir: Path) -> "ReceiptSigner":
        """Return the signer of *signing_dir*; without one, of the service's own TLS certificate."""
        if signing_dir is None:
            return cls(tls_dir / "tls.crt", tls_dir / "tls.key")
        return cls(signing_dir / "signing.crt", signing_dir / "signing.key")

    def sign(self, message: Message, kind: Kind) -> Receipt:
        pair = self._current()
        body = receipt_body(message, kind, spans.trace_id())
        return Receipt(message.id, kind, body, pair.sign(body), pair.certificate, Algorithm(pair.algorithm))

    def _current(self) -> KeyPair:
        modified = self._modification_times()
        if modified != self._modified:
            with suppress(OSError, ValueError):  # half renewed
                self._pair, self._modified = read_pair(*self._files), modified
        return self._pair

    def _modification_times(self) -> tuple[int, ...]:
        try:
            return tuple(path.stat().st_mtime_ns for path in self._files)
        except OSError:
            return ()
