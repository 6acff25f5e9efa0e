"""
Booking an appointment: may it be, does it take the place of one that its slip made before.

A slip of a dossier that is corrected is no second slip: in one transaction the old appointment is
cancelled, the new one is booked and the facility is told.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from chassis import clock
from chassis.db import Database, Transaction
from chassis.errors import AlreadyExists, FailedPrecondition, InvalidArgument
from chassis.idempotency import Idempotency, answered_first
from common.identity import Identity
from common.values import date_from_pb
from lientuyen.routing.v1 import appointment_pb2
from lientuyen.routing.v1 import appointment_service_pb2 as pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.message_pb2 import Notice

from ..convert.appointments import appointment_from_pb, appointment_to_pb
from ..model import appointments as model
from ..model.appointments import Appointment
from ..model.state_machine import InvalidTransition
from ..store import appointments as store
from ..store.source_slips import lock_source_slip
from .access_log import log_access
from .authorization import is_records, require_sender
from .mailbox_writer import MailboxWriter
from .notifier import Notifier
from .source_slips import naming_latest_of_source

T = TypeVar("T")


class AppointmentCreation:
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        writer: MailboxWriter,
        notifier: Notifier,
        identity: Identity,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._writer = writer
        self._notifier = notifier
        self._identity = identity

    @answered_first(pb.CreateAppointmentResponse)
    async def create(self, request: pb.CreateAppointmentRequest) -> pb.CreateAppointmentResponse:
        async with self._naming_latest(request.appointment):
            appointment = _new_appointment(request.appointment)
            response = await self._under_every_name(
                appointment.person, lambda persons: self._create_once(request, appointment, persons)
            )
        if response.appointment.replaces:
            self._notifier.publish(appointment.facility)
        return response

    async def validate(self, request: pb.ValidateAppointmentRequest) -> pb.ValidateAppointmentResponse:
        async with self._naming_latest(request.appointment):
            appointment = _new_appointment(request.appointment)
            return await self._under_every_name(
                appointment.person, lambda persons: self._validate(appointment, persons)
            )

    def _naming_latest(self, appointment: appointment_pb2.Appointment) -> AbstractAsyncContextManager[None]:
        latest = store.get_latest_of_source
        return naming_latest_of_source(self._db, latest, appointment.facility, appointment.source_slip)

    async def _under_every_name(self, person: str, work: Callable[[Sequence[str]], Awaitable[T]]) -> T:
        """Do *work* with the names that the person of an earlier slip may have had."""
        try:
            return await work((person,))
        except AlreadyExists:
            # The slip may have been sent under another name of the person, before entries were merged.
            return await work(await self._identity.resolve(person))

    async def _create_once(
        self, request: pb.CreateAppointmentRequest, appointment: Appointment, persons: Sequence[str]
    ) -> pb.CreateAppointmentResponse:
        async def create(tx: Transaction) -> pb.CreateAppointmentResponse:
            booked = appointment
            await lock_source_slip(tx, booked.source_slip)
            row = await store.lock_appointment_of_source(tx, booked.facility, booked.source_slip)
            if row is not None and model.is_unchanged(row[0], booked, persons):
                return pb.CreateAppointmentResponse(appointment=appointment_to_pb(row[0]))
            if row is not None:
                booked = await self._replace(tx, *row, booked)
            create_time = await store.insert_appointment(tx, booked)
            if create_time is None:
                booked = _same_slip_of(*await _holders(tx, booked), booked, persons)
            else:
                booked = replace(booked, create_time=create_time)
            return pb.CreateAppointmentResponse(appointment=appointment_to_pb(booked))

        return await self._idempotency.run_once(request, pb.CreateAppointmentResponse, create)

    async def _replace(
        self, tx: Transaction, previous: Appointment, now: datetime, appointment: Appointment
    ) -> Appointment:
        """Cancel *previous*, tell the facility, and return its successor."""
        with _too_late_for(previous):
            await store.update_appointment(tx, model.replace_by(previous, appointment.id, now))
        await log_access(tx, previous.person, None)
        event = Notice.EVENT_APPOINTMENT_REPLACED
        await self._writer.write_notice(tx, appointment.facility, event, appointment.name, now)
        return replace(appointment, replaces=previous.id)

    async def _validate(
        self, appointment: Appointment, persons: Sequence[str]
    ) -> pb.ValidateAppointmentResponse:
        facility = appointment.facility
        async with self._db.connection() as tx:
            row = await store.lock_appointment_of_source(tx, facility, appointment.source_slip)
            by_number, by_encounter = await _holders(tx, appointment)
            latest = await store.get_latest_of_source(tx, facility, appointment.source_slip)
        if row is None:
            if by_number is not None or by_encounter is not None:
                _same_slip_of(by_number, by_encounter, appointment, persons)
            return pb.ValidateAppointmentResponse(ended=latest.name if latest else "")
        previous, now = row
        if model.is_unchanged(previous, appointment, persons):
            return pb.ValidateAppointmentResponse()
        with _too_late_for(previous):
            model.replace_by(previous, appointment.id, now)
        if by_number is not None and by_number.id != previous.id:
            raise _slip_exists(by_number)
        if by_encounter is not None and by_encounter.id != previous.id:
            raise _encounter_exists(by_encounter)
        return pb.ValidateAppointmentResponse(replaces=previous.name)


def _new_appointment(message: appointment_pb2.Appointment) -> Appointment:
    require_sender("appointment.facility", message.facility)
    try:
        day = date_from_pb(message.day)
    except ValueError:
        day = None
    if day is None:
        raise InvalidArgument(reasons.DAY_INVALID, field="appointment.day")
    appointment = appointment_from_pb(message, appointment_id=uuid4(), day=day, now=clock.now())
    return appointment if is_records() else replace(appointment, source_slip="")


@contextmanager
def _too_late_for(appointment: Appointment) -> Iterator[None]:
    try:
        yield
    except InvalidTransition as error:
        name, state = appointment.name, appointment.state.upper()
        raise FailedPrecondition(reasons.APPOINTMENT_TAKEN, name=name, state=state) from error


async def _holders(
    tx: Transaction, appointment: Appointment
) -> tuple[Appointment | None, Appointment | None]:
    """Return what the facility has in force of the number, and of the encounter, of *appointment*."""
    facility, number = appointment.facility, appointment.slip_number
    by_number = await store.get_appointment_by_slip(tx, facility, number) if number else None
    by_encounter = await store.get_appointment_by_encounter(tx, facility, appointment.encounter)
    return by_number, by_encounter


def _same_slip_of(
    by_number: Appointment | None,
    by_encounter: Appointment | None,
    appointment: Appointment,
    persons: Sequence[str],
) -> Appointment:
    """Return the holder of the slip's number when it is this slip; AlreadyExists when it is another.

    *persons* are the names that the person may have had then.  A correction takes over nobody's number.
    """
    same = (
        by_number is not None
        and appointment.replaces is None
        and model.same_slip(by_number, appointment, persons)
    )
    if by_number is not None and same:
        return by_number
    if by_number is None and by_encounter is not None:
        raise _encounter_exists(by_encounter)
    raise _slip_exists(by_number)


def _encounter_exists(holder: Appointment) -> AlreadyExists:
    return AlreadyExists(reasons.APPOINTMENT_ENCOUNTER_EXISTS, name=holder.name)


def _slip_exists(holder: Appointment | None) -> AlreadyExists:
    return AlreadyExists(reasons.APPOINTMENT_SLIP_EXISTS, name=holder.name if holder else "")
