"""What becomes of the events of the outbox: the slips of dossiers go to routing."""

from collections.abc import Awaitable, Callable, Mapping

from chassis.encryption import Encryptor
from chassis.outbox import Event
from lientuyen.routing.v1 import appointment_service_pb2, referral_service_pb2

from ..peers import Routing
from .slip_events import APPOINTMENT_TOPIC, REFERRAL_TOPIC, slip_context, slip_encryptor


class OutboxHandlers:
    """Decrypts a slip and sends it to routing; the event's id makes sending it twice once."""

    def __init__(self, encryptor: Encryptor, routing: Routing) -> None:
        self._encryptor = slip_encryptor(encryptor)
        self._routing = routing

    def by_topic(self) -> Mapping[str, Callable[[Event], Awaitable[None]]]:
        return {REFERRAL_TOPIC: self._create_referral, APPOINTMENT_TOPIC: self._create_appointment}

    async def _create_referral(self, event: Event) -> None:
        request = referral_service_pb2.CreateReferralRequest.FromString(self._decrypt(event))
        request.request_id = str(event.id)
        await self._routing.create_referral(request)

    async def _create_appointment(self, event: Event) -> None:
        request = appointment_service_pb2.CreateAppointmentRequest.FromString(self._decrypt(event))
        request.request_id = str(event.id)
        await self._routing.create_appointment(request)

    def _decrypt(self, event: Event) -> bytes:
        return self._encryptor.decrypt(event.payload, associated_data=slip_context(event.topic, event.id))
