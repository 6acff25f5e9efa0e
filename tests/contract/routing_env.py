"""What the tests of routing share: the service beside a fake identity, and a receiver's end of a mailbox."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from google.protobuf.duration_pb2 import Duration

from chassis.signing import read_pair
from chassis.tree_heads import head_to_pb, sign_head
from laptop.authority import issue_signing
from lientuyen.routing.v1 import mailbox_service_pb2 as pb
from lientuyen.routing.v1.appointment_service_pb2_grpc import AppointmentServiceStub
from lientuyen.routing.v1.consultation_service_pb2_grpc import ConsultationServiceStub
from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceStub
from lientuyen.routing.v1.message_pb2 import Delivery, Message
from lientuyen.routing.v1.receipt_service_pb2_grpc import ReceiptServiceStub
from lientuyen.routing.v1.record_request_service_pb2_grpc import RecordRequestServiceStub
from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceStub
from lientuyen.routing.v1.transparency_service_pb2_grpc import TransparencyServiceStub
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.tree_head_pb2 import TreeHead
from tests.fake_identity import FakeIdentity
from tests.harness import ServiceUnderTest, World
from transparency.merkle import Tree

if TYPE_CHECKING:
    from lientuyen.routing.v1.appointment_service_pb2_grpc import AppointmentServiceAsyncStub
    from lientuyen.routing.v1.consultation_service_pb2_grpc import ConsultationServiceAsyncStub
    from lientuyen.routing.v1.mailbox_service_pb2_grpc import MailboxServiceAsyncStub
    from lientuyen.routing.v1.receipt_service_pb2_grpc import ReceiptServiceAsyncStub
    from lientuyen.routing.v1.record_request_service_pb2_grpc import RecordRequestServiceAsyncStub
    from lientuyen.routing.v1.referral_service_pb2_grpc import ReferralServiceAsyncStub
    from lientuyen.routing.v1.transparency_service_pb2_grpc import TransparencyServiceAsyncStub

FACILITIES = "//identity.lientuyen/facilities/"
DISTRICT, PROVINCE, CHO_RAY = f"{FACILITIES}01999", f"{FACILITIES}79999", f"{FACILITIES}79024"
PERSON = "//identity.lientuyen/persons/5b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d11"
OTHER_PERSON = "//identity.lientuyen/persons/6b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d12"
ACCESS = AccessContext(
    practitioner="000123/GPHN",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_OWN_RECORD,
)

# The ground on which one facility asks others for records.
CONSENTED = AccessContext(
    practitioner="000123/GPHN",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
)

CITIZEN = AccessContext(
    practitioner="VNeID",
    purpose=AccessContext.PURPOSE_PATIENT_REQUEST,
    legal_basis=AccessContext.LEGAL_BASIS_DATA_SUBJECT,
)


class Routing(ServiceUnderTest):
    """The service, beside an identity that knows two persons, who agreed, and three hospitals."""

    service = "routing"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.identity = FakeIdentity()
        for person in (PERSON, OTHER_PERSON):
            self.identity.add_person(name=person)
            self.identity.add_consent(person)
        for code in ("01999", "79999", "79024"):
            self.identity.add_facility(code)

    async def start(self, **settings: Any) -> Self:
        """Start the service, which polls often; an address given in *settings* replaces the fake's."""
        signing_dir = self.world.folder / "signing"
        if not signing_dir.exists():
            issue_signing(self.world.pki.ca, signing_dir, "service/routing")
        settings.setdefault("identity_address", await self.identity.serve(self.world))
        return await super().start(
            **{"signing_dir": signing_dir, "poll_seconds": 0.5, "log_seconds": 0.5, **settings}
        )

    def without_access_log(self) -> Self:
        """Let no head of the service's own access log enter the log of receipts beside them."""
        self.running.server.access_log.submit = None
        return self

    def mailbox(self, caller: str = "facility/01999") -> "MailboxServiceAsyncStub":
        return self.stub(MailboxServiceStub, caller)

    def receipts(self, caller: str = "facility/01999") -> "ReceiptServiceAsyncStub":
        return self.stub(ReceiptServiceStub, caller)

    def transparency(self, caller: str = "facility/01999") -> "TransparencyServiceAsyncStub":
        return self.stub(TransparencyServiceStub, caller)

    def referrals(self, caller: str = "facility/01999") -> "ReferralServiceAsyncStub":
        return self.stub(ReferralServiceStub, caller)

    def appointments(self, caller: str = "facility/01999") -> "AppointmentServiceAsyncStub":
        return self.stub(AppointmentServiceStub, caller)

    def consultations(self, caller: str = "facility/01999") -> "ConsultationServiceAsyncStub":
        return self.stub(ConsultationServiceStub, caller)

    def record_requests(self, caller: str = "facility/01999") -> "RecordRequestServiceAsyncStub":
        return self.stub(RecordRequestServiceStub, caller)

    async def send(
        self, body: bytes = b"<x/>", *, caller: str = "facility/01999", **header: Any
    ) -> pb.SendMessageResponse:
        """Send *body* from *caller* to the province's hospital and return the answer."""
        return await self.mailbox(caller).SendMessage(upload(body, **{"sender": name_of(caller), **header}))

    @asynccontextmanager
    async def receiving(
        self, caller: str = "facility/79999", *, outstanding: int = 0, lease: float = 60
    ) -> AsyncIterator["Inbox"]:
        """Hold a stream open on the mailbox of *caller*."""
        seconds, rest = divmod(lease, 1)
        call = self.mailbox(caller).ReceiveMessages(
            pb.ReceiveMessagesRequest(
                recipient=name_of(caller),
                max_outstanding=outstanding,
                lease=Duration(seconds=int(seconds), nanos=int(rest * 1e9)),
            )
        )
        yield Inbox(call)
        call.cancel()

    async def acknowledge(
        self, delivery: Delivery, caller: str = "facility/79999"
    ) -> pb.AcknowledgeMessageResponse:
        return await self.mailbox(caller).AcknowledgeMessage(acknowledgement(delivery))

    async def reject(self, delivery: Delivery, reason: str = "unreadable") -> pb.RejectMessageResponse:
        return await self.mailbox("facility/79999").RejectMessage(
            pb.RejectMessageRequest(
                request_id=str(uuid4()),
                name=delivery.message.name,
                lease_token=delivery.lease_token,
                reason=reason,
            )
        )

    async def get(self, name: str, caller: str = "facility/01999") -> Message:
        return (await self.mailbox(caller).GetMessage(pb.GetMessageRequest(name=name))).message

    async def age(self, days: int) -> None:
        """Let every message that waits be *days* older."""
        await self.rows(f"UPDATE messages SET enqueue_time = enqueue_time - interval '{days} days'")


