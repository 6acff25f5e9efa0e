"""Codes of prescriptions can be tried: misses are counted per caller, leave a row, and run out."""

import pytest
from grpc import StatusCode

from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1 import prescription_service_pb2 as pb
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription
from tests.contract.pharmacy_env import TREATMENT, Pharmacy, claim, new_code, paper
from tests.harness import Refusal, World, refused

HERE, ELSEWHERE = "pharmacy/NT00001", "pharmacy/NT00002"
SERVICE = "lientuyen.pharmacy.v1."
LIMIT = (StatusCode.RESOURCE_EXHAUSTED, "ERROR_REASON_LOOKUP_LIMIT_REACHED")


@pytest.fixture
async def pharmacy(world: World) -> Pharmacy:
    return await Pharmacy(world).start(misses_per_minute=0.01, misses_burst=3)


def guess() -> Prescription:
    return Prescription(code=new_code())


def by_code(code: str) -> pb.GetPrescriptionRequest:
    return pb.GetPrescriptionRequest(code=code, access=TREATMENT)


def told(refusal: Refusal) -> tuple[object, str]:
    return refusal.code, refusal.reason


async def test_codes_that_nobody_has_run_out_and_another_pharmacy_is_served(pharmacy: Pharmacy):
    prescription, stub = await pharmacy.issued(), pharmacy.dispensings(HERE)
    misses = [
        await refused(stub.ClaimPrescription(claim(guess()))),
        await refused(pharmacy.prescriptions(HERE).GetPrescription(by_code(new_code()))),
        await refused(stub.ClaimPrescription(claim(guess()))),
    ]

    over = await refused(stub.ClaimPrescription(claim(prescription)))
    read_too = await refused(pharmacy.prescriptions(HERE).GetPrescription(by_code(prescription.code)))

    assert {told(each) for each in misses} == {(StatusCode.NOT_FOUND, reasons.CODE_UNKNOWN.name)}
    assert (told(over), told(read_too)) == (LIMIT, LIMIT)
    assert int(over.metadata["retry_after_seconds"]) > 0
    assert over.message_vi.startswith("Tra cứu mã đơn thuốc quá nhiều, vui lòng thử lại sau ")
    held = await pharmacy.dispensings(ELSEWHERE).ClaimPrescription(claim(prescription))
    assert held.prescription.name == prescription.name


async def test_every_miss_leaves_a_row_that_names_who_tried(pharmacy: Pharmacy):
    await refused(pharmacy.dispensings(HERE).ClaimPrescription(claim(guess())))
    await refused(pharmacy.prescriptions(HERE).GetPrescription(by_code(new_code())))
    await refused(pharmacy.prescriptions("facility/79999").GetPrescription(by_code(new_code())))

    rows = await pharmacy.rows(
        "SELECT caller, practitioner, method, subject, allowed FROM audit ORDER BY access_time"
    )
    assert [tuple(row) for row in rows] == [
        (HERE, "DS-0001", f"{SERVICE}DispensingService/ClaimPrescription", "", False),
        (HERE, "DS-0001", f"{SERVICE}PrescriptionService/GetPrescription", "", False),
        ("facility/79999", "DS-0001", f"{SERVICE}PrescriptionService/GetPrescription", "", False),
    ]


async def test_a_hospital_that_tries_codes_runs_out_whether_somebody_has_them_or_not(pharmacy: Pharmacy):
    prescription, stub = await pharmacy.issued(), pharmacy.prescriptions("facility/79999")
    codes = [new_code(), prescription.code, new_code()]
    misses = {told(await refused(stub.GetPrescription(by_code(code)))) for code in codes}

    over = await refused(stub.GetPrescription(by_code(prescription.code)))

    assert misses == {(StatusCode.PERMISSION_DENIED, reasons.PRESCRIPTION_DENIED.name)}
    assert told(over) == LIMIT


async def test_what_is_no_guess_is_no_miss(pharmacy: Pharmacy):
    """Neither a code that somebody has, nor a prescription that another pharmacy holds, nor a name."""
    taken, free = await pharmacy.issued(), await pharmacy.issued(paper(code=new_code("01929")))
    await pharmacy.dispensings(ELSEWHERE).ClaimPrescription(claim(taken))
    nameless = pb.GetPrescriptionRequest(
        name="prescriptions/7b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d13", access=TREATMENT
    )
    for _ in range(4):
        assert (await refused(pharmacy.dispensings(HERE).ClaimPrescription(claim(taken)))).reason == (
            reasons.CLAIMED_BY_ANOTHER.name
        )
        await refused(pharmacy.prescriptions(HERE).GetPrescription(nameless))

    held = await pharmacy.dispensings(HERE).ClaimPrescription(claim(free))

    assert held.prescription.name == free.name


async def test_the_retry_of_a_claim_has_its_first_answer_though_misses_have_run_out(pharmacy: Pharmacy):
    prescription, stub = await pharmacy.issued(), pharmacy.dispensings(HERE)
    request = claim(prescription)
    first = await stub.ClaimPrescription(request)
    for _ in range(3):
        await refused(stub.ClaimPrescription(claim(guess())))

    assert told(await refused(stub.ClaimPrescription(claim(prescription)))) == LIMIT
    assert await stub.ClaimPrescription(request) == first
