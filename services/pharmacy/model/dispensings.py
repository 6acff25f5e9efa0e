"""
Handing over: what a pharmacy wants, judged line by line, all or nothing.

After a dispensing the claim is spent, whether or not something is left: one
token, one dispensing, so a token that leaks afterwards opens nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from . import prescriptions
from .classes import DataClass
from .drugs import Medicine, is_other_product, not_compared, number_is_known, unlike
from .findings import Finding, Refused
from .prescriptions import Line, Prescription
from .quantity import add, text_of

# Faults of several kinds may be found at once: the status carries the first of these as its reason.
ORDER = (
    "LINE_UNKNOWN",
    "TRANCHE_CLOSED",
    "LOT_EXPIRED",
    "SUBSTITUTION_REFUSED",
    "QUANTITY_EXCEEDS_REMAINING",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a pharmacy wants to hand over of one line; *drug* None means what was prescribed."""

    line: int
    quantity: int
    drug: Medicine | None = None
    buyer_agreed: bool = False
    lot_number: str = ""
    lot_expiry: date | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed over of one line, beside what was prescribed."""

    line: int
    drug: Medicine
    prescribed: Medicine
    quantity: int
    unit: str
    dose: str
    lot_number: str = ""
    lot_expiry: date | None = None
    substituted: bool = False


@dataclass(frozen=True, slots=True)
class Dispensing:
    """What one pharmacy handed over at one time; *classes* are those of its prescription's diagnoses."""

    id: UUID
    prescription: UUID
    person: str
    pharmacy: str
    pharmacist: str
    dispense_time: datetime
    lines: tuple[Handed, ...]
    invoice_number: str = ""
    reverse_time: datetime | None = None
    classes: frozenset[DataClass] = frozenset()

    @property
    def name(self) -> str:
        """The resource name."""
        return f"dispensings/{self.id}"

    @property
    def quantities(self) -> dict[int, int]:
        """Thousandths by line."""
        return sums(self.lines)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A prescription after a dispensing, what was handed over, and what should be looked at."""

    prescription: Prescription
    handed: tuple[Handed, ...]
    warnings: tuple[Finding, ...]


def dispense(
    it: Prescription, pharmacy: str, digest: bytes, wanted: Sequence[Wanted], now: datetime
) -> Outcome:
    """Return *it* after *pharmacy* hands over all of *wanted*; refuse all of it when one line is wrong."""
    prescriptions.require_claim(it, pharmacy, digest, now)
    prescriptions.refuse_ended(it)
    day = prescriptions.day_of(now)
    findings = [found for index, one in enumerate(wanted) for found in judge(it, one, day, f"lines[{index}]")]
    findings += overdrawn(it, wanted)
    faults = [one for one in findings if one.refuses]
    if faults:
        raise refusal(it, wanted, faults, day)
    handed = tuple(hand_over(it.lines[one.line - 1], one) for one in wanted)
    after = replace(prescriptions.taken(it, sums(handed)), claim=None)
    return Outcome(after, handed, tuple(findings))


def reverse(it: Prescription, dispensing: Dispensing, now: datetime) -> tuple[Prescription, Dispensing]:
    """Return *it* with the quantities of *dispensing* free again, and *dispensing*, reversed.

    Works in every state: what came back came back.  A prescription whose days
    are over is then expired, not open.
    """
    if dispensing.reverse_time is not None:
        raise Refused("DISPENSING_REVERSED", name=dispensing.name)
    back = {line: -quantity for line, quantity in dispensing.quantities.items()}
    return prescriptions.taken(it, back), replace(dispensing, reverse_time=now)


def judge(it: Prescription, wanted: Wanted, day: date, path: str) -> list[Finding]:
    """Return what is wrong or doubtful with one line, quantities aside."""
    line = it.line(wanted.line)
    if line is None:
        return [fault(f"{path}.line", "LINE_UNKNOWN", "There is no such line.", "Không có dòng thuốc này.")]
    found: list[Finding] = []
    if not prescriptions.is_open(it, line, day):
        found.append(
            fault(
                f"{path}.line",
                "TRANCHE_CLOSED",
                "The tranche of this line is not collected today.",
                "Đợt cấp của dòng thuốc này không nằm trong thời hạn.",
            )
        )
    if wanted.lot_expiry is not None and wanted.lot_expiry < day:
        found.append(
            fault(f"{path}.lot_expiry", "LOT_EXPIRED", "The lot has expired.", "Lô thuốc đã hết hạn dùng.")
        )
    return found + (judge_drug(wanted, wanted.drug, line.drug, path) if wanted.drug is not None else [])


def judge_drug(wanted: Wanted, given: Medicine, prescribed: Medicine, path: str) -> list[Finding]:
    """Return what is wrong or doubtful with handing over *given* for *prescribed*."""
    found = [
        fault(
            f"{path}.drug.{name}",
            "SUBSTITUTION_REFUSED",
            f"{name} differs from the prescribed drug.",
            "Chỉ được thay thế thuốc cùng hoạt chất, đường dùng, hàm lượng.",
        )
        for name in unlike(given, prescribed)
    ]
    if is_other_product(given, prescribed) and not wanted.buyer_agreed:
        found.append(
            fault(
                f"{path}.buyer_agreed",
                "SUBSTITUTION_REFUSED",
                "Another product needs the buyer's agreement.",
                "Thay thế thuốc phải được người mua đồng ý.",
            )
        )
    return found + doubts(given, prescribed, path)


def doubts(given: Medicine, prescribed: Medicine, path: str) -> list[Finding]:
    """Return what could not be checked: it warns, and refuses nobody their drugs."""
    found = [
        Finding(
            f"{path}.drug.{name}",
            "SUBSTITUTION_UNCHECKED",
            f"{name} could not be compared: only one of the two drugs states it.",
            "Không đủ thông tin để so sánh với thuốc được kê.",
            refuses=False,
        )
        for name in not_compared(given, prescribed)
        if is_other_product(given, prescribed)
    ]
    if given.registration_number and not number_is_known(given.registration_number):
        found.append(
            Finding(
                f"{path}.drug.registration_number",
                "REGISTRATION_FORM_UNKNOWN",
                "The registration number has none of the known forms.",
                "Số đăng ký không đúng định dạng đã biết.",
                refuses=False,
            )
        )
    return found


def overdrawn(it: Prescription, wanted: Sequence[Wanted]) -> list[Finding]:
    """Return a fault for each entry that takes its line below nothing, earlier entries counted."""
    found: list[Finding] = []
    asked: dict[int, int] = {}
    for index, one in enumerate(wanted):
        line = it.line(one.line)
        asked = add(asked, one.line, one.quantity)
        if line is not None and asked[one.line] > line.remaining:
            left = text_of(line.remaining)
            found.append(
                fault(
                    f"lines[{index}].quantity",
                    "QUANTITY_EXCEEDS_REMAINING",
                    f"Line {one.line}: {text_of(asked[one.line])} asked, {left} left.",
                    f"Dòng thuốc {one.line}: yêu cầu {text_of(asked[one.line])}, còn lại {left}.",
                )
            )
    return found


def refusal(it: Prescription, wanted: Sequence[Wanted], faults: Sequence[Finding], day: date) -> Refused:
    """Return the refusal for *faults*: the weightiest kind is the reason, all are named."""
    reason = min((one.rule for one in faults), key=ORDER.index)
    details: dict[str, Callable[[], dict[str, str]]] = {
        "QUANTITY_EXCEEDS_REMAINING": lambda: first_overdrawn(it, wanted, faults),
        "TRANCHE_CLOSED": lambda: {"opens": prescriptions.next_opening(it, day)},
    }
    return Refused(reason, faults, **details.get(reason, dict)())


def first_overdrawn(it: Prescription, wanted: Sequence[Wanted], faults: Sequence[Finding]) -> dict[str, str]:
    """Return the metadata of the first entry that asks for too much."""
    index = int(faults[0].field.removeprefix("lines[").partition("]")[0])
    line = it.lines[wanted[index].line - 1]
    return {"line": str(line.number), "remaining": text_of(line.remaining)}


def hand_over(line: Line, wanted: Wanted) -> Handed:
    """Return what goes over the counter; *line* is the one that *wanted* names."""
    given = wanted.drug or line.drug
    return Handed(
        line=line.number,
        drug=given,
        prescribed=line.drug,
        quantity=wanted.quantity,
        unit=line.unit,
        dose=line.dose,
        lot_number=wanted.lot_number,
        lot_expiry=wanted.lot_expiry,
        substituted=is_other_product(given, line.drug),
    )


def sums(handed: Sequence[Handed]) -> dict[int, int]:
    """Return the thousandths by line."""
    total: dict[int, int] = {}
    for one in handed:
        total = add(total, one.line, one.quantity)
    return total


def fault(field: str, rule: str, en: str, vi: str) -> Finding:
    """Return a finding that refuses."""
    return Finding(field, rule, en, vi)
