"""Vietnamese letters: composed alike, and freed of the keys of an input method."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from kcb.vietnamese_text import decomposed, folded

# Grave, acute, tilde, hook above, dot below.
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")

# Keys of the input methods.  Telex: s f r x j are the tones, w the horn and the breve, a doubled letter the
# circumflex or đ, typed at once or at the end of the syllable.  VNI: digits.
_VNI: Final = re.compile(r"(?<=[a-z])[0-9]+")
_TONE_KEYS: Final = re.compile(r"(?<=[aeiouyw])([^aeiouy]*?)[sfrxjz]")
_DOUBLED: Final = re.compile(r"([aeod])\1")
_HORNS: Final = re.compile(r"([aou][cghmnpt]*)w")
_VOWELS_APART: Final = re.compile(r"[aeiouy][cghmnpt]+[aeo]$")


@lru_cache(maxsize=8_192)
def composed(text: str) -> str:
    """Return *text* with each tone at the end of its syllable, without case: `hoà` and `hòa` are one."""
    return " ".join(_tone_last(word) for word in decomposed(text).split() if folded(word))


def _tone_last(word: str) -> str:
    tones = "".join(sorted(mark for mark in word if mark in _TONES))
    rest = "".join(mark for mark in word if mark not in _TONES)
    return unicodedata.normalize("NFC", rest) + tones


@lru_cache(maxsize=8_192)
def unkeyed(text: str) -> str:
    """Return the folded *text* without the keys of telex and VNI: `nguyeenx vawn` gives `nguyen van`.

    A folded name without such keys comes back as it is; a foreign one may lose letters, and the
    same ones on both sides.
    """
    return " ".join(_unkeyed_word(word) for word in text.split())


def _unkeyed_word(word: str) -> str:
    """Return one folded syllable without keys; a syllable of Vietnamese has its vowels together."""
    bare = _VNI.sub("", word)
    if bare[:1] == "d":
        bare = "d" + bare[1:].replace("d", "")
    for _ in range(2):  # a tone key may stand before another key
        bare = _TONE_KEYS.sub(r"\1", bare)
    bare = _HORNS.sub(r"\1", _DOUBLED.sub(r"\1", bare)).replace("w", "u")
    return bare[:-1] if _VOWELS_APART.search(bare) else bare
