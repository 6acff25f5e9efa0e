"""
Provinces: the 63 of before 2025-07-01 and the 34 since (tỉnh, thành phố trực thuộc trung ương).

Codes and names are those of the General Statistics Office; the mergers are those
of Nghị quyết 202/2025/QH15.  A code is read in the list of its day: `24` was Bắc
Giang and is Bắc Ninh.  Old codes live on inside facility codes, card numbers and
personal IDs, whatever their day.

Two facts make old codes easy.  Every old province went into one of today as a whole, and each of today
has the code of one that went into it; so a code says which province it is today even without a
day, and only what it was called needs one.  Communes (xã, phường, đặc khu) were cut anew: their
codes keep their form, 5 digits, and say nothing without their day; districts are no more.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

from common.faults import Fault

from .faults import malformed

# The first day of the 34 provinces, and of no districts (Nghị quyết 202/2025/QH15; Luật 72/2025/QH15).
MERGERS: Final = date(2025, 7, 1)

# The first day of the list of 63: Hà Tây had gone into Hà Nội (Nghị quyết 15/2008/QH12).
# Earlier days are read by it too.
FIRST_OF_63: Final = date(2008, 8, 1)

# The first day of the city of Huế, before that the province Thừa Thiên Huế (Nghị quyết 175/2024/QH15).
CITY_OF_HUE: Final = date(2025, 1, 1)


class PlaceKind(IntEnum):
    PROVINCE = 1
    CITY = 2


@dataclass(frozen=True, slots=True)
class Province:
    """A province as it was from *valid_from* to *valid_to*, inclusive; None is still.

    *merged_from* are the old codes that went into it, its own among them; of an old one, its own.
    """

    code: str
    name: str
    kind: PlaceKind
    valid_from: date
    valid_to: date | None
    merged_from: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a code of some day means: what it was called *then*, and the province it is *today*.

    *outdated*: on its day the code was no longer given out.
    """

    then: Province
    today: Province
    outdated: bool


# The provinces of today and the old ones that went into each.
MERGED_FROM: Final[dict[str, tuple[str, ...]]] = {
    "01": ("01",),  # Hà Nội
    "04": ("04",),  # Cao Bằng
    "08": ("02", "08"),  # Tuyên Quang
    "11": ("11",),  # Điện Biên
    "12": ("12",),  # Lai Châu
    "14": ("14",),  # Sơn La
    "15": ("10", "15"),  # Lào Cai
    "19": ("06", "19"),  # Thái Nguyên
    "20": ("20",),  # Lạng Sơn
    "22": ("22",),  # Quảng Ninh
    "24": ("24", "27"),  # Bắc Ninh
    "25": ("17", "25", "26"),  # Phú Thọ
    "31": ("30", "31"),  # Hải Phòng
    "33": ("33", "34"),  # Hưng Yên
    "37": ("35", "36", "37"),  # Ninh Bình
    "38": ("38",),  # Thanh Hóa
    "40": ("40",),  # Nghệ An
    "42": ("42",),  # Hà Tĩnh
    "44": ("44", "45"),  # Quảng Trị
    "46": ("46",),  # Huế
    "48": ("48", "49"),  # Đà Nẵng
    "51": ("51", "62"),  # Quảng Ngãi
    "52": ("52", "64"),  # Gia Lai
    "56": ("56", "58"),  # Khánh Hòa
    "66": ("54", "66"),  # Đắk Lắk
    "68": ("60", "67", "68"),  # Lâm Đồng
    "75": ("70", "75"),  # Đồng Nai
    "79": ("74", "77", "79"),  # Hồ Chí Minh
    "80": ("72", "80"),  # Tây Ninh
    "82": ("82", "87"),  # Đồng Tháp
    "86": ("83", "84", "86"),  # Vĩnh Long
    "91": ("89", "91"),  # An Giang
    "92": ("92", "93", "94"),  # Cần Thơ
    "96": ("95", "96"),  # Cà Mau
}

PROVINCES_34: Final = frozenset(MERGED_FROM)
PROVINCES_63: Final = frozenset(old for merged in MERGED_FROM.values() for old in merged)

# On cards: the social insurance of the army and of the police count like provinces.
CARD_PROVINCES: Final = PROVINCES_63 | {"97", "98"}

# Which province of today an old code went into.
_TODAY: Final = {old: new for new, merged in MERGED_FROM.items() for old in merged}

# What each code meant until 2025-06-30.
NAMES_63: Final[dict[str, str]] = {
    "01": "Hà Nội",
    "02": "Hà Giang",
    "04": "Cao Bằng",
    "06": "Bắc Kạn",
    "08": "Tuyên Quang",
    "10": "Lào Cai",
    "11": "Điện Biên",
    "12": "Lai Châu",
    "14": "Sơn La",
    "15": "Yên Bái",
    "17": "Hòa Bình",
    "19": "Thái Nguyên",
    "20": "Lạng Sơn",
    "22": "Quảng Ninh",
    "24": "Bắc Giang",
    "25": "Phú Thọ",
    "26": "Vĩnh Phúc",
    "27": "Bắc Ninh",
    "30": "Hải Dương",
    "31": "Hải Phòng",
    "33": "Hưng Yên",
    "34": "Thái Bình",
    "35": "Hà Nam",
    "36": "Nam Định",
    "37": "Ninh Bình",
    "38": "Thanh Hóa",
    "40": "Nghệ An",
    "42": "Hà Tĩnh",
    "44": "Quảng Bình",
    "45": "Quảng Trị",
    "46": "Thừa Thiên Huế",
    "48": "Đà Nẵng",
    "49": "Quảng Nam",
    "51": "Quảng Ngãi",
    "52": "Bình Định",
    "54": "Phú Yên",
    "56": "Khánh Hòa",
    "58": "Ninh Thuận",
    "60": "Bình Thuận",
    "62": "Kon Tum",
    "64": "Gia Lai",
    "66": "Đắk Lắk",
    "67": "Đắk Nông",
    "68": "Lâm Đồng",
    "70": "Bình Phước",
    "72": "Tây Ninh",
    "74": "Bình Dương",
    "75": "Đồng Nai",
    "77": "Bà Rịa - Vũng Tàu",
    "79": "Hồ Chí Minh",
    "80": "Long An",
    "82": "Tiền Giang",
    "83": "Bến Tre",
    "84": "Trà Vinh",
    "86": "Vĩnh Long",
    "87": "Đồng Tháp",
    "89": "An Giang",
    "91": "Kiên Giang",
    "92": "Cần Thơ",
    "93": "Hậu Giang",
    "94": "Sóc Trăng",
    "95": "Bạc Liêu",
    "96": "Cà Mau",
}

