"""Referrals: issued by one facility, delivered through the mailbox, taken on or declined by another."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID, uuid4

from chassis import call_context, clock
from chassis.db import Database, Transaction
from chassis.errors import AlreadyExists, InvalidArgument, PermissionDenied
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator, from_micros, to_micros
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import referral_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Notice
from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceServicer

from ..convert.common import id_of, short
from ..convert.referrals import STATES_FROM_PB, issue_time, referral_from_pb, referral_to_pb
from ..model import referrals as model
from ..model.messages import Kind, Message
from ..model.referrals import Referral, State
from ..model.slip_validity import slip_valid_until
from ..peers.facility_directory import Identity
from ..store import referrals as store
from .authorization import RECORDS, log_access, moving, require_party, require_recipient, require_sender
from .listing import facility_of_list, names_of_list
from .mailbox_writer import Post, drafted
from .notifier import Wakeups

END: Final = (datetime(9000, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))

# A clock of a hospital may run ahead by so much.
AHEAD: Final = timedelta(days=1)

Change = Callable[[Referral, datetime], Referral]


class ReferralService(ReferralServiceServicer):
    """Moves patients between facilities."""

    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        post: Post,
        wakeups: Wakeups,
        identity: Identity,
        holidays: frozenset[date],
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._post = post
        self._wakeups = wakeups
        self._identity = identity
        self._holidays = holidays

    async def CreateReferral(
        self, request: pb.CreateReferralRequest, context: object
    ) -> pb.CreateReferralResponse:
        given = request.referral
        require_sender("referral.sender", given.sender)
        if given.sender == given.recipient:
            raise InvalidArgument(reasons.REFERRAL_TO_SELF)
        await require_recipient(self._identity, given.recipient)
        try:
            answer = await self._created(request, (given.person,))
        except AlreadyExists:
            # The slip may have been sent under another name of the person, before entries were merged.
            names = await self._identity.names_of(given.person)
            answer = await self._created(request, names)
        self._wakeups.announce(given.recipient)
        return answer

    async def _created(
        self, request: pb.CreateReferralRequest, persons: Sequence[str]
    ) -> pb.CreateReferralResponse:
        return await self._idempotency.run_once(
            request, pb.CreateReferralResponse, lambda tx: self._create(tx, request, persons)
        )

    async def _create(
        self, tx: Transaction, request: pb.CreateReferralRequest, persons: Sequence[str]
    ) -> pb.CreateReferralResponse:
        referral = self._issued(request)
        created = await store.insert_referral(tx, referral)
        if created is None:
            kept = await _same_slip(tx, referral, persons)
            return pb.CreateReferralResponse(referral=referral_to_pb(kept))
        draft = drafted(
            referral.sender,
            referral.recipient,
            Kind.REFERRAL,
            request.slip_media_type,
            request.slip,
            message_id=referral.message_id,
            about=referral.name,
            person=referral.person,
        )
        await self._post.put(tx, draft, request.slip)
        return pb.CreateReferralResponse(referral=referral_to_pb(replace(referral, create_time=created)))

    def _issued(self, request: pb.CreateReferralRequest) -> Referral:
        now = clock.now()
        issued = issue_time(request.referral, now)
        if issued > now + AHEAD:
            raise InvalidArgument(reasons.DAY_INVALID, field="referral.issue_time")
        return referral_from_pb(
            request.referral,
            request.slip,
            referral_id=uuid4(),
            message_id=uuid4(),
            issued=issued,
            valid_until=slip_valid_until(
                issued.astimezone(clock.VIETNAM).date(),
                long_term=request.referral.long_term,
                holidays=self._holidays,
            ),
            now=now,
        )

    async def AcceptReferral(
        self, request: pb.AcceptReferralRequest, context: object
    ) -> pb.AcceptReferralResponse:
        change = partial(model.accept, today=clock.today())
        event = Notice.EVENT_REFERRAL_ACCEPTED

        async def work(tx: Transaction) -> pb.AcceptReferralResponse:
            referral = await self._moved_by_recipient(tx, request.name, change, event)
            return pb.AcceptReferralResponse(referral=referral_to_pb(referral))

        answer = await self._idempotency.run_once(request, pb.AcceptReferralResponse, work)
        self._wakeups.announce(answer.referral.sender)
        return answer

    async def DeclineReferral(
        self, request: pb.DeclineReferralRequest, context: object
    ) -> pb.DeclineReferralResponse:
        event = Notice.EVENT_REFERRAL_DECLINED

        def change(referral: Referral, now: datetime) -> Referral:
            return model.decline(referral, request.reason, now)

        async def work(tx: Transaction) -> pb.DeclineReferralResponse:
            referral = await self._moved_by_recipient(tx, request.name, change, event)
            return pb.DeclineReferralResponse(referral=referral_to_pb(referral))

        answer = await self._idempotency.run_once(request, pb.DeclineReferralResponse, work)
        self._wakeups.announce(answer.referral.sender)
        return answer

    async def CompleteReferral(
        self, request: pb.CompleteReferralRequest, context: object
    ) -> pb.CompleteReferralResponse:
        event = Notice.EVENT_REFERRAL_COMPLETED

        async def work(tx: Transaction) -> pb.CompleteReferralResponse:
            referral = await self._moved_by_recipient(tx, request.name, model.complete, event)
            return pb.CompleteReferralResponse(referral=referral_to_pb(referral))

        answer = await self._idempotency.run_once(request, pb.CompleteReferralResponse, work)
        self._wakeups.announce(answer.referral.sender)
        return answer

    async def CancelReferral(
        self, request: pb.CancelReferralRequest, context: object
    ) -> pb.CancelReferralResponse:
        answer = await self._idempotency.run_once(
            request, pb.CancelReferralResponse, lambda tx: self._cancel(tx, request)
        )
        self._wakeups.announce(answer.referral.recipient)
        return answer

    async def _cancel(self, tx: Transaction, request: pb.CancelReferralRequest) -> pb.CancelReferralResponse:
        referral, now = await _locked(tx, request.name)
        require_party(reasons.REFERRAL_DENIED, request.name, referral.person, referral.sender)
        with moving(reasons.REFERRAL_STATE, request.name):
            referral = model.cancel(referral, request.reason, now)
        await _saved(tx, referral)
        await self._post.notify(tx, referral.recipient, Notice.EVENT_REFERRAL_CANCELLED, referral.name, now)
        return pb.CancelReferralResponse(referral=referral_to_pb(referral))

    async def _moved_by_recipient(
        self, tx: Transaction, name: str, change: Change, event: Notice.Event
    ) -> Referral:
        """Return the referral after a *change* by its recipient; its sender is told of *event*."""
        referral, now = await _locked(tx, name)
        require_party(reasons.REFERRAL_DENIED, name, referral.person, referral.recipient)
        with moving(reasons.REFERRAL_STATE, name):
            referral = change(referral, now)
        await _saved(tx, referral)
        await self._post.notify(tx, referral.sender, event, referral.name, now)
        return referral

    async def GetReferral(self, request: pb.GetReferralRequest, context: object) -> pb.GetReferralResponse:
        async with self._db.transaction() as tx:
            referral = await store.get_referral(tx, id_of(request.name))
            if referral is None:
                raise PermissionDenied(reasons.REFERRAL_DENIED, name=short(request.name))
            if call_context.caller().kind != "authority" and str(call_context.caller()) != RECORDS:
                parties = (referral.sender, referral.recipient)
                require_party(reasons.REFERRAL_DENIED, request.name, referral.person, *parties)
            await log_access(tx, referral.person, request.access)
        return pb.GetReferralResponse(referral=referral_to_pb(referral))

    async def ListReferrals(
        self, request: pb.ListReferralsRequest, context: object
    ) -> pb.ListReferralsResponse:
        facility = facility_of_list(request.person, request.facility)
        size, state = self._paginator.size(request.page_size), STATES_FROM_PB.get(request.state, "")
        position = self._paginator.position(request.page_token, request)
        before = (from_micros(position[0]), UUID(str(position[1]))) if position else END
        names, unreachable = await names_of_list(self._identity, request.person)
        async with self._db.transaction() as tx:
            if request.person:
                found = await store.list_of_person(tx, names, facility, state, before, size + 1)
            else:
                found = await store.list_of_facility(tx, facility, state, before, size + 1)
            page, token = self._paginator.cut(
                found, size, lambda one: [to_micros(one.create_time), str(one.id)], request
            )
            for person in sorted({one.person for one in page} | ({request.person} - {""})):
                await log_access(tx, person, request.access)
        return pb.ListReferralsResponse(
            referrals=[referral_to_pb(one) for one in page], next_page_token=token, unreachable=unreachable
        )


async def slip_acknowledged(tx: Transaction, message: Message, now: datetime) -> None:
    """Make the referral whose slip *message* carried delivered, unless it ended meanwhile."""
    found = await store.lock_referral(tx, id_of(message.about))
    if found is not None and found[0].state is State.ISSUED:
        await store.save_referral(tx, model.deliver(found[0], now))


async def _locked(tx: Transaction, name: str) -> tuple[Referral, datetime]:
    found = await store.lock_referral(tx, id_of(name))
    if found is None:
        raise PermissionDenied(reasons.REFERRAL_DENIED, name=short(name))
    return found


async def _saved(tx: Transaction, referral: Referral) -> None:
    """Write *referral*, and that its caller saw it."""
    await store.save_referral(tx, referral)
    await log_access(tx, referral.person, None)


async def _same_slip(tx: Transaction, referral: Referral, persons: Sequence[str]) -> Referral:
    """Return the referral that this slip made before; AlreadyExists when it is another slip of its number.

    *persons* are the names that the person may have had then.
    """
    kept = await store.slip_in_force(tx, referral.sender, referral.slip_number)
    if kept is None:
        raise AlreadyExists(reasons.REFERRAL_SLIP_EXISTS, name="")
    same = (kept.recipient, kept.slip_sha256) == (referral.recipient, referral.slip_sha256)
    if not same or kept.person not in persons:
        raise AlreadyExists(reasons.REFERRAL_SLIP_EXISTS, name=short(kept.name))
    return kept
