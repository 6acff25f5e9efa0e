"""How many days our certificates have left: a figure, and a line in the log from two weeks on."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from .logs import log
from .telemetry import gauge

# An issuer renews weeks before the end; from here on somebody has to look why it did not.
WARN_BEFORE: Final = timedelta(days=14)

LOOK_INTERVAL_S: Final = 3600.0


class CertificateWatch:
    """Watches the certificates (PEM) in *paths*: of a file with several, the one that ends last."""

    def __init__(self, *paths: Path) -> None:
        self.paths = [*paths]
        self._ends: dict[str, datetime] = {}

    async def run(self) -> None:
        gauge(
            "lientuyen.certificate.days_left",
            lambda: list(self.days_left()),
            unit="d",
            description="Days until a certificate of this service ends.",
        )
        while True:
            self.look()
            await asyncio.sleep(LOOK_INTERVAL_S)

    def look(self) -> None:
        """Read the files again; say in the log what ends soon, and what cannot be read."""
        for path in self.paths:
            try:
                certificates = x509.load_pem_x509_certificates(path.read_bytes())
            except (OSError, ValueError) as error:
                log.warning("a certificate cannot be read", path=str(path), error=type(error).__name__)
                continue
            self._ends[path.name] = end = max(one.not_valid_after_utc for one in certificates)
            if end - datetime.now(UTC) < WARN_BEFORE:
                log.warning("a certificate ends soon", path=str(path), end=end.isoformat())

    def days_left(self) -> Iterator[tuple[float, dict[str, str]]]:
        """Yield the days, negative after the end, and the name of each file that was read."""
        # The system's time and not `chassis.clock`: TLS looks at nothing else.
        now = datetime.now(UTC)
        for name, end in self._ends.items():
            yield (end - now) / timedelta(days=1), {"certificate": name}
