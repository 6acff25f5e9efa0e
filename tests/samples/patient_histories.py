"""Histories of invented people, of every shape, for patient summaries: the same for the same seed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from common.values import PartialDate
from services.records.model.clinical_history import Encounter, Medicine, Result, Service
from services.records.model.health_books import (
    DispensedMedicine,
    EncounterEntry,
    MedicineEntry,
    ProcedureEntry,
    ResultEntry,
    Source,
)
from services.records.model.patient_summaries import Demographics, PatientHistory, PatientNumber, VaccineDose

NOW = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)

# Texts as hospitals send them: with marks apart, with line ends, with what XML and JSON escape, with nothing.
TEXTS = (
    "Tăng huyết áp vô căn",
    "Đái tháo đường týp 2 & rối loạn lipid",
    "T\u0103ng huye\u0302\u0301t a\u0301p",
    'Đau "ngực" <b>trái</b> > 2 giờ',
    "dòng một\r\ndòng hai\r\n\tdòng ba",
    "  hai  đầu  có  trống \u00a0",
    "không\u200bthấy \ufdd012.5 \x0b\x07 😀",
    "</div><script>alert(1)</script>",
    "x" * 5000,
    "",
    " ",
    'O\'Brien \\ {"a": 1}',
)
CODES = (
    "I10",
    "E11.9",
    "J18.9",
    "A15.0",
    "O80",
    "Z00.0",
    "U07.1",
    "S72.0",
    " J 45 ",
    "I10 ",
    "Z88.0",
    "T78.0",
    "t78.4",
)
SERVICES = ("23.0075.1494", "22.0120.1370", "18.0120.0028", "21.0014.1778", "24.0169.1616", "99", "", "25.1")
INDICATORS = (("GLU", "Glucose"), ("", ""), ("HB A1C", ""), ("", "Hồng cầu"), ("CS 1 ", " "))
VALUES = ("5.40", "0", "-1.5", "12", "Âm tính", "<0.1", "5,4", "", " ", "0012", "1e5", "120/80", "9" * 40)
UNITS = ("mmol/L", "%", "G/L", "U/L", "", "cái", "  ", "mmHg")
FACILITIES = ("01999", "01929", "79999")
DAYS = (0, 1, 30, 400, 5000)


class HistoryMaker:
    """Makes one history from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def text(self) -> str:
        return self.random.choice(TEXTS)

    def moment(self) -> datetime:
        return NOW - timedelta(days=self.random.choice(DAYS), minutes=self.random.randrange(1, 1440))

    def maybe_moment(self) -> datetime | None:
        return self.random.choice((None, self.moment(), NOW + timedelta(days=9)))

    def count(self, most: int) -> range:
        return range(self.random.choice((0, 1, 2, most)))

    def source(self, dossiers: Sequence[UUID] = ()) -> Source:
        dossier = self.random.choice(dossiers) if dossiers else self.id()
        return Source(dossier, self.random.choice(FACILITIES), self.random.choice((0, 0, 0, 2)))

    def history(self, most: int = 4) -> PatientHistory:
        encounters = [self.encounter() for _ in self.count(most)]
        dossiers = [entry.source.dossier for entry in encounters]
        unreachable = self.random.choice(((), (), ("pharmacy",), ("identity",), ("identity", "pharmacy")))
        return PatientHistory(
            person=self.id(),
            demographics=None if "identity" in unreachable else self.demographics(),
            encounters=encounters,
            results=[self.result(dossiers) for _ in self.count(most * 3)],
            medicines=[self.medicine(dossiers) for _ in self.count(most)],
            procedures=[self.procedure(dossiers) for _ in self.count(most)],
            dispensed_medicines=[self.dispensed() for _ in self.count(0 if "pharmacy" in unreachable else 3)],
            doses=[self.dose() for _ in self.count(2)],
            unreachable=unreachable,
            older_encounters=self.random.random() < 0.2,
            own_records_only="identity" in unreachable and self.random.random() < 0.5,
        )

    def demographics(self) -> Demographics:
        births = (
            None,
            PartialDate(1985, 3, 12),
            PartialDate(1985),
            PartialDate(1985, 3),
            PartialDate(0),
            PartialDate(2026, 11, 20),
        )
        kinds = ("PERSONAL_ID", "CARD_NUMBER", "LOCAL", "PASSPORT", "OLD_ID", "BIRTH_CERTIFICATE")
        return Demographics(
            full_name=self.random.choice(("Trần Thị Mẫu", "John <Doe>", "", "Con bà Trần Thị Mẫu")),
            birth=self.random.choice(births),
            sex=self.random.choice(("SEX_MALE", "SEX_FEMALE", "SEX_UNDETERMINED", "SEX_UNSPECIFIED", "9")),
            address=self.text(),
            phone=self.random.choice(("", "0900000000")),
            deceased=self.random.random() < 0.1,
            numbers=tuple(
                PatientNumber(f"KIND_{kind}", f"0018850000{number}")
                for number, kind in enumerate(kinds)
                if self.random.random() < 0.5
            ),
        )

    def encounter(self) -> EncounterEntry:
        arrival = self.moment()
        encounter = Encounter(
            form_of_care=self.random.choice(("01", "03", "04", "09", "11", "12", "14", "15", "77", "")),
            arrival_time=arrival,
            discharge_time=arrival + timedelta(hours=self.random.choice((-1, 0, 2, 90))),
            reason=self.text(),
            admission_diagnosis=self.text(),
            discharge_diagnosis=self.text(),
            treatment=self.text(),
            outcome="1",
            discharge_type="1",
            note=self.text(),
        )
        codes = [self.random.choice(CODES) for _ in self.count(3)]
        return EncounterEntry(self.source(), encounter, tuple(codes))

    def result(self, dossiers: Sequence[UUID]) -> ResultEntry:
        code, name = self.random.choice(INDICATORS)
        result = Result(
            row_number=1,
            service_code=self.random.choice(SERVICES),
            service_name=self.text(),
            indicator_code=code,
            indicator_name=name,
            value=self.random.choice(VALUES),
            unit=self.random.choice(UNITS),
            description=self.text(),
            conclusion=self.text(),
            result_time=self.moment(),
            given_time=self.maybe_moment(),
            perform_time=self.maybe_moment(),
        )
        return ResultEntry(self.source(dossiers), self.id(), result)

    def medicine(self, dossiers: Sequence[UUID]) -> MedicineEntry:
        medicine = Medicine(
            row_number=self.random.randrange(99),
            drug_code=self.random.choice(("40.30", "", "40.30+05C.1", "00.0000")),
            drug_name=self.text(),
            strength=self.random.choice(("5mg", "", "500mg/5ml")),
            quantity=self.random.choice(("30", "0.5", "", "x", "12.500")),
            unit="Viên",
            dosage=self.text(),
            instructions=self.text(),
            route=self.random.choice(("1.01", "", " ")),
            registration_number=self.random.choice(("VD-00000-00", "")),
            order_time=self.random.choice((self.moment(), NOW + timedelta(days=9))),
        )
        return MedicineEntry(self.source(dossiers), medicine)

    def procedure(self, dossiers: Sequence[UUID]) -> ProcedureEntry:
        service = Service(
            row_number=self.random.randrange(99),
            service_code=self.random.choice(SERVICES),
            service_name=self.text(),
            supply_code="",
            group_code=self.random.choice(("8", "18")),
            quantity="1",
            unit="Lần",
            order_time=self.moment(),
            perform_time=self.maybe_moment(),
            result_time=None,
        )
        return ProcedureEntry(self.source(dossiers), service)

    def dispensed(self) -> DispensedMedicine:
        return DispensedMedicine(
            dispensing=f"//pharmacy.lientuyen/dispensings/{self.id()}",
            pharmacy="//identity.lientuyen/facilities/NT00001",
            dispense_time=self.moment(),
            drug_name=self.text(),
            registration_number=self.random.choice(("VD-00000-00", "")),
            quantity="12.5",
            unit="Viên",
            lot="L1",
        )

    def dose(self) -> VaccineDose:
        vaccine = self.random.choice(
            (
                ("VACCINE", "BCG", "Vắc xin lao"),
                ("", "", "Sởi"),
                ("http://hl7.org/fhir/sid/cvx", "03", "MMR"),
                ("VACCINE", "HEP B", ""),
            )
        )
        return VaccineDose(
            self.id(), self.source(), vaccine, self.random.choice((0, 1, 3)), self.moment(), "L1"
        )


def history(seed: int, most: int = 4) -> PatientHistory:
    return HistoryMaker(seed).history(most)
