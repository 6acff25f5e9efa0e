"""Consents, decisions, emergency accesses."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from common.faults import Fault
from common.names import IDENTITY, facility_name, id_of, last_part, person_name
from common.restricted import DataClass
from common.values import date_to_pb, timestamp_to_pb
from lientuyen.identity.v1 import consent_pb2 as pb
from lientuyen.identity.v1 import consent_service_pb2 as service_pb
from lientuyen.identity.v1 import emergency_access_pb2 as emergency_pb
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.consents import Consent, ConsentState
from ..model.emergencies import EmergencyAccess
from ..model.read_decision_table import REASONS_VI, Decision, ReadRequest
from .values import date_or_fault, to_pb_enum


def consent_name(consent: Consent) -> str:
    return consent_name_of(consent.person_id, consent.id)


def consent_name_of(person_id: UUID, consent_id: UUID) -> str:
    return f"{person_name(person_id)}/consents/{consent_id}"


def consent_to_pb(consent: Consent) -> pb.Consent:
    guardian = pb.Guardian(
        person=person_name(consent.guardian),
        relation=to_pb_enum(pb.Guardian.Relation, consent.guardian_relation),
    )
    return pb.Consent(
        name=consent_name(consent),
        state=to_pb_enum(pb.Consent.State, consent.state),
        facility=facility_name(consent.facility),
        purpose=to_pb_enum(AccessContext.Purpose, consent.purpose),
        data_classes=_classes_to_pb(consent.data_classes),
        valid_from=date_to_pb(consent.valid_from),
        valid_to=date_to_pb(consent.valid_to),
        proof=pb.ConsentProof(
            kind=to_pb_enum(pb.ConsentProof.Kind, consent.proof_kind),
            reference=consent.proof_reference,
            sha256=consent.proof_sha256,
        ),
        guardian=guardian if consent.guardian_relation else None,
        child_agreed=consent.child_agreed,
        recorder=consent.recorder,
        create_time=timestamp_to_pb(consent.create_time),
        withdraw_time=timestamp_to_pb(consent.withdraw_time),
        etag=str(consent.version),
    )


def consent_from_pb(
    message: pb.Consent, *, id_: UUID, person_id: UUID, recorder: str, now: datetime, today: date
) -> tuple[Consent, list[Fault]]:
    faults: list[Fault] = []
    consent = Consent(
        id=id_,
        person_id=person_id,
        state=ConsentState.ACTIVE,
        facility=last_part(message.facility),
        purpose=message.purpose,
        data_classes=data_classes_from_pb(message.data_classes),
        valid_from=date_or_fault("consent.valid_from", message.valid_from, faults) or today,
        valid_to=date_or_fault("consent.valid_to", message.valid_to, faults),
        proof_kind=message.proof.kind,
        proof_reference=message.proof.reference,
        proof_sha256=message.proof.sha256,
        guardian=id_of(message.guardian.person) if message.guardian.person else None,
        guardian_relation=message.guardian.relation,
        child_agreed=message.child_agreed,
        recorder=recorder,
        create_time=now,
        withdraw_time=None,
        version=1,
    )
    return consent, faults


def data_classes_from_pb(classes: Iterable[pb.DataClass]) -> frozenset[DataClass]:
    """Return the classes; none told means ordinary data of care."""
    return frozenset(DataClass(kind or DataClass.CARE) for kind in classes) or frozenset({DataClass.CARE})


def _classes_to_pb(classes: Iterable[DataClass]) -> list[pb.DataClass]:
    return [to_pb_enum(pb.DataClass, kind) for kind in sorted(classes)]


def read_request_from_pb(
    request: service_pb.AuthorizeRequest, *, requester: str, facility: str, day: date
) -> ReadRequest:
    return ReadRequest(
        requester=requester,
        facility=facility,
        purpose=request.access.purpose,
        basis=request.access.legal_basis,
        reason=request.access.reason,
        data_classes=data_classes_from_pb(request.data_classes),
        own_record=request.own_record,
        each_class=request.each_class,
        day=day,
    )


def decision_to_pb(
    decision: Decision, expire_time: datetime, emergency: EmergencyAccess | None, records: Iterable[UUID]
) -> pb.Decision:
    """Return the decision on a person of these *records*; *expire_time* is told of one that allows."""
    return pb.Decision(
        allowed=decision.allowed,
        reason=to_pb_enum(pb.Decision.Reason, decision.reason),
        flagged=decision.flagged,
        expire_time=timestamp_to_pb(expire_time) if decision.allowed else None,
        consent=consent_name(decision.consents[0]) if decision.consents else "",
        withheld_classes=_classes_to_pb(decision.withheld),
        emergency_access=emergency_name(emergency.id) if emergency else "",
        message_vi=REASONS_VI[decision.reason],
        persons=map(person_name, records),
    )


def emergency_name(id_: UUID) -> str:
    return f"{IDENTITY}emergencyAccesses/{id_}"


def emergency_to_pb(access: EmergencyAccess) -> emergency_pb.EmergencyAccess:
    return emergency_pb.EmergencyAccess(
        name=emergency_name(access.id),
        state=to_pb_enum(emergency_pb.EmergencyAccess.State, access.state),
        person=person_name(access.person_id),
        facility=facility_name(access.facility),
        practitioner=access.practitioner,
        purpose=to_pb_enum(AccessContext.Purpose, access.purpose),
        reason=access.reason,
        caller=access.caller,
        access_time=timestamp_to_pb(access.access_time),
        expire_time=timestamp_to_pb(access.expire_time),
        use_count=access.use_count,
        trace_id=access.trace_id,
        reviewer=access.reviewer,
        review_time=timestamp_to_pb(access.review_time),
        review_note=access.review_note,
        etag=str(access.version),
        consent=consent_name_of(access.person_id, access.consent) if access.consent else "",
    )
