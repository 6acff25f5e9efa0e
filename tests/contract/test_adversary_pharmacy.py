"""What a pharmacy or a hospital may try against prescriptions that are not theirs."""

from uuid import uuid4

import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1.consent_pb2 import DataClass
from lientuyen.pharmacy.v1 import dispensing_pb2
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as dispensing
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1 import prescription_service_pb2 as prescribing
from lientuyen.type.v1 import coding_pb2
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.fake_identity import CARE
from tests.harness import Refusal, World, refused

from .pharmacy_env import PERSON, TREATMENT, Pharmacy, claim, dispense, give, key, look, new_code, paper, sold

HIV = coding_pb2.Coding(system="ICD-10", code="B20")


@pytest.fixture
async def pharmacy(world: World) -> Pharmacy:
    return await Pharmacy(world).start()


def ground(purpose: str, basis: str, reason: str = "") -> AccessContext:
    return AccessContext(
        practitioner="x", purpose=f"PURPOSE_{purpose}", legal_basis=f"LEGAL_BASIS_{basis}", reason=reason
    )


def cancelling(name: str) -> prescribing.CancelPrescriptionRequest:
    return prescribing.CancelPrescriptionRequest(request_id=key(), name=name, reason="nhầm")


def told(refusal: Refusal, name: str) -> tuple[object, ...]:
    """Return all that a caller hears, the name that it gave itself left out; sentences hold it short."""
    short = name.removeprefix("//pharmacy.lientuyen/")
    metadata = {field: value.replace(name, "…") for field, value in refusal.metadata.items()}
    texts = (refusal.message.replace(short, "…"), refusal.message_vi.replace(short, "…"))
    return refusal.code, refusal.reason, metadata, *texts


async def test_a_stranger_hears_the_same_of_a_prescription_and_of_none(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    stranger, seller = pharmacy.prescriptions("facility/79999"), pharmacy.dispensings("pharmacy/NT00002")
    heard = []
    for full in (prescription.name, f"//pharmacy.lientuyen/prescriptions/{uuid4()}"):
        calls = [
            stranger.GetPrescription(prescribing.GetPrescriptionRequest(name=full, access=TREATMENT)),
            pharmacy.prescriptions("pharmacy/NT00002").GetPrescription(
                prescribing.GetPrescriptionRequest(name=full, access=TREATMENT)
            ),
            stranger.CancelPrescription(
                prescribing.CancelPrescriptionRequest(request_id=key(), name=full, reason="x")
            ),
            seller.ListDispensings(dispensing.ListDispensingsRequest(prescription=full, access=TREATMENT)),
            seller.ReleaseClaim(
                dispensing.ReleaseClaimRequest(request_id=key(), prescription=full, claim_token="x" * 43)
            ),
        ]
        heard.append([told(await refused(one), full) for one in calls])

    assert heard[0] == heard[1]


async def test_who_holds_no_claim_does_not_hear_that_a_prescription_was_cancelled(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    await pharmacy.prescriptions().CancelPrescription(cancelling(prescription.name))
    seller = pharmacy.dispensings("pharmacy/NT00002")

    refusal = await refused(seller.Dispense(dispense(prescription, "x" * 43, give(1, 1))))

    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.CLAIM_EXPIRED.name)


async def test_a_claim_token_of_another_pharmacy_opens_nothing(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    held = await pharmacy.dispensings("pharmacy/NT00001").ClaimPrescription(claim(prescription))

    stolen = dispense(prescription, held.claim.token, give(1, 1))
    refusal = await refused(pharmacy.dispensings("pharmacy/NT00002").Dispense(stolen))

    assert refusal.reason == reasons.CLAIM_EXPIRED.name


async def test_a_prescription_is_issued_for_no_other_facility(pharmacy: Pharmacy):
    for more in (
        {"code": new_code("79999")},
        {"facility": "//identity.lientuyen/facilities/79999"},
    ):
        request = prescribing.IssuePrescriptionRequest(request_id=key(), prescription=paper(**more))
        refusal = await refused(pharmacy.prescriptions("facility/01999").IssuePrescription(request))

        assert (refusal.code, refusal.reason) == (
            StatusCode.PERMISSION_DENIED,
            chassis_reasons.FACILITY_MISMATCH.name,
        )


async def test_grounds_that_a_caller_cannot_have_are_refused_and_logged(pharmacy: Pharmacy):
    pharmacy.identity.add_consent(PERSON, "79999", data_classes=DataClass.values())
    prescription = await pharmacy.issued()
    lies = [
        ground("PATIENT_REQUEST", "DATA_SUBJECT"),
        ground("TREATMENT", "EMERGENCY", " "),
        ground("PAYMENT", "EMERGENCY", "ngừng tim"),
    ]
    for lie in lies:
        request = prescribing.ListPrescriptionsRequest(person=prescription.person, access=lie)
        refusal = await refused(pharmacy.prescriptions("facility/79999").ListPrescriptions(request))

        assert (refusal.code, refusal.reason) == (
            StatusCode.PERMISSION_DENIED,
            chassis_reasons.GROUND_DENIED.name,
        )
        assert PERSON not in str(refusal)
    rows = await pharmacy.rows("SELECT caller, subject, allowed FROM audit WHERE NOT allowed")
    assert [tuple(row) for row in rows] == [("facility/79999", PERSON, False)] * 3


async def test_only_services_of_the_exchange_are_told_of_restricted_kinds(pharmacy: Pharmacy):
    prescription = await pharmacy.issued(paper(diagnoses=[HIV]))
    await sold(pharmacy.dispensings("pharmacy/NT00001"), prescription, give(1, 1))
    request = dispensing.ListDispensingsRequest(person=prescription.person, access=TREATMENT)
    pharmacy.identity.add_consent(PERSON, "79999", data_classes=[CARE, DataClass.DATA_CLASS_HIV])

    inside = await pharmacy.dispensings("service/records").ListDispensings(request)
    outside = await pharmacy.dispensings("facility/79999").ListDispensings(request)

    assert list(inside.dispensings[0].restricted_classes) == [dispensing_pb2.RESTRICTED_CLASS_HIV]
    assert list(outside.dispensings[0].restricted_classes) == []


async def test_a_pharmacy_sees_of_a_person_only_what_it_is_allowed(pharmacy: Pharmacy):
    prescription = await pharmacy.issued(paper(diagnoses=[HIV]))
    await sold(pharmacy.dispensings("pharmacy/NT00001"), prescription, give(1, 1))
    pharmacy.identity.add_consent(PERSON, "NT00002")
    other = pharmacy.dispensings("pharmacy/NT00002")

    of_person = await other.ListDispensings(
        dispensing.ListDispensingsRequest(person=prescription.person, access=TREATMENT)
    )
    of_one = await refused(
        other.ListDispensings(
            dispensing.ListDispensingsRequest(prescription=prescription.name, access=TREATMENT)
        )
    )
    by_name = await refused(pharmacy.prescriptions("pharmacy/NT00002").GetPrescription(look(prescription)))

    assert list(of_person.dispensings) == []
    assert {of_one.reason, by_name.reason} == {reasons.PRESCRIPTION_DENIED.name}
