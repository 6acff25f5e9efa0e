"""What the tests of slips share: records beside the real routing, or beside one that fails when told to."""

from collections import Counter
from datetime import timedelta
from typing import Any, Self

from chassis import clock
from chassis.errors import ServiceError
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1.dossier_pb2 import Dossier, DossierSlip
from lientuyen.routing.v1.message_pb2 import Message, Notice
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.routing.v1.referral_service_pb2 import GetReferralRequest
from tests.harness import World, eventually
from tests.samples.files import File, sample

from .records_env import FakeReferrals, Records
from .routing_env import ACCESS as OWN
from .routing_env import Inbox, Routing

# Another person, whom identity knows: born in a year still to come.
OTHER_NUMBER, OTHER_NAME = (
    "001985000027",
    "//identity.lientuyen/persons/6b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d12",
)

SlipState = DossierSlip.State


def dossier(link_key: str = "SLIPS-1", *, number: str = "TEST-1", to: str = "79999") -> File:
    """Return yesterday's dossier of one encounter: transfer slip *number* to *to*, an appointment alike."""
    day = f"{clock.today() - timedelta(days=1):%Y%m%d}"
    file = sample().on_day(day).everywhere("MA_LK", link_key).everywhere("GT_THE_DEN", "20991231")
    file.everywhere("GT_THE_TU", "20250101")
    file.set("XML13", 1, "GIAY_CHUYEN_TUYEN", number).set("XML14", 1, "SO_GIAYHEN_KL", number)
    file.set("XML1", 1, "MA_NOI_DEN", to or "79999")
    return file.set("XML13", 1, "MA_CSKCB_DEN", to)


def without(file: File, *tables: str) -> File:
    for code in tables:
        del file.tables[code]
    return file.left_for_home() if "XML13" in tables else file


def slip(message: Dossier, table: str = "XML13") -> DossierSlip:
    (of_table,) = [slip for slip in message.slips if slip.table == table]
    return of_table


class SlipRecords(Records):
    """Records, and a look at the slips of its dossiers."""

    async def get_dossier(self, name: str) -> Dossier:
        return (await self.dossiers().GetDossier(pb.GetDossierRequest(name=name, access=OWN))).dossier

    async def settled(self, file: File, table: str = "XML13", *, replaces_version: int = 0) -> DossierSlip:
        """Submit a dossier, and return what its slip has become when that is settled."""
        name = (await self.submit(file.bytes(), replaces_version=replaces_version)).dossier.name
        return await self.settled_of(name, table)

    async def settled_of(self, name: str, table: str = "XML13") -> DossierSlip:
        async def done() -> DossierSlip | None:
            current = slip(await self.get_dossier(name), table)
            return None if current.state == SlipState.STATE_PENDING else current

        current = await eventually(done)
        assert current is not None
        return current

    async def events(self) -> Counter[tuple[str, str]]:
        """Return how many events the outbox has of each topic and state."""
        rows = await self.rows("SELECT topic, state FROM outbox")
        return Counter((row["topic"], row["state"]) for row in rows)


class Exchange:
    """Records and routing, each with its database, over one identity."""

    def __init__(self, world: World) -> None:
        self.records, self.routing = SlipRecords(world), Routing(world)
        self.routing.identity = self.records.identity
        self.records.identity.add_person(OTHER_NUMBER, name=OTHER_NAME)
        self.records.identity.add_facility("79024")

    async def start(self) -> Self:
        await self.routing.start()
        await self.records.start(routing_address=self.routing.running.address)
        return self

    async def referral(self, resource: str) -> Referral:
        request = GetReferralRequest(name=resource, access=OWN)
        return (await self.routing.referrals("operator/an").GetReferral(request)).referral

    async def mail(self, code: str, count: int) -> list[tuple[str, str]]:
        """Return the next *count* messages for a facility: a kind, or a notice's event; what it is about."""
        async with self.routing.receiving(f"facility/{code}") as inbox:
            return [await _next(self.routing, inbox, code) for _ in range(count)]


async def _next(routing: Routing, inbox: Inbox, code: str) -> tuple[str, str]:
    delivery = await inbox.next(60)
    await routing.acknowledge(delivery, f"facility/{code}")
    kind = Message.Kind.Name(delivery.message.kind)
    if delivery.message.kind == Message.KIND_NOTICE:
        kind = Notice.Event.Name(Notice.FromString(delivery.body).event)
    return kind.removeprefix("KIND_").removeprefix("EVENT_"), delivery.message.about


class MoodyReferrals(FakeReferrals):
    """Fails with what a test says, by the slip's number: when asked beforehand, and when it is to be made."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: dict[str, ServiceError] = {}
        self.made: dict[str, ServiceError] = {}
        self.attempts: Counter[str] = Counter()

    async def ValidateReferral(self, request: Any, context: Any) -> Any:
        if error := self.asked.get(request.referral.slip_number):
            raise error
        return await super().ValidateReferral(request, context)

    async def CreateReferral(self, request: Any, context: Any) -> Any:
        self.attempts[request.referral.slip_number] += 1
        if error := self.made.get(request.referral.slip_number):
            raise error
        return await super().CreateReferral(request, context)


class Moody:
    """Records beside a routing that fails as it is told."""

    def __init__(self, world: World, referrals: MoodyReferrals | None = None) -> None:
        self.records, self.referrals = SlipRecords(world), referrals or MoodyReferrals()
        self.records.sent_referrals = self.referrals

    async def start(self) -> Self:
        await self.records.start()
        return self
