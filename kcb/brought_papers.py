"""
The insurance card and the slip that a patient brought (XML1), against what the exchange knows of them.

Doubts only: registers lag, a slip may have been written on paper.  Slips: TT 01/2025/TT-BYT Art. 9 to 12.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from .category_rules import APPOINTED, REFERRED
from .dossier_facts import NOT_INSURED, values_in
from .registers import KnownCard, KnownSlip, Registers
from .report import Row

CARD, SLIP = "MA_THE_BHYT", "GIAY_CHUYEN_TUYEN"

# Digits of the social-insurance number, which every form of a card ends with; a personal ID in its place.
NUMBER_LENGTH: Final = 10
PERSONAL_ID_LENGTH: Final = 12

# A rule, and the field of XML1 at which it speaks.
Doubt = tuple[str, str]


def paper_doubts(row: Row, registers: Registers) -> Iterator[Doubt]:
    """Give what the registers have against the card and the slip in *row*, that of XML1."""
    if registers.cards is not None and names_card(row):
        yield from card_doubts(row, registers.cards)
    if registers.slips is not None and names_slip(row):
        for number in values_in(row.get(SLIP)):
            yield from slip_doubts(row, registers.slips.get(number))


def names_card(row: Row) -> bool:
    """Whether a card is claimed for, which a register may know."""
    return bool(values_in(row.get(CARD))) and row.get("MA_DOITUONG_KCB") != NOT_INSURED


def names_slip(row: Row) -> bool:
    """Whether the patient came with a numbered slip: for transfer (1.3), or for re-examination (1.5)."""
    return bool(values_in(row.get(SLIP))) and row.get("MA_DOITUONG_KCB") in (REFERRED, APPOINTED)


def card_doubts(row: Row, cards: Sequence[KnownCard]) -> Iterator[Doubt]:
    """Doubt that the person has such a card, or else that one of them is in force during the stay."""
    numbers = values_in(row.get(CARD))
    named = [card for card in cards if any(same_card(number, card.number) for number in numbers)]
    arrival = row.get("NGAY_VAO")[:8]
    left = row.get("NGAY_RA")[:8] or arrival
    if not named:
        yield "card-known", CARD
    elif arrival and not any(card.usable and card.first <= left and arrival <= card.last for card in named):
        yield "card-in-force", CARD


def same_card(number: str, known: str) -> bool:
    """Whether both are of one person's card: its group may have changed, and new cards show the number alone.

    A personal ID in the place of the card is of whatever card its owner has.
    """
    is_personal_id = len(number) == PERSONAL_ID_LENGTH and number.isdigit()
    return is_personal_id or number[-NUMBER_LENGTH:] == known[-NUMBER_LENGTH:]


def slip_doubts(row: Row, slip: KnownSlip | None) -> Iterator[Doubt]:
    category, arrival = row.get("MA_DOITUONG_KCB"), row.get("NGAY_VAO")[:8]
    if slip is None:
        yield "brought-slip-known", SLIP
    elif slip.ended:
        yield "brought-slip-ended", SLIP
    elif slip.used:
        yield ("referral-slip-used" if category == REFERRED else "appointment-slip-used"), SLIP
    elif category == REFERRED and slip.last_day < arrival:
        yield "referral-slip-expired", SLIP
