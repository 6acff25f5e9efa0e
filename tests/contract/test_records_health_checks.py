"""Health checks over a real channel and a real database: taken whole, or refused with every fault."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from grpc import StatusCode

from chassis import clock
from chassis.encryption import DecryptionError, Encryptor
from chassis.piece_encryption import decrypt_piece
from lientuyen.chassis.v1 import audit_service_pb2, audit_service_pb2_grpc
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1.consent_pb2 import (
    DATA_CLASS_CARE,
    DATA_CLASS_HIV,
    DATA_CLASS_MENTAL_HEALTH,
    DATA_CLASS_REPRODUCTIVE_HEALTH,
)
from lientuyen.identity.v1.consent_service_pb2 import AuthorizeRequest
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.records.v1 import health_check_service_pb2 as pb
from lientuyen.records.v1.health_check_pb2 import HealthCheck
from services.records.store import health_checks
from tests.harness import Refusal, World, refused
from tests.samples.health_checks import CheckFile, adult_modules, form

from .records_env import CARE, CITIZEN, PERSON_NAME, Records

EVENING = datetime(2026, 11, 20, 12, tzinfo=UTC)
CHILD_NUMBER = "001485000018"
CODES = [DATA_CLASS_CARE, DATA_CLASS_HIV, DATA_CLASS_MENTAL_HEALTH, DATA_CLASS_REPRODUCTIVE_HEALTH]


@pytest.fixture
async def records(world: World) -> AsyncIterator[Records]:
    with clock.fixed(EVENING):
        yield await Records(world).start()


def rules(refusal: Refusal) -> list[str]:
    return [violation.rule for violation in refusal.violations]


async def book(records: Records, caller: str = "authority/vneid") -> books.GetHealthBookResponse:
    access = CITIZEN if caller == "authority/vneid" else CARE
    request = books.GetHealthBookRequest(person=PERSON_NAME, access=access)
    return await records.books(caller).GetHealthBook(request)


async def test_a_check_in_modules_is_taken_and_is_in_the_citizens_book(records: Records):
    content = adult_modules().bytes()
    taken = await records.submit_check(content)
    (shown,) = (await book(records)).health_book.health_checks

    check = taken.health_check
    assert (check.person, check.link_key, check.version, check.form) == (
        PERSON_NAME,
        "01999.KSK.000001",
        1,
        0,
    )
    assert check.facility == "//identity.lientuyen/facilities/01999"
    assert check.check_time.ToDatetime(tzinfo=UTC) == datetime(2026, 11, 20, 1, tzinfo=UTC)
    assert (check.health_class.code, check.health_class.display) == ("2", "Loại II: khỏe")
    assert (check.subject.code, check.subject.display) == ("13", "Người lao động")
    assert [coding.code for coding in check.diagnoses] == ["I10"]
    measured = {each.kind.code: (each.value, each.unit) for each in check.measurements}
    assert (measured["HUYET_AP"], measured["CHIEU_CAO"]) == (("118/76", "mmHg"), ("158", "cm"))
    assert [result.value for result in check.results] == ["5.4", "5.4"]
    assert {each.kind.code: each.health_class.code for each in check.examinations}["NOI_KHOA_HO_HAP"] == "1"
    assert check.size_bytes == len(content)
    assert check.doctor_signature == check.facility_signature == HealthCheck.SIGNATURE_STATE_ABSENT
    assert {warning.rule for warning in taken.warnings} == {"signature-missing", "doctor-unsigned"}
    check.ClearField("warnings")
    assert shown == check


async def test_a_form_of_1551_is_taken(records: Records):
    adult = await records.submit_check(form(2).bytes())
    name = records.identity.add_person(CHILD_NUMBER)
    child = await records.submit_check(form(1).set("SO_CCCD", CHILD_NUMBER).set("MA_LK", "KSK-2").bytes())

    assert (adult.health_check.form, adult.health_check.person) == (2, PERSON_NAME)
    assert (child.health_check.form, child.health_check.person) == (1, name)


async def test_every_fault_is_named_and_nothing_is_kept(records: Records):
    before = await records.counts_without_audit()
    file = adult_modules().set("PHAN_LOAI_SK", "9").set("GIOI_TINH", "").set("NGAY_VAO", "202611310800")

    refusal = await refused(records.submit_check(file.bytes()))

    assert (refusal.code, refusal.reason) == (
        StatusCode.INVALID_ARGUMENT,
        reasons.HEALTH_CHECK_REFUSED.name,
    )
    assert refusal.fields == ["XML1.GIOI_TINH", "XML2.NGAY_VAO", "XML8.PHAN_LOAI_SK"]
    assert await records.counts_without_audit() == before


async def test_a_number_is_not_a_person(records: Records):
    unknown = await refused(records.submit_check(adult_modules().set("SO_CCCD", "001385000099").bytes()))
    other = adult_modules().set("HO_TEN", "Lê Văn Khác").set("NGAY_SINH", "197001010000").set("TUOI", "56")
    differs = await refused(records.submit_check(other.bytes()))
    doubtful = await records.submit_check(adult_modules().set("GIOI_TINH", "1").bytes())

    assert (unknown.fields, rules(unknown)) == (["XML1.SO_CCCD"], ["person-unknown"])
    assert (differs.fields, rules(differs)) == (["XML1.SO_CCCD"], ["person-differs"])
    assert ("differs-from-person", "XML1.GIOI_TINH") in [(w.rule, w.path) for w in doubtful.warnings]


async def test_another_facilitys_check_is_refused(records: Records):
    refusal = await refused(records.submit_check(adult_modules().bytes(), "facility/79999"))

    assert (refusal.code, refusal.reason) == (
        StatusCode.PERMISSION_DENIED,
        chassis_reasons.FACILITY_MISMATCH.name,
    )


async def test_the_same_bytes_change_nothing_and_others_are_a_new_version(records: Records):
    first = await records.submit_check(adult_modules().bytes())
    again = await records.submit_check(adult_modules().bytes())
    newer = await records.submit_check(adult_modules().set("PHAN_LOAI_SK", "3").bytes())
    older = await records.submit_check(adult_modules().bytes())

    assert (again.unchanged, again.health_check.name) == (True, first.health_check.name)
    assert (newer.health_check.version, newer.health_check.supersedes) == (2, first.health_check.name)
    assert (older.unchanged, older.health_check.name) == (True, newer.health_check.name)
    checks = (await book(records)).health_book.health_checks
    assert [(check.version, check.health_class.code) for check in checks] == [(2, "3")]


async def test_the_same_request_has_its_first_answer(records: Records):
    request = pb.SubmitHealthCheckRequest(request_id=str(uuid4()), content=adult_modules().bytes())
    first = await records.health_checks().SubmitHealthCheck(request)
    again = await records.health_checks().SubmitHealthCheck(request)
    request.content = adult_modules().set("PHAN_LOAI_SK", "1").bytes()
    reused = await refused(records.health_checks().SubmitHealthCheck(request))

    assert again == first
    assert reused.reason == chassis_reasons.REQUEST_ID_REUSED.name


async def test_a_version_about_another_person_says_what_it_replaces(records: Records):
    name = records.identity.add_person(CHILD_NUMBER)
    first = await records.submit_check(adult_modules().bytes())
    other = adult_modules().set("SO_CCCD", CHILD_NUMBER).bytes()

    doubted = await refused(records.submit_check(other))
    stale = await refused(records.submit_check(other, replaces_version=4))
    confirmed = await records.submit_check(other, replaces_version=1)

    assert (doubted.reason, rules(doubted)) == (reasons.REPLACEMENT_UNCONFIRMED.name, ["person-changed"])
    assert doubted.metadata["name"] == first.health_check.name
    assert stale.reason == reasons.VERSION_STALE.name
    assert (confirmed.health_check.person, confirmed.health_check.version) == (name, 2)
    assert len((await book(records)).health_book.health_checks) == 0
    listing = audit_service_pb2.ListAccessesRequest(subject=PERSON_NAME)
    accesses = await records.stub(audit_service_pb2_grpc.AuditServiceStub, "authority/vneid").ListAccesses(
        listing
    )
    assert [access.reason.partition(";")[0] for access in accesses.accesses if access.reason] == [
        "Phiếu khám sức khỏe được gửi lại cho người khác"
    ]


def village(size: int) -> list[CheckFile]:
    """A mobile check-up: as many people, of whom the third is not known and the fifth has a fault."""
    files = [adult_modules().set("MA_LK", f"LD-{number}") for number in range(1, size + 1)]
    files[2].set("SO_CCCD", "001385000099")
    files[4].set("PHAN_LOAI_SK", "")
    return files


async def test_a_mobile_check_up_has_a_result_a_person(records: Records):
    files = {str(uuid4()): file.bytes() for file in village(12)}

    async def bring() -> AsyncIterator[pb.SubmitHealthChecksRequest]:
        for request_id, content in files.items():
            yield pb.SubmitHealthChecksRequest(request_id=request_id, content=content)

    answers = {
        answer.request_id: answer async for answer in records.health_checks().SubmitHealthChecks(bring())
    }

    assert answers.keys() == files.keys()
    ordered = [answers[request_id] for request_id in files]
    refusals = {
        at: [f.path for f in each.refusal.findings]
        for at, each in enumerate(ordered, 1)
        if each.HasField("refusal")
    }
    assert refusals == {3: ["XML1.SO_CCCD"], 5: ["XML8.PHAN_LOAI_SK"]}
    assert {each.accepted.health_check.link_key for each in ordered if each.HasField("accepted")} == {
        f"LD-{number}" for number in (1, 2, 4, *range(6, 13))
    }
    assert {each.refusal.reason for each in ordered} - {""} == {reasons.HEALTH_CHECK_REFUSED.name}


async def test_what_tells_of_a_restricted_kind_is_left_out_for_who_may_not_see_it(records: Records):
    await records.submit_check(adult_modules().bytes())
    await records.submit_check(adult_modules().set("MA_LK", "HIV").set("KET_LUAN_BENH", "B20").bytes())
    records.identity.add_consent(PERSON_NAME)
    hidden = (await book(records, "facility/79999")).health_book.health_checks
    own = (await book(records, "facility/01999")).health_book.health_checks
    records.identity.add_consent(PERSON_NAME, data_classes=CODES)
    shown = (await book(records, "facility/79999")).health_book.health_checks

    restricted = {"NOI_KHOA_TAM_THAN", "NHI_KHOA_TAM_THAN", "KET_QUA_KHAM_SAN_PHU_KHOA"}
    fields = [{each.kind.code for each in check.examinations} for check in hidden]
    assert [check.link_key for check in hidden] == ["01999.KSK.000001"]
    assert [restricted & each for each in fields] == [set()]
    assert "NOI_KHOA_HO_HAP" in fields[0]
    for checks in (own, shown):
        assert {check.link_key for check in checks} == {"01999.KSK.000001", "HIV"}
        assert all(restricted <= {each.kind.code for each in check.examinations} for check in checks)


async def test_an_ordinary_check_asks_identity_once(records: Records):
    file = adult_modules()
    for field in ("NOI_KHOA_TAM_THAN", "NHI_KHOA_TAM_THAN", "KET_QUA_KHAM_SAN_PHU_KHOA"):
        file.set(field, "")
    await records.submit_check(file.bytes())
    records.identity.add_consent(PERSON_NAME)

    assert len((await book(records, "facility/79999")).health_book.health_checks) == 1
    assert len(records.identity.asked(AuthorizeRequest)) == 1


async def test_what_a_check_says_rests_sealed(records: Records):
    file = adult_modules().set("CAC_VAN_DE_SUC_KHOE", "Theo dõi tuyến giáp").set("KET_LUAN_BENH", "E04.1")
    await records.submit_check(file.bytes())
    stored = await records.everything_stored()

    for word in ("tuyến giáp", "E04.1", "118/76", "Trần Thị Mẫu", "001385000016"):
        assert word not in stored


async def test_the_file_rests_byte_for_byte_for_its_own_check_only(records: Records):
    content = adult_modules().bytes() + b" " * 300_000
    taken = await records.submit_check(content)
    keys = Encryptor(records.running.settings.keys_dir)
    check = UUID(taken.health_check.name.rpartition("/")[2])
    rows = await records.rows(
        "SELECT ordinal, sealed FROM file_pieces WHERE owner = $1 ORDER BY ordinal", check
    )

    pieces = [decrypt_piece(keys, check, ordinal, sealed) for ordinal, sealed in rows]
    assert zlib.decompress(b"".join(pieces)) == content
    with pytest.raises(DecryptionError):
        decrypt_piece(keys, uuid4(), 0, rows[0][1])


async def test_checks_of_merged_entries_are_in_one_book(records: Records):
    other = records.identity.add_person(CHILD_NUMBER)
    await records.submit_check(adult_modules().bytes())
    await records.submit_check(adult_modules().set("MA_LK", "2").set("SO_CCCD", CHILD_NUMBER).bytes())
    apart = len((await book(records)).health_book.health_checks)
    records.identity.merge(other, into=PERSON_NAME)

    assert (apart, len((await book(records)).health_book.health_checks)) == (1, 2)


async def test_while_identity_is_silent_nothing_is_taken(world: World):
    with clock.fixed(EVENING):
        lonely = await Records(world).start(identity_address=world.nowhere())
        refusal = await refused(lonely.submit_check(adult_modules().bytes()))

    assert refusal.code == StatusCode.UNAVAILABLE
    assert (await lonely.counts())["health_checks"] == 0


async def test_of_many_that_bring_one_check_at_once_one_makes_a_version(records: Records):
    answers = await asyncio.gather(*(records.submit_check(adult_modules().bytes()) for _ in range(6)))

    assert sum(not answer.unchanged for answer in answers) == 1
    assert {answer.health_check.version for answer in answers} == {1}


async def test_a_file_that_is_none_is_refused_and_the_service_lives(records: Records):
    deep = b"<KHAMSUCKHOE>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</KHAMSUCKHOE>"
    for content in (b"\xff\xfe", b"<x", deep, b"<!DOCTYPE x><KHAMSUCKHOE/>", b"<KHAMSUCKHOE/>"):
        refusal = await refused(records.submit_check(content))
        assert refusal.reason == reasons.HEALTH_CHECK_REFUSED.name

    assert (await records.submit_check(adult_modules().bytes())).health_check.version == 1


async def test_long_checks_do_not_close_the_book_nor_are_more_opened_than_it_shows(
    records: Records, monkeypatch: pytest.MonkeyPatch
):
    """A book is of 200 checks, and each may have megabytes."""
    for number in range(6):
        file = adult_modules().set("MA_LK", f"L-{number}").set("CAC_VAN_DE_SUC_KHOE", "x" * 1_000_000)
        file.items = [{**file.items[0], "MO_TA": "y" * 5_000, "KET_LUAN": "z" * 5_000}] * 300
        await records.submit_check(file.bytes())
    opened, open_check = list[object](), health_checks._health_check

    def noted(row: Any, encryptor: Any) -> Any:
        opened.append(row["id"])
        return open_check(row, encryptor)

    monkeypatch.setattr(health_checks, "_health_check", noted)
    shown = (await book(records)).health_book

    assert len(opened) <= len(shown.health_checks) + 1
    assert 0 < len(shown.health_checks) < 6
    assert shown.older_health_checks
    assert shown.ByteSize() < 2 * 1024 * 1024
    assert {len(check.results) for check in shown.health_checks} == {200}
    assert {len(result.conclusion) for result in shown.health_checks[0].results} == {4_000}


async def test_older_checks_are_told_of_and_come_before_a_time(records: Records):
    for day in (18, 19, 20):
        file = adult_modules().set("MA_LK", f"D-{day}")
        file.set("NGAY_VAO", f"202611{day}0800").set("NGAY_RA", f"202611{day}0900")
        await records.submit_check(file.bytes())
    request = books.GetHealthBookRequest(person=PERSON_NAME, access=CITIZEN, encounter_limit=2)
    first = (await records.books("authority/vneid").GetHealthBook(request)).health_book
    request.arrived_before.CopyFrom(first.health_checks[-1].check_time)
    second = (await records.books("authority/vneid").GetHealthBook(request)).health_book

    assert [check.link_key for check in first.health_checks] == ["D-20", "D-19"]
    assert first.older_health_checks
    assert [check.link_key for check in second.health_checks] == ["D-18"]
    assert not second.older_health_checks


async def test_a_facility_that_guesses_numbers_is_stopped(records: Records):
    records.identity.max_failures = 2
    for number in ("001385000091", "001385000092"):
        await refused(records.submit_check(adult_modules().set("SO_CCCD", number).bytes()))
    refusal = await refused(records.submit_check(adult_modules().bytes()))

    assert refusal.code == StatusCode.RESOURCE_EXHAUSTED
