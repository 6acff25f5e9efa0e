"""
What the reception does next, from what identity answered.

Sources: NĐ 188/2025/NĐ-CP Art. 21 and 38 (look again before the encounter closes;
never refuse a patient), Art. 50 (temporary cards, cards that lapse); TT 12/2026/TT-BTC
Art. 4 (look at arrival, when needed, before discharge).
"""

from datetime import date

from lientuyen.identity.v1.coverage_pb2 import Eligibility, EligibilityReason

# With so few days left on the card the person is told.
EXPIRY_WARNING_DAYS = 30

R = EligibilityReason
BY_REASON = {
    R.CODE_NO_CARD: "Kiểm tra lại số; thử CCCD, mã số BHXH hoặc ứng dụng VNeID, VssID.",
    R.CODE_CARD_NUMBER_WRONG: "Kiểm tra lại số thẻ; thử CCCD hoặc mã số BHXH.",
    R.CODE_CHILD_WITHOUT_CARD: "Xem giấy chứng sinh hoặc khai sinh, xin cấp thẻ tạm TE1 trên cổng giám định.",
    R.CODE_TEMPORARY_CARD: "Xem giấy chứng sinh hoặc giấy khai sinh.",
    R.CODE_PAPERS_NEEDED: "Xem giấy tờ do Bộ Quốc phòng hoặc Bộ Công an cấp.",
    R.CODE_CARD_LAPSED: "Hỏi thẻ mới hoặc việc gia hạn.",
    R.CODE_CARD_NOT_YET_IN_FORCE: "Hỏi thẻ cũ còn hạn.",
    R.CODE_CARD_STOPPED: "Hướng dẫn người bệnh liên hệ cơ quan bảo hiểm xã hội.",
    R.CODE_NEWER_CARD: "Ghi thẻ mới vào hồ sơ.",
    R.CODE_CARE_CATEGORY_NEEDED: "Hỏi phiếu chuyển, phiếu hẹn, cấp cứu, tạm trú; tra lại với --came.",
    R.CODE_CARE_CATEGORY_UNSETTLED: "Chọn mã đối tượng theo lý do đã nêu, ghi rõ căn cứ.",
    R.CODE_FACILITY_UNKNOWN: "Bổ sung loại, điểm, tuyến trước 2025 của cơ sở vào danh mục.",
    R.CODE_TRANSFER_SLIP_EXPIRED: "Kiểm tra ngày ký phiếu chuyển.",
    R.CODE_CARE_FORM_NEEDED: "Chọn loại hình khám chữa bệnh, tra lại với --form.",
    R.CODE_CARE_CATEGORY_RETIRED: "Chọn mã đối tượng khác.",
    R.CODE_CARE_CATEGORY_DOUBTFUL: "Kiểm tra lại mã đối tượng.",
    R.CODE_LEVEL_UNKNOWN: "Tra mức hưởng trên cổng giám định BHYT.",
    R.CODE_LAPSED_UNDER_TREATMENT: "Nhắc gia hạn thẻ ngay.",
}
BY_CATEGORY = {
    "1.3": "Xem phiếu chuyển, còn hạn 10 ngày làm việc (hoặc 1 năm theo Phụ lục III).",
    "1.4": "Xem giấy tờ tạm trú, lưu trú hoặc VNeID mức 2.",
    "1.5": "Xem phiếu hẹn khám lại, chỉ dùng một lần.",
    "1.6": "Xem giấy tờ về việc đã hiến bộ phận cơ thể.",
    "1.7": "Xem giấy chứng sinh.",
    "2": "Thẻ và giấy tờ có thể xuất trình trước khi ra viện.",
}


def next_steps(answer: Eligibility, day: date) -> list[str]:
    codes = {reason.code for reason in answer.reasons}
    steps = ["Không từ chối người bệnh; tra lại khi cổng hoạt động."] if answer.stale else []
    steps += [step for code, step in BY_REASON.items() if code in codes]
    if answer.proposed_care_category:
        steps.append(f"Xem xét mã đối tượng {answer.proposed_care_category}{category_words(answer)}.")
    if check := BY_CATEGORY.get(answer.care_category or answer.proposed_care_category):
        steps.append(check)
    remaining = days_left(answer, day)
    if answer.covered and remaining is not None and 0 <= remaining <= EXPIRY_WARNING_DAYS:
        steps.append("Thẻ sắp hết hạn, nhắc người bệnh gia hạn.")
    if answer.covered or answer.stale:
        steps.append("Tra cứu lại trước khi ra viện.")
    return steps


def category_words(answer: Eligibility) -> str:
    """Return what the category stands for, from the reason that proposes it: ` (nội trú …)`."""
    sentences = [
        reason.message_vi for reason in answer.reasons if reason.code == R.CODE_CARE_CATEGORY_PROPOSED
    ]
    head, opening, rest = sentences[0].partition("(") if sentences else ("", "", "")
    return f" ({rest.rstrip('.')}" if head and opening else ""


def days_left(answer: Eligibility, day: date) -> int | None:
    """Return for how many days after *day* the card is in force; None when it has no end."""
    end = answer.valid_to
    return (date(end.year, end.month, end.day) - day).days if end.year and end.month and end.day else None


def dong(amount: int) -> str:
    """Return 14040000 as `14.040.000 đồng`."""
    return f"{amount:,} đồng".replace(",", ".")
