"""
What it means when nobody confirmed which cards a person has.

    result = await source.cards(person_id, known)     our register, or the portal
    answer = with_source_reasons(decide(question, list(result.cards)), result)

An answer without a `Staleness` is confirmed: by the insurance portal (cổng giám định
BHYT) where there is one, else by our register, which is then the source itself.
Every other answer is flagged, with one reason of a closed set and the age of the last
confirmation.  None of them refuses care: NĐ 188/2025/NĐ-CP Art. 38, QĐ 2555/QĐ-BYT.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Final

from .coverages import Coverage
from .eligibility import Code, Eligibility, Reason, result_vi

LAW: Final = "NĐ 188/2025/NĐ-CP Điều 38"
NOT_REFUSED: Final = "Chưa xác minh được thẻ, không từ chối người bệnh"


class StaleReason(Enum):
    """Why an answer is not confirmed; the names are those of `Eligibility.stale_reason`."""

    # No answer in the time that there was; also when the call had too little time left to ask.
    UPSTREAM_TIMEOUT = "cổng giám định BHYT chưa trả lời kịp"
    # No connection, one that broke, or a fault of the portal's own (5xx, code 101).
    UPSTREAM_DOWN = "không kết nối được cổng giám định BHYT"
    # As many questions under way as the portal is asked at once.
    UPSTREAM_BUSY = "cổng giám định BHYT đang quá tải"
    # The portal refuses the question itself (4xx, codes 100 and 205).
    UPSTREAM_REFUSED = "cổng giám định BHYT không nhận yêu cầu tra cứu"
    # What came is no answer: HTML, half a body, too large, unreadable dates, an unknown code.
    UPSTREAM_ODD = "cổng giám định BHYT trả lời không đúng định dạng"
    # The answer is about somebody else, or the portal knows the person otherwise (060, 061, 070).
    UPSTREAM_MISMATCH = "họ tên hoặc ngày sinh không khớp với cổng giám định BHYT, đề nghị kiểm tra giấy tờ"
    # The portal did not answer several times, and is left alone for a moment.
    BREAKER_OPEN = "cổng giám định BHYT đang tạm ngừng trả lời"
    # Our account, or the member of staff who asks, is not accepted (401, 403, 054, 055).
    ACCOUNT_REFUSED = "tài khoản tra cứu của cổng giám định BHYT không được chấp nhận"
    # Our entry lacks the name, the birth date or the number that the portal demands.
    ENTRY_INCOMPLETE = "hồ sơ thiếu họ tên, ngày sinh hoặc số để tra cứu"


# The portal's own codes for what it did not say, in answers that have nothing else; 101 for its silence.
CODES_OF_REASONS: Final = {
    StaleReason.ACCOUNT_REFUSED: "401",
    StaleReason.UPSTREAM_MISMATCH: "100",
    StaleReason.UPSTREAM_REFUSED: "100",
    StaleReason.ENTRY_INCOMPLETE: "205",
}
SILENCE_CODE: Final = "101"


@dataclass(frozen=True, slots=True)
class Staleness:
    """Why an answer is not confirmed, and how long ago one was; *age* None: never, as far as we know."""

    reason: StaleReason
    age: timedelta | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class CoverageResult:
    """The cards to decide by.  *code* is the portal's, when it named none that could decide."""

    cards: Sequence[Coverage]
    staleness: Staleness | None = None
    code: str = ""


def with_source_reasons(answer: Eligibility, result: CoverageResult) -> Eligibility:
    if result.code and not answer.covered:
        en = f"the insurance portal said code {result.code}"
        reason = Reason(Code.SOURCE_SAID, en, f"Cổng giám định BHYT: {result_vi(result.code)}.")
        answer = replace(answer, result_code=result.code, reasons=(*answer.reasons, reason))
    return answer if result.staleness is None else _flagged(answer, result, result.staleness)


def _flagged(answer: Eligibility, result: CoverageResult, staleness: Staleness) -> Eligibility:
    en = f"the insurance portal did not confirm this: {staleness.reason.name}"
    en += f", code {staleness.code}" if staleness.code else ""
    reason = Reason(Code.STALE, en, f"{NOT_REFUSED}: {staleness.reason.value}.", LAW)
    note = f"{NOT_REFUSED[0].lower()}{NOT_REFUSED[1:]}"
    if result.cards or result.code:
        return replace(answer, reasons=(*answer.reasons, reason), note_vi=note)
    code = staleness.code or CODES_OF_REASONS.get(staleness.reason, SILENCE_CODE)
    return Eligibility(False, code, None, (), (reason,), note_vi=note, unknown=True)
