"""
A dossier that was accepted, as a history: an encounter, its diagnoses, results, medicines
and services, and every other row without what says who it is about.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from common.restricted import classes_of, mask_of
from common.values import is_future
from kcb.report import Report, Row
from kcb.vietnamese_text import visible

from .identifying_fields import without_identifiers
from .instants import instant_of as instant_of
from .prices import whole_dong
from .result_times import Services, service_name, services_by_code, times_of
from .studies import study_of

# Tables whose rows have columns of their own; those of all others are kept as they are.
TYPED_TABLES = frozenset({"XML1", "XML2", "XML3", "XML4"})

# Fields of coded diagnoses (ICD-10), and the tables that have them.
CODED_FIELDS = ("MA_BENH_CHINH", "MA_BENH_KT", "MA_BENH")
CODED_TABLES = ("XML1", "XML3", "XML13", "XML14")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A coded diagnosis (ICD-10); *position* counts from 0, the main one first."""

    position: int
    code: str
    main: bool


@dataclass(frozen=True, slots=True)
class Encounter:
    form_of_care: str
    arrival_time: datetime
    discharge_time: datetime
    reason: str
    admission_diagnosis: str
    discharge_diagnosis: str
    treatment: str
    outcome: str
    discharge_type: str
    note: str
    weight: str = ""
    blood_group: str = ""
    reexamination: str = ""


class TimeBasis(Enum):
    """Which of a result's times tells how old it is; as `Result.TimeBasis` of the contract."""

    PERFORMED = 1
    GIVEN = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class Result:
    """One value of one test (XML4).

    *result_time* is where it stands among others: when it was given or performed, else the arrival of
    its encounter.  The first release knew no other time: with a value, which XML4 has with NGAY_KQ only, it
    was given then; without one nobody knows.
    """

    row_number: int
    service_code: str
    service_name: str
    indicator_code: str
    indicator_name: str
    value: str
    unit: str
    description: str
    conclusion: str
    result_time: datetime
    given_time: datetime | None = None
    perform_time: datetime | None = None
    study: str = ""

    @property
    def known_time(self) -> datetime | None:
        """Return the time from which its age counts: performed, and given never before that."""
        given, performed = self.given_time, self.perform_time
        if given is not None and performed is not None:
            return min(given, performed)
        return given or performed or (self.result_time if self.value else None)

    def time_basis(self, now: datetime) -> TimeBasis:
        known = self.known_time
        if known is None or is_future(known, now):
            return TimeBasis.UNKNOWN
        return TimeBasis.PERFORMED if known == self.perform_time else TimeBasis.GIVEN


@dataclass(frozen=True, slots=True)
class Medicine:
    """One medicine ordered (XML2); the quantity is a decimal number as it was written."""

    row_number: int
    drug_code: str
    drug_name: str
    strength: str
    quantity: str
    unit: str
    dosage: str
    instructions: str
    route: str
    registration_number: str
    order_time: datetime


@dataclass(frozen=True, slots=True)
class Service:
    row_number: int
    service_code: str
    service_name: str
    supply_code: str
    group_code: str
    quantity: str
    unit: str
    order_time: datetime
    perform_time: datetime | None
    result_time: datetime | None
    unit_price: int | None = None


@dataclass(frozen=True, slots=True)
class OtherRow:
    """A row of any other table, without what says who it is about."""

    table_code: str
    row_number: int
    data: dict[str, str]


@dataclass(frozen=True, slots=True)
class ClinicalHistory:
    """What is kept in the clear of one dossier.  *classes* is the mask of restricted kinds."""

    link_key: str
    classes: int
    encounter: Encounter
    diagnoses: list[Diagnosis] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    medicines: list[Medicine] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    other_rows: list[OtherRow] = field(default_factory=list)


def derive_history(report: Report) -> ClinicalHistory:
    main = report.first_row("XML1")
    assert main is not None, "an accepted dossier has XML1"
    encounter = encounter_of(main)
    return ClinicalHistory(
        link_key=main.get("MA_LK"),
        classes=mask_of(classes_of(diagnosis_codes(report), report.sheets)),
        encounter=encounter,
        diagnoses=list(diagnoses_of(main)),
        results=results_of(report, encounter),
        medicines=[medicine_of(row, encounter) for row in report.rows("XML2")],
        services=[service_of(row, encounter) for row in report.rows("XML3")],
        other_rows=list(other_rows_of(report)),
    )