class Inbox:
    """A receiver's end of a stream."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._waiting: asyncio.Future[Any] | None = None

    async def next(self, seconds: float = 60) -> Delivery:
        """Return the next delivery; TimeoutError when none comes in time, and then it can be asked again."""
        if await self.nothing(seconds):
            raise TimeoutError(f"nothing came for {seconds} s")
        assert self._waiting is not None
        answer, self._waiting = self._waiting.result(), None
        delivery: Delivery = answer.delivery
        return delivery

    async def take(self, count: int) -> list[Delivery]:
        return [await self.next() for _ in range(count)]

    async def nothing(self, seconds: float = 0.7) -> bool:
        """Tell whether nothing comes for *seconds*; what comes later is the next."""
        self._waiting = self._waiting or asyncio.ensure_future(self._call.read())
        done, _ = await asyncio.wait([self._waiting], timeout=seconds)
        return not done


def head_of_identity(world: World, leaves: Sequence[bytes] = ()) -> TreeHead:
    """Return a head of the access log of identity, of *leaves*, as identity signs it."""
    tree, folder = Tree(), world.pki.folder("service/identity").path
    tree.extend(leaves)
    pair = read_pair(folder / "tls.crt", folder / "tls.key")
    origin = "lientuyen.test/identity/access-log"
    return head_to_pb(sign_head(pair, origin, tree.size, tree.root(), datetime.now(UTC)))


def acknowledgement(delivery: Delivery) -> pb.AcknowledgeMessageRequest:
    return pb.AcknowledgeMessageRequest(
        request_id=str(uuid4()), name=delivery.message.name, lease_token=delivery.lease_token
    )


def name_of(caller: str) -> str:
    return f"{FACILITIES}{caller.rpartition('/')[2]}"


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
