"""Appointments (hẹn khám lại): booked, then used once or cancelled."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID, uuid4

from chassis import clock
from chassis.db import Database, Transaction
from chassis.errors import AlreadyExists, InvalidArgument, PermissionDenied
from chassis.idempotency import Idempotency, idempotent
from chassis.pagination import NEWEST, Page, Paginator
from common.identity import Identity
from common.names import id_of
from common.values import date_from_pb
from lientuyen.routing.v1 import appointment_pb2
from lientuyen.routing.v1 import appointment_service_pb2 as pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.appointment_service_pb2_grpc import AppointmentServiceServicer

from ..convert.appointments import STATES_FROM_PB, appointment_from_pb, appointment_to_pb
from ..model import appointments as model
from ..model.appointments import Appointment
from ..store import appointments as store
from .access_log import log_access, log_accesses
from .authorization import facility_of_list, require_party, require_reader, require_sender
from .errors import invalid_transition_as

Transition: TypeAlias = Callable[[Appointment, datetime], Appointment]


class AppointmentService(AppointmentServiceServicer):
    def __init__(
        self, db: Database, idempotency: Idempotency, paginator: Paginator, identity: Identity
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._identity = identity

    async def CreateAppointment(
        self, request: pb.CreateAppointmentRequest, context: object
    ) -> pb.CreateAppointmentResponse:
        facility, person = request.appointment.facility, request.appointment.person
        require_sender("appointment.facility", facility)
        try:
            return await self._create_once(request, (person,))
        except AlreadyExists:
            # The slip may have been sent under another name of the person, before entries were merged.
            return await self._create_once(request, await self._identity.resolve(person))

    async def _create_once(
        self, request: pb.CreateAppointmentRequest, persons: Sequence[str]
    ) -> pb.CreateAppointmentResponse:
        appointment = _new_appointment(request.appointment)

        async def create(tx: Transaction) -> pb.CreateAppointmentResponse:
            create_time = await store.insert_appointment(tx, appointment)
            if create_time is None:
                created = await _existing_appointment(tx, appointment, persons)
            else:
                created = replace(appointment, create_time=create_time)
            return pb.CreateAppointmentResponse(appointment=appointment_to_pb(created))

        return await self._idempotency.run_once(request, pb.CreateAppointmentResponse, create)

    @idempotent(pb.UseAppointmentResponse)
    async def UseAppointment(
        self, request: pb.UseAppointmentRequest, tx: Transaction
    ) -> pb.UseAppointmentResponse:
        appointment = await _change_by_facility(tx, request.name, model.use)
        return pb.UseAppointmentResponse(appointment=appointment_to_pb(appointment))

    @idempotent(pb.CancelAppointmentResponse)
    async def CancelAppointment(
        self, request: pb.CancelAppointmentRequest, tx: Transaction
    ) -> pb.CancelAppointmentResponse:
        appointment = await _change_by_facility(tx, request.name, model.cancel)
        return pb.CancelAppointmentResponse(appointment=appointment_to_pb(appointment))

    async def GetAppointment(
        self, request: pb.GetAppointmentRequest, context: object
    ) -> pb.GetAppointmentResponse:
        async with self._db.transaction() as tx:
            appointment = await store.get_appointment(tx, id_of(request.name))
            if appointment is None:
                raise PermissionDenied(reasons.APPOINTMENT_DENIED, name=request.name)
            person, facility = appointment.person, appointment.facility
            require_reader(reasons.APPOINTMENT_DENIED, request.name, person, facility)
            await log_access(tx, person, request.access)
        return pb.GetAppointmentResponse(appointment=appointment_to_pb(appointment))

    async def ListAppointments(
        self, request: pb.ListAppointmentsRequest, context: object
    ) -> pb.ListAppointmentsResponse:
        facility = facility_of_list(request.person, request.facility)
        page, state = self._paginator.open(request), STATES_FROM_PB.get(request.state, "")
        persons = await self._identity.names_of(request.person)
        async with self._db.transaction() as tx:
            rows = await store.list_appointments(
                tx, persons.names, facility, state, _before(page), page.limit
            )
            rows, token = page.close(rows, key=lambda row: (row.day.toordinal(), row.id))
            await log_accesses(tx, (request.person, *(row.person for row in rows)), request.access)
        return pb.ListAppointmentsResponse(
            appointments=map(appointment_to_pb, rows), next_page_token=token, unreachable=persons.unreachable
        )


def _new_appointment(message: appointment_pb2.Appointment) -> Appointment:
    try:
        day = date_from_pb(message.day)
    except ValueError:
        day = None
    if day is None:
        raise InvalidArgument(reasons.DAY_INVALID, field="appointment.day")
    return appointment_from_pb(message, appointment_id=uuid4(), day=day, now=clock.now())


async def _change_by_facility(tx: Transaction, name: str, transition: Transition) -> Appointment:
    """Return the appointment after a *transition* by its facility.  The row's lock makes it one at a time."""
    row = await store.lock_appointment(tx, id_of(name))
    if row is None:
        raise PermissionDenied(reasons.APPOINTMENT_DENIED, name=name)
    appointment, now = row
    require_party(reasons.APPOINTMENT_DENIED, name, appointment.person, appointment.facility)
    with invalid_transition_as(reasons.APPOINTMENT_STATE, name):
        appointment = transition(appointment, now)
    await store.update_appointment(tx, appointment)
    await log_access(tx, appointment.person, None)
    return appointment


async def _existing_appointment(
    tx: Transaction, appointment: Appointment, persons: Sequence[str]
) -> Appointment:
    """Return the appointment that this slip made before; AlreadyExists when it is another one.

    *persons* are the names that the person may have had then.
    """
    existing = await store.get_appointment_by_slip(tx, appointment.facility, appointment.slip_number)
    if existing is None:
        raise AlreadyExists(reasons.APPOINTMENT_SLIP_EXISTS, name="")
    if existing.day != appointment.day or existing.person not in persons:
        raise AlreadyExists(reasons.APPOINTMENT_SLIP_EXISTS, name=existing.name)
    return existing


def _before(page: Page) -> tuple[date, UUID]:
    """Return the day and the id that the page goes on before; on the first page, what all come before."""
    if not page.position:
        return NEWEST.time.date(), NEWEST.id
    return date.fromordinal(int(page.position[0])), UUID(str(page.position[1]))
