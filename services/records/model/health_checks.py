"""Health checks (khám sức khỏe): what one says, without whom it is about, and a version as it is kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from common.faults import Fault
from common.restricted import DataClass, classes_of, mask_of
from kcb.ksk_catalogue import ksk_catalogue
from kcb.ksk_report import KskReport
from kcb.report import Row
from kcb.vietnamese_text import visible

from .instants import instant_of

# What a summary holds of a file, which may be long: characters of a text, of a code or a unit, and rows.
# The file itself is kept whole.
MAX_TEXT, MAX_SHORT_TEXT = 4_000, 255
MAX_DIAGNOSES, MAX_RESULTS = 50, 200

PROBLEMS = ("CAC_VAN_DE_SUC_KHOE", "CAC_BENH_TAT_NEU_CO")
PAYERS = ("NGUON_CHI_TRA", "NGUON_KINH_PHI")


@dataclass(frozen=True, slots=True)
class CheckExamination:
    """What a speciality found: the field of the form, the words, the class it gives (may be empty)."""

    field: str
    finding: str
    health_class: str

    @property
    def classes(self) -> int:
        """Return the mask of the restricted class that it tells of."""
        return restricted_mask(self.field)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One result of a test or of imaging, as CHI_TIET_CLS has it."""

    service_code: str
    indicator_code: str
    value: str
    unit: str
    description: str
    conclusion: str


@dataclass(frozen=True, slots=True)
class CheckContent:
    """What a health check says: codes as their lists write them, *measurements* as (field, value)."""

    subject: str
    payer: str
    health_class: str
    diagnoses: tuple[str, ...]
    problems: str
    measurements: tuple[tuple[str, str], ...]
    examinations: tuple[CheckExamination, ...]
    results: tuple[CheckResult, ...]

    @property
    def classes(self) -> int:
        """Return the mask of what its diagnoses tell of: the whole is restricted with them."""
        return mask_of(classes_of(self.diagnoses))

    @property
    def part_classes(self) -> int:
        """Return the mask of what single examinations tell of: these alone are left out."""
        mask = 0
        for examination in self.examinations:
            mask |= examination.classes
        return mask


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One version; *state* is `accepted` or `superseded`, *facility* the bare code, *form* 0 for modules.

    The signatures are `absent`, `unverified` or `verified`.
    """

    id: UUID
    person: UUID
    facility: str
    link_key: str
    version: int
    state: str
    form: int
    check_time: datetime
    receive_time: datetime
    sha256: bytes
    size_bytes: int
    doctor_signature: str
    facility_signature: str
    content: CheckContent
    warnings: tuple[Fault, ...] = ()
    supersedes: UUID | None = None
    superseded_by: UUID | None = None


def restricted_mask(field: str) -> int:
    known = ksk_catalogue().fields.get(field)
    return mask_of([DataClass[known.restricted]]) if known and known.restricted else 0


def derive_content(report: KskReport) -> CheckContent:
    """Return what an accepted check says."""
    lists = {name: field.codes for name, field in ksk_catalogue().fields.items()}

    def coded(*names: str) -> str:
        value = next(filter(None, map(report.get, names)), "")
        codes = lists[names[0]]
        return codes.code_of(value) if value and codes else value

    return CheckContent(
        subject=coded("DOI_TUONG"),
        payer=coded(*PAYERS),
        health_class=coded("PHAN_LOAI_SK"),
        diagnoses=_codes(report.get("KET_LUAN_BENH")),
        problems="\n".join(_text(text) for text in map(report.get, PROBLEMS) if text),
        measurements=tuple(
            (name, _short(value)) for name in _fields_of("measurement") if (value := report.get(name))
        ),
        examinations=tuple(
            CheckExamination(name, _text(finding), _short(report.get(class_field)) if class_field else "")
            for name, class_field in _fields_of("examination").items()
            if (finding := report.get(name))
        ),
        results=tuple(_result(row) for _, row in report.items[:MAX_RESULTS]),
    )


def _fields_of(part: str) -> dict[str, str]:
    """Return the fields that go into a part of the summary, each with the field of its class."""
    return {name: field.class_field for name, field in ksk_catalogue().fields.items() if field.part == part}


def _result(row: Row) -> CheckResult:
    return CheckResult(
        service_code=_short(row.get("MA_DICH_VU")),
        indicator_code=_short(row.get("MA_CHI_SO")),
        value=_short(row.get("GIA_TRI")),
        unit=_short(row.get("DON_VI_DO")),
        description=_text(row.get("MO_TA")),
        conclusion=_text(row.get("KET_LUAN")),
    )


def _codes(value: str) -> tuple[str, ...]:
    """Return the codes in *value*; of too many those that restrict the check are kept before others."""
    codes = list(filter(None, map(str.strip, value.split(";"))))
    if len(codes) > MAX_DIAGNOSES:
        codes.sort(key=lambda code: not mask_of(classes_of([code])))
    return tuple(_short(code) for code in codes[:MAX_DIAGNOSES])


def _text(value: str) -> str:
    return visible(value)[:MAX_TEXT]


def _short(value: str) -> str:
    return visible(value)[:MAX_SHORT_TEXT]


def check_instant(report: KskReport) -> datetime:
    """Return when an accepted check was made (NGAY_VAO)."""
    moment = instant_of(report.get("NGAY_VAO"))
    assert moment is not None, "an accepted check has NGAY_VAO"
    return moment
