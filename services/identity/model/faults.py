"""The faults that many fields have (`common.faults`)."""

from datetime import date, datetime

from common.faults import Fault, future_fault
from common.values import PartialDate, is_future
from kcb.vietnamese_text import has_lost_letters_of_name


def missing(field: str) -> Fault:
    return Fault(field, f"{field}.required", f"{field} is required", "Bắt buộc phải có.")


# What a field wants, by the last part of its path.
WANTED = {
    "personal_id": "12 chữ số",
    "old_id": "9 chữ số",
    "social_insurance_number": "10 chữ số",
    "card_number": "2 chữ hoa, mức hưởng 1 đến 5 và 12 ký tự; hoặc 10 chữ số",
    "birth_date": "ngày có thật: 1985-03-12 hoặc 12/03/1985",
    "sex": "1 (nam), 2 (nữ) hoặc 3 (chưa xác định)",
    "province_code": "2 chữ số",
    "commune_code": "5 chữ số",
    "country": "3 chữ số",
    "nationality": "3 chữ số",
}


def malformed(field: str) -> Fault:
    wanted = WANTED.get(field.rpartition(".")[2])
    sentence = f"Không đúng định dạng; cần {wanted}." if wanted else "Không đúng định dạng."
    return Fault(field, f"{field}.form", f"{field} has a wrong form", sentence)


def too_long(field: str, limit: int) -> Fault:
    return Fault(
        field,
        f"{field}.length",
        f"{field} is longer than {limit} characters",
        f"Không được dài quá {limit} ký tự.",
    )


def lost_letters(field: str, name: str) -> list[Fault]:
    """Return a warning when letters of a *name* were lost in an export, as in `Nguy?n V?n A`."""
    if not has_lost_letters_of_name(name):
        return []
    en, vi = (
        f"letters of {field} were lost",
        "Bị mất chữ (dấu ? hoặc ký tự lỗi), có thể do xuất tệp sai bảng mã.",
    )
    return [Fault(field, f"{field}.lost_letters", en, vi, refuses=False)]


def future_faults(field: str, when: datetime | date | PartialDate | None, now: datetime) -> list[Fault]:
    return [future_fault(field)] if is_future(when, now) else []
