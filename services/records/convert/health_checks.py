"""Health checks as messages."""

from common.names import facility_name, person_name
from common.values import coding_to_pb, timestamp_to_pb
from kcb.ksk_catalogue import KskField, ksk_catalogue
from lientuyen.records.v1 import health_check_pb2 as pb
from lientuyen.records.v1 import health_check_service_pb2 as service_pb
from lientuyen.type.v1.coding_pb2 import Coding

from ..model.health_checks import CheckExamination, CheckResult, HealthCheck
from ..model.read_scope import ReadScope
from .findings import fault_to_pb
from .names import health_check_name

STATES = {"accepted": pb.HealthCheck.STATE_ACCEPTED, "superseded": pb.HealthCheck.STATE_SUPERSEDED}
SIGNATURES = {
    "absent": pb.HealthCheck.SIGNATURE_STATE_ABSENT,
    "unverified": pb.HealthCheck.SIGNATURE_STATE_UNVERIFIED,
    "verified": pb.HealthCheck.SIGNATURE_STATE_VERIFIED,
}

# Whoever may see the whole of a check: who sent it.
WHOLE = ReadScope((), hidden=0)

ICD10, FIELDS = "ICD-10", "KSK"


def health_check_to_pb(check: HealthCheck, scope: ReadScope = WHOLE) -> pb.HealthCheck:
    """Return what a reader of *scope* may see of a check: examinations of a hidden kind are left out."""
    content = check.content
    return pb.HealthCheck(
        name=health_check_name(check.id),
        facility=facility_name(check.facility),
        person=person_name(check.person),
        link_key=check.link_key,
        check_time=timestamp_to_pb(check.check_time),
        health_class=_listed("PHAN_LOAI_SK", content.health_class),
        receive_time=timestamp_to_pb(check.receive_time),
        version=check.version,
        state=STATES[check.state],
        form=check.form,
        subject=_listed("DOI_TUONG", content.subject),
        payer=_listed("NGUON_CHI_TRA", content.payer),
        diagnoses=[Coding(system=ICD10, code=code[:100]) for code in content.diagnoses],
        problems=content.problems,
        measurements=[_measurement(name, value) for name, value in content.measurements],
        examinations=[
            _examination(each) for each in content.examinations if scope.shows(each.classes, check.facility)
        ],
        results=map(_result, content.results),
        doctor_signature=SIGNATURES[check.doctor_signature],
        facility_signature=SIGNATURES[check.facility_signature],
        sha256=check.sha256.hex(),
        size_bytes=check.size_bytes,
        supersedes=health_check_name(check.supersedes),
        superseded_by=health_check_name(check.superseded_by),
    )


def submission_to_pb(check: HealthCheck, *, unchanged: bool) -> service_pb.SubmitHealthCheckResponse:
    message = health_check_to_pb(check)
    message.warnings.extend(fault_to_pb(fault, refuses=False) for fault in check.warnings)
    return service_pb.SubmitHealthCheckResponse(
        health_check=message, warnings=message.warnings, unchanged=unchanged
    )


def _listed(field: str, code: str) -> Coding | None:
    """Return a code of a field's list with its Vietnamese name."""
    codes = ksk_catalogue().fields[field].codes
    assert codes is not None, "the field has a list"
    return coding_to_pb(codes.name, code[:100], codes.values.get(code, ""))


def _measurement(name: str, value: str) -> pb.CheckMeasurement:
    field = ksk_catalogue().fields[name]
    return pb.CheckMeasurement(kind=_kind(field), value=value, unit=field.unit)


def _examination(examination: CheckExamination) -> pb.CheckExamination:
    return pb.CheckExamination(
        kind=_kind(ksk_catalogue().fields[examination.field]),
        finding=examination.finding,
        health_class=_listed("PHAN_LOAI_SK", examination.health_class),
    )


def _kind(field: KskField) -> Coding:
    return Coding(system=FIELDS, code=field.name, display=field.vi)


def _result(result: CheckResult) -> pb.CheckResult:
    return pb.CheckResult(
        service=coding_to_pb("MA_DICH_VU", result.service_code[:100]),
        indicator=coding_to_pb("MA_CHI_SO", result.indicator_code[:100]),
        value=result.value,
        unit=result.unit,
        description=result.description,
        conclusion=result.conclusion,
    )
