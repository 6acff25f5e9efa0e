"""
What a regular expression of the contract wants, in Vietnamese: `^[0-9]{12}$` is `12 chữ số`.

The patterns of the contract are short: characters of a class so many times, literals, alternatives, and the
whole or a prefix optional.  One that says more than that is shown as it is.
"""

import re
from functools import lru_cache
from typing import Final

CLASSES: Final = {
    "0-9": "chữ số",
    "A-Z": "chữ hoa",
    "0-9A-Z": "chữ số hoặc chữ hoa",
    "0-9A-Za-z": "chữ số hoặc chữ cái",
    "0-9a-f": "chữ số hexa (0-9, a-f)",
    "0-9a-z-": "chữ số, chữ thường hoặc gạch nối",
    "a-z": "chữ thường",
    "a-z-": "chữ thường hoặc gạch nối",
    "a-z0-9-": "chữ thường, chữ số hoặc gạch nối",
    "a-z0-9._-": "chữ thường, chữ số hoặc . _ -",
    "^/": "ký tự khác /",
}
UUID: Final = ("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[0-9a-f-]{36}")

# The full name of a resource may be shortened by this: the short one is shown.
OPTIONAL_HOST: Final = re.compile(r"\(//(?:[a-z]+|\[a-z\]\+)\\\.lientuyen/\)\?")
OPTIONAL: Final = re.compile(r"\((?P<inner>.*)\)\?")
# So many characters of a class, or a literal.
PART: Final = re.compile(
    r"\[(?P<letters>[^\]]+)\](?:\{(?P<least>\d+)(?:,(?P<most>\d+))?\})?|(?P<literal>(?:\\.|[\w/.-])+)"
)

# Patterns that say more, by what they begin with.
KNOWN: Final = {
    "^(([01][0-9]|2[0-3])": "giờ và phút như 0830, hoặc để trống",
    "^((authority|operator|facility|pharmacy)/": "loại và mã như facility/01999, hoặc để trống",
    "^(facility|pharmacy|service|operator|authority)/": "loại và mã như facility/01999",
    "^[0-9A-Za-z][0-9A-Za-z!#$&^_.+-]": "kiểu nội dung (RFC 6838) như application/xml",
    "^([0-9A-Za-z][0-9A-Za-z!#$&^_.+-]": "kiểu nội dung (RFC 6838) như application/xml, hoặc để trống",
    "^2[0-9]{3}-(0[1-9]|1[0-2])": "năm và tháng như 2026-11",
    r"^(//identity\.lientuyen/)?facilities/([0-9A-Z]{2,20}|-)": "facilities/MÃ, hoặc facilities/- (tất cả)",
    r"^//[a-z]+\.lientuyen(/": "tên đầy đủ như //routing.lientuyen/referrals/UUID",
    r"^(//[a-z]+\.lientuyen(/": "tên đầy đủ như //routing.lientuyen/referrals/UUID, hoặc để trống",
    "^[0-9A-Za-z_.:/#+=@-]*": "chữ cái, chữ số hoặc _ . : / # + = @ - và không có dấu cách",
    "^[1-5]?$": "một chữ số từ 1 đến 5, hoặc để trống",
    "^[1-8]?$": "một chữ số từ 1 đến 8, hoặc để trống",
}


@lru_cache(256)
def wanted(pattern: str) -> str:
    """Return what *pattern* wants of a text, as the end of a sentence that begins with `Cần `."""
    for beginning, words in KNOWN.items():
        if pattern.startswith(beginning):
            return words
    body = OPTIONAL_HOST.sub("", pattern.removeprefix("^").removesuffix("$"))
    optional = OPTIONAL.fullmatch(body)
    body = optional["inner"] if optional else body
    for uuid in UUID:
        body = body.replace(uuid, "UUID")
    if body.startswith("(") and body.endswith(")"):
        body = body[1:-1]
    alternatives = [words_of(alternative) for alternative in body.split("|")]
    if not all(alternatives):
        return f"dạng {pattern}"
    return ", hoặc ".join([*alternatives, *(["để trống"] if optional else [])])


def words_of(alternative: str) -> str:
    """Return one alternative in words; empty when it says more than characters and literals."""
    words, place = [], 0
    while place < len(alternative):
        part = PART.match(alternative, place)
        if part is None or (part["letters"] is not None and part["letters"] not in CLASSES):
            return ""
        words.append(part["literal"].replace("\\", "") if part["letters"] is None else characters(part))
        place = part.end()
    return ", ".join(words) if any(" " in word for word in words) else "".join(words)


def characters(part: re.Match[str]) -> str:
    least, most = part["least"] or "1", part["most"]
    return f"{f'{least} đến {most}' if most else least} {CLASSES[part['letters']]}"
