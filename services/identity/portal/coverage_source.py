"""Who can say which cards a person has: the insurance portal (`gateway`), or our register alone."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from ..model.coverages import Coverage
from ..model.staleness import CoverageResult


class CoverageSource(Protocol):
    """Says which cards a person has.  Two adapters: our own register, and the insurance portal."""

    async def cards(self, person_id: UUID | None, known: Sequence[Coverage]) -> CoverageResult:
        """Return the cards of a person, None for a number nobody has; a silent source is no error.

        *known* are the cards of our register.
        """
        ...


class RegisterCoverageSource:
    async def cards(self, person_id: UUID | None, known: Sequence[Coverage]) -> CoverageResult:
        return CoverageResult(known)
