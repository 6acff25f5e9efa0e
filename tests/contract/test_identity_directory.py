"""The directory: facilities and practitioners."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc import StatusCode

from lientuyen.identity.v1 import facility_pb2 as pb
from lientuyen.identity.v1 import facility_service_pb2 as service
from lientuyen.identity.v1 import practitioner_pb2
from lientuyen.identity.v1 import practitioner_service_pb2 as practitioners
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.identity_env import HOSPITAL, OURS, Identity, facility_row, key, only, stream
from tests.harness import World, refused

BYT = "authority/byt"


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


def certificate() -> bytes:
    """A signing certificate of a hospital."""
    signer = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "BV thử nghiệm")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signer.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365))
        .sign(signer, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)


async def test_a_facility_is_read_by_name_short_and_full(identity: Identity):
    for name in ("facilities/01999", f"{OURS}facilities/01999"):
        reply = await identity.facilities("service/routing").GetFacility(
            service.GetFacilityRequest(name=name)
        )
        assert (reply.facility.name, reply.facility.code, reply.facility.node) == (
            "//identity.lientuyen/facilities/01999",
            "01999",
            "north",
        )
        assert reply.facility.kind == pb.Facility.KIND_HOSPITAL


async def test_a_facility_that_is_not_there_is_named(identity: Identity):
    refusal = await refused(
        identity.facilities().GetFacility(service.GetFacilityRequest(name="facilities/01000"))
    )

    assert (refusal.code, refusal.reason, refusal.metadata) == (
        StatusCode.NOT_FOUND,
        "ERROR_REASON_FACILITY_NOT_FOUND",
        {"name": "//identity.lientuyen/facilities/01000"},
    )
    assert refusal.message_vi == "Không tìm thấy cơ sở facilities/01000 trong danh mục."


async def test_facilities_come_in_pages_by_code_and_filter(identity: Identity):
    await identity.fill_directory([facility_row("01003", state="STATE_CLOSED")])
    stub = identity.facilities()

    async def codes(**more: object) -> list[str]:
        found, token = [], ""
        while True:
            request = service.ListFacilitiesRequest(page_size=2, page_token=token, **more)
            page = await stub.ListFacilities(request)
            found += [one.code for one in page.facilities]
            token = page.next_page_token
            if not token:
                return found

    assert await codes() == ["01929", "01999", "79999", "NT00001"]
    assert await codes(code_prefix="01") == ["01929", "01999"]
    assert await codes(code_prefix="01", show_closed=True) == ["01003", "01929", "01999"]
    assert await codes(kind=pb.Facility.KIND_PHARMACY) == ["NT00001"]
    assert await codes(node="south") == ["79999"]


async def test_a_page_token_serves_its_own_list_only(identity: Identity):
    stub = identity.facilities()
    token = (await stub.ListFacilities(service.ListFacilitiesRequest(page_size=1))).next_page_token

    refusal = await refused(
        stub.ListFacilities(service.ListFacilitiesRequest(page_token=token, node="south"))
    )

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, "ERROR_REASON_PAGE_TOKEN_INVALID")


async def test_an_import_replaces_what_it_names_and_refuses_bad_rows(identity: Identity):
    rows = [
        facility_row("01999", display_name="Bệnh viện mới", gln="4006381333931"),
        facility_row("03001"),
        facility_row("01930", gln="4006381333932"),
        facility_row("01931", kind=0, node=""),
        facility_row("NT-1", kind=pb.Facility.KIND_PHARMACY),
        facility_row("01999"),
    ]
    request = service.ImportFacilitiesRequest(request_id=key(), first_row=1, rows=rows)

    progress = await only(identity.facilities(BYT).ImportFacilities(stream(request)))
    again = await only(identity.facilities(BYT).ImportFacilities(stream(request)))

    assert again == progress
    assert progress.rows_stored == 1
    assert [(one.row, one.rule) for one in progress.refusals] == [
        (2, "code.province"),
        (3, "gln.check_digit"),
        (4, "kind.required"),
        (4, "node.form"),
        (5, "code.form"),
        (6, "row.duplicate"),
    ]
    found = await identity.facilities().GetFacility(service.GetFacilityRequest(name="facilities/01999"))
    assert (found.facility.display_name, found.facility.etag) == ("Bệnh viện mới", "2")


async def test_certificates_are_read_and_replaced(identity: Identity):
    first, second = certificate(), certificate()
    signing = pb.FacilityCertificate.USE_SIGNING

    for der in (first, second):
        await identity.fill_directory(
            [facility_row("01999", certificates=[pb.FacilityCertificate(use=signing, der=der)])]
        )
    await identity.fill_directory([facility_row("01999")])

    found = await identity.facilities().GetFacility(service.GetFacilityRequest(name="facilities/01999"))
    [kept] = found.facility.certificates
    assert (kept.use, kept.der, len(kept.sha256)) == (signing, second, 64)
    assert kept.valid_to_time.ToDatetime() == datetime(2027, 1, 1)  # noqa: DTZ001
    bad = facility_row("01999", certificates=[pb.FacilityCertificate(use=signing, der=b"no certificate")])
    request = service.ImportFacilitiesRequest(request_id=key(), first_row=1, rows=[bad])
    progress = await only(identity.facilities(BYT).ImportFacilities(stream(request)))
    assert [one.field for one in progress.refusals] == ["certificates[0]"]


@pytest.mark.parametrize("caller", [HOSPITAL, "pharmacy/NT00001", "service/records", "authority/bhxh"])
async def test_only_the_ministry_and_operators_write_the_directory(identity: Identity, caller: str):
    request = service.ImportFacilitiesRequest(request_id=key(), first_row=1, rows=[facility_row("01931")])

    refusal = await refused(identity.facilities(caller).ImportFacilities(stream(request)))

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, "ERROR_REASON_METHOD_DENIED")


def licence(number: int, **more: object) -> practitioners.PractitionerRow:
    given = {
        "licence_number": f"{number:06}/HNO-GPHN",
        "full_name": "Lê Thị Thử",
        "title": "bác sỹ",
        "valid_from": Date(year=2025, month=1, day=1),
        "facility_code": "01999",
    }
    return practitioners.PractitionerRow(**{**given, **more})


async def enlist(identity: Identity, *rows: practitioners.PractitionerRow):
    request = practitioners.ImportPractitionersRequest(request_id=key(), first_row=1, rows=rows)
    return await only(identity.practitioners(BYT).ImportPractitioners(stream(request)))


async def test_a_practitioner_is_read_by_licence_and_by_name(identity: Identity):
    lending = practitioners.LendingRow(facility_code="79999", valid_from=Date(year=2026, month=1, day=1))
    await enlist(identity, licence(1, lendings=[lending]))
    stub = identity.practitioners()

    by_licence = await stub.GetPractitioner(
        practitioners.GetPractitionerRequest(licence_number="000001/HNO-GPHN")
    )
    by_name = await stub.GetPractitioner(
        practitioners.GetPractitionerRequest(name=by_licence.practitioner.name)
    )

    found = by_licence.practitioner
    assert by_name.practitioner == found
    assert (found.full_name, found.facility) == ("Lê Thị Thử", "//identity.lientuyen/facilities/01999")
    assert found.state == practitioner_pb2.Practitioner.STATE_ACTIVE
    assert [one.facility for one in found.lendings] == ["//identity.lientuyen/facilities/79999"]


async def test_practitioners_of_a_facility_are_its_own_and_those_lent_to_it(identity: Identity):
    lent = licence(3, facility_code="79999", lendings=[practitioners.LendingRow(facility_code="01999")])
    await enlist(identity, licence(2), licence(1), lent, licence(4, facility_code="79999"))
    stub = identity.practitioners()

    request = practitioners.ListPractitionersRequest(facility="facilities/01999", page_size=2)
    first = await stub.ListPractitioners(request)
    request.page_token = first.next_page_token
    rest = await stub.ListPractitioners(request)

    assert [[one.licence_number[:6] for one in page.practitioners] for page in (first, rest)] == [
        ["000001", "000002"],
        ["000003"],
    ]
    assert rest.next_page_token == ""


async def test_a_register_of_practitioners_is_checked_row_by_row(identity: Identity):
    progress = await enlist(
        identity,
        licence(1),
        licence(1),
        licence(2, full_name=""),
        licence(3, valid_to=Date(year=2024, month=1, day=1)),
        licence(4, valid_to=Date(year=2024, month=2, day=30)),
    )

    assert progress.rows_stored == 1
    assert [(one.row, one.rule) for one in progress.refusals] == [
        (2, "row.duplicate"),
        (3, "full_name.required"),
        (4, "valid_to.order"),
        (5, "valid_to.form"),
    ]
    missing = practitioners.GetPractitionerRequest(licence_number="000002/HNO-GPHN")
    refusal = await refused(identity.practitioners().GetPractitioner(missing))
    assert (refusal.code, refusal.reason) == (
        StatusCode.NOT_FOUND,
        "ERROR_REASON_PRACTITIONER_NOT_FOUND",
    )


async def test_the_kind_of_initial_care_and_a_provisional_rank_are_kept_and_checked(
    identity: Identity,
):
    initial, basic = pb.Facility.LEVEL_INITIAL, pb.Facility.LEVEL_BASIC
    rows = [
        facility_row("01931", level=initial, initial_care=pb.Facility.INITIAL_CARE_ARMY_CIVIL),
        facility_row("01932", level=basic, provisionally_ranked=True),
        facility_row("01933", level=initial, provisionally_ranked=True),
        facility_row("01934", initial_care=8),
        facility_row("01935", former_line=pb.Facility.FORMER_LINE_NONE),
    ]
    request = service.ImportFacilitiesRequest(request_id=key(), first_row=1, rows=rows)

    progress = await only(identity.facilities(BYT).ImportFacilities(stream(request)))

    assert [(one.row, one.rule) for one in progress.refusals] == [
        (3, "provisionally_ranked.level"),
        (4, "initial_care.form"),
    ]
    names = [service.GetFacilityRequest(name=f"facilities/{code}") for code in ("01931", "01932", "01935")]
    kept = [(await identity.facilities().GetFacility(name)).facility for name in names]
    assert [(one.initial_care, one.provisionally_ranked, one.former_line) for one in kept] == [
        (pb.Facility.INITIAL_CARE_ARMY_CIVIL, False, 0),
        (0, True, 0),
        (0, False, pb.Facility.FORMER_LINE_NONE),
    ]
