"""What is answered."""

from dataclasses import dataclass
from datetime import date

from common.values import written_day

from ..coverages import Coverage
from .care_category import Arrival, Basis
from .decision_reasons import Reason
from .result_codes import result_vi


@dataclass(frozen=True, slots=True)
class Eligibility:
    """
    The answer.  Rates in percent; None is not known.  *card* None is "no card counts".

    *category* is what the rate rests on, *proposed* what nobody applied; both may
    be empty.  *candidates* are those of which one is right.  *entitlement* is a
    share of *basis*.  *threshold* is the shared cost of a year, in đồng, above
    which a person insured for 5 continuous years shares nothing more, *remaining*
    what may still be shared; *small_visit* the cost below which a visit is paid in
    full.  *note_vi* closes the sentence; *unknown* is "nothing is known and nobody
    could be asked".
    """

    covered: bool
    result_code: str
    card: Coverage | None
    weighed: tuple[Coverage, ...]
    reasons: tuple[Reason, ...]
    grace: bool = False
    grace_until: date | None = None
    level: int = 0
    benefit_rate: int | None = None
    entitlement: int | None = None
    basis: Basis = Basis.UNSPECIFIED
    arrival: Arrival = Arrival.UNSPECIFIED
    category: str = ""
    proposed: str = ""
    candidates: tuple[str, ...] = ()
    five_years_reached: bool = False
    threshold: int | None = None
    remaining: int | None = None
    small_visit: int | None = None
    exempt: bool = False
    note_vi: str = ""
    unknown: bool = False

    @property
    def basis_points(self) -> int | None:
        """The rate that the insurance pays, in hundredths of a percent; None when it is not known."""
        if self.unknown:
            return None
        if not self.covered or self.entitlement == 0:
            return 0
        if self.benefit_rate is None or self.entitlement is None:
            return None
        return self.benefit_rate * self.entitlement

    @property
    def message_vi(self) -> str:
        parts = [result_vi(self.result_code)]
        if self.card and self.covered:
            parts.append(
                f"hạn đến {written_day(self.card.valid_to)}" if self.card.valid_to else "không ghi hạn"
            )
        if self.grace and self.grace_until:
            parts.append(f"đang điều trị, được thanh toán tiếp đến {written_day(self.grace_until)}")
        if self.covered:
            points = self.basis_points
            parts.append(
                "chưa xác định được mức hưởng" if points is None else f"mức hưởng {percent_vi(points)}"
            )
        if self.exempt:
            parts.append("miễn cùng chi trả")
        if self.note_vi:
            parts.append(self.note_vi)
        return "; ".join(parts) + "."


def percent_vi(points: int) -> str:
    """Return 4750 as `47,5%`, the Vietnamese way."""
    return f"{points / 100:g}%".replace(".", ",")
