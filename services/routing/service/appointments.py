"""Appointments: booked, then used once or cancelled."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from chassis import call_context, clock
from chassis.db import Database, Transaction
from chassis.errors import AlreadyExists, InvalidArgument, PermissionDenied
from chassis.idempotency import Idempotency
from chassis.pagination import Paginator
from lientuyen.routing.v1 import appointment_pb2
from lientuyen.routing.v1 import appointment_service_pb2 as pb
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1.appointment_service_pb2_grpc import AppointmentServiceServicer

from ..convert.appointments import STATES_FROM_PB, appointment_from_pb, appointment_to_pb
from ..convert.common import date_from_pb, id_of, short
from ..model import appointments as model
from ..model.appointments import Appointment
from ..peers.facility_directory import Identity
from ..store import appointments as store
from .authorization import RECORDS, log_access, moving, require_party, require_sender
from .listing import facility_of_list, names_of_list

END: Final = (date(9000, 1, 1), UUID(int=2**128 - 1))


class AppointmentService(AppointmentServiceServicer):
    """Keeps re-examination slips."""

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
        require_sender("appointment.facility", request.appointment.facility)
        try:
            return await self._created(request, (request.appointment.person,))
        except AlreadyExists:
            # The slip may have been sent under another name of the person, before entries were merged.
            names = await self._identity.names_of(request.appointment.person)
            return await self._created(request, names)

    async def _created(
        self, request: pb.CreateAppointmentRequest, persons: Sequence[str]
    ) -> pb.CreateAppointmentResponse:
        appointment = _booked(request.appointment)
        return await self._idempotency.run_once(
            request, pb.CreateAppointmentResponse, lambda tx: self._create(tx, appointment, persons)
        )

    async def _create(
        self, tx: Transaction, appointment: Appointment, persons: Sequence[str]
    ) -> pb.CreateAppointmentResponse:
        created = await store.insert_appointment(tx, appointment)
        if created is None:
            kept = await _same_slip(tx, appointment, persons)
        else:
            kept = replace(appointment, create_time=created)
        return pb.CreateAppointmentResponse(appointment=appointment_to_pb(kept))

    async def UseAppointment(
        self, request: pb.UseAppointmentRequest, context: object
    ) -> pb.UseAppointmentResponse:
        async def work(tx: Transaction) -> pb.UseAppointmentResponse:
            appointment = await _moved(tx, request.name, model.use)
            return pb.UseAppointmentResponse(appointment=appointment_to_pb(appointment))

        return await self._idempotency.run_once(request, pb.UseAppointmentResponse, work)

    async def CancelAppointment(
        self, request: pb.CancelAppointmentRequest, context: object
    ) -> pb.CancelAppointmentResponse:
        async def work(tx: Transaction) -> pb.CancelAppointmentResponse:
            appointment = await _moved(tx, request.name, model.cancel)
            return pb.CancelAppointmentResponse(appointment=appointment_to_pb(appointment))

        return await self._idempotency.run_once(request, pb.CancelAppointmentResponse, work)

    async def GetAppointment(
        self, request: pb.GetAppointmentRequest, context: object
    ) -> pb.GetAppointmentResponse:
        async with self._db.transaction() as tx:
            appointment = await store.get_appointment(tx, id_of(request.name))
            if appointment is None:
                raise PermissionDenied(reasons.APPOINTMENT_DENIED, name=short(request.name))
            if call_context.caller().kind != "authority" and str(call_context.caller()) != RECORDS:
                _require_facility(appointment, request.name)
            await log_access(tx, appointment.person, request.access)
        return pb.GetAppointmentResponse(appointment=appointment_to_pb(appointment))

    async def ListAppointments(
        self, request: pb.ListAppointmentsRequest, context: object
    ) -> pb.ListAppointmentsResponse:
        facility = facility_of_list(request.person, request.facility)
        size, state = self._paginator.size(request.page_size), STATES_FROM_PB.get(request.state, "")
        position = self._paginator.position(request.page_token, request)
        before = (date.fromordinal(int(position[0])), UUID(str(position[1]))) if position else END
        names, unreachable = await names_of_list(self._identity, request.person)
        async with self._db.transaction() as tx:
            if request.person:
                found = await store.list_of_person(tx, names, facility, state, before, size + 1)
            else:
                found = await store.list_of_facility(tx, facility, state, before, size + 1)
            page, token = self._paginator.cut(
                found, size, lambda one: [one.day.toordinal(), str(one.id)], request
            )
            for person in sorted({one.person for one in page} | ({request.person} - {""})):
                await log_access(tx, person, request.access)
        return pb.ListAppointmentsResponse(
            appointments=[appointment_to_pb(one) for one in page],
            next_page_token=token,
            unreachable=unreachable,
        )


def _booked(given: appointment_pb2.Appointment) -> Appointment:
    """Return a new appointment; InvalidArgument when its day is none."""
    try:
        day = date_from_pb(given.day)
    except ValueError:
        raise InvalidArgument(reasons.DAY_INVALID, field="appointment.day") from None
    return appointment_from_pb(given, appointment_id=uuid4(), day=day, now=clock.now())


async def _moved(
    tx: Transaction, name: str, change: Callable[[Appointment, datetime], Appointment]
) -> Appointment:
    """Return the appointment after *change* by its facility.  The row's lock makes it one at a time."""
    found = await store.lock_appointment(tx, id_of(name))
    if found is None:
        raise PermissionDenied(reasons.APPOINTMENT_DENIED, name=short(name))
    appointment, now = found
    _require_facility(appointment, name)
    with moving(reasons.APPOINTMENT_STATE, name):
        appointment = change(appointment, now)
    await store.save_appointment(tx, appointment)
    await log_access(tx, appointment.person, None)
    return appointment


def _require_facility(appointment: Appointment, name: str) -> None:
    require_party(reasons.APPOINTMENT_DENIED, name, appointment.person, appointment.facility)


async def _same_slip(tx: Transaction, appointment: Appointment, persons: Sequence[str]) -> Appointment:
    """Return the appointment that this slip made before; AlreadyExists when it is another one.

    *persons* are the names that the person may have had then.
    """
    kept = await store.slip_in_force(tx, appointment.facility, appointment.slip_number)
    if kept is None:
        raise AlreadyExists(reasons.APPOINTMENT_SLIP_EXISTS, name="")
    if kept.day != appointment.day or kept.person not in persons:
        raise AlreadyExists(reasons.APPOINTMENT_SLIP_EXISTS, name=short(kept.name))
    return kept
