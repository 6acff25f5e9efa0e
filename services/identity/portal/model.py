"""
Whom the insurance portal (cổng giám định BHYT) is asked about, what it says, and which cards count then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from common.values import PartialDate, is_future

from ..model.coverages import PORTAL, Coverage, newest
from ..model.identifiers import Identifier
from ..model.staleness import StaleReason

# Reasons that count against the portal: enough of them in a row and the breaker opens.  A page of
# HTML counts too: a proxy's word for "closed".
BREAKER_FAILURES: Final = frozenset(
    {StaleReason.UPSTREAM_TIMEOUT, StaleReason.UPSTREAM_DOWN, StaleReason.UPSTREAM_ODD}
)
# Codes by which the portal names a card that may be used.
USABLE_CODES: Final = frozenset({"000", "003", "004"})
# Codes of a card that its issuer stopped.
STOPPED_CODES: Final = frozenset({"110", "120", "121", "122", "123", "124"})


class PortalUnavailable(Exception):
    """The portal did not say.  *code* is its own word, where it had one.

    *is_failure* tells whether it counts against the portal, whose breaker opens after several.
    """

    def __init__(self, reason: StaleReason, code: str = "", *, is_failure: bool | None = None) -> None:
        super().__init__(f"{reason.name} {code}".rstrip())
        self.reason = reason
        self.code = code
        self.is_failure = reason in BREAKER_FAILURES if is_failure is None else is_failure


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the portal is asked about: it wants name and birth date beside the number (CV 1923/BHXH-CNTT).

    *numbers* are those to ask by, the surest first.
    """

    person_id: UUID
    full_name: str
    birth: PartialDate | None
    numbers: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return bool(self.full_name.strip() and self.birth and self.numbers)


@dataclass(frozen=True, slots=True)
class PortalResponse:
    """What the portal said of whom and when: its code, the cards it named, and their owner's card numbers."""

    person_id: UUID
    time: datetime
    code: str
    cards: tuple[Coverage, ...] = ()
    numbers: tuple[Identifier, ...] = ()


def reconcile(response: PortalResponse, known: Sequence[Coverage], today: date) -> tuple[Coverage, ...]:
    """Return the cards that count once the portal has responded; *today* is that day in Viet Nam.

    They are its own, and what we knew.  What we know of the present and the portal does
    not name is not confirmed: it counts for the days before *today* only, by which old
    dossiers are judged.  A card that is over stays as it is: it may lapse under treatment.
    A code that stops cards without naming one stops ours.
    """
    before = {(card.card_number, card.valid_from): card for card in newest(known)}
    named = {
        key: _with_level(card, before.get(key))
        for card in response.cards
        if (key := (card.card_number, card.valid_from))
    }
    over = [card for key, card in before.items() if card.lapsed(today) and key not in named]
    running = [card for key, card in before.items() if not card.lapsed(today) and key not in named]
    if response.code in STOPPED_CODES and not named:
        rest = [
            replace(card, standing=response.code, verify_time=response.time, source=PORTAL)
            for card in running
        ]
    else:
        rest = [replace(card, unlisted_on=today) for card in running]
    return (*named.values(), *rest, *over)


def _with_level(card: Coverage, before: Coverage | None) -> Coverage:
    """Return *card* with what we knew *before* that the portal does not say: the level of a new card."""
    if before is None:
        return card
    return replace(
        card,
        benefit_level=card.benefit_level or before.benefit_level,
        group_code=card.group_code or before.group_code,
        five_years_date=card.five_years_date or before.five_years_date,
        exempt_from=before.exempt_from,
    )


def last_confirmed(cards: Sequence[Coverage], now: datetime) -> datetime | None:
    """Return when any of *cards* was confirmed last; a time that is still to come says nothing."""
    times = [card.verify_time for card in cards if not is_future(card.verify_time, now)]
    return max(times, default=None)
