"""The events of an accepted dossier: its slips, told to routing after the transaction."""

from collections.abc import Awaitable, Callable, Mapping

from chassis.encryption import Encryptor
from chassis.outbox import Event
from lientuyen.routing.v1 import appointment_service_pb2, referral_service_pb2

from ..peers import Routing
from .dossier_submission import APPOINTMENT, REFERRAL, slip_context


class Slips:
    """Opens a slip's event and tells routing; the event's id makes telling it twice once."""

    def __init__(self, routing: Routing, encryptor: Encryptor) -> None:
        self._routing = routing
        self._encryptor = encryptor.derive("slips")

    def handlers(self) -> Mapping[str, Callable[[Event], Awaitable[None]]]:
        """Return the handler of each topic."""
        return {REFERRAL: self._refer, APPOINTMENT: self._book}

    async def _refer(self, event: Event) -> None:
        request = referral_service_pb2.CreateReferralRequest.FromString(self._open(event))
        request.request_id = str(event.id)
        await self._routing.create_referral(request)

    async def _book(self, event: Event) -> None:
        request = appointment_service_pb2.CreateAppointmentRequest.FromString(self._open(event))
        request.request_id = str(event.id)
        await self._routing.create_appointment(request)

    def _open(self, event: Event) -> bytes:
        return self._encryptor.decrypt(event.payload, associated_data=slip_context(event.topic, event.id))
