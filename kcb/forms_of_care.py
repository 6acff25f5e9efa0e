"""
The form of care (MA_LOAI_KCB), its days (SO_NGAY_DTRI) and its beds against the stay's times; doubts only.

Days: annex of QĐ 4750/QĐ-BYT.  Four hours part 03 from 09, and 05 with a service is 08: QĐ 1804/QĐ-BYT 2026,
the first also in letter 199.  Beds: TT 39/2024/TT-BYT, read in a secondary source.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from .cross_table_rules import LocatedRow
from .field_formats import moment
from .order_of_times import Stay, stay_of
from .report import Findings, Row
from .required_when import BEDS

INPATIENT, SHORT_INPATIENT, DRUGS_ONLY, WITH_SERVICES = "03", "09", "05", "08"
SHORT: Final = timedelta(hours=4)
EXAMINATION: Final = "13"

# From when 05 with a service is 08 (QĐ 1804), by the day of discharge.
FORMS_SINCE: Final = "20260801"

# The longest that drugs are prescribed for, in days (TT 26/2025/TT-BYT).
MAX_DRUG_DAYS: Final = 90

# Takes the days, and those of the calendar from the first to the last of the stay.
DaysAreRight = Callable[[Decimal, int], bool]


class Days(NamedTuple):
    is_right: DaysAreRight
    words: str


NONE: Final = Days(lambda days, calendar: days == 0, "SO_NGAY_DTRI = 0")
ALL: Final = Days(lambda days, calendar: days == calendar, "SO_NGAY_DTRI = NGAY_RA − NGAY_VAO + 1")
# The days of drugs stand in free text (LIEU_DUNG), so that only what is surely wrong is doubted.
OF_DRUGS: Final = Days(
    lambda days, calendar: 1 <= days <= MAX_DRUG_DAYS, f"1 ≤ SO_NGAY_DTRI ≤ {MAX_DRUG_DAYS}"
)
OF_SERVICES: Final = Days(
    lambda days, calendar: 1 <= days <= calendar, "1 ≤ SO_NGAY_DTRI ≤ NGAY_RA − NGAY_VAO + 1"
)
DAYS: Final[Mapping[str, Days]] = {
    **dict.fromkeys(("01", "07", SHORT_INPATIENT), NONE),
    **dict.fromkeys(("02", INPATIENT, "04", "06"), ALL),
    DRUGS_ONLY: OF_DRUGS,
    WITH_SERVICES: OF_SERVICES,
}


def check_forms(rows: Sequence[LocatedRow], findings: Findings) -> None:
    main = next((located for located in rows if located.sheet.code == "XML1"), None)
    stay = stay_of(main.row) if main else None
    if main is None or stay is None:
        return
    services = [located for located in rows if located.sheet.code == "XML3"]
    form, words = right_form(main.row, stay, services)
    if words:
        main.note(findings, "form-doubt", "MA_LOAI_KCB", words)
    if words := days_doubt(main.row, stay, form):
        main.note(findings, "days-differ", "SO_NGAY_DTRI", words)
    check_beds(main, stay, services, findings)


def right_form(main: Row, stay: Stay, services: Sequence[LocatedRow]) -> tuple[str, str]:
    """Return the form that the stay has, and why it is not the one that is stated, or nothing."""
    form = main.get("MA_LOAI_KCB")
    if form == INPATIENT and lasted(stay.arrival, stay.left) < SHORT:
        return SHORT_INPATIENT, "03: NGAY_RA − NGAY_VAO ≥ 4h"
    if form == SHORT_INPATIENT and lasted(main.get("NGAY_VAO_NOI_TRU") or stay.arrival, stay.left) >= SHORT:
        return INPATIENT, "09: NGAY_RA − NGAY_VAO_NOI_TRU < 4h"
    if form == DRUGS_ONLY and stay.left >= FORMS_SINCE and any(is_service(each.row) for each in services):
        return WITH_SERVICES, "05: XML3 chỉ có MA_NHOM = 13"
    return form, ""


def lasted(first: str, last: str) -> timedelta:
    begin, end = moment(first), moment(last)
    assert begin is not None
    assert end is not None
    return end - begin


def is_service(row: Row) -> bool:
    """Whether the line is surely a service other than an examination (khám bệnh)."""
    return bool(row.get("MA_DICH_VU")) and row.get("MA_NHOM") not in ("", EXAMINATION)


def calendar_days(stay: Stay) -> int:
    return lasted(stay.arrival[:8], stay.left[:8]).days + 1


def days_doubt(main: Row, stay: Stay, form: str) -> str:
    """Return in words what the days of treatment should be, or nothing.

    Where the form is doubted, the days may be those of the form that is right.
    """
    stated, rule = main.get("SO_NGAY_DTRI"), DAYS.get(main.get("MA_LOAI_KCB"))
    if not stated or rule is None:
        return ""
    days, calendar = Decimal(stated), calendar_days(stay)
    return "" if rule.is_right(days, calendar) or DAYS[form].is_right(days, calendar) else rule.words


def check_beds(main: LocatedRow, stay: Stay, services: Sequence[LocatedRow], findings: Findings) -> None:
    """Doubt beds of a stay under four hours, two a day, and more than the stay has days."""
    beds = [line for line in services if line.row.get("MA_NHOM") in BEDS]
    if not beds:
        return
    if lasted(stay.arrival, stay.left) < SHORT:
        for line in beds:
            line.note(findings, "beds-doubt", "MA_NHOM", "NGAY_RA − NGAY_VAO ≥ 4h")
        return
    for line in second_beds(beds):
        line.note(findings, "beds-doubt", "SO_LUONG", "Σ SO_LUONG ≤ 1 (NGAY_TH_YL)")
    if sum(map(quantity, beds)) > calendar_days(stay):
        main.note(findings, "beds-doubt", "SO_NGAY_DTRI", "Σ SO_LUONG ≤ NGAY_RA − NGAY_VAO + 1")


def second_beds(beds: Sequence[LocatedRow]) -> Iterator[LocatedRow]:
    """Give the lines that pass one bed a day; a line of several days is held against the stay only."""
    used: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in beds:
        day, beds_of_line = (line.row.get("NGAY_TH_YL") or line.row.get("NGAY_YL"))[:8], quantity(line)
        if not day or beds_of_line > 1:
            continue
        if used[day] + beds_of_line > 1 >= used[day]:
            yield line
        used[day] += beds_of_line


def quantity(line: LocatedRow) -> Decimal:
    stated = line.row.get("SO_LUONG")
    return Decimal(stated) if stated else Decimal(0)
