"""DrugService and what is not built yet."""

from typing import TYPE_CHECKING

import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.pharmacy.v1 import drug_service_pb2 as pb
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1 import lot_service_pb2
from lientuyen.pharmacy.v1.drug_pb2 import Drug
from lientuyen.pharmacy.v1.drug_service_pb2_grpc import DrugServiceStub
from lientuyen.pharmacy.v1.lot_service_pb2_grpc import LotServiceStub
from tests.contract.pharmacy_env import Pharmacy, key
from tests.harness import World, refused

if TYPE_CHECKING:
    from lientuyen.pharmacy.v1.drug_service_pb2_grpc import DrugServiceAsyncStub

DRUGS = [
    Drug(registration_number="VD-12345-26", inn="Paracetamol", brand="Hapacol", strength="500 mg"),
    Drug(registration_number="893110123426", inn="Paracetamol", brand="Panadol Extra", strength="500 mg"),
    Drug(registration_number="893111999926", inn="Morphin", strength="10 mg", prescription_only=True),
    Drug(registration_number="VD-1-20", inn="Cao lá thường xuân", brand="Siro ho Đỏ"),
]


@pytest.fixture
async def pharmacy(world: World) -> Pharmacy:
    return await Pharmacy(world).start()


@pytest.fixture
async def stub(pharmacy: Pharmacy) -> "DrugServiceAsyncStub":
    """The drugs as an operator sees them; four were imported."""
    stub = pharmacy.stub(DrugServiceStub, "operator/quan")
    parts = [pb.ImportDrugsRequest(request_id=key(), drugs=DRUGS[:2]), pb.ImportDrugsRequest(drugs=DRUGS[2:])]
    answer = await stub.ImportDrugs(iter(parts))
    assert (answer.created, answer.updated) == (4, 0)
    return stub


async def test_an_import_adds_overwrites_and_repeats_itself(stub: "DrugServiceAsyncStub"):
    changed = Drug(registration_number="vd-12345-26", inn="Paracetamol", brand="Hapacol 500")
    part = pb.ImportDrugsRequest(request_id=key(), drugs=[changed])

    answers = [await stub.ImportDrugs(iter([part])) for _ in range(2)]

    assert answers == [pb.ImportDrugsResponse(created=0, updated=1)] * 2
    assert (await stub.GetDrug(pb.GetDrugRequest(name="drugs/vd-12345-26"))).drug.brand == "Hapacol 500"


async def test_a_drug_is_found_by_name_and_its_number_tells_control(stub: "DrugServiceAsyncStub"):
    morphine = (await stub.GetDrug(pb.GetDrugRequest(name="drugs/893111999926"))).drug
    refusal = await refused(stub.GetDrug(pb.GetDrugRequest(name="drugs/vd-9-99")))

    assert (morphine.control, morphine.prescription_only) == (Drug.CONTROL_NARCOTIC, True)
    assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, reasons.DRUG_NOT_FOUND.name)


async def test_a_search_forgives_accents_and_slips_and_comes_in_pages(stub: "DrugServiceAsyncStub"):
    async def search(query, **more):
        answer = await stub.SearchDrugs(pb.SearchDrugsRequest(query=query, **more))
        return [one.registration_number for one in answer.drugs], answer.next_page_token

    first, token = await search("paracetamol", page_size=1)
    second, end = await search("paracetamol", page_size=1, page_token=token)

    assert {*first, *second} == {"VD-12345-26", "893110123426"}
    assert end == ""
    assert await search("THUONG xuân") == (["VD-1-20"], "")
    assert await search("paracetamon") == (["893110123426", "VD-12345-26"], "")
    assert await search("không có") == ([], "")


@pytest.mark.parametrize("query", ["siro ho Ðỏ", "siro ho Đo\u0309", "siro\u00a0ho Ɖỏ"])
async def test_a_search_finds_letters_that_another_system_wrote(stub: "DrugServiceAsyncStub", query: str):
    drugs = (await stub.SearchDrugs(pb.SearchDrugsRequest(query=query))).drugs

    assert [one.registration_number for one in drugs] == ["VD-1-20"]


async def test_a_search_that_hides_a_character_is_refused_at_its_place(stub: "DrugServiceAsyncStub"):
    refusal = await refused(stub.SearchDrugs(pb.SearchDrugsRequest(query="si\u200bro ho")))

    assert refusal.code == StatusCode.INVALID_ARGUMENT
    assert [(each.field, each.rule) for each in refusal.violations] == [("query", "text.hidden")]


async def test_an_import_without_an_id_is_refused(pharmacy: Pharmacy):
    stub = pharmacy.stub(DrugServiceStub, "operator/quan")

    assert (await refused(stub.ImportDrugs(iter([pb.ImportDrugsRequest(drugs=DRUGS)])))).reason == (
        reasons.IMPORT_ID_MISSING.name
    )
    assert (await refused(stub.ImportDrugs(iter([])))).code == StatusCode.INVALID_ARGUMENT


async def test_lots_are_in_the_contract_and_not_built_yet(pharmacy: Pharmacy):
    stub = pharmacy.stub(LotServiceStub, "operator/quan")

    refusal = await refused(stub.TraceLot(lot_service_pb2.TraceLotRequest(name="drugs/vd-1-20/lots/l1")))

    assert (refusal.code, refusal.reason) == (
        StatusCode.UNIMPLEMENTED,
        chassis_reasons.METHOD_UNBUILT.name,
    )
