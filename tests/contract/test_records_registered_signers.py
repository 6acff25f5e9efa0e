"""Files signed by certificates of public authorities: whose they are is what identity's directory says."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import StatusCode

from chassis import clock
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import signing_certificate_service_pb2
from lientuyen.identity.v1.person_service_pb2_grpc import add_PersonServiceServicer_to_server
from lientuyen.identity.v1.signing_certificate_pb2 import SigningCertificate
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.type.v1.date_pb2 import Date
from services.records.service import signing_register
from tests.fake_identity import FakeIdentity
from tests.harness import Refusal, World, refused
from tests.samples import files
from tests.samples.signing import NOW, public, signed

from .records_env import Records

LISTED = signing_certificate_service_pb2.ListSigningCertificatesRequest
FIXTURES = Path(__file__).parents[1] / "samples" / "signatures"
RSA, ECDSA, STRANGER = public(), public(kind="ecdsa"), public(kind="ecdsa")


@pytest.fixture
async def records(world: World) -> AsyncIterator[Records]:
    with clock.fixed(NOW):
        yield await Records(world).start()


def stamp(moment: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(moment)
    return message


def invalid(refusal: Refusal) -> str:
    """Return the word for why the signature was refused; the same word has a rule with its sentences."""
    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.SIGNATURE_INVALID.name)
    [violation] = refusal.violations
    cause = refusal.metadata["cause"]
    assert (violation.field, violation.rule) == ("GIAMDINHHS.CHUKYDONVI", f"signature-{cause}")
    assert violation.en
    assert violation.vi
    return cause


@pytest.mark.parametrize("by", [RSA, ECDSA], ids=["rsa", "ecdsa"])
async def test_a_registered_certificate_of_any_authority_signs(records: Records, by):
    records.identity.add_certificate("01999", by.der)

    taken = await records.submit(signed(files.DOSSIER, by))

    assert taken.dossier.signature_verified


async def test_a_check_in_is_signed_by_a_registered_certificate_too(records: Records):
    content = signed(files.CHECK_IN, RSA)
    refusal = await refused(records.check_in(content))
    records.identity.add_certificate("01999", RSA.der)
    taken = await records.check_in(content)

    assert refusal.fields == ["CHI_TIEU_TRANG_THAI_KCB.CHUKYDONVI"]
    assert len(taken.check_ins) > 0


async def test_a_certificate_works_as_soon_as_it_is_registered(records: Records):
    before = await refused(records.submit(signed(files.DOSSIER, RSA)))
    records.identity.add_certificate("01999", RSA.der)
    taken = await records.submit(signed(files.DOSSIER, RSA))

    assert invalid(before) == "unregistered"
    assert taken.dossier.signature_verified


async def test_nothing_is_kept_of_a_file_that_nobody_registered_signed(records: Records):
    before = await records.counts_without_audit()

    assert invalid(await refused(records.submit(signed(files.DOSSIER, STRANGER)))) == "unregistered"
    assert await records.counts_without_audit() == before


async def test_a_certificate_of_another_facility_is_named_as_such(records: Records):
    records.identity.add_certificate("79999", RSA.der)

    refusal = await refused(records.submit(signed(files.DOSSIER, RSA)))

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, reasons.SIGNER_MISMATCH.name)
    assert (refusal.metadata["declared"], refusal.metadata["signer"]) == ("01999", "79999")
    assert [each.rule for each in refusal.violations] == ["signature-wrong-facility"]


async def test_a_certificate_of_a_doctor_does_not_sign_for_the_facility(records: Records):
    doctor = "//identity.lientuyen/practitioners/5b0e57b1-6b1c-4c51-9c3e-0d8c0a6b4e11"
    records.identity.add_certificate("01999", RSA.der, practitioner=doctor)

    assert invalid(await refused(records.submit(signed(files.DOSSIER, RSA)))) == "unregistered"


async def test_an_expired_and_a_revoked_certificate_have_their_words(records: Records):
    old = public(kind="ecdsa", days=-1)
    records.identity.add_certificate("01999", old.der)
    records.identity.add_certificate("01999", RSA.der, revoke_time=stamp(NOW - timedelta(hours=1)))

    assert invalid(await refused(records.submit(signed(files.DOSSIER, old)))) == "expired"
    assert invalid(await refused(records.submit(signed(files.DOSSIER, RSA)))) == "revoked"


async def test_what_was_signed_before_a_harmless_revocation_is_taken_and_after_a_lost_key_it_is_not(
    records: Records,
):
    content = (FIXTURES / "rsa-signing-time.xml").read_bytes()  # signed on 20 November; it is the 21st now
    der = (FIXTURES / "rsa.crt.der").read_bytes()
    between = stamp(datetime(2026, 11, 20, 12, tzinfo=UTC))
    lost = SigningCertificate.REVOKE_REASON_KEY_COMPROMISED
    superseded = SigningCertificate.REVOKE_REASON_SUPERSEDED

    records.identity.add_certificate("01999", der, revoke_time=between, revoke_reason=superseded)
    taken = await records.submit(content)
    other = await Records(records.world).start()
    other.identity.add_certificate("01999", der, revoke_time=between, revoke_reason=lost)

    assert taken.dossier.signature_verified
    assert invalid(await refused(other.submit(content))) == "revoked"


async def test_a_signature_is_judged_before_the_file_is_read_for_what_it_means(records: Records):
    faulty = files.DOSSIER.replace(b"<SOLUONGHOSO>1<", b"<SOLUONGHOSO>7<")

    assert invalid(await refused(records.submit(signed(faulty, STRANGER)))) == "unregistered"


async def test_while_identity_is_silent_a_signed_file_waits(world: World):
    silent = world.nowhere()
    records = await Records(world).start(identity_address=silent)
    with clock.fixed(NOW):
        refusal = await refused(records.submit(signed(files.DOSSIER, RSA)))

    assert (refusal.code, refusal.reason) == (
        StatusCode.UNAVAILABLE,
        chassis_reasons.PEER_UNAVAILABLE.name,
    )


async def test_with_an_identity_of_before_the_register_a_signed_file_waits_too(world: World):
    older = FakeIdentity()
    address = await world.fake("identity", (add_PersonServiceServicer_to_server, older))
    records = await Records(world).start(identity_address=address)
    with clock.fixed(NOW):
        refusal = await refused(records.submit(signed(files.DOSSIER, RSA)))

    assert (refusal.code, refusal.reason) == (
        StatusCode.UNAVAILABLE,
        chassis_reasons.PEER_UNAVAILABLE.name,
    )


async def test_a_revocation_counts_when_what_was_kept_is_old(
    records: Records, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(signing_register, "LIFETIME_S", 0.0)
    records.identity.add_certificate("01999", RSA.der)
    await records.submit(signed(files.DOSSIER, RSA))
    records.identity.add_certificate("01999", RSA.der, revoke_time=stamp(NOW))

    assert invalid(await refused(records.submit(signed(files.DOSSIER, RSA)))) == "revoked"


async def test_identity_is_asked_once_about_a_certificate_that_signs_many_files(records: Records):
    records.identity.add_certificate("01999", RSA.der)
    for day in (b"20261118", b"20261119", b"20261120"):
        dated = files.DOSSIER.replace(b"<NGAYLAP>20261120", b"<NGAYLAP>" + day)
        await records.submit(signed(dated, RSA))

    assert len(records.identity.asked(LISTED)) == 1


async def test_a_dry_run_tells_of_a_signature_that_does_not_fit_and_asks_nobody_whose_it_is(records: Records):
    good = signed(files.DOSSIER, STRANGER)
    altered = good.replace(b"<NGAYLAP>20261120", b"<NGAYLAP>20261119")
    answers = [
        await records.dossiers().ValidateDossier(pb.ValidateDossierRequest(content=content))
        for content in (good, altered)
    ]

    assert [answer.accepted for answer in answers] == [True, False]
    assert [each.rule for each in answers[1].findings if each.rule.startswith("signature")] == [
        "signature-altered"
    ]
    assert records.identity.requests == []


# Until when unsigned files are taken


def day(moment: datetime) -> Date:
    local = moment.astimezone(clock.VIETNAM).date()
    return Date(year=local.year, month=local.month, day=local.day)


async def database_time(records: Records) -> datetime:
    ((now,),) = await records.rows("SELECT now()")
    return now


@pytest.mark.parametrize(("days", "is_taken"), [(1, True), (-2, False)])
async def test_unsigned_files_are_taken_until_the_facilitys_day(records: Records, days: int, is_taken: bool):
    last = day(await database_time(records) + timedelta(days=days))
    records.identity.unsigned_until["01999"] = last
    call = records.submit(files.DOSSIER)
    if is_taken:
        assert (await call).dossier.version == 1
        return
    refusal = await refused(call)

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.SIGNATURE_MISSING.name)
    assert refusal.metadata["unsigned_until"] == f"{last.year}-{last.month:02}-{last.day:02}"
    assert refusal.metadata["unsigned_until"] in refusal.message_vi
    assert [(each.field, each.rule) for each in refusal.violations] == [
        ("GIAMDINHHS.CHUKYDONVI", "signature-required")
    ]


async def test_the_databases_day_decides_and_not_the_replicas(records: Records):
    now = await database_time(records)
    records.identity.unsigned_until["01999"] = day(now + timedelta(days=1))
    with clock.fixed(now + timedelta(days=40)):
        taken = await records.check_in(files.CHECK_IN)

    assert len(taken.check_ins) > 0


async def test_a_signed_file_is_taken_after_the_facilitys_day(records: Records):
    records.identity.unsigned_until["01999"] = day(await database_time(records) - timedelta(days=2))
    records.identity.add_certificate("01999", RSA.der)

    assert (await records.submit(signed(files.DOSSIER, RSA))).dossier.signature_verified


async def test_a_stream_refuses_a_badly_signed_file_and_goes_on(records: Records):
    records.identity.add_certificate("01999", RSA.der)
    contents = [signed(files.DOSSIER, STRANGER), signed(files.DOSSIER, RSA)]

    async def requests() -> AsyncIterator[pb.SubmitDossiersRequest]:
        for number, content in enumerate(contents):
            request_id = f"3b9d7a52-6f5e-4d0c-9d0e-4b7c3f6a1e5{number}"
            yield pb.SubmitDossiersRequest(request_id=request_id, content=content)

    answers = {
        answer.request_id[-1]: answer async for answer in records.dossiers().SubmitDossiers(requests())
    }

    assert answers["0"].refusal.metadata["cause"] == "unregistered"
    assert answers["1"].accepted.dossier.signature_verified
