"""PrescriptionService: issuing, correcting, reading."""

from datetime import timedelta

import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1.consent_pb2 import DATA_CLASS_HIV
from lientuyen.identity.v1.consent_service_pb2 import AuthorizeRequest
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1 import prescription_service_pb2 as pb
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription
from lientuyen.type.v1 import coding_pb2
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.contract.pharmacy_env import (
    PERSON,
    TREATMENT,
    Pharmacy,
    claim,
    give,
    key,
    line,
    look,
    new_code,
    paper,
    sold,
)
from tests.fake_identity import CARE
from tests.harness import World, refused


@pytest.fixture
async def pharmacy(world: World) -> Pharmacy:
    return await Pharmacy(world).start()


def issue(prescription: Prescription) -> pb.IssuePrescriptionRequest:
    return pb.IssuePrescriptionRequest(request_id=key(), prescription=prescription)


async def test_an_issued_prescription_comes_back_as_it_was_given(pharmacy: Pharmacy):
    prescription = paper(advice="Uống sau ăn", chronic=True, follow_up_days=5, code=new_code().upper())

    answer = await pharmacy.prescriptions().IssuePrescription(issue(prescription))
    read = await pharmacy.prescriptions().GetPrescription(look(answer.prescription))

    assert read.prescription == answer.prescription
    assert (read.prescription.code, read.prescription.type) == (prescription.code, Prescription.TYPE_COMMON)
    assert read.prescription.state == Prescription.STATE_ISSUED
    assert read.prescription.facility == "//identity.lientuyen/facilities/01999"
    assert [one.remaining.thousandths for one in read.prescription.lines] == [20000, 10000]
    assert list(read.dispensings) == list(answer.warnings) == []


async def test_the_code_begins_with_the_callers_own_facility(pharmacy: Pharmacy):
    refusal = await refused(pharmacy.prescriptions("facility/01929").IssuePrescription(issue(paper())))

    assert (refusal.code, refusal.reason) == (
        StatusCode.PERMISSION_DENIED,
        chassis_reasons.FACILITY_MISMATCH.name,
    )
    assert await pharmacy.rows("SELECT 1 FROM prescriptions") == []
    assert len(await pharmacy.rows("SELECT 1 FROM audit WHERE NOT allowed")) == 1


async def test_a_code_is_used_once_whatever_its_case(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()

    refusal = await refused(
        pharmacy.prescriptions().IssuePrescription(issue(paper(code=prescription.code.upper())))
    )

    assert (refusal.code, refusal.reason) == (StatusCode.ALREADY_EXISTS, reasons.CODE_TAKEN.name)


async def test_all_faults_are_named_at_once_with_their_paths(pharmacy: Pharmacy):
    prescription = paper(
        prescribed=clock.now() + timedelta(hours=1), lines=[line(days=31), line(tranche=2), line(days=30)]
    )

    refusal = await refused(pharmacy.prescriptions().IssuePrescription(issue(prescription)))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.PRESCRIPTION_INVALID.name)
    assert refusal.fields == [
        "prescription.prescribe_time",
        "prescription.lines[0].days",
        "prescription.lines[1].tranche",
    ]
    assert "30 ngày" in refusal.violations[1].vi


async def test_a_rule_without_a_firm_source_warns(pharmacy: Pharmacy):
    odd = line()
    odd.drug.registration_number = "một số lạ"

    answer = await pharmacy.prescriptions().IssuePrescription(issue(paper(lines=[odd])))

    assert [(one.field, one.rule) for one in answer.warnings] == [
        ("prescription.lines[0].drug.registration_number", "REGISTRATION_FORM_UNKNOWN")
    ]


async def test_a_broken_code_or_an_empty_quantity_breaks_the_contract(pharmacy: Pharmacy):
    refusal = await refused(
        pharmacy.prescriptions().IssuePrescription(issue(paper(code="01999abc-x", lines=[line(units=0)])))
    )

    assert refusal.reason == chassis_reasons.FIELDS_INVALID.name
    assert refusal.fields == ["prescription.code", "prescription.lines[0].quantity"]


async def test_the_same_request_issues_once(pharmacy: Pharmacy):
    request = issue(paper())

    answers = [await pharmacy.prescriptions().IssuePrescription(request) for _ in range(2)]

    assert answers[0] == answers[1]
    assert len(await pharmacy.rows("SELECT 1 FROM prescriptions")) == 1


