"""Records beside the real routing, both beside one fake of identity: what the tests of referrals share."""

from typing import Any
from uuid import uuid4

from lientuyen.records.v1 import health_book_service_pb2 as pb
from lientuyen.routing.v1 import referral_service_pb2 as referring
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.contract.records_env import PERSON_NAME, Records
from tests.contract.routing_env import DISTRICT, PROVINCE, Routing
from tests.harness import World
from tests.samples import files
from tests.samples.files import sample

SENDING, RECEIVING, THIRD = "facility/01999", "facility/79999", "facility/01929"


class Stack:
    """The two services."""

    def __init__(self, world: World) -> None:
        self.records, self.routing = Records(world), Routing(world)
        self.identity_address = ""
        self.identity = self.routing.identity = self.records.identity

    async def start(self) -> "Stack":
        world = self.records.world
        self.identity.add_facility("79024")
        address = self.identity_address = await self.identity.serve(world)
        await self.routing.start(identity_address=address)
        await self.records.start(
            identity_address=address, routing_address=self.routing.running.address, sweep_seconds=60
        )
        return self

    async def refer(self, **given: Any) -> str:
        referral = Referral(**{"person": PERSON_NAME, "sender": DISTRICT, "recipient": PROVINCE, **given})
        request = referring.CreateReferralRequest(
            request_id=str(uuid4()), referral=referral, slip=b"<slip/>", slip_media_type="application/xml"
        )
        return (await self.routing.referrals(SENDING).CreateReferral(request)).referral.name

    async def deliver(self) -> None:
        async with self.routing.receiving(RECEIVING) as inbox:
            await self.routing.acknowledge(await inbox.next())

    async def results(self, access: AccessContext, who: str = RECEIVING) -> pb.ListResultsResponse:
        request = pb.ListResultsRequest(person=PERSON_NAME, access=access)
        return await self.records.books(who).ListResults(request)


def without_slips() -> files.File:
    file = sample()
    del file.tables["XML13"], file.tables["XML14"]
    return file.left_for_home()
