"""Sex and telephone number, compared."""

from typing import Final

from ...model.identifiers import Sex
from .agreement_levels import Level, Seen
from .typing_mistakes import one_mistake

# Mobile numbers of eleven digits became ten in 2018 (QĐ 798/QĐ-BTTTT 2016 as amended): old prefix to new.
_RENUMBERED: Final = {
    **{f"16{digit}": f"3{digit}" for digit in "23456789"},
    "120": "70",
    "121": "79",
    "122": "77",
    "126": "76",
    "128": "78",
    "123": "83",
    "124": "84",
    "125": "85",
    "127": "81",
    "129": "82",
    "186": "56",
    "188": "58",
    "199": "59",
}

# Fewer digits are an extension or a fragment.
MIN_DIGITS: Final = 8


class SexLevel(Level):
    SAME = Seen(1.0, "same")
    DIFFERS = Seen(0.0, "differs")


class PhoneLevel(Level):
    SAME = Seen(1.0, "same")
    DIGIT = Seen(0.7, "one digit mistyped")
    DIFFERS = Seen(0.0, "differs")


def compare_sexes(first: Sex, second: Sex) -> SexLevel | None:
    """Return how the sexes agree; None when one is not told or not determined."""
    known = (Sex.MALE, Sex.FEMALE)
    if first not in known or second not in known:
        return None
    return SexLevel.SAME if first == second else SexLevel.DIFFERS


def compare_phones(first: str, second: str) -> PhoneLevel | None:
    number, number_too = phone_number(first), phone_number(second)
    if not number or not number_too:
        return None
    if number == number_too:
        return PhoneLevel.SAME
    return PhoneLevel.DIGIT if one_mistake(number, number_too) else PhoneLevel.DIFFERS


def phone_number(text: str) -> str:
    """Return the digits of a number as it is dialled today, without 0 or +84; empty when it is none."""
    digits = "".join(letter for letter in text if letter.isascii() and letter.isdigit())
    digits = digits.removeprefix("0084").removeprefix("84" if len(digits) > 10 else "-").removeprefix("0")
    if len(digits) == 10 and digits[:3] in _RENUMBERED:
        digits = _RENUMBERED[digits[:3]] + digits[3:]
    return digits if len(digits) >= MIN_DIGITS else ""


def phone_keys(text: str) -> list[str]:
    """Return the last nine digits by which a register may have a number: today's, and as before 2018."""
    number = phone_number(text)
    if len(number) < 9:
        return []
    before = [old[1:] + number[len(new) :] for old, new in _RENUMBERED.items() if number.startswith(new)]
    return [number[-9:], *(old[-9:] for old in before)]
