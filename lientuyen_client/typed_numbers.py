"""
A number as people type and scan it: with spaces, dots, dashes, small letters, full-width digits.

    clean("001 485 000 016") == "001485000016"
    clean("gd4 79 20000-00001") == "GD4792000000001"
"""

import re
import unicodedata
from typing import Final

# What stands between the parts of a number: spaces, punctuation, and what is not seen.
SEPARATOR_CATEGORIES: Final = frozenset("ZPC")

# The numbers of the contract: field, form, what it is called, what is wanted.
FORMS: Final = (
    ("personal_id", re.compile(r"\d{12}", re.ASCII), "số định danh (CCCD)", "12 chữ số"),
    ("social_insurance_number", re.compile(r"\d{10}", re.ASCII), "mã số BHXH", "10 chữ số"),
    ("old_id", re.compile(r"\d{9}", re.ASCII), "CMND", "9 chữ số"),
    ("card_number", re.compile(r"[A-Z]{2}\d[0-9A-Z]{12}", re.ASCII), "thẻ BHYT", "2 chữ và 13 ký tự"),
)  # fmt: skip
WANTED: Final = "; ".join(f"{name}: {wanted}" for _, _, name, wanted in FORMS)

# The text of a QR code has its fields parted by this.
QR_SEPARATOR: Final = "|"


def clean(text: str) -> str:
    """Return the digits and letters of *text*: ASCII digits, capitals, nothing between them."""
    if text.isascii() and text.isdigit():
        return text
    characters = (
        letter
        for letter in unicodedata.normalize("NFKC", text)
        if unicodedata.category(letter)[0] not in SEPARATOR_CATEGORIES
    )
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in characters).upper()


def number_field(text: str) -> tuple[str, str] | None:
    """Return which field of the contract *text* is, and the number; None when it has the form of none."""
    if QR_SEPARATOR in text:
        return "card_qr", text.strip()
    number = clean(text)
    return next(((field, number) for field, form, *_ in FORMS if form.fullmatch(number)), None)
