"""Whom identity's directory does not know is doubted at the first place; a dossier waits for no directory."""

from collections import Counter
from typing import Any

import pytest

from common.names import facility_name
from lientuyen.identity.v1 import facility_service_pb2, practitioner_service_pb2
from lientuyen.identity.v1.consent_service_pb2_grpc import add_ConsentServiceServicer_to_server
from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.identity.v1.facility_service_pb2_grpc import (
    FacilityServiceServicer,
    add_FacilityServiceServicer_to_server,
)
from lientuyen.identity.v1.person_service_pb2_grpc import add_PersonServiceServicer_to_server
from lientuyen.identity.v1.practitioner_pb2 import Practitioner
from lientuyen.identity.v1.practitioner_service_pb2_grpc import (
    PractitionerServiceServicer,
    add_PractitionerServiceServicer_to_server,
)
from lientuyen.records.v1 import dossier_service_pb2 as pb
from tests.harness import World
from tests.samples.files import sample

from .records_env import Records

# Those of the sample, in two pages.
LICENCES = ("000000/HNO-GPHN", "000001/HNO-GPHN", "000002/HNO-GPHN")


class Lists(PractitionerServiceServicer, FacilityServiceServicer):
    """A directory that counts how often it is read."""

    def __init__(self, *licences: str, codes: tuple[str, ...] = ("01999", "79999")) -> None:
        self.licences, self.codes = licences, codes
        self.reads = Counter[str]()

    async def ListPractitioners(
        self, request: Any, context: Any
    ) -> practitioner_service_pb2.ListPractitionersResponse:
        self.reads["practitioners"] += 1
        assert request.facility == facility_name("01999")
        first = int(request.page_token or 0)
        known = [Practitioner(licence_number=number) for number in self.licences[first : first + 2]]
        token = str(first + 2) if first + 2 < len(self.licences) else ""
        return practitioner_service_pb2.ListPractitionersResponse(practitioners=known, next_page_token=token)

    async def GetFacility(self, request: Any, context: Any) -> facility_service_pb2.GetFacilityResponse:
        return facility_service_pb2.GetFacilityResponse(facility=Facility(name=request.name))

    async def ListFacilities(self, request: Any, context: Any) -> facility_service_pb2.ListFacilitiesResponse:
        self.reads["facilities"] += 1
        facilities = [Facility(name=facility_name(code)) for code in self.codes]
        return facility_service_pb2.ListFacilitiesResponse(facilities=facilities)


async def records_with(world: World, lists: Lists) -> Records:
    records = Records(world)
    address = await world.fake(
        "identity",
        (add_PersonServiceServicer_to_server, records.identity),
        (add_ConsentServiceServicer_to_server, records.identity),
        (add_FacilityServiceServicer_to_server, lists),
        (add_PractitionerServiceServicer_to_server, lists),
    )
    return await records.start(identity_address=address)


def doubts(reply: pb.SubmitDossierResponse) -> list[tuple[str, str]]:
    rules = ("practitioner-known", "facility-known")
    return [(each.rule, each.path) for each in reply.warnings if each.rule in rules]


async def test_whom_the_directory_knows_is_not_doubted_and_it_is_read_once(world: World):
    lists = Lists(*LICENCES)
    records = await records_with(world, lists)

    replies = [await records.submit(sample().everywhere("MA_LK", f"K{n}").bytes()) for n in range(3)]

    assert [doubts(reply) for reply in replies] == [[], [], []]
    assert lists.reads == {"practitioners": 2, "facilities": 1}


async def test_whom_it_does_not_know_is_told_once_at_the_first_place(world: World):
    records = await records_with(world, Lists(*LICENCES[:2], codes=("01999",)))

    reply = await records.submit(sample().bytes())

    assert doubts(reply) == [
        ("facility-known", "XML1.MA_NOI_DEN"),
        ("practitioner-known", "XML3[2].NGUOI_THUC_HIEN"),
    ]


async def test_who_is_lent_stands_there_by_the_licence_alone(world: World):
    records = await records_with(world, Lists(*LICENCES))
    file = sample().set("XML4", 1, "MA_BS_DOC_KQ", "000002/HNO-GPHN.HD.79999")

    assert doubts(await records.submit(file.bytes())) == []


@pytest.mark.parametrize("licences", [(), ("X",)])
async def test_an_empty_directory_says_nothing(world: World, licences: tuple[str, ...]):
    records = await records_with(world, Lists(*licences, codes=()))

    assert bool(doubts(await records.submit(sample().bytes()))) is bool(licences)


async def test_while_there_is_no_directory_a_dossier_is_taken(world: World):
    records = await Records(world).start()

    assert doubts(await records.submit(sample().bytes())) == []
