"""
Whether a health check can be accepted: is it whole, is it the sender's, who signed it, whom is it about.

The order matters, as for dossiers: who sends is settled before anything is said of the file; identity is
asked while no database connection is held.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from chassis import call_context, clock
from chassis.errors import InvalidArgument
from common.faults import Fault
from kcb.ksk_catalogue import DOCTOR_SIGNATURE
from kcb.ksk_envelope import FACILITY
from kcb.ksk_report import KskFindings, KskReport
from kcb.ksk_validate import validate_ksk
from kcb.report import Place, Row
from kcb.xml_signature import SignatureFault
from lientuyen.records.v1 import error_reasons as reasons

from ..convert.findings import finding_to_fault
from ..model.person_numbers import STATED_FIELDS, person_number, stated_person
from ..peers import IdentifiedPerson, PersonLookup
from .health_check_signatures import HealthCheckSignatures
from .originals import compress
from .submission_checks import off_loop

# The fields that say whom a check is about, wherever they stand in it.
PERSON_FIELDS = ("SO_CCCD", "MA_THE_BHYT", *STATED_FIELDS.values())


@dataclass(frozen=True, slots=True)
class CheckedHealthCheck:
    """A file that can be accepted.  The signatures are `absent`, `unverified` or `verified`."""

    compressed: bytes
    size_bytes: int
    report: KskReport
    person: UUID
    doctor_signature: str
    facility_signature: str
    warnings: tuple[Fault, ...]
    sha256: bytes


class HealthCheckChecks:
    def __init__(self, persons: PersonLookup, signatures: HealthCheckSignatures) -> None:
        self._persons = persons
        self._signatures = signatures

    async def check(self, content: bytes) -> CheckedHealthCheck:
        """Return the file, checked, or raise what is wrong with it.

        PermissionDenied for another facility's file; InvalidArgument(HEALTH_CHECK_REFUSED) with every fault,
        InvalidArgument(DOCTOR_SIGNATURE_INVALID or SIGNATURE_INVALID); Unavailable when identity does not
        answer, and ResourceExhausted when it looks up no more numbers of this facility.
        """
        is_signed = await self._signatures.is_signed_by_facility(content)
        report = await off_loop(content, validate_ksk, content, now=clock.now())
        if report.facility:
            call_context.require_facility(FACILITY, report.facility)
        if is_signed != bool(report.signed_at):  # two readers that do not agree
            raise InvalidArgument(reasons.SIGNATURE_INVALID, cause="unreadable")
        findings = KskFindings()
        doctor = await self._check_doctor(report, findings)
        if not report.accepted:
            raise refusal(tuple(map(finding_to_fault, report.refusals)))
        person, of_person = await self._find_person(report)
        own = (*report.findings, *findings.in_order())
        warnings = (*of_person, *(finding_to_fault(each) for each in own if not each.refuses))
        digest = await off_loop(content, hashlib.sha256, content)
        compressed = await off_loop(content, compress, content)
        return CheckedHealthCheck(
            compressed,
            len(content),
            report,
            person,
            doctor,
            "verified" if is_signed else "absent",
            warnings,
            digest.digest(),
        )

    async def _check_doctor(self, report: KskReport, findings: KskFindings) -> str:
        if report.doctor == "none":
            return "absent"
        path, document = report.path(DOCTOR_SIGNATURE), report.sheets[report.concluding].xml
        try:
            is_known = report.doctor == "xml" and await self._signatures.is_signed_by_doctor(
                document, report.facility
            )
        except SignatureFault as fault:
            raise InvalidArgument(
                reasons.DOCTOR_SIGNATURE_INVALID, cause=fault.cause, violations=fault_of(fault.rule, path)
            ) from None
        if not is_known:
            findings.add("doctor-signature-unverified", path, report.place(DOCTOR_SIGNATURE))
        return "verified" if is_known else "unverified"

    async def _find_person(self, report: KskReport) -> tuple[UUID, tuple[Fault, ...]]:
        """Ask identity who the check is about; HEALTH_CHECK_REFUSED when that cannot be told."""
        row = Row(1, {name: report.get(name) for name in PERSON_FIELDS})
        number, stated = person_number(row), stated_person(row)
        field, findings = number.field if number else "SO_CCCD", KskFindings()
        person = await self._persons.find_person(stated, "") if stated else "person-unknown"
        if not isinstance(person, IdentifiedPerson):
            findings.add(person, report.path(field), report.place(field))
            raise refusal(tuple(map(finding_to_fault, findings.in_order())))
        for name, cell in STATED_FIELDS.items():
            if name in person.differing:
                findings.add("differs-from-person", report.path(cell), report.place(cell))
        return person.id, tuple(map(finding_to_fault, findings.in_order()))


def refusal(faults: tuple[Fault, ...]) -> InvalidArgument:
    return InvalidArgument(reasons.HEALTH_CHECK_REFUSED, violations=faults)


def fault_of(rule: str, path: str) -> tuple[Fault, ...]:
    findings = KskFindings()
    findings.add(rule, path, Place(2))
    return tuple(map(finding_to_fault, findings.in_order()))
