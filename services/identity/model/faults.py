"""The faults that many fields have (`common.faults`)."""

from common.faults import Fault


def missing(field: str) -> Fault:
    return Fault(field, f"{field}.required", f"{field} is required", "Bắt buộc phải có.")


def malformed(field: str) -> Fault:
    return Fault(field, f"{field}.form", f"{field} has a wrong form", "Không đúng định dạng.")


def too_long(field: str, limit: int) -> Fault:
    return Fault(
        field,
        f"{field}.length",
        f"{field} is longer than {limit} characters",
        f"Không được dài quá {limit} ký tự.",
    )
