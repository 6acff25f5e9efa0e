"""
Dispensing (bán thuốc theo đơn): what a pharmacy hands over, judged line by line, all or nothing.

After a dispensing the claim is spent, whether or not something is left: one
token, one dispensing, so a token that leaks afterwards opens nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from common.faults import Fault, RuleViolated, refusals
from common.names import PHARMACY
from common.restricted import DataClass
from common.values import day_of, quantity_text

from .claims import require_claim
from .drugs import Medicine
from .prescriptions import (
    Line,
    Prescription,
    is_open,
    next_opening,
    require_not_withdrawn,
    with_dispensed,
)
from .refusals import Refusal
from .substitution import check_substitution, is_other_product

# Faults of several kinds may be found at once: the status carries the first of these as its reason.
REASONS_BY_WEIGHT = (
    Refusal.LINE_UNKNOWN,
    Refusal.TRANCHE_CLOSED,
    Refusal.LOT_EXPIRED,
    Refusal.SUBSTITUTION_REFUSED,
    Refusal.QUANTITY_EXCEEDS_REMAINING,
)


@dataclass(frozen=True, slots=True)
class RequestedLine:
    """What a pharmacy wants to hand over of one line; *drug* None means what was prescribed."""

    line: int
    quantity: int
    drug: Medicine | None = None
    buyer_agreed: bool = False
    lot_number: str = ""
    lot_expiry: date | None = None


@dataclass(frozen=True, slots=True)
class DispensedLine:
    """What was handed over of one line, beside what was prescribed; *quantity* in thousandths of *unit*."""

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
    lines: tuple[DispensedLine, ...]
    invoice_number: str = ""
    reverse_time: datetime | None = None
    classes: frozenset[DataClass] = frozenset()

    @property
    def name(self) -> str:
        return f"{PHARMACY}dispensings/{self.id}"

    @property
    def quantities(self) -> dict[int, int]:
        return quantities_by_line(self.lines)


@dataclass(frozen=True, slots=True)
class Outcome:
    prescription: Prescription
    lines: tuple[DispensedLine, ...]
    warnings: tuple[Fault, ...]


def dispense(
    prescription: Prescription,
    pharmacy: str,
    digest: bytes,
    requested: Sequence[RequestedLine],
    now: datetime,
) -> Outcome:
    """Return what comes of *pharmacy* handing over all of *requested*; one wrong line refuses all of it."""
    require_claim(prescription, pharmacy, digest, now)
    require_not_withdrawn(prescription)
    day = day_of(now)
    faults = [
        fault
        for index, request in enumerate(requested)
        for fault in check_line(prescription, request, day, f"lines[{index}]")
    ]
    faults += check_quantities(prescription, requested)
    if refusing := refusals(faults):
        raise refusal(prescription, requested, refusing, day)
    lines = tuple(dispensed_line(prescription.lines[request.line - 1], request) for request in requested)
    after = replace(with_dispensed(prescription, quantities_by_line(lines)), claim=None)
    return Outcome(after, lines, tuple(faults))


def reverse(
    prescription: Prescription, dispensing: Dispensing, now: datetime
) -> tuple[Prescription, Dispensing]:
    """Return *prescription* with the quantities of *dispensing* free again, and *dispensing*, reversed.

    Works in every state: what came back came back.  A prescription whose days
    are over is then expired, not open.
    """
    if dispensing.reverse_time is not None:
        raise RuleViolated(Refusal.DISPENSING_REVERSED, name=dispensing.name)
    quantities = {line: -quantity for line, quantity in dispensing.quantities.items()}
    return with_dispensed(prescription, quantities), replace(dispensing, reverse_time=now)


def check_line(prescription: Prescription, request: RequestedLine, day: date, path: str) -> list[Fault]:
    line = prescription.line(request.line)
    if line is None:
        return [
            Fault(f"{path}.line", Refusal.LINE_UNKNOWN, "There is no such line.", "Không có dòng thuốc này.")
        ]
    faults: list[Fault] = []
    if not is_open(prescription, line, day):
        faults.append(
            Fault(
                f"{path}.line",
                Refusal.TRANCHE_CLOSED,
                "The tranche of this line is not collected today.",
                "Đợt cấp của dòng thuốc này không nằm trong thời hạn.",
            )
        )
    if request.lot_expiry is not None and request.lot_expiry < day:
        faults.append(
            Fault(
                f"{path}.lot_expiry", Refusal.LOT_EXPIRED, "The lot has expired.", "Lô thuốc đã hết hạn dùng."
            )
        )
    if request.drug is not None:
        faults += check_substitution(request.drug, line.drug, path, buyer_agreed=request.buyer_agreed)
    return faults


def check_quantities(prescription: Prescription, requested: Sequence[RequestedLine]) -> list[Fault]:
    """Return a fault for each entry that takes its line below nothing, earlier entries counted."""
    faults: list[Fault] = []
    totals: Counter[int] = Counter()
    for index, request in enumerate(requested):
        line = prescription.line(request.line)
        totals[request.line] += request.quantity
        if line is not None and totals[request.line] > line.remaining:
            total, left = quantity_text(totals[request.line]), quantity_text(line.remaining)
            faults.append(
                Fault(
                    f"lines[{index}].quantity",
                    Refusal.QUANTITY_EXCEEDS_REMAINING,
                    f"Line {request.line}: {total} asked, {left} left.",
                    f"Dòng thuốc {request.line}: yêu cầu {total}, còn lại {left}.",
                )
            )
    return faults


def refusal(
    prescription: Prescription, requested: Sequence[RequestedLine], faults: Sequence[Fault], day: date
) -> RuleViolated:
    """Return the refusal for *faults*: the weightiest kind is the reason, all are named."""
    reason = min((Refusal(fault.rule) for fault in faults), key=REASONS_BY_WEIGHT.index)
    metadata: dict[str, str] = {}
    if reason is Refusal.QUANTITY_EXCEEDS_REMAINING:
        index = int(faults[0].field.removeprefix("lines[").partition("]")[0])
        line = prescription.lines[requested[index].line - 1]
        metadata = {"line": str(line.number), "remaining": quantity_text(line.remaining)}
    elif reason is Refusal.TRANCHE_CLOSED:
        metadata = {"opens": next_opening(prescription, day)}
    return RuleViolated(reason, faults, **metadata)


def dispensed_line(line: Line, request: RequestedLine) -> DispensedLine:
    drug = request.drug or line.drug
    return DispensedLine(
        line=line.number,
        drug=drug,
        prescribed=line.drug,
        quantity=request.quantity,
        unit=line.unit,
        dose=line.dose,
        lot_number=request.lot_number,
        lot_expiry=request.lot_expiry,
        substituted=is_other_product(drug, line.drug),
    )


def quantities_by_line(lines: Sequence[DispensedLine]) -> dict[int, int]:
    totals: Counter[int] = Counter()
    for line in lines:
        totals[line.line] += line.quantity
    return dict(totals)
