"""The sections of a summary: what is in each, in words too, and why one is empty."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from ...model.health_books import DispensedMedicine, MedicineEntry, ProcedureEntry, ResultEntry
from ...model.patient_summaries import (
    MAX_ENTRIES,
    PatientHistory,
    Problem,
    VaccineDose,
    by_encounter,
    latest_dispensed,
    latest_medicines,
    latest_results,
    problems_of,
)
from .clinical import Clinical
from .elements import TERMINOLOGY, Element, coded, filled
from .narrative import day, line, narrative

T = TypeVar("T")

LOINC: Final = "http://loinc.org"

# A service that was not heard, by what is missing then.
NOT_HEARD: Final = "Chưa lấy được dữ liệu từ {name}: phần này còn thiếu, không phải là không có."
OWN_RECORDS_ONLY: Final = "Chỉ gồm dữ liệu của chính cơ sở đang hỏi."
SENDER_S_TOO: Final = "Chỉ gồm dữ liệu của cơ sở đang hỏi và của nơi chuyển người bệnh ({code})."
LATEST_ONLY: Final = "Mỗi mục chỉ ghi lần gần nhất."
NOTHING: Final = "Không có thông tin trong dữ liệu được xem; không có nghĩa là người bệnh không có."
ONLY_CODED: Final = (
    "Bảng dữ liệu KCB không có trường dị ứng: chỉ biết dị ứng được ghi thành mã chẩn đoán. "
    "Người bệnh có thể có dị ứng khác; phải hỏi người bệnh."
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of section: its code (LOINC), its title, and which service holds part of it."""

    code: str
    title: str
    peer: str = ""


ALLERGIES: Final = Kind("48765-2", "Dị ứng và không dung nạp")
MEDICATIONS: Final = Kind("10160-0", "Thuốc", peer="pharmacy")
PROBLEMS: Final = Kind("11450-4", "Chẩn đoán, vấn đề sức khỏe")
IMMUNIZATIONS: Final = Kind("11369-6", "Tiêm chủng")
RESULTS: Final = Kind("30954-2", "Kết quả cận lâm sàng")
PROCEDURES: Final = Kind("47519-4", "Phẫu thuật, thủ thuật")


@dataclass(frozen=True, slots=True)
class Sections:
    """Makes the sections of one history; *clinical* makes their entries."""

    history: PatientHistory
    clinical: Clinical

    def all(self) -> list[Element]:
        history, clinical = self.history, self.clinical
        problems = problems_of(history.encounters)
        allergies = [problem for problem in problems if problem.allergy]
        medicines = latest_medicines(by_encounter(history.encounters, history.medicines))
        procedures = by_encounter(history.encounters, history.procedures)
        dispensed = latest_dispensed(history.dispensed_medicines)
        return [
            self._listed(ALLERGIES, allergies, clinical.allergy, allergy_line, ONLY_CODED),
            self._section(
                MEDICATIONS,
                [*map(clinical.medicine, medicines), *map(clinical.dispensed_medicine, dispensed)],
                [*map(self._medicine_line, medicines), *map(dispensed_line, dispensed)],
                LATEST_ONLY,
            ),
            self._listed(PROBLEMS, problems, clinical.condition, problem_line),
            self._listed(IMMUNIZATIONS, history.doses, clinical.immunization, dose_line, note=""),
            self._listed(RESULTS, latest_results(history.results), clinical.result, self._result_line),
            self._listed(PROCEDURES, procedures, clinical.procedure, self._procedure_line, note=""),
        ]

    def _listed(
        self,
        kind: Kind,
        items: Sequence[T],
        make: Callable[[T], Element],
        describe: Callable[[T], str],
        note: str = LATEST_ONLY,
    ) -> Element:
        items = items[:MAX_ENTRIES]
        return self._section(kind, list(map(make, items)), map(describe, items), note)

    def _section(self, kind: Kind, entries: list[Element], lines: Iterable[str], note: str) -> Element:
        """Return a section; an empty one says that nothing is available, never that there is nothing."""
        notes = [*self._missing(kind), note if entries or kind is ALLERGIES else NOTHING]
        return filled(
            title=kind.title,
            code=coded(LOINC, kind.code),
            text=narrative(filter(None, notes), lines),
            entry=entries,
            emptyReason={} if entries else coded(f"{TERMINOLOGY}list-empty-reason", "unavailable"),
        )

    def _missing(self, kind: Kind) -> list[str]:
        own = extent_of(self.history)
        silent = kind.peer and kind.peer in self.history.unreachable
        return own + ([NOT_HEARD.format(name=kind.peer)] if silent else [])

    def _medicine_line(self, entry: MedicineEntry) -> str:
        medicine = entry.medicine
        name = f"{medicine.drug_name} {medicine.strength}"
        return line(day(medicine.order_time), name, f"{medicine.quantity} {medicine.unit}", medicine.dosage)

    def _result_line(self, entry: ResultEntry) -> str:
        result = entry.result
        name = result.indicator_name or result.service_name or result.service_code
        value = f"{result.value} {result.unit}" if result.value else ""
        return line(
            day(self.clinical.known_time(result)), name, value, result.conclusion or result.description
        )

    def _procedure_line(self, entry: ProcedureEntry) -> str:
        service = entry.service
        return line(day(self.clinical.perform_time(service)), service.service_name or service.service_code)


def problem_line(problem: Problem) -> str:
    latest = problem.latest.encounter.arrival_time
    first = f"từ {day(problem.first_time)}" if problem.first_time != latest else ""
    return line(day(latest), problem.code, problem.words, first)


def allergy_line(problem: Problem) -> str:
    _, name = problem.allergy or ("", "")
    return line(day(problem.latest.encounter.arrival_time), problem.code, problem.words or name)


def dispensed_line(medicine: DispensedMedicine) -> str:
    amount = f"{medicine.quantity} {medicine.unit}"
    return line(day(medicine.dispense_time), medicine.drug_name, amount, "đã cấp phát")


def dose_line(dose: VaccineDose) -> str:
    number = f"mũi {dose.dose_number}" if dose.dose_number else ""
    return line(day(dose.immunize_time), dose.vaccine[2] or dose.vaccine[1], number)


def extent_of(history: PatientHistory) -> list[str]:
    """Return the sentence that tells whose records alone were looked at; none when everybody's were."""
    if history.sender:
        return [SENDER_S_TOO.format(code=history.sender)]
    return [OWN_RECORDS_ONLY] if history.own_records_only else []
