"""What `kcb` finds in a file as faults of an error, and both as messages."""

from chassis.errors import FieldViolation
from common.faults import Fault
from kcb.report import Finding
from lientuyen.records.v1 import finding_pb2


def finding_to_fault(finding: Finding) -> Fault:
    return Fault(finding.path, finding.rule, finding.en, finding.vi, finding.refuses)


def finding_to_pb(finding: Finding) -> finding_pb2.Finding:
    return fault_to_pb(finding_to_fault(finding), refuses=finding.refuses)


def fault_to_pb(fault: FieldViolation, *, refuses: bool) -> finding_pb2.Finding:
    severity = finding_pb2.Finding.SEVERITY_REFUSE if refuses else finding_pb2.Finding.SEVERITY_WARN
    return finding_pb2.Finding(
        rule=fault.rule, severity=severity, path=fault.field, message_vi=fault.vi, message_en=fault.en
    )
