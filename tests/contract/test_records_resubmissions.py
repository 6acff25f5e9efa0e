"""An encounter sent again: what may take the place of what stands, and who hears of it."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.chassis.v1 import audit_service_pb2
from lientuyen.chassis.v1.audit_service_pb2_grpc import AuditServiceStub
from lientuyen.records.v1 import dossier_pb2
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import health_book_service_pb2 as books_pb
from tests.harness import Refusal, World, refused
from tests.samples import files
from tests.samples.files import check_in, sample
from tests.samples.signing import NOW, authority, facility, signed

from .records_env import CARE, CITIZEN, PERSON_NAME, Records, submission

OTHER_NUMBER = "001385000024"
SUBMITTED = ("facility/01999", "DossierService/SubmitDossier", True, False)
UNCONFIRMED = (StatusCode.FAILED_PRECONDITION, reasons.REPLACEMENT_UNCONFIRMED.name)
STALE = (StatusCode.ABORTED, reasons.VERSION_STALE.name)
CA = authority()


@pytest.fixture
async def records(world: World) -> Records:
    return await Records(world).start()


def corrected(text: str = "Khác") -> bytes:
    return sample().set("XML1", 1, "CHAN_DOAN_RV", text).bytes()


def about(number: str) -> bytes:
    """Return the sample about somebody else."""
    return sample().everywhere("SO_CCCD", number).bytes()


def code_and_reason(refusal: Refusal) -> tuple[object, str]:
    return refusal.code, refusal.reason


async def encounters(records: Records, person: str) -> int:
    request = books_pb.GetHealthBookRequest(person=person, access=CITIZEN)
    book = await records.books("authority/vneid").GetHealthBook(request)
    return len(book.health_book.encounters)


async def test_the_bytes_of_an_earlier_version_change_nothing_and_are_told_what_stands(records: Records):
    first = await records.submit(files.DOSSIER)
    second = await records.submit(corrected("Hai"))
    third = await records.submit(corrected("Ba"))
    before = await records.counts_without_audit()

    old, older = await records.submit(corrected("Hai")), await records.submit(files.DOSSIER)
    repeated = await records.submit(files.DOSSIER, replaces_version=1)

    assert [each.dossier.version for each in (first, second, third)] == [1, 2, 3]
    for answer in (old, older, repeated):
        assert answer.unchanged
        assert (answer.dossier.name, answer.dossier.version) == (third.dossier.name, 3)
        assert answer.receipt.sha256 == third.receipt.sha256
        assert answer.dossier.state == dossier_pb2.Dossier.STATE_ACCEPTED
    counts = await records.counts_without_audit()
    assert counts == {**before, "replies": before["replies"] + 3}


async def test_another_person_needs_the_version_that_is_replaced(records: Records):
    other = records.identity.add_person(OTHER_NUMBER)
    first = await records.submit(files.DOSSIER)
    before = await records.counts()

    refusal = await refused(records.submit(about(OTHER_NUMBER)))

    assert code_and_reason(refusal) == UNCONFIRMED
    assert [(each.rule, each.field) for each in refusal.violations] == [("person-changed", "XML1.SO_CCCD")]
    assert refusal.violations[0].vi == "Khác người bệnh của phiên bản 1."
    assert refusal.metadata == {"name": first.dossier.name, "version": "1", "count": "1"}
    assert "replaces_version 1" in refusal.message_vi
    assert await records.counts() == before
    assert (await encounters(records, PERSON_NAME), await encounters(records, other)) == (1, 0)


async def test_another_person_is_filed_with_a_warning_and_both_are_told(records: Records):
    other = records.identity.add_person(OTHER_NUMBER)
    first = await records.submit(files.DOSSIER)

    second = await records.submit(about(OTHER_NUMBER), replaces_version=1)

    assert (second.dossier.version, second.dossier.person) == (2, other)
    assert second.dossier.supersedes == first.dossier.name
    assert (second.warnings[0].rule, second.warnings[0].path) == ("person-changed", "XML1.SO_CCCD")
    assert (await encounters(records, PERSON_NAME), await encounters(records, other)) == (0, 1)
    assert await submissions_about(records, other) == [SUBMITTED]
    assert await submissions_about(records, PERSON_NAME) == [SUBMITTED] * 2
    [latest, _] = await accesses_shown_to(records, PERSON_NAME)
    assert "người bệnh khác" in latest.reason
    assert other not in str(latest)
    gone = pb.GetDossierRequest(name=first.dossier.name, access=CARE)
    assert (await records.dossiers().GetDossier(gone)).dossier.superseded_by == second.dossier.name


async def submissions_about(records: Records, person: str) -> list[tuple[str, str, bool, bool]]:
    return [row for row in await records.audit(person) if row[1].endswith("SubmitDossier")]


async def accesses_shown_to(records: Records, person: str) -> list[audit_service_pb2.Access]:
    """Return the submissions among what the person sees of their access log, the newest first."""
    request = audit_service_pb2.ListAccessesRequest(subject=person)
    listed = await records.stub(AuditServiceStub, "authority/vneid").ListAccesses(request)
    return [each for each in listed.accesses if each.method.endswith("SubmitDossier")]


async def test_a_person_whose_entries_were_merged_meanwhile_is_the_same(records: Records):
    other = records.identity.add_person(OTHER_NUMBER)
    await records.submit(files.DOSSIER)
    records.identity.merge(PERSON_NAME, into=other)

    second = await records.submit(about(OTHER_NUMBER))

    assert (second.dossier.version, second.dossier.person) == (2, other)
    assert "person-changed" not in [each.rule for each in second.warnings]
    assert [row for row in await records.audit(PERSON_NAME) if row == SUBMITTED] == [SUBMITTED] * 2


async def started_with_authority(world: World) -> Records:
    path = world.folder / "signing-ca.crt"
    path.write_bytes(CA.pem)
    return await Records(world).start(signing_ca=path)


async def test_an_unsigned_file_replaces_a_signed_one_only_when_its_sender_says_so(world: World):
    records = await started_with_authority(world)
    with clock.fixed(NOW):
        await records.submit(signed(files.DOSSIER, facility(CA, "01999")))
        refusal = await refused(records.submit(corrected()))
        taken = await records.submit(corrected(), replaces_version=1)
        again = await records.submit(corrected("Ba"))

    assert code_and_reason(refusal) == UNCONFIRMED
    assert [(each.rule, each.field) for each in refusal.violations] == [
        ("signature-dropped", "GIAMDINHHS.CHUKYDONVI")
    ]
    assert (taken.dossier.version, taken.dossier.signature_verified) == (2, False)
    assert "signature-dropped" in [each.rule for each in taken.warnings]
    # What stands now is not signed: nothing is lost any more.
    assert (again.dossier.version, "signature-dropped" in [each.rule for each in again.warnings]) == (
        3,
        False,
    )


async def test_everything_that_changes_is_named_at_once(world: World):
    records = await started_with_authority(world)
    records.identity.add_person(OTHER_NUMBER)
    with clock.fixed(NOW):
        await records.submit(signed(files.DOSSIER, facility(CA, "01999")))

        refusal = await refused(records.submit(about(OTHER_NUMBER)))

    assert [each.rule for each in refusal.violations] == ["person-changed", "signature-dropped"]


@pytest.mark.parametrize(("versions", "says", "stands"), [(0, 1, "0"), (2, 1, "2"), (2, 3, "2")])
async def test_whoever_names_another_version_than_stands_is_aborted(
    records: Records, versions: int, says: int, stands: str
):
    for number in range(versions):
        await records.submit(corrected(str(number)))
    before = await records.counts()

    refusal = await refused(records.submit(files.DOSSIER, replaces_version=says))

    assert code_and_reason(refusal) == STALE
    assert refusal.metadata == {"version": stands, "replaces_version": str(says)}
    assert await records.counts() == before


async def test_the_precondition_is_for_ordinary_corrections_too(records: Records):
    await records.submit(files.DOSSIER)

    taken = await records.submit(corrected(), replaces_version=1)

    assert (taken.dossier.version, taken.unchanged) == (2, False)


async def test_of_two_that_replace_the_same_version_at_once_one_is_aborted(records: Records):
    await records.submit(files.DOSSIER)

    answers = await asyncio.gather(
        *(records.submit(corrected(text), replaces_version=1) for text in ("Hai", "Ba", "Bốn")),
        return_exceptions=True,
    )

    taken = [each for each in answers if isinstance(each, pb.SubmitDossierResponse)]
    aborted = [each for each in answers if isinstance(each, grpc.aio.AioRpcError)]
    assert [each.dossier.version for each in taken] == [2]
    assert [each.code() for each in aborted] == [StatusCode.ABORTED] * 2


async def test_in_a_stream_a_file_has_its_own_precondition_and_its_refusal_the_version(records: Records):
    records.identity.add_person(OTHER_NUMBER)
    await records.submit(files.DOSSIER)

    async def send(content: bytes, replaces_version: int = 0) -> pb.SubmitDossiersResponse:
        request = submission(content, replaces_version)
        [answer] = [each async for each in records.dossiers().SubmitDossiers(only(request))]
        return answer

    refusal = (await send(about(OTHER_NUMBER))).refusal
    taken = (await send(about(OTHER_NUMBER), int(refusal.metadata["version"]))).accepted

    assert (refusal.code, refusal.reason) == (
        StatusCode.FAILED_PRECONDITION.value[0],
        reasons.REPLACEMENT_UNCONFIRMED.name,
    )
    assert [each.rule for each in refusal.findings] == ["person-changed"]
    assert taken.dossier.version == 2


async def only(request: pb.SubmitDossierRequest) -> AsyncIterator[pb.SubmitDossiersRequest]:
    yield pb.SubmitDossiersRequest(
        request_id=request.request_id,
        content=request.content,
        replaces_version=request.replaces_version,
    )


def doubtful_keys(reply: pb.SubmitDossierResponse | pb.SubmitCheckInResponse) -> list[str]:
    return [each.path for each in reply.warnings if each.rule == "ma-lk-of-another"]


async def test_a_check_in_under_the_key_of_another_person_is_warned_about(records: Records):
    other = records.identity.add_person(OTHER_NUMBER)
    first = await records.check_in(check_in())

    second = await records.check_in(check_in(2, SO_CCCD=OTHER_NUMBER))
    dossier = await records.submit(about(OTHER_NUMBER))
    third = await records.check_in(check_in())
    records.identity.merge(PERSON_NAME, into=other)
    merged = await records.check_in(check_in())

    assert doubtful_keys(first) == []
    assert doubtful_keys(second) == ["XML0[2].MA_LK"]
    assert doubtful_keys(dossier) == ["XML1.MA_LK"]
    assert doubtful_keys(third) == ["XML0[1].MA_LK"]
    assert doubtful_keys(merged) == []


async def test_a_check_in_after_a_dossier_of_another_person_is_warned_about(records: Records):
    records.identity.add_person(OTHER_NUMBER)
    await records.submit(about(OTHER_NUMBER))

    assert doubtful_keys(await records.check_in(check_in())) == ["XML0[1].MA_LK"]
