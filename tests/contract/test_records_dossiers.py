"""Dossiers over a real channel and a real database."""

import hashlib
from uuid import uuid4

import pytest
from grpc import StatusCode

from kcb.xml_parser import MAX_FILE_BYTES
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.records.v1 import dossier_pb2, finding_pb2
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from tests.harness import World, eventually, refused
from tests.samples import files
from tests.samples.files import check_in, sample

from .records_env import CARE, CITIZEN, PERSON_NAME, Records, submission

FACILITY = "//identity.lientuyen/facilities/01999"


@pytest.fixture
async def records(world: World) -> Records:
    return await Records(world).start()


async def test_a_dossier_is_taken_and_receipted(records: Records):
    reply = await records.submit(files.DOSSIER)

    dossier = reply.dossier
    assert (dossier.facility, dossier.person, dossier.version) == (FACILITY, PERSON_NAME, 1)
    assert dossier.state == dossier_pb2.Dossier.STATE_ACCEPTED
    assert dossier.link_key == "01999.SYN.000001"
    assert [(table.table, table.rows) for table in dossier.tables][:3] == [
        ("XML1", 1),
        ("XML2", 1),
        ("XML3", 2),
    ]
    assert reply.receipt.dossier == dossier.name
    assert reply.receipt.sha256 == hashlib.sha256(files.DOSSIER).hexdigest()
    assert "signature-missing" in [found.rule for found in reply.warnings]
    assert dossier.arrival_time.ToJsonString() == "2026-11-20T01:00:00Z"


async def test_a_check_in_is_taken(records: Records):
    request = pb.SubmitCheckInRequest(request_id=str(uuid4()), content=check_in(2))

    reply = await records.dossiers().SubmitCheckIn(request)

    assert [(one.facility, one.person) for one in reply.check_ins] == [(FACILITY, PERSON_NAME)] * 2
    assert (await records.counts_without_audit())["check_ins"] == 2


async def test_a_faulty_file_is_refused_with_every_fault_and_leaves_nothing_behind(records: Records):
    before = await records.counts_without_audit()
    file = sample().set("XML1", 1, "GIOI_TINH", "9").set("XML3", 2, "NGAY_YL", "x").set("XML4", 1, "STT", "")

    refusal = await refused(records.submit(file.bytes()))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.DOSSIER_REFUSED.name)
    assert refusal.fields == ["XML1.GIOI_TINH", "XML3[2].NGAY_YL", "XML4[1].STT"]
    assert refusal.metadata["count"] == "3"
    assert [one.rule for one in refusal.violations] == ["code-list", "date-format", "required"]
    assert await records.counts_without_audit() == before


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"<a/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"\xff\xfe",
        files.CHECK_IN,
        b"<GIAMDINHHS/>",
    ],
    ids=["text", "root", "bomb", "encoding", "check-in", "empty"],
)
async def test_what_is_no_dossier_is_refused_and_leaves_nothing_behind(records: Records, content: bytes):
    before = await records.counts_without_audit()

    refusal = await refused(records.submit(content))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.DOSSIER_REFUSED.name)
    assert await records.counts_without_audit() == before


async def test_a_file_of_many_megabytes_reaches_us_and_one_too_large_is_told_so(records: Records):
    rows = sample().tables["XML4"][0] * 1
    file = sample()
    file.tables["XML4"] = [[(n, str(k) if n == "STT" else v) for n, v in rows] for k in range(1, 9001)]
    long_stay, too_large = file.bytes(), b" " * (MAX_FILE_BYTES + 1)

    taken = await records.submit(long_stay)
    refusal = await refused(records.submit(too_large))

    assert len(long_stay) > 4 * 1024 * 1024
    assert [table.rows for table in taken.dossier.tables if table.table == "XML4"] == [9000]
    assert [one.rule for one in refusal.violations] == ["too-large"]


async def test_another_facilitys_certificate_is_refused_before_anything_is_said_of_the_file(records: Records):
    before = await records.counts_without_audit()
    faulty = sample().set("XML1", 1, "GIOI_TINH", "9").bytes()

    refusal = await refused(records.submit(faulty, "facility/79999"))

    assert (refusal.code, refusal.reason) == (
        StatusCode.PERMISSION_DENIED,
        chassis_reasons.FACILITY_MISMATCH.name,
    )
    assert refusal.metadata["field"] == "GIAMDINHHS.THONGTINDONVI.MACSKCB"
    assert refusal.fields == []
    assert await records.counts_without_audit() == before


async def test_another_facilitys_check_in_is_refused(records: Records):
    request = pb.SubmitCheckInRequest(request_id=str(uuid4()), content=files.CHECK_IN)

    refusal = await refused(records.dossiers("facility/79999").SubmitCheckIn(request))

    assert refusal.reason == chassis_reasons.FACILITY_MISMATCH.name
    assert refusal.metadata["field"] == "XML0[1].MA_CSKCB"


