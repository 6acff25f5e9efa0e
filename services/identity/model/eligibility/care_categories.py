"""
The care categories (`MA_DOITUONG_KCB`) as data: each row with its days, what it gives and whom it fits.

A dossier is judged by the rules of its own day.  What is not known is None or
absent, and the decision says so; nothing is guessed.

Sources: Luật BHYT Art. 22 as amended by Luật 51/2024/QH15 Art. 1.17, rights by
level since 2025-01-01; NĐ 188/2025/NĐ-CP Art. 19; QĐ 3276/QĐ-BYT of 2025-10-17,
Annex 1 (27 rows; of several that fit the first from the top).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

from ..facilities import Level

# Luật 51/2024/QH15: the rights by level of care begin.
START: Final = date(2025, 1, 1)
# The day before outpatient care above the referral rules is paid in part (NĐ 188/2025/NĐ-CP Art. 19).
NOT_YET: Final = date(2026, 6, 30)
PART: Final = NOT_YET + timedelta(days=1)

# `MA_LOAI_KCB` of those who stay: inpatient, day patient, at a commune station, under 4 hours.
INPATIENT_FORMS: Final = frozenset({"03", "04", "06", "09"})
# `MA_LOAI_KCB`: drugs by appointment, without an examination.
DRUGS_FORM: Final = "07"

# A child counts as newborn to this day of its life.  General knowledge, unverified.
NEWBORN_DAYS: Final = 28


class Arrival(IntEnum):
    UNSPECIFIED = 0
    INITIAL = 1
    REFERRED = 2
    EMERGENCY = 3
    ENTITLED = 4
    SELF = 5
    DRUGS_ONLY = 6
    UNINSURED = 7


class Circumstance(IntEnum):
    """What is known of how the person came; as `CheckEligibilityRequest.Circumstance` of the contract."""

    EMERGENCY = 1
    TRANSFER_SLIP = 2
    REEXAMINATION_SLIP = 3
    AWAY_FROM_HOME = 4
    ORGAN_DONOR = 5
    NEWBORN = 6
    ANNEX_ONE_DISEASE = 7
    ANNEX_TWO_DISEASE = 8


class FormerLine(IntEnum):
    """The line before 2025 (tuyến); as `Facility.FormerLine` of the contract."""

    UNSPECIFIED = 0
    CENTRAL = 1
    PROVINCIAL = 2
    DISTRICT = 3
    COMMUNE = 4


@dataclass(frozen=True, slots=True)
class Category:
    """
    A row of the list in its days.

    *outpatient* and *inpatient* are the percent of the benefit; None is not
    known, or not for that form.  The rest says whom the row fits, empty or None
    for anybody: *levels* and *lines* of the facility, its *points* (from the
    first to under the second), the *circumstance*, an *area* code on the card.
    """

    code: str
    vi: str
    arrival: Arrival
    outpatient: int | None
    inpatient: int | None
    source: str
    levels: frozenset[Level] = frozenset()
    points: tuple[int, int] | None = None
    lines: frozenset[FormerLine] = frozenset()
    circumstance: Circumstance | None = None
    area: bool = False
    valid_from: date = START
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def percent(self, inpatient: bool | None) -> int | None:
        """Return the percent of the benefit; None when it is not known.

        *inpatient* None is "not settled yet": then the row answers when it has
        one percent only, or the same for both.
        """
        if inpatient is not None:
            return self.inpatient if inpatient else self.outpatient
        if self.outpatient is None or self.inpatient is None:
            return self.inpatient if self.outpatient is None else self.outpatient
        return self.outpatient if self.outpatient == self.inpatient else None

    @property
    def needs_form(self) -> bool:
        """Whether the row says different things of those who stay and those who do not."""
        return self.outpatient != self.inpatient


LAW: Final = "Luật 51/2024/QH15 Điều 1.17 (Luật BHYT Điều 22)"
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

_13 = "Ngoại trú tại cơ sở cấp cơ bản từ 50 đến dưới 70 điểm"
_14 = "Ngoại trú tại cơ sở cấp cơ bản trước 2025 là tuyến tỉnh, trung ương"
_18 = "Ngoại trú tại cơ sở cấp chuyên sâu trước 2025 là tuyến tỉnh"

# In the order of the list.
CATEGORIES: Final = (
    Category("1.1", "Đúng nơi đăng ký khám chữa bệnh ban đầu", Arrival.INITIAL, 100, 100, LIST),
    Category("1.2", "Tại cơ sở cấp ban đầu", Arrival.ENTITLED, 100, 100, LIST, INITIAL),
    Category(
        "1.3",
        "Có phiếu chuyển cơ sở khám chữa bệnh",
        Arrival.REFERRED,
        100,
        100,
        LAW,
        circumstance=Circumstance.TRANSFER_SLIP,
    ),
    Category(
        "1.4",
        "Thay đổi nơi cư trú, tạm trú, lưu trú",
        Arrival.ENTITLED,
        100,
        100,
        f"{LAW}; TT 01/2025/TT-BYT Điều 4",
        circumstance=Circumstance.AWAY_FROM_HOME,
    ),
    Category(
        "1.5",
        "Có phiếu hẹn khám lại",
        Arrival.REFERRED,
        100,
        100,
        LAW,
        circumstance=Circumstance.REEXAMINATION_SLIP,
    ),
    Category(
        "1.6",
        "Người đã hiến bộ phận cơ thể",
        Arrival.ENTITLED,
        100,
        100,
        LAW,
        circumstance=Circumstance.ORGAN_DONOR,
    ),
    Category("1.7", "Trẻ sơ sinh", Arrival.ENTITLED, 100, 100, LAW, circumstance=Circumstance.NEWBORN),
    Category(
        "1.11", "Tự đến cơ sở cấp ban đầu, các trường hợp còn lại", Arrival.ENTITLED, 100, 100, LAW, INITIAL
    ),
    Category(
        "1.12",
        "Ngoại trú tại cơ sở cấp cơ bản dưới 50 điểm",
        Arrival.ENTITLED,
        100,
        None,
        DECREE,
        BASIC,
        UNDER_50,
    ),
    Category("1.13", _13, Arrival.SELF, 0, None, DECREE, BASIC, UNDER_70, valid_to=NOT_YET),
    Category("1.13", _13, Arrival.SELF, 50, None, DECREE, BASIC, UNDER_70, valid_from=PART),
    Category("1.14", _14, Arrival.SELF, 0, None, DECREE, BASIC, lines=ABOVE, valid_to=NOT_YET),
    Category("1.14", _14, Arrival.SELF, 50, None, DECREE, BASIC, lines=ABOVE, valid_from=PART),
    Category("1.15", "Nội trú tại cơ sở cấp cơ bản", Arrival.ENTITLED, None, 100, LAW, BASIC),
    Category(
        "1.16",
        "Bệnh thuộc Phụ lục II Thông tư 01/2025/TT-BYT tại cơ sở cấp cơ bản",
        Arrival.ENTITLED,
        100,
        100,
        LAW,
        BASIC,
        circumstance=Circumstance.ANNEX_TWO_DISEASE,
    ),
    Category(
        "1.17",
        "Bệnh thuộc Phụ lục I Thông tư 01/2025/TT-BYT tại cơ sở cấp chuyên sâu",
        Arrival.ENTITLED,
        100,
        100,
        LAW,
        SPECIALISED,
        circumstance=Circumstance.ANNEX_ONE_DISEASE,
    ),
    Category("1.18", _18, Arrival.SELF, 0, None, DECREE, SPECIALISED, lines=PROVINCIAL, valid_to=NOT_YET),
    Category("1.18", _18, Arrival.SELF, 50, None, DECREE, SPECIALISED, lines=PROVINCIAL, valid_from=PART),
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
    ),
    Category(
        "3.3",
        "Tại cơ sở cấp chuyên sâu trước 2025 là tuyến huyện",
        Arrival.SELF,
        100,
        100,
        LIST,
        SPECIALISED,
        lines=DISTRICT,
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
    ),
    Category(
        "7", "Lĩnh thuốc theo hẹn khi có dịch nhóm A, bất khả kháng", Arrival.DRUGS_ONLY, None, None, LIST
    ),
    Category("7.2", "Người được ủy quyền lĩnh thuốc", Arrival.DRUGS_ONLY, None, None, LIST),
    Category("7.3", "Lĩnh thuốc tại cơ sở khác", Arrival.DRUGS_ONLY, None, None, LIST),
    Category("7.4", "Cơ sở chuyển thuốc đến người bệnh", Arrival.DRUGS_ONLY, None, None, LIST),
    Category("8", "Thu hồi đề nghị thanh toán", Arrival.UNINSURED, None, None, LIST),
    Category("9", "Không khám chữa bệnh bảo hiểm y tế", Arrival.UNINSURED, 0, 0, LIST),
    Category("10", "Lĩnh thuốc theo hẹn", Arrival.DRUGS_ONLY, None, None, LIST),
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

# Exemption from sharing costs is for those who come by the rules (Luật BHYT Art. 22.1.d, general knowledge).
EXEMPT_ARRIVALS: Final = frozenset({Arrival.INITIAL, Arrival.REFERRED, Arrival.EMERGENCY, Arrival.ENTITLED})
