"""
Whose laboratory results another facility may use: by levels of quality and by ISO 15189.

Laboratories of one level (mức chất lượng, QĐ 2429/QĐ-BYT) recognise each other, and a lower one accepts a
higher one's, from level 1 up (QĐ 3148/QĐ-BYT); an accreditation by ISO 15189 counts within its scope.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum


class Scheme(Enum):
    QUALITY_LEVEL = 1
    ISO_15189 = 2


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a facility's laboratories are recognised by, as the directory tells; no prefixes: all services."""

    scheme: Scheme
    level: int
    service_prefixes: tuple[str, ...]
    valid_from: date
    valid_to: date | None

    def covers(self, service_code: str, day: date) -> bool:
        if not self.valid_from <= day or (self.valid_to and day > self.valid_to):
            return False
        return not self.service_prefixes or service_code.startswith(self.service_prefixes)


# Why a laboratory's result may not be used: it has a lower level, or nobody knows of any.
LOWER_QUALITY, QUALITY_UNKNOWN = "lower-quality", "quality-unknown"


@dataclass(frozen=True, slots=True)
class Quality:
    """What a test's laboratory is recognised by, level 0 for none, and why its result may not be used."""

    level: int = 0
    accredited: bool = False
    why_not: str = ""


# Of a test that no laboratory made, or the reader's own.
NOT_ASKED = Quality()


def quality_of(
    source: Sequence[Recognition],
    reader: Sequence[Recognition],
    service_code: str,
    performed: date,
    today: date,
) -> Quality:
    """Return whether a reader may use the source's result of *service_code*.

    The source counts as it was when the test was *performed*, the reader as it is *today*.
    """
    counting = [recognition for recognition in source if recognition.covers(service_code, performed)]
    level, accredited = _level(counting), any(each.scheme is Scheme.ISO_15189 for each in counting)
    own = _level(recognition for recognition in reader if recognition.covers(service_code, today))
    if accredited:
        why_not = ""
    elif not level:
        why_not = QUALITY_UNKNOWN
    else:
        why_not = LOWER_QUALITY if level < own else ""
    return Quality(level, accredited, why_not)


def _level(recognitions: Iterable[Recognition]) -> int:
    levels = (each.level for each in recognitions if each.scheme is Scheme.QUALITY_LEVEL)
    return max(levels, default=0)
