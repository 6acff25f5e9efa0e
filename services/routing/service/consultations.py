"""Consultations from afar: asked through a mailbox, answered by a signed opinion or declined."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias
from uuid import uuid4

from chassis import call_context, clock
from chassis.db import Database, Transaction
from chassis.errors import InvalidArgument, PermissionDenied
from chassis.idempotency import Idempotency, answered_first, idempotent
from chassis.pagination import Paginator
from common.identity import Identity
from common.names import id_of
from lientuyen.routing.v1 import consultation_pb2
from lientuyen.routing.v1 import consultation_service_pb2 as pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.consultation_service_pb2_grpc import ConsultationServiceServicer
from lientuyen.routing.v1.message_pb2 import Notice

from ..convert.consultations import (
    STATES_FROM_PB,
    answer_by_time_from_pb,
    consultation_from_pb,
    consultation_to_pb,
)
from ..model import consultations as model
from ..model.consultations import Consultation
from ..model.messages import Kind, Message
from ..peers.facility_directory import FacilityDirectory
from ..store import consultations as store
from .access_log import log_access, log_accesses
from .authorization import Elsewhere, facility_of_list, require_here, require_party, require_reader
from .errors import invalid_transition_as
from .mailbox_writer import MailboxWriter, new_message, withdraw_message
from .notifier import Notifier
from .opinion_signatures import OpinionSignatures

Transition: TypeAlias = Callable[[Consultation, datetime], Consultation]
MovedByConsultant: TypeAlias = pb.TakeConsultationResponse | pb.DeclineConsultationResponse


def _notify_requester(service: "ConsultationService", _: object, response: MovedByConsultant) -> None:
    service._notifier.publish(response.consultation.requester)


def _notify_consultant(
    service: "ConsultationService", _: object, response: pb.WithdrawConsultationResponse
) -> None:
    service._notifier.publish(response.consultation.consultant)


class ConsultationService(ConsultationServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        writer: MailboxWriter,
        notifier: Notifier,
        identity: Identity,
        facilities: FacilityDirectory,
        signatures: OpinionSignatures,
        elsewhere: Elsewhere,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._writer = writer
        self._notifier = notifier
        self._identity = identity
        self._facilities = facilities
        self._signatures = signatures
        self._elsewhere = elsewhere

    @answered_first(pb.RequestConsultationResponse)
    async def RequestConsultation(
        self, request: pb.RequestConsultationRequest, context: object
    ) -> pb.RequestConsultationResponse:
        requester, consultant = request.consultation.requester, request.consultation.consultant
        call_context.require_facility("consultation.requester", requester)
        if requester == consultant:
            raise InvalidArgument(reasons.CONSULTATION_TO_SELF)
        await self._facilities.require_recipient(consultant)
        require_here(self._elsewhere, consultant, Kind.CONSULTATION)

        async def create(tx: Transaction) -> pb.RequestConsultationResponse:
            consultation = _new_consultation(request.consultation)
            create_time = await store.insert_consultation(tx, consultation)
            await self._writer.write(tx, _question_of(consultation, request), request.question)
            await log_access(tx, consultation.person, request.access)
            consultation = replace(consultation, create_time=create_time)
            return pb.RequestConsultationResponse(consultation=consultation_to_pb(consultation))

        response = await self._idempotency.run_once(request, pb.RequestConsultationResponse, create)
        self._notifier.publish(consultant)
        return response

    @idempotent(pb.TakeConsultationResponse, after=_notify_requester)
    async def TakeConsultation(
        self, request: pb.TakeConsultationRequest, tx: Transaction
    ) -> pb.TakeConsultationResponse:
        def take(consultation: Consultation, now: datetime) -> Consultation:
            return model.take(consultation, request.practitioner, now)

        consultation = await self._move_by_consultant(tx, request.name, take, Notice.EVENT_CONSULTATION_TAKEN)
        return pb.TakeConsultationResponse(consultation=consultation_to_pb(consultation))

    @answered_first(pb.AnswerConsultationResponse)
    async def AnswerConsultation(
        self, request: pb.AnswerConsultationRequest, context: object
    ) -> pb.AnswerConsultationResponse:
        async with self._db.connection() as tx:
            known = await store.get_consultation(tx, id_of(request.name))
        known = _require_consultant(known, request.name)
        opinion = await self._signatures.verify(known, request)

        async def answer(tx: Transaction) -> pb.AnswerConsultationResponse:
            consultation, now = await _lock(tx, request.name)
            message = _opinion_of(consultation, request)
            with invalid_transition_as(reasons.CONSULTATION_STATE, consultation.name):
                consultation = model.answer(consultation, opinion, message.id, now)
            await store.update_consultation(tx, consultation)
            await self._writer.write(tx, message, request.opinion)
            await log_access(tx, consultation.person, None)
            return pb.AnswerConsultationResponse(consultation=consultation_to_pb(consultation))

        response = await self._idempotency.run_once(request, pb.AnswerConsultationResponse, answer)
        self._notifier.publish(known.requester)
        return response

    @idempotent(pb.DeclineConsultationResponse, after=_notify_requester)
    async def DeclineConsultation(
        self, request: pb.DeclineConsultationRequest, tx: Transaction
    ) -> pb.DeclineConsultationResponse:
        def decline(consultation: Consultation, now: datetime) -> Consultation:
            return model.decline(consultation, request.reason, now)

        consultation = await self._move_by_consultant(
            tx, request.name, decline, Notice.EVENT_CONSULTATION_DECLINED
        )
        return pb.DeclineConsultationResponse(consultation=consultation_to_pb(consultation))

    @idempotent(pb.WithdrawConsultationResponse, after=_notify_consultant)
    async def WithdrawConsultation(
        self, request: pb.WithdrawConsultationRequest, tx: Transaction
    ) -> pb.WithdrawConsultationResponse:
        def withdraw(consultation: Consultation, now: datetime) -> Consultation:
            return model.withdraw(consultation, request.reason, now)

        consultation, now = await _lock(tx, request.name)
        name, person = consultation.name, consultation.person
        require_party(reasons.CONSULTATION_DENIED, name, person, consultation.requester)
        event = Notice.EVENT_CONSULTATION_WITHDRAWN
        consultation = await self._move(tx, consultation, now, withdraw, event, consultation.consultant)
        await withdraw_message(tx, consultation.message_id)
        return pb.WithdrawConsultationResponse(consultation=consultation_to_pb(consultation))

    async def _move_by_consultant(
        self, tx: Transaction, name: str, transition: Transition, event: Notice.Event
    ) -> Consultation:
        """Return the consultation after a *transition* by its consultant; the requester hears of *event*."""
        consultation, now = await _lock(tx, name)
        _require_consultant(consultation, name)
        return await self._move(tx, consultation, now, transition, event, consultation.requester)

    async def _move(
        self,
        tx: Transaction,
        consultation: Consultation,
        now: datetime,
        transition: Transition,
        event: Notice.Event,
        other: str,
    ) -> Consultation:
        """Return the consultation after a *transition* by one party; the *other* hears of *event*."""
        with invalid_transition_as(reasons.CONSULTATION_STATE, consultation.name):
            consultation = transition(consultation, now)
        await store.update_consultation(tx, consultation)
        await log_access(tx, consultation.person, None)
        await self._writer.write_notice(tx, other, event, consultation.name, now)
        return consultation

    async def GetConsultation(
        self, request: pb.GetConsultationRequest, context: object
    ) -> pb.GetConsultationResponse:
        async with self._db.transaction() as tx:
            consultation = await store.get_consultation(tx, id_of(request.name))
            if consultation is None:
                raise PermissionDenied(reasons.CONSULTATION_DENIED, name=request.name)
            parties = (consultation.requester, consultation.consultant)
            require_reader(reasons.CONSULTATION_DENIED, request.name, consultation.person, *parties)
            await log_access(tx, consultation.person, request.access)
        return pb.GetConsultationResponse(consultation=consultation_to_pb(consultation))

    async def ListConsultations(
        self, request: pb.ListConsultationsRequest, context: object
    ) -> pb.ListConsultationsResponse:
        facility = facility_of_list(request.person, request.facility)
        page, state = self._paginator.open(request), STATES_FROM_PB.get(request.state, "")
        persons = await self._identity.names_of(request.person)
        async with self._db.transaction() as tx:
            rows = await store.list_consultations(tx, persons.names, facility, state, page.before, page.limit)
            rows, token = page.close(rows, key=lambda row: (row.create_time, row.id))
            await log_accesses(tx, (request.person, *(row.person for row in rows)), request.access)
        return pb.ListConsultationsResponse(
            consultations=map(consultation_to_pb, rows),
            next_page_token=token,
            unreachable=persons.unreachable,
        )


async def _lock(tx: Transaction, name: str) -> tuple[Consultation, datetime]:
    """Return the consultation and the time.  That there is none is told as that it is not the caller's."""
    row = await store.lock_consultation(tx, id_of(name))
    if row is None:
        raise PermissionDenied(reasons.CONSULTATION_DENIED, name=name)
    return row


