"""
Several people who may be the one: a screen of 80 columns and 22 lines to choose from.

A number is shown by its last three digits: enough to compare with a paper, too
little to copy.
"""

from collections.abc import Sequence

from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from lientuyen.identity.v1.person_pb2 import Identifier, Person
from lientuyen.identity.v1.person_service_pb2 import Candidate, FieldWeight

from .lookup_screen import INNER, LINES, SEXES, WIDTH, address, plain, written_date

# Three lines each.
MAX_CANDIDATES = 6
BAR_WIDTH = 10
FIELDS = {
    "full_name": "họ tên",
    "birth_date": "ngày sinh",
    "sex": "giới tính",
    "address": "địa chỉ",
    "phone": "điện thoại",
    "mother_name": "tên mẹ",
}
# What `FieldWeight.note` says besides "same" and "differs".
NOTES = {
    "diacritics lost": "mất dấu",
    "telex or VNI keys left in": "sót phím gõ dấu",
    "diacritics differ": "khác dấu",
    "order of the parts swapped": "đảo thứ tự",
    "a middle name missing": "thiếu chữ đệm",
    "one typing mistake": "sai một chữ",
    "initials only": "chỉ đúng chữ đầu",
    "similar": "gần giống",
    "only the given name agrees": "chỉ đúng tên",
    "day and month swapped": "đảo ngày tháng",
    "one digit mistyped": "sai một số",
    "year off by one": "lệch một năm",
}
KINDS = {
    Identifier.KIND_PERSONAL_ID: "CCCD",
    Identifier.KIND_SOCIAL_INSURANCE_NUMBER: "BHXH",
    Identifier.KIND_LOCAL: "mã tạm",
}


def candidates_screen(candidates: Sequence[Candidate], milliseconds: float) -> Panel:
    lines = [
        line
        for number, candidate in enumerate(candidates[:MAX_CANDIDATES], 1)
        for line in entry(number, candidate)
    ]
    if not lines:
        lines = [Text("Không tìm thấy ai phù hợp; kiểm tra lại họ tên và ngày sinh.", style="yellow")]
    elif len(candidates) > MAX_CANDIDATES:
        lines.append(Text(f"… và {len(candidates) - MAX_CANDIDATES} người khác, xem với --json", style="dim"))
    subtitle = Text(f"{milliseconds:.0f} ms", style="dim")
    title = (
        f"Có thể là một trong {min(len(candidates), MAX_CANDIDATES)} người" if candidates else "Không có ai"
    )
    return Panel(Group(*lines[:LINES]), width=WIDTH, title=title, subtitle=subtitle, border_style="cyan")


def entry(number: int, candidate: Candidate) -> list[Text]:
    name = plain(candidate.person.full_name) or "CHƯA XÁC ĐỊNH DANH TÍNH"
    first = Text.assemble(
        (f"{number} ", "bold"),
        (bar(candidate.score), "green" if candidate.score >= 0.9 else "yellow"),
        f" {percent(candidate.score)}  ",
        (name, "bold"),
        f"  {SEXES.get(candidate.person.sex, '')} {written_date(candidate.person.birth_date)}".rstrip(),
    )
    details = " · ".join(
        part for part in (plain(address(candidate.person.address)), numbers(candidate.person)) if part
    )
    lines = [first, Text(f"  {details}"), Text(f"  {written_weights(candidate.weights)}", style="dim")]
    for line in lines:
        line.truncate(INNER, overflow="ellipsis")
    return lines


def bar(score: float) -> str:
    full = max(0, min(BAR_WIDTH, round(score * BAR_WIDTH)))
    return "█" * full + "░" * (BAR_WIDTH - full)


def percent(score: float) -> str:
    """Return 0.934 as ` 93%`; never 100 % for what is not certain."""
    return f"{min(int(score * 100), 99 if score < 1 else 100):3}%"


def numbers(person: Person) -> str:
    """Return the numbers in use, their last three characters only."""
    return " ".join(
        f"{KINDS[identifier.kind]} …{plain(identifier.value)[-3:]}"
        for identifier in person.identifiers
        if identifier.state == Identifier.STATE_CURRENT and identifier.kind in KINDS
    )


def written_weights(weights: Sequence[FieldWeight]) -> str:
    return " · ".join(written_weight(weight) for weight in weights)


def written_weight(weight: FieldWeight) -> str:
    """Return what one field says; a note that is new here stays out (`--json` has it)."""
    bits = f"{FIELDS.get(weight.field, weight.field)} {weight.weight:+.1f}".replace(".", ",")
    return f"{bits} ({NOTES[weight.note]})" if weight.note in NOTES else bits
