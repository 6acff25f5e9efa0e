"""PlaceService over the wire."""

from datetime import UTC, datetime

import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.identity.v1 import place_pb2 as pb
from lientuyen.identity.v1 import place_service_pb2 as service
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.identity_env import HOSPITAL, Identity
from tests.harness import World, refused

OLD = Date(year=2025, month=6, day=30)


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


async def listed(identity: Identity, **more: object) -> list[str]:
    stub, found, token = identity.places(), [], ""
    while True:
        page = await stub.ListProvinces(service.ListProvincesRequest(page_token=token, **more))
        found += [one.code for one in page.provinces]
        token = page.next_page_token
        if not token:
            return found


async def test_the_provinces_of_a_day_come_in_pages_by_code(identity: Identity):
    today = await listed(identity, page_size=10)
    old = await listed(identity, as_of=OLD)
    with clock.fixed(datetime(2025, 6, 30, 16, 59, tzinfo=UTC)):
        then = await listed(identity)

    assert (len(today), len(old), today == sorted(today)) == (34, 63, True)
    assert then == old


async def test_a_code_is_told_as_it_was_and_as_it_is(identity: Identity):
    answer = await identity.places().ResolvePlace(service.ResolvePlaceRequest(province_code="24", as_of=OLD))

    assert (answer.then.display_name, answer.then.valid_to) == ("Bắc Giang", OLD)
    assert (answer.today.name, answer.today.display_name) == ("//identity.lientuyen/provinces/24", "Bắc Ninh")
    assert (list(answer.today.merged_from), answer.today.kind) == (["24", "27"], pb.Province.KIND_PROVINCE)
    assert not answer.outdated


async def test_a_retired_code_says_so_and_a_facility_s_never_is(identity: Identity):
    province = await identity.places().ResolvePlace(service.ResolvePlaceRequest(province_code="27"))
    facility = await identity.places().ResolvePlace(service.ResolvePlaceRequest(facility_code="27001"))

    assert (province.then.display_name, province.today.code, province.outdated) == ("Bắc Ninh", "24", True)
    assert (facility.then.display_name, facility.today.code, facility.outdated) == ("Bắc Ninh", "24", False)


@pytest.mark.parametrize("asked", [{"province_code": "03"}, {"facility_code": "03001"}], ids=str)
async def test_a_code_that_never_was_is_named(identity: Identity, asked: dict[str, str]):
    refusal = await refused(identity.places().ResolvePlace(service.ResolvePlaceRequest(**asked)))

    assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "ERROR_REASON_PLACE_NOT_FOUND")
    assert refusal.metadata == {"code": next(iter(asked.values()))}


async def test_a_day_that_does_not_exist_is_refused(identity: Identity):
    request = service.ListProvincesRequest(as_of=Date(year=2026, month=2, day=30))

    refusal = await refused(identity.places().ListProvinces(request))

    assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, ["as_of"])


@pytest.mark.parametrize(
    "caller", [HOSPITAL, "pharmacy/NT00001", "service/records", "authority/vneid", "operator/an"]
)
async def test_every_caller_may_ask(identity: Identity, caller: str):
    answer = await identity.places(caller).ResolvePlace(service.ResolvePlaceRequest(province_code="01"))

    assert answer.today.display_name == "Hà Nội"
