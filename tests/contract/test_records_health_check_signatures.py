"""The two signatures of a health check go in order: the concluding doctor's, then the facility's."""

from collections.abc import AsyncIterator

import pytest
from grpc import StatusCode
from lxml import etree

from chassis import clock
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1.health_check_pb2 import HealthCheck
from tests.harness import World, refused
from tests.samples.health_checks import CheckFile, adult_modules, form
from tests.samples.signing import NOW, Signing, authority, facility, signed_in

from .records_env import Records

CA, PUBLIC_CA = authority(), authority("Public authority")
DOCTOR, HOSPITAL = facility(PUBLIC_CA, "x", domain="nobody.test"), facility(CA, "01999")
ABSENT = HealthCheck.SIGNATURE_STATE_ABSENT
UNVERIFIED = HealthCheck.SIGNATURE_STATE_UNVERIFIED
VERIFIED = HealthCheck.SIGNATURE_STATE_VERIFIED
PLACES = ("KHAMSUCKHOE", "THONGTINHOSO", "HOSO")


@pytest.fixture
async def records(world: World) -> AsyncIterator[Records]:
    path = world.folder / "signing-ca.crt"
    path.write_bytes(CA.pem)
    with clock.fixed(NOW):
        yield await Records(world).start(signing_ca=path)


def by_doctor(doctor: Signing = DOCTOR) -> CheckFile:
    """A check that its concluding doctor has signed."""
    file = adult_modules()
    file.documents["XML8"] = signed_in(file.document("XML8"), doctor, "CKS_NGUOI_KET_LUAN")
    return file


def by_both(file: CheckFile, hospital: Signing = HOSPITAL) -> bytes:
    return signed_in(file.bytes(), hospital, "CHUKYDONVI")


@pytest.mark.parametrize("place", PLACES)
async def test_both_signatures_are_verified_wherever_the_facilitys_stands(records: Records, place: str):
    file = by_doctor(HOSPITAL)
    file.signature_in = place
    taken = await records.submit_check(by_both(file))

    check = taken.health_check
    assert (check.doctor_signature, check.facility_signature) == (VERIFIED, VERIFIED)
    assert [warning.rule for warning in taken.warnings] == []


async def test_a_form_of_1551_is_signed_in_its_one_document(records: Records):
    file = form(2)
    file.documents["MAU2"] = signed_in(file.document("MAU2"), HOSPITAL, "CKS_NGUOI_KET_LUAN")
    taken = (await records.submit_check(by_both(file))).health_check
    file.documents["MAU2"] = file.documents["MAU2"].replace(b"<MACH>76<", b"<MACH>67<")
    refusal = await refused(records.submit_check(by_both(file)))

    assert (taken.form, taken.doctor_signature, taken.facility_signature) == (2, VERIFIED, VERIFIED)
    assert refusal.fields == ["MAU2.CKS_NGUOI_KET_LUAN"]


async def test_a_doctors_certificate_of_a_public_authority_is_doubted_only(records: Records):
    taken = await records.submit_check(by_both(by_doctor()))

    assert (taken.health_check.doctor_signature, taken.health_check.facility_signature) == (
        UNVERIFIED,
        VERIFIED,
    )
    assert [(warning.rule, warning.path) for warning in taken.warnings] == [
        ("doctor-signature-unverified", "XML8.CKS_NGUOI_KET_LUAN")
    ]


async def test_a_facility_that_signed_without_the_doctor_is_told_of_the_order(records: Records):
    taken = await records.submit_check(by_both(adult_modules()))

    assert (taken.health_check.doctor_signature, taken.health_check.facility_signature) == (ABSENT, VERIFIED)
    assert {(warning.rule, warning.path) for warning in taken.warnings} == {
        ("doctor-unsigned", "XML8.CKS_NGUOI_KET_LUAN"),
        ("signature-order", "KHAMSUCKHOE.CHUKYDONVI"),
    }


async def test_a_doctor_who_signs_after_the_facility_breaks_its_signature(records: Records):
    whole = etree.fromstring(by_both(adult_modules()))
    late = etree.fromstring(by_doctor().bytes())
    for mine, signed in zip(whole.iter("NOIDUNGFILE"), late.iter("NOIDUNGFILE"), strict=True):
        mine.text = signed.text
    refusal = await refused(records.submit_check(etree.tostring(whole)))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.SIGNATURE_INVALID.name)
    assert (refusal.fields, refusal.metadata["cause"]) == (["KHAMSUCKHOE.CHUKYDONVI"], "altered")


async def test_a_conclusion_changed_after_the_doctor_signed_is_refused(records: Records):
    file = by_doctor()
    file.documents["XML8"] = file.documents["XML8"].replace(b"<PHAN_LOAI_SK>2<", b"<PHAN_LOAI_SK>1<")
    refusal = await refused(records.submit_check(by_both(file)))

    assert (refusal.code, refusal.reason) == (
        StatusCode.INVALID_ARGUMENT,
        reasons.DOCTOR_SIGNATURE_INVALID.name,
    )
    assert (refusal.fields, refusal.metadata["cause"]) == (["XML8.CKS_NGUOI_KET_LUAN"], "altered")


async def test_another_facilitys_signature_is_refused_and_so_is_another_authoritys(records: Records):
    other = await refused(records.submit_check(by_both(by_doctor(), facility(CA, "79999"))))
    stranger = await refused(records.submit_check(by_both(by_doctor(), facility(PUBLIC_CA, "01999"))))

    assert (other.code, other.reason) == (StatusCode.PERMISSION_DENIED, reasons.SIGNER_MISMATCH.name)
    assert (stranger.reason, stranger.metadata["cause"]) == (reasons.SIGNATURE_INVALID.name, "unregistered")


async def test_a_doctors_signature_of_another_shape_is_told_as_unverified(records: Records):
    """It may be around another element, or one of several: so it says nothing of this conclusion."""
    file = by_doctor(HOSPITAL)
    file.documents["XML8"] = file.documents["XML8"].replace(b'URI=""', b'URI="#KET_LUAN"')
    taken = await records.submit_check(by_both(file))

    assert taken.health_check.doctor_signature == UNVERIFIED
    assert [warning.rule for warning in taken.warnings] == ["doctor-signature-unverified"]


async def test_a_facilitys_signature_around_something_else_is_refused(records: Records):
    content = by_both(by_doctor()).replace(b'URI=""', b'URI="#x"')
    refusal = await refused(records.submit_check(content))

    assert (refusal.reason, refusal.metadata["cause"]) == (reasons.SIGNATURE_INVALID.name, "wrapped")


async def test_a_signature_that_is_no_xml_is_doubted(records: Records):
    file = adult_modules().set("CKS_NGUOI_KET_LUAN", "MEUCIQDx")
    taken = await records.submit_check(file.bytes())

    assert taken.health_check.doctor_signature == UNVERIFIED
    assert {warning.rule for warning in taken.warnings} == {
        "doctor-signature-unverified",
        "signature-missing",
    }


async def test_a_version_that_lost_a_signature_says_what_it_replaces(records: Records):
    await records.submit_check(by_both(by_doctor()))
    unsigned = adult_modules().bytes()
    refusal = await refused(records.submit_check(unsigned))
    confirmed = await records.submit_check(unsigned, replaces_version=1)

    assert refusal.reason == reasons.REPLACEMENT_UNCONFIRMED.name
    assert [(each.rule, each.field) for each in refusal.violations] == [
        ("signature-dropped", "XML8.CKS_NGUOI_KET_LUAN"),
        ("signature-dropped", "KHAMSUCKHOE.CHUKYDONVI"),
    ]
    assert confirmed.health_check.version == 2
