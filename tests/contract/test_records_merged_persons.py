"""A person whose entries were merged: what was kept under each name is shown for all, and parts again."""

import pytest

from lientuyen.records.v1 import health_book_service_pb2 as pb
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.harness import World
from tests.samples import files
from tests.samples.files import sample

from .records_env import CARE, CITIZEN, PERSON_NAME, Records

MERGED_NAME = "//identity.lientuyen/persons/7b0e57b1-6b1c-4c51-9c3e-0d8c0a6b4e13"
MERGED_NUMBER = "001385000024"
GLUCOSE = pb.OrderedTest(service_code="23.0075.1494")


@pytest.fixture
async def records(world: World) -> Records:
    """The service; each entry has a dossier."""
    records = await Records(world).start()
    records.identity.add_person(MERGED_NUMBER, name=MERGED_NAME)
    await records.submit(files.DOSSIER)
    file = sample().everywhere("MA_LK", "MERGED-1").everywhere("SO_CCCD", MERGED_NUMBER)
    await records.submit(file.bytes())
    return records


async def shown(records: Records, person: str, who: str, access: AccessContext) -> tuple[int, int, bool]:
    """How many encounters and results a reader is shown, and whether a glucose is found."""
    stub = records.books(who)
    book = await stub.GetHealthBook(pb.GetHealthBookRequest(person=person, access=access))
    listed = await stub.ListResults(pb.ListResultsRequest(person=person, access=access))
    reuse = pb.FindReusableResultsRequest(person=person, orders=[GLUCOSE], access=access)
    found = bool((await stub.FindReusableResults(reuse)).answers[0].results) if access == CARE else True
    return len(book.health_book.encounters), len(listed.results), found


@pytest.mark.parametrize(("who", "access"), [("facility/79999", CARE), ("authority/vneid", CITIZEN)])
async def test_all_of_a_person_is_shown_by_either_name_until_they_are_parted(
    records: Records, who: str, access: AccessContext
):
    names = (PERSON_NAME, MERGED_NAME)
    for name in names:
        records.identity.add_consent(name)
    alone = [await shown(records, name, who, access) for name in names]

    records.identity.merge(MERGED_NAME, into=PERSON_NAME)
    merged = [await shown(records, name, who, access) for name in names]
    records.identity.unmerge(MERGED_NAME)
    parted = [await shown(records, name, who, access) for name in names]

    encounters, results, found = alone[0]
    assert (encounters, found, alone[1]) == (1, True, alone[0])
    assert merged == [(2, 2 * results, True)] * 2
    assert parted == alone


async def test_a_facility_without_leave_is_shown_its_own_under_every_name(records: Records):
    request = pb.ListResultsRequest(person=MERGED_NAME, access=CARE)
    alone = await records.books().ListResults(request)
    records.identity.merge(MERGED_NAME, into=PERSON_NAME)

    merged = await records.books().ListResults(request)

    assert merged.own_records_only
    assert len(merged.results) == 2 * len(alone.results)


async def test_the_person_is_shown_what_the_asked_name_has_while_identity_is_silent(
    world: World, records: Records
):
    url = records.running.settings.database_url
    lonely = await Records(world).start(identity_address=world.nowhere(), database_url=url)

    request = pb.GetHealthBookRequest(person=MERGED_NAME, access=CITIZEN)
    answer = await lonely.books("authority/vneid").GetHealthBook(request)

    assert (len(answer.health_book.encounters), list(answer.unreachable)) == (1, ["identity"])


async def test_a_new_version_of_a_dossier_takes_the_place_of_one_under_another_name(records: Records):
    records.identity.merge(MERGED_NAME, into=PERSON_NAME)
    again = sample().everywhere("MA_LK", "MERGED-1").set("XML1", 1, "CHAN_DOAN_RV", "Khác").bytes()

    await records.submit(again)

    assert await shown(records, PERSON_NAME, "authority/vneid", CITIZEN) == (2, 2, True)