async def test_a_replacement_points_back_and_the_old_code_is_dead(pharmacy: Pharmacy):
    old = await pharmacy.issued()
    request = pb.ReplacePrescriptionRequest(
        request_id=key(), name=old.name, etag=old.etag, prescription=paper(), reason="Sai liều"
    )

    new = (await pharmacy.prescriptions().ReplacePrescription(request)).prescription

    was = (await pharmacy.prescriptions().GetPrescription(look(old))).prescription
    assert (new.replaces, was.replaced_by, was.state) == (old.name, new.name, Prescription.STATE_REPLACED)
    refusal = await refused(pharmacy.dispensings().ClaimPrescription(claim(old)))
    assert (refusal.reason, refusal.metadata["replaced_by"]) == (reasons.PRESCRIPTION_REPLACED.name, new.name)
    assert (await pharmacy.dispensings().ClaimPrescription(claim(new))).prescription.name == new.name


async def test_a_replacement_that_is_faulty_leaves_the_old_one_alive(pharmacy: Pharmacy):
    old = await pharmacy.issued()
    request = pb.ReplacePrescriptionRequest(
        request_id=key(), name=old.name, prescription=paper(lines=[line(days=90)]), reason="Sai liều"
    )

    assert (await refused(pharmacy.prescriptions().ReplacePrescription(request))).reason == (
        reasons.PRESCRIPTION_INVALID.name
    )
    assert (await pharmacy.prescriptions().GetPrescription(look(old))).prescription == old


def cancel(prescription: Prescription, etag: str = "") -> pb.CancelPrescriptionRequest:
    return pb.CancelPrescriptionRequest(
        request_id=key(), name=prescription.name, etag=etag, reason="Nhập nhầm"
    )


