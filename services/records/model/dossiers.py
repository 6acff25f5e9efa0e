"""A dossier as it is kept: one version of one encounter's file."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from common.faults import Fault


@dataclass(frozen=True, slots=True)
class Dossier:
    """One version; *state* is `accepted`, `superseded` or `withdrawn`, *facility* the bare code."""

    id: UUID
    facility: str
    link_key: str
    version: int
    state: str
    person: UUID
    classes: int
    form_of_care: str
    arrival_time: datetime
    discharge_time: datetime
    receive_time: datetime
    sha256: bytes
    size_bytes: int
    signature_verified: bool
    tables: tuple[tuple[str, int], ...]
    warnings: tuple[Fault, ...]
    slips: dict[str, str]
    supersedes: UUID | None
    superseded_by: UUID | None
    # Whether there was a signature, verified or not; None in rows of before this was kept.
    signed: bool | None = None

    @property
    def was_signed(self) -> bool:
        return self.signature_verified if self.signed is None else self.signed

    @property
    def etag(self) -> str:
        """Changes with every change of the dossier itself: only the state and the successor ever do."""
        return f"{self.state[:1]}{self.superseded_by.hex[:8] if self.superseded_by else ''}"


@dataclass(frozen=True, slots=True)
class CheckIn:
    id: UUID
    facility: str
    link_key: str
    person: UUID
    form_of_care: str
    care_category: str
    arrival_time: datetime
    receive_time: datetime