async def test_an_unknown_person_refuses_the_file_at_their_number(records: Records):
    before = await records.counts_without_audit()
    file = sample().set("XML1", 1, "SO_CCCD", "001485999999").set("XML1", 1, "MA_THE_BHYT", "DN4010000000001")

    refusal = await refused(records.submit(file.bytes()))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.DOSSIER_REFUSED.name)
    assert [(one.field, one.rule) for one in refusal.violations] == [("XML1.SO_CCCD", "person-unknown")]
    assert await records.counts_without_audit() == before


async def test_without_a_personal_number_the_card_tells_who_it_is(records: Records):
    reply = await records.submit(sample().set("XML1", 1, "SO_CCCD", "").bytes())

    assert reply.dossier.person == PERSON_NAME


async def test_while_identity_is_down_nothing_is_kept(world: World):
    records = await Records(world).start(identity_address=world.nowhere())
    before = await records.counts_without_audit()

    refusal = await refused(records.submit(files.DOSSIER))

    assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, chassis_reasons.PEER_UNAVAILABLE.name)
    assert await records.counts_without_audit() == before


async def test_the_same_request_again_gets_the_first_answer_and_another_file_is_refused(records: Records):
    request = submission(files.DOSSIER)
    stub = records.dossiers()

    first, second = await stub.SubmitDossier(request), await stub.SubmitDossier(request)
    request.content = sample().set("XML1", 1, "GHI_CHU", "khác").bytes()
    refusal = await refused(stub.SubmitDossier(request))

    assert first == second
    assert refusal.reason == chassis_reasons.REQUEST_ID_REUSED.name
    assert (await records.counts_without_audit())["dossiers"] == 1


async def test_the_same_bytes_again_are_the_same_version(records: Records):
    first = await records.submit(files.DOSSIER)
    again = await records.submit(files.DOSSIER)

    assert (again.unchanged, again.dossier.name) == (True, first.dossier.name)
    assert (await records.counts_without_audit())["file_pieces"] == 1


async def test_a_changed_file_is_a_new_version_and_replaces_what_was_made_of_the_old(records: Records):
    first = await records.submit(files.DOSSIER)
    before = await records.counts_without_audit()
    second = await records.submit(sample().set("XML4", 1, "GIA_TRI", "6.1").bytes())

    stub = records.dossiers()
    old = (await stub.GetDossier(pb.GetDossierRequest(name=first.dossier.name, access=CARE))).dossier
    after = await records.counts_without_audit()
    assert (second.dossier.version, second.dossier.supersedes) == (2, first.dossier.name)
    assert (old.state, old.superseded_by) == (dossier_pb2.Dossier.STATE_SUPERSEDED, second.dossier.name)
    assert old.etag != first.dossier.etag
    for table in ("encounters", "results", "medicines", "services", "diagnoses", "other_rows"):
        assert after[table] == before[table] > 0
    assert after["file_pieces"] == 2


async def test_the_original_comes_back_byte_for_byte_in_pieces(records: Records):
    file = sample()
    row = file.tables["XML4"][0]
    file.tables["XML4"] = [[(n, str(k) if n == "STT" else v) for n, v in row] for k in range(1, 400)]
    content = file.bytes()
    taken = await records.submit(content)

    request = pb.GetOriginalRequest(name=taken.dossier.name, access=CARE)
    pieces = [piece async for piece in records.dossiers().GetOriginal(request)]

    assert b"".join(piece.chunk for piece in pieces) == content
    assert len(pieces) > 1
    assert (pieces[0].size_bytes, pieces[0].sha256) == (len(content), hashlib.sha256(content).hexdigest())


async def test_others_see_a_dossier_only_as_the_person_allows(records: Records):
    taken = await records.submit(files.DOSSIER)
    stub = records.dossiers("facility/79999")
    request = pb.GetDossierRequest(name=taken.dossier.name, access=CARE)
    original = pb.GetOriginalRequest(name=taken.dossier.name, access=CARE)

    refusal = await refused(stub.GetDossier(request))
    refusal_of_original = await refused(stub.GetOriginal(original))
    records.identity.add_consent(PERSON_NAME)
    seen = await stub.GetDossier(request)

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, reasons.DOSSIER_DENIED.name)
    assert refusal.metadata == {"name": taken.dossier.name}
    assert refusal_of_original.reason == reasons.DOSSIER_DENIED.name
    assert seen.dossier.name == taken.dossier.name


async def test_a_dossier_that_is_not_there_is_not_found_and_a_wrong_name_is_said(records: Records):
    stub, citizen = records.dossiers(), records.dossiers("authority/vneid")

    missing = await refused(
        citizen.GetDossier(pb.GetDossierRequest(name=f"dossiers/{uuid4()}", access=CITIZEN))
    )
    wrong = await refused(stub.GetDossier(pb.GetDossierRequest(name="dossiers/x", access=CARE)))

    assert (missing.code, missing.reason) == (StatusCode.NOT_FOUND, reasons.DOSSIER_NOT_FOUND.name)
    assert (wrong.code, wrong.reason) == (StatusCode.INVALID_ARGUMENT, reasons.NAME_INVALID.name)


