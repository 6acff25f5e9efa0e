"""Referrals: issued by one facility, delivered through the mailbox, taken on or declined by another."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias
from uuid import uuid4

from chassis import clock
from chassis.db import Database, Transaction
from chassis.errors import AlreadyExists, InvalidArgument, PermissionDenied
from chassis.idempotency import Idempotency, idempotent
from chassis.pagination import Paginator
from common.identity import Identity
from common.names import id_of, short_name
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import referral_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Notice
from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceServicer

from ..convert.referrals import STATES_FROM_PB, issue_time_from_pb, referral_from_pb, referral_to_pb
from ..model import referrals as model
from ..model.messages import Kind, Message
from ..model.referrals import Referral, State
from ..model.slip_validity import slip_valid_until
from ..peers.facility_directory import FacilityDirectory
from ..store import referrals as store
from .access_log import log_access, log_accesses
from .authorization import facility_of_list, require_party, require_reader, require_sender
from .errors import invalid_transition_as
from .mailbox_writer import MailboxWriter, new_message
from .notifier import Notifier

# A clock of a hospital may run ahead by so much.
MAX_CLOCK_SKEW: Final = timedelta(days=1)

Transition: TypeAlias = Callable[[Referral, datetime], Referral]
ChangeResponse: TypeAlias = (
    pb.AcceptReferralResponse
    | pb.DeclineReferralResponse
    | pb.CompleteReferralResponse
    | pb.CancelReferralResponse
)


def _notify_sender(service: "ReferralService", _: object, response: ChangeResponse) -> None:
    service._notifier.publish(response.referral.sender)


def _notify_recipient(service: "ReferralService", _: object, response: ChangeResponse) -> None:
    service._notifier.publish(response.referral.recipient)


class ReferralService(ReferralServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        writer: MailboxWriter,
        notifier: Notifier,
        identity: Identity,
        facilities: FacilityDirectory,
        holidays: frozenset[date],
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._writer = writer
        self._notifier = notifier
        self._identity = identity
        self._facilities = facilities
        self._holidays = holidays

    async def CreateReferral(
        self, request: pb.CreateReferralRequest, context: object
    ) -> pb.CreateReferralResponse:
        referral = request.referral
        require_sender("referral.sender", referral.sender)
        if referral.sender == referral.recipient:
            raise InvalidArgument(reasons.REFERRAL_TO_SELF)
        await self._facilities.require_recipient(referral.recipient)
        try:
            response = await self._create_once(request, (referral.person,))
        except AlreadyExists:
            # The slip may have been sent under another name of the person, before entries were merged.
            response = await self._create_once(request, await self._identity.resolve(referral.person))
        self._notifier.publish(referral.recipient)
        return response

    async def _create_once(
        self, request: pb.CreateReferralRequest, persons: Sequence[str]
    ) -> pb.CreateReferralResponse:
        return await self._idempotency.run_once(
            request, pb.CreateReferralResponse, lambda tx: self._create(tx, request, persons)
        )

    async def _create(
        self, tx: Transaction, request: pb.CreateReferralRequest, persons: Sequence[str]
    ) -> pb.CreateReferralResponse:
        referral = self._new_referral(request)
        create_time = await store.insert_referral(tx, referral)
        if create_time is None:
            existing = await _existing_referral(tx, referral, persons)
            return pb.CreateReferralResponse(referral=referral_to_pb(existing))
        message = new_message(
            referral.sender,
            referral.recipient,
            Kind.REFERRAL,
            request.slip_media_type,
            request.slip,
            message_id=referral.message_id,
            about=referral.name,
            person=referral.person,
        )
        await self._writer.write(tx, message, request.slip)
        return pb.CreateReferralResponse(referral=referral_to_pb(replace(referral, create_time=create_time)))

    def _new_referral(self, request: pb.CreateReferralRequest) -> Referral:
        now = clock.now()
        issue_time = issue_time_from_pb(request.referral, now)
        if issue_time > now + MAX_CLOCK_SKEW:
            raise InvalidArgument(reasons.DAY_INVALID, field="referral.issue_time")
        return referral_from_pb(
            request.referral,
            request.slip,
            referral_id=uuid4(),
            message_id=uuid4(),
            issue_time=issue_time,
            valid_until=slip_valid_until(
                issue_time.astimezone(clock.VIETNAM).date(),
                long_term=request.referral.long_term,
                holidays=self._holidays,
            ),
            now=now,
        )

    @idempotent(pb.AcceptReferralResponse, after=_notify_sender)
    async def AcceptReferral(
        self, request: pb.AcceptReferralRequest, tx: Transaction
    ) -> pb.AcceptReferralResponse:
        def accept(referral: Referral, now: datetime) -> Referral:
            return model.accept(referral, now, clock.today())

        event = Notice.EVENT_REFERRAL_ACCEPTED
        referral = await self._change_by_recipient(tx, request.name, accept, event)
        return pb.AcceptReferralResponse(referral=referral_to_pb(referral))

    @idempotent(pb.DeclineReferralResponse, after=_notify_sender)
    async def DeclineReferral(
        self, request: pb.DeclineReferralRequest, tx: Transaction
    ) -> pb.DeclineReferralResponse:
        def decline(referral: Referral, now: datetime) -> Referral:
            return model.decline(referral, request.reason, now)

        event = Notice.EVENT_REFERRAL_DECLINED
        referral = await self._change_by_recipient(tx, request.name, decline, event)
        return pb.DeclineReferralResponse(referral=referral_to_pb(referral))

    @idempotent(pb.CompleteReferralResponse, after=_notify_sender)
    async def CompleteReferral(
        self, request: pb.CompleteReferralRequest, tx: Transaction
    ) -> pb.CompleteReferralResponse:
        event = Notice.EVENT_REFERRAL_COMPLETED
        referral = await self._change_by_recipient(tx, request.name, model.complete, event)
        return pb.CompleteReferralResponse(referral=referral_to_pb(referral))

    @idempotent(pb.CancelReferralResponse, after=_notify_recipient)
    async def CancelReferral(
        self, request: pb.CancelReferralRequest, tx: Transaction
    ) -> pb.CancelReferralResponse:
        referral, now = await _lock(tx, request.name)
        require_party(reasons.REFERRAL_DENIED, request.name, referral.person, referral.sender)
        with invalid_transition_as(reasons.REFERRAL_STATE, request.name):
            referral = model.cancel(referral, request.reason, now)
        await store.update_referral(tx, referral)
        await log_access(tx, referral.person, None)
        event = Notice.EVENT_REFERRAL_CANCELLED
        await self._writer.write_notice(tx, referral.recipient, event, referral.name, now)
        return pb.CancelReferralResponse(referral=referral_to_pb(referral))

    async def _change_by_recipient(
        self, tx: Transaction, name: str, transition: Transition, event: Notice.Event
    ) -> Referral:
        """Return the referral after a *transition* by its recipient; its sender is told of *event*."""
        referral, now = await _lock(tx, name)
        require_party(reasons.REFERRAL_DENIED, name, referral.person, referral.recipient)
        with invalid_transition_as(reasons.REFERRAL_STATE, name):
            referral = transition(referral, now)
        await store.update_referral(tx, referral)
        await log_access(tx, referral.person, None)
        await self._writer.write_notice(tx, referral.sender, event, referral.name, now)
        return referral

    async def GetReferral(self, request: pb.GetReferralRequest, context: object) -> pb.GetReferralResponse:
        async with self._db.transaction() as tx:
            referral = await store.get_referral(tx, id_of(request.name))
            if referral is None:
                raise PermissionDenied(reasons.REFERRAL_DENIED, name=short_name(request.name))
            parties = (referral.sender, referral.recipient)
            require_reader(reasons.REFERRAL_DENIED, request.name, referral.person, *parties)
            await log_access(tx, referral.person, request.access)
        return pb.GetReferralResponse(referral=referral_to_pb(referral))

    async def ListReferrals(
        self, request: pb.ListReferralsRequest, context: object
    ) -> pb.ListReferralsResponse:
        facility = facility_of_list(request.person, request.facility)
        page, state = self._paginator.open(request), STATES_FROM_PB.get(request.state, "")
        persons = await self._identity.names_of(request.person)
        async with self._db.transaction() as tx:
            rows = await store.list_referrals(tx, persons.names, facility, state, page.before, page.limit)
            rows, token = page.close(rows, key=lambda row: (row.create_time, row.id))
            await log_accesses(tx, (request.person, *(row.person for row in rows)), request.access)
        return pb.ListReferralsResponse(
            referrals=map(referral_to_pb, rows), next_page_token=token, unreachable=persons.unreachable
        )


async def deliver_referral(tx: Transaction, message: Message, now: datetime) -> None:
    """Make the referral delivered whose slip came with *message*, unless it ended meanwhile."""
    row = await store.lock_referral(tx, id_of(message.about))
    if row is not None and row[0].state is State.ISSUED:
        await store.update_referral(tx, model.deliver(row[0], now))


async def _lock(tx: Transaction, name: str) -> tuple[Referral, datetime]:
    """Return the referral, locked, and the time; whether there is none is not told."""
    row = await store.lock_referral(tx, id_of(name))
    if row is None:
        raise PermissionDenied(reasons.REFERRAL_DENIED, name=short_name(name))
    return row


async def _existing_referral(tx: Transaction, referral: Referral, persons: Sequence[str]) -> Referral:
    """Return the referral that this slip made before; AlreadyExists when it is another slip of its number.

    *persons* are the names that the person may have had then.
    """
    existing = await store.get_referral_by_slip(tx, referral.sender, referral.slip_number)
    if existing is None:
        raise AlreadyExists(reasons.REFERRAL_SLIP_EXISTS, name="")
    same = (existing.recipient, existing.slip_sha256) == (referral.recipient, referral.slip_sha256)
    if not same or existing.person not in persons:
        raise AlreadyExists(reasons.REFERRAL_SLIP_EXISTS, name=short_name(existing.name))
    return existing
