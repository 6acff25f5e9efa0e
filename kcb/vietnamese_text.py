"""
Vietnamese text as people type it and as systems convert it: what two writings of one text share.

`folded` is the one function by which texts are compared: names, addresses, words of a rule, a search.
It makes equal:
- composed and decomposed letters (Unicode NFC and NFD), and what is left of the code page 1258, which
  has a precomposed vowel and then its tone;
- `Đ` and the letters drawn alike: `Ð` of Latin-1, which shares its byte (0xD0) with `Đ` of the code page
  1258, and the African `Ɖ`;
- letters with and without marks, in capitals and small, of any width;
- texts with and without what nobody sees: zero-width characters, marks of writing direction, soft hyphens;
- every space, one or several.

Identity's database makes the same of a name (`name_key`, read backwards); a test holds the two together.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

# The block "Combining Diacritical Marks": the tones and marks of Vietnamese, and those of other Latin names.
MARKS: Final = "".join(map(chr, range(0x0300, 0x0370)))

# Zero-width and bidirectional controls, the soft hyphen, the byte order mark, variation selectors.
INVISIBLE: Final = "".join(
    map(
        chr,
        (
            *(0x00AD, 0x061C, 0x180E, 0xFEFF),
            *range(0x200B, 0x2010),
            *range(0x202A, 0x202F),
            *range(0x2060, 0x2070),
            *range(0xFE00, 0xFE10),
        ),
    )
)

# đ, Đ and what is written for them: ð, Ð (U+00F0, U+00D0), ɖ, Ɖ (U+0256, U+0189).
_D_WITH_STROKE: Final = "đĐðÐɖƉ"
_ONE_D: Final = str.maketrans(_D_WITH_STROKE, "đ" * len(_D_WITH_STROKE), INVISIBLE)
_VISIBLE: Final = str.maketrans("", "", INVISIBLE)
_FOLD: Final = str.maketrans("đ", "d", MARKS)

# Where a letter was lost when a text went through ASCII or a wrong code page: `?` before a letter, or the
# replacement character.  A `?` after a word is a doctor's doubt: `Viêm ruột thừa?`.
_LOST: Final = re.compile(r"\ufffd|\?(?=[^\W\d_])")


@lru_cache(maxsize=8_192)
def folded(text: str) -> str:
    """Return *text* without marks, case and useless spaces: `Nguyễn  Đặng` gives `nguyen dang`."""
    return " ".join(decomposed(text).translate(_FOLD).split())


@lru_cache(maxsize=8_192)
def decomposed(text: str) -> str:
    """Return *text* with its marks as characters of their own, one `đ`, in small letters, single spaces."""
    return " ".join(unicodedata.normalize("NFKD", text).translate(_ONE_D).lower().split())


def visible(text: str) -> str:
    """Return *text* without what nobody sees, which a scanner or a web page put in; else as it is."""
    return text.translate(_VISIBLE)


def has_lost_letters(text: str) -> bool:
    """Whether letters of *text* were lost in an export: `Tăng huy?t áp`."""
    return _LOST.search(text) is not None


def has_lost_letters_of_name(text: str) -> bool:
    """Whether letters of a person's name were lost: `L? Th? H?`; a name has no question mark."""
    return "?" in text or "\ufffd" in text
