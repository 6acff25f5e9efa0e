"""What the contract tests of routing share: a running service, its fake directory, and a hospital's hands."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from google.protobuf.duration_pb2 import Duration

from chassis.errors import NotFound
from laptop.authority import issue_signing
from lientuyen.identity.v1 import error_reasons as identity_why
from lientuyen.identity.v1 import facility_service_pb2
from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.identity.v1.facility_service_pb2_grpc import (
    FacilityServiceServicer,
    add_FacilityServiceServicer_to_server,
)
from lientuyen.identity.v1.person_service_pb2 import ResolvePersonResponse
from lientuyen.identity.v1.person_service_pb2_grpc import (
    PersonServiceServicer,
    add_PersonServiceServicer_to_server,
)
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.appointment_service_pb2_grpc import AppointmentServiceStub
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from lientuyen.routing.v1.message_pb2 import Delivery, Message
from lientuyen.routing.v1.receipt_service_pb2_grpc import ReceiptServiceStub
from lientuyen.routing.v1.record_request_service_pb2_grpc import RecordRequestServiceStub
from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceStub
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.harness import Running, World

FACILITIES = "//identity.lientuyen/facilities/"
DISTRICT, PROVINCE, CHO_RAY = f"{FACILITIES}01999", f"{FACILITIES}79999", f"{FACILITIES}79024"
PERSON = "//identity.lientuyen/persons/5b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d11"
OTHER_PERSON = "//identity.lientuyen/persons/6b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d12"
ACCESS = AccessContext(
    practitioner="000123/GPHN",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_OWN_RECORD,
)

CITIZEN = AccessContext(
    practitioner="VNeID",
    purpose=AccessContext.PURPOSE_PATIENT_REQUEST,
    legal_basis=AccessContext.LEGAL_BASIS_DATA_SUBJECT,
)


class Directory(FacilityServiceServicer):
    """Knows three hospitals; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def GetFacility(self, request: Any, context: Any) -> facility_service_pb2.GetFacilityResponse:
        self.asked += 1
        if request.name not in (DISTRICT, PROVINCE, CHO_RAY):
            raise NotFound(identity_why.FACILITY_NOT_FOUND, name=request.name)
        return facility_service_pb2.GetFacilityResponse(facility=Facility(name=request.name))


