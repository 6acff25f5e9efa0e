"""
What the laboratories of a facility (phòng xét nghiệm) are recognised by.

Levels of quality (mức chất lượng) are those of QĐ 2429/QĐ-BYT of 2017, 1 to 5; an accreditation by
ISO 15189 holds within the services of its scope.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from common.faults import Fault

from .faults import malformed, missing

MAX_LEVEL: Final = 5
MAX_RECOGNITIONS: Final = 20
PREFIX: Final = re.compile(r"[0-9A-Z.]{1,15}")


class Scheme(IntEnum):
    """As `LaboratoryRecognition.Scheme` of the contract."""

    QUALITY_LEVEL = 1
    ISO_15189 = 2


@dataclass(frozen=True, slots=True)
class LaboratoryRecognition:
    """One recognition; *service_prefixes* are beginnings of service codes, none for all services."""

    scheme: int
    level: int
    service_prefixes: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None


def recognition_faults(recognitions: Sequence[LaboratoryRecognition]) -> list[Fault]:
    return [
        fault
        for index, recognition in enumerate(recognitions)
        for fault in _faults(recognition, f"laboratory_recognitions[{index}]")
    ]


def _faults(recognition: LaboratoryRecognition, path: str) -> Iterable[Fault]:
    if recognition.scheme not in frozenset(Scheme):
        yield missing(f"{path}.scheme")
    levels = range(1, MAX_LEVEL + 1) if recognition.scheme == Scheme.QUALITY_LEVEL else (0,)
    if recognition.level not in levels:
        yield malformed(f"{path}.level")
    if recognition.scheme == Scheme.ISO_15189 and not recognition.service_prefixes:
        yield missing(f"{path}.service_prefixes")
    if not all(map(PREFIX.fullmatch, recognition.service_prefixes)):
        yield malformed(f"{path}.service_prefixes")
    if recognition.valid_from is None:
        yield missing(f"{path}.valid_from")
    elif recognition.valid_to and recognition.valid_to < recognition.valid_from:
        yield malformed(f"{path}.valid_to")
