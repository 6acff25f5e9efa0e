"""Appointments (hẹn khám lại): booked, then used once or cancelled."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from chassis.db import Database, Transaction
from chassis.errors import PermissionDenied
from chassis.idempotency import Idempotency, idempotent
from chassis.pagination import NEWEST, Page, Paginator
from common.identity import Identity
from common.names import id_of
from lientuyen.routing.v1 import appointment_service_pb2 as pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.appointment_service_pb2_grpc import AppointmentServiceServicer
from lientuyen.routing.v1.message_pb2 import Notice

from ..convert.appointments import STATES_FROM_PB, appointment_to_pb
from ..model import appointments as model
from ..model.appointments import Appointment
from ..store import appointments as store
from ..store.source_slips import lock_source_slip
from .access_log import log_access, log_accesses
from .appointment_creation import AppointmentCreation
from .authorization import facility_of_list, is_records, require_issuer, require_reader, require_records
from .errors import invalid_transition_as
from .mailbox_writer import MailboxWriter
from .notifier import Notifier

Transition: TypeAlias = Callable[[Appointment, datetime], Appointment]


def _notify_facility(
    service: "AppointmentService", _: object, response: pb.CancelAppointmentResponse
) -> None:
    if response.HasField("appointment"):
        service._notifier.publish(response.appointment.facility)


class AppointmentService(AppointmentServiceServicer):
    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        writer: MailboxWriter,
        notifier: Notifier,
        identity: Identity,
        creation: AppointmentCreation,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._writer = writer
        self._notifier = notifier
        self._identity = identity
        self._creation = creation

    async def CreateAppointment(
        self, request: pb.CreateAppointmentRequest, context: object
    ) -> pb.CreateAppointmentResponse:
        return await self._creation.create(request)

    async def ValidateAppointment(
        self, request: pb.ValidateAppointmentRequest, context: object
    ) -> pb.ValidateAppointmentResponse:
        return await self._creation.validate(request)

    @idempotent(pb.UseAppointmentResponse)
    async def UseAppointment(
        self, request: pb.UseAppointmentRequest, tx: Transaction
    ) -> pb.UseAppointmentResponse:
        appointment, now = await _lock(tx, request.name)
        appointment = await _change_by_facility(tx, appointment, now, model.use)
        return pb.UseAppointmentResponse(appointment=appointment_to_pb(appointment))

    @idempotent(pb.CancelAppointmentResponse, after=_notify_facility)
    async def CancelAppointment(
        self, request: pb.CancelAppointmentRequest, tx: Transaction
    ) -> pb.CancelAppointmentResponse:
        row = await _lock_to_cancel(tx, request)
        if row is None:
            return pb.CancelAppointmentResponse()
        appointment, now = row
        appointment = await _change_by_facility(tx, appointment, now, model.cancel)
        if is_records():
            event = Notice.EVENT_APPOINTMENT_CANCELLED
            await self._writer.write_notice(tx, appointment.facility, event, appointment.name, now)
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


async def _lock(tx: Transaction, name: str) -> tuple[Appointment, datetime]:
    """Return the appointment and the time.  That there is none is told as that it is not the caller's."""
    row = await store.lock_appointment(tx, id_of(name))
    if row is None:
        raise PermissionDenied(reasons.APPOINTMENT_DENIED, name=name)
    return row


async def _lock_to_cancel(
    tx: Transaction, request: pb.CancelAppointmentRequest
) -> tuple[Appointment, datetime] | None:
    """Return the appointment that is meant, and the time; None when the slip that is named has none."""
    if not request.source_slip:
        return await _lock(tx, request.name)
    require_records(reasons.APPOINTMENT_DENIED, request.source_slip)
    await lock_source_slip(tx, request.source_slip)
    return await store.lock_appointment_of_source(tx, request.facility, request.source_slip)


async def _change_by_facility(
    tx: Transaction, appointment: Appointment, now: datetime, transition: Transition
) -> Appointment:
    """Return the locked *appointment* after a *transition* by its facility."""
    name = appointment.name
    require_issuer(reasons.APPOINTMENT_DENIED, name, appointment.person, appointment.facility)
    with invalid_transition_as(reasons.APPOINTMENT_STATE, name):
        appointment = transition(appointment, now)
    await store.update_appointment(tx, appointment)
    await log_access(tx, appointment.person, None)
    return appointment


def _before(page: Page) -> tuple[date, UUID]:
    """Return the day and the id that the page goes on before; on the first page, what all come before."""
    if not page.position:
        return NEWEST.time.date(), NEWEST.id
    return date.fromordinal(int(page.position[0])), UUID(str(page.position[1]))
