"""How many days our certificates have left: a figure, and a line in the log at 30, 7 and 1 and at the end."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from .logs import log
from .telemetry import gauge

# An issuer renews weeks before the end; from the first on somebody has to look why it did not.
WARN_AT_DAYS: Final = (0, 1, 7, 30)

LOOK_INTERVAL_S: Final = 60.0


class CertificateWatch:
    """Watches the certificates (PEM) in *paths*: of a file with several, the one that ends last."""

    def __init__(self, *paths: Path) -> None:
        self.paths = [*paths]
        self._ends: dict[str, datetime] = {}
        self._lines: dict[str, tuple[object, ...]] = {}

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
        """Read the files again; say once in the log what ends soon, has ended, or cannot be read."""
        for path in self.paths:
            try:
                self._ends[path.name] = end = end_of(path)
            except (OSError, ValueError) as error:
                self._say(path, "a certificate cannot be read", type(error).__name__)
                continue
            left = end - datetime.now(UTC)
            crossed = [days for days in WARN_AT_DAYS if left < timedelta(days=days)]
            self._say(path, "a certificate ends soon", end, *crossed[:1])

    def _say(self, path: Path, event: str, *details: object) -> None:
        """Log what is to be known of *path*, unless it was the last thing that was said of it."""
        if self._lines.get(str(path)) == (event, *details):
            return
        self._lines[str(path)] = (event, *details)
        match details:
            case (datetime() as end, 0):
                log.error("a certificate has ended", path=str(path), end=end.isoformat())
            case (datetime() as end, int() as days):
                log.warning("a certificate ends soon", path=str(path), end=end.isoformat(), within_days=days)
            case (str() as error,):
                log.warning("a certificate cannot be read", path=str(path), error=error)

    def ended(self) -> list[str]:
        """Return the names of the files whose certificates have ended."""
        return [name for days, name in self._days() if days <= 0]

    def days_left(self) -> Iterator[tuple[float, dict[str, str]]]:
        """Yield the days, negative after the end, and the name of each file that was read."""
        for days, name in self._days():
            yield days, {"certificate": name}

    def _days(self) -> Iterator[tuple[float, str]]:
        # The system's time and not `chassis.clock`: TLS looks at nothing else.
        now = datetime.now(UTC)
        for name, end in list(self._ends.items()):
            yield (end - now) / timedelta(days=1), name


def end_of(path: Path) -> datetime:
    """Return when the last of the certificates in *path* ends; OSError or ValueError when there is none."""
    certificates = x509.load_pem_x509_certificates(path.read_bytes())
    return max(certificate.not_valid_after_utc for certificate in certificates)


def ended_certificates(path: Path) -> datetime | None:
    """Return when the certificates in *path* ended; None while one of them holds."""
    end = end_of(path)
    return end if end <= datetime.now(UTC) else None
