"""An answer about a person who is not, or not quite, whom the card or the request names."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from common.faults import Fault

from .answer import Eligibility
from .decision_reasons import Code, Reason
from .result_codes import result_vi

# What the portal says of a number under another name.
NAME_WRONG: Final = "060"


def another_person() -> Eligibility:
    """Return the answer for a number whose owner has another name and another birth date: 060, no card."""
    vi = f"{result_vi(NAME_WRONG)}; ngày sinh cũng không khớp, đề nghị kiểm tra lại giấy tờ."
    en = "the number belongs to somebody else: the name and the birth date both differ"
    return Eligibility(False, NAME_WRONG, None, (), (Reason(Code.PERSON_DIFFERS, en, vi),))


def with_differences(answer: Eligibility, differences: Iterable[Fault]) -> Eligibility:
    """Return *answer* with a reason for each field in which the person is not as stated."""
    reasons = [Reason(Code.PERSON_DIFFERS, each.en, each.vi) for each in differences]
    return replace(answer, reasons=(*answer.reasons, *reasons)) if reasons else answer
