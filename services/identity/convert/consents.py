"""Consents, decisions, emergency accesses."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from lientuyen.identity.v1 import consent_pb2 as pb
from lientuyen.identity.v1 import consent_service_pb2 as service_pb
from lientuyen.identity.v1 import emergency_access_pb2 as emergency_pb
from lientuyen.type.v1.access_pb2 import AccessContext

from ..model.authorize import WHY_VI, Ask, Decision
from ..model.consents import Consent, ConsentState, DataClass
from ..model.emergencies import EmergencyAccess
from ..model.faults import Fault
from .names import facility_name, last, last_uuid, person_full, person_name
from .values import date_to_pb, number, time_to_pb, whole_or_fault


def consent_name(one: Consent) -> str:
    """Return `persons/{person}/consents/{consent}`."""
    return f"{person_name(one.person_id)}/consents/{one.id}"


def consent_to_pb(one: Consent) -> pb.Consent:
    """Return the message."""
    guardian = pb.Guardian(
        person=person_name(one.guardian), relation=number(pb.Guardian.Relation, one.guardian_relation)
    )
    return pb.Consent(
        name=consent_name(one),
        state=number(pb.Consent.State, one.state),
        facility=facility_name(one.facility),
        purpose=number(AccessContext.Purpose, one.purpose),
        data_classes=_classes_to_pb(one.data_classes),
        valid_from=date_to_pb(one.valid_from),
        valid_to=date_to_pb(one.valid_to),
        proof=pb.ConsentProof(
            kind=number(pb.ConsentProof.Kind, one.proof_kind),
            reference=one.proof_reference,
            sha256=one.proof_sha256,
        ),
        guardian=guardian if one.guardian_relation else None,
        child_agreed=one.child_agreed,
        recorder=one.recorder,
        create_time=time_to_pb(one.create_time),
        withdraw_time=time_to_pb(one.withdraw_time),
        etag=str(one.version),
    )


def consent(
    given: pb.Consent, *, id_: UUID, person_id: UUID, recorder: str, now: datetime, today: date
) -> tuple[Consent, list[Fault]]:
    """Return a new consent as *given*, and the faults of its dates."""
    faults: list[Fault] = []
    read = Consent(
        id=id_,
        person_id=person_id,
        state=ConsentState.ACTIVE,
        facility=last(given.facility),
        purpose=given.purpose,
        data_classes=data_classes(list(given.data_classes)),
        valid_from=whole_or_fault("consent.valid_from", given.valid_from, faults) or today,
        valid_to=whole_or_fault("consent.valid_to", given.valid_to, faults),
        proof_kind=given.proof.kind,
        proof_reference=given.proof.reference,
        proof_sha256=given.proof.sha256,
        guardian=last_uuid(given.guardian.person) if given.guardian.person else None,
        guardian_relation=given.guardian.relation,
        child_agreed=given.child_agreed,
        recorder=recorder,
        create_time=now,
        withdraw_time=None,
        version=1,
    )
    return read, faults


def data_classes(given: list[pb.DataClass]) -> frozenset[DataClass]:
    """Return the classes; none told means ordinary data of care."""
    return frozenset(DataClass(one or DataClass.CARE) for one in given) or frozenset({DataClass.CARE})


def _classes_to_pb(classes: frozenset[DataClass] | tuple[DataClass, ...]) -> list[pb.DataClass]:
    return [number(pb.DataClass, one) for one in sorted(classes)]


def ask(request: service_pb.AuthorizeRequest, *, requester: str, facility: str, day: date) -> Ask:
    """Return what is asked: who wants to read what, and why."""
    return Ask(
        requester=requester,
        facility=facility,
        purpose=request.access.purpose,
        basis=request.access.legal_basis,
        reason=request.access.reason,
        data_classes=data_classes(list(request.data_classes)),
        own_record=request.own_record,
        day=day,
    )


def decision_to_pb(
    decision: Decision, expire_time: datetime, emergency: EmergencyAccess | None, entries: Iterable[UUID]
) -> pb.Decision:
    """Return the decision on a person of these *entries*; *expire_time* is told of one that allows."""
    return pb.Decision(
        allowed=decision.allowed,
        reason=number(pb.Decision.Reason, decision.why),
        flagged=decision.flagged,
        expire_time=time_to_pb(expire_time) if decision.allowed else None,
        consent=consent_name(decision.consent) if decision.consent else "",
        withheld_classes=_classes_to_pb(decision.withheld),
        emergency_access=emergency_name(emergency.id) if emergency else "",
        message_vi=WHY_VI[decision.why],
        persons=map(person_full, entries),
    )


def emergency_name(id_: UUID) -> str:
    """Return `emergencyAccesses/{emergency_access}`."""
    return f"emergencyAccesses/{id_}"


def emergency_to_pb(one: EmergencyAccess) -> emergency_pb.EmergencyAccess:
    """Return the message."""
    return emergency_pb.EmergencyAccess(
        name=emergency_name(one.id),
        state=number(emergency_pb.EmergencyAccess.State, one.state),
        person=person_name(one.person_id),
        facility=facility_name(one.facility),
        practitioner=one.practitioner,
        purpose=number(AccessContext.Purpose, one.purpose),
        reason=one.reason,
        caller=one.caller,
        access_time=time_to_pb(one.access_time),
        expire_time=time_to_pb(one.expire_time),
        use_count=one.use_count,
        trace_id=one.trace_id,
        reviewer=one.reviewer,
        review_time=time_to_pb(one.review_time),
        review_note=one.review_note,
        etag=str(one.version),
    )
