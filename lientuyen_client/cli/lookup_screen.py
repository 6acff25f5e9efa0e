"""
The one screen of `lientuyen lookup`: 80 columns, 22 lines, in Vietnamese.

It fits a terminal of 24 lines with the command and the prompt.  What does not fit
goes from the reasons first, then from what to do; who the person is, whether the
insurance pays and warnings stay.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from google.protobuf.duration_pb2 import Duration
from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from lientuyen.identity.v1.coverage_pb2 import Eligibility, EligibilityReason
from lientuyen.identity.v1.person_pb2 import SEX_FEMALE, SEX_MALE, Address, Identifier, Person, Plausibility
from lientuyen.type.v1.date_pb2 import Date

from .lookup_next_steps import EXPIRY_WARNING_DAYS, days_left, dong, next_steps

WIDTH, HEIGHT = 80, 22
# Within the frame; of it the label.
INNER, LABEL = WIDTH - 4, 12
LINES = HEIGHT - 2

SEXES = {SEX_MALE: "Nam", SEX_FEMALE: "Nữ"}
STATES = {
    Identifier.STATE_SUPERSEDED: "số cũ, đã được cấp lại",
    Identifier.STATE_CANCELLED: "số đã bị hủy",
}
# What other lines show already.
REASONS_ELSEWHERE = {
    EligibilityReason.CODE_AREA,
    EligibilityReason.CODE_FIVE_YEARS,
    EligibilityReason.CODE_STALE,
    EligibilityReason.CODE_CARE_CATEGORY_PROPOSED,
    EligibilityReason.CODE_TRANSFER_SLIP_DATE_NEEDED,
}

_measure = Console(width=WIDTH)


@dataclass(frozen=True)
class View:
    """What was found, on *day*.  *initial_facility* and *province* (of the address) are names, or empty."""

    person: Person
    eligibility: Eligibility
    day: date
    initial_facility: str = ""
    number_state: Identifier.State = Identifier.STATE_CURRENT
    warnings: Sequence[Plausibility] = field(default_factory=tuple)
    milliseconds: float = 0
    province: str = ""


def screen(view: View) -> Panel:
    lines = fitting_lines(view)
    subtitle = Text(f"{view.milliseconds:.0f} ms", style="dim")
    return Panel(Group(*lines), width=WIDTH, border_style=colour(view.eligibility), subtitle=subtitle)


def fitting_lines(view: View) -> list[Text]:
    head = [
        headline(view.eligibility),
        *row("Kết quả", f"{view.eligibility.result_code}: {view.eligibility.message_vi}"),
    ]
    head += [line for label, text, style in facts(view) for line in row(label, text, style)]
    reasons = [
        reason.message_vi for reason in view.eligibility.reasons if reason.code not in REASONS_ELSEWHERE
    ]
    steps = next_steps(view.eligibility, view.day)
    reason_lines, step_lines = bullets("Vì sao", reasons), bullets("Cần làm", steps, "bold")
    while len(head) + len(reason_lines) + len(step_lines) > LINES and len(reasons) > 1:
        reasons = reasons[:-1]
        reason_lines = [*bullets("Vì sao", reasons), *row("", "… xem đủ lý do với --json", "dim")]
    while len(head) + len(reason_lines) + len(step_lines) > LINES and len(steps) > 1:
        steps = steps[:-1]
        step_lines = bullets("Cần làm", steps, "bold")
    return [*head, *reason_lines, *step_lines][:LINES]


def colour(answer: Eligibility) -> str:
    if answer.stale:
        return "yellow"
    return "green" if answer.covered else "red"


def headline(answer: Eligibility) -> Text:
    """Return the line that is read from across the desk.

    Who is not covered has a rate, 0; without one nothing is known and nobody could be asked.
    """
    if answer.covered and answer.rate_known:
        words = f"ĐƯỢC BHYT CHI TRẢ {percent(answer.payment_rate_basis_points)}"
    elif answer.covered:
        words = "THẺ CÒN GIÁ TRỊ, CHƯA XÁC ĐỊNH MỨC HƯỞNG"
    elif answer.stale and not answer.rate_known:
        words = "CHƯA XÁC MINH ĐƯỢC THẺ, VẪN TIẾP NHẬN"
    else:
        words = "CHƯA ĐƯỢC BHYT CHI TRẢ"
    return Text(words.center(INNER), style=f"bold reverse {colour(answer)}")


def facts(view: View) -> Iterator[tuple[str, str, str]]:
    person, answer = view.person, view.eligibility
    yield "Người bệnh", identity_line(person, view.day), "bold"
    if place := address(person.address, view.province):
        yield "Địa chỉ", place, ""
    if person.state == Person.STATE_DECEASED:
        yield "Lưu ý", "Người bệnh đã được ghi nhận tử vong, đề nghị kiểm tra giấy tờ.", "yellow"
    if view.number_state in STATES:
        yield "Số tra cứu", STATES[view.number_state], "yellow"
    for warning in view.warnings:
        yield "Lưu ý", warning.message_vi, "yellow"
    if answer.card_number:
        yield "Thẻ BHYT", card(answer, view.day), "yellow" if is_expiring(answer, view.day) else ""
    if answer.initial_facility:
        code = answer.initial_facility.split("/")[-1]
        yield "Nơi ĐKBĐ", f"{view.initial_facility} ({code})" if view.initial_facility else code, ""
    if benefits := written_benefits(answer):
        yield "Quyền lợi", benefits, ""
    if answer.stale:
        yield "Dữ liệu cũ", staleness(answer), "bold yellow"


def identity_line(person: Person, day: date) -> str:
    parts = [person.full_name or "CHƯA XÁC ĐỊNH DANH TÍNH", SEXES.get(person.sex, "Chưa xác định giới tính")]
    if born := written_date(person.birth_date):
        parts.append(f"sinh {born}{age(person.birth_date, day)}")
    return " · ".join(parts)


def age(born: Date, day: date) -> str:
    """Return ` (41 tuổi)`, in months under 6 years; nothing when a part of *born* is unknown."""
    if not (born.year and born.month and born.day):
        return ""
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    if months < 0:
        return ""
    return f" ({months} tháng tuổi)" if months < 72 else f" ({months // 12} tuổi)"


def address(place: Address, province: str = "") -> str:
    """Return the address in words and codes; *province* is what it is called today, empty for its code."""
    parts = [place.line]
    parts += [f"xã {place.commune_code}"] if place.commune_code else []
    parts += [province or f"tỉnh {place.province_code}"] if place.province_code else []
    return ", ".join(part for part in parts if part)


def card(answer: Eligibility, day: date) -> str:
    if not answer.valid_to.year:
        return f"{answer.card_number}  từ {written_date(answer.valid_from)}, không ghi hạn"
    period = f"{answer.card_number}  {written_date(answer.valid_from)} – {written_date(answer.valid_to)}"
    left = days_left(answer, day)
    if left is None or left < 0:
        return f"{period} (đã hết hạn)"
    return f"{period} (còn {left} ngày)" if left else f"{period} (hết hạn hôm nay)"


def is_expiring(answer: Eligibility, day: date) -> bool:
    left = days_left(answer, day)
    return left is not None and left <= EXPIRY_WARNING_DAYS


def written_benefits(answer: Eligibility) -> str:
    parts = []
    if answer.five_years_date.year:
        reached = "đủ" if answer.five_years_reached else "sẽ đủ"
        parts.append(f"{reached} 5 năm liên tục từ {written_date(answer.five_years_date)}")
    if answer.co_payment_exempt:
        parts.append(f"miễn cùng chi trả từ {written_date(answer.exempt_from)}")
    elif answer.co_payment_threshold.dong:
        parts.append(f"miễn khi cùng chi trả quá {dong(answer.co_payment_threshold.dong)}")
    if answer.full_payment_below.dong and answer.payment_rate_basis_points < 10_000:
        parts.append(f"100% khi chi phí dưới {dong(answer.full_payment_below.dong)}")
    if answer.area_code:
        parts.append(f"khu vực {answer.area_code}")
    return "; ".join(parts)


def staleness(answer: Eligibility) -> str:
    reasons = [reason.message_vi for reason in answer.reasons if reason.code == EligibilityReason.CODE_STALE]
    reason = reasons[0] if reasons else answer.stale_reason
    return (
        f"xác nhận lần cuối {ago(answer.age)}. {reason}"
        if answer.HasField("age")
        else f"chưa từng xác nhận. {reason}"
    )


def ago(span: Duration) -> str:
    """Return `3 ngày trước`: whole days, hours or minutes."""
    for seconds, unit in ((86_400, "ngày"), (3_600, "giờ"), (60, "phút")):
        if span.seconds >= seconds:
            return f"{span.seconds // seconds} {unit} trước"
    return "vừa xong"


def row(label: str, text: str, style: str = "") -> list[Text]:
    wrapped = Text(plain(text)).wrap(_measure, INNER - LABEL)
    lines = []
    for number, line in enumerate(wrapped):
        line.rstrip()
        labelled = Text((label if number == 0 else "").ljust(LABEL), style="dim")
        lines.append(labelled.append(line.plain, style=style))
    return lines


def bullets(label: str, texts: Iterable[str], style: str = "") -> list[Text]:
    lines: list[Text] = []
    for number, text in enumerate(texts):
        lines += row(label if number == 0 else "", f"• {text}", style)
    return lines


def plain(text: str) -> str:
    """Return *text* composed and without control characters: a name must not steer a terminal."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(letter for letter in composed if unicodedata.category(letter) not in ("Cc", "Cf"))


def percent(points: int) -> str:
    """Return 4750 as `47,5%`."""
    return f"{points / 100:g}%".replace(".", ",")


def written_date(day: Date) -> str:
    """Return `12/03/2085`, unknown parts left out."""
    parts = [f"{day.day:02}" if day.day else "", f"{day.month:02}" if day.month else "", str(day.year or "")]
    return "/".join(part for part in parts if part)
