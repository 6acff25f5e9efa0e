"""What is wrong with a field: said in two languages, never with the value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a field breaks.  Whether it refuses or only warns is the caller's business."""

    field: str
    rule: str
    en: str
    vi: str


def missing(field: str) -> Fault:
    """Return the fault of a field that must be there."""
    return Fault(field, f"{field}.required", f"{field} is required", "Bắt buộc phải có.")


def malformed(field: str) -> Fault:
    """Return the fault of a field whose form is wrong."""
    return Fault(field, f"{field}.form", f"{field} has a wrong form", "Không đúng định dạng.")


def too_long(field: str, limit: int) -> Fault:
    """Return the fault of a field that is longer than *limit* characters."""
    return Fault(
        field,
        f"{field}.length",
        f"{field} is longer than {limit} characters",
        f"Không được dài quá {limit} ký tự.",
    )