def _require_consultant(consultation: Consultation | None, name: str) -> Consultation:
    if consultation is None:
        raise PermissionDenied(reasons.CONSULTATION_DENIED, name=name)
    require_party(reasons.CONSULTATION_DENIED, name, consultation.person, consultation.consultant)
    return consultation


def _new_consultation(message: consultation_pb2.Consultation) -> Consultation:
    now = clock.now()
    answer_by_time = answer_by_time_from_pb(message, now)
    if not model.is_term_allowed(answer_by_time, now):
        raise InvalidArgument(reasons.CONSULTATION_TERM_INVALID)
    return consultation_from_pb(
        message, consultation_id=uuid4(), message_id=uuid4(), answer_by_time=answer_by_time, now=now
    )


def _question_of(consultation: Consultation, request: pb.RequestConsultationRequest) -> Message:
    return new_message(
        consultation.requester,
        consultation.consultant,
        Kind.CONSULTATION,
        request.question_media_type,
        request.question,
        message_id=consultation.message_id,
        about=consultation.name,
        person=consultation.person,
    )


def _opinion_of(consultation: Consultation, request: pb.AnswerConsultationRequest) -> Message:
    return new_message(
        consultation.consultant,
        consultation.requester,
        Kind.CONSULTATION,
        request.opinion_media_type,
        request.opinion,
        message_id=uuid4(),
        about=consultation.name,
        person=consultation.person,
    )