class Persons(PersonServiceServicer):
    """Knows all *names* of the person whose entries were merged, the root's first; of others none."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def ResolvePerson(self, request: Any, context: Any) -> ResolvePersonResponse:
        return ResolvePersonResponse(persons=self.names if request.name in self.names else [])


@dataclass
class Routing:
    """A running routing service and stubs for whoever calls."""

    world: World
    running: Running
    directory: Directory
    persons: Persons
    _channels: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def start(cls, world: World, **settings: Any) -> "Routing":
        directory, persons = Directory(), Persons()
        address = await world.fake(
            "identity",
            (add_FacilityServiceServicer_to_server, directory),
            (add_PersonServiceServicer_to_server, persons),
        )
        signing = world.folder / "signing"
        if not signing.exists():
            issue_signing(world.pki.ca, signing, "service/routing")
        given = {"identity_address": address, "signing_dir": signing, "poll_seconds": 0.5, **settings}
        return cls(world, await world.start("routing", **given), directory, persons)

    def _channel(self, who: str) -> Any:
        if who not in self._channels:
            self._channels[who] = self.world.channel(self.running, who)
        return self._channels[who]

    def mailbox(self, who: str = "facility/01999") -> Any:
        return MailboxServiceStub(self._channel(who))

    def receipts(self, who: str = "facility/01999") -> Any:
        return ReceiptServiceStub(self._channel(who))

    def referrals(self, who: str = "facility/01999") -> Any:
        return ReferralServiceStub(self._channel(who))

    def appointments(self, who: str = "facility/01999") -> Any:
        return AppointmentServiceStub(self._channel(who))

    def record_requests(self, who: str = "facility/01999") -> Any:
        return RecordRequestServiceStub(self._channel(who))

    async def send(self, body: bytes = b"<x/>", *, who: str = "facility/01999", **header: Any) -> Any:
        """Send *body* from *who* to the province's hospital and return the answer."""
        return await self.mailbox(who).SendMessage(upload(body, **{"sender": name_of(who), **header}))

    @asynccontextmanager
    async def receiving(
        self, who: str = "facility/79999", *, outstanding: int = 0, lease: float = 60
    ) -> AsyncIterator["Inbox"]:
        """Hold a stream open on the mailbox of *who*."""
        seconds, rest = divmod(lease, 1)
        call = self.mailbox(who).ReceiveMessages(
            pb.ReceiveMessagesRequest(
                recipient=name_of(who),
                max_outstanding=outstanding,
                lease=Duration(seconds=int(seconds), nanos=int(rest * 1e9)),
            )
        )
        yield Inbox(call)
        call.cancel()

    async def acknowledge(self, delivery: Delivery, who: str = "facility/79999") -> Any:
        return await self.mailbox(who).AcknowledgeMessage(acknowledgement(delivery))

    async def reject(self, delivery: Delivery, reason: str = "unreadable") -> Any:
        return await self.mailbox("facility/79999").RejectMessage(
            pb.RejectMessageRequest(
                request_id=str(uuid4()),
                name=delivery.message.name,
                lease_token=delivery.lease_token,
                reason=reason,
            )
        )

    async def get(self, name: str, who: str = "facility/01999") -> Message:
        answer = await self.mailbox(who).GetMessage(pb.GetMessageRequest(name=name))
        message: Message = answer.message
        return message

    async def sql(self, statement: str) -> list[Any]:
        """Run *statement* on the service's own database: to look, or to let time pass."""
        async with self.running.db._pool.acquire() as connection:
            rows: list[Any] = await connection.fetch(statement)
        return rows

    async def until_gone(self, statement: str) -> None:
        """Wait until *statement* finds nothing any more; fail after 5 seconds."""
        for _ in range(100):
            if not await self.sql(statement):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"still there: {statement}")

    async def age(self, days: int) -> None:
        """Let every message that waits be *days* older."""
        await self.sql(f"UPDATE messages SET enqueue_time = enqueue_time - interval '{days} days'")


class Inbox:
    """A receiver's end of a stream."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._waiting: asyncio.Future[Any] | None = None

    async def next(self, seconds: float = 5) -> Delivery:
        """Return the next delivery; fail when none comes in time."""
        async with asyncio.timeout(seconds):
            answer = await (self._waiting or self._call.read())
        self._waiting = None
        delivery: Delivery = answer.delivery
        return delivery

    async def take(self, count: int) -> list[Delivery]:
        return [await self.next() for _ in range(count)]

    async def nothing(self, seconds: float = 0.7) -> bool:
        """Tell whether nothing comes for *seconds*; what comes later is the next."""
        self._waiting = self._waiting or asyncio.ensure_future(self._call.read())
        done, _ = await asyncio.wait([self._waiting], timeout=seconds)
        return not done


def acknowledgement(delivery: Delivery) -> pb.AcknowledgeMessageRequest:
    return pb.AcknowledgeMessageRequest(
        request_id=str(uuid4()), name=delivery.message.name, lease_token=delivery.lease_token
    )


def name_of(who: str) -> str:
    return f"{FACILITIES}{who.rpartition('/')[2]}"


def upload(
    body: bytes, *, request_id: str = "", piece: int = 1024 * 1024, **header: Any
) -> Iterator[pb.SendMessageRequest]:
    """Yield the requests that send *body*; the header goes to the province's hospital unless it says."""
    given = {
        "sender": DISTRICT,
        "recipient": PROVINCE,
        "kind": Message.KIND_DOCUMENT,
        "media_type": "application/xml",
        **header,
    }
    yield pb.SendMessageRequest(request_id=request_id or str(uuid4()), header=pb.MessageHeader(**given))
    for start in range(0, len(body), piece):
        yield pb.SendMessageRequest(chunk=body[start : start + piece])
