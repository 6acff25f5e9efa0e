"""
The people of the bench: everything about person *n* follows from *n*, here and in SQL alike.

Nobody here lives: the personal IDs say born in the 2100s, and the birth dates
do not.  `SQL` holds the same formulas for PostgreSQL; a test compares them, so
that ten million people can be made where they are stored and still be known by
number to whoever calls.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.identity.model.identifiers import Sex
from services.identity.model.places import PROVINCES_63

# Persons that the numbers have room for: those stored, those that the imports bring, and those
# whom nobody has ever heard of.
MAX_PERSONS = 50_000_000
IMPORTED = range(MAX_PERSONS, 90_000_000)
UNKNOWN = range(90_000_000, 100_000_000)

# The birth years are a hundred from here on: nobody is born in the future.
FIRST_YEAR = 1926

# The facility of first care of all of them.
HOSPITAL_CODE = "01999"

# Knuth's multiplicative hash: spreads neighbours over 2^32 and never gives one value twice there.
FACTOR, SPREAD = 2_654_435_761, 2**32

# How often each family name is met, in a hundred people.
SHARES = """
    NGUYỄN 32 TRẦN 11 LÊ 10 PHẠM 7 HOÀNG 5 VŨ 4 PHAN 4 ĐẶNG 3 BÙI 3 ĐỖ 3 HỒ 2 NGÔ 2 DƯƠNG 2 LÝ 2 ĐINH 1
    TRỊNH 1 MAI 1 ĐÀO 1 HÀ 1 LƯƠNG 1 TÔ 1 CAO 1 TẠ 1 THÁI 1
"""
_SHARES = SHARES.split()
FAMILIES = [name for name, share in zip(_SHARES[::2], _SHARES[1::2], strict=True) for _ in range(int(share))]
MALE = ["VĂN", "ĐỨC", "HỮU", "CÔNG", "QUANG", "MINH", "XUÂN", "ĐÌNH", "BÁ", "THÀNH"]
FEMALE = ["THỊ", "THỊ THU", "THỊ NGỌC", "THỊ KIM", "NGỌC", "THANH", "THU", "MỸ", "THÙY", "THỊ HỒNG"]
GIVEN_NAMES = """
    AN ANH BẢO BÌNH CHÂU CHI CÚC CƯỜNG DŨNG DUNG DUY DUYÊN ĐẠT ĐIỆP ĐỨC GIANG HÀ HẢI HẠNH HÂN HẬU HIỀN HIẾU
    HOA HÒA HOÀI HỒNG HUỆ HÙNG HƯƠNG HUY HUYỀN KHANH KHÁNH KHOA KHÔI KIÊN LAM LAN LIÊN LINH LOAN LONG LỘC LY
    MAI MẠNH MINH MY NAM NGA NGÂN NGỌC NGUYÊN NHÀN NHI NHUNG OANH PHONG PHÚC PHƯƠNG QUÂN QUỲNH SƠN TÂM TÂN
    THẢO THẮNG THU THÚY TIẾN TOÀN TRANG TRUNG TÚ TUẤN TÙNG UYÊN VÂN VINH VY XUÂN YẾN
