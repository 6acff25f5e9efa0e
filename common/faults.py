"""
What the rules of a model find: a fault of a field, and a rule that refuses the whole.

Pure, so that models may use them.  A service passes faults on as the violations of an error
(`chassis.errors`), for both have the same fields.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a field breaks: the exact path, the rule's id, and what to say in two languages.

    Never holds the value, which may be a patient's.  *refuses* is False for what only warns.
    """

    field: str
    rule: str
    en: str
    vi: str
    refuses: bool = True


class RuleViolated(Exception):
    """A rule does not allow what was asked; nothing was changed.

    *reason* is the name of a reason of the contract without its prefix, as `NOTHING_LEFT`; the
    service turns it into a status.  *metadata* are the status's.
    """

    def __init__(self, reason: str, faults: Sequence[Fault] = (), **metadata: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.faults = tuple(faults)
        self.metadata = metadata


def refusals(faults: Iterable[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.refuses]


def warnings(faults: Iterable[Fault]) -> list[Fault]:
    return [fault for fault in faults if not fault.refuses]


def future_fault(field: str, rule: str = "time-in-future") -> Fault:
    """Return the fault of a *field* by which something has happened in the future (`values.is_future`)."""
    en, vi = (
        f"{field} lies in the future, where nothing has happened yet",
        "Nằm trong tương lai, chưa thể xảy ra.",
    )
    return Fault(field, rule, en, vi)