async def test_a_cancelled_prescription_cannot_be_claimed(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()

    answer = await pharmacy.prescriptions().CancelPrescription(cancel(prescription, prescription.etag))

    assert answer.prescription.state == Prescription.STATE_CANCELLED
    refusal = await refused(pharmacy.dispensings().ClaimPrescription(claim(prescription)))
    assert (refusal.code, refusal.reason) == (
        StatusCode.FAILED_PRECONDITION,
        reasons.PRESCRIPTION_CANCELLED.name,
    )


async def test_what_a_pharmacy_holds_or_sold_cannot_be_cancelled_nor_replaced(pharmacy: Pharmacy):
    held, part = await pharmacy.issued(), await pharmacy.issued()
    await pharmacy.dispensings().ClaimPrescription(claim(held))
    await sold(pharmacy.dispensings(), part, give(1, 1))

    refusals = [
        await refused(pharmacy.prescriptions().CancelPrescription(cancel(prescription)))
        for prescription in (held, part)
    ]

    assert [one.reason for one in refusals] == [reasons.PRESCRIPTION_IN_USE.name] * 2
    assert [one.metadata["state"] for one in refusals] == ["CLAIMED", "PARTLY_DISPENSED"]


async def test_a_stale_etag_is_aborted_and_a_strangers_prescription_denied(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()

    stale = await refused(pharmacy.prescriptions().CancelPrescription(cancel(prescription, "v9")))
    strange = await refused(pharmacy.prescriptions("facility/01929").CancelPrescription(cancel(prescription)))

    assert (stale.code, stale.reason) == (StatusCode.ABORTED, reasons.ETAG_STALE.name)
    assert (strange.code, strange.reason) == (
        StatusCode.PERMISSION_DENIED,
        reasons.PRESCRIPTION_DENIED.name,
    )


async def test_another_facility_reads_with_consent_only_and_a_refusal_hides_what_is_there(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    other = pharmacy.prescriptions("facility/01929")
    nothing = Prescription(name=f"//pharmacy.lientuyen/prescriptions/{key()}")

    denied, absent = (
        await refused(other.GetPrescription(look(prescription))),
        await refused(other.GetPrescription(look(nothing))),
    )
    pharmacy.identity.add_consent(PERSON, "01929")
    allowed = await other.GetPrescription(look(prescription))

    ids = [each.name.rpartition("/")[2] for each in (prescription, nothing)]
    assert denied.message.replace(ids[0], "") == absent.message.replace(ids[1], "")
    assert (denied.code, denied.reason) == (StatusCode.PERMISSION_DENIED, reasons.PRESCRIPTION_DENIED.name)
    assert "subject" not in denied.metadata
    assert allowed.prescription == prescription
    (asked, _) = pharmacy.identity.asked(AuthorizeRequest)
    assert (asked.facility, asked.person, asked.requester) == (
        "//identity.lientuyen/facilities/01929",
        PERSON,
        "facility/01929",
    )


async def test_a_pharmacy_reads_by_code_but_not_by_name(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    seller = pharmacy.prescriptions("pharmacy/NT00001")

    by_code = await seller.GetPrescription(
        pb.GetPrescriptionRequest(code=prescription.code, access=TREATMENT)
    )
    by_name = await refused(seller.GetPrescription(look(prescription)))
    no_such = await refused(
        seller.GetPrescription(pb.GetPrescriptionRequest(code=new_code(), access=TREATMENT))
    )

    assert by_code.prescription == prescription
    assert by_name.reason == reasons.PRESCRIPTION_DENIED.name
    assert (no_such.code, no_such.reason) == (StatusCode.NOT_FOUND, reasons.CODE_UNKNOWN.name)


async def test_vneid_reads_for_the_person_themself_and_for_nobody_else(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    vneid = pharmacy.prescriptions("authority/vneid")
    request = look(prescription)
    request.access.legal_basis = AccessContext.LEGAL_BASIS_DATA_SUBJECT
    request.access.purpose = AccessContext.PURPOSE_PATIENT_REQUEST

    assert (await vneid.GetPrescription(request)).prescription == prescription
    assert (await refused(vneid.GetPrescription(look(prescription)))).code == StatusCode.PERMISSION_DENIED


async def test_every_read_leaves_a_row_and_so_does_every_refusal(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    await pharmacy.prescriptions().GetPrescription(look(prescription))
    await pharmacy.dispensings().ClaimPrescription(claim(prescription))
    await refused(pharmacy.prescriptions("facility/01929").GetPrescription(look(prescription)))

    rows = await pharmacy.rows("SELECT caller, subject, allowed FROM audit ORDER BY access_time")

    assert [tuple(row) for row in rows] == [
        ("facility/01999", PERSON, True),
        ("pharmacy/NT00001", PERSON, True),
        ("facility/01929", PERSON, False),
    ]


async def test_a_person_whom_identity_cannot_vouch_for_is_not_shown(world: World):
    pharmacy = await Pharmacy(world).start(identity_address=world.nowhere())
    prescription = await pharmacy.issued()

    refusal = await refused(pharmacy.prescriptions("facility/01929").GetPrescription(look(prescription)))

    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, chassis_reasons.PEER_UNAVAILABLE.name)
    assert (await pharmacy.prescriptions().GetPrescription(look(prescription))).prescription == prescription


def listing(**more) -> pb.ListPrescriptionsRequest:
    return pb.ListPrescriptionsRequest(**{"person": PERSON, "access": TREATMENT, **more})


async def test_pages_follow_one_another_the_latest_first(pharmacy: Pharmacy):
    start = clock.now() - timedelta(hours=1)
    made = [await pharmacy.issued(paper(prescribed=start + timedelta(minutes=n))) for n in (1, 3, 2, 2)]
    records, names, token = pharmacy.prescriptions("service/records"), [], ""
    for _ in range(2):
        page = await records.ListPrescriptions(listing(page_size=2, page_token=token))
        names += [one.name for one in page.prescriptions]
        token = page.next_page_token

    assert token == ""
    assert names[0] == made[1].name
    assert set(names[1:3]) == {made[2].name, made[3].name}
    assert names[3] == made[0].name


async def test_a_page_token_serves_one_person_only(pharmacy: Pharmacy):
    for _ in range(2):
        await pharmacy.issued()
    records = pharmacy.prescriptions("service/records")
    token = (await records.ListPrescriptions(listing(page_size=1))).next_page_token

    other = listing(person=f"//identity.lientuyen/persons/{key()}", page_token=token)

    assert (await refused(records.ListPrescriptions(other))).reason == chassis_reasons.PAGE_TOKEN_INVALID.name


async def test_a_facility_lists_its_own_without_consent_and_others_with_it(pharmacy: Pharmacy):
    own = await pharmacy.issued()
    other = await pharmacy.issued(paper(code=new_code("01929")))
    hospital = pharmacy.prescriptions()

    mine = await hospital.ListPrescriptions(listing(facility=own.facility))
    denied = await refused(hospital.ListPrescriptions(listing()))
    pharmacy.identity.add_consent(PERSON, "01999")
    both = await hospital.ListPrescriptions(listing())

    assert [one.name for one in mine.prescriptions] == [own.name]
    assert (denied.reason, denied.metadata["why"]) == (reasons.PERSON_DENIED.name, "NO_CONSENT")
    assert {one.name for one in both.prescriptions} == {own.name, other.name}


async def test_a_restricted_diagnosis_is_left_out_until_a_consent_names_it(pharmacy: Pharmacy):
    plain = await pharmacy.issued()
    hiv = await pharmacy.issued(paper(diagnoses=[coding_pb2.Coding(system="ICD-10", code="B20")]))
    other = pharmacy.prescriptions("facility/01929")

    pharmacy.identity.add_consent(PERSON, "01929")
    without = await other.ListPrescriptions(listing())
    denied = await refused(other.GetPrescription(look(hiv)))
    pharmacy.identity.add_consent(PERSON, "01929", data_classes=[CARE, DATA_CLASS_HIV])
    whole = await other.ListPrescriptions(listing())

    assert [one.name for one in without.prescriptions] == [plain.name]
    assert denied.reason == reasons.PRESCRIPTION_DENIED.name
    assert {one.name for one in whole.prescriptions} == {plain.name, hiv.name}
