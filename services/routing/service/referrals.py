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
from common.names import id_of
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
        async def create(tx: Transaction) -> pb.CreateReferralResponse:
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
            referral = replace(referral, create_time=create_time)
            return pb.CreateReferralResponse(referral=referral_to_pb(referral))

        return await self._idempotency.run_once(request, pb.CreateReferralResponse, create)

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

        referral = await self._change(tx, request.name, accept, Notice.EVENT_REFERRAL_ACCEPTED)
        return pb.AcceptReferralResponse(referral=referral_to_pb(referral))

    @idempotent(pb.DeclineReferralResponse, after=_notify_sender)
    async def DeclineReferral(
        self, request: pb.DeclineReferralRequest, tx: Transaction
    ) -> pb.DeclineReferralResponse:
        def decline(referral: Referral, now: datetime) -> Referral:
            return model.decline(referral, request.reason, now)

        referral = await self._change(tx, request.name, decline, Notice.EVENT_REFERRAL_DECLINED)
        return pb.DeclineReferralResponse(referral=referral_to_pb(referral))

    @idempotent(pb.CompleteReferralResponse, after=_notify_sender)
    async def CompleteReferral(
        self, request: pb.CompleteReferralRequest, tx: Transaction
    ) -> pb.CompleteReferralResponse:
        referral = await self._change(tx, request.name, model.complete, Notice.EVENT_REFERRAL_COMPLETED)
        return pb.CompleteReferralResponse(referral=referral_to_pb(referral))

    @idempotent(pb.CancelReferralResponse, after=_notify_recipient)
    async def CancelReferral(
        self, request: pb.CancelReferralRequest, tx: Transaction
    ) -> pb.CancelReferralResponse:
        def cancel(referral: Referral, now: datetime) -> Referral:
            return model.cancel(referral, request.reason, now)

        event = Notice.EVENT_REFERRAL_CANCELLED
        referral = await self._change(tx, request.name, cancel, event, by_sender=True)
        return pb.CancelReferralResponse(referral=referral_to_pb(referral))

    async def _change(
        self,
        tx: Transaction,
        name: str,
        transition: Transition,
        event: Notice.Event,
        *,
        by_sender: bool = False,
    ) -> Referral:
        """Return the referral after a *transition* by one of its parties; the other is told of *event*.

        Whether there is a referral is told to nobody else.
        """
        row = await store.lock_referral(tx, id_of(name))
        if row is None:
            raise PermissionDenied(reasons.REFERRAL_DENIED, name=name)
        referral, now = row
        sender, recipient = referral.sender, referral.recipient
        party, other = (sender, recipient) if by_sender else (recipient, sender)
        require_party(reasons.REFERRAL_DENIED, name, referral.person, party)
        with invalid_transition_as(reasons.REFERRAL_STATE, name):
            referral = transition(referral, now)
        await store.update_referral(tx, referral)
        await log_access(tx, referral.person, None)
        await self._writer.write_notice(tx, other, event, referral.name, now)
        return referral

    async def GetReferral(self, request: pb.GetReferralRequest, context: object) -> pb.GetReferralResponse:
        async with self._db.transaction() as tx:
            referral = await store.get_referral(tx, id_of(request.name))
            if referral is None:
                raise PermissionDenied(reasons.REFERRAL_DENIED, name=request.name)
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


async def _existing_referral(tx: Transaction, referral: Referral, persons: Sequence[str]) -> Referral:
    """Return the referral that this slip made before; AlreadyExists when it is another slip of its number.

    *persons* are the names that the person may have had then.
    """
    existing = await store.get_referral_by_slip(tx, referral.sender, referral.slip_number)
    if existing is None:
        raise AlreadyExists(reasons.REFERRAL_SLIP_EXISTS, name="")
    same = (existing.recipient, existing.slip_sha256) == (referral.recipient, referral.slip_sha256)
    if not same or existing.person not in persons:
        raise AlreadyExists(reasons.REFERRAL_SLIP_EXISTS, name=existing.name)
    return existing
