"""
What the columns of a register are called: the contract's names, those of QĐ 3176, and Vietnamese headings.

Headings are compared folded: without case, diacritics and punctuation, so that `Số CCCD`, `so_cccd` and
`SỐ CCCD ` are one.
"""

from collections.abc import Collection, Mapping
from typing import Final

from kcb.vietnamese_text import folded

# Each name of the contract, and what else a column of it is called.
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "source_key": ("khóa", "mã nguồn", "mã người", "mã bệnh nhân", "MA_BN"),
    "personal_id": ("số CCCD", "CCCD", "căn cước", "số căn cước", "số căn cước công dân", "căn cước công dân",
                    "số định danh", "mã định danh", "số định danh cá nhân", "mã định danh cá nhân"),
    "old_id": ("CMND", "số CMND", "chứng minh nhân dân", "số chứng minh nhân dân"),
    "social_insurance_number": ("BHXH", "số BHXH", "mã BHXH", "mã số BHXH", "mã số bảo hiểm xã hội"),
    "full_name": ("họ tên", "họ và tên", "tên người bệnh", "họ tên người bệnh"),
    "birth_date": ("ngày sinh", "ngày tháng năm sinh", "năm sinh"),
    "sex": ("giới tính", "giới", "phái"),
    "nationality": ("quốc tịch", "mã quốc tịch"),
    "ethnicity": ("dân tộc", "mã dân tộc"),
    "address.line": ("địa chỉ",),
    "address.commune_code": ("mã xã", "MAXA_CU_TRU"),
    "address.province_code": ("mã tỉnh", "MATINH_CU_TRU"),
    "phone": ("điện thoại", "số điện thoại", "SĐT", "DIEN_THOAI"),
    "deceased": ("đã mất", "tử vong", "đã tử vong"),
    "card_number": ("thẻ BHYT", "số thẻ BHYT", "mã thẻ BHYT", "mã thẻ", "số thẻ"),
    "valid_from": ("từ ngày", "giá trị từ", "thẻ có giá trị từ", "GT_THE_TU"),
    "valid_to": ("đến ngày", "giá trị đến", "thẻ có giá trị đến", "hạn thẻ", "GT_THE_DEN"),
    "benefit_level": ("mức hưởng", "mã mức hưởng"),
    "initial_facility_code": ("nơi ĐKBĐ", "mã ĐKBĐ", "mã nơi ĐKBĐ", "nơi đăng ký KCB ban đầu", "MA_DKBD"),
    "area_code": ("khu vực", "mã khu vực", "MA_KHUVUC"),
    "five_years_date": ("đủ 5 năm liên tục", "ngày đủ 5 năm liên tục", "thời điểm đủ 5 năm liên tục"),
    "exempt_from": ("miễn cùng chi trả từ", "NGAY_MIEN_CCT"),
}  # fmt: skip

# Columns that count the lines, and say nothing.
COUNTERS: Final = frozenset({"stt", "so thu tu"})


def fold(heading: str) -> str:
    """Return *heading* in small letters without diacritics, its words parted by single spaces."""
    letters = (letter if letter.isalnum() else " " for letter in folded(heading))
    return " ".join("".join(letters).split())


FOLDED: Final = {fold(heading): name for name, headings in HEADINGS.items() for heading in headings}


def field_of(heading: str, known: Collection[str]) -> str | None:
    """Return which of the *known* fields a column is; None for one that is not known, "" for none at all."""
    if heading in known:
        return heading
    plain = fold(heading)
    if not plain or plain in COUNTERS:
        return ""
    by_contract = {fold(name): name for name in known}
    name = by_contract.get(plain) or FOLDED.get(plain)
    return name if name in known else None
