"""
Issuing a referral: may it be, does it take the place of one that its slip made before, who is told.

A slip of a dossier that is corrected is no second slip.  In one transaction the old referral is
cancelled, the new one is issued and its slip is in the new recipient's mailbox, and the old
recipient and the sender are told.  A patient who was accepted already is not moved.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar
from uuid import uuid4

from chassis import clock
from chassis.db import Database, Transaction
from chassis.errors import AlreadyExists, FailedPrecondition, InvalidArgument
from chassis.idempotency import Idempotency, answered_first
from common.faults import future_fault
from common.identity import Identity
from common.values import day_of, is_future
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import referral_pb2
from lientuyen.routing.v1 import referral_service_pb2 as pb
from lientuyen.routing.v1.message_pb2 import Notice

from ..convert.referrals import issue_time_from_pb, referral_from_pb, referral_to_pb
from ..model import referrals as model
from ..model.messages import Kind
from ..model.referrals import Referral, Step, step_between
from ..model.slip_validity import slip_valid_until
from ..model.state_machine import InvalidTransition
from ..peers.facility_directory import FacilityDirectory
from ..peers.facility_levels import FacilityLevels
from ..store import referrals as store
from ..store.source_slips import lock_source_slip
from .access_log import log_access
from .authorization import is_records, require_sender
from .mailbox_writer import MailboxWriter, new_message, withdraw_message
from .notifier import Notifier
from .source_slips import naming_latest_of_source

T = TypeVar("T")


class ReferralCreation:
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        writer: MailboxWriter,
        notifier: Notifier,
        identity: Identity,
        facilities: FacilityDirectory,
        levels: FacilityLevels,
        holidays: frozenset[date],
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._writer = writer
        self._notifier = notifier
        self._identity = identity
        self._facilities = facilities
        self._levels = levels
        self._holidays = holidays

    @answered_first(pb.CreateReferralResponse)
    async def create(self, request: pb.CreateReferralRequest) -> pb.CreateReferralResponse:
        notified = {request.referral.recipient}
        async with self._naming_latest(request.referral):
            await self._require_parties(request.referral)
            step = await self._step_of(request.referral)
            response = await self._under_every_name(
                request.referral.person, lambda persons: self._create_once(request, step, persons, notified)
            )
        self._notifier.publish(*notified)
        return response

    async def validate(self, request: pb.ValidateReferralRequest) -> pb.ValidateReferralResponse:
        async with self._naming_latest(request.referral):
            await self._require_parties(request.referral)
            step = await self._step_of(request.referral)
            referral = self._new_referral(request.referral, request.slip_sha256, step)
            return await self._under_every_name(
                referral.person, lambda persons: self._validate(referral, persons)
            )

    def _naming_latest(self, referral: referral_pb2.Referral) -> AbstractAsyncContextManager[None]:
        latest = store.get_latest_of_source
        return naming_latest_of_source(self._db, latest, referral.sender, referral.source_slip)

    async def _require_parties(self, referral: referral_pb2.Referral) -> None:
        require_sender("referral.sender", referral.sender)
        if referral.sender == referral.recipient:
            raise InvalidArgument(reasons.REFERRAL_TO_SELF)
        await self._facilities.require_recipient(referral.recipient)

    async def _step_of(self, referral: referral_pb2.Referral) -> Step:
        levels = [await self._levels.level_of(party) for party in (referral.sender, referral.recipient)]
        return step_between(*levels)

    async def _under_every_name(self, person: str, work: Callable[[Sequence[str]], Awaitable[T]]) -> T:
        """Do *work* with the names that the person of an earlier slip may have had."""
        try:
            return await work((person,))
        except AlreadyExists:
            # The slip may have been sent under another name of the person, before entries were merged.
            return await work(await self._identity.resolve(person))

    def _new_referral(self, message: referral_pb2.Referral, slip_sha256: bytes, step: Step) -> Referral:
        now = clock.now()
        issue_time = issue_time_from_pb(message, now)
        if is_future(issue_time, now):
            field = "referral.issue_time"
            raise InvalidArgument(reasons.DAY_INVALID, violations=[future_fault(field)], field=field)
        referral = referral_from_pb(
            message,
            slip_sha256,
            referral_id=uuid4(),
            message_id=uuid4(),
            issue_time=issue_time,
            valid_until=slip_valid_until(
                day_of(issue_time),
                long_term=message.long_term,
                holidays=self._holidays,
            ),
            step=step,
            now=now,
        )
        return referral if is_records() else replace(referral, source_slip="")

    async def _create_once(
        self, request: pb.CreateReferralRequest, step: Step, persons: Sequence[str], notified: set[str]
    ) -> pb.CreateReferralResponse:
        async def create(tx: Transaction) -> pb.CreateReferralResponse:
            referral = self._new_referral(request.referral, hashlib.sha256(request.slip).digest(), step)
            await _require_first_step(tx, referral)
            await lock_source_slip(tx, referral.source_slip)
            row = await store.lock_referral_of_source(tx, referral.sender, referral.source_slip)
            if row is not None and model.same_slip(row[0], referral, persons):
                return pb.CreateReferralResponse(referral=referral_to_pb(row[0]))
            if row is not None:
                referral = await self._replace(tx, *row, referral)
                notified.update((row[0].recipient, referral.sender))
            create_time = await store.insert_referral(tx, referral)
            if create_time is None:
                holder = await store.get_referral_by_slip(tx, referral.sender, referral.slip_number)
                existing = _same_slip_of(holder, referral, persons)
                return pb.CreateReferralResponse(referral=referral_to_pb(existing))
            await self._send_slip(tx, referral, request)
            referral = replace(referral, create_time=create_time)
            return pb.CreateReferralResponse(referral=referral_to_pb(referral))

        return await self._idempotency.run_once(request, pb.CreateReferralResponse, create)

    async def _replace(
        self, tx: Transaction, previous: Referral, now: datetime, referral: Referral
    ) -> Referral:
        """Cancel *previous*, tell its recipient and the sender, and return its successor."""
        with _too_late_for(previous):
            await store.update_referral(tx, model.replace_by(previous, referral.id, now))
        await log_access(tx, previous.person, None)
        await withdraw_message(tx, previous.message_id)
        cancelled, replaced = Notice.EVENT_REFERRAL_CANCELLED, Notice.EVENT_REFERRAL_REPLACED
        await self._writer.write_notice(tx, previous.recipient, cancelled, previous.name, now)
        await self._writer.write_notice(tx, referral.sender, replaced, referral.name, now)
        return replace(referral, replaces=previous.id)

    async def _send_slip(
        self, tx: Transaction, referral: Referral, request: pb.CreateReferralRequest
    ) -> None:
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

    async def _validate(self, referral: Referral, persons: Sequence[str]) -> pb.ValidateReferralResponse:
        step = referral_to_pb(referral).step
        async with self._db.connection() as tx:
            await _require_first_step(tx, referral)
            row = await store.lock_referral_of_source(tx, referral.sender, referral.source_slip)
            holder = await store.get_referral_by_slip(tx, referral.sender, referral.slip_number)
            latest = await store.get_latest_of_source(tx, referral.sender, referral.source_slip)
        if row is None:
            if holder is not None and referral.slip_number:
                _same_slip_of(holder, referral, persons)
            return pb.ValidateReferralResponse(ended=latest.name if latest else "", step=step)
        previous, now = row
        if model.same_slip(previous, referral, persons):
            return pb.ValidateReferralResponse(step=step)
        with _too_late_for(previous):
            model.replace_by(previous, referral.id, now)
        if holder is not None and referral.slip_number and holder.id != previous.id:
            raise _slip_exists(holder)
        return pb.ValidateReferralResponse(replaces=previous.name, step=step)


async def _require_first_step(tx: Transaction, referral: Referral) -> None:
    """Refuse a slip that came to its sender: it is good for one step (TT 01/2025/TT-BYT Art. 12)."""
    received = await store.find_received(tx, referral.sender, referral.slip_sha256)
    if referral.slip_sha256 and received:
        raise FailedPrecondition(reasons.SLIP_SECOND_STEP, received=received)


@contextmanager
def _too_late_for(referral: Referral) -> Iterator[None]:
    try:
        yield
    except InvalidTransition as error:
        raise too_late(referral) from error


def too_late(referral: Referral) -> FailedPrecondition:
    """Return the refusal of a change that comes after *referral* was accepted."""
    return FailedPrecondition(
        reasons.REFERRAL_TAKEN,
        name=referral.name,
        state=referral.state.upper(),
        recipient=referral.recipient,
    )


def _same_slip_of(holder: Referral | None, referral: Referral, persons: Sequence[str]) -> Referral:
    """Return the *holder* of the slip's number when it is this slip; AlreadyExists when it is another.

    *persons* are the names that the person may have had then.  A correction takes over nobody's number.
    """
    if holder is None or referral.replaces is not None or not model.same_slip(holder, referral, persons):
        raise _slip_exists(holder)
    return holder


def _slip_exists(holder: Referral | None) -> AlreadyExists:
    return AlreadyExists(reasons.REFERRAL_SLIP_EXISTS, name=holder.name if holder else "")
