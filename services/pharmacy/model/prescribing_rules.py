"""
The rules on prescribing, as data where they can be.

A rule whose source is firm refuses; one that rests on general knowledge ([GK])
or that a paper form imposes only warns, for no patient goes without drugs
because of a rule that nobody can quote.  Sources: TT 26/2025/TT-BYT (in force
2025-07-01), TT 55/2025/TT-BYT (decoctions), QĐ 808/QĐ-BYT (codes).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from .drugs import Control, control_of, number_is_known
from .findings import Finding
from .prescriptions import Line, Prescription, Tranche, Type

# The most days of drugs by type, without and with the declaration that every diagnosis is
# on the list of 252 chronic diseases (TT 26/2025/TT-BYT).
MOST_DAYS = {
    Type.NARCOTIC: (7, 7),  # acute; for cancer in tranches
    Type.PSYCHOTROPIC: (10, 30),
    Type.COMMON: (30, 90),
    Type.TRADITIONAL: (30, 90),
    Type.DECOCTION: (30, 90),
}

# Narcotics against cancer pain: at most 30 days in all, tranches of at most 10 (TT 26/2025/TT-BYT).
TRANCHES_DAYS = 30
TRANCHE_DAYS = 10

# On which type of prescription a controlled drug belongs.
CONTROLLED = {
    Control.NARCOTIC: Type.NARCOTIC,
    Control.PSYCHOTROPIC: Type.PSYCHOTROPIC,
    Control.PRECURSOR: Type.PSYCHOTROPIC,
}

# How far a facility's clock may be ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)


def check(it: Prescription, now: datetime) -> list[Finding]:
    """Return everything that is wrong or doubtful with a prescription to be issued at *now*."""
    found = [*times(it, now), *tranches(it)]
    for index, line in enumerate(it.lines):
        path = f"prescription.lines[{index}]"
        found += [*days(it, line, path), *tranche_of(it, line, path), *kind(it, line, path)]
    return found + list(patient(it))


def times(it: Prescription, now: datetime) -> Iterator[Finding]:
    """Judge when it was prescribed."""
    field = "prescription.prescribe_time"
    if it.prescribe_time > now + CLOCK_SKEW:
        yield Finding(field, "TIME_IN_FUTURE", "The time is in the future.", "Thời gian kê đơn ở tương lai.")
    elif now >= it.expire_time:
        yield Finding(
            field,
            "ALREADY_EXPIRED",
            "The days of this prescription were over when it came in.",
            "Đơn thuốc đã hết giá trị khi gửi lên.",
            refuses=False,
        )


def days(it: Prescription, line: Line, path: str) -> Iterator[Finding]:
    """Judge for how many days a line is."""
    most = TRANCHE_DAYS if it.tranches else MOST_DAYS[it.type][it.chronic]
    if line.days > most:
        yield Finding(
            f"{path}.days",
            "TOO_MANY_DAYS",
            f"At most {most} days of this kind may be prescribed.",
            f"Loại đơn này chỉ được kê tối đa {most} ngày.",
        )


def tranches(it: Prescription) -> Iterator[Finding]:
    """Judge the tranches: each its own days, none too long, together not too long."""
    if it.tranches and it.type is not Type.NARCOTIC:
        yield Finding(
            "prescription.tranches",
            "TRANCHES_UNUSUAL",
            "Tranches are meant for narcotics.",
            "Chia đợt chỉ áp dụng cho đơn thuốc gây nghiện.",
            refuses=False,
        )
    for index, one in enumerate(it.tranches):
        path = f"prescription.tranches[{index}]"
        yield from tranche_days(one, path)
        yield from tranche_order(one, it.tranches[:index], path)
    if it.tranches and span(it.tranches) > TRANCHES_DAYS:
        yield Finding(
            "prescription.tranches",
            "TOO_MANY_DAYS",
            f"The tranches last more than {TRANCHES_DAYS} days.",
            f"Tổng các đợt vượt quá {TRANCHES_DAYS} ngày.",
        )


def tranche_days(one: Tranche, path: str) -> Iterator[Finding]:
    """Judge the days of one tranche."""
    if one.end_day < one.start_day:
        yield Finding(
            f"{path}.end_day",
            "DAYS_REVERSED",
            "It ends before it starts.",
            "Ngày kết thúc trước ngày bắt đầu.",
        )
    elif span((one,)) > TRANCHE_DAYS:
        yield Finding(
            f"{path}.end_day",
            "TRANCHE_TOO_LONG",
            f"A tranche lasts at most {TRANCHE_DAYS} days.",
            f"Mỗi đợt tối đa {TRANCHE_DAYS} ngày.",
        )


def tranche_order(one: Tranche, before: tuple[Tranche, ...], path: str) -> Iterator[Finding]:
    """Judge one tranche against those before it: no number twice, no day in two."""
    if any(one.number == other.number for other in before):
        yield Finding(f"{path}.number", "NUMBER_TWICE", "This number was used before.", "Số đợt bị trùng.")
    if any(one.start_day <= other.end_day and other.start_day <= one.end_day for other in before):
        yield Finding(
            f"{path}.start_day",
            "TRANCHES_OVERLAP",
            "It overlaps another tranche.",
            "Các đợt trùng ngày nhau.",
        )


def tranche_of(it: Prescription, line: Line, path: str) -> Iterator[Finding]:
    """Judge to which tranche a line belongs: to one that is there, and to one if there are any."""
    if line.tranche not in ({one.number for one in it.tranches} or {0}):
        yield Finding(
            f"{path}.tranche",
            "TRANCHE_UNKNOWN",
            "A line belongs to one of the tranches, or to 0 when there are none.",
            "Dòng thuốc phải thuộc một đợt đã khai báo.",
        )


def kind(it: Prescription, line: Line, path: str) -> Iterator[Finding]:
    """Judge the drug of a line against the type of prescription; none of it refuses."""
    number = line.drug.registration_number
    if number and not number_is_known(number):
        yield Finding(
            f"{path}.drug.registration_number",
            "REGISTRATION_FORM_UNKNOWN",
            "The registration number has none of the known forms.",
            "Số đăng ký không đúng định dạng đã biết.",
            refuses=False,
        )
    if mixes(it.type, control_of(number)):
        # [GK]: a prescription does not mix types; and what 12 digits say is unconfirmed for older numbers.
        yield Finding(
            f"{path}.drug.registration_number",
            "TYPES_MIXED",
            "The drug belongs on a prescription of another type.",
            "Thuốc thuộc loại đơn khác, cần kê đơn riêng.",
            refuses=False,
        )
    if it.type is Type.NARCOTIC and not line.quantity_words:
        yield Finding(
            f"{path}.quantity_words",
            "QUANTITY_WORDS_MISSING",
            "Narcotics need the quantity in words as well.",
            "Thuốc gây nghiện phải ghi số lượng bằng chữ.",
            refuses=False,
        )


def mixes(type_: Type, control: Control | None) -> bool:
    """Tell whether a drug under *control* is on the wrong type of prescription; unknown control never is."""
    if control is None:
        return False
    wanted = CONTROLLED.get(control)
    return wanted is not type_ if wanted else type_ in (Type.NARCOTIC, Type.PSYCHOTROPIC)


def patient(it: Prescription) -> Iterator[Finding]:
    """Judge what a child's prescription says."""
    if it.child is not None and not it.child.weight_grams:
        yield Finding(
            "prescription.child.weight_grams",
            "CHILD_WEIGHT_MISSING",
            "A child under 72 months needs its weight.",
            "Đơn của trẻ dưới 72 tháng tuổi phải ghi cân nặng.",
            refuses=False,
        )


def span(all_: tuple[Tranche, ...]) -> int:
    """Return how many days lie from the first to the last, both included."""
    return (max(one.end_day for one in all_) - min(one.start_day for one in all_)).days + 1