def diagnosis_codes(report: Report) -> Iterable[str]:
    for table in CODED_TABLES:
        for row in report.rows(table):
            for name in CODED_FIELDS:
                yield from row.get(name).split(";")


def encounter_of(row: Row) -> Encounter:
    arrival, left = instant_of(row.get("NGAY_VAO")), instant_of(row.get("NGAY_RA"))
    assert arrival is not None
    assert left is not None
    return Encounter(
        form_of_care=row.get("MA_LOAI_KCB"),
        arrival_time=arrival,
        discharge_time=left,
        reason=row.get("LY_DO_VV"),
        admission_diagnosis=row.get("CHAN_DOAN_VAO"),
        discharge_diagnosis=row.get("CHAN_DOAN_RV"),
        treatment=row.get("PP_DIEU_TRI"),
        outcome=row.get("KET_QUA_DTRI"),
        discharge_type=row.get("MA_LOAI_RV"),
        note=row.get("GHI_CHU"),
        weight=row.get("CAN_NANG"),
        blood_group=row.get("NHOM_MAU"),
        reexamination=row.get("NGAY_TAI_KHAM"),
    )


def diagnoses_of(row: Row) -> Iterable[Diagnosis]:
    others = [code.strip() for code in row.get("MA_BENH_KT").split(";")]
    codes = [row.get("MA_BENH_CHINH"), *(code for code in others if code)]
    return [Diagnosis(position, code, position == 0) for position, code in enumerate(codes)]


def results_of(report: Report, encounter: Encounter) -> list[Result]:
    """Return the results, with what the services (XML3) tell of them."""
    services = services_by_code(report.rows("XML3"))
    return [result_of(row, services, encounter) for row in report.rows("XML4")]


def result_of(row: Row, services: Services, encounter: Encounter) -> Result:
    """Return the result; by its codes it is looked up, so they hold nothing that nobody sees."""
    times = times_of(row, services)
    return Result(
        row_number=row.number,
        service_code=visible(row.get("MA_DICH_VU")).strip(),
        service_name=service_name(row, services),
        indicator_code=visible(row.get("MA_CHI_SO")).strip(),
        indicator_name=row.get("TEN_CHI_SO"),
        value=row.get("GIA_TRI"),
        unit=row.get("DON_VI_DO"),
        description=row.get("MO_TA"),
        conclusion=row.get("KET_LUAN"),
        result_time=times.given_time or times.perform_time or encounter.arrival_time,
        given_time=times.given_time,
        perform_time=times.perform_time,
        study=study_of(row.get("DU_PHONG")),
    )


def medicine_of(row: Row, encounter: Encounter) -> Medicine:
    return Medicine(
        row_number=row.number,
        drug_code=row.get("MA_THUOC"),
        drug_name=row.get("TEN_THUOC"),
        strength=row.get("HAM_LUONG"),
        quantity=row.get("SO_LUONG"),
        unit=row.get("DON_VI_TINH"),
        dosage=row.get("LIEU_DUNG"),
        instructions=row.get("CACH_DUNG"),
        route=row.get("DUONG_DUNG"),
        registration_number=row.get("SO_DANG_KY"),
        order_time=instant_of(row.get("NGAY_YL")) or encounter.arrival_time,
    )


def service_of(row: Row, encounter: Encounter) -> Service:
    return Service(
        row_number=row.number,
        service_code=row.get("MA_DICH_VU"),
        service_name=row.get("TEN_DICH_VU"),
        supply_code=row.get("MA_VAT_TU"),
        group_code=row.get("MA_NHOM"),
        quantity=row.get("SO_LUONG"),
        unit=row.get("DON_VI_TINH"),
        order_time=instant_of(row.get("NGAY_YL")) or encounter.arrival_time,
        perform_time=instant_of(row.get("NGAY_TH_YL")),
        result_time=instant_of(row.get("NGAY_KQ")),
        unit_price=whole_dong(row.get("DON_GIA_BV")),
    )


def other_rows_of(report: Report) -> Iterable[OtherRow]:
    for code in report.sheets:
        for row in report.rows(code) if code not in TYPED_TABLES else ():
            yield OtherRow(code, row.number, without_identifiers(row.values))