"""
GIVEN = GIVEN_NAMES.split()
PROVINCES = sorted(PROVINCES_63)

# The parts of a spread number, from the right: family, middle, given name, day, month, province.
_MIDDLE = len(FAMILIES)
_GIVEN = _MIDDLE * len(MALE)
_DAY = _GIVEN * len(GIVEN)
_MONTH = _DAY * 28
_PROVINCE = _MONTH * 12

# Its first bit is the sex; the house has a prime of its own.
_HALF = SPREAD // 2
_HOUSE = 7919


@dataclass(frozen=True, slots=True)
class Invented:
    """A person of the bench."""

    id: uuid.UUID
    personal_id: str
    insurance_number: str
    card_number: str
    full_name: str
    birth: date
    sex: Sex
    address_line: str
    province_code: str


def today() -> date:
    """Return the day in Viet Nam."""
    return (datetime.now(UTC) + timedelta(hours=7)).date()


def spread(number: int) -> int:
    """Return *number* spread over 0 to 2^32 - 1."""
    return number * FACTOR % SPREAD


def person_id(number: int) -> uuid.UUID:
    """Return the id of person *number*: like a random one, so that neighbours are stored apart."""
    return uuid.UUID(hashlib.md5(f"person {number}".encode(), usedforsecurity=False).hexdigest())


def personal_id(number: int) -> str:
    """Return the personal ID of person *number*, 0 to 99,999,999: each has its own year and serial."""
    mix = spread(number)
    return f"0{province_code(mix)}{4 + mix // _HALF}{number % 100:02d}{number // 100:06d}"


def province_code(mix: int) -> str:
    """Return the province, of the 63 before the mergers, of whose spread number is *mix*."""
    return PROVINCES[mix // _PROVINCE % len(PROVINCES)]


def insurance_number(number: int) -> str:
    """Return the social-insurance number of person *number*."""
    return f"99{number:08d}"


def card_number(number: int) -> str:
    """Return the insurance card of person *number*: an employee's, of Hà Nội."""
    return f"DN401{insurance_number(number)}"


def invented(number: int) -> Invented:
    """Return person *number*."""
    mix = spread(number)
    is_female = mix // _HALF == 1
    middle = (FEMALE if is_female else MALE)[mix // _MIDDLE % len(MALE)]
    return Invented(
        id=person_id(number),
        personal_id=personal_id(number),
        insurance_number=insurance_number(number),
        card_number=card_number(number),
        full_name=f"{FAMILIES[mix % _MIDDLE]} {middle} {GIVEN[mix // _GIVEN % len(GIVEN)]}",
        birth=date(FIRST_YEAR + number % 100, mix // _MONTH % 12 + 1, mix // _DAY % 28 + 1),
        sex=Sex.FEMALE if is_female else Sex.MALE,
        address_line=f"Số {mix // _HOUSE % 900 + 1} đường Mẫu",
        province_code=province_code(mix),
    )


# Rows of PostgreSQL for the persons $1 to $2: their number, its spread, and the lists, $3 to $7.
PEOPLE = f"""
    (SELECT n, n * {FACTOR} % {SPREAD} AS mix FROM generate_series($1::bigint, $2::bigint) AS n) AS people,
    (SELECT $3::text[] AS provinces, $4::text[] AS families, $5::text[] AS male, $6::text[] AS female,
        $7::text[] AS given) AS lists
"""
LISTS = (PROVINCES, FAMILIES, MALE, FEMALE, GIVEN)

# The same formulas over those rows.  Arrays of PostgreSQL begin at 1.
SQL = {
    "id": "md5('person ' || n)::uuid",
    "personal_id": (
        f"'0' || provinces[mix / {_PROVINCE} % {len(PROVINCES)} + 1] || 4 + mix / {_HALF}"
        " || lpad((n % 100)::text, 2, '0') || lpad((n / 100)::text, 6, '0')"
    ),
    "insurance_number": "'99' || lpad(n::text, 8, '0')",
    "card_number": "'DN40199' || lpad(n::text, 8, '0')",
    "full_name": (
        f"families[mix % {_MIDDLE} + 1] || ' '"
        f" || (CASE mix / {_HALF} WHEN 1 THEN female ELSE male END)[mix / {_MIDDLE} % {len(MALE)} + 1] || ' '"
        f" || given[mix / {_GIVEN} % {len(GIVEN)} + 1]"
    ),
    "birth_year": f"{FIRST_YEAR} + n % 100",
    "birth_month": f"mix / {_MONTH} % 12 + 1",
    "birth_day": f"mix / {_DAY} % 28 + 1",
    "sex": f"CASE mix / {_HALF} WHEN 1 THEN {int(Sex.FEMALE)} ELSE {int(Sex.MALE)} END",
    "address_line": f"'Số ' || mix / {_HOUSE} % 900 + 1 || ' đường Mẫu'",
    "province_code": f"provinces[mix / {_PROVINCE} % {len(PROVINCES)} + 1]",
}
