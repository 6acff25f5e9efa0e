"""What codes, states and accesses of a health book are called, in plain Vietnamese."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from lientuyen.chassis.v1.audit_service_pb2 import Access
from lientuyen.records.v1.health_book_pb2 import Medicine, MissingEncounters, Result
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.coding_pb2 import Coding

FORMS_OF_CARE = {
    "01": "Khám bệnh",
    "02": "Điều trị ngoại trú",
    "03": "Điều trị nội trú",
    "04": "Điều trị nội trú ban ngày",
    "05": "Điều trị ngoại trú bệnh mạn tính",
    "06": "Điều trị lưu tại trạm y tế",
    "07": "Nhận thuốc theo hẹn",
    "08": "Điều trị ngoại trú bệnh mạn tính",
    "09": "Điều trị nội trú dưới 4 giờ",
    "10": "Hình thức khác",
    "11": "Khám, chữa bệnh lưu động",
    "12": "Khám, chữa bệnh tại nhà",
    "13": "Y học gia đình",
    "14": "Khám, chữa bệnh từ xa",
    "15": "Khám sức khỏe định kỳ",
    "16": "Khám sàng lọc",
}
OUTCOMES = {
    "1": "Khỏi bệnh",
    "2": "Đỡ",
    "3": "Không thay đổi",
    "4": "Nặng hơn",
    "5": "Tử vong",
    "6": "Tiên lượng nặng, xin về",
    "7": "Chưa xác định",
    "8": "Tử vong ngoại viện",
}
DISCHARGES = {
    "1": "Ra viện",
    "2": "Chuyển tuyến theo yêu cầu chuyên môn",
    "3": "Tự rời viện",
    "4": "Xin ra viện",
    "5": "Chuyển tuyến theo yêu cầu người bệnh",
}
APPOINTMENT_STATES = {"STATE_BOOKED": "đã hẹn", "STATE_USED": "đã đến khám", "STATE_CANCELLED": "đã hủy"}
GAP = "{count} lượt khám tại {place} {why}, từ ngày {since}."
GAPS = {
    MissingEncounters.REASON_NOT_SENT: "chưa có hồ sơ gửi về",
    MissingEncounters.REASON_WITHDRAWN: "đã được cơ sở thu hồi hồ sơ",
    MissingEncounters.REASON_REPLACED: "có hồ sơ đã được gửi lại sau ngày của sổ này",
}
NOT_IN_THE_BOOK = "chưa có trong sổ"
SILENT = {
    "pharmacy": "Chưa lấy được thuốc do nhà thuốc cấp: hệ thống nhà thuốc chưa trả lời.",
    "routing": "Chưa lấy được lịch hẹn khám lại: hệ thống chuyển tuyến chưa trả lời.",
    "identity": "Có thể thiếu dữ liệu của mã cũ đã gộp: hệ thống danh tính chưa trả lời.",
}
ACTIONS = {
    "GetHealthBook": "xem sổ sức khỏe",
    "GetPatientSummary": "xem tóm tắt sức khỏe",
    "ListResults": "xem kết quả xét nghiệm",
    "FindReusableResults": "tìm kết quả có thể dùng lại",
    "RecordReuseDecision": "ghi nhận dùng lại hay làm lại xét nghiệm",
    "ListReuseReports": "xem báo cáo dùng lại kết quả",
    "GetDossier": "xem hồ sơ một lượt khám",
    "GetOriginal": "tải hồ sơ gốc",
    "ListDossiers": "xem danh sách hồ sơ",
    "ListEncounters": "xem hồ sơ còn thiếu, còn chậm",
    "ListHeldRecords": "liệt kê hồ sơ theo yêu cầu cung cấp",
    "SubmitDossier": "gửi hồ sơ lượt khám",
    "SubmitDossiers": "gửi hồ sơ lượt khám",
    "SubmitCheckIn": "báo có người đến khám",
    "WithdrawDossier": "thu hồi hồ sơ",
    "SubmitHealthCheck": "gửi kết quả khám sức khỏe",
    "SubmitHealthChecks": "gửi kết quả khám sức khỏe",
    "RecordImmunization": "ghi nhận tiêm chủng",
    "ListImmunizations": "xem lịch sử tiêm chủng",
    "FindPerson": "tra cứu danh tính theo số",
    "GetPerson": "xem danh tính",
    "MatchPersons": "tra cứu danh tính theo tên",
    "RegisterPerson": "ghi danh",
    "ResolvePerson": "tra cứu mã định danh",
    "CheckEligibility": "kiểm tra quyền lợi BHYT",
    "CheckEligibilities": "kiểm tra quyền lợi BHYT",
    "Authorize": "hỏi quyền xem dữ liệu",
    "CreateConsent": "ghi nhận sự đồng ý",
    "WithdrawConsent": "ghi nhận rút sự đồng ý",
    "ListConsents": "xem các lần đồng ý",
    "ListAccesses": "xem ai đã xem",
    "ListAppointments": "xem lịch hẹn khám lại",
    "GetAppointment": "xem một lịch hẹn",
    "CreateAppointment": "hẹn khám lại",
    "UseAppointment": "dùng giấy hẹn khám lại",
    "CreateReferral": "lập phiếu chuyển tuyến",
    "GetReferral": "xem phiếu chuyển tuyến",
    "ListReferrals": "xem các phiếu chuyển tuyến",
    "AcceptReferral": "nhận người bệnh chuyển đến",
    "DeclineReferral": "từ chối nhận người bệnh chuyển đến",
    "UseReferral": "dùng phiếu chuyển tuyến",
    "CompleteReferral": "phản hồi kết quả cho nơi chuyển",
    "CancelReferral": "hủy phiếu chuyển tuyến",
    "RequestConsultation": "xin ý kiến hội chẩn từ xa",
    "TakeConsultation": "nhận yêu cầu hội chẩn từ xa",
    "AnswerConsultation": "trả lời hội chẩn từ xa",
    "DeclineConsultation": "từ chối hội chẩn từ xa",
    "WithdrawConsultation": "rút yêu cầu hội chẩn từ xa",
    "GetConsultation": "xem một lần hội chẩn từ xa",
    "ListConsultations": "xem các lần hội chẩn từ xa",
    "ListDispensings": "xem thuốc đã cấp",
    "Dispense": "cấp thuốc",
    "ReverseDispensing": "nhận lại thuốc đã cấp",
    "ClaimPrescription": "giữ đơn để cấp thuốc",
    "IssuePrescription": "kê đơn thuốc",
    "GetPrescription": "xem đơn thuốc",
    "ListPrescriptions": "xem các đơn thuốc",
}
# Who looked, of whom no facility is behind it.
CALLERS = {
    "authority": "Cơ quan quản lý",
    "operator": "Người vận hành hệ thống",
    "service": "Hệ thống Liên Tuyến",
}
PURPOSES = {
    AccessContext.PURPOSE_TREATMENT: "để khám, chữa bệnh",
    AccessContext.PURPOSE_PAYMENT: "để thanh toán",
    AccessContext.PURPOSE_PUBLIC_HEALTH: "vì y tế công cộng",
    AccessContext.PURPOSE_RESEARCH: "để nghiên cứu",
    AccessContext.PURPOSE_PATIENT_REQUEST: "theo yêu cầu của chính người bệnh",
    AccessContext.PURPOSE_OPERATIONS: "để vận hành",
}
# What a reason begins with that names a referral, and how such a ground is told.
REFERRALS, REFERRED = "//routing.lientuyen/referrals/", "theo phiếu chuyển tuyến"
GROUNDS = {
    AccessContext.LEGAL_BASIS_CONSENT: "được người bệnh đồng ý",
    AccessContext.LEGAL_BASIS_EMERGENCY: "cấp cứu",
    AccessContext.LEGAL_BASIS_LEGAL_DUTY: "theo quy định của pháp luật",
    AccessContext.LEGAL_BASIS_OWN_RECORD: "hồ sơ của chính cơ sở",
}

# What a conclusion says of a value: only what the file says, never what we think.
HIGH, LOW, UNUSUAL = "cao", "thấp", "bất thường"
CONCLUSIONS = ((HIGH, ("cao", "tăng")), (LOW, ("thấp", "giảm")), (UNUSUAL, ("bất thường", "dương tính")))
SHORT = {"H": HIGH, "HIGH": HIGH, "L": LOW, "LOW": LOW}
RANGE = re.compile(r"(?<![\d.])(\d{1,9}(?:\.\d{1,6})?)\s*[-–]\s*(\d{1,9}(?:\.\d{1,6})?)(?![\d.])")
NUMBER = re.compile(r"\d{1,9}(\.\d{1,6})?")


def named(coding: Coding, names: dict[str, str]) -> str:
    return names.get(coding.code, coding.display or coding.code)


def out_of_range(result: Result) -> str:
    """Return `cao`, `thấp` or `bất thường` when the file says so, in its conclusion or by its range."""
    conclusion = result.conclusion.strip()
    if conclusion.upper() in SHORT:
        return SHORT[conclusion.upper()]
    words = conclusion.casefold()
    if "không" not in words and not words.startswith(("bình thường", "trong giới hạn")):
        for name, signs in CONCLUSIONS:
            if any(re.search(rf"\b{sign}\b", words) for sign in signs):
                return name
    return _against_range(result)


def _against_range(result: Result) -> str:
    limits = RANGE.search(f"{result.description} {result.conclusion}")
    value = result.value.strip().replace(",", ".")
    if not limits or not NUMBER.fullmatch(value):
        return ""
    low, high = Decimal(limits[1]), Decimal(limits[2])
    if low >= high or low <= Decimal(value) <= high:
        return ""
    return HIGH if Decimal(value) > high else LOW


def amount(quantity: str, unit: str) -> str:
    """Return `12,5 viên` of `12.500` and `Viên`."""
    try:
        number = f"{Decimal(quantity):f}"
    except InvalidOperation:
        number = quantity
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number.replace('.', ',')} {unit.lower()}".strip()


def how_to_take(medicine: Medicine) -> str:
    """Return the dose and how to take it, as the doctor wrote them: `1 viên/lần, 1 lần/ngày; uống sáng`."""
    dosage = re.sub(r"\s*\*\s*", ", ", medicine.dosage.strip())
    return "; ".join(part for part in (dosage, medicine.instructions.strip()) if part)


def action(access: Access) -> str:
    method = access.method.rpartition("/")[2].rpartition(".")[2]
    return ACTIONS.get(method, method)


def reason(access: Access) -> str:
    referral, _, rest = access.reason.partition(" ")
    is_referred = referral.startswith(REFERRALS)
    ground = REFERRED if is_referred else GROUNDS.get(access.legal_basis, "")
    words = (PURPOSES.get(access.purpose, ""), ground, rest if is_referred else access.reason)
    return ", ".join(word for word in words if word)


def joined(parts: Iterable[str], by: str = " · ") -> str:
    return by.join(part for part in parts if part)
