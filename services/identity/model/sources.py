"""
Who can say which cards a person has, and what it means when they do not say.

    told = await source.cards(person_id, known)     `CoverageSource`: our register, or the portal
    answer = judged(decide(question, list(told.cards)), told)

An answer without a `Staleness` is confirmed: by the insurance portal (cổng giám định
BHYT) where there is one, else by our register, which is then the source itself.
Every other answer is flagged, with one reason of a closed set and the age of the last
confirmation.  None of them refuses care: NĐ 188/2025/NĐ-CP Art. 38, QĐ 2555/QĐ-BYT.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final, Protocol
from uuid import UUID

from common.values import PartialDate

from .coverages import PORTAL, Coverage, newest
from .eligibility import Code, Eligibility, Reason, result_vi
from .identifiers import Identifier

LAW: Final = "NĐ 188/2025/NĐ-CP Điều 38"


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


# Reasons that are the portal's silence: enough of them in a row and it is left alone.  A page of
# HTML is silence too: a proxy's word for "closed".
SILENCE: Final = frozenset(
    {StaleReason.UPSTREAM_TIMEOUT, StaleReason.UPSTREAM_DOWN, StaleReason.UPSTREAM_ODD}
)
# Reasons that asking again does not change: somebody must look at the entry first.
FINAL: Final = frozenset({StaleReason.UPSTREAM_MISMATCH, StaleReason.ENTRY_INCOMPLETE})
# Reasons that are no fault of this question: trying it again does not count as an attempt.
WAITING: Final = frozenset(
    {
        StaleReason.UPSTREAM_TIMEOUT,
        StaleReason.UPSTREAM_DOWN,
        StaleReason.UPSTREAM_BUSY,
        StaleReason.BREAKER_OPEN,
        StaleReason.ACCOUNT_REFUSED,
    }
)


class NotTold(Exception):
    """The portal did not say.  *code* is its own word, where it had one; *silent* counts against it."""

    def __init__(self, reason: StaleReason, code: str = "", *, silent: bool | None = None) -> None:
        super().__init__(f"{reason.name} {code}".rstrip())
        self.reason = reason
        self.code = code
        self.silent = reason in SILENCE if silent is None else silent


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the portal is asked about: it wants name and birth date beside the number (CV 1923/BHXH-CNTT).

    *numbers* are those to ask by, the surest first.
    """

    person_id: UUID
    full_name: str
    birth: PartialDate | None
    numbers: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether the portal can be asked at all."""
        return bool(self.full_name.strip() and self.birth and self.numbers)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the portal said: its code, the cards it named, and the numbers these teach about their owner."""

    code: str
    cards: tuple[Coverage, ...] = ()
    numbers: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply, about which entry, and when it came."""

    person_id: UUID
    reply: Reply
    time: datetime


@dataclass(frozen=True, slots=True)
class Staleness:
    """Why an answer is not confirmed, and how long ago one was; *age* None: never, as far as we know."""

    reason: StaleReason
    age: timedelta | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """The cards to decide by.  *code* is the portal's, when it named none that could decide."""

    cards: Sequence[Coverage]
    staleness: Staleness | None = None
    code: str = ""


class CoverageSource(Protocol):
    """Says which cards a person has.  Two adapters: our own register, and the insurance portal."""

    async def cards(self, person_id: UUID | None, known: Sequence[Coverage]) -> Told:
        """Return what the source says of a person, None for a number nobody has; its silence is no error."""
        ...


# Codes by which the portal names a card that may be used.
USABLE: Final = frozenset({"000", "003", "004"})
# Codes of a card that its issuer stopped.
STOPPED: Final = frozenset({"110", "120", "121", "122", "123", "124"})


def confirmed(reply: Reply, known: Sequence[Coverage], today: date, now: datetime) -> tuple[Coverage, ...]:
    """Return the cards that count once the portal has said *reply*, at *now*, which is *today* in Viet Nam.

    They are its own, and what we knew.  What we know of the present and the portal does
    not name is not confirmed: it counts for the days before *today* only, by which old
    dossiers are judged.  A card that is over stays as it is: it may lapse under treatment.
    A code that stops cards without naming one stops ours.
    """
    before = {(card.card_number, card.valid_from): card for card in newest(known)}
    named = {
        key: _with_level(card, before.get(key))
        for card in reply.cards
        if (key := (card.card_number, card.valid_from))
    }
    over = [card for key, card in before.items() if card.lapsed(today) and key not in named]
    running = [card for key, card in before.items() if not card.lapsed(today) and key not in named]
    if reply.code in STOPPED and not named:
        rest = [replace(card, standing=reply.code, verify_time=now, source=PORTAL) for card in running]
    else:
        rest = [replace(card, unlisted_on=today) for card in running]
    return (*named.values(), *rest, *over)


def _with_level(card: Coverage, before: Coverage | None) -> Coverage:
    """Return *card* with what we knew *before* that the portal does not say: the level of a new card."""
    if before is None:
        return card
    return replace(
        card,
        benefit_level=card.benefit_level or before.benefit_level,
        group_code=card.group_code or before.group_code,
        five_years_date=card.five_years_date or before.five_years_date,
        exempt_from=before.exempt_from,
    )


def last_confirmed(cards: Sequence[Coverage]) -> datetime | None:
    """Return when any of *cards* was last confirmed; None when there is none."""
    return max((card.verify_time for card in cards), default=None)


def judged(answer: Eligibility, told: Told) -> Eligibility:
    """Return *answer*, which was decided by the cards of *told*, with what the source adds to it."""
    if told.code and not answer.covered:
        en, vi = (
            f"the insurance portal said code {told.code}",
            f"Cổng giám định BHYT: {result_vi(told.code)}.",
        )
        said = Reason(Code.SOURCE_SAID, en, vi)
        answer = replace(answer, result_code=told.code, reasons=(*answer.reasons, said))
    return answer if told.staleness is None else _flagged(answer, told)


NOT_REFUSED: Final = "Chưa xác minh được thẻ, không từ chối người bệnh"


def _flagged(answer: Eligibility, told: Told) -> Eligibility:
    """Return *answer* with the reason for its flag; when nothing is known it is unknown, and no refusal."""
    staleness = told.staleness or Staleness(StaleReason.UPSTREAM_DOWN)
    en = f"the insurance portal did not confirm this: {staleness.reason.name}"
    en += f", code {staleness.code}" if staleness.code else ""
    why = Reason(Code.STALE, en, f"{NOT_REFUSED}: {staleness.reason.value}.", LAW)
    note = f"{NOT_REFUSED[0].lower()}{NOT_REFUSED[1:]}"
    if told.cards or told.code:
        return replace(answer, reasons=(*answer.reasons, why), note_vi=note)
    code = staleness.code or UNTOLD.get(staleness.reason, "101")
    return Eligibility(False, code, None, (), (why,), note_vi=note, unknown=True)


# The portal's own words for what it did not say, in answers that have nothing else; 101 for its silence.
UNTOLD: Final = {
    StaleReason.ACCOUNT_REFUSED: "401",
    StaleReason.UPSTREAM_MISMATCH: "100",
    StaleReason.UPSTREAM_REFUSED: "100",
    StaleReason.ENTRY_INCOMPLETE: "205",
}
