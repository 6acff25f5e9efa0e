"""Referrals: issued by one facility, delivered through the mailbox, taken on or declined by another."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeAlias

from chassis import clock
from chassis.db import Database, Transaction
from chassis.errors import FailedPrecondition, PermissionDenied
from chassis.idempotency import Idempotency, idempotent
from chassis.pagination import Paginator
from common.identity import Identity
from common.names import id_of
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import referral_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Notice
from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceServicer

from ..convert.referrals import STATES_FROM_PB, referral_to_pb
from ..model import referrals as model
from ..model.messages import Message
from ..model.referrals import Lapsed, Referral, State, UsedBefore
from ..store import referrals as store
from ..store.source_slips import lock_source_slip
from .access_log import log_access, log_accesses
from .authorization import (
    facility_of_list,
    is_records,
    require_issuer,
    require_party,
    require_reader,
    require_records,
)
from .errors import invalid_transition_as
from .mailbox_writer import MailboxWriter, withdraw_message
from .notifier import Notifier
from .referral_creation import ReferralCreation, too_late
from .referral_outcomes import ReferralOutcomes

# The states in which the patient is with the recipient.
TAKEN = (State.ACCEPTED, State.COMPLETED)

Transition: TypeAlias = Callable[[Referral, datetime], Referral]
ChangeResponse: TypeAlias = (
    pb.AcceptReferralResponse
    | pb.DeclineReferralResponse
    | pb.CompleteReferralResponse
    | pb.CancelReferralResponse
)


def _notify_sender(service: "ReferralService", _: object, response: ChangeResponse) -> None:
    service._notifier.publish(response.referral.sender)


def _notify_recipient_of_use(
    service: "ReferralService", request: pb.UseReferralRequest, response: pb.UseReferralResponse
) -> None:
    if request.slip_number and response.HasField("referral"):
        service._notifier.publish(response.referral.recipient)


def _notify_parties(service: "ReferralService", _: object, response: ChangeResponse) -> None:
    if response.HasField("referral"):
        service._notifier.publish(response.referral.recipient, response.referral.sender)


class ReferralService(ReferralServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        writer: MailboxWriter,
        notifier: Notifier,
        identity: Identity,
        creation: ReferralCreation,
        outcomes: ReferralOutcomes,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._writer = writer
        self._notifier = notifier
        self._identity = identity
        self._creation = creation
        self._outcomes = outcomes

    async def CreateReferral(
        self, request: pb.CreateReferralRequest, context: object
    ) -> pb.CreateReferralResponse:
        return await self._creation.create(request)

    async def ValidateReferral(
        self, request: pb.ValidateReferralRequest, context: object
    ) -> pb.ValidateReferralResponse:
        return await self._creation.validate(request)

    @idempotent(pb.AcceptReferralResponse, after=_notify_sender)
    async def AcceptReferral(
        self, request: pb.AcceptReferralRequest, tx: Transaction
    ) -> pb.AcceptReferralResponse:
        def accept(referral: Referral, now: datetime) -> Referral:
            return model.accept(referral, now, now.astimezone(clock.VIETNAM).date())

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

    @idempotent(pb.UseReferralResponse, after=_notify_recipient_of_use)
    async def UseReferral(self, request: pb.UseReferralRequest, tx: Transaction) -> pb.UseReferralResponse:
        if request.slip_number:
            return await self._use_slip(tx, request)
        referral, now = await self._lock_for_recipient(tx, request.name)
        today = now.astimezone(clock.VIETNAM).date()
        with invalid_transition_as(reasons.REFERRAL_STATE, referral.name), _used_up(referral):
            referral = model.use(referral, request.encounter, now, today)
        await store.update_referral(tx, referral)
        await log_access(tx, referral.person, None)
        return pb.UseReferralResponse(referral=referral_to_pb(referral))

    @idempotent(pb.CompleteReferralResponse, after=_notify_sender)
    async def CompleteReferral(
        self, request: pb.CompleteReferralRequest, tx: Transaction
    ) -> pb.CompleteReferralResponse:
        referral, now = await self._lock_for_recipient(tx, request.name)
        outcome = self._outcomes.seal(referral, request)

        def complete(referral: Referral, now: datetime) -> Referral:
            return model.complete(referral, outcome.sealed, now)

        event = Notice.EVENT_REFERRAL_COMPLETED
        referral = await self._move(tx, referral, now, complete, event, referral.sender)
        await self._outcomes.send_report(tx, outcome, request.report)
        return pb.CompleteReferralResponse(referral=self._outcomes.to_pb(referral))

    @idempotent(pb.CancelReferralResponse, after=_notify_parties)
    async def CancelReferral(
        self, request: pb.CancelReferralRequest, tx: Transaction
    ) -> pb.CancelReferralResponse:
        def cancel(referral: Referral, now: datetime) -> Referral:
            if is_records() and referral.state in TAKEN:
                raise too_late(referral)
            return model.cancel(referral, request.reason, now)

        row = await self._lock_to_cancel(tx, request)
        if row is None:
            return pb.CancelReferralResponse()
        referral, now = row
        require_issuer(reasons.REFERRAL_DENIED, referral.name, referral.person, referral.sender)
        event = Notice.EVENT_REFERRAL_CANCELLED
        referral = await self._move(tx, referral, now, cancel, event, referral.recipient)
        await withdraw_message(tx, referral.message_id)
        if is_records():
            await self._writer.write_notice(tx, referral.sender, event, referral.name, now)
        return pb.CancelReferralResponse(referral=referral_to_pb(referral))

    async def _use_slip(self, tx: Transaction, request: pb.UseReferralRequest) -> pb.UseReferralResponse:
        """Use the referral whose slip a dossier names; a second use is told to the recipient, not refused."""
        require_records(reasons.REFERRAL_DENIED, request.slip_number)
        row = await store.lock_referral_by_slip(tx, request.sender, request.slip_number, request.recipient)
        if row is None or row[0].state is not State.ACCEPTED:
            return pb.UseReferralResponse()
        referral, now = row
        try:
            referral = model.use(referral, request.encounter, now, now.astimezone(clock.VIETNAM).date())
        except (UsedBefore, Lapsed):
            event = Notice.EVENT_REFERRAL_USED_AGAIN
            await self._writer.write_notice(tx, referral.recipient, event, referral.name, now)
        await store.update_referral(tx, referral)
        await log_access(tx, referral.person, None)
        return pb.UseReferralResponse(referral=referral_to_pb(referral))

    async def _lock_to_cancel(
        self, tx: Transaction, request: pb.CancelReferralRequest
    ) -> tuple[Referral, datetime] | None:
        """Return the referral that is meant, and the time; None when the slip that is named has none."""
        if not request.source_slip:
            return await self._lock(tx, request.name)
        require_records(reasons.REFERRAL_DENIED, request.source_slip)
        await lock_source_slip(tx, request.source_slip)
        return await store.lock_referral_of_source(tx, request.sender, request.source_slip)

    async def _change(
        self, tx: Transaction, name: str, transition: Transition, event: Notice.Event
    ) -> Referral:
        """Return the referral after a *transition* by its recipient; its sender is told of *event*."""
        referral, now = await self._lock_for_recipient(tx, name)
        return await self._move(tx, referral, now, transition, event, referral.sender)

    async def _lock_for_recipient(self, tx: Transaction, name: str) -> tuple[Referral, datetime]:
        referral, now = await self._lock(tx, name)
        require_party(reasons.REFERRAL_DENIED, name, referral.person, referral.recipient)
        return referral, now

    async def _lock(self, tx: Transaction, name: str) -> tuple[Referral, datetime]:
        """Return the referral and the time.  That there is none is told as that it is not the caller's."""
        row = await store.lock_referral(tx, id_of(name))
        if row is None:
            raise PermissionDenied(reasons.REFERRAL_DENIED, name=name)
        return row

    async def _move(
        self,
        tx: Transaction,
        referral: Referral,
        now: datetime,
        transition: Transition,
        event: Notice.Event,
        other: str,
    ) -> Referral:
        """Return the referral after a *transition* by one of its parties; the *other* is told of *event*."""
        with invalid_transition_as(reasons.REFERRAL_STATE, referral.name):
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
        return pb.GetReferralResponse(referral=self._outcomes.to_pb(referral))

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
            referrals=map(self._outcomes.to_pb, rows), next_page_token=token, unreachable=persons.unreachable
        )


@contextmanager
def _used_up(referral: Referral) -> Iterator[None]:
    try:
        yield
    except UsedBefore:
        use_time = referral_to_pb(referral).use_time.ToJsonString()
        raise FailedPrecondition(reasons.REFERRAL_USED, name=referral.name, use_time=use_time) from None
    except Lapsed:
        valid_until = referral.valid_until.isoformat()
        raise FailedPrecondition(
            reasons.REFERRAL_LAPSED, name=referral.name, valid_until=valid_until
        ) from None


async def deliver_referral(tx: Transaction, message: Message, now: datetime) -> None:
    """Make the referral delivered whose slip came with *message*, unless it ended meanwhile."""
    row = await store.lock_referral(tx, id_of(message.about))
    if row is not None and row[0].state is State.ISSUED:
        await store.update_referral(tx, model.deliver(row[0], now))
