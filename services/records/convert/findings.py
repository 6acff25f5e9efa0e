"""What `kcb` finds in a file as faults of an error, and both as messages."""

from chassis.errors import FieldViolation
from common.faults import Fault
from kcb.report import Finding
from lientuyen.records.v1 import finding_pb2


def finding_to_fault(finding: Finding) -> Fault:
    """Return a fault whose sentences also say what was expected and found, for it has no other place."""
    en = f"{finding.en}{added(finding, 'Expected', 'found')}"
    vi = f"{finding.vi}{added(finding, 'Cần', 'hiện')}"
    return Fault(finding.path, finding.rule, en, vi, finding.refuses)


def added(finding: Finding, expected: str, found: str) -> str:
    """Return ` Expected: NGAY_YL ≥ NGAY_VAO; found: -35 min.`, or nothing where the sentence says it all."""
    parts = [
        (expected, finding.expected if finding.expected not in finding.en else ""),
        (found, finding.found),
    ]
    words = "; ".join(f"{name}: {value}" for name, value in parts if value)
    return f" {words[0].upper()}{words[1:]}." if words else ""


def finding_to_pb(finding: Finding) -> finding_pb2.Finding:
    severity = finding_pb2.Finding.SEVERITY_REFUSE if finding.refuses else finding_pb2.Finding.SEVERITY_WARN
    return finding_pb2.Finding(
        rule=finding.rule,
        severity=severity,
        path=finding.path,
        message_vi=finding.vi,
        message_en=finding.en,
        expected=finding.expected,
        found=finding.found,
    )


def fault_to_pb(fault: FieldViolation, *, refuses: bool) -> finding_pb2.Finding:
    severity = finding_pb2.Finding.SEVERITY_REFUSE if refuses else finding_pb2.Finding.SEVERITY_WARN
    return finding_pb2.Finding(
        rule=fault.rule, severity=severity, path=fault.field, message_vi=fault.vi, message_en=fault.en
    )
