"""What a health book compiles from many encounters: diagnoses over time, allergies, vital signs."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from common.values import day_of

from .allergies import allergy_of
from .health_books import Source, SummaryEntry
from .instants import instant_of

MAX_CONDITIONS: Final = 200
MAX_ALLERGIES: Final = 100
MAX_STATEMENT: Final = 500

# Diseases that last or come back for life, by the first three characters of ICD-10.  General knowledge: the
# list of 252 of TT 26/2025/TT-BYT is not at hand.
LONG_TERM_RANGES: Final = (
    ("A15", "A19"),  # tuberculosis
    ("B18", "B24"),  # chronic hepatitis, HIV
    ("C00", "C97"),  # cancer
    ("D55", "D59"),  # haemolytic anaemia, thalassaemia
    ("D66", "D68"),  # haemophilia and its like
    ("E00", "E07"),  # thyroid
    ("E10", "E14"),  # diabetes
    ("E20", "E27"),  # other glands
    ("E66", "E66"),  # obesity
    ("E70", "E88"),  # metabolism
    ("F00", "F09"),  # dementia
    ("F20", "F33"),  # psychoses, depression that comes back
    ("G10", "G14"),  # atrophies
    ("G20", "G26"),  # Parkinson
    ("G30", "G37"),  # Alzheimer, multiple sclerosis
    ("G40", "G43"),  # epilepsy, migraine
    ("H40", "H40"),  # glaucoma
    ("I05", "I15"),  # valves, hypertension
    ("I20", "I20"),  # angina
    ("I25", "I25"),  # ischaemic heart disease
    ("I42", "I42"),  # cardiomyopathy
    ("I48", "I50"),  # fibrillation, heart failure
    ("I69", "I70"),  # what a stroke leaves, atherosclerosis
    ("J41", "J47"),  # bronchitis, COPD, asthma
    ("K50", "K51"),  # Crohn, ulcerative colitis
    ("K70", "K70"),  # liver disease of alcohol
    ("K73", "K74"),  # chronic hepatitis, cirrhosis
    ("L40", "L40"),  # psoriasis
    ("M05", "M10"),  # arthritis, gout
    ("M15", "M19"),  # arthrosis
    ("M30", "M36"),  # lupus and its like
    ("M45", "M45"),  # Bechterew
    ("M80", "M81"),  # osteoporosis
    ("N03", "N03"),  # chronic nephritis
    ("N04", "N04"),  # nephrotic syndrome
    ("N18", "N18"),  # chronic kidney disease
    ("N40", "N40"),  # prostate
    ("Q00", "Q99"),  # born with
    ("Z94", "Z95"),  # transplants, implants of heart and vessels
)

# The fields of a record summary (XML8) that may speak of allergies.
TOLD_IN: Final = ("QT_BENHLY", "TOMTAT_KQ", "PP_DIEUTRI", "GHI_CHU")
ALLERGY: Final = "dị ứng"
SENTENCE_END: Final = re.compile(r"(?<=[.!?;])\s+|[\r\n]+")

# `CSST<M75_T37_HA120/70_NT18_HL2>`: QĐ 4750/QĐ-BYT, XML5.DIEN_BIEN_LS.
VITAL_SIGNS: Final = re.compile(r"CSST\s*<([^<>]{1,200})>")
VITAL_PART: Final = re.compile(r"(?:^|_)\s*(HA|NT|M|T)\s*([0-9][0-9.,/]{0,11})")


@dataclass(frozen=True, slots=True)
class Condition:
    """A diagnosis (ICD-10) over time; *text* is what it was called where it was last the main one."""

    code: str
    text: str
    encounter_count: int
    first_time: datetime
    last_time: datetime

    @property
    def long_term(self) -> bool:
        category = self.code[:3].upper()
        return any(first <= category <= last for first, last in LONG_TERM_RANGES)

    @property
    def allergy(self) -> bool:
        return allergy_of(self.code) is not None


@dataclass(frozen=True, slots=True)
class AllergyStatement:
    """What is said of an allergy: a sentence of a summary with its *source*, or a diagnosis without."""

    text: str
    day: date | None
    source: Source | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class VitalSigns:
    """Vital signs (dấu hiệu sinh tồn) as they were written; what was not noted is empty."""

    source: Source
    time: datetime | None
    pulse: str
    temperature: str
    blood_pressure: str
    breathing: str


def in_order(conditions: Iterable[Condition]) -> list[Condition]:
    """Return the long-term ones first, then the latest."""
    latest = sorted(conditions, key=lambda each: each.last_time, reverse=True)
    return sorted(latest, key=lambda each: not each.long_term)[:MAX_CONDITIONS]


def allergies_of(
    conditions: Iterable[Condition], summaries: Iterable[SummaryEntry]
) -> list[AllergyStatement]:
    """Return what diagnoses and summaries say of allergies, the latest first, the same words once."""
    coded = (
        AllergyStatement(each.text, day_of(each.last_time), code=each.code)
        for each in conditions
        if each.allergy
    )
    statements = [*coded, *(each for summary in summaries for each in _stated(summary))]
    latest = sorted(statements, key=lambda each: each.day or date.min, reverse=True)
    by_words: dict[tuple[str, str], AllergyStatement] = {}
    for each in latest:
        by_words.setdefault((each.code, each.text.casefold()), each)
    return list(by_words.values())[:MAX_ALLERGIES]


def _stated(summary: SummaryEntry) -> Iterator[AllergyStatement]:
    issued = instant_of(summary.fields.get("NGAY_CT", ""))
    for field in TOLD_IN:
        for sentence in allergy_sentences(summary.fields.get(field, "")):
            yield AllergyStatement(sentence, day_of(issued) if issued else None, summary.source)


def allergy_sentences(text: str) -> list[str]:
    """Return the sentences that speak of an allergy (dị ứng), as they were written."""
    sentences = SENTENCE_END.split(unicodedata.normalize("NFC", text))
    return [each.strip()[:MAX_STATEMENT] for each in sentences if ALLERGY in each.casefold()]


def vital_signs_of(source: Source, fields: Mapping[str, str]) -> VitalSigns | None:
    """Return the vital signs in a row of XML5; None when it has none that can be read."""
    written = VITAL_SIGNS.search(fields.get("DIEN_BIEN_LS", ""))
    parts: dict[str, str] = dict(VITAL_PART.findall(written[1])) if written else {}
    if not parts:
        return None
    return VitalSigns(
        source=source,
        time=instant_of(fields.get("THOI_DIEM_DBLS", "")),
        pulse=parts.get("M", ""),
        temperature=parts.get("T", ""),
        blood_pressure=parts.get("HA", ""),
        breathing=parts.get("NT", ""),
    )
