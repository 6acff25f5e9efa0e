"""A health book of an invented person, with something in every group: for screen, page and picture."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from lientuyen.chassis.v1.audit_service_pb2 import Access
from lientuyen.identity.v1.person_pb2 import SEX_FEMALE, Person
from lientuyen.records.v1 import health_book_pb2 as pb
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.coding_pb2 import Coding
from lientuyen.type.v1.date_pb2 import Date
from lientuyen_client.cli.health_book_view import Source

PERSONAL_ID = "001385000016"
NAMES = {
    "01999": "Bệnh viện đa khoa huyện Mẫu",
    "79999": "Bệnh viện chuyên khoa Mẫu",
    "NT00001": "Nhà thuốc Mẫu 1",
}
DISTRICT, PROVINCIAL, PHARMACY = (f"//identity.lientuyen/facilities/{code}" for code in NAMES)
RECENT, BEFORE = "//records.lientuyen/dossiers/recent", "//records.lientuyen/dossiers/before"


def at(month: int, day: int, hour: int = 1, minute: int = 0) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(datetime(2026, month, day, hour, minute, tzinfo=UTC))
    return moment


def book() -> pb.HealthBook:
    return pb.HealthBook(
        encounters=[_recent(), _before()],
        results=[
            _result("Glucose", "7.8", "mmol/L", conclusion="Tăng"),
            _result("HbA1c", "6.9", "%", description="4.0 - 6.0"),
            _result("Creatinin", "78", "µmol/L", description="53 - 97"),
            pb.Result(
                dossier=BEFORE,
                service=Coding(display="Chụp X-quang ngực thẳng"),
                description="Hai phế trường sáng, bóng tim không to.",
                conclusion="Không có gì bất thường",
                result_time=at(3, 9),
            ),
        ],
        medicines=[
            _medicine(
                "Metformin 500mg", "60.000", "1 viên/lần * 2 lần/ngày * 30 ngày", "Uống sau ăn sáng và tối"
            ),
            _medicine("Amlodipin 5mg", "30.000", "1 viên/lần * 1 lần/ngày * 30 ngày", "Uống buổi sáng"),
        ],
        procedures=[
            pb.Procedure(dossier=BEFORE, service=Coding(display="Khí dung thuốc"), order_time=at(3, 9))
        ],
        vital_signs=[
            pb.VitalSigns(
                dossier=RECENT, pulse="75", temperature="36.8", blood_pressure="145/90", breathing="18"
            )
        ],
        summaries=[
            pb.RecordSummary(
                dossier=RECENT,
                course="Đái tháo đường và tăng huyết áp nhiều năm, uống thuốc đều.",
                note="Ăn nhạt, đi bộ 30 phút mỗi ngày. Dị ứng penicillin (mẩn ngứa).",
            )
        ],
        dispensed_medicines=[
            pb.DispensedMedicine(
                pharmacy=PHARMACY,
                dispense_time=at(11, 20, 9),
                drug_name="Metformin 500mg",
                quantity="60",
                unit="Viên",
                lot="L2603",
            )
        ],
        appointments=[
            pb.BookedAppointment(
                facility=DISTRICT,
                day=Date(year=2026, month=12, day=18),
                diagnosis=Coding(code="E11.9", display="Đái tháo đường týp 2"),
                state="STATE_BOOKED",
            )
        ],
        history=pb.History(
            conditions=[
                _condition("E11.9", "Đái tháo đường týp 2", 6, long_term=True),
                _condition("I10", "Tăng huyết áp vô căn", 9, long_term=True),
                _condition("J20.9", "Viêm phế quản cấp", 1),
            ],
            allergies=[
                pb.AllergyStatement(
                    facility=DISTRICT,
                    text="Dị ứng penicillin (mẩn ngứa).",
                    date=Date(year=2026, month=11, day=20),
                )
            ],
        ),
        missing_encounters=[
            pb.MissingEncounters(
                facility=PROVINCIAL,
                reason=pb.MissingEncounters.REASON_NOT_SENT,
                count=3,
                since=at(10, 12),
            )
        ],
        missing_known=True,
    )


def source() -> Source:
    return Source(
        book=book(),
        person=Person(full_name="TRẦN THỊ MẪU", birth_date=Date(year=1985, month=3, day=12), sex=SEX_FEMALE),
        personal_id=PERSONAL_ID,
        accesses=[
            _access(
                "facility/79999",
                "records.v1.HealthBookService/GetHealthBook",
                21,
                practitioner="000002/HCM-GPHN",
            ),
            _access("facility/01999", "records.v1.DossierService/SubmitDossier", 20, own=True),
            _access(
                "pharmacy/NT00001", "pharmacy.v1.DispensingService/Dispense", 20, practitioner="Dược sĩ Mẫu"
            ),
            _access("facility/79999", "records.v1.HealthBookService/GetHealthBook", 19, allowed=False),
        ],
        names=NAMES,
        now="27/11/2026 09:30",
    )


def _recent() -> pb.Encounter:
    return pb.Encounter(
        dossier=RECENT,
        facility=DISTRICT,
        form_of_care=Coding(code="01"),
        arrival_time=at(11, 20),
        discharge_time=at(11, 20, 4),
        reason="Mệt, khát nước nhiều",
        discharge_diagnosis="Đái tháo đường týp 2; tăng huyết áp",
        diagnoses=[
            pb.Diagnosis(coding=Coding(code="E11.9"), main=True),
            pb.Diagnosis(coding=Coding(code="I10")),
        ],
        treatment="Thuốc uống, chế độ ăn",
        outcome=Coding(code="2"),
        discharge_type=Coding(code="1"),
        weight="58.5",
        blood_group="O+",
        reexamination_dates=[Date(year=2026, month=12, day=18)],
    )


def _before() -> pb.Encounter:
    return pb.Encounter(
        dossier=BEFORE,
        facility=PROVINCIAL,
        form_of_care=Coding(code="03"),
        arrival_time=at(3, 9),
        discharge_time=at(3, 12),
        reason="Ho, sốt",
        discharge_diagnosis="Viêm phế quản cấp",
        diagnoses=[pb.Diagnosis(coding=Coding(code="J20.9"), main=True)],
        treatment="Kháng sinh, khí dung",
        outcome=Coding(code="1"),
        discharge_type=Coding(code="1"),
    )


def _result(name: str, value: str, unit: str, *, description: str = "", conclusion: str = "") -> pb.Result:
    return pb.Result(
        dossier=RECENT,
        indicator=Coding(display=name),
        value=value,
        unit=unit,
        description=description,
        conclusion=conclusion,
        result_time=at(11, 20, 2),
    )


def _medicine(name: str, quantity: str, dosage: str, instructions: str) -> pb.Medicine:
    return pb.Medicine(
        dossier=RECENT,
        drug=Coding(display=name),
        quantity=quantity,
        unit="Viên",
        dosage=dosage,
        instructions=instructions,
    )


def _condition(code: str, text: str, encounters: int, *, long_term: bool = False) -> pb.Condition:
    return pb.Condition(
        coding=Coding(code=code),
        text=text,
        long_term=long_term,
        encounter_count=encounters,
        first_time=at(3, 9),
        last_time=at(11, 20),
    )


def _access(
    caller: str, method: str, day: int, *, practitioner: str = "", allowed: bool = True, own: bool = False
) -> Access:
    return Access(
        access_time=at(11, day, 7),
        caller=caller,
        method=f"lientuyen.{method}",
        practitioner=practitioner,
        purpose=AccessContext.PURPOSE_TREATMENT,
        legal_basis=AccessContext.LEGAL_BASIS_OWN_RECORD if own else AccessContext.LEGAL_BASIS_CONSENT,
        allowed=allowed,
    )
