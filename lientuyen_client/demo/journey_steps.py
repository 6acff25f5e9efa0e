"""The fifteen steps of the journey, in their order."""

from . import hospital_steps, people, pharmacy_steps
from .journey import StepMethod

DISTRICT, PROVINCIAL = people.DISTRICT, people.PROVINCIAL

STEPS: list[tuple[str, str, StepMethod]] = [
    (DISTRICT, "Reception: who, and covered today? (tiếp đón)", hospital_steps.reception),
    (DISTRICT, "Check-in, XML0", hospital_steps.check_in),
    (DISTRICT, "A faulty dossier is refused (hồ sơ lỗi)", hospital_steps.faulty_dossier),
    (DISTRICT, "The signed dossier, XML1…XML14 (hồ sơ)", hospital_steps.signed_dossier),
    (DISTRICT, "The slip waits for an offline hospital (phiếu chuyển)", hospital_steps.referral_waits),
    (PROVINCIAL, "The receiver connects and verifies (nơi nhận)", hospital_steps.receive),
    (DISTRICT, "The sender sees states and receipt (biên nhận)", hospital_steps.sender_sees),
    (PROVINCIAL, "The patient consents in writing (đồng ý)", hospital_steps.consent),
    (PROVINCIAL, "Was this test done lately? (dùng lại kết quả)", hospital_steps.reuse),
    (PROVINCIAL, "A prescription (đơn thuốc điện tử)", pharmacy_steps.prescribe),
    (people.PHARMACIES[0], "One pharmacy dispenses part (bán một phần)", pharmacy_steps.first_part),
    (people.PHARMACIES[1], "Another dispenses the rest (phần còn lại)", pharmacy_steps.second_part),
    (people.PHARMACIES[2], "A third is refused: nothing is left (hết thuốc)", pharmacy_steps.third_refused),
    ("VNeID", "The health book (sổ sức khỏe điện tử)", pharmacy_steps.read_health_book),
    ("VNeID", "Who looked at my data? (ai đã xem)", pharmacy_steps.list_accesses),
]
