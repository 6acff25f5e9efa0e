"""
The care categories (`MA_DOITUONG_KCB`) as data: each row with its days, what it gives and whom it fits.

A dossier is judged by the rules of its own day.  What is not known is None or
absent, and the decision says so; nothing is guessed.

Sources: Luật BHYT Art. 22 as amended by Luật 51/2024/QH15 Art. 1.17, rights by
level since 2025-01-01; NĐ 188/2025/NĐ-CP Art. 19; QĐ 3276/QĐ-BYT of 2025-10-17,
Annex 1 (27 rows; of several that fit the first from the top).
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from ..facilities import InitialCare, Level
from .care_category import Arrival, Basis, Category, Circumstance, Doubt, FormerLine

# The day before outpatient care above the referral rules is paid in part (NĐ 188/2025/NĐ-CP Art. 19).
NOT_YET: Final = date(2026, 6, 30)
PART: Final = NOT_YET + timedelta(days=1)

# `MA_LOAI_KCB`: drugs by appointment, without an examination.
DRUGS_FORM: Final = "07"

# After this day of its life nobody is a newborn.  General knowledge, unverified.
NEWBORN_DAYS: Final = 28

LAW: Final = "Luật 51/2024/QH15 Điều 1.17 (Luật BHYT Điều 22)"
STATION: Final = "Luật BHYT Điều 22.1.c, 22.4.c; QĐ 3276/QĐ-BYT"
DECREE: Final = "NĐ 188/2025/NĐ-CP Điều 19"
LIST: Final = "QĐ 3276/QĐ-BYT"
INITIAL, BASIC, SPECIALISED = (
    frozenset({level}) for level in (Level.INITIAL, Level.BASIC, Level.SPECIALISED)
)
CENTRAL, PROVINCIAL, DISTRICT = (
    frozenset({line}) for line in (FormerLine.CENTRAL, FormerLine.PROVINCIAL, FormerLine.DISTRICT)
)
ABOVE: Final = CENTRAL | PROVINCIAL
UNDER_50, UNDER_70 = (0, 50), (50, 70)
# All kinds of the initial level but the rest, as private clinics.
OTHER: Final = frozenset({InitialCare.OTHER})
STATIONS: Final = frozenset(InitialCare) - OTHER - {InitialCare.UNSPECIFIED}
ANNEX_ONE, ANNEX_TWO = (
    frozenset({disease}) for disease in (Circumstance.ANNEX_ONE_DISEASE, Circumstance.ANNEX_TWO_DISEASE)
)

FORTY_FLAT: Final = Doubt(
    "one hospital's adjudication paid 40 % of the costs, whatever the card's rate",
    "có nơi giám định thanh toán 40% chi phí, không nhân với mức hưởng của thẻ",
    "secondary source, one hospital",
)

_13 = "Ngoại trú tại cơ sở cấp cơ bản từ 50 đến dưới 70 điểm"
_14 = "Ngoại trú tại cơ sở cấp cơ bản trước 2025 là tuyến tỉnh, trung ương"
_18 = "Ngoại trú tại cơ sở cấp chuyên sâu trước 2025 là tuyến tỉnh"


def _self_row(code: str, vi: str, levels: frozenset[Level], **whom: Any) -> tuple[Category, Category]:
    """Return the two rows of outpatients who came by themselves: nothing first, half since 2026-07-01."""
    row = Category(code, vi, Arrival.SELF, 0, None, DECREE, levels, exemption=False, **whom)
    return replace(row, valid_to=NOT_YET), replace(row, outpatient=50, valid_from=PART)


def _entitled(code: str, vi: str, source: str, circumstance: Circumstance, **whom: Any) -> Category:
    return Category(code, vi, Arrival.ENTITLED, 100, 100, source, circumstance=circumstance, **whom)


def _referred(code: str, vi: str, circumstance: Circumstance) -> Category:
    return Category(code, vi, Arrival.REFERRED, 100, 100, LAW, circumstance=circumstance)


def _drugs(code: str, vi: str, percent: int | None = None) -> Category:
    return Category(code, vi, Arrival.DRUGS_ONLY, percent, percent, LIST, exemption=None)


_12 = "Ngoại trú tại cơ sở cấp cơ bản dưới 50 điểm hoặc tạm xếp cấp cơ bản"
_16 = "Bệnh thuộc Phụ lục II Thông tư 01/2025/TT-BYT tại cơ sở cấp cơ bản"
_17 = "Bệnh thuộc Phụ lục I Thông tư 01/2025/TT-BYT tại cơ sở cấp chuyên sâu"

# In the order of the list.
CATEGORIES: Final = (
    Category(
        "1.1", "Đúng nơi đăng ký khám chữa bệnh ban đầu", Arrival.INITIAL, 100, 100, LIST, not_kinds=STATIONS
    ),
    Category(
        "1.2",
        "Tại trạm y tế và cơ sở tương đương của cấp ban đầu",
        Arrival.ENTITLED,
        100,
        100,
        STATION,
        kinds=STATIONS,
        basis=Basis.COSTS,
    ),
    _referred("1.3", "Có phiếu chuyển cơ sở khám chữa bệnh", Circumstance.TRANSFER_SLIP),
    _entitled(
        "1.4",
        "Thay đổi nơi cư trú, tạm trú, lưu trú",
        f"{LAW}; TT 01/2025/TT-BYT Điều 4",
        Circumstance.AWAY_FROM_HOME,
    ),
    _referred("1.5", "Có phiếu hẹn khám lại", Circumstance.REEXAMINATION_SLIP),
    _entitled(
        "1.6",
        "Người hiến bộ phận cơ thể điều trị ngay sau khi hiến",
        "NĐ 188/2025/NĐ-CP Điều 37 khoản 4",
        Circumstance.ORGAN_DONOR,
    ),
    _entitled(
        "1.7",
        "Trẻ sơ sinh điều trị ngay sau khi sinh",
        "NĐ 188/2025/NĐ-CP Điều 37 khoản 2",
        Circumstance.NEWBORN,
    ),
    Category(
        "1.11",
        "Tự đến cơ sở cấp ban đầu, các trường hợp còn lại",
        Arrival.ENTITLED,
        100,
        100,
        LAW,
        INITIAL,
        kinds=OTHER,
    ),
    Category(
        "1.12",
        _12,
        Arrival.ENTITLED,
        100,
        None,
        DECREE,
        BASIC,
        UNDER_50,
        not_lines=ABOVE,
        provisional=True,
    ),
    *_self_row("1.13", _13, BASIC, points=UNDER_70, unless=ANNEX_TWO),
    *_self_row("1.14", _14, BASIC, lines=ABOVE, unless=ANNEX_TWO),
    Category("1.15", "Nội trú tại cơ sở cấp cơ bản", Arrival.ENTITLED, None, 100, LAW, BASIC),
    _entitled("1.16", _16, LAW, Circumstance.ANNEX_TWO_DISEASE, levels=BASIC),
    _entitled("1.17", _17, LAW, Circumstance.ANNEX_ONE_DISEASE, levels=SPECIALISED),
    *_self_row("1.18", _18, SPECIALISED, lines=PROVINCIAL, unless=ANNEX_ONE),
    Category("2", "Cấp cứu", Arrival.EMERGENCY, 100, 100, LAW, circumstance=Circumstance.EMERGENCY),
    Category(
        "3.1",
        "Tại cơ sở cấp chuyên sâu trước 2025 là tuyến trung ương",
        Arrival.SELF,
        0,
        40,
        LIST,
        SPECIALISED,
        lines=CENTRAL,
        unless=ANNEX_ONE,
        exemption=False,
        doubt=FORTY_FLAT,
    ),
    Category(
        "3.2",
        "Nội trú tại cơ sở cấp chuyên sâu trước 2025 là tuyến tỉnh",
        Arrival.SELF,
        None,
        100,
        LIST,
        SPECIALISED,
        lines=PROVINCIAL,
        unless=ANNEX_ONE,
        exemption=None,
    ),
    Category(
        "3.3",
        "Tại cơ sở cấp cơ bản, chuyên sâu trước 2025 là tuyến huyện",
        Arrival.SELF,
        100,
        100,
        LIST,
        BASIC | SPECIALISED,
        lines=DISTRICT,
        exemption=None,
    ),
    Category(
        "3.6",
        "Người có mã khu vực K1, K2, K3 nội trú tại cơ sở cấp chuyên sâu",
        Arrival.SELF,
        None,
        100,
        LIST,
        SPECIALISED,
        area=True,
        exemption=None,
    ),
    _drugs("7", "Lĩnh thuốc theo hẹn khi có dịch nhóm A, bất khả kháng", 100),
    _drugs("7.2", "Người được ủy quyền lĩnh thuốc"),
    _drugs("7.3", "Lĩnh thuốc tại cơ sở khác"),
    _drugs("7.4", "Cơ sở chuyển thuốc đến người bệnh"),
    Category("8", "Thu hồi đề nghị thanh toán", Arrival.UNINSURED, None, None, LIST, exemption=False),
    Category("9", "Không khám chữa bệnh bảo hiểm y tế", Arrival.UNINSURED, 0, 0, LIST, exemption=False),
    _drugs("10", "Lĩnh thuốc theo hẹn"),
)


@dataclass(frozen=True, slots=True)
class Rivals:
    """Two rows of which the texts do not tell which goes before the other where both fit."""

    codes: tuple[str, str]
    doubt: Doubt


RIVALS: Final = (
    Rivals(
        ("1.13", "3.3"),
        Doubt(
            "the list names 1.13 first, the law's point e of Art. 22.4 seems to except it for 3.3",
            "danh mục xếp 1.13 trước, nhưng điểm e khoản 4 Điều 22 Luật BHYT có thể cho hưởng theo 3.3",
            "QĐ 3276/QĐ-BYT; Luật BHYT Điều 22.4 điểm đ, e (general knowledge, unverified)",
        ),
    ),
)

_ROWS: Final = {
    code: tuple(row for row in CATEGORIES if row.code == code) for code in {row.code for row in CATEGORIES}
}


def category(code: str, day: date) -> Category | None:
    return next((row for row in _ROWS.get(code, ()) if row.holds(day)), None)


# What QĐ 3276 took out of the list of QĐ 824/QĐ-BYT (2023).  What they gave is not known here.
RETIRED: Final = {
    "1.8": "người bệnh lao",
    "1.9": "người nhiễm HIV",
    "1.10": "người bệnh COVID-19",
    "3.4": "mã của QĐ 824/QĐ-BYT",
    "3.5": "mã của QĐ 824/QĐ-BYT",
    "3.7": "mã của QĐ 824/QĐ-BYT",
    "7.1": "mã của QĐ 824/QĐ-BYT",
}
# The last day on which the old codes were still taken: transition of QĐ 3276 (secondary source).
RETIRED_AFTER: Final = date(2025, 12, 31)

# What an area code on the card says (`MA_KHUVUC`; the wording is general knowledge, unverified).
AREAS_VI: Final = {
    "K1": "người dân tộc thiểu số, hộ nghèo ở vùng khó khăn",
    "K2": "người ở vùng đặc biệt khó khăn",
    "K3": "người ở xã đảo, huyện đảo",
}
