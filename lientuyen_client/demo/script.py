"""The steps in their order."""

from . import hospital, people, pharmacy
from .journey import StepMethod

D, P = people.DISTRICT, people.PROVINCIAL

STEPS: list[tuple[str, str, StepMethod]] = [
    (D, "Reception: who, and covered today? (tiếp đón)", hospital.reception),
    (D, "Check-in, XML0", hospital.check_in),
    (D, "A faulty dossier is refused (hồ sơ lỗi)", hospital.faulty_dossier),
    (D, "The signed dossier, XML1…XML14 (hồ sơ)", hospital.signed_dossier),
    (D, "The slip waits for an offline hospital (phiếu chuyển)", hospital.referral_waits),
    (P, "The receiver connects and verifies (nơi nhận)", hospital.receive),
    (D, "The sender sees states and receipt (biên nhận)", hospital.sender_sees),
    (P, "The patient consents in writing (đồng ý)", hospital.consent),
    (P, "Was this test done lately? (dùng lại kết quả)", hospital.reuse),
    (P, "A prescription (đơn thuốc điện tử)", pharmacy.prescribe),
    (people.PHARMACIES[0], "One pharmacy dispenses part (bán một phần)", pharmacy.first_part),
    (people.PHARMACIES[1], "Another dispenses the rest (phần còn lại)", pharmacy.second_part),
    (people.PHARMACIES[2], "A third is refused: nothing is left (hết thuốc)", pharmacy.third_refused),
    ("VNeID", "The health book (sổ sức khỏe điện tử)", pharmacy.book),
    ("VNeID", "Who looked at my data? (ai đã xem)", pharmacy.who_looked),
]
