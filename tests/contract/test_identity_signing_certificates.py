"""The register of signing certificates: who registers and revokes, what is refused, and who may look."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import StatusCode

from chassis import clock
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import facility_pb2, practitioner_service_pb2
from lientuyen.identity.v1 import signing_certificate_service_pb2 as pb
from lientuyen.identity.v1.facility_service_pb2 import GetFacilityRequest, ImportFacilitiesRequest
from lientuyen.identity.v1.signing_certificate_pb2 import SigningCertificate
from lientuyen.identity.v1.signing_certificate_service_pb2_grpc import SigningCertificateServiceStub
from lientuyen.type.v1.date_pb2 import Date
from tests.harness import World, refused
from tests.samples.signing import Signing, authority, public

from .identity_env import HOSPITAL, OTHER, OURS, Identity, facility_row, key, only, stream

if TYPE_CHECKING:
    from lientuyen.identity.v1.signing_certificate_service_pb2_grpc import (
        SigningCertificateServiceAsyncStub,
    )

OPERATOR, MINISTRY = "operator/an", "authority/byt"
FACILITY = f"{OURS}facilities/01999"
LOST = SigningCertificate.REVOKE_REASON_KEY_COMPROMISED
SUPERSEDED = SigningCertificate.REVOKE_REASON_SUPERSEDED


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


def register_of(identity: Identity, caller: str = MINISTRY) -> "SigningCertificateServiceAsyncStub":
    return identity.stub(SigningCertificateServiceStub, caller)


async def register(
    identity: Identity,
    by: Signing | bytes,
    code: str = "01999",
    *,
    caller: str = MINISTRY,
    practitioner: str = "",
) -> SigningCertificate:
    request = pb.RegisterSigningCertificateRequest(
        request_id=key(),
        parent=f"facilities/{code}",
        der=by if isinstance(by, bytes) else by.der,
        practitioner=practitioner,
    )
    return (await register_of(identity, caller).RegisterSigningCertificate(request)).signing_certificate


async def revoke(
    identity: Identity,
    name: str,
    reason: int = SUPERSEDED,
    *,
    caller: str = MINISTRY,
    time: datetime | None = None,
    etag: str = "",
) -> SigningCertificate:
    request = pb.RevokeSigningCertificateRequest(request_id=key(), name=name, etag=etag)
    request.reason = SigningCertificate.RevokeReason.Name(reason)  # type: ignore[assignment]
    if time:
        request.revoke_time.FromDatetime(time)
    return (await register_of(identity, caller).RevokeSigningCertificate(request)).signing_certificate


async def listed(
    identity: Identity, parent: str = "facilities/01999", caller: str = HOSPITAL, **more: object
) -> list[SigningCertificate]:
    request = pb.ListSigningCertificatesRequest(parent=parent, **more)  # type: ignore[arg-type]
    answer = await register_of(identity, caller).ListSigningCertificates(request)
    return list(answer.signing_certificates)


@pytest.mark.parametrize("caller", [OPERATOR, MINISTRY])
async def test_who_keeps_the_directory_registers_and_everybody_may_look(identity: Identity, caller: str):
    by = public()
    entry = await register(identity, by, caller=caller)
    found = await register_of(identity, OTHER).GetSigningCertificate(
        pb.GetSigningCertificateRequest(name=entry.name)
    )

    assert entry.name == f"{FACILITY}/signingCertificates/{entry.name[-64:]}"
    assert entry.serial_number == f"{by.certificate.serial_number:x}"
    assert (entry.issuer, entry.der) == ("CN=Public CA", by.der)
    assert entry.state == SigningCertificate.STATE_ACTIVE
    assert entry.valid_to_time.ToDatetime(UTC) == by.certificate.not_valid_after_utc
    assert found.signing_certificate == entry
    assert (await identity.audit(entry.name))[0][:2] == (
        caller,
        "SigningCertificateService/RegisterSigningCertificate",
    )


@pytest.mark.parametrize("caller", [HOSPITAL, OTHER, "service/records", "authority/bhxh"])
async def test_a_facility_cannot_register_what_it_signs_with(identity: Identity, caller: str):
    refusal = await refused(register(identity, public(kind="ecdsa"), caller=caller))

    assert refusal.code is StatusCode.PERMISSION_DENIED
    assert await listed(identity) == []


async def test_a_certificate_is_registered_once_for_a_facility_and_for_as_many_as_have_it(identity: Identity):
    by = public(kind="ecdsa")
    entry = await register(identity, by)
    again = await refused(register(identity, by))
    other = await register(identity, by, "79999")

    assert (again.code, again.reason) == (
        StatusCode.ALREADY_EXISTS,
        reasons.SIGNING_CERTIFICATE_REGISTERED.name,
    )
    assert again.metadata["name"] == entry.name
    assert [each.name for each in await listed(identity, "facilities/-", sha256=entry.name[-64:])] == [
        entry.name,
        other.name,
    ]
    assert [
        each.name for each in await listed(identity, "facilities/-", serial_number=entry.serial_number)
    ] == [
        entry.name,
        other.name,
    ]


async def test_a_retry_registers_nothing_twice(identity: Identity):
    request = pb.RegisterSigningCertificateRequest(request_id=key(), parent=FACILITY, der=public().der)
    first = await register_of(identity).RegisterSigningCertificate(request)
    again = await register_of(identity).RegisterSigningCertificate(request)

    assert first == again
    assert len(await listed(identity)) == 1


@pytest.mark.parametrize(
    ("der", "rules"),
    [
        (lambda: b"no certificate", ["certificate.form"]),
        (lambda: authority().der, ["certificate.authority"]),
        (lambda: public(bits=1024).der, ["certificate.key"]),
    ],
)
async def test_what_cannot_sign_is_not_registered(identity: Identity, der, rules: list[str]):
    refusal = await refused(register(identity, der()))

    assert (refusal.code, refusal.reason) == (
        StatusCode.INVALID_ARGUMENT,
        reasons.SIGNING_CERTIFICATE_INVALID.name,
    )
    assert [each.rule for each in refusal.violations] == rules
    assert all(each.en and each.vi for each in refusal.violations)


async def test_nobody_unknown_has_a_certificate(identity: Identity):
    by = public(kind="ecdsa")
    stranger = f"{OURS}practitioners/{UUID(int=7)}"

    assert (await refused(register(identity, by, "01000"))).reason == reasons.FACILITY_NOT_FOUND.name
    assert (
        await refused(register(identity, by, practitioner=stranger))
    ).reason == reasons.PRACTITIONER_NOT_FOUND.name


async def test_a_doctors_certificate_names_the_doctor(identity: Identity):
    row = practitioner_service_pb2.PractitionerRow(
        licence_number="000001/HNO-GPHN",
        full_name="Trần Thị Mẫu",
        valid_from=Date(year=2025, month=1, day=1),
        facility_code="01999",
    )
    request = practitioner_service_pb2.ImportPractitionersRequest(request_id=key(), first_row=1, rows=[row])
    await only(identity.practitioners(MINISTRY).ImportPractitioners(stream(request)))
    asked = practitioner_service_pb2.GetPractitionerRequest(licence_number="000001/HNO-GPHN")
    doctor = (await identity.practitioners().GetPractitioner(asked)).practitioner.name

    entry = await register(identity, public(kind="ecdsa"), practitioner=doctor)

    assert entry.practitioner == doctor


@pytest.mark.parametrize("caller", [HOSPITAL, OPERATOR, MINISTRY])
async def test_a_facility_revokes_its_own_and_the_entry_stays(identity: Identity, caller: str):
    entry = await register(identity, public(kind="ecdsa"))
    revoked = await revoke(identity, entry.name, LOST, caller=caller)

    assert (revoked.state, revoked.revoke_reason) == (SigningCertificate.STATE_REVOKED, LOST)
    assert revoked.HasField("revoke_time")
    assert revoked.etag != entry.etag
    assert await listed(identity) == [revoked]
    assert await listed(identity, active_only=True) == []


async def test_nobody_revokes_anothers(identity: Identity):
    entry = await register(identity, public(kind="ecdsa"))
    refusal = await refused(revoke(identity, entry.name, caller=OTHER))

    assert refusal.reason == chassis_reasons.FACILITY_MISMATCH.name
    assert await listed(identity) == [entry]


async def test_a_revocation_is_made_stricter_and_never_undone(identity: Identity):
    entry = await register(identity, public(kind="ecdsa"))
    now = clock.now()
    first = await revoke(identity, entry.name, SUPERSEDED, time=now - timedelta(hours=1))
    later = await refused(revoke(identity, entry.name, SUPERSEDED, time=now))
    stricter = await revoke(identity, entry.name, LOST, time=now - timedelta(hours=2))
    milder = await refused(revoke(identity, entry.name, SUPERSEDED, time=now - timedelta(hours=3)))
    again = await refused(register(identity, stricter.der))

    assert first.revoke_reason == SUPERSEDED
    assert stricter.revoke_time.ToDatetime(UTC) < first.revoke_time.ToDatetime(UTC)
    assert {later.reason, milder.reason} == {reasons.SIGNING_CERTIFICATE_REVOKED.name}
    assert again.reason == reasons.SIGNING_CERTIFICATE_REGISTERED.name
    assert (await listed(identity))[0].revoke_reason == LOST


async def test_a_revocation_is_neither_in_the_future_nor_of_what_has_changed(identity: Identity):
    entry = await register(identity, public(kind="ecdsa"))
    future = await refused(revoke(identity, entry.name, time=clock.now() + timedelta(days=1)))
    stale = await refused(revoke(identity, entry.name, etag="7"))
    unknown = await refused(revoke(identity, entry.name[:-1] + ("0" if entry.name[-1] != "0" else "1")))

    assert (future.code, future.fields) == (StatusCode.INVALID_ARGUMENT, ["revoke_time"])
    assert (stale.code, stale.reason) == (StatusCode.ABORTED, reasons.ETAG_STALE.name)
    assert (unknown.code, unknown.reason) == (
        StatusCode.NOT_FOUND,
        reasons.SIGNING_CERTIFICATE_NOT_FOUND.name,
    )


async def test_the_list_has_pages_and_not_everybodys_at_once(identity: Identity):
    names = [(await register(identity, public(kind="ecdsa"))).name for _ in range(5)]
    request = pb.ListSigningCertificatesRequest(parent=FACILITY, page_size=2)
    seen, pages = list[str](), 0
    while True:
        page = await register_of(identity, HOSPITAL).ListSigningCertificates(request)
        seen += [entry.name for entry in page.signing_certificates]
        pages += 1
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    everybodys = await refused(listed(identity, "facilities/-"))

    assert (seen, pages) == (sorted(names), 3)
    assert (everybodys.code, everybodys.fields) == (StatusCode.INVALID_ARGUMENT, ["sha256"])


# What the Ministry's list brings


def signing_row(by: Signing, revoke_time: datetime | None = None) -> facility_pb2.FacilityCertificate:
    certificate = facility_pb2.FacilityCertificate(
        use=facility_pb2.FacilityCertificate.USE_SIGNING, der=by.der
    )
    if revoke_time:
        certificate.revoke_time.CopyFrom(stamp(revoke_time))
    return certificate


def stamp(moment: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(moment)
    return message


async def test_the_list_registers_certificates_and_takes_none_away(identity: Identity):
    first, second = public(kind="ecdsa"), public(kind="ecdsa")
    await identity.fill_directory([facility_row("01999", certificates=[signing_row(first)])])
    await identity.fill_directory([facility_row("01999", certificates=[signing_row(second)])])
    gone = clock.now() - timedelta(hours=1)
    await identity.fill_directory([facility_row("01999", certificates=[signing_row(second, gone)])])
    await identity.fill_directory([facility_row("01999", certificates=[signing_row(second)])])

    states = {entry.der: entry.state for entry in await listed(identity)}

    assert states == {
        first.der: SigningCertificate.STATE_ACTIVE,
        second.der: SigningCertificate.STATE_REVOKED,
    }


async def test_the_list_brings_no_certificate_that_cannot_sign(identity: Identity):
    row = facility_row("01999", certificates=[signing_row(public(bits=1024))])
    request = ImportFacilitiesRequest(request_id=key(), first_row=1, rows=[row])
    progress = await only(identity.facilities(MINISTRY).ImportFacilities(stream(request)))

    assert [(each.field, each.rule) for each in progress.refusals] == [("certificates[0]", "certificate.key")]


async def test_the_directory_says_until_when_unsigned_files_are_taken(identity: Identity):
    last = Date(year=2026, month=12, day=31)
    await identity.fill_directory([facility_row("01999", unsigned_until=last)])
    asked = GetFacilityRequest(name="facilities/01999")

    assert (await identity.facilities().GetFacility(asked)).facility.unsigned_until == last

    await identity.fill_directory([facility_row("01999")])

    assert not (await identity.facilities().GetFacility(asked)).facility.HasField("unsigned_until")
