"""
For how long a transfer slip (phiếu chuyển cơ sở khám bệnh, chữa bệnh) is good, as data.

TT 01/2025/TT-BYT Art. 9, 10 and 12 (secondary source): 10 working days from signing, a year with a
disease of Annex III, to the end of the episode when it lapses during treatment; for one step only.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from common.values import shifted, written_day, years_after

from .decision_reasons import Code, Reason
from .question import Question

REFERRED: Final = "1.3"
WORKING_DAYS: Final = 10
SATURDAY: Final = 5

SOURCE: Final = "TT 01/2025/TT-BYT Điều 9, 10, 12"

DAY_NEEDED: Final = Reason(
    Code.TRANSFER_SLIP_DATE_NEEDED,
    "the day of the transfer slip is needed: it is good for 10 working days, a year with a disease of Annex"
    " III, and for one step",
    "Cần ngày ký phiếu chuyển: có giá trị 10 ngày làm việc, 1 năm với bệnh thuộc Phụ lục III, cho một lần"
    " chuyển.",
    SOURCE,
)


def transfer_slip_reason(question: Question, category: str) -> Iterator[Reason]:
    """Give what there is to say of the slip when the person comes with one; always a doubt only.

    Holidays are not known here: they make a slip good for longer.
    """
    if category != REFERRED:
        return
    signed, arrival = question.slip_date, question.arrival_day
    if signed is None:
        yield DAY_NEEDED
    elif signed > arrival:
        vi = f"Phiếu chuyển ký ngày {written_day(signed)}, sau ngày đến khám, đề nghị kiểm tra."
        yield Reason(Code.CARE_CATEGORY_DOUBTFUL, "the transfer slip was signed after arrival", vi, SOURCE)
    elif arrival > years_after(signed, 1):
        vi = f"Phiếu chuyển ký ngày {written_day(signed)} đã quá 1 năm, đề nghị kiểm tra."
        yield Reason(Code.TRANSFER_SLIP_EXPIRED, "the transfer slip is older than a year", vi, SOURCE)
    elif working_days(signed, arrival) > WORKING_DAYS:
        vi = f"Phiếu chuyển ký ngày {written_day(signed)} đã quá 10 ngày làm việc (chưa trừ ngày lễ)"
        vi += ", chỉ còn giá trị với bệnh thuộc Phụ lục III."
        en = "the transfer slip is older than 10 working days: good only with a disease of Annex III"
        yield Reason(Code.TRANSFER_SLIP_EXPIRED, en, vi, SOURCE)


def working_days(signed: date, arrival: date) -> int:
    """Return how many days from Monday to Friday come after *signed*, up to *arrival*."""
    days = range(1, (arrival - signed).days + 1)
    return sum(shifted(signed, timedelta(days=number)).weekday() < SATURDAY for number in days)
