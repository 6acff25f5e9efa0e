"""Authorize: asks the decision table, and leaves the traces of what it decided."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from chassis import audit, call_context, clock, spans, telemetry
from chassis.call_context import Caller
from chassis.db import Transaction
from chassis.db_clock import db_now
from common.names import id_of, last_part, person_name
from common.values import end_of
from lientuyen.identity.v1.consent_pb2 import Decision as DecisionMessage
from lientuyen.identity.v1.consent_service_pb2 import AuthorizeRequest
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert.consents import decision_to_pb, read_request_from_pb
from ..model.consents import Consent
from ..model.emergencies import EmergencyAccess, ReviewState
from ..model.facilities import FacilityKind, FacilityState
from ..model.read_decision_table import Decision, DecisionReason, decide
from ..store import consents, emergencies, merging


class Decisions:
    """Decides who may read.  *emergency* and *ordinary* say how long a decision holds."""

    def __init__(self, *, emergency: timedelta, ordinary: timedelta) -> None:
        self._emergency = emergency
        self._ordinary = ordinary

    async def decide(self, tx: Transaction, request: AuthorizeRequest) -> DecisionMessage:
        """Return the decision; it leaves a row in the access log, and a flagged one an entry to review."""
        now, day = clock.now(), clock.today()
        requester, facility = _requester(request)
        parties = await consents.get_parties(tx, id_of(request.person), facility, day)
        if facility:
            requester = _care_giver(parties.kind, parties.state)
        if parties.survivor is None or not requester:
            unknown = Decision(False, DecisionReason.UNKNOWN)
            return await self._answer(tx, request, parties.records, unknown, now)
        bearing = await consents.list_bearing(
            tx, parties.records, facility=facility, purpose=request.access.purpose, day=day
        )
        read = read_request_from_pb(request, requester=requester, facility=facility, day=day)
        return await self._answer(tx, request, parties.records, decide(read, bearing), now)

    async def open_emergency_access(self, tx: Transaction, person_id: UUID, access: AccessContext) -> None:
        await self._use_emergency_access(tx, access, own_facility(), person_id)

    async def record_reads(self, tx: Transaction, persons: Sequence[UUID], access: AccessContext) -> None:
        """Write down that the caller reads what identity itself keeps of *persons*; a row also for nobody.

        An emergency (cấp cứu) is flagged and to be reviewed, as one that was decided for another service.
        """
        if not (persons and in_emergency(access)):
            subjects = [person_name(person_id) for person_id in persons or (None,)]
            await audit.record_each(tx, subjects, access=access)
            return
        for person_id in persons:
            await self.open_emergency_access(tx, person_id, access)
            await audit.record(tx, subject=person_name(person_id), access=access, flagged=True)

    async def _answer(
        self,
        tx: Transaction,
        request: AuthorizeRequest,
        records: list[UUID],
        decision: Decision,
        now: datetime,
    ) -> DecisionMessage:
        """Write down the decision on a person of these *records*, none when nobody is known so; return it.

        It is written down for the record that was asked about, and stays there when it is parted again.
        """
        person_id = id_of(request.person)
        facility = _requester(request)[1]
        review = await self._open_review(tx, request.access, facility, person_id, decision, now)
        await audit.record(
            tx,
            subject=person_name(person_id),
            access=request.access,
            allowed=decision.allowed,
            flagged=decision.flagged,
        )
        expire_time = (
            review.expire_time if review and not review.consent else self._expire_time(decision, now)
        )
        return decision_to_pb(decision, expire_time, review, records)

    def _expire_time(self, decision: Decision, now: datetime) -> datetime:
        """Return when a decision runs out: soon, and never after a consent it rests on."""
        last_days = [consent.valid_to for consent in decision.consents if consent.valid_to]
        return min([now + self._ordinary, *map(end_of, last_days)])

    async def _open_review(
        self,
        tx: Transaction,
        access: AccessContext,
        facility: str,
        person_id: UUID,
        decision: Decision,
        now: datetime,
    ) -> EmergencyAccess | None:
        """Return what is to be reviewed of a flagged decision; of several own words the first."""
        if not decision.flagged:
            return None
        if not decision.own_words:
            return await self._use_emergency_access(tx, access, facility, person_id)
        end = self._expire_time(decision, now)
        reviews = [
            await self._use_own_word(tx, access, facility, consent, now, end)
            for consent in decision.own_words
        ]
        return reviews[0]

    async def _use_own_word(
        self,
        tx: Transaction,
        access: AccessContext,
        facility: str,
        consent: Consent,
        now: datetime,
        end: datetime,
    ) -> EmergencyAccess:
        """Return the review of a consent that its reader recorded, one that waits already if there is one."""
        waiting = await emergencies.use_consent_again(tx, records=[consent.person_id], consent=consent.id)
        if waiting:
            return waiting
        opened = _new_access(access, facility, consent.person_id, now, end, consent.id)
        return await _insert(tx, opened)

    async def _use_emergency_access(
        self, tx: Transaction, access: AccessContext, facility: str, person_id: UUID
    ) -> EmergencyAccess:
        now = await db_now(tx)
        caller = str(call_context.caller())
        going_on = await emergencies.use_again(
            tx,
            records=await merging.cluster(tx, person_id),
            facility=facility,
            practitioner=access.practitioner,
            caller=caller,
            reason=access.reason,
            now=now,
            since=now - self._emergency,
        )
        if going_on:
            return going_on
        return await _insert(tx, _new_access(access, facility, person_id, now, now + self._emergency))


def _new_access(
    access: AccessContext,
    facility: str,
    person_id: UUID,
    now: datetime,
    end: datetime,
    consent: UUID | None = None,
) -> EmergencyAccess:
    return EmergencyAccess(
        id=uuid4(),
        state=ReviewState.OPEN,
        person_id=person_id,
        facility=facility,
        practitioner=access.practitioner,
        purpose=access.purpose,
        reason=access.reason,
        caller=str(call_context.caller()),
        access_time=now,
        expire_time=end,
        use_count=1,
        trace_id=spans.trace_id(),
        consent=consent,
    )


async def _insert(tx: Transaction, opened: EmergencyAccess) -> EmergencyAccess:
    kind = await emergencies.insert_access(tx, opened)
    telemetry.count("lientuyen.emergency.opened", facility=_kind_name(kind))
    return opened


def in_emergency(access: AccessContext) -> bool:
    return access.legal_basis == AccessContext.LEGAL_BASIS_EMERGENCY


def own_facility() -> str:
    """Return the code of the caller's facility; empty for authorities and operators."""
    return call_context.caller().code or ""


def _kind_name(kind: int) -> str:
    """Return the kind of a facility as a figure names it: `hospital`; `unknown` for none."""
    return FacilityKind(kind).name.lower() if kind in frozenset(FacilityKind) else "unknown"


def _requester(request: AuthorizeRequest) -> tuple[str, str]:
    """Return who wants to read: the kind or identity, and the facility's code when it is one.

    Neither for a certificate that is not that facility's.  Of a facility the directory says later what
    kind it is.
    """
    requester, facility = request.requester, last_part(request.facility)
    if requester.partition("/")[0] not in ("facility", "pharmacy"):
        return ("", facility) if facility else (requester, "")
    own = Caller.of_facility(facility or requester)
    return ("", own.id) if requester == str(own) else ("", "")


def _care_giver(kind: int | None, state: int | None) -> str:
    """Return `facility` or `pharmacy`; empty for one that is not known, does not work yet, or no more."""
    if kind is None or state != FacilityState.ACTIVE:
        return ""
    return "pharmacy" if kind == FacilityKind.PHARMACY else "facility"
