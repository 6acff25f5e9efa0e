"""
The rules on prescribing, as data where they can be: what a new prescription must keep.

A rule whose source is firm refuses; one that rests on general knowledge ([GK])
or that a paper form imposes only warns, for no patient goes without drugs
because of a rule that nobody can quote.  Sources: TT 26/2025/TT-BYT (in force
2025-07-01), TT 55/2025/TT-BYT (decoctions), QĐ 808/QĐ-BYT (codes).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from common.faults import Fault, future_fault
from common.values import is_future

from .drugs import Control, control_of, registration_number_warnings
from .prescriptions import Line, Prescription, Tranche, Type

# The most days of drugs by type, without and with the declaration that every diagnosis is
# on the list of 252 chronic diseases (TT 26/2025/TT-BYT).
MAX_DAYS = {
    Type.NARCOTIC: (7, 7),  # acute; for cancer in tranches
    Type.PSYCHOTROPIC: (10, 30),
    Type.COMMON: (30, 90),
    Type.TRADITIONAL: (30, 90),
    Type.DECOCTION: (30, 90),
}

# Narcotics against cancer pain: at most 30 days in all, tranches of at most 10 (TT 26/2025/TT-BYT).
MAX_TRANCHES_DAYS = 30
MAX_TRANCHE_DAYS = 10

# On which type of prescription a controlled drug belongs.
TYPE_OF_CONTROL = {
    Control.NARCOTIC: Type.NARCOTIC,
    Control.PSYCHOTROPIC: Type.PSYCHOTROPIC,
    Control.PRECURSOR: Type.PSYCHOTROPIC,
}


def check_prescription(prescription: Prescription, now: datetime) -> list[Fault]:
    faults = [*check_prescribe_time(prescription, now), *check_tranches(prescription)]
    for index, line in enumerate(prescription.lines):
        path = f"prescription.lines[{index}]"
        faults += check_days(prescription, line, path)
        faults += check_tranche_number(prescription, line, path)
        faults += check_drug(prescription.type, line, path)
    return [*faults, *check_child(prescription)]


def check_prescribe_time(prescription: Prescription, now: datetime) -> Iterator[Fault]:
    field = "prescription.prescribe_time"
    if is_future(prescription.prescribe_time, now):
        yield future_fault(field, "TIME_IN_FUTURE")
    elif now >= prescription.expire_time:
        yield Fault(
            field,
            "ALREADY_EXPIRED",
            "The days of this prescription were over when it came in.",
            "Đơn thuốc đã hết giá trị khi gửi lên.",
            refuses=False,
        )


def check_days(prescription: Prescription, line: Line, path: str) -> Iterator[Fault]:
    max_days = MAX_DAYS[prescription.type][prescription.chronic]
    if prescription.tranches:
        max_days = MAX_TRANCHE_DAYS
    if line.days > max_days:
        yield Fault(
            f"{path}.days",
            "TOO_MANY_DAYS",
            f"At most {max_days} days of this kind may be prescribed.",
            f"Loại đơn này chỉ được kê tối đa {max_days} ngày.",
        )


def check_tranches(prescription: Prescription) -> Iterator[Fault]:
    tranches = prescription.tranches
    if tranches and prescription.type is not Type.NARCOTIC:
        yield Fault(
            "prescription.tranches",
            "TRANCHES_UNUSUAL",
            "Tranches are meant for narcotics.",
            "Chia đợt chỉ áp dụng cho đơn thuốc gây nghiện.",
            refuses=False,
        )
    for index, tranche in enumerate(tranches):
        path = f"prescription.tranches[{index}]"
        yield from check_tranche_days(tranche, path)
        yield from check_tranche_order(tranche, tranches[:index], path)
    if tranches and days_spanned(tranches) > MAX_TRANCHES_DAYS:
        yield Fault(
            "prescription.tranches",
            "TOO_MANY_DAYS",
            f"The tranches last more than {MAX_TRANCHES_DAYS} days.",
            f"Tổng các đợt vượt quá {MAX_TRANCHES_DAYS} ngày.",
        )


def check_tranche_days(tranche: Tranche, path: str) -> Iterator[Fault]:
    if tranche.end_day < tranche.start_day:
        yield Fault(
            f"{path}.end_day",
            "DAYS_REVERSED",
            "It ends before it starts.",
            "Ngày kết thúc trước ngày bắt đầu.",
        )
    elif days_spanned([tranche]) > MAX_TRANCHE_DAYS:
        yield Fault(
            f"{path}.end_day",
            "TRANCHE_TOO_LONG",
            f"A tranche lasts at most {MAX_TRANCHE_DAYS} days.",
            f"Mỗi đợt tối đa {MAX_TRANCHE_DAYS} ngày.",
        )


def check_tranche_order(tranche: Tranche, earlier: Sequence[Tranche], path: str) -> Iterator[Fault]:
    if any(tranche.number == other.number for other in earlier):
        yield Fault(f"{path}.number", "NUMBER_TWICE", "This number was used before.", "Số đợt bị trùng.")
    if any(tranche.start_day <= other.end_day and other.start_day <= tranche.end_day for other in earlier):
        yield Fault(
            f"{path}.start_day",
            "TRANCHES_OVERLAP",
            "It overlaps another tranche.",
            "Các đợt trùng ngày nhau.",
        )


def check_tranche_number(prescription: Prescription, line: Line, path: str) -> Iterator[Fault]:
    if line.tranche not in ({tranche.number for tranche in prescription.tranches} or {0}):
        yield Fault(
            f"{path}.tranche",
            "TRANCHE_UNKNOWN",
            "A line belongs to one of the tranches, or to 0 when there are none.",
            "Dòng thuốc phải thuộc một đợt đã khai báo.",
        )


def check_drug(type_: Type, line: Line, path: str) -> Iterator[Fault]:
    """Judge the drug of a line against the type of prescription; none of it refuses."""
    yield from registration_number_warnings(line.drug, f"{path}.drug")
    if is_of_another_type(type_, control_of(line.drug.registration_number)):
        # [GK]: a prescription does not mix types; and what 12 digits say is unconfirmed for older numbers.
        yield Fault(
            f"{path}.drug.registration_number",
            "TYPES_MIXED",
            "The drug belongs on a prescription of another type.",
            "Thuốc thuộc loại đơn khác, cần kê đơn riêng.",
            refuses=False,
        )
    if type_ is Type.NARCOTIC and not line.quantity_words:
        yield Fault(
            f"{path}.quantity_words",
            "QUANTITY_WORDS_MISSING",
            "Narcotics need the quantity in words as well.",
            "Thuốc gây nghiện phải ghi số lượng bằng chữ.",
            refuses=False,
        )


def is_of_another_type(type_: Type, control: Control | None) -> bool:
    """Tell whether a drug under *control* is on the wrong type of prescription; unknown control never is."""
    if control is None:
        return False
    required = TYPE_OF_CONTROL.get(control)
    return required is not type_ if required else type_ in (Type.NARCOTIC, Type.PSYCHOTROPIC)


def check_child(prescription: Prescription) -> Iterator[Fault]:
    if prescription.child is not None and not prescription.child.weight_grams:
        yield Fault(
            "prescription.child.weight_grams",
            "CHILD_WEIGHT_MISSING",
            "A child under 72 months needs its weight.",
            "Đơn của trẻ dưới 72 tháng tuổi phải ghi cân nặng.",
            refuses=False,
        )


def days_spanned(tranches: Sequence[Tranche]) -> int:
    """Return how many days lie from the first to the last, both included."""
    first = min(tranche.start_day for tranche in tranches)
    last = max(tranche.end_day for tranche in tranches)
    return (last - first).days + 1
