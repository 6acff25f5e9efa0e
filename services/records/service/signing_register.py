"""
What identity's directory says of signing: whose a certificate is, and until when a facility need not sign.

Kept for a short while: the directory changes seldom, and a hospital sends many files.  What is not there is
asked each time, so that a certificate works as soon as it is registered.
"""

import time
from datetime import date
from typing import Final, Generic, TypeVar

from kcb.signing_certificates import SigningCertificate, fingerprint
from kcb.xml_signature import Signature

from ..directory import SigningDirectory
from ..model.signing_authority import is_authority, read_certificate

T = TypeVar("T")

# Seconds for which an answer is believed; a revocation counts after this at the latest.
LIFETIME_S: Final = 30.0

# Answers that are kept; when there are more, all are forgotten.  A certificate has some 2,000 bytes.
MAX_ENTRIES: Final = 5_000


class _Cache(Generic[T]):
    def __init__(self) -> None:
        self._entries: dict[str, tuple[float, T]] = {}

    def get(self, key: str) -> tuple[T] | None:
        expiry, *value = self._entries.get(key, (0.0,))
        return (value[0],) if time.monotonic() < expiry else None

    def put(self, key: str, value: T) -> None:
        if len(self._entries) >= MAX_ENTRIES:
            self._entries.clear()
        self._entries[key] = (time.monotonic() + LIFETIME_S, value)


class SigningRegister:
    def __init__(self, directory: SigningDirectory) -> None:
        self._directory = directory
        self._certificates = _Cache[list[SigningCertificate]]()
        self._days = _Cache[date | None]()

    async def find(self, signature: Signature) -> list[SigningCertificate]:
        """Return every registration of what *signature* names as its signer; Unavailable without an answer.

        An authority's own certificate, which a file may bring beside the signer's, is never one.
        """
        certificates = []
        signers = [der for der in signature.certificates if not is_authority(read_certificate(der))]
        for sha256 in dict.fromkeys(map(fingerprint, signers)):
            certificates += await self._find_once(f"sha256 {sha256}", sha256=sha256)
        for serial in dict.fromkeys(signature.serials if not signature.certificates else ()):
            certificates += await self._find_once(f"serial {serial:x}", serial_number=f"{serial:x}")
        return certificates

    async def _find_once(
        self, key: str, *, sha256: str = "", serial_number: str = ""
    ) -> list[SigningCertificate]:
        known = self._certificates.get(key)
        if known is not None:
            return known[0]
        certificates = await self._directory.find_certificates(sha256=sha256, serial_number=serial_number)
        if certificates:
            self._certificates.put(key, certificates)
        return certificates

    async def unsigned_until(self, facility: str) -> date | None:
        """Return the last day on which *facility* (bare code) may send unsigned files, or None."""
        known = self._days.get(facility)
        if known is not None:
            return known[0]
        day = await self._directory.unsigned_until(facility)
        self._days.put(facility, day)
        return day