async def test_a_facility_lists_its_own_dossiers_page_by_page(records: Records):
    for number in range(3):
        await records.submit(sample().everywhere("MA_LK", f"K{number}").bytes())
    stub, request = records.dossiers(), pb.ListDossiersRequest(facility=FACILITY, page_size=2, access=CARE)

    first = await stub.ListDossiers(request)
    second = await stub.ListDossiers(
        pb.ListDossiersRequest(facility=FACILITY, page_size=2, access=CARE, page_token=first.next_page_token)
    )
    one = await stub.ListDossiers(pb.ListDossiersRequest(facility=FACILITY, link_key="K1", access=CARE))
    refusal = await refused(records.dossiers("facility/79999").ListDossiers(request))

    assert [dossier.link_key for dossier in first.dossiers] == ["K2", "K1"]
    assert [dossier.link_key for dossier in second.dossiers] == ["K0"]
    assert second.next_page_token == ""
    assert [dossier.link_key for dossier in one.dossiers] == ["K1"]
    assert refusal.reason == chassis_reasons.FACILITY_MISMATCH.name


async def test_a_stream_of_files_gives_each_its_answer(records: Records):
    good = {str(uuid4()): sample().everywhere("MA_LK", f"K{n}").bytes() for n in range(9)}
    bad = {str(uuid4()): sample().set("XML1", 1, "GIOI_TINH", "9").bytes(), str(uuid4()): b"x"}

    async def requests():
        for request_id, content in {**good, **bad}.items():
            yield pb.SubmitDossiersRequest(request_id=request_id, content=content)

    answers = {answer.request_id: answer async for answer in records.dossiers().SubmitDossiers(requests())}

    assert set(answers) == {*good, *bad}
    assert all(answers[request_id].accepted.dossier.version == 1 for request_id in good)
    refusals = [answers[request_id].refusal for request_id in bad]
    assert [refusal.code for refusal in refusals] == [3, 3]
    assert [[found.path for found in refusal.findings] for refusal in refusals] == [
        ["XML1.GIOI_TINH"],
        ["GIAMDINHHS"],
    ]
    assert (await records.counts_without_audit())["dossiers"] == 9


async def test_a_dry_run_names_everything_and_keeps_nothing(records: Records):
    before = await records.counts_without_audit()
    stub = records.dossiers()
    file = sample()
    for row in file.tables["XML1"]:
        row[:] = [(name, "") for name, _ in row]

    good = await stub.ValidateDossier(pb.ValidateDossierRequest(content=files.DOSSIER))
    of_check_in = await stub.ValidateDossier(pb.ValidateDossierRequest(content=files.CHECK_IN))
    bad = await stub.ValidateDossier(pb.ValidateDossierRequest(content=file.bytes()))

    assert (good.accepted, of_check_in.accepted, bad.accepted) == (True, True, False)
    refused_paths = [f.path for f in bad.findings if f.severity == finding_pb2.Finding.SEVERITY_REFUSE]
    assert len(refused_paths) > 30
    assert await records.counts_without_audit() == before


async def test_nothing_that_says_who_it_is_rests_outside_the_sealed_original(records: Records):
    await records.submit(files.DOSSIER)
    await records.dossiers().SubmitCheckIn(
        pb.SubmitCheckInRequest(request_id=str(uuid4()), content=files.CHECK_IN)
    )

    kept = await records.everything_stored()

    assert "Glucose" in kept
    for secret in (
        "TRẦN THỊ MẪU",
        "001385000016",
        "DN4010000000000",
        "Số 0 đường Mẫu",
        "SYN000001",
        "198503120000",
    ):
        assert secret not in kept
        assert secret.encode().hex() not in kept


async def test_the_transfer_slip_and_the_appointment_reach_routing_once(records: Records):
    taken = await records.submit(files.DOSSIER)
    await eventually(lambda: records.sent_referrals.requests and records.booked_appointments.requests)
    await records.submit(sample().set("XML4", 1, "GIA_TRI", "6.1").bytes())
    await records.submit(sample().set("XML13", 1, "HUONG_DIEU_TRI", "khác").bytes())
    await eventually(lambda: len(records.sent_referrals.requests) == 2)

    referral = records.sent_referrals.requests[0]
    booked = records.booked_appointments.requests[0].appointment
    assert referral.referral.sender == FACILITY
    assert referral.referral.recipient == "//identity.lientuyen/facilities/79999"
    assert referral.referral.slip_number == "01999-26-000001"
    assert referral.referral.source_dossier == taken.dossier.name
    assert referral.referral.diagnosis.code == "I10"
    assert b"<CHI_TIEU_GIAYCHUYENTUYEN>" in referral.slip
    assert (booked.day.year, booked.day.month, booked.day.day) == (2026, 12, 4)
    assert (booked.slip_number, booked.care_category, booked.person) == ("SYN-HK-1", "1.1", PERSON_NAME)
    assert len(records.booked_appointments.requests) == 1
