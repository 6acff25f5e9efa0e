"""
The result codes of the national card look-up (`BHYT_LOOKUP_RESULT`), as the reception reads them.

Our own decision gives some of them; the others only a portal says.
Source: công văn 1923/BHXH-CNTT (2024) and the portal's interface annex.
"""

from typing import Final

RESULTS_VI: Final = {
    "000": "Thẻ còn giá trị sử dụng",
    "001": "Thẻ do Bộ Quốc phòng quản lý, đề nghị kiểm tra giấy tờ",
    "002": "Thẻ do Bộ Công an quản lý, đề nghị kiểm tra giấy tờ",
    "003": "Thẻ cũ hết giá trị, đã được cấp thẻ mới",
    "004": "Thẻ cũ còn giá trị, đã được cấp thẻ mới",
    "010": "Thẻ hết giá trị sử dụng",
    "050": "Không tìm thấy thông tin thẻ",
    "051": "Mã thẻ không đúng",
    "052": "Mã tỉnh trong mã thẻ không đúng",
    "053": "Mã quyền lợi trong mã thẻ không đúng",
    "054": "Số căn cước của cán bộ tra cứu chưa được đăng ký",
    "055": "Họ tên cán bộ tra cứu không khớp số căn cước đã đăng ký",
    "060": "Họ tên không đúng với thông tin thẻ",
    "061": "Họ tên không đúng với thông tin thẻ, chỉ đúng chữ cái đầu",
    "070": "Ngày sinh không đúng với thông tin thẻ",
    "100": "Cổng tra cứu báo lỗi dữ liệu",
    "101": "Cổng tra cứu báo lỗi máy chủ",
    "110": "Thẻ đã bị thu hồi",
    "120": "Thẻ đã báo giảm",
    "121": "Thẻ đã báo giảm, chuyển ngoại tỉnh",
    "122": "Thẻ đã báo giảm, chuyển nội tỉnh",
    "123": "Thẻ đã báo giảm, tăng lại cùng đơn vị",
    "124": "Thẻ đã báo giảm, ngừng tham gia",
    "130": "Trẻ em chưa có thẻ, đề nghị cấp thẻ tạm",
    "205": "Cổng tra cứu báo tham số sai định dạng",
    "401": "Tài khoản tra cứu chưa được xác thực",
    # Not in the annex: what an HTTP server says of itself.
    "500": "Cổng tra cứu gặp lỗi, chưa trả lời được",
}


def result_vi(code: str) -> str:
    """Return the sentence of *code*, without a full stop; a general one for a code that nobody knows."""
    return RESULTS_VI.get(code) or f"Cổng tra cứu trả mã {code or 'trống'}, chưa có trong danh mục"
