"""The steps in their order."""

from . import hospital, people, pharmacy
from .journey import StepMethod

D, P = people.DISTRICT, people.PROVINCIAL

STEPS: list[tuple[str, str, StepMethod]] = [
    (D, "Tiếp đón: ai, thẻ còn hạn không", hospital.reception),
    (D, "Check-in (XML0)", hospital.check_in),
    (D, "Hồ sơ có lỗi bị trả lại", hospital.faulty_dossier),
    (D, "Hồ sơ đã ký (XML1…XML14)", hospital.signed_dossier),
    (D, "Phiếu chuyển chờ nơi nhận ngoại tuyến", hospital.referral_waits),
    (P, "Nơi nhận kết nối, kiểm tra chữ ký", hospital.receive),
    (D, "Nơi gửi thấy trạng thái và biên nhận", hospital.sender_sees),
    (P, "Người bệnh đồng ý bằng văn bản", hospital.consent),
    (P, "Xét nghiệm này làm gần đây chưa?", hospital.reuse),
    (P, "Kê đơn thuốc điện tử", pharmacy.prescribe),
    (people.PHARMACIES[0], "Nhà thuốc thứ nhất bán một phần", pharmacy.first_part),
    (people.PHARMACIES[1], "Nhà thuốc thứ hai bán phần còn lại", pharmacy.second_part),
    (people.PHARMACIES[2], "Nhà thuốc thứ ba bị từ chối", pharmacy.third_refused),
    ("VNeID", "Sổ sức khỏe điện tử", pharmacy.book),
    ("VNeID", "Ai đã xem dữ liệu của tôi", pharmacy.who_looked),
]
