"""
What becomes of the events of the outbox: slips of dossiers go to routing, and the answer is written down.

A handler looks at the slip, not at the sequence of events: what a newer version gave up is not sent,
and what was sent is not sent again.  A slip that routing refuses for good is no matter for an
operator: its sender is told.  One that is given up after many attempts is both.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

from chassis.db import Database, Transaction
from chassis.encryption import Encryptor
from chassis.errors import ResourceExhausted
from chassis.outbox import RETRY_POLICY, Event
from lientuyen.routing.v1 import appointment_service_pb2, mailbox_service_pb2, referral_service_pb2
from lientuyen.routing.v1 import error_reasons as reasons

from ..convert.slip_refusals import slip_fault, verdict_of
from ..model.dossiers import Dossier
from ..model.slips import UNDELIVERED, IssuedSlip, Slip, SlipState, SlipVerdict
from ..peers import Routing
from ..store import dossiers as dossier_store
from ..store import slips as store
from .slip_checks import REFUSALS
from .slip_events import (
    APPOINTMENT_TOPIC,
    CANCELLATION_TOPIC,
    NOTICE_TOPIC,
    REFERRAL_TOPIC,
    USE_TOPIC,
    publish_refusal,
    publish_sent_after_all,
    publish_waiting,
    slip_context,
    slip_encryptor,
)

# Under these, versions before this one published slips of which no account is kept.
OLD_REFERRAL_TOPIC, OLD_APPOINTMENT_TOPIC = "dossier.referral", "dossier.appointment"


class OutboxHandlers:
    """Carries out what a slip asks of routing; the event's id makes doing it twice once."""

    def __init__(self, db: Database, encryptor: Encryptor, routing: Routing) -> None:
        self._db = db
        self._encryptor = slip_encryptor(encryptor)
        self._routing = routing

    def by_topic(self) -> Mapping[str, Callable[[Event], Awaitable[None]]]:
        return {
            REFERRAL_TOPIC: self._create_referral,
            APPOINTMENT_TOPIC: self._create_appointment,
            CANCELLATION_TOPIC: self._cancel,
            NOTICE_TOPIC: self._send_notice,
            USE_TOPIC: self._use_referral,
            OLD_REFERRAL_TOPIC: self._create_referral,
            OLD_APPOINTMENT_TOPIC: self._create_appointment,
        }

    async def _create_referral(self, event: Event) -> None:
        request = referral_service_pb2.CreateReferralRequest.FromString(self._decrypt(event))
        request.request_id = str(event.id)
        await self._carry_out(event, lambda _: self._routing.create_referral(request))

    async def _create_appointment(self, event: Event) -> None:
        request = appointment_service_pb2.CreateAppointmentRequest.FromString(self._decrypt(event))
        request.request_id = str(event.id)
        await self._carry_out(event, lambda _: self._routing.create_appointment(request))

    async def _cancel(self, event: Event) -> None:
        async def cancel(slip: Slip | None) -> IssuedSlip:
            assert slip is not None, "a cancellation is published with its slip"
            facility = await self._facility_of(slip)
            return IssuedSlip(await self._routing.cancel_slip(slip, facility, event.id))

        await self._carry_out(event, cancel, SlipState.CANCELLED)

    async def _use_referral(self, event: Event) -> None:
        request = referral_service_pb2.UseReferralRequest.FromString(self._decrypt(event))
        request.request_id = str(event.id)
        await self._routing.use_referral(request)

    async def _send_notice(self, event: Event) -> None:
        request = mailbox_service_pb2.SendNoticeRequest.FromString(event.payload)
        request.request_id = str(event.id)
        await self._routing.send_notice(request)

    async def _carry_out(
        self,
        event: Event,
        ask: Callable[[Slip | None], Awaitable[IssuedSlip]],
        state: SlipState | None = None,
    ) -> None:
        """Ask routing, and write down what the slip became: *state*, or issued or replaced."""
        slips = await self._open(event)
        if slips and not any(slip.is_open for slip in slips):
            return
        slip = slips[-1] if slips else None
        try:
            issued = await ask(slip)
        except Exception as error:
            if slip is None:
                raise
            if not RETRY_POLICY.is_spent(event, error):
                await self._tell_if_it_waits(slip, event.id, error)
                raise
            await self._give_up(slip, event.id, error)
            if not isinstance(error, REFUSALS):
                raise
        else:
            if slip is not None:
                state = state or (SlipState.REPLACED if issued.replaces else SlipState.ISSUED)
                await self._finish(slip, event.id, state, issued)

    async def _open(self, event: Event) -> list[Slip]:
        """Return the slip of *event* in its versions; one that was given up is on its way again."""
        async with self._db.transaction() as tx:
            slips = await store.list_slips_of_event(tx, event.id)
            if any(slip.was_given_up for slip in slips):
                await store.reopen_slip(tx, event.id)
            return slips

    async def _finish(self, slip: Slip, event_id: UUID, state: SlipState, issued: IssuedSlip) -> None:
        """Write down what *slip* became, and tell its sender if it heard otherwise before."""
        async with self._settling(slip) as (tx, dossier):
            await store.finish_slip(tx, event_id, state, issued)
            if slip.was_given_up:
                await publish_sent_after_all(tx, slip, dossier.facility)

    async def _tell_if_it_waits(self, slip: Slip, event_id: UUID, error: Exception) -> None:
        """Tell the sender of *slip*, once, when it waits for room in its recipient's mailbox."""
        if isinstance(error, ResourceExhausted) and error.reason.name == reasons.QUOTA_USED_UP.name:
            async with self._settling(slip) as (tx, dossier):
                await publish_waiting(tx, slip, dossier.facility, event_id)

    async def _give_up(self, slip: Slip, event_id: UUID, error: Exception) -> None:
        """Write down that *slip* is not sent, and why, and tell its sender."""
        verdict = SlipVerdict(slip_fault(UNDELIVERED, slip.table_code), refuses=True)
        if isinstance(error, REFUSALS):
            verdict = verdict_of(error, slip.table_code)
        assert verdict.fault is not None
        async with self._settling(slip) as (tx, dossier):
            resource = verdict.resource or await store.latest_resource(tx, slip.id)
            resource = "" if verdict.end_of(resource) else resource
            if await store.refuse_slip(tx, event_id, verdict.fault, resource):
                await publish_refusal(tx, slip, dossier.facility, verdict)

    @asynccontextmanager
    async def _settling(self, slip: Slip) -> AsyncIterator[tuple[Transaction, Dossier]]:
        """A transaction in which no version comes, so that none carries over what is settled in it."""
        async with self._db.transaction() as tx:
            dossier = await dossier_store.get(tx, slip.dossier)
            assert dossier is not None, "a slip is kept with its dossier"
            await dossier_store.lock_encounter(tx, dossier.facility, dossier.link_key)
            yield tx, dossier

    async def _facility_of(self, slip: Slip) -> str:
        async with self._db.connection() as tx:
            dossier = await dossier_store.get(tx, slip.dossier)
        assert dossier is not None, "a slip is kept with its dossier"
        return dossier.facility

    def _decrypt(self, event: Event) -> bytes:
        return self._encryptor.decrypt(event.payload, associated_data=slip_context(event.topic, event.id))
