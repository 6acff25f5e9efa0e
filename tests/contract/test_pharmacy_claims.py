"""DispensingService: who holds a prescription, for how long, and who is kept out."""

import asyncio

import pytest
from grpc import StatusCode

from lientuyen.pharmacy.v1 import dispensing_service_pb2 as pb
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1 import prescription_service_pb2
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription
from tests.contract.pharmacy_env import (
    Pharmacy,
    claim,
    dispense,
    give,
    key,
    new_code,
    paper,
    raised,
    sold,
)
from tests.harness import World, refused


@pytest.fixture
async def pharmacy(world: World) -> Pharmacy:
    return await Pharmacy(world).start()


async def test_a_claim_shows_the_prescription_and_keeps_the_others_out(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()

    held = await pharmacy.dispensings().ClaimPrescription(claim(prescription))
    refusal = await refused(pharmacy.dispensings("pharmacy/NT00002").ClaimPrescription(claim(prescription)))

    assert (held.prescription.name, held.prescription.state) == (
        prescription.name,
        Prescription.STATE_CLAIMED,
    )
    assert len(held.claim.token) == 43
    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.CLAIMED_BY_ANOTHER.name)
    assert refusal.metadata["retry_time"] >= held.claim.expire_time.ToJsonString()[:19]


async def test_the_holder_may_claim_anew_and_the_old_token_is_void(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    stub = pharmacy.dispensings()
    old = (await stub.ClaimPrescription(claim(prescription))).claim.token
    new = (await stub.ClaimPrescription(claim(prescription))).claim.token

    refusal = await refused(stub.Dispense(dispense(prescription, old, give(1, 1))))
    answer = await stub.Dispense(dispense(prescription, new, give(1, 1)))

    assert refusal.reason == reasons.CLAIM_EXPIRED.name
    assert answer.dispensing.lines[0].quantity.thousandths == 1000


async def test_a_claim_runs_out_and_the_next_pharmacy_gets_it(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    held = await pharmacy.dispensings().ClaimPrescription(claim(prescription))

    await pharmacy.rows("UPDATE claims SET expire_time = expire_time - interval '15 minutes 1 second'")
    answer = await sold(pharmacy.dispensings("pharmacy/NT00002"), prescription, give(1, 1))
    late = await refused(
        pharmacy.dispensings().Dispense(dispense(prescription, held.claim.token, give(1, 1)))
    )

    assert answer.prescription_state == Prescription.STATE_PARTLY_DISPENSED
    assert late.reason == reasons.CLAIM_EXPIRED.name


async def test_a_released_claim_is_free_at_once_and_its_token_is_spent(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    token = (await pharmacy.dispensings().ClaimPrescription(claim(prescription))).claim.token
    request = pb.ReleaseClaimRequest(request_id=key(), prescription=prescription.name, claim_token=token)

    answer = await pharmacy.dispensings().ReleaseClaim(request)
    await pharmacy.dispensings("pharmacy/NT00002").ClaimPrescription(claim(prescription))
    again = pb.ReleaseClaimRequest(request_id=key(), prescription=prescription.name, claim_token=token)

    assert answer.prescription_state == Prescription.STATE_ISSUED
    assert (await refused(pharmacy.dispensings().ReleaseClaim(again))).reason == reasons.CLAIM_EXPIRED.name


async def test_a_stolen_token_serves_nobody_else(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    token = (await pharmacy.dispensings().ClaimPrescription(claim(prescription))).claim.token

    refusal = await refused(
        pharmacy.dispensings("pharmacy/NT00002").Dispense(dispense(prescription, token, give(1, 1)))
    )

    assert refusal.reason == reasons.CLAIM_EXPIRED.name


async def test_of_a_hundred_pharmacies_that_race_one_wins_and_the_others_hear_it(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    stubs = [pharmacy.dispensings(f"pharmacy/NT{n:05d}") for n in range(100)]
    for stub in stubs:  # open the connections, which is not what is raced
        await refused(stub.ClaimPrescription(claim(Prescription(code=new_code()))))

    async def race(stub):
        try:
            return await stub.ClaimPrescription(claim(prescription), timeout=30)
        except Exception as error:
            return (await refused(raised(error))).reason

    outcomes = await asyncio.gather(*[race(stub) for stub in stubs])

    assert len([one for one in outcomes if not isinstance(one, str)]) == 1
    assert [one for one in outcomes if isinstance(one, str)] == [reasons.CLAIMED_BY_ANOTHER.name] * 99
    assert len(await pharmacy.rows("SELECT 1 FROM claims")) == 1


async def test_only_a_pharmacy_may_claim_and_only_a_facility_issue(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()

    hospital = await refused(pharmacy.dispensings("facility/01999").ClaimPrescription(claim(prescription)))
    seller = await refused(
        pharmacy.prescriptions("pharmacy/NT00001").IssuePrescription(
            prescription_service_pb2.IssuePrescriptionRequest(request_id=key(), prescription=paper())
        )
    )

    assert [hospital.code, seller.code] == [StatusCode.PERMISSION_DENIED] * 2