# The codes whose province has another name today than its code had before.
RENAMED: Final[dict[str, str]] = {
    "15": "Lào Cai",
    "24": "Bắc Ninh",
    "44": "Quảng Trị",
    "46": "Huế",
    "52": "Gia Lai",
    "80": "Tây Ninh",
    "82": "Đồng Tháp",
    "91": "An Giang",
}

# Cities under the central government.
CITIES_63: Final = frozenset({"01", "31", "48", "79", "92"})
CITIES_34: Final = CITIES_63 | {"46"}


def _old(code: str) -> tuple[Province, ...]:
    kind = PlaceKind.CITY if code in CITIES_63 else PlaceKind.PROVINCE
    ended = MERGERS - timedelta(days=1)
    if code != "46":
        return (Province(code, NAMES_63[code], kind, FIRST_OF_63, ended, (code,)),)
    before = Province(code, NAMES_63[code], kind, FIRST_OF_63, CITY_OF_HUE - timedelta(days=1), (code,))
    return before, Province(code, RENAMED[code], PlaceKind.CITY, CITY_OF_HUE, ended, (code,))


def _new(code: str) -> Province:
    kind = PlaceKind.CITY if code in CITIES_34 else PlaceKind.PROVINCE
    name = RENAMED.get(code) or NAMES_63[code]
    return Province(code, name, kind, MERGERS, None, MERGED_FROM[code])


# Everything that a code ever meant, the oldest first.
HISTORY: Final[dict[str, tuple[Province, ...]]] = {
    code: (*_old(code), *((_new(code),) if code in MERGED_FROM else ())) for code in sorted(PROVINCES_63)
}


def provinces(day: date) -> list[Province]:
    """Return the provinces of *day* by code: 63 before 2025-07-01, 34 from then on."""
    return [province for history in HISTORY.values() if (province := _on(history, day)) is not None]


def resolve(code: str, as_of: date | None) -> Resolved | None:
    """Return what the province *code* of the day *as_of* means, or None for one that never was.

    *as_of* None is a day since the mergers.  A code that was retired by the mergers means what it
    meant last, and is outdated; no code was ever given to something else.
    """
    history = HISTORY.get(code)
    if history is None:
        return None
    then = _on(history, as_of or MERGERS)
    return Resolved(then or history[-1], HISTORY[_TODAY[code]][-1], outdated=then is None)


def today(code: str) -> str:
    """Return the code of today's province for a *code* of any day (see above); empty when it never was."""
    return _TODAY.get(code, "")


def old_prefix(code: str) -> str:
    """Return the old province at the beginning of a facility code or of a personal ID, or an empty string.

    A personal ID has a 0 before it, or three digits of their own for who was born abroad.
    """
    prefix = {5: code[:2], 12: code[1:3] if code.startswith("0") else ""}.get(len(code), "")
    return prefix if prefix in PROVINCES_63 else ""


def address_code_warnings(
    commune_code: str, district_code: str, province_code: str, as_of: date | None
) -> list[Fault]:
    """Return what looks odd about the codes of an address of the day *as_of*; None is today's.

    Warnings, never refusals: registers mix old codes and new days.
    """
    warnings = []
    resolved = resolve(province_code, as_of) if province_code else None
    if province_code and resolved is None:
        warnings.append(
            _warning("province_code", "unknown", "there was never such a province", "Mã tỉnh không có.")
        )
    if resolved and resolved.outdated:
        vi = "Mã tỉnh đã hết hiệu lực từ 01/07/2025."
        warnings.append(_warning("province_code", "retired", "the province is no more since 2025-07-01", vi))
    if district_code and (as_of is None or as_of >= MERGERS):
        vi = "Từ 01/07/2025 không còn cấp huyện."
        warnings.append(_warning("district_code", "abolished", "there are no districts since 2025-07-01", vi))
    if commune_code and not (len(commune_code) == 5 and commune_code.isdecimal()):
        warnings.append(malformed("address.commune_code"))
    return warnings


def _warning(field: str, rule: str, en: str, vi: str) -> Fault:
    return Fault(f"address.{field}", f"address.{field}.{rule}", en, vi)


def _on(history: tuple[Province, ...], day: date) -> Province | None:
    """Return what a code meant on *day*; a day before the first is read by the first."""
    if day < history[0].valid_from:
        return history[0]
    return next((row for row in history if row.valid_from <= day and day <= (row.valid_to or day)), None)
